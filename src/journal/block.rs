//! The bytes of a segment's header and of a block. `docs/journal.md` is the specification.

use checkpoint::passage::record::{Digest, Entry, JournalId, RecordFault};
use sha2::{Digest as _, Sha256};

/// Version of segments and blocks that this program writes; it reads no newer one.
pub const FORMAT: u16 = 1;

/// Bytes of a block before the record: what is left of 16 KiB takes the largest record and the largest sealed part.
const BLOCK_HEADER_BYTES: usize = 96;
const BLOCK_MAGIC: &[u8; 8] = b"KIOSKBLK";
const SEGMENT_MAGIC: &[u8; 8] = b"KIOSKSEG";
/// The segment's header is one sector, the least that any disk writes at once; the rest of its block is zero.
const SEGMENT_HEADER_BYTES: usize = 512;

/// How a segment is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Bytes of a block: 16 KiB covers the unit that common SD cards destroy when power is cut while they write.
    pub block_bytes: u32,
    /// Blocks in a segment; the first one is its header.
    pub blocks: u32,
}

impl Geometry {
    /// 8 MiB: reading two of them at start takes a slow card half a second, and one lasts for some 500 passages.
    pub const USUAL: Self = Self { block_bytes: 16 * 1024, blocks: 512 };

    /// Length of the file.
    pub fn bytes(self) -> u64 {
        u64::from(self.block_bytes) * u64::from(self.blocks)
    }

    /// Where a block begins.
    pub fn offset(self, block: u32) -> u64 {
        u64::from(self.block_bytes) * u64::from(block)
    }
}

/// What the first sector of a segment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    /// How the segment is divided.
    pub geometry: Geometry,
    /// Number of the segment, from 1.
    pub number: u64,
    /// The journal that it is a part of.
    pub journal: JournalId,
    /// Whether it took another's place when sealed parts were erased.
    pub rewritten: Rewritten,
}

/// What retention made of a segment. A rewritten one takes no more records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rewritten {
    /// As it was recorded.
    #[default]
    No,
    /// Some sealed parts were erased, others are still to be kept.
    Partly,
    /// No sealed part is left in it.
    Wholly,
}

/// Why a segment's header cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderFault {
    /// Written by a newer program.
    Newer {
        /// The version that it has.
        version: u16,
    },
    /// Damaged, or no segment at all.
    Damaged,
}

impl SegmentHeader {
    /// The first sector.
    pub fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut out = [0; SEGMENT_HEADER_BYTES];
        out[..8].copy_from_slice(SEGMENT_MAGIC);
        out[8..10].copy_from_slice(&FORMAT.to_le_bytes());
        out[12..16].copy_from_slice(&self.geometry.block_bytes.to_le_bytes());
        out[16..20].copy_from_slice(&self.geometry.blocks.to_le_bytes());
        out[20..24].copy_from_slice(&(self.rewritten as u32).to_le_bytes());
        out[24..32].copy_from_slice(&self.number.to_le_bytes());
        out[32..48].copy_from_slice(&self.journal.0);
        let checksum = Sha256::digest(&out[..480]);
        out[480..].copy_from_slice(&checksum);
        out
    }

    /// Reads the first sector. Magic, version and checksum stand in the same place in every version.
    ///
    /// # Errors
    /// `HeaderFault`.
    pub fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES]) -> Result<Self, HeaderFault> {
        if &bytes[..8] != SEGMENT_MAGIC || Sha256::digest(&bytes[..480]).as_slice() != &bytes[480..] {
            return Err(HeaderFault::Damaged);
        }
        let version = u16::from_le_bytes([bytes[8], bytes[9]]);
        if version > FORMAT {
            return Err(HeaderFault::Newer { version });
        }
        let geometry = Geometry { block_bytes: u32_at(bytes, 12), blocks: u32_at(bytes, 16) };
        // Bounds before anything is allocated: a block of 512 bytes to 1 MiB, a segment of at most 2 GiB.
        let divisible = geometry.block_bytes.is_power_of_two() && (512..=1 << 20).contains(&geometry.block_bytes);
        if !divisible || geometry.blocks < 2 || geometry.bytes() > 1 << 31 {
            return Err(HeaderFault::Damaged);
        }
        let mut journal = JournalId([0; 16]);
        journal.0.copy_from_slice(&bytes[32..48]);
        let rewritten = match u32_at(bytes, 20) {
            0 => Rewritten::No,
            2 => Rewritten::Wholly,
            // What a newer program means by another number, this one at least does not write to it.
            _ => Rewritten::Partly,
        };
        Ok(Self { geometry, number: u64_at(bytes, 24), journal, rewritten })
    }
}

/// What one block of a segment holds.
#[derive(Debug)]
pub enum Block {
    /// Zeros: never written, or nothing of it reached the disk.
    Empty,
    /// Something that is not a whole record.
    Torn,
    /// A record.
    Record(Box<Entry>),
    /// A whole record that a newer program wrote.
    Newer {
        /// The version that it has.
        version: u32,
    },
}

impl Block {
    /// Bytes that `entry` takes in a block.
    pub fn bytes_of(entry: &Entry) -> usize {
        BLOCK_HEADER_BYTES + entry.text().len() + entry.sealed().map_or(0, <[u8]>::len)
    }

    /// The bytes of a block that holds `entry`; `None` if it does not fit.
    pub fn encode(entry: &Entry, block_bytes: u32) -> Option<Vec<u8>> {
        let mut out = vec![0; block_bytes as usize];
        Self::encode_into(entry, &mut out).then_some(out)
    }

    /// Fills `out`, which is as long as a block, with the block that holds `entry`; `false` if it does not fit.
    pub fn encode_into(entry: &Entry, out: &mut [u8]) -> bool {
        let (text, sealed) = (entry.text().as_bytes(), entry.sealed().unwrap_or_default());
        let used = Self::bytes_of(entry);
        let Some(body) = out.get_mut(BLOCK_HEADER_BYTES..used) else { return false };
        body[..text.len()].copy_from_slice(text);
        body[text.len()..].copy_from_slice(sealed);
        out[used..].fill(0);
        out[..BLOCK_HEADER_BYTES].fill(0);
        out[..8].copy_from_slice(BLOCK_MAGIC);
        out[8..10].copy_from_slice(&FORMAT.to_le_bytes());
        out[12..16].copy_from_slice(&(text.len() as u32).to_le_bytes());
        out[16..20].copy_from_slice(&(sealed.len() as u32).to_le_bytes());
        out[24..32].copy_from_slice(&entry.record().sequence.to_le_bytes());
        out[32..64].copy_from_slice(&entry.record().previous.0);
        let checksum = checksum(&out[..used]);
        out[64..96].copy_from_slice(&checksum);
        true
    }

    /// Reads one block.
    pub fn decode(bytes: &[u8]) -> Self {
        Self::decode_with(bytes, true, true)
    }

    /// As `decode`, without looking at the checksum and the rest of the block, or at what the record commits to: the proving
    /// ground shows with it what these checks find.
    pub fn decode_with(bytes: &[u8], checksums: bool, commitments: bool) -> Self {
        Self::try_decode(bytes, checksums, commitments)
            .unwrap_or_else(|| if is_zero(bytes) { Self::Empty } else { Self::Torn })
    }

    fn try_decode(bytes: &[u8], checksums: bool, commitments: bool) -> Option<Self> {
        if bytes.get(..8)? != BLOCK_MAGIC || bytes.len() < BLOCK_HEADER_BYTES || bytes[8..10] != FORMAT.to_le_bytes() {
            return None;
        }
        let (text_bytes, sealed_bytes) = (u32_at(bytes, 12) as usize, u32_at(bytes, 16) as usize);
        let used = BLOCK_HEADER_BYTES.checked_add(text_bytes)?.checked_add(sealed_bytes)?;
        let (used, rest) = bytes.split_at_checked(used)?;
        // The checksum covers what is used; all else must be zero, so that no changed byte goes unseen.
        if checksums && (checksum(used) != bytes[64..96] || !is_zero(rest)) {
            return None;
        }
        let (text, sealed) = used[BLOCK_HEADER_BYTES..].split_at(text_bytes);
        let sealed = (!sealed.is_empty() && commitments).then(|| sealed.to_vec());
        match Entry::read(std::str::from_utf8(text).ok()?, sealed) {
            Ok(entry) => {
                let (record, mut previous) = (entry.record(), Digest([0; 32]));
                previous.0.copy_from_slice(&bytes[32..64]);
                let same = record.sequence == u64_at(bytes, 24) && record.previous == previous;
                same.then(|| Self::Record(Box::new(entry)))
            }
            Err(RecordFault::Newer { version, .. }) => Some(Self::Newer { version }),
            Err(_) => None,
        }
    }
}

/// Compares the bytes with themselves, one further on: as fast as memory is read, and most blocks of a journal are empty.
fn is_zero(bytes: &[u8]) -> bool {
    bytes.split_first().is_none_or(|(first, rest)| *first == 0 && *rest == bytes[..rest.len()])
}

/// SHA-256 of the used part of a block without the checksum itself.
fn checksum(used: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(&used[..64]).chain_update(&used[BLOCK_HEADER_BYTES..]).finalize().into()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
