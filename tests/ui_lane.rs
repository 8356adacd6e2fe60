//! The lane and its screen together: what is touched goes to the lane, and what the lane shows is read from the screen.

#![allow(clippy::unwrap_used)] // A helper that fails fails its test.

mod post;

use std::time::Duration;

use checkpoint::lane::{Event, Settings, Verifier};
use checkpoint::passage::{Direction, Location};
use checkpoint::screen::{Fault, GuardAction, Paper, PaperKind};
use checkpoint::time::PartialDate;
use chrono::{TimeZone, Utc};
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use kiosk::ui::desk::DeskShown;

use post::{Post, happens, passes, window};

/// A checkpoint without a camera, rules and trust list.
fn checkpoint() -> Harness<'static, Post> {
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
    let start = Utc.with_ymd_and_hms(2026, 7, 2, 7, 5, 20).unwrap();
    window(Post::new(settings, Verifier::default(), start, DeskShown::default()))
}

fn touch(harness: &mut Harness<'_, Post>, button: &str) {
    harness.get_by_role_and_label(Role::Button, button).click();
    harness.run_steps(2);
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
    let mut harness = checkpoint();
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
    let mut harness = checkpoint();
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

/// A paper takes longer to type than a visit waits, and the next visitor's code must not be judged behind the keyboard.
#[test]
fn whoever_is_typed_for_waits_and_so_does_the_next_code() {
    let mut harness = checkpoint();
    let card = |name: &str, number: u8| format!("00109000000{number}|012345678|{name}|18011990|Nam|Hà Nội|15042021");
    let codes = |name: &str, number: u8| Event::Codes(vec![card(name, number)]);
    let types = |harness: &mut Harness<'_, Post>, still: bool| {
        happens(harness, Event::Guard(GuardAction::Types(still)));
    };
    // A verdict at amber, of which 55 s of 60 are over when the guard begins to type.
    happens(&mut harness, Event::Codes(vec!["a ticket to the zoo".to_owned()]));
    assert_shows(&harness, &["CẦN KIỂM TRA", "Lượt số 1"]);
    passes(&mut harness, 55);
    for _ in 0..40 {
        types(&mut harness, true);
        passes(&mut harness, 2);
        happens(&mut harness, codes("Trần Thị Bình", 2));
    }
    assert_shows(&harness, &["CẦN KIỂM TRA", "Lượt số 1", "1 lượt"]);
    types(&mut harness, false);
    passes(&mut harness, 19);
    assert_shows(&harness, &["Lượt số 1"]);
    passes(&mut harness, 2);
    assert_shows(&harness, &["Đưa mã QR vào trước máy ảnh"]);
    // It was held before the camera: now it counts.
    happens(&mut harness, codes("Trần Thị Bình", 2));
    assert_shows(&harness, &["Lượt số 2"]);
    touch(&mut harness, "Tiếp theo");
    // A window that is gone says nothing more, and codes count again.
    types(&mut harness, true);
    passes(&mut harness, 4);
    happens(&mut harness, codes("Lê Văn Cường", 3));
    assert_shows(&harness, &["2 lượt"]);
    passes(&mut harness, 1);
    happens(&mut harness, codes("Lê Văn Cường", 3));
    assert_shows(&harness, &["3 lượt"]);
}

/// Somebody passed while the guard typed for another: what he typed is not lost.
#[test]
fn a_paper_typed_over_the_green_of_another_is_the_next_visitor() {
    let mut harness = checkpoint();
    touch(&mut harness, "Cho qua");
    touch(&mut harness, "Đã kiểm tra giấy tờ bằng mắt");
    assert_shows(&harness, &["CHO QUA", "Lượt số 1"]);
    let paper = Paper {
        kind: PaperKind::App,
        name: "LE VAN CUONG".to_owned(),
        birth: PartialDate::Year(1985),
        number: None,
        doses: None,
        vaccine: None,
        date: None,
        time: None,
    };
    happens(&mut harness, Event::Guard(GuardAction::Vouch(Box::new(paper))));
    assert_shows(&harness, &["Lượt số 2", "2 lượt"]);
}

#[test]
fn an_ambulance_passes_without_a_code_in_two_touches() {
    let mut harness = checkpoint();
    touch(&mut harness, "Cho qua");
    touch(&mut harness, "Cấp cứu, chữa cháy, tình huống khẩn cấp");
    assert_shows(&harness, &["CHO QUA", "Lượt số 1"]);
}

#[test]
fn the_direction_turns_with_one_touch_and_faults_come_and_go() {
    let mut harness = checkpoint();
    touch(&mut harness, "Đổi hướng: VÀO");
    assert_shows(&harness, &["Đổi hướng: RA"]);
    happens(&mut harness, Event::Condition { fault: Fault::CameraMissing, present: true });
    assert_shows(&harness, &["Không thấy máy ảnh"]);
    happens(&mut harness, Event::Condition { fault: Fault::CameraMissing, present: false });
    assert!(harness.query_by_label("Không thấy máy ảnh").is_none());
}
