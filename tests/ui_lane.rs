//! The lane and its screen together: what is touched goes to the lane, and what the lane shows is read from the screen.

#![allow(clippy::unwrap_used)] // A helper that fails fails its test.

use std::time::Duration;

use checkpoint::lane::{Effect, Event, Lane, Now, Settings, Verifier};
use checkpoint::passage::{Direction, Location, PassageId};
use checkpoint::screen::{Fault, Screen, Totals};
use checkpoint::time::{TrustedTime, day_in_vietnam};
use chrono::{DateTime, TimeZone, Utc};
use egui::accesskit::Role;
use egui::{UiBuilder, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use kiosk::ui::desk::DeskShown;
use kiosk::ui::picture::Tools;
use kiosk::ui::theme::Theme;
use kiosk::ui::view::{Local, Middle, Press, View, screen_ui};
use kiosk::words::{Language, Words};

/// A checkpoint without a camera: its journal keeps everything at once.
struct Post {
    lane: Option<Lane>,
    tick: Duration,
    passages: u64,
    screen: Option<Screen>,
    words: Words,
    theme: Theme,
    local: Local,
    desk: DeskShown,
}

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, 2, 7, 5, 20).unwrap()
}

impl Post {
    fn new() -> Self {
        let settings = Settings {
            location: Location {
                code: "HN-CK-0023".to_owned(),
                name: "Chốt Pháp Vân".to_owned(),
                province: "Hà Nội".to_owned(),
            },
            direction: Direction::In,
            admitted_for: Duration::from_secs(5),
            others_for: Duration::from_secs(60),
            masked_after: Duration::from_secs(15),
            visit_for: Duration::from_secs(20),
            away_for: Duration::from_secs(3),
            answer_required: false,
        };
        let mut post = Self {
            lane: Some(Lane::new(settings, Totals::default(), day_in_vietnam(start()))),
            tick: Duration::ZERO,
            passages: 0,
            screen: None,
            words: Words::new(Language::Vietnamese),
            theme: Theme::built_in(),
            local: Local::new(Language::Vietnamese),
            desk: DeskShown::default(),
        };
        post.happens(Event::Tick);
        post
    }

    /// One event and what follows from it, as the kiosk's loop does it.
    #[allow(clippy::disallowed_methods)] // The journal of this test is its memory.
    fn happens(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let now = Now { time: TrustedTime::given(start() + self.tick), tick: self.tick };
            let (lane, effects) = self.lane.take().unwrap().handle(&Verifier::default(), now, event);
            self.lane = Some(lane);
            for effect in effects {
                match effect {
                    Effect::Show(screen) => {
                        self.local.follow(Middle::from(&screen.stage).subject());
                        self.screen = Some(*screen);
                    }
                    Effect::Log(_) | Effect::Sign => {}
                    Effect::Record(_) | Effect::Note(_) => {
                        self.passages += 1;
                        events.push(Event::Recorded(Ok(PassageId::durable(self.passages))));
                    }
                    Effect::Sound(_) => {}
                }
            }
        }
    }
}

fn window() -> Harness<'static, Post> {
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
        Post::new(),
    );
    harness.run_steps(3);
    harness
}

fn touch(harness: &mut Harness<'_, Post>, button: &str) {
    harness.get_by_role_and_label(Role::Button, button).click();
    harness.run_steps(2);
}

fn happens(harness: &mut Harness<'_, Post>, event: Event) {
    harness.state_mut().happens(event);
    harness.run_steps(2);
}

fn passes(harness: &mut Harness<'_, Post>, seconds: u64) {
    harness.state_mut().tick += Duration::from_secs(seconds);
    happens(harness, Event::Tick);
}

#[track_caller]
fn assert_shows(harness: &Harness<'_, Post>, texts: &[&str]) {
    let texts_shown: Vec<_> = harness
        .root()
        .children_recursive()
        .filter_map(|node| node.accesskit_node().value().or_else(|| node.accesskit_node().label()))
        .collect();
    for text in texts {
        assert!(texts_shown.iter().any(|shown| shown == text), "{text:?} is not among {texts_shown:#?}");
    }
}

#[test]
fn without_rules_everybody_is_referred_let_pass_by_hand_and_counted() {
    let mut harness = window();
    assert_shows(&harness, &["Đưa mã QR vào trước máy ảnh", "0 lượt", "Chưa có danh sách tin cậy"]);
    happens(&mut harness, Event::Codes(vec!["a ticket to the zoo".to_owned()]));
    assert_shows(&harness, &["CẦN KIỂM TRA", "Mã lý do R-NONE", "Lượt số 1", "cần kiểm tra: 1"]);

    touch(&mut harness, "Cho qua");
    touch(&mut harness, "Đã kiểm tra giấy tờ bằng mắt");
    assert_shows(&harness, &["CHO QUA", "Lượt số 2", "cán bộ cho qua: 1", "2 lượt", "Mời qua."]);
    touch(&mut harness, "Tiếp theo");
    assert_shows(&harness, &["Đưa mã QR vào trước máy ảnh", "2 lượt"]);
}

#[test]
fn a_verdict_counts_down_and_closes_unless_it_is_held() {
    let mut harness = window();
    happens(&mut harness, Event::Codes(vec!["one".to_owned()]));
    passes(&mut harness, 10);
    assert_shows(&harness, &["Tự đóng sau 50 giây"]);
    touch(&mut harness, "Giữ màn hình");
    passes(&mut harness, 600);
    assert_shows(&harness, &["CẦN KIỂM TRA", "Đang giữ màn hình"]);
    touch(&mut harness, "Thôi giữ");
    passes(&mut harness, 61);
    assert_shows(&harness, &["Đưa mã QR vào trước máy ảnh"]);
}

#[test]
fn an_ambulance_passes_without_a_code_in_two_touches() {
    let mut harness = window();
    touch(&mut harness, "Cho qua");
    touch(&mut harness, "Cấp cứu, chữa cháy, tình huống khẩn cấp");
    assert_shows(&harness, &["CHO QUA", "Lượt số 1"]);
}

#[test]
fn the_direction_turns_with_one_touch_and_faults_come_and_go() {
    let mut harness = window();
    touch(&mut harness, "Đổi hướng: VÀO");
    assert_shows(&harness, &["Đổi hướng: RA"]);
    happens(&mut harness, Event::Condition { fault: Fault::CameraMissing, present: true });
    assert_shows(&harness, &["Không thấy máy ảnh"]);
    happens(&mut harness, Event::Condition { fault: Fault::CameraMissing, present: false });
    assert!(harness.query_by_label("Không thấy máy ảnh").is_none());
}
