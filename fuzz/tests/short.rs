//! The short form of the fuzzing, for every machine and CI: the kept corpus, and seeded changes of it for some seconds.

use std::fs;
use std::path::Path;
use std::time::Duration;

use fuzz::numbers::Numbers;
use fuzz::{TARGETS, Target, cpu_time};

/// For all targets together.
const CHANGES_SECS: f64 = 15.0;
/// Most that a change makes of an input.
const INPUT_BYTES_MAX: usize = 4096;

/// Says which input was at work when an assertion did not hold.
struct Named<'a>(&'a str, String);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("target {}, {}", self.0, self.1);
        }
    }
}

/// The seeds and the kept corpus, each with its name.
fn inputs(target: &Target) -> Vec<(String, Vec<u8>)> {
    let seeds = (target.seeds)().into_iter().enumerate().map(|(number, seed)| (format!("seed-{number}"), seed));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let files = fs::read_dir(&folder).into_iter().flatten().map(|file| file.unwrap().path());
    let mut inputs: Vec<_> =
        seeds.chain(files.map(|path| (path.display().to_string(), fs::read(&path).unwrap()))).collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "no corpus: scripts/fuzz.sh {}", target.name);
    inputs
}

#[test]
fn every_kept_input_holds() {
    for target in TARGETS {
        let inputs = inputs(target);
        for (name, input) in &inputs {
            let _named = Named(target.name, name.clone());
            target.check(input);
        }
        println!("{}: {} kept inputs", target.name, inputs.len());
    }
}

#[test]
fn changed_inputs_hold() {
    for target in TARGETS {
        let inputs = inputs(target);
        let end = cpu_time() + Duration::from_secs_f64(CHANGES_SECS / TARGETS.len() as f64);
        let mut seed = 0;
        while cpu_time() < end {
            let _named = Named(target.name, format!("seed {seed}"));
            target.check(&changed(&inputs, &mut Numbers(seed)));
            seed += 1;
        }
        println!("{}: {seed} changed inputs", target.name);
    }
}

/// One of the inputs with a few changes.
fn changed(inputs: &[(String, Vec<u8>)], numbers: &mut Numbers) -> Vec<u8> {
    let mut input = inputs[numbers.below(inputs.len())].1.clone();
    for _ in 0..1 + numbers.below(6) {
        let at = numbers.below(input.len() + 1);
        let to = at + numbers.below(input.len() + 1 - at);
        match numbers.below(6) {
            0 if at < input.len() => input[at] ^= 1 << numbers.below(8),
            1 if at < input.len() => input[at] = numbers.below(256) as u8,
            2 => input.insert(at, numbers.below(256) as u8),
            3 => drop(input.drain(at..to)),
            4 => {
                let copy = input[at..to].to_vec();
                let into = numbers.below(input.len() + 1);
                input.splice(into..into, copy);
            }
            _ => {
                let other = &inputs[numbers.below(inputs.len())].1;
                input.truncate(at);
                input.extend_from_slice(&other[numbers.below(other.len() + 1)..]);
            }
        }
        input.truncate(INPUT_BYTES_MAX);
    }
    input
}
