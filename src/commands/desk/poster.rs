//! The location code's poster: onto the stick, into the kiosk, or onto paper by the system's printer (CUPS).

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Desk;
use crate::commands::location_qr::{self, LocationQrArgs};
use crate::ui::desk::Poster;

/// A print service that does not answer by then does not answer.
const ANSWER_MAX: Duration = Duration::from_secs(8);

/// How often it is looked whether it has answered.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The system's printer: what `lpstat -d` calls the default destination. `None` without CUPS or without a printer.
pub(super) fn printer() -> Option<String> {
    printer_of(OsStr::new("lpstat"))
}

fn printer_of(program: &OsStr) -> Option<String> {
    // Its words are translated; in the C locale they are "system default destination: NAME".
    let said = run(Command::new(program).arg("-d").env("LC_ALL", "C")).ok()?;
    let name = said.rsplit_once("destination: ")?.1.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Prints a file, and says why not.
fn print(program: &OsStr, printer: &str, file: &Path) -> Result<(), String> {
    run(Command::new(program).args(["-d", printer, "--"]).arg(file).env("LC_ALL", "C")).map(drop)
}

/// What a program says, where it succeeds in time.
fn run(command: &mut Command) -> Result<String, String> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|fault| fault.to_string())?;
    let begun = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() < ANSWER_MAX => std::thread::sleep(LOOK_EVERY),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("the print service does not answer".to_owned());
            }
        }
    };
    let mut said = String::new();
    // Both say less than a pipe holds: a line.
    match status.success() {
        true => child.stdout.take().map(|mut out| out.read_to_string(&mut said)),
        false => child.stderr.take().map(|mut errors| errors.read_to_string(&mut said)),
    };
    if status.success() { Ok(said) } else { Err(said.trim().to_owned()) }
}

impl Desk {
    /// The poster's files on the stick where there is one, else in the kiosk's own folder.
    pub(super) fn save_poster(&self) -> Poster {
        let stick = self.config.sync_dir.clone().filter(|dir| dir.is_dir());
        let (out, on_stick) = match stick {
            Some(stick) => (stick.join("poster"), true),
            None => (self.storage.join("poster"), false),
        };
        match self.make_poster(out.clone()) {
            Ok(_) if on_stick => Poster::OnStick(out.display().to_string()),
            Ok(_) => Poster::Here(out.display().to_string()),
            Err(fault) => Poster::Failed(fault),
        }
    }

    /// The poster on paper.
    pub(super) fn print_poster(&self) -> Poster {
        let Some(printer) = self.shown.printer.clone() else { return self.save_poster() };
        let printed = self.make_poster(self.storage.join("poster")).and_then(|files| {
            let pdf = files.iter().find(|file| file.extension().is_some_and(|ending| ending == "pdf"));
            print(OsStr::new("lp"), &printer, pdf.ok_or("there is no page to print")?)
        });
        match printed {
            Ok(()) => Poster::Printed(printer),
            Err(fault) => Poster::Failed(fault),
        }
    }

    fn make_poster(&self, out: PathBuf) -> Result<Vec<PathBuf>, String> {
        let location = self.under(&self.kept)?.settings.location;
        location_qr::run(&location, &LocationQrArgs { out }).map_err(|fault| fault.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A program of a print service that says and does this.
    fn pretend(folder: &Path, name: &str, script: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn the_default_printer_is_found_and_none_is_none() {
        let folder = tempfile::tempdir().unwrap();
        for (script, expected) in [
            ("echo 'system default destination: Van-Phong'", Some("Van-Phong")),
            ("echo 'no system default destination'", None),
            ("echo 'lpstat: Scheduler is not running' >&2; exit 1", None),
        ] {
            let program = pretend(folder.path(), "lpstat", script);
            assert_eq!(printer_of(program.as_os_str()).as_deref(), expected, "{script}");
        }
        assert_eq!(printer_of(OsStr::new("/nowhere/lpstat")), None);
    }

    #[test]
    fn a_page_goes_to_the_printer_by_name_and_a_refusal_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let lp = pretend(folder.path(), "lp", &format!("echo \"$@\" > {}", log.display()));
        print(lp.as_os_str(), "Van-Phong", Path::new("/tmp/A.pdf")).unwrap();
        assert_eq!(std::fs::read_to_string(log).unwrap(), "-d Van-Phong -- /tmp/A.pdf\n");
        let lp = pretend(folder.path(), "lp-not", "echo 'lp: The printer does not exist.' >&2; exit 1");
        assert_eq!(
            print(lp.as_os_str(), "X", Path::new("/tmp/A.pdf")),
            Err("lp: The printer does not exist.".to_owned())
        );
    }
}
