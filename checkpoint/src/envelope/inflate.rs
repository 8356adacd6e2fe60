//! DEFLATE (RFC 1951) with a bound.

use flate2::{Decompress, FlushDecompress, Status};

use crate::verdict::Reason;

/// Largest inflated envelope, in bytes. A version 40-L code holds 4,296 alphanumeric characters, which is 2,864 bytes after
/// base45, and 7,089 digits, which is 2,656 bytes of a SMART Health Card: 64 KiB allows inflation of about 22 to 1.
pub(super) const INFLATED_BYTES_MAX: usize = 64 * 1024;

/// What stands around the compressed bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// A zlib header and checksum (RFC 1950).
    Zlib,
    /// Nothing.
    Raw,
}

/// Inflates one whole stream with nothing after it. Other wrappings are refused.
///
/// # Errors
/// `TooLarge` for more than the bound, else `Malformed`.
pub(crate) fn inflate(compressed: &[u8], wrapping: Wrapping) -> Result<Vec<u8>, Reason> {
    // One byte more than allowed, so that the end of a stream of just that size is seen. Room for a usual certificate first:
    // a stream that does not fit begins anew, since `Finish` in one call skips the window that streaming copies through.
    let room_max = INFLATED_BYTES_MAX + 1;
    for room in [(compressed.len() * 4).min(room_max), room_max] {
        let mut stream = Decompress::new(wrapping == Wrapping::Zlib);
        let mut bytes = Vec::with_capacity(room);
        let status = stream.decompress_vec(compressed, &mut bytes, FlushDecompress::Finish);
        match status {
            Ok(Status::StreamEnd) if stream.total_in() < compressed.len() as u64 => break,
            Ok(Status::StreamEnd) if bytes.len() <= INFLATED_BYTES_MAX => return Ok(bytes),
            _ if bytes.len() > INFLATED_BYTES_MAX => return Err(Reason::TooLarge { bytes_max: INFLATED_BYTES_MAX }),
            _ if bytes.len() == bytes.capacity() => {}
            Ok(_) | Err(_) => break,
        }
    }
    // Corrupt, cut short, or with bytes after its end.
    Err(Reason::Malformed {
        layer: match wrapping {
            Wrapping::Zlib => "zlib",
            Wrapping::Raw => "deflate",
        },
    })
}
