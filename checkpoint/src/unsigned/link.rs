//! Web addresses: of a declaration, of a place, or of anything. A pointer holds no data and no signature, so that nothing
//! about it can be verified without a network; the kiosk opens none, with a network either.

use serde_json::{Value, json};

/// Longest address, in bytes. Browsers and servers agree on 2,000.
const BYTES_MAX: usize = 2048;

/// What a web address is about, by its own words: a hint for the guard, believed by nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkTo {
    /// A health declaration.
    Declaration,
    /// A place that registers its visitors.
    Place,
    /// Anything.
    Page,
}

impl LinkTo {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Declaration, Self::Place, Self::Page];

    /// The value in the message files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Declaration => "declaration",
            Self::Place => "place",
            Self::Page => "page",
        }
    }
}

/// A web address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    to: LinkTo,
    host: String,
    id: Option<String>,
}

impl Link {
    /// Reads an address of `http` or `https` in visible ASCII (RFC 3986, section 2); `None` for anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        if !is_web || text.len() > BYTES_MAX || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = host.split_once(':').map_or(host, |(host, _)| host).to_ascii_lowercase();
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_host) {
            return None;
        }
        let path = path.to_ascii_lowercase();
        let words = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
        // The words of the addresses seen: kbyt.khambenh.gov.vn/qr/…, kbyt.khambenh.gov.vn/#tokhai_yte/ketqua?id=…
        let to = if words(&path, &["/qr/", "diadiem", "dia-diem", "location"]) {
            LinkTo::Place
        } else if words(&path, &["tokhai", "to-khai", "khaibao", "khai-bao", "declaration"])
            || words(&host, &["tokhai", "khaibao"])
        {
            LinkTo::Declaration
        } else {
            LinkTo::Page
        };
        let id = path.split(|byte: char| !byte.is_ascii_hexdigit() && byte != '-').find(|part| is_uuid(part));
        Some(Self { to, id: id.map(Into::into), host })
    }

    /// What it is about.
    pub fn to(&self) -> LinkTo {
        self.to
    }

    /// For a person who looks into it.
    pub(super) fn fields(&self) -> Value {
        json!({ "to": self.to.word(), "host": self.host, "id": self.id })
    }
}

/// The text form of RFC 9562, section 4: 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
