//! The system, or whoever started the kiosk, asks it to stop: SIGTERM (`systemctl stop`, power-off), SIGINT, SIGHUP. It ends as it does
//! when its window is closed: what was recorded is signed, and the journal is closed.

use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::{Mailbox, Message, spawn};

/// Stops the lane at the first such signal, from now on. The lane first, and the window with it: the display may have been stopped
/// at the same moment, and a window that waits for it would never close.
///
/// Those that follow change nothing: cage passes the one on that it got, and then its terminal hangs up.
///
/// # Errors
/// The system lets nobody listen.
pub(super) fn listen(mailbox: Mailbox) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    spawn("signals", move || {
        for signal in &mut signals {
            tracing::info!(signal, "asked to stop");
            mailbox.send(Message::Stop);
        }
    })
    .map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_of_them_stops_the_lane_and_the_next_one_does_not_end_the_program() {
        let (sender, messages) = sync_channel(8);
        listen(Mailbox::new(sender)).unwrap();
        for signal in [SIGTERM, SIGHUP, SIGINT, SIGTERM] {
            signal_hook::low_level::raise(signal).unwrap();
            let message = messages.recv_timeout(Duration::from_secs(20)).unwrap();
            assert!(matches!(message, Message::Stop));
        }
    }
}
