//! The buffers between the driver and us, going round: queued, filled, looked at, queued again.
//!
//! The `v4l` crate has such a stream. Its destructor panics when the driver refuses to stop, and a second time when it
//! refuses to free the buffers, which ends the process. Here nothing that goes wrong while stopping matters: the file
//! is closed right after.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use v4l::v4l_sys;
use v4l::v4l2::vidioc;

use super::node::{VIDEO_CAPTURE, ioctl, zeroed};

/// One is being filled, one is ready, one is looked at, one is spare. More would only be older.
const BUFFERS: u32 = 4;
const BUFFERS_MAX: u32 = 32;
/// When nobody asked for a picture for so long, what is ready is no longer the present.
const PAUSE_MAX: Duration = Duration::from_millis(300);

const MMAP: u32 = v4l_sys::v4l2_memory_V4L2_MEMORY_MMAP;

/// A running stream.
pub(super) struct Ring {
    file: Arc<File>,
    buffers: Vec<Mapped>,
    /// The buffer that was given out last and is not queued.
    held: Option<u32>,
    asked: Instant,
}

/// A buffer with something in it, looked at until the next is asked for.
pub(super) struct Filled {
    index: u32,
    /// Bytes of it that the driver wrote.
    pub bytes: usize,
    /// The driver says that the data is bad.
    pub damaged: bool,
    /// The driver's count of pictures.
    pub sequence: u32,
    /// The driver's time of the picture; zero when it has none.
    pub timestamp: Duration,
}

impl Ring {
    /// Maps buffers, queues them all and starts the stream.
    ///
    /// # Errors
    /// What the driver said; `EBUSY` when somebody else streams.
    pub fn start(file: Arc<File>) -> io::Result<Self> {
        let granted = request_buffers(&file, BUFFERS)?;
        // From here on dropping the ring gives everything back.
        let mut ring = Self { file, buffers: Vec::new(), held: None, asked: Instant::now() };
        if granted == 0 || granted > BUFFERS_MAX {
            return Err(io::Error::other(format!("the driver granted {granted} buffers")));
        }
        for index in 0..granted {
            let mut buffer = described(index);
            ioctl(&ring.file, vidioc::VIDIOC_QUERYBUF, &mut buffer)?;
            ring.buffers.push(Mapped::new(&ring.file, &buffer)?);
        }
        for index in 0..granted {
            ring.queue(index)?;
        }
        ioctl(&ring.file, vidioc::VIDIOC_STREAMON, &mut (VIDEO_CAPTURE as libc::c_int))?;
        Ok(ring)
    }

    /// Waits for the next filled buffer; `None` when there was none by `deadline`.
    ///
    /// # Errors
    /// What the driver said. The stream is of no more use then.
    pub fn wait(&mut self, deadline: Instant) -> io::Result<Option<Filled>> {
        if self.asked.elapsed() > PAUSE_MAX {
            self.drop_what_is_ready()?;
        }
        let filled = self.dequeue(deadline)?;
        self.asked = Instant::now();
        Ok(filled)
    }

    /// What the driver wrote.
    pub fn bytes(&self, filled: &Filled) -> &[u8] {
        self.buffers.get(filled.index as usize).map_or(&[], |mapped| &mapped.bytes()[..filled.bytes])
    }

    fn drop_what_is_ready(&mut self) -> io::Result<()> {
        let now = Instant::now();
        for _ in 0..self.buffers.len() {
            if self.dequeue(now)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn dequeue(&mut self, deadline: Instant) -> io::Result<Option<Filled>> {
        const PAUSE: Duration = Duration::from_millis(2);
        if let Some(index) = self.held.take() {
            self.queue(index)?;
        }
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let ready = poll(&self.file, left)?;
            if ready == 0 {
                if left.is_zero() {
                    return Ok(None);
                }
                continue;
            }
            let mut buffer = described(0);
            match ioctl(&self.file, vidioc::VIDIOC_DQBUF, &mut buffer) {
                Ok(()) => return self.filled(&buffer).map(Some),
                // Ready, and yet nothing there: either broken, or somebody took it.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if ready & libc::POLLIN == 0 {
                        return Err(io::Error::from_raw_os_error(libc::EIO));
                    }
                    if left.is_zero() {
                        return Ok(None);
                    }
                    thread::sleep(PAUSE);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn filled(&mut self, buffer: &v4l_sys::v4l2_buffer) -> io::Result<Filled> {
        let Some(mapped) = self.buffers.get(buffer.index as usize) else {
            return Err(io::Error::other(format!("the driver gave buffer {}, which does not exist", buffer.index)));
        };
        self.held = Some(buffer.index);
        let bytes = buffer.bytesused as usize;
        let seconds = u64::try_from(buffer.timestamp.tv_sec).unwrap_or(0);
        let micros = u64::try_from(buffer.timestamp.tv_usec).unwrap_or(0);
        Ok(Filled {
            index: buffer.index,
            bytes: bytes.min(mapped.length),
            damaged: buffer.flags & v4l_sys::V4L2_BUF_FLAG_ERROR != 0 || bytes == 0 || bytes > mapped.length,
            sequence: buffer.sequence,
            timestamp: Duration::from_secs(seconds) + Duration::from_micros(micros),
        })
    }

    /// Gives a buffer to the driver, with its beginning wiped: a JPEG that is not written anew is then none.
    fn queue(&mut self, index: u32) -> io::Result<()> {
        if let Some(mapped) = self.buffers.get_mut(index as usize) {
            mapped.wipe();
        }
        ioctl(&self.file, vidioc::VIDIOC_QBUF, &mut described(index))
    }
}

impl Drop for Ring {
    /// Gives everything back. Nobody is helped by an error here: the device may well be gone.
    fn drop(&mut self) {
        let _ = ioctl(&self.file, vidioc::VIDIOC_STREAMOFF, &mut (VIDEO_CAPTURE as libc::c_int));
        self.buffers.clear();
        let _ = request_buffers(&self.file, 0);
    }
}

/// Memory that we share with the driver.
struct Mapped {
    start: NonNull<u8>,
    length: usize,
}

impl Mapped {
    fn new(file: &File, buffer: &v4l_sys::v4l2_buffer) -> io::Result<Self> {
        let length = buffer.length as usize;
        // SAFETY: with memory-mapped buffers the driver fills `offset`; all members are plain numbers.
        let offset = unsafe { buffer.m.offset };
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing of ours.
        let start = unsafe {
            let nowhere = std::ptr::null_mut();
            v4l::v4l2::mmap(nowhere, length, access, libc::MAP_SHARED, file.as_raw_fd(), offset as libc::off_t)?
        };
        let start = NonNull::new(start.cast()).ok_or_else(|| io::Error::other("the mapping is at zero"))?;
        Ok(Self { start, length })
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping lives as long as `self`, and the driver writes only to queued buffers, which are not
        // looked at: `Ring` queues a buffer only when the borrow of what it gave out has ended.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }

    fn wipe(&mut self) {
        // SAFETY: within the mapping; the buffer is ours until it is queued.
        unsafe { self.start.as_ptr().write_bytes(0, self.length.min(4)) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: exactly what was mapped, and no slice of it outlives `self`.
        let _ = unsafe { v4l::v4l2::munmap(self.start.as_ptr().cast(), self.length) };
    }
}

fn request_buffers(file: &File, count: u32) -> io::Result<u32> {
    let mut request = v4l_sys::v4l2_requestbuffers { count, type_: VIDEO_CAPTURE, memory: MMAP, ..zeroed() };
    ioctl(file, vidioc::VIDIOC_REQBUFS, &mut request)?;
    Ok(request.count)
}

fn described(index: u32) -> v4l_sys::v4l2_buffer {
    v4l_sys::v4l2_buffer { index, type_: VIDEO_CAPTURE, memory: MMAP, ..zeroed() }
}

/// Waits until the driver has something to say; zero when the time is over or a signal came between.
fn poll(file: &File, timeout: Duration) -> io::Result<libc::c_short> {
    let mut waited = libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // Rounded up, or the last millisecond would be spent asking again and again.
    let millis = libc::c_int::try_from(timeout.as_micros().div_ceil(1000)).unwrap_or(libc::c_int::MAX);
    // SAFETY: one `pollfd`, which lives across the call.
    match unsafe { libc::poll(&mut waited, 1, millis) } {
        -1 => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(0),
            error => Err(error),
        },
        0 => Ok(0),
        _ => Ok(waited.revents),
    }
}
