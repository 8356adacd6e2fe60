//! How often the matcher takes two people for one, and one for two.

use checkpoint::evidence::likeness::{SAME_MIN, UNSURE_MIN};
use clap::Parser;
use proving::pairs::{Answers, Half, Kind, measure};

/// Measures the matcher on drawn pairs of documents, kind by kind, on the half that the thresholds were chosen on and on the half
/// that was held back.
///
/// Prints, of each kind, the shares of *same*, *unsure* and *another* in percent; then, of true pairs, how many are taken for two
/// people (false non-match), and of false pairs, how many are taken for one (false match).
#[derive(Parser)]
#[command(name = "match")]
struct Arguments {
    /// Pairs of each kind and half
    #[arg(long, default_value_t = 20_000)]
    pairs: u64,
    /// Seed
    #[arg(long, default_value_t = 1405)]
    seed: u64,
    /// Also print the rates at other thresholds, on the training half alone
    #[arg(long)]
    sweep: bool,
}

fn main() {
    let Arguments { pairs, seed, sweep } = Arguments::parse();
    println!("same from {SAME_MIN} points, unsure from {UNSURE_MIN}; {pairs} pairs of each kind and half, seed {seed}");
    for half in [Half::Training, Half::HeldBack] {
        println!("\n{half:?}{:<14} same  unsure another  (%)", "");
        let (mut truth, mut lies) = (Answers::default(), Answers::default());
        let mut careful = Answers::default();
        for kind in Kind::all() {
            let mut answers = Answers::default();
            for (_, sameness) in measure(kind, half, seed, pairs) {
                answers.count(sameness);
                match kind {
                    Kind::True(_) if kind.is_for_the_guard() => careful.count(sameness),
                    Kind::True(_) => truth.count(sameness),
                    Kind::False(_) if kind.is_beyond_telling() => {}
                    Kind::False(_) => lies.count(sameness),
                }
            }
            let mark = match kind {
                Kind::True(_) if kind.is_for_the_guard() => "true, a fault",
                Kind::True(_) => "true",
                Kind::False(_) => "false",
            };
            println!("{:<20} {} {mark}", kind.name(), shares(&answers));
        }
        println!("{:<20} {}", "all true", shares(&truth));
        println!("{:<20} {}", "all true, faults", shares(&careful));
        println!("{:<20} {}   without NamesakeYearShown", "all false", shares(&lies));
    }
    if sweep {
        sweep_thresholds(pairs, seed);
    }
}

fn shares(answers: &Answers) -> String {
    let share = |count: u64| count as f64 * 100.0 / answers.all().max(1) as f64;
    format!("{:7.3} {:7.3} {:7.3}", share(answers.same), share(answers.unsure), share(answers.another))
}

/// At each threshold, what share of the training half's scores reaches it. Numbers bound scores at the thresholds in force, so this
/// speaks for names and birth dates.
fn sweep_thresholds(pairs: u64, seed: u64) {
    println!("\nshare of pairs (%) with at least so many points, training half");
    print!("{:<20}", "");
    let steps: Vec<u8> = (30..=100).step_by(5).collect();
    steps.iter().for_each(|step| print!("{step:>6}"));
    println!();
    for kind in Kind::all() {
        let scores = measure(kind, Half::Training, seed, pairs);
        print!("{:<20}", kind.name());
        for step in &steps {
            let reached = scores.iter().filter(|(score, _)| score >= step).count();
            print!("{:>6.1}", reached as f64 * 100.0 / scores.len().max(1) as f64);
        }
        println!();
    }
}
