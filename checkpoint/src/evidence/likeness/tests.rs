use super::Sameness::{Another, Same, Unsure};
use super::*;
use crate::unsigned::Unsigned;

/// What a credential says: "name / birth / number".
fn person(text: &str) -> Subject {
    let mut parts = text.split(" / ");
    let name = parts.next().unwrap();
    Subject::from(&Person {
        name: name.into(),
        name_transliterated: None,
        birth: PartialDate::parse(parts.next().unwrap_or_default()).unwrap(),
        number: parts.next().map(Into::into),
    })
}

fn card(text: &str) -> Subject {
    let Ok(Unsigned::Card(card)) = Unsigned::read(text) else { panic!("no card: {text}") };
    Subject::from(&card)
}

#[track_caller]
fn check(a: &Subject, b: &Subject, expected: Sameness) {
    let likeness = a.likeness(b);
    assert_eq!(likeness.sameness, expected, "{likeness:?}");
    assert_eq!(b.likeness(a), likeness, "the order of two documents must not matter");
}

#[track_caller]
fn check_name(a: &str, b: &str, expected: Sameness) {
    check(&person(&format!("{a} / 1990-01-18")), &person(&format!("{b} / 1990-01-18")), expected);
}

#[test]
fn writings_of_one_name_are_the_same() {
    for other in [
        "NGUYEN VAN DUC",
        "NGUYEN<<VAN<DUC",
        "nguyễn văn đức",
        "Nguye\u{302}\u{303}n Va\u{306}n Đu\u{31b}\u{301}c",
        "Văn Đức Nguyễn",
        "Đức Văn Nguyễn",
        "Đức Nguyễn Văn",
        "Nguyễn Đức",
        "Nguyễn V. Đức",
        "NguyễnVăn Đức",
        "Nguyễn Văn Ðức",
    ] {
        check_name("Nguyễn Văn Đức", other, Same);
    }
    check_name("Trần Thị Hoà", "Trần Thị Hòa", Same);
    check_name("Lý Thị Quý", "Lí Thị Quí", Same);
    check_name("H'Hen Niê", "HHEN NIE", Same);
    check_name("Lê Thị Bảo Duy", "LE<<THI<BAODUY", Same);
    check_name("Công Huyền Tôn Nữ Thị Ngọc Khánh", "CONG<<HUYEN<TON<NU<THI<NGOC<KH", Same);
}

#[test]
fn a_name_that_may_be_mistyped_or_a_sisters_is_for_the_guard() {
    for other in ["Nguyễn Văn Ân", "Nguyễn Văn Anh", "Nguyễn Văn Na", "Nguyễn An Văn"] {
        check_name("Nguyễn Văn An", other, Unsure);
    }
    check_name("Trần Thị Hoa", "Trần Thị Hòa", Unsure);
    check_name("Trần Thị Hoa", "TRAN THI HOA", Same);
    check_name("An", "Nguyễn Văn An", Another);
}

#[test]
fn other_names_are_other_people() {
    for other in ["Nguyễn Văn Bình", "Trần Văn An", "Nguyễn Thị Hoa", "An"] {
        check_name("Nguyễn Văn An", other, Another);
    }
    check_name("", "", Another);
}

#[test]
fn a_single_word_is_a_whole_name_only_where_the_other_has_no_more() {
    check_name("K'Brơi", "KBROI", Same);
    check_name("SUHARTO", "SUHARTO", Same);
    check_name("SUHARTO", "SUKARNO", Another);
    check_name("SUHARTO", "SUHARTA", Unsure);
    check(&person("SUHARTO / 1970"), &person("SUHARTO / 1970-05-05"), Unsure);
    check(&person("SUHARTO / 1970 / B1234567"), &person("SUHARTO / 1970-05-05 / B1234567"), Same);
}

#[test]
fn two_scripts_cannot_be_compared() {
    for other in ["Нгуен Ван Ан", "សុខ សុភា", "阮文安"] {
        check_name("Nguyễn Văn An", other, Unsure);
        check(&person("Nguyễn Văn An / 1990-01-18"), &person(&format!("{other} / 1962-11-30")), Another);
    }
    // One letter of another script among Latin ones is another word.
    check_name("Nguyễn Văn An", "Nguyễn Văn Аn", Unsure);
    check_name("Nguyễn Văn Bình", "Нguyễn Vаn Віnh", Another);
}

#[test]
fn the_birth_date_must_agree_as_far_as_it_is_known() {
    let full = person("TRAN THI BINH / 1990-03-07");
    for (birth, expected) in [
        ("1990", Same),
        ("1990-03", Same),
        ("1991", Another),
        ("1990-04", Another),
        ("", Unsure),
        ("1990-07-03", Unsure),
        ("1990-01-01", Unsure),
        ("1990-03-08", Unsure),
        ("1991-03-07", Unsure),
        ("1962-11-30", Another),
    ] {
        check(&full, &person(&format!("TRAN THI BINH / {birth}")), expected);
    }
    check(&person("TRAN BINH / 1990"), &person("TRAN THI BINH / 1990-03-07"), Same);
    check(&person("TRAN BINH / 1990"), &person("TRAN NGOC BINH / 1990-03-07"), Unsure);
}

#[test]
fn numbers_decide_where_both_have_one() {
    let full = person("TRAN THI BINH / 1990-03-07 / 001190000001");
    for (other, expected) in [
        ("TRAN BINH / 1990 / 001190000001", Same),
        ("TRAN THI BINH / 1990-07-03 / 001190000001", Same),
        ("TRAN THI BINH / 1990-03-07 / 079190555555", Another),
        // One digit: mistyped. The guard compares.
        ("TRAN THI BINH / 1990-03-07 / 001190000002", Unsure),
        ("TRAN THI BINH / 1990-03-07 / 001190000010", Unsure),
        ("NGUYEN VAN AN / 1990-03-07 / 001190000002", Another),
        // The same number under another name was mistyped or borrowed.
        ("NGUYEN VAN AN / 1962-11-30 / 001190000001", Unsure),
        // Nine digits say nothing of twelve.
        ("TRAN THI BINH / 1990-03-07 / 012345678", Same),
    ] {
        check(&full, &person(other), expected);
    }
}

#[test]
fn the_number_before_is_on_the_identity_card() {
    let card = card("001190000001|012345678|Trần Thị Bình|07031990|Nữ|Hà Nội|15042021");
    check(&card, &person("TRAN BINH / 1990 / 012345678"), Same);
    check(&card, &person("TRAN THI BINH / 1990-03-07 / 001190000001"), Same);
    check(&card, &person("TRAN THI BINH / 1990-03-07 / 079190555555"), Another);
    // Whoever moved to another province got other nine digits.
    check(&card, &person("TRAN THI BINH / 1990-03-07 / 023456789"), Unsure);
    check(&card, &person("LE VAN CUONG / 1990-03-07 / 023456789"), Another);
}

#[test]
fn what_a_personal_code_hides_is_not_held_against_it() {
    let masked = card("******000001|TRAN THI BINH|1990-**-**|0|162979388586171100|");
    check(&masked, &person("Trần Thị Bình / 1990-03-07 / 001190000001"), Same);
    check(&masked, &person("Trần Bình / 1990-03-07 / 001190000001"), Same);
    check(&masked, &person("Trần Thị Bình / 1990-03-07 / 001190000011"), Unsure);
    check(&masked, &person("Trần Thị Bình / 1990-03-07 / 001190555555"), Another);
    check(&masked, &person("Lê Văn Cường / 1990-03-07 / 001190000001"), Another);
    check(&masked, &person("Trần Thị Bình / 1991-03-07"), Another);
}

#[test]
fn insurance_numbers_compare_by_the_digits_that_name_the_person() {
    let card =
        |number: &str| card(&format!("{number}|54e1baa76e205468e1bb8b2042c3ac6e68|07/03/1990|2||1|-|-|-|-|-|-|-|-|$"));
    check(&card("DN4010123456789"), &card("0123456789"), Same);
    check(&card("DN4010123456789"), &card("0123999999"), Another);
}
