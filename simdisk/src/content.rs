use std::sync::Arc;

/// Bytes of a piece: a page.
const CHUNK: usize = 4096;

/// A file's bytes. Pieces of zeros take no room, and a copy shares the others.
#[derive(Clone, Default)]
pub struct Content {
    bytes: u64,
    chunks: Vec<Option<Arc<[u8; CHUNK]>>>,
}

impl Content {
    /// Its length.
    pub fn len(&self) -> u64 {
        self.bytes
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Fills the buffer from an offset; the file is long enough.
    pub fn read(&self, buffer: &mut [u8], offset: u64) {
        let mut done = 0;
        while done < buffer.len() {
            let at = offset as usize + done;
            let (chunk, inside) = (at / CHUNK, at % CHUNK);
            let part = (CHUNK - inside).min(buffer.len() - done);
            let into = &mut buffer[done..done + part];
            match self.chunks.get(chunk).and_then(Option::as_ref) {
                Some(bytes) => into.copy_from_slice(&bytes[inside..inside + part]),
                None => into.fill(0),
            }
            done += part;
        }
    }

    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) {
        self.resize(self.bytes.max(offset + bytes.len() as u64));
        let mut done = 0;
        while done < bytes.len() {
            let at = offset as usize + done;
            let (chunk, inside) = (at / CHUNK, at % CHUNK);
            let part = (CHUNK - inside).min(bytes.len() - done);
            let from = &bytes[done..done + part];
            let into = &mut self.chunks[chunk];
            if into.is_some() || from.iter().any(|byte| *byte != 0) {
                Arc::make_mut(into.get_or_insert_with(|| Arc::new([0; CHUNK])))[inside..inside + part]
                    .copy_from_slice(from);
            }
            done += part;
        }
    }

    pub(crate) fn resize(&mut self, bytes: u64) {
        if bytes < self.bytes {
            // What is cut off reads as zeros should the file grow again.
            let inside = bytes as usize % CHUNK;
            if let Some(Some(chunk)) = self.chunks.get_mut(bytes as usize / CHUNK) {
                Arc::make_mut(chunk)[inside..].fill(0);
            }
        }
        self.bytes = bytes;
        self.chunks.resize(bytes.div_ceil(CHUNK as u64) as usize, None);
    }
}
