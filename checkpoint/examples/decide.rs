//! What one decision by a rule set costs, in instructions: run it under `valgrind --tool=callgrind` with two numbers of
//! rounds and divide the difference.
//!
//! `cargo run --release -p checkpoint --example decide -- RULE-SET.json one|full ROUNDS`
//!
//! `one` is a visit with a dose and a declaration, `full` one with as many credentials as a visit gathers, of every kind.

#[path = "../tests/forge/mod.rs"]
mod forge;

use checkpoint::evidence::Evidence;
use checkpoint::passage::{Direction, Location};
use checkpoint::rules::{Place, RuleSet, VaccineTable, decide};
use forge::{bundle, list, native, now, verdict};
use serde_json::json;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, visit, rounds] = arguments.as_slice() else {
        eprintln!("decide RULE-SET.json one|full ROUNDS");
        std::process::exit(2);
    };
    let tables =
        [VaccineTable::parse(include_str!("../../assets/rules/covid-19.vaccines.json")).expect("a vaccine table")];
    #[expect(clippy::disallowed_methods, reason = "a program that measures, not what it measures")]
    let text = std::fs::read_to_string(file).expect("a file");
    let rule_sets = [RuleSet::parse(&text, &tables).expect("a rule set")];
    let list = list(&bundle());
    let mut evidence = Evidence::default();
    let credentials = if visit == "full" { 8 } else { 1 };
    for number in 0..credentials {
        let more = |claims: &mut serde_json::Value| {
            claims["jti"] = format!("J-{number}").into();
            claims["dec"] = json!({"at": 1_772_400_000 - number, "sym": [], "con": false, "plc": ["HN-0012", "HP-0007"], "ent": true});
            if credentials > 1 {
                // Nothing of it is enough, so that every case is tried.
                claims["vac"][0]["dn"] = 1.into();
                claims["vac"][0]["dt"] = format!("2026-02-2{number}").into();
                claims["tst"] =
                    json!([{"tg": "840539006", "tt": "LP6464-4", "tr": "260415000", "sc": 1_771_000_000, "co": "VN"}]);
                claims["rec"] = json!([{"tg": "840539006", "fr": "2025-01-01", "df": "2025-01-11", "du": "2025-06-30", "co": "VN"}]);
                claims["per"] = json!({"pur": "work", "fr": "HN", "to": "HP"});
            }
        };
        let credential = verdict(&list, &native().claims(more).text(), now()).expect("a sound credential");
        evidence.add(credential).expect("one person");
    }
    let location = Location { code: "CK-1".into(), name: "1".into(), province: "VN-34".into() };
    let place = Place { location: &location, direction: Direction::In, asks_apps: false, has_roster: false };
    let mut last = None;
    for _ in 0..rounds.parse().expect("a number of rounds") {
        last = Some(decide(&rule_sets, std::hint::black_box(&evidence), place, now()));
    }
    println!("{file} {visit}: {last:?}");
}
