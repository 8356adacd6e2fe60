//! Lane and window of one post without a camera, for the tests in which what is touched goes to the lane.

use std::time::Duration;

use checkpoint::lane::{Effect, Event, Lane, Now, Settings, Verifier};
use checkpoint::passage::PassageId;
use checkpoint::screen::{Screen, Totals};
use checkpoint::time::{TrustedTime, day_in_vietnam};
use chrono::{DateTime, Utc};
use egui::{UiBuilder, Vec2};
use egui_kittest::Harness;
use kiosk::ui::desk::DeskShown;
use kiosk::ui::picture::Tools;
use kiosk::ui::theme::Theme;
use kiosk::ui::view::{Local, Middle, Press, View, screen_ui};
use kiosk::words::{Language, Words};

/// A post in the mode of its desk. Its journal keeps everything at once.
pub struct Post {
    lane: Option<Lane>,
    verifier: Verifier,
    start: DateTime<Utc>,
    pub tick: Duration,
    passages: u64,
    pub screen: Option<Screen>,
    words: Words,
    theme: Theme,
    local: Local,
    desk: DeskShown,
}

impl Post {
    pub fn new(settings: Settings, verifier: Verifier, start: DateTime<Utc>, desk: DeskShown) -> Self {
        let mut post = Self {
            lane: Some(Lane::new(settings, Totals::default(), day_in_vietnam(start))),
            verifier,
            start,
            tick: Duration::ZERO,
            passages: 0,
            screen: None,
            words: Words::new(Language::Vietnamese),
            theme: Theme::built_in(),
            local: Local::new(Language::Vietnamese),
            desk,
        };
        post.happens(Event::Tick);
        post
    }

    /// One event and what follows from it, as the kiosk's loop does it.
    #[allow(clippy::disallowed_methods)] // The journal of these tests is their memory.
    fn happens(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let now = Now { time: TrustedTime::given(self.start + self.tick), tick: self.tick };
            let (lane, effects) = self.lane.take().unwrap().handle(&self.verifier, now, event);
            self.lane = Some(lane);
            for effect in effects {
                match effect {
                    Effect::Show(screen) => {
                        self.local.follow(Middle::from(&screen.stage).subject());
                        let names = self.desk.mode.ways().names;
                        self.screen = Some(if names { *screen } else { screen.without_names() });
                    }
                    Effect::Record(_) | Effect::Note(_) => {
                        self.passages += 1;
                        events.push(Event::Recorded(Ok(PassageId::durable(self.passages))));
                    }
                    Effect::Log(_) | Effect::Sign | Effect::Sound(_) => {}
                }
            }
        }
    }
}

pub fn window(post: Post) -> Harness<'static, Post> {
    let mut prepared = false;
    let mut harness = Harness::builder().with_size(Vec2::new(1280.0, 800.0)).build_ui_state(
        move |ui, post: &mut Post| {
            if !std::mem::replace(&mut prepared, true) {
                kiosk::ui::prepare(ui.ctx());
                return;
            }
            let Some(screen) = post.screen.take() else { return };
            let mut whole = ui.new_child(UiBuilder::new().max_rect(ui.ctx().content_rect()));
            let view = View {
                screen: &screen,
                middle: Middle::from(&screen.stage),
                since: Duration::ZERO,
                picture: None,
                aim: None,
                tools: Tools::default(),
                desk: &post.desk,
                question: None,
                words: &post.words,
                theme: &post.theme,
            };
            let pressed = screen_ui(&mut whole, &view, &mut post.local);
            post.screen = Some(screen);
            if let Some(Press::Guard(action)) = pressed {
                post.happens(Event::Guard(action));
            }
        },
        post,
    );
    harness.run_steps(3);
    harness
}

pub fn happens(harness: &mut Harness<'_, Post>, event: Event) {
    harness.state_mut().happens(event);
    harness.run_steps(2);
}

pub fn passes(harness: &mut Harness<'_, Post>, seconds: u64) {
    harness.state_mut().tick += Duration::from_secs(seconds);
    happens(harness, Event::Tick);
}
