//! How long a verdict takes from its frame to the screen, and which stage took it: told in the log as `kiosk::latency`.

use std::time::{Duration, Instant};

/// What a screen came of, and when each stage was through with it.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// When the program had the frame with the code.
    pub frame: Instant,
    /// When the reader took the frame.
    pub taken: Instant,
    /// When the reader had read it.
    pub read: Instant,
    /// When the lane took up what was read.
    pub judged: Instant,
    /// How long the journal took until the passage was durable.
    pub synced: Duration,
    /// When the lane showed the screen.
    pub shown: Instant,
}

impl Cause {
    /// The cause of a screen in the place of one that nobody has seen: the delay counts from the first frame.
    pub fn in_place_of(self, unseen: Option<Self>) -> Self {
        Self { frame: unseen.map_or(self.frame, |unseen| unseen.frame.min(self.frame)), ..self }
    }
}

/// A verdict on its way from the lane to the graphics.
#[derive(Clone, Copy, Debug)]
pub struct Drawing {
    cause: Cause,
    /// When the window took the screen.
    seen: Instant,
    /// When its pass had laid everything out.
    laid: Option<Instant>,
}

impl Drawing {
    /// The window has taken the screen.
    pub fn begin(cause: Cause) -> Self {
        Self { cause, seen: Instant::now(), laid: None }
    }

    /// The pass is laid out.
    pub fn laid(self) -> Self {
        Self { laid: Some(Instant::now()), ..self }
    }

    /// Writes the stages to the log, in milliseconds; `pass` is what the whole pass took, graphics included.
    ///
    /// `drawn` is from the frame to the laid-out pass, and the sum of: `waited` for the reader; `scanned`; `queued` before the lane;
    /// `judged`, the lane without the journal; `synced`, the journal; `woken`, until the window was free; `laid`, its pass.
    pub fn log(self, pass: Duration) {
        let Self { cause, seen, laid } = self;
        let Some(laid) = laid else { return };
        let from = |early: Instant, late: Instant| millis(late.saturating_duration_since(early));
        tracing::debug!(
            target: "kiosk::latency",
            drawn_ms = from(cause.frame, laid),
            synced_ms = millis(cause.synced),
            pass_ms = millis(pass),
            waited_ms = from(cause.frame, cause.taken),
            scanned_ms = from(cause.taken, cause.read),
            queued_ms = from(cause.read, cause.judged),
            judged_ms = from(cause.judged + cause.synced, cause.shown),
            woken_ms = from(cause.shown, seen),
            laid_ms = from(seen, laid),
            "verdict"
        );
    }
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_that_nobody_saw_leaves_its_frame() {
        let at = |millis| Instant::now() + Duration::from_millis(millis);
        let of = |frame: Instant, synced: u64| Cause {
            frame,
            taken: frame,
            read: frame,
            judged: frame,
            synced: Duration::from_millis(synced),
            shown: frame,
        };
        let (early, late) = (at(0), at(33));
        let cause = of(late, 7).in_place_of(Some(of(early, 0)));
        assert_eq!((cause.frame, cause.taken, cause.synced), (early, late, Duration::from_millis(7)));
        assert_eq!(of(late, 7).in_place_of(None).frame, late);
    }
}
