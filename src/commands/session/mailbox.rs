//! What arrives at the lane's thread, and how any other thread gives it.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Instant;

use checkpoint::passage::record::Event as RecordEvent;
use checkpoint::roster::{Roster, RosterFault};
use checkpoint::screen::GuardAction;
use checkpoint::trust::TrustList;

use crate::camera::CameraState;
use crate::commands::lane_loop::{Reform, Reformed};
use crate::scan::Scanned;
use crate::ui::Keystroke;

/// What arrives at the lane's thread.
pub enum Message {
    /// Texts of one picture.
    Read(Read),
    /// A code that guards learn with, as if it had been scanned. Nothing comes of it unless guards learn.
    Practise(String),
    /// A key of a hand scanner.
    Key(Keystroke),
    /// The guard pressed something.
    Guard(GuardAction),
    /// The camera's state changed.
    Camera(CameraState),
    /// A newer trust list is in force.
    Trust(Box<TrustList>),
    /// A list was brought and refused; the old one stays in force.
    TrustRejected,
    /// Work in another way, and say whether the journal could keep it.
    Reform(Box<Reform>, Option<SyncSender<Reformed>>),
    /// Keep something of the day that is no passage.
    Note(RecordEvent),
    /// A school's roster was brought, or a file that is none.
    Roster(Result<Arc<Roster>, RosterFault>),
    /// Play a sound, so that the guard knows it.
    TrySound,
    /// The window was closed, or the system asks to stop.
    Stop,
}

/// What was read in one picture, and when.
pub struct Read {
    pub(super) texts: Vec<String>,
    /// Since when a code was seen there.
    pub(super) seen: Instant,
    /// When the program had the picture.
    pub(super) frame: Instant,
    /// When the reader took it.
    pub(super) taken: Instant,
    /// When it was through.
    pub(super) read: Instant,
}

impl From<Scanned> for Read {
    fn from(scanned: Scanned) -> Self {
        let Scanned { texts, frame, took, seen_for } = scanned;
        let read = Instant::now();
        let ago = |time| read.checked_sub(time).unwrap_or(read);
        let texts = texts.into_iter().map(|read| read.text).collect();
        Self { texts, seen: ago(seen_for), frame: frame.made, taken: ago(took), read }
    }
}

/// A way to give the lane messages, from any thread.
#[derive(Clone)]
pub struct Mailbox(SyncSender<Message>);

impl Mailbox {
    /// Puts messages into this channel.
    pub(in crate::commands) fn new(sender: SyncSender<Message>) -> Self {
        Self(sender)
    }

    /// Waits until there is room. `false` once the lane is gone.
    pub fn send(&self, message: Message) -> bool {
        self.0.send(message).is_ok()
    }

    /// Drops the message where there is no room: for what comes again by itself. `false` once the lane is gone.
    pub(super) fn offer(&self, message: Message) -> bool {
        match self.0.try_send(message) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                tracing::warn!("the lane is behind: a message was dropped, and comes again by itself");
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }
}
