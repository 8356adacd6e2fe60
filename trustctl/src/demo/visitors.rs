//! Who comes to the demonstration's checkpoint, one for each outcome. Every name, number and date is invented.

use chrono::{DateTime, Days, TimeDelta, Utc};
use ed25519_dalek::SigningKey;

use super::authority::{ISSUER, ISSUER_HC1, Issuers};
use super::carrier::Carrier;
use crate::describe::{Declaration, Description, Person, Vaccination};
use crate::fault::Fault;
use crate::keys::SecretKey;
use crate::{hc1, native};
use checkpoint::time::day_in_vietnam;

/// One visitor, what they show, and what must come of it with the rule sets `two-doses-14-days` and `declaration-72h`.
pub struct Visitor {
    /// Name of the case.
    pub id: &'static str,
    /// What happens, for people.
    pub story: &'static str,
    /// Texts of the codes, in the order in which they are shown, and what on.
    pub codes: Vec<(String, Carrier)>,
    /// "admit", "refuse" or "refer".
    pub outcome: &'static str,
    /// Short code of the reason; none for an admission.
    pub reason: Option<&'static str>,
    /// Holds the first code too close and out of focus before it can be read.
    pub blurred_at_first: bool,
    /// Comes by night.
    pub at_dusk: bool,
    /// Comes once the verdict before is gone from the screen: a code that says nothing about its holder changes no verdict.
    pub waits_for_an_empty_screen: bool,
    /// The visit only ends by itself: nothing may come before the camera until then.
    pub leaves_unfinished: bool,
}

/// Writes credentials whose times are counted back from the recording's start.
struct Desk {
    issuers: Issuers,
    start: DateTime<Utc>,
}

/// Somebody who does not exist.
#[derive(Clone, Copy)]
struct Invented {
    name: &'static str,
    birth: &'static str,
    number: &'static str,
}

const fn invented(name: &'static str, birth: &'static str, number: &'static str) -> Invented {
    Invented { name, birth, number }
}

/// Province code 999 does not exist: nobody has these numbers.
const PEOPLE: [Invented; 13] = [
    invented("Nguyễn Thị Hường", "1985-04-12", "999185000001"),
    invented("Trần Văn Đức", "1990-11-03", "999090000002"),
    invented("Lê Thị Mỹ Duyên", "1999-07-21", "999199000003"),
    invented("Phạm Quốc Bảo", "1978-02-28", "999078000004"),
    invented("Hoàng Thị Ngọc Ánh", "2001-09-15", "999301000005"),
    invented("Huỳnh Văn Tuấn", "1967-12-30", "999067000006"),
    invented("Phan Thị Thủy Tiên", "1993-06-08", "999193000007"),
    invented("Vũ Đình Khương", "1988-01-19", "999088000008"),
    invented("Võ Thị Kiều Oanh", "1972-05-05", "999172000009"),
    invented("Đặng Hữu Phước", "1995-10-24", "999095000010"),
    invented("Bùi Thị Như Ý", "2003-03-17", "999303000011"),
    invented("Đỗ Trọng Nghĩa", "1982-08-09", "999082000012"),
    invented("Ngô Thị Quỳnh Như", "1997-12-01", "999197000013"),
];

impl Desk {
    fn ago(&self, hours: i64) -> DateTime<Utc> {
        self.start - TimeDelta::hours(hours)
    }

    /// A dose so many calendar days before the recording's day.
    fn dose(&self, number: u32, days_ago: u64) -> Vaccination {
        let day = day_in_vietnam(self.start).checked_sub_days(Days::new(days_ago)).expect("a day of the calendar");
        Vaccination {
            disease: "840539006".into(),
            vaccine: "EU/1/20/1528".into(),
            dose: number,
            doses_total: 2,
            date: day.to_string(),
            country: "VN".into(),
            prophylaxis: "1119349007".into(),
            maker: "ORG-100030215".into(),
        }
    }

    fn declared(&self, hours_ago: i64, symptoms: &[&str]) -> Declaration {
        Declaration {
            made_at: self.ago(hours_ago),
            symptoms: symptoms.iter().map(|symptom| (*symptom).into()).collect(),
            contact: false,
            places: Vec::new(),
            at_entry: false,
        }
    }

    fn describe(&self, who: Invented, id: &str) -> Description {
        Description {
            issuer: ISSUER.into(),
            issued_at: Some(self.ago(1)),
            not_before: None,
            expires_at: self.start + TimeDelta::days(7),
            id: Some(format!("demo-{id}")),
            person: Person { name: who.name.into(), birth: who.birth.into(), number: Some(who.number.into()) },
            vaccinations: Vec::new(),
            tests: Vec::new(),
            recoveries: Vec::new(),
            declaration: None,
            travel_permit: None,
        }
    }

    /// Both statements in one native credential, signed by the health office.
    fn both(&self, who: Invented, id: &str, dose: Vaccination, declaration: Declaration) -> Result<String, Fault> {
        self.native(&self.statements(who, id, dose, declaration), self.issuers.health.as_ed25519()?)
    }

    fn statements(&self, who: Invented, id: &str, dose: Vaccination, declaration: Declaration) -> Description {
        Description { vaccinations: vec![dose], declaration: Some(declaration), ..self.describe(who, id) }
    }

    fn native(&self, description: &Description, key: &SigningKey) -> Result<String, Fault> {
        native::issue(description, key)
    }

    fn declaration_only(&self, who: Invented, id: &str) -> Result<String, Fault> {
        let description = Description { declaration: Some(self.declared(5, &[])), ..self.describe(who, id) };
        self.native(&description, self.issuers.health.as_ed25519()?)
    }

    fn certificate(&self, who: Invented, id: &str) -> Result<String, Fault> {
        let mut description = self.describe(who, id);
        description.issuer = ISSUER_HC1.into();
        description.issued_at = Some(self.ago(24 * 90));
        description.expires_at = self.start + TimeDelta::days(275);
        description.person.number = None;
        description.vaccinations = vec![self.dose(2, 120)];
        match &self.issuers.hc1.key {
            SecretKey::P256 { key, certificate } => hc1::issue(&description, key, certificate),
            SecretKey::Ed25519(_) => Err(Fault::Crypto("the demo's HC1 key is not P-256".into())),
        }
    }
}

/// Everybody who comes, in order. Times in their credentials are relative to `start`.
///
/// # Errors
/// `Unsound` or `Crypto`, never with the people of this file.
pub fn visitors(start: DateTime<Utc>) -> Result<Vec<Visitor>, Fault> {
    let desk = Desk { issuers: Issuers::new()?, start };
    let health = desk.issuers.health.as_ed25519()?;
    let p = PEOPLE;
    let case = |id, story, codes: Vec<(String, Carrier)>, outcome, reason| Visitor {
        id,
        story,
        codes,
        outcome,
        reason,
        blurred_at_first: false,
        at_dusk: false,
        waits_for_an_empty_screen: false,
        leaves_unfinished: false,
    };

    let mut expired = desk.statements(p[6], "expired", desk.dose(2, 200), desk.declared(60, &[]));
    expired.issued_at = Some(desk.ago(59));
    expired.expires_at = desk.ago(11);
    let mut old = desk.statements(p[4], "declared-80-hours-ago", desk.dose(2, 60), desk.declared(80, &[]));
    old.issued_at = Some(desk.ago(79));
    let forged = {
        // The health office's own signature, under claims that it never saw.
        let honest = desk.both(p[7], "forged", desk.dose(1, 90), desk.declared(3, &[]))?;
        let claimed = desk.both(p[7], "forged", desk.dose(2, 90), desk.declared(3, &[]))?;
        let claims = claimed.rsplit_once('.').map_or("", |(signed, _)| signed);
        let signature = honest.rsplit_once('.').map_or("", |(_, signature)| signature);
        format!("{claims}.{signature}")
    };
    let by_a_stranger = desk.statements(p[8], "unknown-key", desk.dose(2, 150), desk.declared(8, &[]));
    let by_the_hospital = desk.statements(p[12], "key-not-for-declarations", desk.dose(2, 75), desk.declared(2, &[]));

    Ok(vec![
        case(
            "admitted-by-one-code",
            "Two doses and a fresh declaration in one native code, on a telephone.",
            vec![(desk.both(p[0], "one-code", desk.dose(2, 180), desk.declared(6, &[]))?, Carrier::Phone)],
            "admit",
            None,
        ),
        case(
            "admitted-by-certificate-then-declaration",
            "An HC1 certificate on a card, then a declaration on a telephone.",
            vec![
                (desk.certificate(p[1], "certificate-then-declaration")?, Carrier::Card),
                (desk.declaration_only(p[1], "declaration")?, Carrier::Phone),
            ],
            "admit",
            None,
        ),
        Visitor {
            waits_for_an_empty_screen: true,
            leaves_unfinished: true,
            ..case(
                "a-web-address-only",
                "A shop's code: a web address, which nobody can verify without a network.",
                vec![("https://shop.example.vn/thanh-toan?ma=DEMO-000123&so-tien=45000".into(), Carrier::Slip)],
                "refer",
                Some("E-LINK"),
            )
        },
        case(
            "one-dose-only",
            "Only the first dose.",
            vec![(desk.both(p[2], "one-dose", desk.dose(1, 40), desk.declared(4, &[]))?, Carrier::Slip)],
            "refuse",
            Some("R-DOSES"),
        ),
        Visitor {
            at_dusk: true,
            ..case(
                "second-dose-12-days-ago",
                "The second dose was 12 days ago: it holds in two days.",
                vec![(desk.both(p[3], "twelve-days", desk.dose(2, 12), desk.declared(4, &[]))?, Carrier::Phone)],
                "refuse",
                Some("R-RECENT"),
            )
        },
        Visitor {
            blurred_at_first: true,
            ..case(
                "declared-80-hours-ago",
                "The declaration is 80 hours old. The visitor first holds it where the camera cannot see it sharply.",
                vec![(desk.native(&old, health)?, Carrier::Slip)],
                "refuse",
                Some("R-DECLOLD"),
            )
        },
        case(
            "declares-symptoms",
            "Fever and cough.",
            vec![(
                desk.both(p[5], "symptoms", desk.dose(2, 100), desk.declared(2, &["fever", "cough"]))?,
                Carrier::Phone,
            )],
            "refuse",
            Some("R-SYMPTOMS"),
        ),
        case(
            "expired",
            "The code ended eleven hours ago.",
            vec![(desk.native(&expired, health)?, Carrier::Card)],
            "refuse",
            Some("C-EXPIRED"),
        ),
        case(
            "forged",
            "One dose was changed into two; the signature is that of the honest code.",
            vec![(forged, Carrier::Phone)],
            "refuse",
            Some("S-SIG"),
        ),
        Visitor {
            at_dusk: true,
            ..case(
                "unknown-key",
                "Well signed, by somebody whom the list does not name.",
                vec![(desk.native(&by_a_stranger, desk.issuers.stranger.as_ed25519()?)?, Carrier::Slip)],
                "refer",
                Some("S-KEY"),
            )
        },
        case(
            "two-people",
            "One person's certificate, another person's declaration.",
            vec![
                (desk.certificate(p[9], "lent-certificate")?, Carrier::Card),
                (desk.declaration_only(p[10], "of-somebody-else")?, Carrier::Phone),
            ],
            "refer",
            Some("V-PERSON"),
        ),
        case(
            "key-not-for-declarations",
            "A hospital signed a declaration, and may sign vaccinations alone.",
            vec![(desk.native(&by_the_hospital, desk.issuers.hospital.as_ed25519()?)?, Carrier::Slip)],
            "refuse",
            Some("S-USE"),
        ),
        Visitor {
            leaves_unfinished: true,
            ..case(
                "leaves-without-a-declaration",
                "An HC1 certificate; then the visitor walks away.",
                vec![(desk.certificate(p[11], "certificate-only")?, Carrier::Card)],
                "refer",
                Some("V-MISSING"),
            )
        },
    ])
}
