//! Sounds, lights and a barrier: what a guard notices without looking at the screen.

pub mod lamps;
pub mod synth;

use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use checkpoint::screen::Sound;

pub use lamps::{Lamps, LampsSetting};

/// Something that tells the guard of an outcome: a sound, a lamp, a relay.
pub trait Signal {
    /// Begins to signal and returns at once. What cannot be signalled is lost: an old sound would only confuse.
    fn signal(&mut self, sound: Sound);

    /// The guard lets somebody pass, against a verdict or without one: a barrier opens, and nothing else says green.
    fn let_pass(&mut self) {}
}

/// Nothing is heard.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Signal for Silent {
    fn signal(&mut self, _sound: Sound) {}
}

/// Two signals at once: a sound and a lamp.
pub struct Both(pub Box<dyn Signal + Send>, pub Box<dyn Signal + Send>);

impl Signal for Both {
    fn signal(&mut self, sound: Sound) {
        self.0.signal(sound);
        self.1.signal(sound);
    }

    fn let_pass(&mut self) {
        self.0.let_pass();
        self.1.let_pass();
    }
}

/// Programs that play a WAV file, best first: the kiosk links no sound library.
const PLAYERS: [&[&str]; 3] = [&["pw-play"], &["paplay"], &["aplay", "-q"]];

/// A player that runs longer hangs: our sounds are shorter than a second.
const PLAYING_MAX: Duration = Duration::from_secs(3);

/// Plays sounds with a program of the system, in a thread of its own.
#[derive(Debug)]
pub struct Speaker {
    sounds: SyncSender<Sound>,
}

impl Speaker {
    /// The speaker of this machine, or `None` where no player is installed (Debian: alsa-utils or pipewire-bin).
    pub fn find() -> Option<Self> {
        let folders: Vec<_> = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect())?;
        PLAYERS.into_iter().find_map(|words| {
            let (name, arguments) = words.split_first()?;
            let program = folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file())?;
            Self::new(&program, arguments).ok()
        })
    }

    /// Plays with `program ARGUMENTS... FILE`.
    ///
    /// # Errors
    /// The system gives no memory for the sounds.
    pub fn new(program: &Path, arguments: &[&str]) -> std::io::Result<Self> {
        let (sounds, requests) = sync_channel(1);
        let turntable = Turntable {
            program: program.to_owned(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            records: records()?,
        };
        std::thread::Builder::new().name("speaker".to_owned()).spawn(move || turntable.run(&requests))?;
        Ok(Self { sounds })
    }
}

impl Signal for Speaker {
    fn signal(&mut self, sound: Sound) {
        // One waits at most, for the 20 ms until the one that plays is cut off.
        let _ = self.sounds.try_send(sound);
    }
}

/// Every sound, in memory.
fn records() -> std::io::Result<Vec<(Sound, File)>> {
    synth::ALL
        .into_iter()
        .map(|sound| {
            let memory = rustix::fs::memfd_create("kiosk-sound", rustix::fs::MemfdFlags::CLOEXEC)?;
            let mut file = File::from(memory);
            file.write_all(&synth::wav(sound))?;
            Ok((sound, file))
        })
        .collect()
}

struct Turntable {
    program: PathBuf,
    arguments: Vec<String>,
    records: Vec<(Sound, File)>,
}

impl Turntable {
    fn run(self, requests: &Receiver<Sound>) {
        let mut next = requests.recv().ok();
        while let Some(sound) = next {
            let Some((_, record)) = self.records.iter().find(|(of, _)| *of == sound) else { break };
            next = match self.play(record) {
                Ok(mut child) => finish(&mut child, requests),
                Err(error) => {
                    tracing::warn!(%error, program = %self.program.display(), "no sound was played");
                    None
                }
            };
            next = next.or_else(|| requests.recv().ok());
        }
    }

    /// The file is the child's input under a path that every player can open.
    fn play(&self, record: &File) -> std::io::Result<Child> {
        let mut input = record.try_clone()?;
        input.rewind()?;
        Command::new(&self.program)
            .args(&self.arguments)
            .arg("/dev/stdin")
            .stdin(input)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }
}

/// Waits for the end of a sound, and ends it early for the next one, or when its player hangs. Returns the next.
fn finish(child: &mut Child, requests: &Receiver<Sound>) -> Option<Sound> {
    let begun = Instant::now();
    let mut next = None;
    while next.is_none() && begun.elapsed() < PLAYING_MAX {
        if !matches!(child.try_wait(), Ok(None)) {
            return None;
        }
        next = match requests.recv_timeout(Duration::from_millis(20)) {
            Ok(sound) => Some(sound),
            Err(RecvTimeoutError::Timeout) => None,
            // The kiosk ends; its last sound may still be heard.
            Err(RecvTimeoutError::Disconnected) => return None,
        };
    }
    let _ = child.kill();
    let _ = child.wait();
    next
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A player that appends its last argument's content to a file.
    fn player(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("player");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn wait_for(mut done: impl FnMut() -> bool) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if done() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    #[test]
    fn a_player_is_given_the_whole_sound_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let heard = folder.path().join("heard");
        let program = player(folder.path(), &format!("test \"$1\" = -q && cat \"$2\" >> {}", heard.display()));
        let mut speaker = Speaker::new(&program, &["-q"]).unwrap();
        let expected = synth::wav(Sound::Refuse);
        for times in 1..=2 {
            speaker.signal(Sound::Refuse);
            let whole = wait_for(|| std::fs::read(&heard).is_ok_and(|bytes| bytes.len() == times * expected.len()));
            assert!(whole, "{times}: {:?}", std::fs::read(&heard).map(|bytes| bytes.len()));
        }
        assert!(std::fs::read(&heard).unwrap().ends_with(&expected));
    }

    #[test]
    fn a_newer_sound_cuts_the_older_one_off() {
        let folder = tempfile::tempdir().unwrap();
        let heard = folder.path().join("heard");
        let script = format!("echo begun >> {0}; exec sleep 60", heard.display());
        let mut speaker = Speaker::new(&player(folder.path(), &script), &[]).unwrap();
        let begun = Instant::now();
        for times in 1..=3 {
            speaker.signal(Sound::Read);
            let lines = || std::fs::read_to_string(&heard).unwrap_or_default().lines().count();
            assert!(wait_for(|| lines() == times));
        }
        assert!(begun.elapsed() < PLAYING_MAX, "{:?}", begun.elapsed());
    }

    #[test]
    fn a_player_that_hangs_never_holds_up_the_lane() {
        let folder = tempfile::tempdir().unwrap();
        let mut speaker = Speaker::new(&player(folder.path(), "sleep 60"), &[]).unwrap();
        let begun = Instant::now();
        for _ in 0..1000 {
            speaker.signal(Sound::Admit);
        }
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_player_that_is_not_there_is_no_fault() {
        let mut speaker = Speaker::new(Path::new("/no/such/player"), &[]).unwrap();
        speaker.signal(Sound::Read);
        speaker.signal(Sound::Read);
    }
}
