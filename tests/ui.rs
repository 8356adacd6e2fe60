//! What is on the screen, by what a screen reader would find: in every state, in both languages, at every size.

mod scenes;
mod shown;

use checkpoint::passage::{Direction, Outcome};
use checkpoint::screen::{
    Fault, GuardAction, GuardNumber, Open, OverrideReason, PaperKind, PartyShown, Plate, Stage, SurgeReason, Who, plain,
};
use checkpoint::verdict::Reason;
use chrono::TimeDelta;
use egui::Vec2;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use kiosk::mode::Mode;
use kiosk::ui::aim::Hint;
use kiosk::ui::desk::{DeskAsk, Span};
use kiosk::ui::entry::Entry;
use kiosk::ui::pages::Page;
use kiosk::ui::panels::Panel;
use kiosk::ui::picture::{CameraTouch, Tool, Tools};
use kiosk::ui::theme::{Look, TextSize, Theme};
use kiosk::words::{Language, Words};
use scenes::{LONGEST_NAME, NAME, Scene, all_texts, by_name, clock, decided, scenes, who};
use shown::{SIZES, Shown, assert_shows, give_a_picture, leaves, show, turn_to};

#[test]
fn a_verdict_shows_its_word_reason_advice_and_whom_it_is_about() {
    for language in Language::ALL {
        let words = Words::new(language);
        let mut window = show(waiting(), language, SIZES[0]);
        for reason in Reason::examples() {
            let outcome = Outcome::from(reason.answer());
            let harness = turn_to(&mut window, decided("", outcome, Some(reason.clone()), who(NAME)), language);
            let (word, why, todo) = (words.outcome(outcome), words.reason(&reason), words.advice(reason.advice()));
            let code = words.with_text("code-label", "code", reason.code());
            let born = words.with_text("who-birth-year", "year", "1987");
            assert_shows(harness, &[&word, &why, &todo, NAME, &born, &code]);
        }
    }
}

#[test]
fn the_screen_says_where_when_how_many_and_how_fresh() {
    let harness = show(scenes()[0].clone(), Language::Vietnamese, SIZES[0]);
    assert_shows(
        &harness,
        &[
            "Chốt kiểm soát Pháp Vân – Cầu Giẽ",
            "HN-CK-0023 · Hà Nội",
            "14:05",
            "02/07/2026",
            "1283 lượt",
            "hợp lệ: 1042",
            "không hợp lệ: 31",
            "cần kiểm tra: 187",
            "cán bộ cho qua: 9",
            "ghi nhận: 14",
            "Danh sách tin cậy: còn mới",
            "Bản số 118, ký 2 ngày trước",
            "Đổi hướng: VÀO",
            "Đưa mã QR vào trước máy ảnh",
        ],
    );
}

#[test]
fn an_open_visit_says_what_comes_next_and_how_long_it_waits() {
    let scenes = scenes();
    let harness = show(scenes[1].clone(), Language::Vietnamese, SIZES[0]);
    assert_shows(&harness, &["Mời quét tờ khai y tế", "Còn 18 giây", NAME]);
    let harness = show(scenes[2].clone(), Language::English, SIZES[0]);
    assert_shows(&harness, &["Please scan the vaccination certificate", "18 seconds left", "Code E-FORM"]);
}

#[test]
fn a_card_is_shown_as_not_verified_and_a_wrong_code_leaves_the_verdict() {
    let harness = show(by_name("gathering-unsigned"), Language::Vietnamese, SIZES[0]);
    assert_shows(&harness, &[NAME, "Sinh năm 1987 · chưa xác thực"]);
    let harness = show(by_name("refuse-wrong-code"), Language::English, SIZES[0]);
    let notice = "Last code: This code only points to a declaration on the internet: nothing in it can be verified here. [E-LINK]";
    assert_shows(&harness, &["NOT VALID", "Code R-DOSES", notice]);
}

#[test]
fn a_demonstration_always_says_so_and_a_real_kiosk_never() {
    for language in Language::ALL {
        let banner = Words::new(language).get("demo-banner");
        let mut window = show(waiting(), language, SIZES[1]);
        for scene in scenes() {
            let demo = scene.screen.demo;
            let name = scene.name.clone();
            let harness = turn_to(&mut window, scene, language);
            assert_eq!(harness.query_by_role_and_label(Role::Alert, &banner).is_some(), demo, "{name}");
        }
    }
}

#[test]
fn a_masked_name_is_nowhere() {
    for who in [Some(Who::Masked), None] {
        for outcome in Outcome::ALL {
            let harness = show(decided("", outcome, None, who.clone()), Language::Vietnamese, SIZES[0]);
            for (_, text) in leaves(&harness) {
                assert!(!text.contains("Thảo") && !text.contains("1987"), "{text}");
            }
        }
    }
}

#[test]
fn a_name_leaves_the_window_when_it_is_masked() {
    let mut harness = show(decided("", Outcome::Admit, None, who(NAME)), Language::Vietnamese, SIZES[0]);
    assert_shows(&harness, &[NAME]);
    if let Some(decided) = &mut harness.state_mut().scene.decided {
        decided.who = Some(Who::Masked);
    }
    harness.run_steps(2);
    assert!(leaves(&harness).iter().all(|(_, text)| text != NAME));
    let galleys = |harness: &Harness<'_, Shown>| harness.ctx.fonts(|fonts| fonts.num_galleys_in_cache());
    let masked = galleys(&harness);
    harness.run_steps(3);
    assert_eq!(galleys(&harness), masked, "layouts of the pass before are still kept");
}

#[test]
fn admissions_say_until_when_they_hold() {
    let harness = show(scenes()[4].clone(), Language::Vietnamese, SIZES[0]);
    assert_shows(&harness, &["HỢP LỆ", "Còn giá trị đến 21:25 03/07/2026", "còn 31 giờ", "Mời qua."]);
}

#[test]
fn yellow_says_how_long_it_still_holds_beside_why() {
    let mut yellow = decided("yellow", Outcome::Refer, Some(Reason::Yellow), who(NAME));
    if let Some(decided) = &mut yellow.decided {
        decided.holds_until = Some(clock() + TimeDelta::minutes(31 * 60 + 20));
    }
    let why =
        "THẺ VÀNG: chưa đủ điều kiện thẻ xanh, được đi lại có giới hạn. Còn giá trị đến 21:25 03/07/2026: còn 31 giờ.";
    assert_shows(&show(yellow, Language::Vietnamese, SIZES[0]), &[why]);
}

#[test]
fn a_group_that_is_not_on_disk_can_be_ended_again_and_takes_paper() {
    let broken = |party: bool| {
        let mut out = by_name("out-of-service");
        out.screen.party = party.then_some(PartyShown { visitors: 3, stopped: 0, full: false });
        show(out, Language::Vietnamese, SIZES[0])
    };
    let end = Words::new(Language::Vietnamese).get("action-end-party");
    assert!(broken(true).query_by_label(&end).is_some());
    assert!(broken(false).query_by_label(&end).is_none());
    let paper = Words::new(Language::Vietnamese).get("action-paper");
    assert!(show(by_name("waiting-party"), Language::Vietnamese, SIZES[0]).query_by_label(&paper).is_some());
    assert!(show(by_name("gathering"), Language::Vietnamese, SIZES[0]).query_by_label(&paper).is_some());
}

#[test]
fn faults_say_what_is_wrong_and_what_to_do() {
    let words = Words::new(Language::Vietnamese);
    let mut window = show(waiting(), Language::Vietnamese, SIZES[0]);
    for scene in all_texts().into_iter().filter(|scene| !scene.panel.is_open()) {
        let fault = match (scene.screen.faults.first(), &scene.screen.stage) {
            (_, Stage::OutOfService(fault)) | (Some(fault), _) => *fault,
            _ => continue,
        };
        assert_shows(turn_to(&mut window, scene, Language::Vietnamese), &[&words.fault(fault), &words.fault_do(fault)]);
    }
}

#[test]
fn buttons_return_what_they_say() {
    let refused = || decided("", Outcome::Refuse, Some(Reason::BadSignature), who(NAME));
    for (scene, button, expected) in [
        (refused(), "Tiếp theo", GuardAction::Dismiss),
        (refused(), "Giữ màn hình", GuardAction::Hold),
        (refused(), "Đổi hướng: VÀO", GuardAction::Turn),
        (decided("", Outcome::Admit, None, None), "Tiếp theo", GuardAction::Dismiss),
        (scenes()[1].clone(), "Tiếp theo", GuardAction::Dismiss),
    ] {
        for size in SIZES {
            let mut harness = show(scene.clone(), Language::Vietnamese, size);
            harness.get_by_role_and_label(Role::Button, button).click();
            harness.run_steps(2);
            assert_eq!(harness.state().pressed, std::slice::from_ref(&expected), "{button}");
        }
    }
}

#[test]
fn a_held_screen_is_released_by_the_same_button() {
    let mut scene = decided("", Outcome::Refer, Some(Reason::UnknownKey), None);
    if let Some(decided) = &mut scene.decided {
        decided.held = true;
    }
    let mut harness = show(scene, Language::English, SIZES[0]);
    assert_shows(&harness, &["Held on the screen"]);
    harness.get_by_role_and_label(Role::Button, "Release").click();
    harness.run_steps(2);
    assert_eq!(harness.state().pressed, [GuardAction::Hold]);
}

#[test]
fn an_override_takes_a_reason_and_two_touches() {
    let words = Words::new(Language::Vietnamese);
    for reason in OverrideReason::ALL {
        let scene = decided("", Outcome::Refuse, Some(Reason::Revoked), who(NAME));
        let mut harness = show(scene, Language::Vietnamese, SIZES[1]);
        harness.get_by_role_and_label(Role::Button, "Cho qua").click();
        harness.run_steps(2);
        assert_eq!(harness.state().pressed, []);
        harness.get_by_role_and_label(Role::Button, &words.override_reason(reason)).click();
        harness.run_steps(2);
        assert_eq!(harness.state().pressed, [GuardAction::Override(reason)]);
        assert!(!harness.state().local.panel.is_open());
    }
}

#[test]
fn a_choice_begun_for_one_visitor_is_closed_for_the_next() {
    let mut scene = decided("", Outcome::Refuse, Some(Reason::Revoked), who(NAME));
    scene.panel = Panel::Override;
    let harness = show(scene.clone(), Language::Vietnamese, SIZES[0]);
    let words = Words::new(Language::Vietnamese);
    let theme = Theme::built_in();
    let mut local = harness.state().local.clone();
    local.follow(scene.view(&words, &theme, None).middle.subject());
    local.panel = Panel::Override;
    assert!(!local.follow(scene.view(&words, &theme, None).middle.subject()) && local.panel.is_open());
    assert!(local.follow(scenes()[0].view(&words, &theme, None).middle.subject()) && !local.panel.is_open());
}

/// What the guard reads off a paper is about whoever stands there, also when the screen behind the keyboard is another one.
#[test]
fn what_is_half_typed_outlives_the_next_verdict_and_an_empty_keyboard_does_not() {
    let subject = |scene: &Scene| {
        let (words, theme) = (Words::new(Language::Vietnamese), Theme::built_in());
        scene.view(&words, &theme, None).middle.subject()
    };
    let verdict = decided("", Outcome::Refer, Some(Reason::UnknownKey), who(NAME));
    let mut local = show(waiting(), Language::Vietnamese, SIZES[0]).state().local.clone();
    local.follow(subject(&waiting()));
    let mut typed = Entry::paper(PaperKind::Vaccination);
    local.panel = Panel::Entry(Box::new(typed.clone()));
    assert!(local.follow(subject(&verdict)) && !local.panel.is_open(), "nothing was typed");
    typed.key('A');
    for scene in [waiting(), verdict] {
        local.panel = Panel::Entry(Box::new(typed.clone()));
        assert!(local.follow(subject(&scene)));
        let Panel::Entry(entry) = &local.panel else { panic!("what was typed is gone") };
        assert_eq!(entry.text(), "A");
    }
    let out = Scene { screen: scenes::screen(Stage::OutOfService(Fault::DiskFull)), ..waiting() };
    assert!(local.follow(subject(&out)) && !local.panel.is_open(), "nothing hides that nobody can be recorded");
    // A badge number for a shift is about no visitor: nothing hides a verdict for it.
    let mut badge = Entry::shift();
    badge.key('4');
    local.panel = Panel::Entry(Box::new(badge));
    assert!(local.follow(subject(&waiting())) && !local.panel.is_open());
}

#[test]
fn paper_can_be_typed_at_amber_and_red_and_not_for_a_group() {
    for (outcome, reason) in [(Outcome::Refer, Reason::UnknownKey), (Outcome::Refuse, Reason::Revoked)] {
        let mut harness = show(decided("", outcome, Some(reason.clone()), who(NAME)), Language::Vietnamese, SIZES[1]);
        press(&mut harness, &["Nhập giấy", "Xét nghiệm PCR âm tính"]);
        assert!(harness.state().local.panel.is_about_visitor());
        let group = Some(Who::Party { visitors: 3, stopped: 1 });
        let harness = show(decided("", outcome, Some(reason), group), Language::Vietnamese, SIZES[1]);
        assert!(harness.query_by_role_and_label(Role::Button, "Nhập giấy").is_none());
    }
}

/// What a finger that was too quick hits is not the list of reasons for letting pass.
#[test]
fn where_next_stood_stands_more_and_not_let_pass() {
    for size in SIZES {
        let verdict = show(decided("", Outcome::Admit, None, who(NAME)), Language::Vietnamese, size);
        let next = verdict.get_by_role_and_label(Role::Button, "Tiếp theo").rect();
        let after = show(waiting(), Language::Vietnamese, size);
        let (more, pass) =
            (after.get_by_role_and_label(Role::Button, "Thêm"), after.get_by_role_and_label(Role::Button, "Cho qua"));
        assert!(next.intersects(more.rect()) && !pass.rect().contains(next.center()), "{size}");
    }
}

/// As drawn: the letters of every answer of one moment are as large as its neighbours'.
#[test]
fn no_answer_is_written_smaller_than_the_one_beside_it() {
    let group = decided("", Outcome::Refuse, Some(Reason::Revoked), Some(Who::Party { visitors: 3, stopped: 1 }));
    let scenes = [
        decided("", Outcome::Admit, None, who(NAME)),
        decided("", Outcome::Refer, Some(Reason::UnknownKey), who(NAME)),
        group,
        by_name("gathering"),
        by_name("waiting-party"),
    ];
    for language in Language::ALL {
        let words = Words::new(language);
        let labels = ["override", "hold", "dismiss", "more", "paper", "end-party", "not-this-person"]
            .map(|word| words.get(&format!("action-{word}")));
        for size in SIZES {
            for scene in &scenes {
                let harness = show(scene.clone(), language, size);
                let drawn: Vec<(&str, f32)> = texts_drawn(&harness)
                    .filter_map(|(text, size, whole)| {
                        let label = labels.iter().find(|label| **label == text)?.as_str();
                        assert!(whole, "{} {size}: the end of {label:?} is missing", scene.name);
                        Some((label, size))
                    })
                    .collect();
                assert!(drawn.len() > 1, "{} {size}", scene.name);
                assert!(drawn.iter().all(|(_, size)| *size == drawn[0].1), "{} {size}: {drawn:?}", scene.name);
                // Three at most are as large as the theme wants them.
                let wanted = 25.0 * (size.min_elem() / 800.0).min(size.max_elem() / 1280.0);
                let least = if drawn.len() > 3 { 0.8 } else { 0.9 };
                assert!(drawn[0].1 >= wanted * least, "{} {size}: {drawn:?} of {wanted}", scene.name);
            }
        }
    }
}

/// Every text that was painted, on one line, the height of its font, and whether it is whole.
fn texts_drawn(harness: &Harness<'_, Shown>) -> impl Iterator<Item = (String, f32, bool)> {
    harness.output().shapes.iter().filter_map(|clipped| match &clipped.shape {
        egui::Shape::Text(text) => {
            let job = &text.galley.job;
            Some((job.text.replace('\n', " "), job.sections.first()?.format.font_id.size, !text.galley.elided))
        }
        _ => None,
    })
}

/// Presses buttons, one after the other, by their words.
fn press(harness: &mut Harness<'_, Shown>, labels: &[&str]) {
    for label in labels {
        harness.get_by_role_and_label(Role::Button, label).click();
        harness.run_steps(2);
    }
}

fn waiting() -> Scene {
    scenes().into_iter().next().expect("the first scene waits")
}

#[test]
fn a_guard_opens_the_checkpoint_with_a_reason_and_a_number() {
    let mut harness = show(waiting(), Language::Vietnamese, SIZES[1]);
    press(&mut harness, &["Thêm", "Xả chốt: đếm, không kiểm tra", "Ùn tắc", "4", "1", "7", "Xong"]);
    assert_eq!(harness.state().pressed, [GuardAction::Open(SurgeReason::Queue, GuardNumber(417))]);
    assert!(!harness.state().local.panel.is_open());
    let open = Open { since: scenes::clock(), reason: SurgeReason::Queue, waved: 7 };
    let scene = Scene { screen: scenes::screen(Stage::Open(open)), ..waiting() };
    let mut harness = show(scene, Language::Vietnamese, SIZES[1]);
    assert_shows(&harness, &["ĐANG XẢ CHỐT", "7 lượt"]);
    press(&mut harness, &["Cho qua +1", "Kiểm tra lại"]);
    assert_eq!(harness.state().pressed, [GuardAction::Wave, GuardAction::Close]);
}

#[test]
fn a_group_begins_with_two_touches_and_ends_with_its_plate() {
    let mut harness = show(waiting(), Language::English, SIZES[0]);
    press(&mut harness, &["More", "Group or vehicle: several people, one passage"]);
    assert_eq!(harness.state().pressed, [GuardAction::BeginParty]);
    let mut scene = waiting();
    scene.screen.party = Some(PartyShown { visitors: 1, stopped: 0, full: false });
    let mut harness = show(scene, Language::English, SIZES[0]);
    assert_shows(&harness, &["1 person · 0 not passed · next person, please"]);
    press(&mut harness, &["Group done", "5", "1", "C", "1", "Done"]);
    assert_eq!(harness.state().pressed, [GuardAction::EndParty(Plate::parse("51C1"))]);
}

#[test]
fn what_is_typed_can_be_erased_and_left() {
    let mut harness = show(waiting(), Language::Vietnamese, SIZES[3]);
    press(&mut harness, &["Thêm", "Giấy không có mã: nhập bằng tay", "Ứng dụng của khách", "A", "B", "Xóa"]);
    assert_shows(&harness, &["A|"]);
    press(&mut harness, &["Quay lại"]);
    assert!(harness.state().pressed.is_empty() && !harness.state().local.panel.is_open());
}

#[test]
fn the_guard_says_that_it_is_somebody_else_with_one_touch() {
    let mut harness = show(decided("", Outcome::Admit, None, who(NAME)), Language::Vietnamese, SIZES[1]);
    press(&mut harness, &["Không phải người này"]);
    assert_eq!(harness.state().pressed, [GuardAction::NotThisPerson]);
    let nobody = show(decided("", Outcome::Admit, None, None), Language::Vietnamese, SIZES[1]);
    assert!(nobody.query_by_role_and_label(Role::Button, "Không phải người này").is_none());
}

#[test]
fn nobody_is_let_pass_who_was_let_pass_already() {
    for outcome in [Outcome::Admit, Outcome::Override, Outcome::Registered] {
        let harness = show(decided("", outcome, None, None), Language::Vietnamese, SIZES[0]);
        assert!(harness.query_by_role_and_label(Role::Button, "Cho qua").is_none());
    }
}

#[test]
fn what_hinders_reading_is_said_over_the_picture() {
    for language in Language::ALL {
        let words = Words::new(language);
        let mut window = show(waiting(), language, SIZES[0]);
        give_a_picture(&mut window);
        for hint in Hint::ALL {
            let harness = turn_to(&mut window, by_name(&format!("waiting-{}", hint.word())), language);
            assert_shows(harness, &[&words.get(&format!("hint-{}", hint.word()))]);
        }
    }
    let mut harness = show(by_name("gathering"), Language::English, SIZES[0]);
    give_a_picture(&mut harness);
    assert_shows(&harness, &["A code that was read"]);
}

#[test]
fn light_zoom_and_the_other_camera_are_one_touch_away_and_say_where_there_is_none() {
    let mut harness = show(by_name("waiting-glare"), Language::Vietnamese, SIZES[0]);
    for label in ["Tắt đèn", "Toàn cảnh", "Máy ảnh khác"] {
        harness.get_by_role_and_label(Role::Button, label).click();
        harness.run_steps(2);
    }
    assert_eq!(harness.state().camera, CameraTouch::ALL);
    let mut scene = waiting();
    scene.tools = Tools { light: Tool::Absent, zoom: Tool::Off, other: Tool::Absent };
    let mut harness = show(scene, Language::Vietnamese, SIZES[3]);
    for label in ["Không có đèn", "Chỉ có một máy ảnh"] {
        let button = harness.get_by_role_and_label(Role::Button, label);
        assert!(button.accesskit_node().is_disabled(), "{label}");
        button.click();
        harness.run_steps(2);
    }
    assert_eq!(harness.state().camera, []);
}

#[test]
fn two_touches_change_the_look_and_the_size_of_texts() {
    let mut harness = show(waiting(), Language::English, SIZES[0]);
    press(&mut harness, &["More", "Night colours"]);
    assert_eq!(harness.state().local.look, Look::Night);
    press(&mut harness, &["High contrast", "Day colours", "Large text"]);
    assert_eq!((harness.state().local.look, harness.state().local.text), (Look::Day, TextSize::Large));
    press(&mut harness, &["Usual text"]);
    assert_eq!((harness.state().local.text, harness.state().pressed.len()), (TextSize::Usual, 0));
}

/// The script that was tried with people who had not seen the kiosk: each thing in at most three touches, without the documents.
#[test]
fn a_new_user_does_each_thing_in_three_touches() {
    let refused = || decided("", Outcome::Refuse, Some(Reason::Revoked), who(NAME));
    let day = kiosk::words::day(scenes::clock());
    type Expected = Result<GuardAction, DeskAsk>;
    let script: [(Scene, &[&str], Expected); 5] = [
        (refused(), &["Tiếp theo"], Ok(GuardAction::Dismiss)),
        (
            refused(),
            &["Cho qua", "Cấp cứu, chữa cháy, tình huống khẩn cấp"],
            Ok(GuardAction::Override(OverrideReason::Emergency)),
        ),
        (waiting(), &["Thêm", "Thống kê"], Err(DeskAsk::Figures(Span::Today, day))),
        (waiting(), &["Thêm", "Mã địa điểm", "Lưu để in"], Err(DeskAsk::SavePlaceCode)),
        (waiting(), &["Đổi hướng: VÀO"], Ok(GuardAction::Turn)),
    ];
    for (scene, touches, expected) in script {
        assert!(touches.len() <= 3);
        let mut harness = show(scene, Language::Vietnamese, SIZES[0]);
        press(&mut harness, touches);
        let shown = harness.state();
        match expected {
            Ok(action) => assert_eq!(shown.pressed, [action]),
            Err(ask) => assert_eq!(shown.desk.last(), Some(&ask)),
        }
    }
    // The count stands on the waiting screen too, and by hour on its page.
    let harness = show(by_name("page-figures"), Language::Vietnamese, SIZES[0]);
    assert_shows(&harness, &["1328 lượt", "07:00: 185 lượt"]);
}

#[test]
fn statistics_say_when_why_and_how_long_and_other_days_are_one_touch() {
    let mut harness = show(by_name("page-figures"), Language::Vietnamese, SIZES[1]);
    assert_shows(
        &harness,
        &[
            "cần kiểm tra: V-MISSING · chưa quét đủ mã: 96",
            "không hợp lệ: R-RECENT · chưa đủ ngày sau mũi cuối: 41",
            "Một nửa dưới 0,43 giây",
            "95 % dưới 2,1 giây",
            "đến 0,5 giây: 520 lượt",
            "hơn 10 giây: 15 lượt",
        ],
    );
    press(&mut harness, &["Hôm qua", "7 ngày"]);
    let today = kiosk::words::day(scenes::clock());
    assert_eq!(harness.state().desk, [DeskAsk::Figures(Span::Yesterday, today), DeskAsk::Figures(Span::Week, today)]);
    let harness = show(by_name("page-figures-week"), Language::English, SIZES[3]);
    let of_day = leaves(&harness).iter().filter(|(_, text)| text.contains("/2026: ")).count();
    assert_eq!(of_day, 7);
    assert_shows(&show(by_name("page-figures-nothing"), Language::English, SIZES[0]), &["Nobody was stopped."]);
}

#[test]
fn a_mode_asks_for_the_pin_and_shows_none_of_it() {
    let mut harness = show(waiting(), Language::Vietnamese, SIZES[1]);
    press(&mut harness, &["Thêm", "Chế độ", "Cổng trường", "4", "9", "1"]);
    assert_shows(&harness, &["•••|"]);
    press(&mut harness, &["Xong"]);
    assert_shows(&harness, &["Chưa đúng: xem lại và nhập lại."]);
    press(&mut harness, &["7", "Xong"]);
    assert_eq!(format!("{:?}", harness.state().desk), "[Change(Mode(School))]");
    assert!(leaves(&harness).iter().all(|(_, text)| !text.contains("491")));
}

#[test]
fn rule_sets_are_ticked_and_ask_for_the_pin() {
    let mut harness = show(by_name("page-rules"), Language::English, SIZES[0]);
    for label in ["Declaration within 72 hours", "Negative test"] {
        harness.get_by_role_and_label(Role::CheckBox, label).click();
        harness.run_steps(2);
    }
    press(&mut harness, &["Use from now on", "1", "2", "3", "4", "Done"]);
    let asked = format!("{:?}", harness.state().desk);
    assert_eq!(asked, "[Change(Rules([\"two-doses-14-days\", \"negative-test\"]))]");
}

#[test]
fn a_shift_begins_with_what_is_not_in_order_and_ends_with_its_count() {
    let words = Words::new(Language::English);
    let mut harness = show(by_name("page-shift-faults"), Language::English, SIZES[0]);
    for fault in [Fault::CameraDark, Fault::DiskFull, Fault::TrustRejected] {
        assert_shows(&harness, &[&format!("{}. {}", words.fault(fault), words.fault_do(fault))]);
    }
    assert_shows(&harness, &["No light", "This kiosk makes no sound: watch the screen"]);
    press(&mut harness, &["Take over", "4", "1", "7", "Done"]);
    assert_eq!(harness.state().desk, [DeskAsk::ShiftBegins(GuardNumber(417), scenes::clock())]);
    let mut harness = show(by_name("page-shift-end"), Language::English, SIZES[0]);
    assert_shows(&harness, &["417", "490 passages", "07:05 02/07/2026"]);
    press(&mut harness, &["Signed journal", "End of shift"]);
    assert_eq!(harness.state().pressed, [GuardAction::ShowHead]);
    assert_eq!(harness.state().desk, [DeskAsk::ShiftEnds]);
}

#[test]
fn a_checklist_is_ticked_and_signed_and_a_visitor_in_between_loses_nothing() {
    let mut harness = show(by_name("page-lists"), Language::English, SIZES[0]);
    assert!(harness.query_by_role_and_label(Role::CheckBox, "Safety of the school: done today").is_some());
    let tick = |harness: &mut Harness<'_, Shown>, label: &str| {
        harness.get_by_role_and_label(Role::CheckBox, label).click();
        harness.run_steps(2);
    };
    tick(&mut harness, "Safety of the post: not done today");
    tick(&mut harness, "The health post is staffed");
    harness.state_mut().local.panel = Panel::Closed;
    harness.run_steps(2);
    harness.state_mut().local.panel = Panel::Page(Page::Lists);
    harness.run_steps(2);
    tick(&mut harness, "Safety of the post: not done today");
    press(&mut harness, &["Sign", "9", "Done"]);
    let done = vec![false, false, false, true, false, false];
    assert_eq!(harness.state().desk, [DeskAsk::Checked(0, done, GuardNumber(9), scenes::clock())]);
}

#[test]
fn a_visitor_alone_with_the_screen_cannot_let_himself_pass_and_sees_no_counts() {
    for name in ["mode-unattended", "mode-unattended-verdict"] {
        let harness = show(by_name(name), Language::Vietnamese, SIZES[0]);
        for label in ["Cho qua", "Đổi hướng: VÀO", "Không phải người này", "Giữ màn hình"] {
            assert!(harness.query_by_role_and_label(Role::Button, label).is_none(), "{name}: {label}");
        }
        assert!(leaves(&harness).iter().all(|(_, text)| text != "1283 lượt" && text != NAME), "{name}");
    }
    // What is the guard's lies behind the PIN.
    let mut harness = show(by_name("mode-unattended"), Language::Vietnamese, SIZES[0]);
    press(&mut harness, &["Thêm"]);
    assert!(harness.query_by_role_and_label(Role::Button, "Chế độ").is_none());
    press(&mut harness, &["4", "9", "1", "7", "Xong"]);
    assert_eq!(format!("{:?}", harness.state().desk), "[Change(Open)]");
}

#[test]
fn a_visitor_chooses_a_language_by_its_own_name_in_one_touch_and_is_spoken_to() {
    for size in SIZES {
        let mut harness = show(by_name("mode-unattended-verdict"), Language::Vietnamese, size);
        press(&mut harness, &["English"]);
        assert_eq!(harness.state().local.language, Language::English);
        press(&mut harness, &["Tiếng Việt"]);
        assert_eq!(harness.state().local.language, Language::Vietnamese);
    }
    for reason in Reason::examples() {
        let mut scene = decided("", Outcome::from(reason.answer()), Some(reason.clone()), Some(Who::Masked));
        (scene.desk.mode, scene.desk.ways) = (Mode::Unattended, Mode::Unattended.ways());
        let expected = scene.words(Language::Vietnamese).get(&format!("advice-{}-visitor", reason.advice().word()));
        let harness = show(scene, Language::Vietnamese, SIZES[1]);
        assert_shows(&harness, &[&expected]);
    }
}

#[test]
fn who_learns_plays_a_code_in_four_touches_and_nobody_else_is_offered_it() {
    let mut scene = by_name("page-practice");
    scene.panel = Panel::Closed;
    let mut harness = show(scene, Language::Vietnamese, SIZES[1]);
    press(&mut harness, &["Thêm", "Mã luyện tập", "Chứng nhận tiêm rồi tờ khai, hai mã", "Mã 2", "Thử mã này"]);
    assert_eq!(harness.state().desk, [DeskAsk::Practise(1)]);
    assert!(!harness.state().local.panel.is_open());
    let mut harness = show(waiting(), Language::Vietnamese, SIZES[1]);
    press(&mut harness, &["Thêm"]);
    assert!(harness.query_by_role_and_label(Role::Button, "Mã luyện tập").is_none());
}

#[test]
fn a_poster_is_printed_where_there_is_a_printer_and_the_answer_says_where_it_is() {
    let mut harness = show(by_name("page-place-code-printed"), Language::Vietnamese, SIZES[1]);
    assert_shows(&harness, &["Đã gửi tới máy in Canon_LBP2900_Van_Phong."]);
    press(&mut harness, &["In ngay", "Lưu để in"]);
    assert_eq!(harness.state().desk, [DeskAsk::PrintPlaceCode, DeskAsk::SavePlaceCode]);
    let harness = show(by_name("page-place-code-here"), Language::English, SIZES[1]);
    let here = "No stick was found; saved in this kiosk: /var/lib/kiosk/poster. Plug a stick in and save again.";
    assert_shows(&harness, &[here]);
    assert!(harness.query_by_role_and_label(Role::Button, "Print now").is_none());
}

#[test]
fn a_checklist_that_is_due_stands_on_the_waiting_screen_and_opens_with_one_touch() {
    let mut harness = show(by_name("waiting-due"), Language::Vietnamese, SIZES[1]);
    press(&mut harness, &["Bảng kiểm hôm nay chưa làm. Bấm để mở"]);
    assert!(matches!(&harness.state().local.panel, Panel::Page(Page::List(0))));
    let mut two = by_name("waiting-due");
    two.desk.checklists[1].done = None;
    let mut harness = show(two, Language::English, SIZES[3]);
    press(&mut harness, &["Today's checklist is not done. Touch to open"]);
    assert!(matches!(&harness.state().local.panel, Panel::Page(Page::Lists)));
    // Done is done; and it is no visitor's business.
    let mut unattended = by_name("waiting-due");
    (unattended.desk.mode, unattended.desk.ways) = (Mode::Unattended, Mode::Unattended.ways());
    for scene in [by_name("waiting"), unattended] {
        let harness = show(scene, Language::English, SIZES[0]);
        assert!(harness.query_by_label("Today's checklist is not done. Touch to open").is_none());
    }
}

#[test]
fn training_says_so_always_and_a_patrol_picks_its_place_in_two_touches() {
    for name in ["mode-training", "mode-training-verdict"] {
        let harness = show(by_name(name), Language::English, SIZES[2]);
        assert!(harness.query_by_role_and_label(Role::Alert, "TRAINING – NOTHING IS RECORDED").is_some());
    }
    let mut harness = show(by_name("mode-patrol"), Language::Vietnamese, SIZES[3]);
    let place = "Đổi nơi đứng: Chốt kiểm soát Pháp Vân – Cầu Giẽ, HN-CK-0023";
    press(&mut harness, &[place, "Bến xe Giáp Bát\nHN-TT-0102"]);
    assert_eq!(harness.state().desk, [DeskAsk::Places, DeskAsk::Stand("HN-TT-0102".to_owned())]);
}

#[test]
fn one_touch_changes_the_language() {
    let mut harness = show(scenes()[0].clone(), Language::Vietnamese, SIZES[0]);
    harness.get_by_role_and_label(Role::Button, "English").click();
    harness.run_steps(2);
    assert_eq!(harness.state().local.language, Language::English);
    assert_eq!(harness.state().pressed, []);
}

#[test]
fn the_direction_is_shown_and_turned() {
    let mut scene = scenes()[0].clone();
    scene.screen.direction = Direction::Out;
    let mut harness = show(scene, Language::Vietnamese, SIZES[3]);
    harness.get_by_role_and_label(Role::Button, "Đổi hướng: RA").click();
    harness.run_steps(2);
    assert_eq!(harness.state().pressed, [GuardAction::Turn]);
}

#[test]
fn what_a_start_found_of_the_journal_stands_on_the_waiting_screen_and_later_under_about() {
    let mut scene = by_name("waiting-started");
    let line = scene.desk.journal.as_ref().unwrap().line(&Words::new(Language::Vietnamese));
    assert!(show(scene.clone(), Language::Vietnamese, SIZES[0]).query_by_label(&line).is_some());
    scene.desk.training_over = true;
    let over = Words::new(Language::Vietnamese).get("training-over");
    assert!(show(scene.clone(), Language::Vietnamese, SIZES[0]).query_by_label(&over).is_some());
    scene.desk.training_over = false;
    scene.desk.journal.as_mut().unwrap().fresh = false;
    assert!(show(scene.clone(), Language::Vietnamese, SIZES[0]).query_by_label(&line).is_none(), "once it was read");
    scene.panel = Panel::Page(Page::About);
    assert!(show(scene, Language::Vietnamese, SIZES[0]).query_by_label(&line).is_some());
}

#[test]
fn a_name_without_end_is_cut_rather_than_spilled() {
    let endless = format!("{LONGEST_NAME} {LONGEST_NAME} {}", "Ng".repeat(120));
    for size in SIZES {
        let harness = show(decided("", Outcome::Admit, None, who(&endless)), Language::Vietnamese, size);
        let shown = plain(&endless);
        let name = harness.get_by_label(&shown);
        let word = harness.get_by_label("HỢP LỆ");
        let todo = harness.get_by_label("Mời qua.");
        assert!(name.rect().top() >= word.rect().bottom() && name.rect().bottom() <= todo.rect().top());
        assert!(name.rect().right() <= size.x);
    }
}

#[test]
fn what_was_half_typed_goes_when_nobody_touches_the_screen() {
    let mut harness = show(by_name("entry-name"), Language::Vietnamese, SIZES[0]);
    assert_shows(&harness, &["CONG TANG TON NU NGUYEN THI QUYNH HUONG|"]);
    harness.state_mut().local.rest();
    harness.run_steps(2);
    assert!(leaves(&harness).iter().all(|(_, text)| !text.contains("QUYNH")));
}

#[test]
fn a_name_cannot_move_or_turn_what_the_screen_says() {
    let sly = "\u{202e}NGUYEN\n\n\nVAN\t A\u{200b}\r\n";
    let harness = show(decided("", Outcome::Refer, Some(Reason::UnknownCode), who(sly)), Language::English, SIZES[0]);
    assert_shows(&harness, &["NGUYEN VAN A", "CHECK"]);
}

#[test]
fn windows_of_any_size_are_drawn() {
    for size in [(1.0, 1.0), (320.0, 240.0), (2000.0, 90.0), (90.0, 2000.0), (3840.0, 2160.0)] {
        for scene in [&scenes()[6], &scenes()[13], &scenes()[15], &scenes()[17]] {
            show(scene.clone(), Language::Vietnamese, Vec2::from(size));
        }
    }
}

#[test]
fn names_in_decomposed_letters_have_every_glyph() {
    // The harness panics where a glyph is missing.
    let decomposed = "Nguye\u{302}\u{303}n Thi\u{323} Phu\u{31b}o\u{31b}ng Tha\u{309}o Đ\u{1ef9}";
    show(decided("", Outcome::Admit, None, who(decomposed)), Language::Vietnamese, SIZES[0]);
}

#[test]
fn a_schools_gate_says_who_is_inside_and_asks_for_names_by_class() {
    let mut harness = show(by_name("school-waiting"), Language::Vietnamese, SIZES[1]);
    let line = "Còn 412 trong trường · 3 khách. Danh sách: 1204 người · 2 dòng hỏng";
    press(&mut harness, &[line]);
    assert_eq!(harness.state().pressed, [GuardAction::ShowInside(None)]);
    let mut harness = show(by_name("school-waiting"), Language::English, SIZES[3]);
    press(&mut harness, &["More", "Still inside"]);
    assert_eq!(harness.state().pressed, [GuardAction::ShowInside(None)]);
    let mut harness = show(by_name("school-inside"), Language::Vietnamese, SIZES[0]);
    assert_shows(&harness, &["Tính từ 06:05; tắt máy là tính lại. Dòng hỏng trong danh sách: 17, 240."]);
    press(&mut harness, &["3A2: 23"]);
    assert_eq!(harness.state().pressed, [GuardAction::ShowInside(Some("3A2".to_owned()))]);
    let late = show(by_name("school-late"), Language::Vietnamese, SIZES[2]);
    assert!(late.query_by_label("Hết giờ: còn 3 em trong trường. Danh sách: 1204 người").is_some());
}

#[test]
fn a_long_list_is_turned_page_by_page_and_every_name_is_on_one() {
    for size in SIZES {
        let mut harness = show(by_name("school-names-many"), Language::Vietnamese, size);
        let mut seen = 0;
        loop {
            seen += leaves(&harness).iter().filter(|(_, text)| text == "07:05").count();
            let next = leaves(&harness).into_iter().find(|(_, text)| text.ends_with(" ›")).unwrap().1;
            let (at, pages) = next.trim_end_matches(" ›").split_once('/').unwrap();
            let last = at == pages;
            press(&mut harness, &[&next]);
            if last {
                break;
            }
        }
        assert_eq!(seen, 40, "{size}");
        press(&mut harness, &["Tất cả các lớp"]);
        assert_eq!(harness.state().pressed, [GuardAction::ShowInside(None)]);
    }
}

#[test]
fn a_pupil_waits_for_a_guardian_whom_the_guard_can_call() {
    let harness = show(by_name("school-guardian"), Language::Vietnamese, SIZES[0]);
    let registered = "Người đón đã đăng ký: Trần Thị Bình · mẹ · 0912 345 678; Nguyễn Văn Ba · ông · 0987 654 321.";
    assert_shows(&harness, &["Mời quét mã của người đón", NAME, "Lớp 3A2 · Sinh năm 2017 · chưa xác thực", registered]);
    let harness = show(by_name("school-picked-up"), Language::Vietnamese, SIZES[1]);
    assert_shows(&harness, &["ĐÃ GHI NHẬN", NAME, "Người đón: Trần Thị Bình"]);
    let harness = show(by_name("school-not-guardian"), Language::English, SIZES[3]);
    let why = "This is not a guardian registered to pick the pupil up. Registered to pick up: Trần Thị Bình · mẹ · 0912 345 678; Nguyễn Văn Ba · ông · 0987 654 321.";
    let todo = "Keep the pupil here and ring a registered guardian first.";
    assert_shows(&harness, &[why, todo, "Whoever came is not registered", "Code V-GUARDIAN"]);
    let harness = show(by_name("school-not-on"), Language::Vietnamese, SIZES[0]);
    assert_shows(&harness, &["Không có trong danh sách của trường, hoặc trùng tên nên chưa rõ là ai."]);
}

#[test]
fn a_patrol_moves_with_one_touch_and_finds_any_place_of_a_long_list() {
    for size in SIZES {
        let mut harness = show(by_name("mode-patrol"), Language::Vietnamese, size);
        press(&mut harness, &["Chợ Đồng Xuân"]);
        assert_eq!(harness.state().desk, [DeskAsk::Stand("HN-TT-0101".to_owned())], "{size}");
    }
    let mut harness = show(by_name("page-places-regions"), Language::Vietnamese, SIZES[0]);
    assert_shows(&harness, &["Nơi này được ghi vào mỗi lượt qua"]);
    press(&mut harness, &["Đông Anh: 50"]);
    let pages = leaves(&harness).into_iter().find(|(_, text)| text.ends_with(" ›")).unwrap().1;
    press(&mut harness, &[&pages]);
    let (_, place) = leaves(&harness).into_iter().find(|(_, text)| text.contains("HN-TT-")).unwrap();
    press(&mut harness, &[&place]);
    let code = place.lines().last().unwrap().to_owned();
    assert_eq!(harness.state().desk, [DeskAsk::Stand(code)]);
    assert!(!harness.state().local.panel.is_open());
    let unsigned = show(by_name("page-places-unsigned"), Language::Vietnamese, SIZES[0]);
    assert_shows(&unsigned, &["Danh sách của riêng máy này: chưa cơ quan nào ký"]);
}
