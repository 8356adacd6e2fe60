//! Lamps and a relay: files of the system that take "1" and "0", one for each answer.
//!
//! The kernel gives such files for LEDs (`/sys/class/leds/NAME/brightness`) and for exported GPIO lines
//! (`/sys/class/gpio/gpioN/value`), so no library of a board is needed.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use checkpoint::screen::Sound;

use super::Signal;

/// Which file stands for what, as `[signals]` of the settings says; `None` where there is no such lamp.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LampsSetting {
    /// Lit with green.
    pub admit: Option<PathBuf>,
    /// Lit with red.
    pub refuse: Option<PathBuf>,
    /// Lit with amber.
    pub refer: Option<PathBuf>,
    /// Closed for a moment with green, and when the guard lets somebody pass: a barrier, a turnstile.
    pub relay: Option<PathBuf>,
    /// How long a lamp is lit.
    pub lit_for: Duration,
    /// How long the relay is closed.
    pub closed_for: Duration,
}

/// Lamps and relay, switched in a thread of their own: a pin that hangs holds up nobody.
#[derive(Debug)]
pub struct Lamps {
    requests: SyncSender<Request>,
}

/// What the lamps' thread is asked for.
#[derive(Clone, Copy, Debug)]
enum Request {
    Answer(Sound),
    LetPass,
}

impl Lamps {
    /// Puts all of them out and starts to listen. `None` where no file is named, or the system gives no thread.
    pub fn start(setting: &LampsSetting) -> Option<Self> {
        let files = [&setting.admit, &setting.refuse, &setting.refer, &setting.relay];
        if files.iter().all(|file| file.is_none()) {
            return None;
        }
        let (requests, asked) = sync_channel(REQUESTS_MAX);
        let bank = Bank { setting: setting.clone(), lit: Vec::new() };
        std::thread::Builder::new().name("lamps".to_owned()).spawn(move || bank.run(&asked)).ok()?;
        Some(Self { requests })
    }
}

impl Signal for Lamps {
    fn signal(&mut self, sound: Sound) {
        let _ = self.requests.try_send(Request::Answer(sound));
    }

    fn let_pass(&mut self) {
        let _ = self.requests.try_send(Request::LetPass);
    }
}

/// Most requests that wait: one passage asks for two at most.
const REQUESTS_MAX: usize = 4;

struct Bank {
    setting: LampsSetting,
    /// What is on, and until when.
    lit: Vec<(PathBuf, Instant)>,
}

impl Bank {
    fn run(mut self, asked: &Receiver<Request>) {
        let setting = self.setting.clone();
        for file in [&setting.admit, &setting.refuse, &setting.refer, &setting.relay].into_iter().flatten() {
            put(file, false);
        }
        loop {
            let due = self.lit.iter().map(|(_, until)| *until).min();
            let wait = due.map_or(Duration::from_secs(3600), |due| due.saturating_duration_since(Instant::now()));
            match asked.recv_timeout(wait) {
                Ok(Request::Answer(sound)) => self.show(sound),
                Ok(Request::LetPass) => self.open_barrier(),
                Err(RecvTimeoutError::Timeout) => self.put_out(Instant::now()),
                Err(RecvTimeoutError::Disconnected) => {
                    // The kiosk ends: nothing stays lit, and no barrier open.
                    return self.put_out(Instant::now() + Duration::from_secs(3600));
                }
            }
        }
    }

    fn show(&mut self, sound: Sound) {
        let setting = self.setting.clone();
        let lamp = match sound {
            Sound::Admit => &setting.admit,
            Sound::Refuse => &setting.refuse,
            Sound::Refer => &setting.refer,
            Sound::Read => return,
        };
        // One answer at a time: the last one's lamp would contradict.
        self.put_out(Instant::now() + Duration::from_secs(3600));
        self.light(lamp.as_ref(), setting.lit_for);
        if sound == Sound::Admit {
            self.light(setting.relay.as_ref(), setting.closed_for);
        }
    }

    /// The last answer's lamp goes out: it would contradict an open barrier.
    fn open_barrier(&mut self) {
        let setting = self.setting.clone();
        self.put_out(Instant::now() + Duration::from_secs(3600));
        self.light(setting.relay.as_ref(), setting.closed_for);
    }

    fn light(&mut self, file: Option<&PathBuf>, time: Duration) {
        if let Some(file) = file {
            put(file, true);
            self.lit.push((file.clone(), Instant::now() + time));
        }
    }

    /// Puts out what is lit until `now` or shorter.
    fn put_out(&mut self, now: Instant) {
        self.lit.retain(|(file, until)| {
            let over = *until <= now;
            if over {
                put(file, false);
            }
            !over
        });
    }
}

fn put(file: &Path, on: bool) {
    if let Err(fault) = std::fs::write(file, if on { "1" } else { "0" }) {
        tracing::warn!(%fault, file = %file.display(), "a lamp or relay cannot be switched");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_for(mut done: impl FnMut() -> bool) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if done() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    #[test]
    fn an_answer_lights_its_lamp_alone_and_green_closes_the_relay_for_a_moment() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let reads = |name: &str, expected: &str| std::fs::read_to_string(file(name)).is_ok_and(|text| text == expected);
        let setting = LampsSetting {
            admit: Some(file("green")),
            refuse: Some(file("red")),
            refer: None,
            relay: Some(file("relay")),
            lit_for: Duration::from_secs(3600),
            closed_for: Duration::from_millis(30),
        };
        let mut lamps = Lamps::start(&setting).unwrap();
        assert!(wait_for(|| reads("green", "0") && reads("red", "0") && reads("relay", "0")));
        lamps.signal(Sound::Admit);
        assert!(wait_for(|| reads("green", "1") && reads("relay", "0")));
        lamps.signal(Sound::Refuse);
        assert!(wait_for(|| reads("green", "0") && reads("red", "1")));
        // The guard lets pass: red goes out, the barrier opens, and nothing is green.
        std::fs::write(file("relay"), "").unwrap();
        lamps.let_pass();
        assert!(wait_for(|| reads("red", "0") && reads("relay", "0") && reads("green", "0")));
        lamps.signal(Sound::Refuse);
        assert!(wait_for(|| reads("red", "1")));
        drop(lamps);
        assert!(wait_for(|| reads("red", "0")));
    }

    #[test]
    fn no_file_is_no_lamp_and_a_file_that_is_gone_is_no_fault() {
        assert!(Lamps::start(&LampsSetting::default()).is_none());
        let nowhere = LampsSetting { refuse: Some("/nowhere/value".into()), ..LampsSetting::default() };
        Lamps::start(&nowhere).unwrap().signal(Sound::Refuse);
    }
}
