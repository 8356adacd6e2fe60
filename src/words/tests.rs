use std::collections::{BTreeMap, BTreeSet};

use checkpoint::verdict::Answer;
use chrono::TimeZone;

use super::*;

/// Name → the values that it asks for, as written in the file.
fn written(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    written_in(language.messages())
}

fn written_in(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if !line.starts_with([' ', '}']) {
            current = line.split_once(" =").expect("a message has a name").0.to_owned();
            assert!(messages.insert(current.clone(), BTreeSet::new()).is_none(), "{current} stands twice");
        }
        let values = line
            .split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>());
        messages.entry(current.clone()).or_default().extend(values);
    }
    messages
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_values() {
    assert_eq!(written(Language::Vietnamese), written(Language::English));
}

#[test]
fn every_message_file_parses_as_a_whole() {
    for language in Language::ALL {
        let parsed = FluentResource::try_new(language.messages().to_owned());
        assert!(parsed.is_ok(), "{language}: {:?}", parsed.err().map(|(_, errors)| errors));
    }
}

/// Everything that the contracts can ask for, as text.
fn everything(words: &Words) -> Vec<String> {
    let mut texts = Vec::new();
    texts.extend(Reason::examples().iter().map(|reason| words.reason(reason)));
    texts.extend(Reason::examples().iter().map(|reason| {
        let cause = words.cause(reason.code());
        assert!(!cause.is_empty(), "{}: no cause-{} for the plots", words.language(), reason.code());
        cause
    }));
    texts.extend(Step::ALL.map(|missing| words.reason(&Reason::Incomplete { missing })));
    texts.extend(Advice::ALL.map(|advice| words.advice(advice)));
    texts.extend(Step::ALL.map(|step| words.step(step)));
    texts.extend(Fault::ALL.map(|fault| words.fault(fault)));
    texts.extend(Fault::ALL.map(|fault| words.fault_do(fault)));
    texts.extend(Outcome::ALL.map(|outcome| words.outcome(outcome)));
    texts.extend(Outcome::ALL.map(|outcome| words.outcome_short(outcome)));
    texts.extend(OverrideReason::ALL.map(|reason| words.override_reason(reason)));
    texts.extend([Direction::In, Direction::Out].map(|direction| words.direction(direction)));
    texts
}

#[test]
fn no_text_is_missing_and_no_value_is_left_open() {
    for language in Language::ALL {
        for text in everything(&Words::new(language)) {
            // A missing message is returned by its name.
            let names = ["reason-", "advice-", "step-", "fault-", "outcome-", "override-", "direction-"];
            assert!(!names.iter().any(|name| text.starts_with(name)), "{language}: no message {text}");
            assert!(!text.contains(['{', '}', '$']), "{language}: a value is open in {text}");
            assert!(!text.contains(['\u{2068}', '\u{2069}']), "{language}: isolation marks in {text:?}");
        }
    }
}

/// `docs/reasons.md`: every reason as the guard is told of it. Counts are examples; days and times stand for themselves.
fn page_of_reasons() -> String {
    let languages = Language::ALL.map(Words::new);
    let mut page = String::from(
        "# Why a visitor is not let pass: every code\n\n\
         A guard reads the code out on the telephone. Red (đỏ): known not to be met. Amber (vàng): the kiosk cannot know, and the guard\n\
         decides. Numbers are examples. This page is written by a test from the program's own messages:\n\n    \
         WRITE_DOCS=1 cargo test -p kiosk --lib reasons\n\n\
         | mã / code | màu / colour | lý do và việc cần làm | reason and what to do |\n| --- | --- | --- | --- |\n",
    );
    for reason in Reason::examples() {
        let told = |words: &Words| {
            let mut args = FluentArgs::new();
            for (name, arg) in reason.args() {
                args.set(
                    name,
                    match arg {
                        Arg::Date(_) => "dd/mm/yyyy".into(),
                        Arg::Time(_) => "hh:mm dd/mm/yyyy".into(),
                        Arg::Number(_) | Arg::Word(_) => words.value(&arg),
                    },
                );
            }
            let why = words.fill(&format!("reason-{}", reason.code()), &args);
            format!("{why} **{}**", words.advice(reason.advice())).replace('|', "\\|")
        };
        let colour = match reason.answer() {
            Answer::Refuse => "đỏ / red",
            Answer::Refer => "vàng / amber",
            answer => panic!("{} is {}, and a reason never is", reason.code(), answer.word()),
        };
        let [vi, en] = &languages;
        page += &format!("| `{}` | {colour} | {} | {} |\n", reason.code(), told(vi), told(en));
    }
    page
}

#[test]
fn the_table_of_reasons_is_what_the_kiosk_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reasons.md");
    let page = page_of_reasons();
    if std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page, "docs/reasons.md is of yesterday: WRITE_DOCS=1 cargo test -p kiosk --lib reasons");
}

#[test]
fn a_reason_carries_both_sides_of_its_comparison() {
    let at = Utc.with_ymd_and_hms(2026, 7, 1, 18, 5, 0).unwrap();
    let recent = Reason::DoseTooRecent { days: 12, days_min: 14, holds_from: day(at) };
    let expired = Reason::Expired { now: at, not_after: at - chrono::TimeDelta::hours(2) };
    for (language, reason, expected) in [
        (Language::Vietnamese, &recent, "Mũi cuối mới được 12 ngày: đủ 14 ngày sau 2 ngày nữa, từ 02/07/2026."),
        (Language::English, &recent, "Last dose 12 days ago: 14 days are reached in 2 days, on 02/07/2026."),
        (Language::Vietnamese, &expired, "Mã hết hạn lúc 23:05 01/07/2026 (bây giờ là 01:05 02/07/2026)."),
    ] {
        assert_eq!(Words::new(language).reason(reason), expected);
    }
}

#[test]
fn durations_are_rounded_down_to_a_unit_that_reads_well() {
    let words = Words::new(Language::Vietnamese);
    for (minutes, expected) in
        [(0, "0 phút"), (119, "119 phút"), (120, "2 giờ"), (31 * 60 + 59, "31 giờ"), (2879, "47 giờ"), (2880, "2 ngày")]
    {
        assert_eq!(words.duration(Duration::from_secs(minutes * 60 + 59)), expected);
    }
}

#[test]
fn a_file_of_ones_own_replaces_messages_by_name() {
    let words = Words::new(Language::English).with("action-hold = Keep\n").unwrap();
    assert_eq!(words.get("action-hold"), "Keep");
    assert_eq!(words.get("action-dismiss"), "Next");
    let broken = Words::new(Language::English).with("action-hold\n").unwrap_err();
    assert!(broken.to_string().contains("built-in"), "{broken}");
}

#[test]
fn an_unknown_name_is_shown_rather_than_nothing() {
    assert_eq!(Words::new(Language::English).get("no-such-message"), "no-such-message");
}

#[test]
fn languages_are_read_from_their_tags() {
    assert_eq!("vi".parse(), Ok(Language::Vietnamese));
    assert!("xx".parse::<Language>().unwrap_err().to_string().contains("\"vi\""));
}

#[test]
fn a_language_is_a_file_and_what_it_leaves_out_is_said_in_english() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("qx broken.ftl"), "a = b").unwrap();
    let fault = Language::bring(folder.path()).unwrap_err().to_string();
    assert!(fault.contains("qx broken.ftl") && fault.contains("tag"), "{fault}");
    std::fs::remove_file(folder.path().join("qx broken.ftl")).unwrap();
    let messages = "language-name = Hmoob\naction-hold = Tuav\nadvice-let-pass = Hla\n";
    std::fs::write(folder.path().join("hmn.ftl"), messages).unwrap();
    Language::bring(folder.path()).unwrap();
    let brought: Language = "hmn".parse().unwrap();
    let words = Words::new(brought);
    assert_eq!((brought.name(), words.get("action-hold")), ("Hmoob".to_owned(), "Tuav".to_owned()));
    assert_eq!(words.get("action-dismiss"), "Next");
    assert_eq!(words.for_visitor(true).advice(Advice::LetPass), "Hla");
    // One touch goes through all of them, and round.
    let round: Vec<_> = std::iter::successors(Some(Language::Vietnamese), |language| Some(language.next()))
        .take(Language::every().count() + 1)
        .collect();
    assert!(round.contains(&brought) && round.first() == round.last(), "{round:?}");
}

#[test]
fn seconds_are_written_as_people_write_them() {
    for (millis, vi, en) in [
        (250, "0,25 giây", "0.25 s"),
        (1_000, "1 giây", "1 s"),
        (2_140, "2,1 giây", "2.1 s"),
        (20_000, "20 giây", "20 s"),
    ] {
        let time = Duration::from_millis(millis);
        assert_eq!(Words::new(Language::Vietnamese).seconds(time), vi);
        assert_eq!(Words::new(Language::English).seconds(time), en);
    }
}

#[test]
fn a_screen_that_faces_the_visitor_tells_nobody_what_a_guard_does() {
    for language in Language::ALL {
        let (guard, visitor) = (Words::new(language), Words::new(language).for_visitor(true));
        for advice in Advice::ALL {
            let own = visitor.get(&format!("advice-{}-visitor", advice.word()));
            assert_eq!(visitor.advice(advice), own, "{language}: {advice:?} has no words for the visitor");
        }
        for fault in Fault::ALL {
            assert_ne!(visitor.fault_do(fault), guard.fault_do(fault), "{language}: {fault:?}");
        }
        let texts = Advice::ALL
            .map(|advice| visitor.advice(advice))
            .into_iter()
            .chain(Step::ALL.map(|step| visitor.step(step)));
        for text in texts.chain([visitor.get("waiting-title"), visitor.get("waiting-hint")]) {
            // Words of a guard who speaks of somebody else, or of the kiosk's upkeep.
            for word in ["khách", "Đề nghị", "Giữ lại", "USB", "visitor", "Ask ", "Hold back", "by eye"] {
                assert!(!text.contains(word), "{language}: {text:?} is said to a guard");
            }
        }
    }
}

/// Messages for the borders (`assets/languages`): each is one of ours with the same values, and its font has every letter of it.
#[test]
fn languages_for_the_borders_say_only_what_is_asked_for_and_have_their_letters() {
    let ours = written(Language::English);
    for tag in ["lo", "km"] {
        let path = |ending: &str| format!("{}/assets/languages/{tag}.{ending}", env!("CARGO_MANIFEST_DIR"));
        let (file, font) = (std::fs::read_to_string(path("ftl")).unwrap(), std::fs::read(path("ttf")).unwrap());
        resource(&file).unwrap();
        let face = ttf_parser::Face::parse(&font, 0).unwrap();
        for (name, values) in written_in(&file) {
            assert_eq!(ours.get(&name), Some(&values), "{tag}: {name}");
        }
        for letter in file.lines().filter(|line| !line.starts_with('#')).flat_map(str::chars).filter(|c| !c.is_ascii())
        {
            assert!(face.glyph_index(letter).is_some(), "{tag}.ttf has no {letter:?}");
        }
    }
}
