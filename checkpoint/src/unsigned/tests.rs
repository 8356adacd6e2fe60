use super::*;

const CCCD: &str = "001090000001|012345678|Nguyễn Văn A|01011990|Nam|Số 1, Phường Bến Nghé|15042021";
const PERSONAL: &str = "001093029317|NGUYEN VAN A|1987-01-18|0|162979388586171100|<1<00<0123232422";
const BHYT: &str = "DN4010000000000|4e677579e1bb856e2056c4836e2041|01/01/1990|1|48c3a0204ee1bb9969|01 - 043|01/07/2021|\
    31/12/2021|21/06/2021|01050000000000|-|4|01/07/2026|0000000000000000-7102|$";

/// Kind, name, birth, number, old number, insurance of a card; or the code and arguments of the reason.
fn shown(text: &str) -> String {
    match Unsigned::read(text) {
        Ok(Unsigned::Card(card)) => [
            card.document().word(),
            card.name(),
            &card.birth().to_string(),
            card.number().unwrap_or("-"),
            card.number_old().unwrap_or("-"),
            card.insurance().unwrap_or("-"),
        ]
        .join(" / "),
        Ok(Unsigned::Link(link)) => format!("link {}", link.to().word()),
        Ok(Unsigned::Divoc) => "divoc".into(),
        Ok(Unsigned::Poster(place)) => format!("poster {}", place.code),
        Err(reason) => match reason {
            Reason::Cut { fields, fields_min } => format!("E-CUT {fields} of {fields_min}"),
            Reason::Malformed { layer } => format!("E-FORM {layer}"),
            other => other.code().into(),
        },
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(shown(text), expected, "{text:?}");
}

#[test]
fn reads_the_identity_card() {
    check(CCCD, "cccd / Nguyễn Văn A / 1990-01-01 / 001090000001 / 012345678 / -");
    check(&CCCD.replace("012345678", ""), "cccd / Nguyễn Văn A / 1990-01-01 / 001090000001 / - / -");
    check(&CCCD.nfd().collect::<String>(), "cccd / Nguyễn Văn A / 1990-01-01 / 001090000001 / 012345678 / -");
    check(&format!("{CCCD}\r\n"), "cccd / Nguyễn Văn A / 1990-01-01 / 001090000001 / 012345678 / -");
    // The card of 2024 says more behind.
    check(
        &format!("{CCCD}||Nguyễn Văn B|Trần Thị C|"),
        "cccd / Nguyễn Văn A / 1990-01-01 / 001090000001 / 012345678 / -",
    );
    // Of some old people the register knows the year alone.
    check(&CCCD.replace("01011990", "00001935"), "cccd / Nguyễn Văn A / 1935 / 001090000001 / 012345678 / -");
    check(&CCCD.replace("01011990", "1935"), "cccd / Nguyễn Văn A / 1935 / 001090000001 / 012345678 / -");
}

#[test]
fn every_cut_of_an_identity_card_is_named_as_cut() {
    let first = CCCD.find('|').unwrap();
    for end in (first + 1..CCCD.len()).filter(|end| CCCD.is_char_boundary(*end)) {
        let cut = &CCCD[..end];
        assert!(shown(cut).starts_with("E-CUT"), "{cut}: {}", shown(cut));
    }
    check("001090000002|352000000|Trần Thị B|29021992|Nữ|", "E-CUT 5 of 7");
}

#[test]
fn reads_the_personal_code_with_and_without_what_is_hidden() {
    check(PERSONAL, "personal-qr / NGUYEN VAN A / 1987-01-18 / 001093029317 / - / -");
    check(
        "******029317|NGUYEN VAN A|1987-**-**|0|162979388586171100|<1<00<0123232422",
        "personal-qr / NGUYEN VAN A / 1987 / ******029317 / - / -",
    );
    check(
        "|TRAN THI B|2015-06-01|1|162979388586171101|162979388586171100<2<TE1010000000000<",
        "personal-qr / TRAN THI B / 2015-06-01 / - / - / TE1010000000000",
    );
    check(
        "B1234567|LE VAN C|1990-12-01|0|162979388586171102|",
        "personal-qr / LE VAN C / 1990-12-01 / B1234567 / - / -",
    );
}

#[test]
fn every_cut_of_a_personal_code_before_its_last_separator_is_named_as_cut() {
    let (first, last) = (PERSONAL.find('|').unwrap() + 2, PERSONAL.rfind('|').unwrap());
    for end in first..=last {
        assert!(shown(&PERSONAL[..end]).starts_with("E-CUT"), "{}: {}", &PERSONAL[..end], shown(&PERSONAL[..end]));
    }
}

#[test]
fn reads_the_insurance_card_and_names_every_cut() {
    check(BHYT, "bhyt / Nguyễn Văn A / 1990-01-01 / - / - / DN4010000000000");
    check(&BHYT.replace("DN4010000000000", "0100000000"), "bhyt / Nguyễn Văn A / 1990-01-01 / - / - / 0100000000");
    check(&BHYT.replace("01/01/1990", "1990"), "bhyt / Nguyễn Văn A / 1990 / - / - / DN4010000000000");
    for end in BHYT.find('|').unwrap() + 1..BHYT.len() {
        assert!(shown(&BHYT[..end]).starts_with("E-CUT"), "{}: {}", &BHYT[..end], shown(&BHYT[..end]));
    }
}

#[test]
fn a_card_with_something_wrong_names_what() {
    for (text, from, to, expected) in [
        (CCCD, "01011990", "31021990", "E-FORM birth"),
        (CCCD, "01011990", "00000000", "E-FORM birth"),
        (CCCD, "Nam", "Name", "E-FORM sex"),
        (CCCD, "15042021", "15132021", "E-FORM issued"),
        (CCCD, "Nguyễn Văn A", "", "E-FORM name"),
        (CCCD, "Nguyễn Văn A", "Nguyễn 7", "E-FORM name"),
        (CCCD, "Nguyễn Văn A", "=HYPERLINK(A)", "E-FORM name"),
        (PERSONAL, "1987-01-18", "1987-02-30", "E-FORM birth"),
        (PERSONAL, "1987-01-18", "1987-**-18", "E-FORM birth"),
        (PERSONAL, "|0|", "|2|", "E-FORM type"),
        (PERSONAL, "162979388586171100", "", "E-FORM qid"),
        (PERSONAL, "<1<00", "|1<00", "E-FORM fields"),
        (PERSONAL, "001093029317", "", "E-FORM number"),
        (BHYT, "4e677579", "4e67757", "E-FORM hex"),
        (BHYT, "4e677579", "ffffffff", "E-FORM hex"),
        (BHYT, "|1|", "|3|", "E-FORM sex"),
        (BHYT, "|$", "|$|", "E-FORM fields"),
        (BHYT, "01/01/1990", "1/1/1990", "E-FORM birth"),
    ] {
        assert!(text.contains(from));
        check(&text.replacen(from, to, 1), expected);
    }
}

#[test]
fn nothing_that_acts_on_the_text_around_it_gets_through() {
    for char in ['\u{202e}', '\u{200f}', '\u{2066}', '\u{200b}', '\u{feff}', '\n', '\u{7}', '\u{ad}'] {
        check(&CCCD.replace("Văn", &format!("V{char}ăn")), "E-FORM name");
        check(&CCCD.replace("Phường", &format!("Ph{char}ường")), "E-FORM text");
        let hidden: String = format!("A{char}B").bytes().map(|byte| format!("{byte:02x}")).collect();
        check(&BHYT.replace("48c3a0204ee1bb9969", &hidden), "E-FORM hex");
    }
}

#[test]
fn what_is_too_long_is_refused() {
    check(&CCCD.replace("Nguyễn Văn A", &"A".repeat(101)), "E-FORM name");
    check(&CCCD.replace("Số 1", &"A".repeat(401)), "E-FORM address");
    check(&CCCD.replace("Số 1", &"A".repeat(3000)), "E-SIZE");
    check(&format!("{CCCD}{}", "|".repeat(60)), "E-SIZE");
}

#[test]
fn links_are_named_by_their_words_and_never_more() {
    let id = "00000000-0000-4000-8000-000000000000";
    check(&format!("https://kbyt.khambenh.gov.vn/#tokhai_yte/ketqua?id={id}"), "link declaration");
    check(&format!("https://kbyt.khambenh.gov.vn/qr/{id}"), "link place");
    check("HTTPS://TOKHAIYTE.VN/", "link declaration");
    check("https://example.com/menu", "link page");
    check("http://user:pass@example.com:8080/?q", "link page");
    for none in
        ["https://", "https:///x", "https://exa mple.com/", "https://пример.рф/", "ftp://example.com/", "example.com"]
    {
        check(none, "E-UNKNOWN");
    }
    let read = Read::new(&format!("https://kbyt.khambenh.gov.vn/qr/{id}")).unwrap();
    assert_eq!(read.fields, serde_json::json!({ "to": "place", "host": "kbyt.khambenh.gov.vn", "id": id }));
}

#[test]
fn a_poster_is_named_and_a_changed_one_is_damaged() {
    let text =
        poster::write(&Location { code: "HN-1".into(), name: "Chốt".into(), province: "Hà Nội".into() }).unwrap();
    check(&text, "poster HN-1");
    check(&text.replace("HN-1", "HN-2"), "E-FORM check");
    check("VNLOC2:HN-1|Chốt|Hà Nội|00000000", "E-UNKNOWN");
}

#[test]
fn other_texts_are_unknown() {
    for text in ["", "|", "||||||", "a|b", "001090000001", "WIFI:S:x;;", "00020101021138|1", "=1+1|2"] {
        check(text, "E-UNKNOWN");
    }
}

#[test]
fn a_card_in_a_log_says_nothing_of_the_person() {
    let Ok(Unsigned::Card(card)) = Unsigned::read(CCCD) else { panic!("a card") };
    assert_eq!(format!("{card:?}"), "Card(cccd, ..)");
}
