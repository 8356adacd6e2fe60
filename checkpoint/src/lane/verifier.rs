//! What a text is worth: a credential, a card, or a reason.

use crate::envelope::Envelope;
use crate::evidence::{self, likeness::Subject};
use crate::roster::Member;
use crate::rules::RuleSet;
use crate::time::TrustedTime;
use crate::trust::credential::Credential;
use crate::trust::{Refused, TrustList};
use crate::unsigned::{Card, Unsigned};
use crate::verdict::Reason;

/// What the lane needs to judge a code.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    /// Whom the kiosk believes.
    pub trust: TrustList,
    /// What is required here, all of them.
    pub rule_sets: Vec<RuleSet>,
}

/// What a text says of a visitor.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Proven claims.
    Credential(Box<Credential>),
    /// Whom the visitor claims to be: nobody signed it.
    Card(Card),
    /// Somebody of the place's roster, by its own code: nobody signed it.
    Member(Box<Member>),
}

impl Found {
    /// Whom it names, ready to compare.
    pub(super) fn subject(&self) -> Subject {
        match self {
            Self::Credential(credential) => Subject::from(&credential.claims().person),
            Self::Card(card) => Subject::from(card),
            Self::Member(member) => member.subject(),
        }
    }

    /// One line about it and whom it names, for the sealed record.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Credential(credential) => evidence::describe_with_name(credential),
            Self::Card(card) => evidence::describe_card(card),
            Self::Member(member) => evidence::describe_member(member),
        }
    }
}

impl Verifier {
    /// A text's whole way: to proven claims where it is of a signed scheme, else to a card.
    ///
    /// # Errors
    /// The reason that the guard is shown; also whom a credential names that was refused in spite of a good signature.
    pub fn read(&self, text: &str, now: TrustedTime) -> Result<Found, Refused> {
        match Envelope::decode(text) {
            Ok(envelope) => Ok(Found::Credential(Box::new(self.trust.verify_naming(envelope, now)?))),
            Err(Reason::UnknownCode) => match Unsigned::read(text)? {
                Unsigned::Card(card) => Ok(Found::Card(card)),
                Unsigned::Link(link) => Err(Reason::Link { to: link.to() }.into()),
                Unsigned::Poster(_) => Err(Reason::Poster.into()),
                Unsigned::Divoc => Err(Reason::Unprovable { what: "DIVOC" }.into()),
            },
            Err(reason) => Err(reason.into()),
        }
    }
}
