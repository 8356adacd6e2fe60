//! Revocation files: exact sets of 64-bit keyed hashes, sorted, difference-coded in blocks under an index.
//!
//! No false alarms by design: an innocent credential is hit by chance with probability `entries / 2^64`, and a revoked one always.
//! `docs/trust-files.md` is the specification.

use std::fmt;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, Utc};
use ring::hmac;
use sha2::{Digest, Sha256};

use super::checks::{Check, made};
use super::files::{Revocation, RevocationFile};
use super::hex_32;

#[cfg(test)]
mod tests;

/// First bytes of a revocation file, of this version of the format.
const MAGIC: [u8; 8] = *b"CKREVOK1";
/// Bytes before the index: magic, form, zeros, blocks, entries, key.
const HEADER_BYTES: usize = 56;
/// Bytes of one block in the index: its first hash and its place.
const INDEX_BYTES: usize = 12;
/// Bytes of a checksum: CRC-32 (ISO 3309, as in zip and PNG).
const SUM_BYTES: usize = 4;
/// Bytes of a block before its differences: their width, and how many hashes it holds.
const BLOCK_HEAD_BYTES: usize = 3;
/// Bytes of a moment in a timed file: seconds since 1970.
const SECONDS_BYTES: usize = 5;
/// Most hashes in a block: 1.5 KB for a million entries, half a page of a disk.
const BLOCK_ENTRIES_MAX: usize = 256;
/// Room for the largest block, with differences of 8 bytes and moments, and for reading 8 bytes from anywhere in it.
const BLOCK_BYTES_MAX: usize = BLOCK_HEAD_BYTES + BLOCK_ENTRIES_MAX * (8 + SECONDS_BYTES) + SUM_BYTES + 8;
/// Most files of one bundle: a base of each form, and a month of daily deltas.
pub const FILES_MAX: usize = 64;
/// Largest file, in bytes: eleven million entries, one in nine of the country.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// What is read at a time where a file is read whole.
const CHUNK_BYTES: usize = 64 * 1024;

/// What a hash stands for. The kind is hashed along, so that no credential can be mistaken for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One credential, by `revocation_digest`.
    Credential = 1,
    /// A key, by any of `key_digests`.
    Key = 2,
    /// An issuer, by the SHA-256 of its name as it stands in credentials.
    Issuer = 3,
}

/// One thing that is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its SHA-256.
    pub digest: [u8; 32],
    /// `None`: all of it. Else only what was signed before this second.
    pub before: Option<DateTime<Utc>>,
}

/// A key of hashes: 32 bytes, public.
pub type HashKey = [u8; 32];

/// The first eight bytes, big-endian, of HMAC-SHA-256 (RFC 2104) over the kind's byte and the digest.
pub fn keyed_hash(key: &HashKey, kind: Kind, digest: &[u8; 32]) -> u64 {
    Hasher::new(key).hash(kind, digest)
}

/// A key, made ready to hash.
#[derive(Clone)]
struct Hasher(hmac::Key);

impl Hasher {
    fn new(key: &HashKey) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    fn hash(&self, kind: Kind, digest: &[u8; 32]) -> u64 {
        let mut message = [0; 33];
        message[0] = kind as u8;
        message[1..].copy_from_slice(digest);
        let tag = hmac::sign(&self.0, &message);
        u64::from_be_bytes(tag.as_ref()[..8].try_into().expect("a SHA-256 has 32 bytes"))
    }
}

// ---- making --------------------------------------------------------------------------------------------------------

/// A file that was made: its bytes, and how a bundle names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The file.
    pub bytes: Vec<u8>,
    /// What the bundle says of it.
    pub listed: RevocationFile,
}

/// Revocation files of these entries: one of those that are revoked whole, and one of those with a moment; neither where there are
/// none. In any order; where one thing is there twice, more is revoked.
///
/// The result is the same for the same set of entries, whatever their order.
pub fn encode(key: &HashKey, entries: impl IntoIterator<Item = Entry>) -> Vec<Made> {
    let hasher = Hasher::new(key);
    let (mut plain, mut timed) = (Vec::new(), Vec::new());
    for entry in entries {
        let hash = hasher.hash(entry.kind, &entry.digest);
        match entry.before {
            None => plain.push((hash, 0)),
            // A moment outside of five bytes (before 1970, after the year 36,000) ends at the nearest that can be written.
            Some(before) => timed.push((hash, before.timestamp().clamp(0, (1 << 40) - 1) as u64)),
        }
    }
    [(Form::Plain, plain), (Form::Timed, timed)]
        .into_iter()
        .filter(|(_, hashes)| !hashes.is_empty())
        .map(|(form, hashes)| write(key, form, hashes))
        .collect()
}

/// How a file's blocks look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Hashes: what they stand for is revoked whole.
    Plain = 0,
    /// Hashes, each with a moment.
    Timed = 1,
}

fn write(key: &HashKey, form: Form, mut hashes: Vec<(u64, u64)>) -> Made {
    // The latest moment of each comes last, and stays.
    hashes.sort_unstable();
    hashes.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 = later.1;
        }
        same
    });
    let blocks: Vec<&[(u64, u64)]> = hashes.chunks(BLOCK_ENTRIES_MAX).collect();
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[form as u8, 0, 0, 0]);
    bytes.extend_from_slice(&(blocks.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&(hashes.len() as u64).to_be_bytes());
    bytes.extend_from_slice(key);
    let bodies: Vec<Vec<u8>> = blocks.iter().map(|block| write_block(form, block)).collect();
    let mut place = HEADER_BYTES + INDEX_BYTES * blocks.len() + SUM_BYTES;
    for (block, body) in blocks.iter().zip(&bodies) {
        bytes.extend_from_slice(&block[0].0.to_be_bytes());
        bytes.extend_from_slice(&(place as u32).to_be_bytes());
        place += body.len();
    }
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    bodies.iter().for_each(|body| bytes.extend_from_slice(body));
    let sha256 = super::hexadecimal(&Sha256::digest(&bytes));
    let listed = RevocationFile { sha256, bytes: bytes.len() as u64, entries: hashes.len() as u64 };
    Made { bytes, listed }
}

fn write_block(form: Form, hashes: &[(u64, u64)]) -> Vec<u8> {
    let differences: Vec<u64> = hashes.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    let widest = differences.iter().max().copied().unwrap_or_default();
    let width = 8 - widest.leading_zeros() as usize / 8;
    let mut body = vec![width as u8];
    body.extend_from_slice(&(hashes.len() as u16).to_be_bytes());
    for difference in differences {
        body.extend_from_slice(&difference.to_be_bytes()[8 - width..]);
    }
    if form == Form::Timed {
        for (_, seconds) in hashes {
            body.extend_from_slice(&seconds.to_be_bytes()[8 - SECONDS_BYTES..]);
        }
    }
    let sum = block_sum(hashes[0].0, &body);
    body.extend_from_slice(&sum.to_be_bytes());
    body
}

/// CRC-32 of a block's first hash, which stands in the index, and of the block.
fn block_sum(first: u64, body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&first.to_be_bytes());
    sum.update(body);
    sum.finalize()
}

// ---- reading -------------------------------------------------------------------------------------------------------

/// A file that is read at places, and does not change while it is. The kiosk gives one on its disk.
pub trait ReadAt: Send + Sync {
    /// Its size, in bytes.
    ///
    /// # Errors
    /// `Unreadable`.
    fn size(&self) -> Result<u64, Unreadable>;

    /// Fills `into` with the bytes from `place` on.
    ///
    /// # Errors
    /// `Unreadable`, also where the file ends before.
    fn read_at(&self, place: u64, into: &mut [u8]) -> Result<(), Unreadable>;
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> Result<u64, Unreadable> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, place: u64, into: &mut [u8]) -> Result<(), Unreadable> {
        let from = usize::try_from(place).ok().and_then(|place| self.get(place..)?.get(..into.len()));
        into.copy_from_slice(from.ok_or(Unreadable)?);
        Ok(())
    }
}

/// A revocation file cannot be read, or is not what was written: the disk is at fault, and nobody knows what is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a revocation file cannot be read; check the disk, and bring the trust list anew")]
pub struct Unreadable;

/// Why a file is not the one that a bundle lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevokedFault {
    /// It is not there, or cannot be read.
    #[error("it is missing or cannot be read")]
    Unreadable,
    /// Another size, or other bytes.
    #[error("it is not the file that the bundle lists")]
    Another,
    /// It is, and does not follow the format.
    #[error("it does not follow the format ({0})")]
    Format(&'static str),
}

impl From<Unreadable> for RevokedFault {
    fn from(Unreadable: Unreadable) -> Self {
        Self::Unreadable
    }
}

/// An open revocation file, of which the index alone is in memory: 12 bytes for 256 entries.
#[derive(Clone)]
struct RevokedFile {
    source: Arc<dyn ReadAt>,
    form: Form,
    /// First hash and place of each block.
    index: Arc<[(u64, u32)]>,
    bytes: u64,
    sha256: [u8; 32],
}

impl RevokedFile {
    /// Opens a file that is, byte for byte, the one that the bundle lists.
    fn open(source: Arc<dyn ReadAt>, listed: &RevocationFile, key: &HashKey) -> Result<Self, RevokedFault> {
        let bytes = source.size()?;
        if bytes != listed.bytes || bytes > FILE_BYTES_MAX {
            return Err(RevokedFault::Another);
        }
        let sha256 = hex_32(&listed.sha256).ok_or(RevokedFault::Another)?;
        if made(Check::RevokedDigest) && digest(&*source, bytes)? != sha256 {
            return Err(RevokedFault::Another);
        }
        let mut header = [0; HEADER_BYTES];
        source.read_at(0, &mut header)?;
        let form = match (&header[..8], &header[8..12]) {
            (magic, [0, 0, 0, 0]) if magic == MAGIC => Form::Plain,
            (magic, [1, 0, 0, 0]) if magic == MAGIC => Form::Timed,
            _ => return Err(RevokedFault::Format("first bytes")),
        };
        let blocks = u32::from_be_bytes(header[12..16].try_into().expect("four bytes")) as usize;
        let entries = u64::from_be_bytes(header[16..24].try_into().expect("eight bytes"));
        if made(Check::RevokedKey) && header[24..] != key[..] {
            return Err(RevokedFault::Format("another key than the bundle's"));
        }
        let head_bytes = HEADER_BYTES + INDEX_BYTES * blocks + SUM_BYTES;
        if entries != listed.entries || head_bytes as u64 > bytes {
            return Err(RevokedFault::Format("counts"));
        }
        let mut head = vec![0; head_bytes];
        source.read_at(0, &mut head)?;
        let (summed, sum) = head.split_at(head_bytes - SUM_BYTES);
        if crc32fast::hash(summed).to_be_bytes() != sum {
            return Err(RevokedFault::Format("checksum of the index"));
        }
        let index: Arc<[(u64, u32)]> = summed[HEADER_BYTES..]
            .chunks_exact(INDEX_BYTES)
            .map(|block| {
                let (first, place) = block.split_at(8);
                (
                    u64::from_be_bytes(first.try_into().expect("eight bytes")),
                    u32::from_be_bytes(place.try_into().expect("four bytes")),
                )
            })
            .collect();
        let grows = index.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1);
        let begins = index.first().is_some_and(|(_, place)| *place as usize == head_bytes);
        let ends = index.last().is_some_and(|(_, place)| u64::from(*place) < bytes);
        if !(grows && begins && ends) {
            return Err(RevokedFault::Format("index"));
        }
        let file = Self { source, form, index, bytes, sha256 };
        let counted = file.blocks().try_fold(0, |count, block| Ok::<_, Unreadable>(count + block?.count as u64))?;
        if counted != entries { Err(RevokedFault::Format("number of entries")) } else { Ok(file) }
    }

    /// What it says of a hash: nothing, revoked whole, or before a second.
    fn find(&self, hash: u64) -> Result<Option<Option<i64>>, Unreadable> {
        let Some(number) = self.index.partition_point(|(first, _)| *first <= hash).checked_sub(1) else {
            return Ok(None);
        };
        let block = self.block(number)?;
        Ok(block.hashes().find(|(found, _)| *found >= hash).filter(|(found, _)| *found == hash).map(|(_, end)| end))
    }

    /// One positional read.
    fn block(&self, number: usize) -> Result<Block, Unreadable> {
        let (first, place) = self.index[number];
        let end = self.index.get(number + 1).map_or(self.bytes, |(_, next)| u64::from(*next));
        let length = usize::try_from(end - u64::from(place)).map_err(|_| Unreadable)?;
        let mut block = Block { first, form: self.form, width: 0, count: 0, bytes: [0; BLOCK_BYTES_MAX] };
        let bytes = block.bytes.get_mut(..length).ok_or(Unreadable)?;
        self.source.read_at(place.into(), bytes)?;
        let (body, sum) = bytes.split_at(length.checked_sub(SUM_BYTES).ok_or(Unreadable)?);
        if made(Check::RevokedBlockSum) && block_sum(first, body).to_be_bytes() != sum {
            return Err(Unreadable);
        }
        let [width, high, low, ..] = *body else { return Err(Unreadable) };
        let (width, count) = (usize::from(width), usize::from(u16::from_be_bytes([high, low])));
        let of_moments = if self.form == Form::Timed { count * SECONDS_BYTES } else { 0 };
        let sound = (1..=BLOCK_ENTRIES_MAX).contains(&count)
            && (width <= 8)
            && (width > 0 || count == 1)
            && body.len() == BLOCK_HEAD_BYTES + (count - 1) * width + of_moments;
        if !sound {
            return Err(Unreadable);
        }
        (block.width, block.count) = (width, count);
        Ok(block)
    }

    fn blocks(&self) -> impl Iterator<Item = Result<Block, Unreadable>> {
        (0..self.index.len()).map(|number| self.block(number))
    }
}

/// One block, read and checked.
struct Block {
    first: u64,
    form: Form,
    width: usize,
    count: usize,
    bytes: [u8; BLOCK_BYTES_MAX],
}

impl Block {
    /// Its hashes in order, each with the second before which it counts. Ends early where they would not grow.
    fn hashes(&self) -> impl Iterator<Item = (u64, Option<i64>)> {
        let moments = BLOCK_HEAD_BYTES + (self.count - 1) * self.width;
        let mut hash = Some(self.first);
        (0..self.count).map_while(move |number| {
            if let Some(before) = number.checked_sub(1) {
                let difference = self.number_at(BLOCK_HEAD_BYTES + before * self.width, self.width);
                hash = hash.and_then(|hash| hash.checked_add(difference));
            }
            let end = (self.form == Form::Timed)
                .then(|| self.number_at(moments + number * SECONDS_BYTES, SECONDS_BYTES) as i64);
            hash.map(|hash| (hash, end))
        })
    }

    /// A big-endian number of 1 to 8 bytes: read as eight, since there are always as many behind it.
    #[inline]
    fn number_at(&self, place: usize, width: usize) -> u64 {
        let eight = self.bytes[place..].first_chunk().copied().unwrap_or_default();
        u64::from_be_bytes(eight) >> (64 - 8 * width)
    }
}

/// SHA-256 of the whole, read in pieces.
fn digest(source: &dyn ReadAt, bytes: u64) -> Result<[u8; 32], Unreadable> {
    let (mut sha256, mut place, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK_BYTES]);
    while place < bytes {
        let length = CHUNK_BYTES.min(usize::try_from(bytes - place).unwrap_or(CHUNK_BYTES));
        source.read_at(place, &mut chunk[..length])?;
        sha256.update(&chunk[..length]);
        place += length as u64;
    }
    Ok(sha256.finalize().into())
}

/// The revocation files of one bundle, open. The default holds none.
#[derive(Clone, Default)]
pub struct RevokedFiles {
    hasher: Option<Hasher>,
    key: HashKey,
    files: Arc<[RevokedFile]>,
}

/// Counts, never contents.
impl fmt::Debug for RevokedFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevokedFiles").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

impl RevokedFiles {
    /// Opens every file that a bundle lists; `source` finds one by what the bundle says of it. All of them, or none is believed.
    ///
    /// # Errors
    /// Which file, by its place in the list from 0, and what is wrong with it.
    pub fn open(
        listed: &Revocation,
        mut source: impl FnMut(&RevocationFile) -> Option<Arc<dyn ReadAt>>,
    ) -> Result<Self, (usize, RevokedFault)> {
        let key: Option<HashKey> = BASE64_STANDARD.decode(&listed.key).ok().and_then(|key| key.try_into().ok());
        let key = key.ok_or((0, RevokedFault::Format("key of the hashes")))?;
        if listed.files.len() > FILES_MAX {
            return Err((FILES_MAX, RevokedFault::Format("number of files")));
        }
        let mut files = Vec::new();
        for (place, file) in listed.files.iter().enumerate() {
            let source = source(file).ok_or((place, RevokedFault::Unreadable))?;
            files.push(RevokedFile::open(source, file, &key).map_err(|fault| (place, fault))?);
        }
        Ok(Self { hasher: Some(Hasher::new(&key)), key, files: files.into() })
    }

    /// Whether something is revoked that was signed at a moment; `None` for what does not say when. One read a file.
    ///
    /// # Errors
    /// `Unreadable`: nobody knows.
    pub fn revokes(&self, kind: Kind, digest: &[u8; 32], signed_at: Option<DateTime<Utc>>) -> Result<bool, Unreadable> {
        let Some(hasher) = self.hasher.as_ref().filter(|_| !self.files.is_empty()) else { return Ok(false) };
        let hash = hasher.hash(kind, digest);
        let mut answer = Ok(false);
        for file in self.files.iter() {
            match file.find(hash) {
                Ok(Some(None)) => return Ok(true),
                Ok(Some(Some(end))) if signed_at.is_none_or(|at| at.timestamp() < end) => return Ok(true),
                Ok(Some(Some(_)) | None) => {}
                // Another file may know.
                Err(Unreadable) => answer = Err(Unreadable),
            }
        }
        answer
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Whether everything that `before` revokes is revoked here too, as far as it can be told: hashes of another key cannot be
    /// compared, and then it is not.
    ///
    /// # Errors
    /// `Unreadable`.
    pub fn go_on_from(&self, before: &Self) -> Result<bool, Unreadable> {
        let same = |file: &RevokedFile| self.files.iter().any(|ours| ours.sha256 == file.sha256);
        let gone: Vec<&RevokedFile> = before.files.iter().filter(|file| !same(file)).collect();
        if gone.is_empty() {
            return Ok(before.files.is_empty() || self.key == before.key);
        }
        if self.key != before.key {
            return Ok(false);
        }
        // `i64::MAX`: revoked whole. The strongest of each hash comes last.
        let mut ours = Vec::new();
        for block in self.files.iter().flat_map(RevokedFile::blocks) {
            ours.extend(block?.hashes().map(|(hash, end)| (hash, end.unwrap_or(i64::MAX))));
        }
        ours.sort_unstable();
        for block in gone.into_iter().flat_map(RevokedFile::blocks) {
            for (hash, end) in block?.hashes() {
                let after = ours.partition_point(|(ours, _)| *ours <= hash);
                let held = after.checked_sub(1).map(|place| ours[place]).filter(|(ours, _)| *ours == hash);
                if held.is_none_or(|(_, ours)| ours < end.unwrap_or(i64::MAX)) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}
