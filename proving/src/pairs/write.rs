//! Two documents about one person or two, as issuers, cards and telephones write them.

use checkpoint::evidence::likeness::Subject;
use checkpoint::time::PartialDate;
use checkpoint::trust::credential::Person;
use checkpoint::unsigned::Unsigned;
use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use super::names::{Human, ONE_LETTER, ONE_TONE, draw_birth, draw_digits};
use super::{Difference, Stranger};
use crate::sequences::dice::Dice;

/// A signed document: what a credential says of its holder.
struct Signed {
    name: String,
    transliterated: Option<String>,
    birth: PartialDate,
    number: Option<String>,
}

impl Signed {
    /// Everything as it is in the register, without a number.
    fn of(human: &Human) -> Self {
        Self { name: human.words().join(" "), transliterated: None, birth: PartialDate::Day(human.birth), number: None }
    }

    fn named(human: &Human, name: String) -> Self {
        Self { name, ..Self::of(human) }
    }

    fn born(human: &Human, birth: PartialDate) -> Self {
        Self { birth, ..Self::of(human) }
    }

    fn subject(self) -> Subject {
        let Self { name, transliterated, birth, number } = self;
        Subject::from(&Person { name, name_transliterated: transliterated, birth, number })
    }
}

/// The identity card of a person.
fn cccd(human: &Human, number_old: &str) -> Subject {
    let sex = if human.woman { "Nữ" } else { "Nam" };
    let birth = human.birth.format("%d%m%Y");
    card(&format!("{}|{number_old}|{}|{birth}|{sex}|Hà Nội|15042021", human.number, human.words().join(" ")))
}

/// The personal code of a person; `masked` as it is shown by default.
fn personal(human: &Human, masked: bool) -> Subject {
    let name = without_marks(&human.words().join(" ")).to_uppercase();
    let (number, birth) = if masked {
        (format!("******{}", &human.number[6..]), format!("{}-**-**", human.birth.year()))
    } else {
        (human.number.clone(), human.birth.to_string())
    };
    card(&format!("{number}|{name}|{birth}|0|162979388586171100|"))
}

/// What the product reads of a card's text.
fn card(text: &str) -> Subject {
    match Unsigned::read(text) {
        Ok(Unsigned::Card(card)) => Subject::from(&card),
        other => panic!("the generator wrote no card: {text}: {other:?}"),
    }
}

/// Two documents of one person.
pub(super) fn one_person(human: &Human, difference: Difference, dice: &mut Dice) -> (Subject, Subject) {
    use Difference as D;
    let plain = || Signed::of(human).subject();
    let words = human.words();
    let upper = || without_marks(&words.join(" ")).to_uppercase();
    let with_number = |number: String| Signed { number: Some(number), ..Signed::of(human) }.subject();
    // A certificate against an identity card, a personal code or another certificate.
    let other = match dice.below(3) {
        0 => cccd(human, ""),
        1 => personal(human, false),
        _ => plain(),
    };
    match difference {
        D::None => (plain(), other),
        D::NoMarks => (Signed::named(human, upper()).subject(), other),
        D::Decomposed => (Signed::named(human, words.join(" ").nfd().collect()).subject(), other),
        D::TonePlace => {
            let human = Human { own: ["Hoà", "Thuý", "Khoẻ", "Thuỷ"][dice.below(4)].into(), ..human.clone() };
            let moved = ["Hoà", "Thuý", "Khoẻ", "Thuỷ"].iter().position(|own| *own == human.own).unwrap_or_default();
            let moved = Human { own: ["Hòa", "Thúy", "Khỏe", "Thủy"][moved].into(), ..human.clone() };
            (Signed::of(&human).subject(), Signed::of(&moved).subject())
        }
        D::Zone => (Signed::named(human, zone(&words, 39)).subject(), other),
        D::ZoneCut => {
            let long = ["Công Huyền Tôn Nữ", "Công Tằng Tôn Nữ", "Tôn Thất Nguyễn Phước"][dice.below(3)];
            let middles = long.split(' ').map(Into::into).chain(human.middles.clone()).collect();
            let human = Human { middles, ..human.clone() };
            (Signed::named(&human, zone(&human.words(), 30)).subject(), Signed::of(&human).subject())
        }
        D::YForI => {
            let (y, i) = [("Lý", "Lí"), ("Mỹ", "Mĩ"), ("Quý", "Quí"), ("Vy", "Vi"), ("Kỳ", "Kì")][dice.below(5)];
            let (y, i) = (Human { own: y.into(), ..human.clone() }, Human { own: i.into(), ..human.clone() });
            (Signed::of(&y).subject(), Signed::of(&i).subject())
        }
        D::Turned => {
            let mut turned = words.clone();
            if dice.below(2) == 0 {
                turned.reverse();
            } else {
                turned.rotate_left(1);
            }
            (Signed::named(human, turned.join(" ")).subject(), other)
        }
        D::Split => {
            // fn, gn: family and the rest, or all but the own name and the own name; either first; and fnt, gnt beside them.
            let at = if dice.below(2) == 0 { 1 } else { words.len() - 1 };
            let (first, second) = words.split_at(at);
            let swap = dice.below(2) == 0;
            let (first, second) = if swap { (second, first) } else { (first, second) };
            let name = format!("{} {}", first.join(" "), second.join(" "));
            let letters = without_marks(&name).to_uppercase();
            (Signed { transliterated: Some(letters), ..Signed::named(human, name) }.subject(), other)
        }
        D::NoMiddle | D::NoOtherMiddle => {
            let middle = match (difference, human.woman) {
                (D::NoOtherMiddle, _) => ["Ngọc", "Minh", "Thanh", "Bảo"][dice.below(4)],
                (_, true) => "Thị",
                (_, false) => "Văn",
            };
            let human = Human { middles: vec![middle.into()], ..human.clone() };
            let short = Human { middles: Vec::new(), ..human.clone() };
            (Signed::of(&short).subject(), cccd(&human, ""))
        }
        D::Initial => {
            let middles = if human.middles.is_empty() { vec!["Văn".into()] } else { human.middles.clone() };
            let human = Human { middles, ..human.clone() };
            let initials = human.middles.iter().map(|middle| without_marks(middle).chars().take(1).collect()).collect();
            let short = Human { middles: initials, ..human.clone() };
            (Signed::of(&short).subject(), cccd(&human, ""))
        }
        D::Joined => {
            let at = dice.below(words.len() - 1);
            let mut joined = words.clone();
            let second = joined.remove(at + 1).to_lowercase();
            joined[at].push_str(&second);
            (Signed::named(human, joined.join(" ")).subject(), other)
        }
        D::Several => {
            let year = human.birth.year();
            let birth = match dice.below(4) {
                0 => PartialDate::Year(year),
                1 => PartialDate::Month(year, human.birth.month()),
                _ => PartialDate::Day(human.birth),
            };
            let name = worn(human, dice);
            let masked = dice.below(3) == 0;
            let other = if masked { personal(human, true) } else { other };
            (Signed { birth, ..Signed::named(human, name) }.subject(), other)
        }
        D::YearOnly => (Signed::born(human, PartialDate::Year(human.birth.year())).subject(), other),
        D::MonthOnly => {
            let month = PartialDate::Month(human.birth.year(), human.birth.month());
            (Signed::born(human, month).subject(), other)
        }
        D::NoBirth => (Signed::born(human, PartialDate::Unknown).subject(), other),
        D::Masked => (personal(human, true), with_number(human.number.clone())),
        D::MaskedNoNumber => (personal(human, true), plain()),
        D::Number => {
            // The number speaks where the rest is worn: no marks, the year alone.
            let worn = Signed::named(human, upper());
            let birth = PartialDate::Year(human.birth.year());
            (Signed { number: Some(human.number.clone()), birth, ..worn }.subject(), cccd(human, ""))
        }
        D::OldNumber => (with_number(human.number_old.clone()), cccd(human, &human.number_old)),
        D::OldNumberRenewed => (with_number(draw_digits(dice, 9)), cccd(human, &human.number_old)),
        D::NumberSlip => (with_number(slip(&human.number, dice)), cccd(human, "")),
        D::WrongTone => {
            let (right, wrong) = ONE_TONE[dice.below(ONE_TONE.len())];
            let human = Human { own: right.into(), ..human.clone() };
            let wrong = Human { own: wrong.into(), ..human.clone() };
            (Signed::of(&wrong).subject(), cccd(&human, ""))
        }
        D::WrongLetter => {
            let at = dice.below(words.len());
            let mut wrong = words.clone();
            wrong[at] = wrong_letter(&wrong[at], dice);
            (Signed::named(human, wrong.join(" ")).subject(), other)
        }
        D::TurnedDate => {
            let day = 1 + dice.below(12) as u32;
            let month = 1 + (day as usize + dice.below(11)) as u32 % 12;
            let date = |month, day| NaiveDate::from_ymd_opt(human.birth.year(), month, day).unwrap_or(human.birth);
            let human = Human { birth: date(month, day), ..human.clone() };
            (Signed::born(&human, PartialDate::Day(date(day, month))).subject(), cccd(&human, ""))
        }
        D::NewYear => {
            let new_year = NaiveDate::from_ymd_opt(human.birth.year(), 1, 1).unwrap_or(human.birth);
            (Signed::born(human, PartialDate::Day(new_year)).subject(), other)
        }
        D::WrongDay => {
            let day = 1 + (human.birth.day() + 1 + dice.below(26) as u32) % 28;
            let birth = human.birth.with_day(day).unwrap_or(human.birth);
            (Signed::born(human, PartialDate::Day(birth)).subject(), other)
        }
    }
}

/// A name as it comes out of some office: without marks, in a zone, turned about, shortened.
fn worn(human: &Human, dice: &mut Dice) -> String {
    let mut words = human.words();
    match dice.below(6) {
        0 => return zone(&words, 39),
        1 => words.rotate_left(1),
        2 => words.reverse(),
        3 if words.len() == 3 => words[1] = words[1].chars().take(1).collect(),
        4 if words.len() > 2 => {
            words.remove(1);
        }
        _ => {}
    }
    let name = words.join(" ");
    match dice.below(3) {
        0 => name,
        1 => without_marks(&name).to_uppercase(),
        _ => name.nfd().collect(),
    }
}

/// A document each of two people. Half of the certificates write the name in another way; the others are cards.
pub(super) fn two_people(stranger: Stranger, dice: &mut Dice) -> (Subject, Subject) {
    use Stranger as S;
    let one = Human::draw(dice);
    let apart = Human::draw(dice);
    let year = one.birth.year();
    let renumbered = |human: Human, dice: &mut Dice| Human { number: human.draw_number(dice), ..human };
    let own_apart = |dice: &mut Dice| loop {
        let drawn = Human::draw(dice);
        if drawn.woman == one.woman && without_marks(&drawn.own) != without_marks(&one.own) {
            return drawn.own;
        }
    };
    let other = match stranger {
        S::Random | S::RandomOfOneYear => apart,
        S::Sibling => {
            let later = 1 + dice.below(8) as i32;
            let birth = draw_birth(dice, year + later);
            Human { own: own_apart(dice), birth, ..one.clone() }
        }
        S::Twin => Human { own: own_apart(dice), ..one.clone() },
        S::TwinOneLetter | S::TwinTone => {
            let from = if stranger == S::TwinTone { ONE_TONE } else { ONE_LETTER };
            let (a, b) = from[dice.below(from.len())];
            let (first, second) = (Human { own: a.into(), ..one.clone() }, Human { own: b.into(), ..one.clone() });
            let second = renumbered(second, dice);
            return (Signed::of(&first).subject(), Signed::of(&second).subject());
        }
        S::Parent => {
            let earlier = 20 + dice.below(21) as i32;
            Human { own: own_apart(dice), birth: draw_birth(dice, year - earlier), ..one.clone() }
        }
        S::Namesake => Human { birth: apart.birth, ..one.clone() },
        S::NamesakeOfOneYear => Human { birth: draw_birth(dice, year), ..one.clone() },
        S::NamesakeYearShown => Human { birth: draw_birth(dice, year), ..one.clone() },
        S::OtherMiddle => {
            let (a, b) = [("Ngọc", "Minh"), ("Văn", "Đức"), ("Thị", "Thu"), ("Thanh", "Bảo")][dice.below(4)];
            let first = Human { middles: vec![a.into()], ..one.clone() };
            let second = Human { middles: vec![b.into()], ..one.clone() };
            return (born_in(&first).subject(), cccd(&renumbered(second, dice), ""));
        }
        S::NamesakeNumbers => {
            let other = renumbered(Human { birth: draw_birth(dice, year), ..one.clone() }, dice);
            let signed = Signed { number: Some(one.number.clone()), ..born_in(&one) };
            return (signed.subject(), cccd(&other, ""));
        }
        S::SameLastDigits => {
            let number = format!("{}{}", &apart.number[..6], &one.number[6..]);
            let other = Human { birth: one.birth, number, ..apart };
            let signed = Signed { number: Some(other.number.clone()), ..Signed::of(&other) };
            return (personal(&one, true), signed.subject());
        }
    };
    let other = renumbered(other, dice);
    let shown_year = matches!(stranger, S::RandomOfOneYear | S::NamesakeYearShown);
    let other = if stranger == S::RandomOfOneYear { in_year(other, year) } else { other };
    let mut signed = if shown_year { born_in(&one) } else { Signed::of(&one) };
    if dice.below(2) == 0 {
        signed.name = worn(&one, dice);
    }
    let other = if dice.below(2) == 0 { cccd(&other, "") } else { personal(&other, false) };
    (signed.subject(), other)
}

/// A certificate that knows the year of birth alone.
fn born_in(human: &Human) -> Signed {
    Signed::born(human, PartialDate::Year(human.birth.year()))
}

fn in_year(human: Human, year: i32) -> Human {
    let birth = human.birth.with_year(year).unwrap_or(human.birth);
    Human { birth, ..human }
}

/// Letters without marks, Đ as D, by a table: the matcher's own way is not used here.
fn without_marks(text: &str) -> String {
    const PLAIN: [(&str, char); 6] = [
        ("àáảãạăằắẳẵặâầấẩẫậ", 'a'),
        ("èéẻẽẹêềếểễệ", 'e'),
        ("ìíỉĩị", 'i'),
        ("òóỏõọôồốổỗộơờớởỡợ", 'o'),
        ("ùúủũụưừứửữự", 'u'),
        ("ỳýỷỹỵ", 'y'),
    ];
    text.chars()
        .map(|letter| {
            let lower = letter.to_lowercase().next().unwrap_or(letter);
            let plain = PLAIN.iter().find(|(marked, _)| marked.contains(lower)).map_or(lower, |(_, plain)| *plain);
            let plain = if plain == 'đ' { 'd' } else { plain };
            if lower == letter { plain } else { plain.to_ascii_uppercase() }
        })
        .collect()
}

/// A machine-readable zone (ICAO 9303-3): two `<` behind the family name, one between the others, cut at its end.
fn zone(words: &[String], chars: usize) -> String {
    let plain: Vec<String> = words.iter().map(|word| without_marks(word).to_uppercase()).collect();
    let mut zone = format!("{}<<{}", plain[0], plain[1..].join("<"));
    zone.truncate(chars);
    zone
}

/// One digit typed wrong, or two neighbours turned about.
fn slip(number: &str, dice: &mut Dice) -> String {
    let mut digits: Vec<u8> = number.bytes().collect();
    let at = dice.below(digits.len() - 1);
    if dice.below(2) == 0 && digits[at] != digits[at + 1] {
        digits.swap(at, at + 1);
    } else {
        digits[at] = b'0' + (digits[at] - b'0' + 1 + dice.below(9) as u8) % 10;
    }
    digits.into_iter().map(char::from).collect()
}

/// One letter put in for another, left out or doubled.
fn wrong_letter(word: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = dice.below(letters.len());
    match dice.below(3) {
        0 => letters[at] = ['h', 'n', 'm', 't', 'u'][dice.below(5)],
        1 if letters.len() > 2 => {
            letters.remove(at);
        }
        _ => letters.insert(at, ['h', 'n', 'g', 'o'][dice.below(4)]),
    }
    letters.into_iter().collect()
}
