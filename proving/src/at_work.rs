//! A kiosk at work before a recording, as a process of its own: what it prints and logs is gathered.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::screen::Display;

/// A running kiosk. It ends with its value.
pub struct AtWork {
    child: Child,
    out: Text,
    err: Text,
}

/// What a process writes, as it comes.
#[derive(Clone, Default)]
struct Text(Arc<Mutex<String>>);

impl AtWork {
    /// Starts it on a display. Everything that it writes goes below `home`; it logs what the filter says.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(mut kiosk: Command, display: &Display, home: &Path, log: &str) -> io::Result<Self> {
        let mut child = kiosk
            .env("DISPLAY", display.name())
            .env_remove("WAYLAND_DISPLAY")
            .envs(["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"].map(|name| (name, home)))
            .env("KIOSK_LOG", log)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (out, err) = (Text::collect(child.stdout.take()), Text::collect(child.stderr.take()));
        Ok(Self { child, out, err })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    ///
    /// # Errors
    /// What the system says.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Passages that it printed: those that are durable.
    pub fn passages(&self) -> u64 {
        self.out.get().lines().count() as u64
    }

    /// What it printed.
    pub fn printed(&self) -> String {
        self.out.get()
    }

    /// What it logged.
    pub fn logged(&self) -> String {
        self.err.get()
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Text {
    fn collect(from: Option<impl Read + Send + 'static>) -> Self {
        let text = Self::default();
        let (lines, kept) = (from.map(BufReader::new), text.clone());
        std::thread::spawn(move || {
            for line in lines.into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
                let mut text = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&line);
                text.push('\n');
            }
        });
        text
    }

    fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
