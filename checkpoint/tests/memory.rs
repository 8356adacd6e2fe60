//! Memory that one code can make the verifier use, whatever it holds: bounded by a budget that the specification states.

mod forge;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use checkpoint::lane::Verifier;
use forge::seal::{seal, sealing_bundle};
use forge::shc::shc;
use forge::{hc1_text, hcert, list, native, now};
use serde_json::json;

/// Most bytes in use at once for one code, beside the text and the list (`docs/native-credential.md`, "Cost"). The worst is an HC1
/// that inflates to 64 KiB: twice that, and the values of the 1,024 items of CBOR that are read at most.
const BYTES_MAX: usize = 1024 * 1024;

/// The system's allocator, which counts.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let in_use = IN_USE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(in_use, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`, and `place` came from `alloc` above.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A SMART Health Card whose payload inflates to this, signed.
fn card(json: String) -> String {
    let card = shc();
    forge::shc::code(&card.jws_over(&forge::shc::deflated(json.as_bytes())))
}

/// An archive with this certificate, one letter for each byte.
fn divoc(json: &str) -> String {
    let data = forge::shc::deflated(json.as_bytes());
    let mut archive = b"PK\x03\x04\x14\0\0\0\x08\0".to_vec();
    archive.extend([0; 8]);
    archive.extend([data.len() as u32, json.len() as u32].into_iter().flat_map(u32::to_le_bytes));
    archive.extend([16_u16, 0].into_iter().flat_map(u16::to_le_bytes));
    archive.extend(b"certificate.json");
    archive.into_iter().chain(data).map(char::from).collect()
}

#[test]
fn no_code_uses_more_than_the_budget() {
    let verifier = Verifier { trust: list(&sealing_bundle()), rule_sets: Vec::new() };
    let of = |head: &[u8], item: &[u8]| {
        hc1_text(&head.iter().copied().chain(item.iter().copied().cycle()).take(64 * 1024).collect::<Vec<u8>>())
    };
    let filled = 64 * 1024 - 5;
    let texts = [
        ("a native credential", native().text()),
        ("an HC1", hcert().text()),
        ("a seal", seal().text()),
        ("64 KiB of zeros", of(&[], &[0])),
        (
            "a list of one-byte numbers",
            of(&[&[0x9a][..], &u32::try_from(filled).unwrap().to_be_bytes()].concat(), &[0]),
        ),
        ("a list without an end", of(&[0x9f], &[0])),
        ("a list of empty maps", of(&[0x9f], &[0xa0])),
        ("a map of numbers", of(&[0xbf], &[1, 2])),
        ("lists in lists", of(&[0x9f], &[0x81, 0x81, 0x81, 0x80])),
        ("texts of one letter", of(&[0x9f], &[0x61, 0x41])),
        ("a promise of 2³² items", of(&[0x9a, 0xff, 0xff, 0xff, 0xff], &[0])),
        ("a SMART Health Card", shc().text()),
        ("a card of 64 KiB of zeros in a list", card(format!("[{}0]", "0,".repeat(32_000)))),
        ("a card of empty lists", card(format!("[{}[]]", "[],".repeat(21_000)))),
        ("a card of members", card(format!("{{{}\"a\":0}}", "\"a\":0,".repeat(10_000)))),
        (
            "a card of lists in lists",
            card(format!("[{}[]]", format!("{}{},", "[".repeat(60), "]".repeat(60)).repeat(500))),
        ),
        ("a pass of New Zealand", forge::nzcp::nzcp().pass()),
        ("a DIVOC archive of zeros in a list", divoc(&format!("[{}0]", "0,".repeat(8_000)))),
        ("a DIVOC archive of members", divoc(&format!("{{{}\"a\":0}}", "\"a\":0,".repeat(2_300)))),
        (
            "an insurance card of the longest name",
            format!("DN4010000000000|{}|18/01/1990|1|{}|x", "61".repeat(700), "62".repeat(700)),
        ),
        ("a web address", format!("https://example.org/{}", "a".repeat(2_000))),
        ("separators", "|".repeat(2_900)),
        ("JSON of many lists", format!("{{\"data\":{{\"a\":[{}[]]}},\"sig\":{{}}}}", "[],".repeat(1400))),
        ("JSON of many members", {
            let members: Vec<_> = (0..300).map(|n| format!("\"{n}\":{n}")).collect();
            json!({"data": 0, "sig": 0}).to_string().replacen('0', &format!("{{{}}}", members.join(",")), 1)
        }),
    ];
    for (name, text) in texts {
        let before = IN_USE.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let _ = verifier.read(&text, now());
        let used = PEAK.load(Ordering::Relaxed) - before;
        println!("{name}: {used} bytes");
        assert!(used <= BYTES_MAX, "{name}: {used} bytes");
        assert!(used > 0, "{name}: nothing was counted");
    }
}
