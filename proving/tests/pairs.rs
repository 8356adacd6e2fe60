//! The matcher on drawn pairs of both halves: bounds that hold, so that a change of a cost that harms is noticed.

use checkpoint::evidence::likeness::Sameness;
use proving::pairs::{Answers, Half, Kind, measure};

const PAIRS: u64 = 300;
const SEED: u64 = 7;

fn answers(kind: Kind, half: Half) -> Answers {
    let mut answers = Answers::default();
    measure(kind, half, SEED, PAIRS).into_iter().for_each(|(_, sameness): (u8, Sameness)| answers.count(sameness));
    answers
}

#[test]
fn one_person_is_never_taken_for_two_and_two_hardly_ever_for_one() {
    for half in [Half::Training, Half::HeldBack] {
        for kind in Kind::all() {
            let answers = answers(kind, half);
            match kind {
                Kind::True(_) => assert_eq!(answers.another, 0, "{kind:?} {half:?}: {answers:?}"),
                // Only a number could tell these apart: a bound here would claim what the matcher cannot do.
                Kind::False(_) if kind.is_beyond_telling() => {}
                Kind::False(_) => assert!(answers.same * 50 <= PAIRS, "{kind:?} {half:?}: {answers:?}"),
            }
        }
    }
}

#[test]
fn a_pair_is_drawn_alike_from_the_same_seed_and_apart_in_the_two_halves() {
    let scores =
        |half, seed| -> Vec<_> { Kind::all().into_iter().flat_map(|kind| measure(kind, half, seed, 50)).collect() };
    assert_eq!(scores(Half::Training, 1), scores(Half::Training, 1));
    assert_ne!(scores(Half::Training, 1), scores(Half::HeldBack, 1));
    assert_ne!(scores(Half::Training, 1), scores(Half::Training, 2));
}
