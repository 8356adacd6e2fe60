//! `kiosk pin`: sets the PIN that guards mode and rule sets.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use zeroize::Zeroizing;

use super::place::{self, PlaceArgs};
use crate::pin::{PinFault, PinStore};

/// Asks for the PIN twice on a terminal, or reads it from the input's first line.
///
/// # Errors
/// Broken settings, a state folder that cannot be written, no PIN.
pub fn pin(place: &PlaceArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let config = place.load()?;
    place::make_state_dir(&config.storage_dir)?;
    let ask = |prompt: &str| rpassword::prompt_password(prompt).map(Zeroizing::new);
    let pin = if std::io::stdin().is_terminal() {
        let pin = ask("PIN (4 to 12 digits): ")?;
        if ask("Once more: ")? != pin {
            return Err("the two are not the same; nothing was changed".into());
        }
        pin
    } else {
        let mut line = Zeroizing::new(String::new());
        std::io::stdin().lock().read_line(&mut line)?;
        Zeroizing::new(line.trim_end().to_owned())
    };
    PinStore::at(&config.storage_dir).set(&pin).map_err(|fault: PinFault| fault.to_string())?;
    println!("The PIN is set. It guards the mode and the rule sets at the screen.");
    Ok(ExitCode::SUCCESS)
}
