//! Codes that nobody signed: cards, links, posters. They name somebody or something, and admit nobody.

use checkpoint::evidence::Evidence;
use checkpoint::passage::Location;
use checkpoint::unsigned::{Read, Unsigned, poster};
use checkpoint::verdict::Answer;
use unicode_normalization::UnicodeNormalization;

use crate::Budget;
use crate::credentials::visit;
use crate::forge;
use crate::rules::{decided, shipped};

/// A text of 3 KiB takes a few times its length. Comparing it with what a visit has shown is part of it.
const BUDGET: Budget = Budget { heap_bytes_max: 1024 * 1024, cpu_ms_max: 50 };

/// A text.
pub fn code(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(read) = BUDGET.spend(|| Read::new(&text)) else { return };
    assert!(read.fields.is_object());
    match read.code {
        Unsigned::Card(card) => {
            assert!(!card.name().contains(['|', '\n']), "{:?}", card.name());
            let composed = Unsigned::read(&text.nfc().collect::<String>());
            assert_eq!(composed, Ok(Unsigned::Card(card.clone())), "composed letters say the same");
            let mut visit = visit();
            BUDGET.spend(|| {
                let _ = visit.add_card(card.clone());
                (visit.doubt(), visit.who(), visit.identity())
            });
            let mut alone = Evidence::default();
            assert_eq!(alone.add_card(card), Ok(()));
            for rule_set in shipped() {
                if let checkpoint::rules::Decision::Decided(verdict) = decided(&[rule_set], &alone, forge::now()) {
                    assert!(verdict.answer() != Answer::Admit, "a card alone is admitted");
                }
            }
        }
        Unsigned::Poster(place) => {
            let written = poster::write(&place).expect("what was read can be written");
            assert_eq!(written, text.trim_end_matches(['\r', '\n', '\t', ' ']), "one place has one text");
        }
        Unsigned::Link(link) => assert!(!link.to().word().is_empty()),
        Unsigned::Divoc => assert!(checkpoint::envelope::Envelope::decode(&text).is_err(), "nothing proves it"),
    }
}

/// Seeds of `unsigned`, of people who do not exist.
pub fn seeds() -> Vec<Vec<u8>> {
    let place = Location { code: "HN-CK-0023".into(), name: "Chốt Pháp Vân".into(), province: "HN".into() };
    let poster = poster::write(&place).expect("a short name");
    [
        "001090000001|012345678|Nguyễn Văn Thử|18011990|Nam|Số 1, Phường Bến Nghé|15042021",
        "001090000001||Nguyễn Văn Thử|00001990|Nam|Số 1|15042021||Nguyễn Văn B|Trần Thị C|",
        "001093029317|NGUYEN VAN THU|1990-01-18|0|162979388586171100|<1<00<0123232422",
        "******029317|NGUYEN VAN THU|1990-**-**|0|162979388586171100|162979388586171100<2<TE1010000000000<",
        "DN4010000000000|4e677579e1bb856e2056c4836e20546861|18/01/1990|1|48c3a0204ee1bb9969|01 - 043|01/07/2021|31/12/2021|\
         21/06/2021|01050000000000|-|4|01/07/2026|0000000000000000-7102|$",
        "https://tokhaiyte.vn/?id=1234",
        "https://qr.tokhaiyte.vn/place?loc=HN-01#x",
        &poster,
    ]
    .map(|text| text.as_bytes().into())
    .into()
}
