//! Ten thousand hostile repositories, none of which may be believed; and each check left out in turn, which must be noticed.
//!
//! Every attack starts from a world in which all is well: an authority whose root was changed, a kiosk that has an earlier list, a
//! distrust statement and revocations. It says whether it came through.

mod attacks;
mod world;

use super::checks::left_out::{EVERY_CHECK, without};
use attacks::ATTACKS;
use world::{Dice, World};

/// Repositories in the run.
const REPOSITORIES: u64 = 10_000;
/// Worlds among which an attack chooses: each has its own number of roots, thresholds and keys.
const WORLDS: u64 = 8;
/// Rounds of all attacks in which the absence of a check must be noticed.
const ROUNDS: u64 = 6;

fn worlds(count: u64) -> Vec<World> {
    (0..count).map(World::new).collect()
}

/// Plays the attack of this seed. Its name, where it came through.
fn came_through(worlds: &[World], seed: u64) -> Option<&'static str> {
    let (name, attack) = ATTACKS[(seed % ATTACKS.len() as u64) as usize];
    let mut dice = Dice(seed);
    let world = &worlds[dice.below(worlds.len() as u64) as usize];
    attack(world, &mut dice).then_some(name)
}

/// CI has two cores: two halves.
fn none_comes_through(seeds: std::ops::Range<u64>) {
    let worlds = worlds(WORLDS);
    for seed in seeds {
        if let Some(name) = came_through(&worlds, seed) {
            panic!("seed {seed}: {name}");
        }
    }
}

#[test]
fn none_of_ten_thousand_hostile_repositories_is_believed() {
    none_comes_through(0..REPOSITORIES / 2);
}

#[test]
fn none_of_ten_thousand_hostile_repositories_is_believed_the_other_half() {
    none_comes_through(REPOSITORIES / 2..REPOSITORIES);
}

#[test]
fn each_check_is_needed() {
    let unnoticed: Vec<_> = EVERY_CHECK
        .into_iter()
        .filter(|check| {
            without(*check, || {
                // Made without it too: who signs and who verifies must mean the same.
                let worlds = worlds(2);
                let seeds = 0..ATTACKS.len() as u64 * ROUNDS;
                // What is honest is still taken: it is the one check that is missing, and nothing else is broken.
                worlds.iter().all(World::takes_what_is_honest)
                    && seeds.into_iter().all(|seed| came_through(&worlds, seed).is_none())
            })
        })
        .collect();
    assert!(unnoticed.is_empty(), "nothing hostile comes through without {unnoticed:?}");
}

#[test]
fn what_is_honest_is_taken() {
    for seed in 0..50 {
        assert!(World::new(seed).takes_what_is_honest(), "seed {seed}");
    }
}

#[test]
fn twenty_changes_of_the_root_are_followed() {
    let world = World::new(1);
    let mut kiosk = world.kiosk.clone();
    let incoming = world.rotated(20, world.version() + 1);
    let taken = kiosk.take(&incoming, world.source());
    assert!(taken.newer && taken.refused.is_empty(), "{:?}", taken.refused);
    assert_eq!(kiosk.list().unwrap().root_version(), world.root_version() + 20);
    // One missing link, and nothing of it is believed.
    for missing in 0..19 {
        let mut kiosk = world.kiosk.clone();
        let mut incoming = incoming.clone();
        incoming.roots.remove(missing);
        assert!(!kiosk.take(&incoming, world.source()).changed(), "root {missing} is missing");
    }
}
