//! What a kiosk believes, and what a folder of trust files changes in it.
//!
//! One walk for every way in: a stick, a share, a download, and the kiosk's own disk. It touches no disk: the kiosk reads the files, asks
//! here, and keeps what it is told to keep.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checks::{Check, made};
use super::files::RevocationFile;
use super::load::{FileName, TrustFault};
use super::revoked::ReadAt;
use super::roots::{RootChain, Statement, payload_of};
use super::{TrustList, hexadecimal};

/// Largest root file, in bytes: a root with 100 keys has about 20 KiB.
pub const ROOT_BYTES_MAX: u64 = 64 * 1024;
/// Most root files of an authority: one a year would last for two generations.
pub const ROOTS_MAX: usize = 64;
/// Largest bundle, in bytes: 100 issuers, 400 days of tracing keys and 50,000 revoked credentials have about 5 MB.
pub const BUNDLE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Largest distrust statement, in bytes: 400 keys have about 40 KiB.
pub const DISTRUST_BYTES_MAX: u64 = 64 * 1024;
/// Most distrust statements that a kiosk keeps, and that it reads of one folder. Enough for one a day for two years; a root withdraws old
/// ones.
pub const DISTRUST_MAX: usize = 1024;

/// Versions of a list, compared root first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// Of the last root.
    pub root: u64,
    /// Of the bundle.
    pub bundle: u64,
}

impl Versions {
    /// Of a list.
    pub fn of(list: &TrustList) -> Self {
        Self { root: list.root_version(), bundle: list.version() }
    }

    /// Neither of the two is older. A list with a newer root and an older bundle is older.
    pub fn reach(self, seen: Self) -> bool {
        self.root >= seen.root && self.bundle >= seen.bundle
    }

    /// The higher of each.
    pub fn highest(self, other: Self) -> Self {
        Self { root: self.root.max(other.root), bundle: self.bundle.max(other.bundle) }
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "list {} under root {}", self.bundle, self.root)
    }
}

/// A root file with the version that its name says.
pub type RootFile = (u64, Vec<u8>);

/// The files of a folder, as they lie there. All of them may be missing.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    /// Root files, in the order of their versions.
    pub roots: Vec<RootFile>,
    /// The bundle.
    pub bundle: Option<Vec<u8>>,
    /// Distrust statements.
    pub distrust: Vec<Vec<u8>>,
}

/// What a folder changed.
#[derive(Default)]
pub struct Taken {
    /// Root files to keep.
    pub roots: Vec<RootFile>,
    /// Statements to keep, each with its name: hexadecimal SHA-256 of its payload.
    pub distrust: Vec<(String, Vec<u8>)>,
    /// The bundle and the roots that vouch for it are to be kept: it is in force.
    pub newer: bool,
    /// Why anything of the folder was refused. What was not refused holds all the same.
    pub refused: Vec<TrustFault>,
}

impl Taken {
    /// Whether anything is believed otherwise than before.
    pub fn changed(&self) -> bool {
        self.newer || !self.distrust.is_empty() || !self.roots.is_empty()
    }
}

/// What a kiosk believes and remembers.
#[derive(Clone)]
pub struct Believed {
    anchors: usize,
    anchor_chain: RootChain,
    roots: Vec<RootFile>,
    chain: RootChain,
    statements: Vec<Statement>,
    lost: BTreeSet<String>,
    seen: Versions,
    list: Option<TrustList>,
}

impl Believed {
    /// A kiosk that was set up with these roots, of which the first is the anchor.
    ///
    /// # Errors
    /// As `RootChain::verify`.
    pub fn anchored(anchors: Vec<RootFile>) -> Result<Self, TrustFault> {
        let chain = RootChain::verify(&bytes_of(&anchors))?;
        Ok(Self {
            anchors: anchors.len(),
            anchor_chain: chain.clone(),
            roots: anchors,
            chain,
            statements: Vec::new(),
            lost: BTreeSet::new(),
            seen: Versions::default(),
            list: None,
        })
    }

    /// What the kiosk kept of earlier days: roots, statements, the highest versions, and the names of all statements that it took. A
    /// statement that is missing is asked for again, and nothing is believed until then: nobody knows what it took away.
    ///
    /// `roots` may be several folders' worth: what does not follow is passed over.
    pub fn remembering(
        mut self,
        roots: &[Vec<RootFile>],
        distrust: &[Vec<u8>],
        seen: Versions,
        names: &[String],
    ) -> Self {
        for roots in roots {
            if let Ok((roots, chain)) = self.followed(roots) {
                (self.roots, self.chain) = (roots, chain);
            }
        }
        self.seen = seen;
        for file in distrust {
            if let Ok(statement) = self.chain.distrust_kept(file) {
                self.note(statement);
            }
        }
        let have: BTreeSet<String> = self.statements.iter().map(name_of).collect();
        let withdrawn = |name: &&String| super::hex_32(name).is_some_and(|digest| self.chain.withdraws(&digest));
        self.lost = names.iter().filter(|name| !have.contains(*name) && !withdrawn(name)).cloned().collect();
        self
    }

    /// A list that lies on the kiosk's own disk, with the roots under which it was taken: in force where it is the newest.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn consider(
        &mut self,
        roots: &[RootFile],
        bundle: &[u8],
        source: impl FnMut(&RevocationFile) -> Option<Arc<dyn ReadAt>>,
    ) -> Result<bool, TrustFault> {
        let (_, chain) = follow(&self.roots[..self.anchors], &self.anchor_chain, roots)?;
        let mut list = TrustList::load_under(&chain, bundle, &[], source)?;
        list.set_distrust(&self.chain, &self.statements);
        let newest = self.list.as_ref().is_none_or(|ours| Versions::of(&list) > Versions::of(ours));
        if newest {
            self.list = Some(list);
        }
        Ok(newest)
    }

    /// What the kiosk decides by.
    ///
    /// # Errors
    /// `RolledBack`: what it has is older than what it has seen. `DistrustLost`: it took a statement that it has no longer.
    /// `NoBundle`: it has none.
    pub fn list(&self) -> Result<&TrustList, TrustFault> {
        let list = self.list.as_ref().ok_or(TrustFault::NoBundle)?;
        if made(Check::LostStatement) && !self.lost.is_empty() {
            return Err(TrustFault::DistrustLost { count: self.lost.len() });
        }
        let offered = Versions::of(list);
        if made(Check::SeenAtStart) && !offered.reach(self.seen) {
            return Err(TrustFault::RolledBack { offered, seen: self.seen });
        }
        Ok(list)
    }

    /// The roots that count.
    pub fn chain(&self) -> &RootChain {
        &self.chain
    }

    /// The newest list that it has, whether or not it is believed.
    pub fn newest(&self) -> Option<&TrustList> {
        self.list.as_ref()
    }

    /// The highest versions that this kiosk has seen, of what it took and what it has.
    pub fn seen(&self) -> Versions {
        self.list.as_ref().map_or(self.seen, |list| self.seen.highest(Versions::of(list)))
    }

    /// The names of all statements that hold, and of those that were lost.
    pub fn distrusted(&self) -> BTreeSet<String> {
        self.statements.iter().map(name_of).chain(self.lost.iter().cloned()).collect()
    }

    /// Root files of the whole chain, from the anchor on.
    pub fn roots(&self) -> &[RootFile] {
        &self.roots
    }

    /// Takes what a folder brings: first later roots, then what they and the duty keys take away, last the bundle. Each is taken or
    /// refused for itself: a bad bundle does not keep a distrust statement out.
    ///
    /// `source` finds a revocation file by what the bundle says of it, in the folder or among those that the kiosk has.
    pub fn take(
        &mut self,
        incoming: &Incoming,
        source: impl FnMut(&RevocationFile) -> Option<Arc<dyn ReadAt>>,
    ) -> Taken {
        let mut taken = Taken::default();
        let roots_fault = match self.followed(&incoming.roots) {
            Ok((roots, chain)) => {
                taken.roots = roots[self.roots.len()..].to_vec();
                (self.roots, self.chain) = (roots, chain);
                None
            }
            Err(fault) => Some(fault),
        };
        self.take_distrust(&incoming.distrust, &mut taken);
        self.statements.retain(|statement| !self.chain.withdraws(&statement.digest()));
        if taken.changed()
            && let Some(list) = &mut self.list
        {
            list.set_distrust(&self.chain, &self.statements);
        }
        let bundle = match (&incoming.bundle, roots_fault) {
            // A bundle beside roots that are not ours is nobody's.
            (_, Some(fault)) => Err(fault),
            (None, None) => Ok(false),
            (Some(bundle), None) => self.take_bundle(bundle, source),
        };
        match bundle {
            Ok(newer) => taken.newer = newer,
            Err(fault) => taken.refused.push(fault),
        }
        taken
    }

    fn take_distrust(&mut self, files: &[Vec<u8>], taken: &mut Taken) {
        for file in files {
            if made(Check::DistrustSize) && file.len() as u64 > DISTRUST_BYTES_MAX {
                taken.refused.push(TrustFault::TooLarge { file: FileName::Distrust, most: DISTRUST_BYTES_MAX });
                continue;
            }
            let name = hexadecimal(&Sha256::digest(payload_of(file)));
            // What was taken once and lost is taken again, whoever is on duty now.
            let statement =
                if self.lost.contains(&name) { self.chain.distrust_kept(file) } else { self.chain.distrust(file) };
            match statement {
                Ok(statement) if self.chain.withdraws(&statement.digest()) => {}
                Ok(statement) if self.has(&statement) => {}
                Ok(_) if self.statements.len() >= DISTRUST_MAX => taken.refused.push(TrustFault::DistrustFull),
                Ok(statement) => {
                    self.note(statement);
                    taken.distrust.push((name, file.clone()));
                }
                // One that the kiosk has already needs no signature of today.
                Err(_) if self.statements.iter().any(|ours| name_of(ours) == name) => {}
                Err(fault) => taken.refused.push(fault),
            }
        }
    }

    /// `false`: it is the one in force.
    fn take_bundle(
        &mut self,
        bundle: &[u8],
        source: impl FnMut(&RevocationFile) -> Option<Arc<dyn ReadAt>>,
    ) -> Result<bool, TrustFault> {
        if made(Check::BundleSize) && bundle.len() as u64 > BUNDLE_BYTES_MAX {
            return Err(TrustFault::TooLarge { file: FileName::Bundle, most: BUNDLE_BYTES_MAX });
        }
        let mut list = TrustList::load_under(&self.chain, bundle, &self.statements, source)?;
        let (offered, seen) = (Versions::of(&list), self.seen());
        if let Some(ours) = &self.list {
            if list.digest == ours.digest {
                return Ok(false);
            }
            list = list.newer_than(ours)?;
        }
        if made(Check::SeenOnArrival) && !offered.reach(seen) {
            return Err(TrustFault::RolledBack { offered, seen });
        }
        self.seen = offered;
        self.list = Some(list);
        Ok(true)
    }

    /// The chain with those of these roots that come after it.
    fn followed(&self, found: &[RootFile]) -> Result<(Vec<RootFile>, RootChain), TrustFault> {
        follow(&self.roots, &self.chain, found)
    }

    fn has(&self, statement: &Statement) -> bool {
        self.statements.iter().any(|ours| ours.digest() == statement.digest())
    }

    fn note(&mut self, statement: Statement) {
        self.lost.remove(&name_of(&statement));
        if !self.has(&statement) && !self.chain.withdraws(&statement.digest()) {
            self.statements.push(statement);
        }
    }
}

/// The known roots and those that come after them. Where both have a version, they must say the same: anybody can sign a whole
/// chain of their own.
fn follow(known: &[RootFile], chain: &RootChain, found: &[RootFile]) -> Result<(Vec<RootFile>, RootChain), TrustFault> {
    let (mut all, mut chain) = (known.to_vec(), chain.clone());
    let last = known.last().map_or(0, |(version, _)| *version);
    for (version, file) in found {
        if made(Check::RootSize) && file.len() as u64 > ROOT_BYTES_MAX {
            return Err(TrustFault::TooLarge { file: FileName::Root(*version), most: ROOT_BYTES_MAX });
        }
        match known.iter().find(|(known, _)| known == version) {
            Some((_, known)) if payload_of(known) != payload_of(file) => {
                return Err(TrustFault::AnotherAuthority { version: *version });
            }
            Some(_) => {}
            None if *version > last => all.push((*version, file.clone())),
            None => {} // From before the anchor: nothing follows from it.
        }
    }
    if all.len() > ROOTS_MAX {
        return Err(TrustFault::TooManyRoots { most: ROOTS_MAX });
    }
    for (_, file) in &all[known.len()..] {
        chain = chain.followed_by(file)?;
    }
    Ok((all, chain))
}

fn bytes_of(roots: &[RootFile]) -> Vec<&[u8]> {
    roots.iter().map(|(_, bytes)| bytes.as_slice()).collect()
}

fn name_of(statement: &Statement) -> String {
    hexadecimal(&statement.digest())
}
