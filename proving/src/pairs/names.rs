//! Frequent Vietnamese names, and people drawn from them.
//!
//! Shares of family names in per mille after Lê Trung Hoa, "Họ và tên người Việt Nam" (2005), as Wikipedia gives them ("Vietnamese
//! name"); the rest of the families share what is left. Middle and own names are those that such lists and rolls of candidates name
//! as frequent, the more frequent ones twice or three times; nobody has published their shares.

use chrono::NaiveDate;

use crate::sequences::dice::Dice;

const FAMILIES: [(&str, usize); 24] = [
    ("Nguyễn", 384),
    ("Trần", 121),
    ("Lê", 95),
    ("Phạm", 70),
    ("Hoàng", 26),
    ("Huỳnh", 25),
    ("Phan", 45),
    ("Vũ", 20),
    ("Võ", 19),
    ("Đặng", 21),
    ("Bùi", 20),
    ("Đỗ", 14),
    ("Hồ", 13),
    ("Ngô", 13),
    ("Dương", 10),
    ("Lý", 5),
    ("Đinh", 10),
    ("Trương", 15),
    ("Đoàn", 8),
    ("Lương", 8),
    ("Mai", 8),
    ("Trịnh", 7),
    ("Tô", 5),
    ("Đào", 8),
];

const MIDDLES_OF_MEN: [&str; 20] = [
    "Văn", "Văn", "Văn", "Văn", "Hữu", "Đức", "Minh", "Quốc", "Công", "Xuân", "Thanh", "Ngọc", "Đình", "Quang", "Anh",
    "Hoàng", "Gia", "Bảo", "Tuấn", "Thế",
];

const MIDDLES_OF_WOMEN: [&str; 20] = [
    "Thị", "Thị", "Thị", "Thị", "Thị", "Ngọc", "Thu", "Thanh", "Kim", "Minh", "Hồng", "Phương", "Mỹ", "Quỳnh", "Bích",
    "Tuyết", "Khánh", "Bảo", "Như", "Diễm",
];

const MEN: [&str; 56] = [
    "Anh", "Anh", "Hùng", "Hùng", "Dũng", "Dũng", "Tuấn", "Tuấn", "Minh", "Minh", "Nam", "Nam", "Hải", "Hải", "Long",
    "Long", "Sơn", "Hoàng", "Hưng", "Cường", "Thắng", "Thành", "Đức", "Trung", "Huy", "Quang", "Bình", "An", "Phúc",
    "Khoa", "Khôi", "Kiên", "Lâm", "Đạt", "Duy", "Tùng", "Tú", "Tân", "Tấn", "Thuận", "Toàn", "Việt", "Vinh", "Vũ",
    "Phong", "Hiếu", "Hòa", "Hoà", "Quý", "Quân", "Thái", "Thịnh", "Tiến", "Trí", "Khánh", "Nhân",
];

const WOMEN: [&str; 56] = [
    "Anh",
    "Anh",
    "Hương",
    "Hương",
    "Lan",
    "Lan",
    "Hoa",
    "Hoa",
    "Hà",
    "Hà",
    "Linh",
    "Linh",
    "Mai",
    "Mai",
    "Thảo",
    "Thảo",
    "Trang",
    "Trang",
    "Ngọc",
    "Hạnh",
    "Hằng",
    "Hồng",
    "Huyền",
    "Nga",
    "Nhung",
    "Yến",
    "Thủy",
    "Thuỷ",
    "Thúy",
    "Thu",
    "Dung",
    "Loan",
    "Phượng",
    "Phương",
    "Quyên",
    "Quỳnh",
    "Tâm",
    "Tuyết",
    "Vân",
    "Vy",
    "Vi",
    "Xuân",
    "Bình",
    "Chi",
    "Châu",
    "Diệp",
    "Duyên",
    "Giang",
    "Hiền",
    "Hòa",
    "Lý",
    "My",
    "Mỹ",
    "Ngân",
    "Nhi",
    "Oanh",
];

/// Own names of which pairs differ in one letter: what twins are sometimes called.
pub(super) const ONE_LETTER: [(&str, &str); 12] = [
    ("An", "Ân"),
    ("An", "Anh"),
    ("Lan", "Loan"),
    ("Hoa", "Hoan"),
    ("Hải", "Hai"),
    ("Long", "Lon"),
    ("Minh", "Linh"),
    ("Hùng", "Hưng"),
    ("Tân", "Tâm"),
    ("Nga", "Ngân"),
    ("Thu", "Thư"),
    ("Phong", "Phon"),
];

/// Own names that differ in the tone alone.
pub(super) const ONE_TONE: [(&str, &str); 12] = [
    ("Hoa", "Hòa"),
    ("Thủy", "Thúy"),
    ("Hồng", "Hổng"),
    ("Tú", "Tu"),
    ("Tấn", "Tân"),
    ("Thắng", "Thăng"),
    ("Hà", "Hạ"),
    ("Phượng", "Phương"),
    ("Dũng", "Dung"),
    ("Lý", "Ly"),
    ("Quý", "Quy"),
    ("Mỹ", "My"),
];

/// A person who does not exist.
#[derive(Clone)]
pub(super) struct Human {
    pub(super) family: String,
    pub(super) middles: Vec<String>,
    pub(super) own: String,
    pub(super) woman: bool,
    pub(super) birth: NaiveDate,
    /// Twelve digits.
    pub(super) number: String,
    /// Nine digits, of the card before.
    pub(super) number_old: String,
}

impl Human {
    /// A person of 5 to 85 years.
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let woman = dice.below(2) == 0;
        let family = draw_family(dice);
        let middle = |dice: &mut Dice| pick(dice, if woman { &MIDDLES_OF_WOMEN } else { &MIDDLES_OF_MEN });
        // Two words are one name in six, four words one in six.
        let count = [0, 1, 1, 1, 1, 2][dice.below(6)];
        let mut middles: Vec<String> = (0..count).map(|_| middle(dice)).collect();
        middles.dedup();
        let own = pick(dice, if woman { &WOMEN } else { &MEN });
        let year = 1936 + dice.below(81) as i32;
        let birth = draw_birth(dice, year);
        let mut human =
            Self { family, middles, own, woman, birth, number: String::new(), number_old: draw_digits(dice, 9) };
        human.number = human.draw_number(dice);
        human
    }

    /// Twelve digits as the law numbers people (Decree 137/2015/NĐ-CP, article 13): province, century and sex, year, and six drawn.
    pub(super) fn draw_number(&self, dice: &mut Dice) -> String {
        use chrono::Datelike;
        let year = self.birth.year();
        let century = if year >= 2000 { 2 } else { 0 } + usize::from(self.woman);
        format!("{:03}{century}{:02}{}", 1 + dice.below(96), year % 100, draw_digits(dice, 6))
    }

    /// Words of the whole name, family first.
    pub(super) fn words(&self) -> Vec<String> {
        [vec![self.family.clone()], self.middles.clone(), vec![self.own.clone()]].concat()
    }
}

/// A day of that year, from 1 to 28 of a month, and never the first of January: that stands for an unknown day.
pub(super) fn draw_birth(dice: &mut Dice, year: i32) -> NaiveDate {
    let (month, day) = (1 + dice.below(12) as u32, 1 + dice.below(28) as u32);
    let day = if (month, day) == (1, 1) { 2 } else { day };
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

pub(super) fn draw_digits(dice: &mut Dice, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + dice.below(10) as u8)).collect()
}

fn draw_family(dice: &mut Dice) -> String {
    let all: usize = FAMILIES.iter().map(|(_, share)| share).sum();
    let mut left = dice.below(all);
    for (family, share) in FAMILIES {
        if left < share {
            return family.into();
        }
        left -= share;
    }
    FAMILIES[0].0.into()
}

pub(super) fn pick(dice: &mut Dice, from: &[&str]) -> String {
    from[dice.below(from.len())].into()
}
