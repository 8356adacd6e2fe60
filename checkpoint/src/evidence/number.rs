//! Numbers of identity papers: which of them can be compared, and what the comparison says.

/// Digits that name a person in an insurance number: the last ten (Decision 1666/QĐ-BHXH).
const INSURANCE_DIGITS: usize = 10;

/// One number that a document bears.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Number {
    kind: Kind,
    /// Upper-case letters and digits; `*` for a hidden one.
    text: String,
}

/// Numbers of different kinds cannot be compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// 12 digits, for life.
    Citizen,
    /// 9 digits: a person who moved to another province got another one.
    Old,
    /// Health insurance, for life.
    Insurance,
    /// Passport or residence paper: another one with each paper.
    Passport,
}

/// What the numbers of two documents say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Both bear the same.
    Same,
    /// The same as far as one of them shows it: at least six characters.
    SameAsShown,
    /// Nothing can be compared.
    Silent,
    /// Numbers differ that one person can have two of.
    Renewed,
    /// They differ in one digit, or in two that were turned about.
    Slip,
    /// Two people.
    Another,
}

impl Number {
    /// An identity number; `None` for an empty one, or one of which nothing is shown.
    pub(super) fn identity(text: &str) -> Option<Self> {
        let text: String =
            text.chars().filter(|char| !char.is_whitespace()).flat_map(char::to_uppercase).take(32).collect();
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*');
        let kind = match text.len() {
            12 if digits => Kind::Citizen,
            9 if digits => Kind::Old,
            _ => Kind::Passport,
        };
        text.bytes().any(|byte| byte != b'*').then_some(Self { kind, text })
    }

    /// An insurance number, by the digits that name the person.
    pub(super) fn insurance(text: &str) -> Option<Self> {
        let digits = text.get(text.len().checked_sub(INSURANCE_DIGITS)?..)?;
        Some(Self { kind: Kind::Insurance, text: digits.into() })
    }

    /// Its letters and digits.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn against(&self, other: &Self) -> Numbers {
        if self.kind != other.kind {
            return Numbers::Silent;
        }
        let pairs = || self.text.bytes().zip(other.text.bytes()).filter(|(a, b)| *a != b'*' && *b != b'*');
        let shown = pairs().count();
        let differing = pairs().filter(|(a, b)| a != b).count();
        match (self.kind, differing) {
            (_, 0) if self.text.len() != other.text.len() => Numbers::Renewed,
            (_, 0) if shown == self.text.len() => Numbers::Same,
            // A masked number shows its last six of 12 digits, or its last three of 9: three tell nobody apart.
            (_, 0) if shown >= 6 => Numbers::SameAsShown,
            (_, 0) => Numbers::Silent,
            (Kind::Old | Kind::Passport, _) => Numbers::Renewed,
            (Kind::Citizen | Kind::Insurance, 1) => Numbers::Slip,
            (Kind::Citizen | Kind::Insurance, 2) if self.turned_about(other) => Numbers::Slip,
            (Kind::Citizen | Kind::Insurance, _) => Numbers::Another,
        }
    }

    /// The two that differ are neighbours in the wrong order.
    fn turned_about(&self, other: &Self) -> bool {
        let (a, b) = (self.text.as_bytes(), other.text.as_bytes());
        (1..a.len().min(b.len())).any(|at| a[at - 1] != a[at] && a[at - 1] == b[at] && a[at] == b[at - 1])
    }
}

/// What two documents' numbers say together. Where one kind agrees and another differs, one of them was mistyped.
pub(super) fn compare(a: &[Number], b: &[Number]) -> Numbers {
    let answers: Vec<Numbers> = a.iter().flat_map(|a| b.iter().map(|b| a.against(b))).collect();
    let one_of = |wanted: &[Numbers]| answers.iter().any(|answer| wanted.contains(answer));
    let agree = one_of(&[Numbers::Same, Numbers::SameAsShown]);
    match one_of(&[Numbers::Another]) {
        true if agree => Numbers::Slip,
        true => Numbers::Another,
        false => [Numbers::Same, Numbers::SameAsShown, Numbers::Slip, Numbers::Renewed]
            .into_iter()
            .find(|answer| answers.contains(answer))
            .unwrap_or(Numbers::Silent),
    }
}
