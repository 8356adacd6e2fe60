//! The attacks. Each answers whether it came through.

use std::rc::Rc;
use std::sync::{Arc, Mutex};

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{Days, TimeDelta};
use serde_json::json;

use super::world::{
    Dice, ISSUER, NARROW, REVOKED_HERE, REVOKED_IN_FILE, SIGNED_AT, SOUND, STOLEN, World, among, at, bytes, green,
    listing, now,
};
use crate::dsse::SignedFile;
use crate::time::{Confidence, TrustedTime};
use crate::trust::files::{BUNDLE_TYPE, Bundle, DISTRUST_TYPE, ROOT_TYPE, Removal, Removed, Signed};
use crate::trust::hexadecimal;
use crate::trust::revoked::{self, ReadAt, Unreadable};
use crate::trust::update::{
    BUNDLE_BYTES_MAX, Believed, DISTRUST_BYTES_MAX, Incoming, ROOT_BYTES_MAX, RootFile, Versions,
};

type Attack = fn(&World, &mut Dice) -> bool;

/// What a hostile folder tries, by name.
pub const ATTACKS: [(&str, Attack); 48] = [
    ("rollback: an older bundle", |world, dice| {
        let back = 1 + dice.below(9);
        comes_in(world, &world.next(|bundle| bundle.version -= 1 + back))
    }),
    ("rollback: the same version with other words", |world, _| {
        comes_in(world, &world.next(|bundle| (bundle.version, bundle.hard_days) = (world.version(), 900)))
    }),
    ("rollback: a newer version with an older clock", |world, dice| {
        let hours = 21 + dice.below(1000) as i64;
        comes_in(world, &world.next(|bundle| bundle.signed_at -= TimeDelta::hours(hours)))
    }),
    ("rollback: an older bundle for a kiosk that lost its own", |world, dice| {
        let back = 1 + dice.below(9);
        let mut kiosk = restarted(world, &[hexadecimal(&world.kiosk_statement())]);
        let older = world.next(|bundle| bundle.version -= 1 + back);
        let incoming = Incoming { bundle: Some(world.signed_bundle(&older)), ..Incoming::default() };
        kiosk.take(&incoming, world.source()).newer
    }),
    ("rollback: an older list put back on the disk", |world, dice| {
        let mut kiosk = restarted(world, &[hexadecimal(&world.kiosk_statement())]);
        let back = 1 + dice.below(9);
        let older = world.signed_bundle(&world.next(|bundle| bundle.version -= 1 + back));
        let _ = kiosk.consider(&world.roots, &older, world.source());
        kiosk.list().is_ok()
    }),
    ("rollback: the list under an older root", |world, _| {
        let mut kiosk = restarted(world, &[hexadecimal(&world.kiosk_statement())]);
        let list = world.signed_bundle(&world.bundle);
        let _ = kiosk.consider(&world.roots[..1], &list, world.source());
        kiosk.list().is_ok()
    }),
    ("freeze: past the hard limit", |world, dice| {
        let days = 31 + dice.below(5000);
        let late = TrustedTime::given(at(SIGNED_AT) + Days::new(days));
        green(world.kiosk.list().unwrap(), &lasting(world), late)
    }),
    ("freeze: past the hard limit by a clock that nothing speaks for", |world, dice| {
        let days = 31 + dice.below(5000);
        let late = at(SIGNED_AT) + Days::new(days);
        let doubtful = TrustedTime::measured(at(SIGNED_AT), late, Confidence::Doubtful);
        green(world.kiosk.list().unwrap(), &lasting(world), doubtful)
    }),
    ("freeze: the clock set back, the floor is past the limit", |world, dice| {
        let days = 31 + dice.below(500);
        let floor = at(SIGNED_AT) + Days::new(days);
        let back = TrustedTime::measured(floor, at("1970-01-01T00:00:00Z"), Confidence::Steady);
        green(world.kiosk.list().unwrap(), &lasting(world), back)
    }),
    ("fast-forward: the highest version there is, by one signer too few", |world, _| {
        let bundle = world.next(|bundle| bundle.version = u64::MAX);
        let signers = world.bundle_signers();
        takes(world, bytes(&world.signed(BUNDLE_TYPE, &bundle, &signers[1..])))
    }),
    ("a bundle that nobody signed", |world, _| {
        takes(world, bytes(&world.signed(BUNDLE_TYPE, &world.next(|_| {}), &[])))
    }),
    ("a bundle by one signer too few", |world, dice| {
        let mut signers = world.bundle_signers();
        signers.remove(dice.below(signers.len() as u64) as usize);
        takes(world, bytes(&world.signed(BUNDLE_TYPE, &world.next(|_| {}), &signers)))
    }),
    ("a bundle by one signer too few, who signs twice", |world, _| {
        let signers = world.bundle_signers();
        let mut file = world.signed(BUNDLE_TYPE, &world.next(|_| {}), &signers[1..]);
        file.signatures.push(file.signatures[0].clone());
        takes(world, bytes(&file))
    }),
    ("a bundle by strangers", |world, _| {
        let strangers = [("stranger", 1), ("stranger", 2), ("stranger", 3)];
        takes(world, bytes(&world.signed(BUNDLE_TYPE, &world.next(|_| {}), &strangers)))
    }),
    ("a bundle by strangers under the signers' names", |world, _| {
        let signers = world.bundle_signers();
        let mut file = world.signed(BUNDLE_TYPE, &world.next(|_| {}), &signers);
        let strangers: Vec<_> = (0..signers.len() as u64).map(|number| ("stranger", number)).collect();
        let theirs = world.signed(BUNDLE_TYPE, &world.next(|_| {}), &strangers);
        for (ours, theirs) in file.signatures.iter_mut().zip(theirs.signatures) {
            ours.sig = theirs.sig;
        }
        takes(world, bytes(&file))
    }),
    ("swapped roles: a bundle by the keys of the root", |world, _| {
        let signers = world.root_signers(world.root_version());
        let more = [("duty", world.root_version())];
        let signers: Vec<_> = signers.into_iter().chain(more).collect();
        takes(world, bytes(&world.signed(BUNDLE_TYPE, &world.next(|_| {}), &signers)))
    }),
    ("swapped roles: a root by the keys of bundles", |world, _| {
        let root = world.root(world.root_version() + 1);
        let signers: Vec<_> = world.bundle_signers().into_iter().chain([("bundle", 9)]).collect();
        takes_root(world, (root.version, bytes(&world.signed(ROOT_TYPE, &root, &signers))))
    }),
    ("swapped roles: distrust by the keys of bundles", |world, _| {
        takes_statement(world, world.distrust_file(&everything(world), &world.bundle_signers()))
    }),
    ("wrong type: a bundle in the clothes of a root", |world, _| {
        takes(world, bytes(&world.signed(ROOT_TYPE, &world.next(|_| {}), &world.bundle_signers())))
    }),
    ("wrong type: signed as something else, then renamed", |world, _| {
        let mut file = world.signed(DISTRUST_TYPE, &world.next(|_| {}), &world.bundle_signers());
        file.payload_type = BUNDLE_TYPE.into();
        takes(world, bytes(&file))
    }),
    ("wrong type: a statement signed as a root", |world, _| {
        let duty = [("duty", world.root_version())];
        let mut file = world.signed(ROOT_TYPE, &world.distrust(&everything(world)), &duty);
        file.payload_type = DISTRUST_TYPE.into();
        takes_statement(world, bytes(&file))
    }),
    ("changed after it was signed", |world, dice| {
        let mut file = world.signed(BUNDLE_TYPE, &world.next(|_| {}), &world.bundle_signers());
        let hard_days = 31 + dice.below(9000) as u32;
        let changed = serde_json::to_vec(&world.next(|bundle| bundle.hard_days = hard_days)).unwrap();
        file.payload = BASE64_STANDARD.encode(changed);
        takes(world, bytes(&file))
    }),
    ("truncated", |world, dice| {
        let mut file = world.signed_bundle(&world.next(|_| {}));
        file.truncate(dice.below(file.len() as u64 - 1) as usize);
        takes(world, file)
    }),
    ("one bit turned", |world, dice| {
        let mut file: SignedFile = serde_json::from_slice(&world.signed_bundle(&world.next(|_| {}))).unwrap();
        let mut payload = file.payload_unverified().unwrap();
        let place = dice.below(payload.len() as u64) as usize;
        payload[place] ^= 1 << dice.below(8);
        file.payload = BASE64_STANDARD.encode(payload);
        takes(world, bytes(&file))
    }),
    ("a restriction that this program does not know", |world, dice| {
        let mut bundle = serde_json::to_value(world.next(|_| {})).unwrap();
        let name = format!("x{}", dice.below(1000));
        match dice.below(3) {
            0 => bundle[name] = json!(1),
            1 => bundle["keys"][0][name] = json!([]),
            _ => bundle["revocation"]["files"][0][name] = json!("x"),
        }
        takes(world, bytes(&world.signed(BUNDLE_TYPE, &bundle, &world.bundle_signers())))
    }),
    ("a restriction left out", |world, dice| {
        let mut bundle = serde_json::to_value(world.next(|_| {})).unwrap();
        let names = ["regions", "lifetime_days", "issuers", "statements", "schemes", "not_before", "not_after"];
        let key = bundle["keys"][0].as_object_mut().unwrap();
        key.remove(names[dice.below(names.len() as u64) as usize]);
        takes(world, bytes(&world.signed(BUNDLE_TYPE, &bundle, &world.bundle_signers())))
    }),
    ("huge: a bundle", |world, _| takes(world, padded(world.signed_bundle(&world.next(|_| {})), BUNDLE_BYTES_MAX))),
    ("huge: a root", |world, _| {
        let (version, file) = world.sign_root(&world.root(world.root_version() + 1));
        takes_root(world, (version, padded(file, ROOT_BYTES_MAX)))
    }),
    ("huge: a statement", |world, _| {
        let file = world.distrust_file(&everything(world), &[("duty", world.root_version())]);
        takes_statement(world, padded(file, DISTRUST_BYTES_MAX))
    }),
    ("a root with a gap before it", |world, dice| {
        let mut root = world.root(world.root_version() + 2 + dice.below(100));
        // Signed by those before and by its own, and yet it does not follow.
        let signers: Vec<_> =
            world.root_signers(root.version).into_iter().chain(world.root_signers(world.root_version())).collect();
        root.authority = "Gap".into();
        takes_root(world, (root.version, bytes(&world.signed(ROOT_TYPE, &root, &signers))))
    }),
    ("a root that those before have not signed", |world, _| {
        let root = world.root(world.root_version() + 1);
        takes_root(world, (root.version, bytes(&world.signed(ROOT_TYPE, &root, &world.root_signers(root.version)))))
    }),
    ("a root that only those before have signed", |world, _| {
        let root = world.root(world.root_version() + 1);
        let before = world.root_signers(world.root_version());
        takes_root(world, (root.version, bytes(&world.signed(ROOT_TYPE, &root, &before))))
    }),
    ("another authority, whole and well signed", |world, dice| {
        let other = foreign(dice);
        let mut kiosk = world.kiosk.clone();
        let bundle = other.signed_bundle(&other.next(|bundle| bundle.version = world.version() + 5));
        let incoming =
            Incoming { roots: other.roots.clone(), bundle: Some(bundle), distrust: vec![other.statement.clone()] };
        kiosk.take(&incoming, other.source()).changed()
    }),
    ("another authority's next root", |world, dice| {
        let other = foreign(dice);
        takes_root(world, other.sign_root(&other.root(world.root_version() + 1)))
    }),
    ("mix and match: the revocation file of another list", |world, dice| {
        // The bytes of one under the name of the other, and as long.
        let mut other = if dice.below(2) == 0 {
            world.revocation_files(dice.below(200), [7; 32]).remove(0)
        } else {
            without_the_one()
        };
        let listed = world.revoked[0].listed.clone();
        other.bytes.resize(listed.bytes as usize, 0);
        other.listed = listed;
        let incoming = Incoming { bundle: Some(world.signed_bundle(&world.next(|_| {}))), ..Incoming::default() };
        let mut kiosk = world.kiosk.clone();
        kiosk.take(&incoming, among(vec![other])).newer
    }),
    ("mix and match: no revocation file at all", |world, _| {
        let incoming = Incoming { bundle: Some(world.signed_bundle(&world.next(|_| {}))), ..Incoming::default() };
        world.kiosk.clone().take(&incoming, |_| None).newer
    }),
    ("a revocation file made with another key", |world, dice| {
        let key = [8 + dice.below(100) as u8; 32];
        let files = world.revocation_files(400, key);
        // The bundle of a root that lets everything begin anew, so that nothing else is in the way.
        let mut root = world.root(world.root_version() + 1);
        root.revocation_reset = world.version() + 1;
        let bundle = world.next(|bundle| bundle.revocation = Some(listing(&files, [7; 32])));
        let incoming = Incoming {
            roots: vec![world.sign_root(&root)],
            bundle: Some(world.signed_bundle(&bundle)),
            distrust: Vec::new(),
        };
        world.kiosk.clone().take(&incoming, among(files)).newer
    }),
    ("a revocation file that rots while it is in use", |world, dice| {
        let sound = &world.revoked[0].bytes;
        let disk = Arc::new(Rotting(Mutex::new(world.revoked[0].bytes.clone())));
        let source = |_: &_| -> Option<Arc<dyn ReadAt>> { Some(Arc::new(disk.clone())) };
        let mut kiosk = Believed::anchored(world.roots[..1].to_vec()).unwrap();
        let bundle = Some(world.signed_bundle(&world.bundle));
        kiosk.take(&Incoming { roots: world.roots.clone(), bundle, distrust: Vec::new() }, source);
        let revoked = world.credential(SOUND, |claims| claims["jti"] = json!(REVOKED_IN_FILE));
        (0..8).any(|_| {
            let place = sound.len() / 20 + dice.below(sound.len() as u64 * 19 / 20) as usize;
            disk.0.lock().unwrap()[place] ^= 1 + dice.below(255) as u8;
            let green = green(kiosk.list().unwrap(), &revoked, now());
            disk.0.lock().unwrap().clone_from(sound);
            green
        })
    }),
    ("distrust undone: a later bundle lists the key again", |world, dice| {
        let mut kiosk = world.kiosk.clone();
        let later = world.next(|bundle| bundle.version += dice.below(100));
        let incoming = Incoming { bundle: Some(world.signed_bundle(&later)), ..Incoming::default() };
        kiosk.take(&incoming, world.source());
        green(kiosk.list().unwrap(), &world.credential(STOLEN, |_| {}), now())
    }),
    ("distrust undone: a restart with the statement deleted", |world, _| {
        let mut kiosk = Believed::anchored(world.roots[..1].to_vec()).unwrap().remembering(
            std::slice::from_ref(&world.roots),
            &[],
            Versions::default(),
            &[hexadecimal(&world.kiosk_statement())],
        );
        let _ = kiosk.consider(&world.roots, &world.signed_bundle(&world.bundle), world.source());
        kiosk.list().is_ok()
    }),
    ("distrust undone: a root that too few signed withdraws it", |world, _| {
        let mut root = world.root(world.root_version() + 1);
        root.distrust_reset = vec![hexadecimal(&world.kiosk_statement())];
        let signers = world.root_signers(root.version);
        let before = world.root_signers(world.root_version());
        let signers: Vec<_> = signers.into_iter().chain(before.into_iter().skip(1)).collect();
        takes_root(world, (root.version, bytes(&world.signed(ROOT_TYPE, &root, &signers))))
    }),
    ("distrust by who was on duty under an earlier root", |world, dice| {
        let earlier = 1 + dice.below(world.root_version() - 1);
        takes_statement(world, world.distrust_file(&everything(world), &[("duty", earlier)]))
    }),
    ("revocation undone: a later bundle without it", |world, dice| {
        let bundle = match dice.below(4) {
            0 => world.next(|bundle| bundle.revoked.clear()),
            1 => world.next(|bundle| bundle.revocation = None),
            2 => return takes_with(world, &world.next(|_| {}), &[without_the_one()]),
            _ => {
                let files = world.revocation_files(300, [9; 32]);
                return takes_with(world, &world.next(|_| {}), &files);
            }
        };
        comes_in(world, &bundle)
    }),
    ("a credential of a key that may not sign such", |world, _| {
        let list = world.kiosk.list().unwrap();
        let test = world.credential(NARROW, |claims| {
            claims.as_object_mut().unwrap().remove("vac");
            claims["tst"] =
                json!([{"tg": "840539006", "tt": "LP6464-4", "tr": "260415000", "sc": 1_772_200_000, "co": "VN"}]);
        });
        let list = list.clone().at(hanoi());
        believes(&list, &test)
    }),
    ("a credential of a key for another issuer, or before its time", |world, dice| {
        let list = world.kiosk.list().unwrap();
        let text = match dice.below(2) {
            0 => world.credential(SOUND, |claims| claims["iss"] = json!("VN-OTHER")),
            _ => world.credential(SOUND, |claims| claims["iat"] = json!(at("2025-12-31T23:59:59Z").timestamp())),
        };
        green(list, &text, now())
    }),
    ("a credential that counts elsewhere, or for too long", |world, dice| {
        let list = world.kiosk.list().unwrap();
        let text = match dice.below(2) {
            0 => world.credential(NARROW, |_| {}),
            _ => world.credential(SOUND, |claims| claims["exp"] = json!(at("2027-03-09T00:00:00Z").timestamp())),
        };
        green(list, &text, now())
    }),
    ("a credential in a scheme that its key does not have", |world, _| {
        // The key is listed for everything but the native scheme.
        let bundle = world.next(|bundle| bundle.keys[0].schemes.clear());
        let mut kiosk = world.kiosk.clone();
        let incoming = Incoming { bundle: Some(world.signed_bundle(&bundle)), ..Incoming::default() };
        assert!(kiosk.take(&incoming, world.source()).newer);
        green(kiosk.list().unwrap(), &world.credential(SOUND, |_| {}), now())
    }),
    ("a credential that was taken back", |world, dice| {
        let id = if dice.below(2) == 0 { REVOKED_HERE } else { REVOKED_IN_FILE };
        let text = world.credential(SOUND, |claims| claims["jti"] = json!(id));
        green(world.kiosk.list().unwrap(), &text, now())
    }),
];

/// Whether the bundle, signed as it should be, is put in force.
fn comes_in(world: &World, bundle: &Bundle) -> bool {
    takes(world, world.signed_bundle(bundle))
}

fn takes(world: &World, bundle: Vec<u8>) -> bool {
    let incoming = Incoming { bundle: Some(bundle), ..Incoming::default() };
    world.kiosk.clone().take(&incoming, world.source()).changed()
}

/// The bundle with these revocation files in place of its own.
fn takes_with(world: &World, bundle: &Bundle, files: &[revoked::Made]) -> bool {
    let key = files[0].bytes[24..56].try_into().unwrap();
    let bundle = Bundle { revocation: Some(listing(files, key)), ..bundle.clone() };
    let incoming = Incoming { bundle: Some(world.signed_bundle(&bundle)), ..Incoming::default() };
    world.kiosk.clone().take(&incoming, among(files.to_vec())).changed()
}

fn takes_root(world: &World, root: RootFile) -> bool {
    world.kiosk.clone().take(&Incoming { roots: vec![root], ..Incoming::default() }, |_| None).changed()
}

fn takes_statement(world: &World, file: Vec<u8>) -> bool {
    world.kiosk.clone().take(&Incoming { distrust: vec![file], ..Incoming::default() }, |_| None).changed()
}

/// The kiosk after a restart, before it has looked at lists.
fn restarted(world: &World, names: &[String]) -> Believed {
    let seen = Versions { root: world.root_version(), bundle: world.version() };
    Believed::anchored(world.roots[..1].to_vec()).unwrap().remembering(
        std::slice::from_ref(&world.roots),
        std::slice::from_ref(&world.statement),
        seen,
        names,
    )
}

/// A credential that is valid for as long as its key may make it, and longer than any list.
fn lasting(world: &World) -> String {
    world.credential(SOUND, |claims| claims["exp"] = json!(at("2027-03-01T00:00:00Z").timestamp()))
}

fn everything(world: &World) -> Vec<Removal> {
    let key = Removal { what: Removed::Key(world.key_digest(SOUND)), signed: Signed::All };
    vec![key, Removal { what: Removed::Issuer(ISSUER.into()), signed: Signed::All }]
}

/// As many entries as the worlds' files, and as long, but for the one that counts.
fn without_the_one() -> revoked::Made {
    let entry = |number: u64| revoked::Entry {
        kind: revoked::Kind::Credential,
        digest: crate::trust::revocation_digest(ISSUER, &format!("O-{number}")),
        before: None,
    };
    revoked::encode(&[7; 32], (0..301).map(entry)).remove(0)
}

fn padded(mut file: Vec<u8>, most: u64) -> Vec<u8> {
    file.resize(most as usize + 1, b' ');
    file
}

fn hanoi() -> crate::passage::Location {
    crate::passage::Location { code: "HN-1".into(), name: "Chốt 1".into(), province: "Hà Nội".into() }
}

fn believes(list: &crate::trust::TrustList, text: &str) -> bool {
    crate::envelope::Envelope::decode(text).and_then(|envelope| list.verify(envelope, now())).is_ok()
}

/// An authority that has nothing to do with the kiosk's.
fn foreign(dice: &mut Dice) -> Rc<World> {
    thread_local! {
        static FOREIGN: Vec<Rc<World>> = (1_000_000..1_000_004).map(|seed| Rc::new(World::new(seed))).collect();
    }
    FOREIGN.with(|worlds| worlds[dice.below(worlds.len() as u64) as usize].clone())
}

/// A disk whose bytes change after it was opened.
struct Rotting(Mutex<Vec<u8>>);

impl ReadAt for Arc<Rotting> {
    fn size(&self) -> Result<u64, Unreadable> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn read_at(&self, place: u64, into: &mut [u8]) -> Result<(), Unreadable> {
        self.0.lock().unwrap().read_at(place, into)
    }
}
