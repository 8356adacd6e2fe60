//! Synchronisation as the kiosk does it: the courier takes passages out, the trust store takes a newer list in.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::place::{self, PlaceArgs, journal_dir};
use super::session::{Mailbox, Message};
use super::sync::{self, SyncArgs};
use crate::config::Config;
use crate::courier::{Bare, TRUST_DIR};
use crate::journal::JournalFault;
use crate::trust_store::{Installed, TrustStore, TrustStoreFault};

/// `kiosk sync DIR`.
///
/// # Errors
/// What kept passages from going out, or the list from coming in. What was done before stays done.
pub fn by_hand(args: &SyncArgs, place: &PlaceArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let config = place.load()?;
    let journal = args.journal.clone().unwrap_or_else(|| journal_dir(&config.storage_dir));
    let store = place::trust_store(&config);
    match sync::sync_from(args.from, &journal, &config.storage_dir, &args.dir, Bare::Begin) {
        Ok(sent) => println!("passages: {}", sync::describe(&sent)),
        // A kiosk that has not run yet has nothing to send, and may still be brought a list.
        Err(sync::SyncFault::Journal(JournalFault::Missing { .. })) if args.journal.is_none() => {
            println!("passages: none kept yet")
        }
        Err(fault) => return Err(fault.into()),
    }
    let Some(Installed { list, newer, distrusted, places, refused }) = bring(&store, &args.dir)? else {
        println!("trust list: none in {}", args.dir.join(TRUST_DIR).display());
        return Ok(ExitCode::SUCCESS);
    };
    if distrusted > 0 {
        println!("trust list: {distrusted} new distrust statements hold now");
    }
    if let Some(places) = places {
        println!("places: a newer list of {places} is in force now");
    }
    match (list.filter(|_| newer), refused) {
        (Some(list), None) => println!("trust list: version {} is in force now", list.version()),
        (_, Some(fault)) => return Err(fault.into()),
        (None, None) => println!("trust list: the same as in force"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Synchronises with the settings' folder, again and again, in threads of their own: passages out now and then, and trust files in as soon
/// as they are there. Does nothing where no folder is set.
pub fn in_the_background(config: &Config, store: TrustStore, mailbox: Mailbox) {
    let Some(dir) = config.sync_dir.clone() else { return };
    let (storage, every) = (config.storage_dir.clone(), config.sync_every);
    let of_courier = dir.clone();
    let courier = thread::Builder::new().name("courier".into()).spawn(move || {
        let (_never_stopped, stop) = mpsc::channel();
        sync::keep_in_sync(&journal_dir(&storage), &storage, &of_courier, every, &stop, |result| match result {
            Ok(sent) => tracing::info!("passages: {}", sync::describe(&sent)),
            Err(fault) => tracing::info!(%fault, "not synchronised; it is tried again by itself"),
        });
    });
    // By itself: what is distrusted does not wait for passages, and a share that hangs does not hold them up.
    let watch = thread::Builder::new().name("trust".into()).spawn(move || {
        watch(&store, &dir, every, |message| mailbox.send(message));
    });
    for fault in [courier.err(), watch.err()].into_iter().flatten() {
        tracing::error!(%fault, "a thread of the courier cannot start: synchronise by hand");
    }
}

/// How often the folder is looked at for trust files: with the time that it takes to verify them, what a stick says holds within a
/// second.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Takes in trust files whenever they appear or change, and every `again` in any case, until `tell` says that nobody listens.
fn watch(store: &TrustStore, dir: &Path, again: Duration, mut tell: impl FnMut(Message) -> bool) {
    let mut last: Option<(Vec<Seen>, Instant)> = None;
    loop {
        match seen_in(&dir.join(TRUST_DIR)) {
            // Gone: the next stick is looked at, whatever it looks like.
            None => last = None,
            Some(now) if last.as_ref().is_none_or(|(then, at)| *then != now || at.elapsed() >= again) => {
                last = Some((now, Instant::now()));
                if !report(bring(store, dir), &mut tell) {
                    return;
                }
            }
            Some(_) => {}
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Tells the lane what changed. `false` once nobody listens.
fn report(brought: Result<Option<Installed>, TrustStoreFault>, tell: &mut impl FnMut(Message) -> bool) -> bool {
    let (list, refused) = match brought {
        Ok(None) => (None, None),
        Ok(Some(Installed { list, newer, distrusted, places, refused })) => {
            if let Some(places) = places {
                tracing::info!(places, "a newer list of places is in force");
            }
            if distrusted > 0 {
                tracing::warn!("{distrusted} new distrust statements hold");
            }
            if newer {
                tracing::info!("a newer trust list is in force");
            }
            (list, refused)
        }
        Err(fault) => (None, Some(fault)),
    };
    if let Some(list) = list
        && !tell(Message::Trust(list))
    {
        return false;
    }
    match refused {
        None => true,
        Some(fault) => {
            tracing::warn!(%fault, "of what was brought something is refused; the old list stays in force");
            tell(Message::TrustRejected)
        }
    }
}

/// A file as far as a look from outside tells: its name, which file of which disk it is, its size, and when it was written.
type Seen = (std::ffi::OsString, u64, u64, u64, Option<SystemTime>);

/// The files of a folder. `None` where there is no folder.
fn seen_in(folder: &Path) -> Option<Vec<Seen>> {
    let mut files: Vec<Seen> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(|file| {
            let about = std::fs::metadata(file.path()).ok()?;
            Some((file.file_name(), about.dev(), about.ino(), about.len(), about.modified().ok()))
        })
        .collect();
    files.sort();
    Some(files)
}

/// Takes in the trust files that lie in a folder, where there are any.
fn bring(store: &TrustStore, dir: &Path) -> Result<Option<Installed>, TrustStoreFault> {
    let incoming = dir.join(TRUST_DIR);
    if !incoming.is_dir() {
        return Ok(None);
    }
    store.install(&incoming).map(Some)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::{Receiver, channel};

    use checkpoint::trust::TrustList;
    use checkpoint::verdict::Reason;

    use super::*;
    use crate::trust_store::tests::removals::{says, statement};
    use crate::trust_store::tests::{bundle, root, write_list};

    /// What the issue allows from the folder's appearing to the next code.
    const WITHIN: Duration = Duration::from_secs(1);

    fn next_list(messages: &Receiver<Message>, since: Instant) -> Box<TrustList> {
        let left = WITHIN.saturating_sub(since.elapsed());
        match messages.recv_timeout(left) {
            Ok(Message::Trust(list)) => list,
            Ok(_) => panic!("something else came than a list"),
            Err(_) => panic!("nothing came within {WITHIN:?}"),
        }
    }

    #[test]
    fn what_a_stick_distrusts_holds_within_a_second() {
        let dir = tempfile::tempdir().unwrap();
        let (stick, away) = (dir.path().join("stick"), dir.path().join("away"));
        write_list(&dir.path().join("shipped"), &[root(1, 1)], &bundle(1, 1, &[6, 7]));
        write_list(&away.join(TRUST_DIR), &[root(1, 1)], &bundle(1, 2, &[6, 7]));
        let store = TrustStore::new(dir.path().join("shipped"), dir.path().join("kept"));
        let (sender, messages) = channel();
        let watched = stick.clone();
        let watcher = thread::spawn(move || {
            watch(&store, &watched, Duration::from_secs(3600), |message| sender.send(message).is_ok());
        });
        // A stick with a newer list: it is plugged in whole.
        let plugged_in = Instant::now();
        fs::rename(&away, &stick).unwrap();
        let list = next_list(&messages, plugged_in);
        assert_eq!((list.version(), says(&list, "J")), (2, Ok(())));
        // It goes, and another comes that holds nothing but a statement.
        fs::rename(&stick, &away).unwrap();
        thread::sleep(LOOK_EVERY * 2);
        fs::remove_dir_all(&away).unwrap();
        fs::create_dir_all(away.join(TRUST_DIR)).unwrap();
        fs::write(away.join(TRUST_DIR).join("distrust.json"), statement("stolen", 1)).unwrap();
        let plugged_in = Instant::now();
        fs::rename(&away, &stick).unwrap();
        let list = next_list(&messages, plugged_in);
        assert_eq!(says(&list, "J"), Err(Reason::Revoked));
        eprintln!("distrusted {} ms after the folder appeared", plugged_in.elapsed().as_millis());
        // A bad list is put beside it: it is said, and the statement holds.
        fs::write(stick.join(TRUST_DIR).join("bundle.json"), bundle(1, 1, &[6, 7])).unwrap();
        assert!(matches!(messages.recv_timeout(WITHIN), Ok(Message::TrustRejected)));
        drop(messages);
        fs::write(stick.join(TRUST_DIR).join("bundle.json"), bundle(1, 0, &[6, 7])).unwrap();
        watcher.join().unwrap();
    }
}
