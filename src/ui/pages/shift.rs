//! A shift: what is looked at when it begins, and what it counted when it ends.

use checkpoint::passage::Outcome;
use checkpoint::screen::{Fault, Freshness, GuardAction, TrustStatus};
use egui::accesskit::Role;
use egui::{Rect, Ui, Vec2, pos2};

use super::{button_ui, foot, line_ui, rows};
use crate::ui::desk::DeskAsk;
use crate::ui::entry::Entry;
use crate::ui::icons;
use crate::ui::panels::Panel;
use crate::ui::picture::Tool;
use crate::ui::text::{self, Type};
use crate::ui::theme::{Scale, Theme, Weight};
use crate::ui::view::{Local, Press, View};
use crate::words;

/// How a part of the kiosk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Good,
    Missing,
    Bad,
}

/// Taking over, or what the shift counted and leaving.
pub(super) fn shift_ui(ui: &Ui, place: Rect, local: &mut Local, view: &View<'_>, scale: &Scale) -> Option<Press> {
    let (above, row) = foot(place, scale);
    let gap = scale.of(10.0);
    let third = (row.width() - 2.0 * gap) / 3.0;
    let button = |index: usize| text::rect(row.left() + (third + gap) * index as f32, row.top(), third, row.height());
    if button_ui(ui, button(1), "shift-head", view, scale) {
        return Some(Press::Guard(GuardAction::ShowHead));
    }
    let Some(shift) = view.desk.shift else {
        checks_ui(ui, above, view, scale);
        if button_ui(ui, button(0), "shift-try-sound", view, scale) {
            return Some(DeskAsk::TrySound.into());
        }
        if button_ui(ui, button(2), "shift-begin", view, scale) {
            local.panel = Panel::Entry(Box::new(Entry::shift()));
        }
        return None;
    };
    let guard = shift.guard.0.to_string();
    let totals = view.desk.shift_figures.unwrap_or_default();
    let all = view.words.count("totals-all", "n", totals.all() as i64);
    let since = words::time(shift.since);
    let head = [("shift-guard", guard.as_str()), ("shift-since", since.as_str()), ("shift-count", all.as_str())];
    let lines = rows(above, head.len() + Outcome::ALL.len(), scale.of(52.0));
    for ((word, value), row) in head.into_iter().zip(&lines) {
        line_ui(ui, *row, word, &view.words.get(word), value, view, scale);
    }
    for (outcome, row) in Outcome::ALL.into_iter().zip(&lines[head.len()..]) {
        let label = view.words.outcome_short(outcome);
        line_ui(ui, *row, &format!("shift-{}", outcome.word()), &label, &totals.of(outcome).to_string(), view, scale);
    }
    button_ui(ui, button(2), "shift-end", view, scale).then(|| DeskAsk::ShiftEnds.into())
}

/// Camera, light, sound, clock, list and disk: a sign and a word each.
fn checks_ui(ui: &Ui, place: Rect, view: &View<'_>, scale: &Scale) {
    let Theme { paint, sizes } = view.theme;
    let checks = checks(view);
    let columns = if scale.portrait { 1 } else { 2 };
    let lines = rows(place, checks.len().div_ceil(columns), scale.of(96.0));
    for (index, (word, health, text)) in checks.into_iter().enumerate() {
        let line = lines[index / columns];
        let width = line.width() / columns as f32;
        let cell = text::rect(line.left() + width * (index % columns) as f32, line.top(), width, line.height());
        let side = (cell.height() * 0.55).min(scale.of(48.0));
        let mark = Rect::from_center_size(pos2(cell.left() + side / 2.0 + 4.0, cell.center().y), Vec2::splat(side));
        let (outcome, state) = match health {
            Health::Good => (Outcome::Admit, "check-good"),
            Health::Missing => (Outcome::Registered, "check-missing"),
            Health::Bad => (Outcome::Refer, "check-bad"),
        };
        let tone = view.theme.tone(outcome);
        icons::outcome(ui.painter(), mark, outcome, tone.fill.into(), tone.ink.into());
        text::name(ui, mark, ui.scope_id().with(("check", word)), Role::Image, &view.words.get(state));
        let beside = cell.with_min_x(mark.right() + scale.of(14.0)).with_max_x(cell.right() - scale.of(10.0));
        let split = beside.top() + beside.height() * 0.42;
        let big = Type::line(scale.of(24.0), sizes.smallest, Weight::SemiBold, paint.ink.into());
        let small = Type::line(scale.of(19.0), sizes.smallest, Weight::Regular, paint.ink_soft.into()).wrapped();
        text::text(ui, beside.with_max_y(split), word, &view.words.get(word), big);
        text::text(ui, beside.with_min_y(split), &format!("{word}-text"), &text, small);
    }
}

/// What each part's state is, and what to do where it is not in order.
fn checks(view: &View<'_>) -> [(&'static str, Health, String); 6] {
    let words = view.words;
    let among = |faults: &[Fault]| view.screen.faults.iter().copied().find(|fault| faults.contains(fault));
    let of = |faults: &[Fault]| match among(faults) {
        Some(fault) => (Health::Bad, format!("{}. {}", words.fault(fault), words.fault_do(fault))),
        None => (Health::Good, words.get("check-good")),
    };
    let camera =
        of(&[Fault::CameraMissing, Fault::CameraBusy, Fault::CameraWedged, Fault::CameraDark, Fault::RecordingEnded]);
    let clock = of(&[Fault::ClockInDoubt]);
    let disk = of(&[Fault::DiskFull, Fault::RoomLow, Fault::DiskFault, Fault::JournalNewer, Fault::JournalCorrupt]);
    let list = match (
        of(&[Fault::TrustMissing, Fault::TrustRejected, Fault::TrustStale, Fault::TracingKeyMissing]),
        view.screen.trust,
    ) {
        ((Health::Good, _), TrustStatus::Loaded { freshness: Freshness::Ageing, .. }) => {
            (Health::Bad, words.get("trust-ageing"))
        }
        (state, _) => state,
    };
    let light = match view.tools.light {
        Tool::Absent => (Health::Missing, words.get("camera-light-absent")),
        Tool::Off | Tool::On => (Health::Good, words.get("check-good")),
    };
    let sound = match view.desk.sound {
        true => (Health::Good, words.get("check-sound-try")),
        false => (Health::Missing, words.get("check-sound-absent")),
    };
    let row = |word, (health, text)| (word, health, text);
    [
        row("check-camera", camera),
        row("check-light", light),
        row("check-sound", sound),
        row("check-clock", (clock.0, format!("{} · {}", words::time(view.now()), clock.1))),
        row("check-list", list),
        row("check-disk", disk),
    ]
}
