//! A school's roster: a file that anybody may have written to a stick.

use checkpoint::csv;
use checkpoint::evidence::Evidence;
use checkpoint::roster::{ROSTER_ROWS_MAX, Roster};
use checkpoint::screen::acts_on_text;
use checkpoint::verdict::Answer;

use crate::Budget;
use crate::forge;
use crate::rules::{decided, shipped};

/// A file of 4 KiB takes a few times its length, and every line a few strings of its own.
const BUDGET: Budget = Budget { heap_bytes_max: 1024 * 1024, cpu_ms_max: 50 };

/// A file.
pub fn file(input: &[u8]) {
    if let Some(cells) = std::str::from_utf8(input).ok().and_then(|line| csv::cells(line, ',', 64)) {
        let again =
            csv::cells(&csv::line(cells.iter().map(String::as_str)), ',', 64).expect("what was written is read");
        let same = |(read, before): (&String, &String)| read == before || *read == format!("'{before}");
        assert!(again.len() == cells.len() && again.iter().zip(&cells).all(same), "{cells:?} {again:?}");
    }
    let Ok(roster) = BUDGET.spend(|| Roster::parse(input)) else { return };
    assert!(roster.members().len() + roster.damaged().len() <= ROSTER_ROWS_MAX);
    assert!(roster.damaged().iter().all(|damage| damage.line > 1 && damage.line <= 1 + input.len()));
    for member in roster.members() {
        for text in [member.name(), member.class(), member.number()] {
            assert!(!text.chars().any(acts_on_text), "{text:?}");
        }
        assert!(!member.name().is_empty() && member.guardians().len() <= 4);
        assert!(!member.number().is_empty() || member.birth().year().is_some(), "nobody could be found");
        assert!(
            member.number().is_empty() || roster.by_code(member.number()) == Some(member),
            "a number is one person's"
        );
        let found = BUDGET.spend(|| roster.find(&member.subject()));
        assert!(found.is_none_or(|found| found.birth() == member.birth() || found.number() == member.number()));
    }
    if let Some(member) = roster.members().first() {
        let mut alone = Evidence::default();
        assert_eq!(alone.add_member(member.clone()), Ok(()));
        for rule_set in shipped() {
            if let checkpoint::rules::Decision::Decided(verdict) = decided(&[rule_set], &alone, forge::now()) {
                assert!(verdict.answer() != Answer::Admit, "a roster alone admits");
            }
        }
    }
}

/// Seeds of `roster`, of people who do not exist.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        "number,name,birth,class,picked_up,guardian1,guardian1_number,guardian1_birth,guardian1_phone,guardian1_relation\n\
         HS-1,Nguyễn Văn Thử,2015-09-30,3A,x,Trần Thị B,001185000002,1985,0912 345 678,mẹ\n",
        "\u{feff}Mã số;Họ và tên;Ngày sinh;Lớp;Đón\r\nhs-1;\"Nguyễn \"\"Văn\"\" Thử\";30/9/2015;3A;không\r\nHS-1;B;2015;3A;\r\n",
        "name\tbirth\nA\t2015\nB\t31.12.2014\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
