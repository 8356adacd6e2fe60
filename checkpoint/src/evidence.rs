//! What one visitor has shown so far, and whether it is all one person.

pub mod likeness;
mod name;
mod number;

pub(crate) use name::folded_tokens;

use likeness::{Likeness, SAME_MIN, Sameness, Subject};

use crate::passage::{Identity, Proof};
use crate::roster::{Guardian, Member};
use crate::screen::{Listed, Paper, PickUp, Who, plain};
use crate::time::PartialDate;
use crate::trust::Refused;
use crate::trust::credential::{Credential, Person, Statement};
use crate::unsigned::Card;
use crate::verdict::Reason;

/// Most credentials that one visit gathers. A visitor shows a certificate, a declaration and a card; a few more are
/// older copies. More is a mistake or an attack on memory.
const CREDENTIALS_MAX: usize = 8;
/// Most cards: identity, insurance, and the code of a telephone.
const CARDS_MAX: usize = 4;
/// Most papers without a code that the guard types in for one visit.
const PAPERS_MAX: usize = 4;
/// Most lines about other people: a visit ends at the first, and the guard may go on with it.
const OTHERS_MAX: usize = 4;
/// Most codes that are known again: as many as one visit can hold.
const CODES_MAX: usize = CREDENTIALS_MAX + CARDS_MAX + OTHERS_MAX;

/// What one visit has shown, in any order: all of it names one person, as far as the machine can tell.
///
/// Only credentials state anything that is proven. What the guard typed from paper states something too, on the guard's word; cards
/// tell who it is, and what was refused is kept for the sealed record alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    credentials: Vec<Credential>,
    cards: Vec<Card>,
    papers: Vec<Paper>,
    refused: Option<Refused>,
    /// What was shown of another person: a line each, for the sealed record.
    others: Vec<String>,
    /// The visitor's app answered the question on the screen with one of the credentials.
    answered: bool,
    /// Who of the place's roster it is.
    listed: Option<Box<OnRoster>>,
    /// Who came to pick the visitor up.
    guardianship: Guardianship,
    /// SHA-256 of each code that was read, also of those that named nobody: by these a code is known again.
    codes: Vec<[u8; 32]>,
}

/// Somebody of the roster.
#[derive(Clone, Debug, PartialEq)]
struct OnRoster {
    member: Member,
    /// The visitor showed the roster's own code: it names somebody by itself.
    by_code: bool,
}

/// Who came to pick a pupil up. A line of whoever it was is for the sealed record.
#[derive(Clone, Default, PartialEq)]
pub enum Guardianship {
    /// Nobody yet.
    #[default]
    Nobody,
    /// One whom the roster names for this pupil, as it writes the name.
    Registered(String),
    /// Somebody else.
    Other(String),
}

/// Personal data: `{:?}` says only which it is.
impl std::fmt::Debug for Guardianship {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl Guardianship {
    /// What a rule set reads.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Registered(_) => "registered",
            Self::Other(_) => "other",
        }
    }
}

/// Overwritten, not only given back.
impl Drop for Guardianship {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        if let Self::Registered(name) | Self::Other(name) = self {
            name.zeroize();
        }
    }
}

impl Evidence {
    /// Adds what was verified.
    ///
    /// # Errors
    /// `AnotherPerson` where it does not name the person of this visit: it does not count.
    pub fn add(&mut self, credential: Credential) -> Result<(), Reason> {
        if self.credentials.contains(&credential) {
            return Ok(()); // Of this person, however little it says of them.
        }
        self.must_be_of(&Subject::from(&credential.claims().person), || describe_with_name(&credential))?;
        if self.credentials.len() < CREDENTIALS_MAX {
            self.credentials.push(credential);
        }
        Ok(())
    }

    /// Adds a code that nobody signed: it identifies and proves nothing.
    ///
    /// # Errors
    /// `AnotherPerson`, as above.
    pub fn add_card(&mut self, card: Card) -> Result<(), Reason> {
        if self.cards.contains(&card) {
            return Ok(());
        }
        self.must_be_of(&Subject::from(&card), || describe_card(&card))?;
        if self.cards.len() < CARDS_MAX {
            self.cards.push(card);
        }
        Ok(())
    }

    /// Adds the code of somebody of the roster: nobody signed it, as a card.
    ///
    /// # Errors
    /// `AnotherPerson`, as above.
    pub fn add_member(&mut self, member: Member) -> Result<(), Reason> {
        self.must_be_of(&member.subject(), || describe_member(&member))?;
        self.listed = Some(Box::new(OnRoster { member, by_code: true }));
        Ok(())
    }

    /// What was shown names this person of the roster.
    pub fn note_member(&mut self, member: &Member) {
        if self.listed.is_none() {
            self.listed = Some(Box::new(OnRoster { member: member.clone(), by_code: false }));
        }
    }

    /// Who of the roster it is.
    pub fn member(&self) -> Option<&Member> {
        self.listed.as_ref().map(|listed| &listed.member)
    }

    /// Somebody came to pick the visitor up.
    pub fn note_guardian(&mut self, guardianship: Guardianship) {
        self.guardianship = guardianship;
    }

    /// Who came to pick the visitor up.
    pub fn guardianship(&self) -> &Guardianship {
        &self.guardianship
    }

    /// Adds what the guard read by eye and typed in.
    ///
    /// # Errors
    /// `AnotherPerson`, as above.
    pub fn add_paper(&mut self, paper: Paper) -> Result<(), Reason> {
        if self.papers.contains(&paper) {
            return Ok(());
        }
        self.must_be_of(&Subject::from(&paper), || format!("{}; {}", named_on(&paper), describe_paper(&paper)))?;
        if self.papers.len() < PAPERS_MAX {
            self.papers.push(paper);
        }
        Ok(())
    }

    /// The same without what was typed: what is proven by itself.
    pub fn without_papers(&self) -> Self {
        Self { papers: Vec::new(), ..self.clone() }
    }

    /// Keeps whom a refused credential names, for the sealed record. Returns the reason that counts for this visit:
    /// `AnotherPerson` where the refused one is somebody else's.
    pub fn note_refused(&mut self, refused: Refused) -> Reason {
        let Some(person) = refused.person.as_deref().filter(|person| !any_name(person).trim().is_empty()) else {
            return refused.reason;
        };
        if let Err(another) = self.must_be_of(&Subject::from(person), || describe_refused(&refused)) {
            return another;
        }
        let reason = refused.reason.clone();
        // The worst of them is kept.
        if self.blemish().is_none() {
            self.refused = Some(refused);
        }
        reason
    }

    /// The visitor's app answered with one of the credentials: their holder's telephone is here.
    pub fn note_answer(&mut self) {
        self.answered = true;
    }

    /// Whether an app could answer for one of the credentials, and did not.
    pub fn lacks_answer(&self) -> bool {
        !self.answered && self.credentials.iter().any(|credential| credential.holder_key().is_some())
    }

    /// This code was read.
    pub(crate) fn note_code(&mut self, digest: [u8; 32]) {
        if self.codes.len() < CODES_MAX && !self.codes.contains(&digest) {
            self.codes.push(digest);
        }
    }

    /// SHA-256 of each code that was read.
    pub(crate) fn codes(&self) -> &[[u8; 32]] {
        &self.codes
    }

    /// Why a document of the same person does not count that no good one outweighs.
    pub fn blemish(&self) -> Option<&Reason> {
        self.refused.as_ref().map(|refused| &refused.reason).filter(|reason| reason.is_blemish())
    }

    /// Drops what was shown of other people: it stands in the sealed record.
    pub fn forget_others(&mut self) {
        self.others.clear();
    }

    /// Nobody was named yet by what counts: no credential, no card, no paper.
    pub fn is_empty(&self) -> bool {
        let coded = self.listed.as_ref().is_some_and(|listed| listed.by_code);
        self.credentials.is_empty() && self.cards.is_empty() && self.papers.is_empty() && !coded
    }

    /// Whether everything shown so far is surely about this person. False while nothing was shown.
    pub fn is_of(&self, subject: &Subject) -> bool {
        let mut known = self.subjects().into_iter().chain(self.refused_subject()).peekable();
        known.peek().is_some() && known.all(|known| known.likeness(subject).sameness == Sameness::Same)
    }

    /// The credentials, in the order in which they were shown.
    pub fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    /// The cards, in the order in which they were shown. Whom the visitor claims to be.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// What the guard typed from paper, in that order.
    pub fn papers(&self) -> &[Paper] {
        &self.papers
    }

    /// Whether the visitor's app answered the question on the screen.
    pub fn answered(&self) -> bool {
        self.answered
    }

    /// Every statement, with the credential that makes it.
    pub fn statements(&self) -> impl Iterator<Item = (&Credential, &Statement)> {
        self.credentials
            .iter()
            .flat_map(|credential| credential.claims().statements.iter().map(move |statement| (credential, statement)))
    }

    /// Whether the machine cannot tell that all of it is one person: the guard must compare.
    ///
    /// What counts must match each other surely, and everything else something that counts. Where two documents do not, a third may
    /// stand between them: an identity card, or another signed document, that writes the whole name and birth date. A code that hides
    /// half of both matches nearly everybody, and joins nothing. The reason carries the best of the scores that are too low.
    pub fn doubt(&self) -> Option<Reason> {
        let documents = self.documents();
        let counts = documents.iter().any(|document| document.counts);
        let doubts = documents.iter().enumerate().any(|(at, document)| {
            let reached = reached(&documents, at);
            let mut proofs = documents.iter().zip(&reached).filter(|(other, _)| other.counts || !counts);
            if document.counts || !counts {
                !proofs.all(|(_, reached)| *reached)
            } else {
                !proofs.any(|(_, reached)| *reached)
            }
        });
        if !doubts {
            return None;
        }
        let pairs = documents.iter().enumerate().flat_map(|(at, a)| documents[at + 1..].iter().map(move |b| (a, b)));
        let scores = pairs.map(|(a, b)| a.subject.likeness(&b.subject)).filter(|like| like.sameness != Sameness::Same);
        Some(Reason::WeakMatch {
            score: scores.map(|Likeness { score, .. }| score).max().unwrap_or(0),
            score_min: SAME_MIN,
        })
    }

    /// Whether an identity card was shown: a code that hides half of it is none.
    pub fn has_identity_card(&self) -> bool {
        self.cards.iter().any(|card| card.document() == crate::unsigned::Document::Cccd)
    }

    /// Name and birth year for the screen: as a credential has them, else as the guard typed them, else as a card has.
    pub fn who(&self) -> Option<Who> {
        if let Some(OnRoster { member, .. }) = self.listed.as_deref() {
            return Some(self.listed_as(member));
        }
        let verified = self.credentials.first().map(|credential| (&credential.claims().person, Proof::Verified));
        if let Some((person, proof)) = verified {
            return Some(Who::named(any_name(person), person.birth, proof));
        }
        if let Some(paper) = self.papers.first() {
            return Some(Who::named(&paper.name, paper.birth, Proof::ByEye));
        }
        self.cards.first().map(|card| Who::named(card.name(), card.birth(), Proof::Unsigned))
    }

    /// Somebody of the roster, with class, and with whoever may pick up or did.
    fn listed_as(&self, member: &Member) -> Who {
        let proof = match (self.credentials.is_empty(), self.papers.is_empty()) {
            (false, _) => Proof::Verified,
            (true, false) => Proof::ByEye,
            (true, true) => Proof::Unsigned,
        };
        let registered = || member.guardians().iter().map(named_for_guard).collect();
        Who::Listed(Box::new(Listed {
            name: plain(member.name()),
            birth_year: member.birth().year(),
            class: plain(member.class()),
            proof,
            pick_up: match &self.guardianship {
                Guardianship::Nobody => PickUp::MayBe(registered()),
                Guardianship::Registered(name) => PickUp::By(plain(name)),
                Guardianship::Other(_) => PickUp::Other(registered()),
            },
        }))
    }

    /// Under whom the holder is remembered: one person of the roster is one, whatever code is shown.
    pub fn known_as(&self) -> Option<Person> {
        self.member().map(Member::person).or_else(|| self.holder())
    }

    /// Whom the visit is about: by what is verified, else by what the guard typed, else by what was refused, else by a card.
    pub fn holder(&self) -> Option<Person> {
        self.named().map(|(person, _)| person)
    }

    fn named(&self) -> Option<(Person, Proof)> {
        let verified = || Some((self.credentials.first()?.claims().person.clone(), Proof::Verified));
        let by_eye = || Some((person_on(self.papers.first()?), Proof::ByEye));
        let refused = || Some((self.refused.as_ref()?.person.as_deref()?.clone(), Proof::Refused));
        let unsigned = || Some((person_of(self.cards.first()?), Proof::Unsigned));
        let listed = || Some((self.member()?.person(), Proof::Unsigned));
        verified().or_else(by_eye).or_else(refused).or_else(unsigned).or_else(listed)
    }

    /// What is sealed with the passage: the person, what stands behind the name, and a line for each code.
    pub fn identity(&self) -> Option<Identity> {
        let (person, proof) = self.named()?;
        let shown = self.credentials.iter().map(describe).chain(self.papers.iter().map(describe_paper));
        let shown = shown.chain(self.refused.iter().map(describe_refused)).chain(self.cards.iter().map(describe_card));
        let shown = shown.chain(self.others.iter().map(|line| format!("another person: {line}")));
        let shown = shown.chain(self.member().map(describe_member));
        let picked_up = match &self.guardianship {
            Guardianship::Nobody => None,
            Guardianship::Registered(line) => Some(format!("picked up by: {line}")),
            Guardianship::Other(line) => Some(format!("came to pick up: {line}")),
        };
        Some(Identity::of(person, proof, shown.chain(picked_up).collect()))
    }

    /// What names another person does not count; one line of it is kept.
    fn must_be_of(&mut self, subject: &Subject, line: impl FnOnce() -> String) -> Result<(), Reason> {
        let another = |known: &Subject| known.likeness(subject).sameness == Sameness::Another;
        if !self.subjects().iter().any(another) {
            return Ok(());
        }
        if self.others.len() < OTHERS_MAX {
            self.others.push(line());
        }
        Err(Reason::AnotherPerson)
    }

    fn subjects(&self) -> Vec<Subject> {
        self.documents().into_iter().map(|document| document.subject).collect()
    }

    fn documents(&self) -> Vec<Document> {
        let signed = self.credentials.iter().map(|credential| {
            let subject = Subject::from(&credential.claims().person);
            Document { counts: true, joins: subject.is_whole(), subject }
        });
        let cards = self.cards.iter().map(|card| {
            let subject = Subject::from(card);
            let is_identity_card = card.document() == crate::unsigned::Document::Cccd;
            Document { counts: false, joins: is_identity_card && subject.is_whole(), subject }
        });
        let typed =
            self.papers.iter().map(|paper| Document { counts: true, joins: false, subject: Subject::from(paper) });
        let coded = self.listed.iter().filter(|listed| listed.by_code).map(|listed| listed.member.subject());
        let coded = coded.map(|subject| Document { counts: false, joins: false, subject });
        signed.chain(cards).chain(typed).chain(coded).collect()
    }

    fn refused_subject(&self) -> Option<Subject> {
        Some(Subject::from(self.refused.as_ref()?.person.as_deref()?))
    }
}

/// One document of a visit, to be compared with the others.
struct Document {
    subject: Subject,
    /// It states something that the rules judge.
    counts: bool,
    /// It may stand between two others.
    joins: bool,
}

/// Which documents are surely the same person as this one, by themselves or by those that may stand between.
fn reached(documents: &[Document], from: usize) -> Vec<bool> {
    let mut reached = vec![false; documents.len()];
    reached[from] = true;
    let mut ends = vec![from];
    while let Some(at) = ends.pop() {
        for (next, document) in documents.iter().enumerate() {
            let same = documents[at].subject.likeness(&document.subject).sameness == Sameness::Same;
            if !reached[next] && same {
                reached[next] = true;
                ends.extend(document.joins.then_some(next));
            }
        }
    }
    reached
}

/// The name as written, or else as transliterated.
pub(crate) fn any_name(person: &Person) -> &str {
    match (&person.name, &person.name_transliterated) {
        (name, Some(letters)) if name.trim().is_empty() => letters,
        (name, _) => name,
    }
}

/// A card's holder, for the sealed record: there is no other way from a card to a person.
fn person_of(card: &Card) -> Person {
    Person {
        name: card.name().into(),
        name_transliterated: None,
        birth: card.birth(),
        number: card.number().or(card.insurance()).map(Into::into),
    }
}

/// Whom the guard read on a paper.
fn person_on(paper: &Paper) -> Person {
    Person { name: paper.name.clone(), name_transliterated: None, birth: paper.birth, number: paper.number.clone() }
}

/// One line about a credential and whom it names, for the contact tracer who opens the sealed part.
pub(crate) fn describe_with_name(credential: &Credential) -> String {
    let person = &credential.claims().person;
    format!("{}; {}", named(any_name(person), person.birth, person.number.as_deref()), describe(credential))
}

/// One line about a credential of this visit's person.
fn describe(credential: &Credential) -> String {
    let claims = credential.claims();
    let statements: Vec<String> = claims
        .statements
        .iter()
        .map(|statement| match statement {
            Statement::Vaccination(dose) => {
                format!("vaccination {} {}/{} {}", dose.vaccine, dose.dose, dose.doses_total, dose.date)
            }
            Statement::Test(test) => format!("test {} {:?}", test.kind, test.result),
            Statement::Recovery(recovery) => format!("recovery {}", recovery.first_positive),
            Statement::Declaration(declaration) => format!(
                "declaration {} symptoms [{}] contact {} places [{}]",
                declaration.made_at,
                declaration.symptoms.join(", "),
                declaration.contact,
                declaration.places.join("; ")
            ),
            Statement::TravelPermit(permit) => format!("permit {} to {}", permit.from, permit.to),
            Statement::Other(other) => other.kind.clone(),
        })
        .collect();
    format!("{} {}: {}", claims.issuer, claims.id.as_deref().unwrap_or("-"), statements.join(" + "))
}

/// The same about a credential that was refused.
fn describe_refused(refused: &Refused) -> String {
    let named = refused
        .person
        .as_ref()
        .map_or_else(String::new, |person| named(any_name(person), person.birth, person.number.as_deref()));
    format!("refused {}: {named}", refused.reason.code())
}

/// The same about a card.
pub(crate) fn describe_card(card: &Card) -> String {
    let named = named(card.name(), card.birth(), card.number().or(card.insurance()));
    format!("unsigned {}: {named}", card.document().word())
}

/// The same about somebody of the roster.
pub(crate) fn describe_member(member: &Member) -> String {
    let number = Some(member.number()).filter(|number| !number.is_empty());
    format!("roster: {}, {}", named(member.name(), member.birth(), number), member.class())
}

/// A guardian for the guard's eyes: name, what they are to the pupil, telephone.
fn named_for_guard(guardian: &Guardian) -> String {
    let parts = [guardian.name(), guardian.relation(), guardian.phone()];
    plain(&parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
}

/// The same about a paper: what the guard read on it.
pub(crate) fn describe_paper(paper: &Paper) -> String {
    let mut line = format!("by eye: {}", paper.kind.word());
    if let Some(vaccine) = &paper.vaccine {
        line += &format!(", {vaccine}");
    }
    if let Some(doses) = paper.doses {
        line += &format!(", doses {doses}");
    }
    if let Some(date) = paper.date {
        line += &format!(", {date}");
    }
    if let Some(time) = paper.time {
        line += &format!(" {}", time.format("%H:%M"));
    }
    line
}

pub(crate) fn named_on(paper: &Paper) -> String {
    named(&paper.name, paper.birth, paper.number.as_deref())
}

fn named(name: &str, birth: PartialDate, number: Option<&str>) -> String {
    format!("{name}, {birth}, {}", number.unwrap_or("-"))
}
