//! Holds the verifier against foreign suites of credentials.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Holds the verifier against foreign suites of credentials.
///
/// DIR holds `dcc.jsonl`, `hostile.jsonl`, `parsers/base45.jsonl` and others; any file may be absent. Prints, for each
/// scheme and expectation, how many passed of how many, then each failure with what was expected. The last line is
/// `total PASSED/TOTAL`. Expectations that a suite marks as quarantined are not scored; schemes for which the kiosk has no
/// verifier yet are listed and not counted.
///
/// Exit code: 0 everything passed, 1 something failed or could not be read, 2 wrong use.
#[derive(Parser)]
#[command(name = "conformance")]
struct Arguments {
    /// Folder with the suites
    dir: PathBuf,
    /// Count the lines of schemes that are not built yet as failures
    #[arg(long)]
    all: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let score = match proving::conformance::run(&arguments.dir) {
        Ok(score) => score,
        Err(complaint) => {
            eprintln!("conformance: {complaint}");
            return ExitCode::FAILURE;
        }
    };
    for ((scheme, expectation), (passed, total)) in &score.rows {
        println!("{scheme:<12} {expectation:<11} {passed}/{total}");
    }
    if let Some((lines, cpu_ms)) = score.hostile {
        println!("hostile: {lines} lines, the slowest took {cpu_ms:.2} ms of thread CPU time");
    }
    for (scheme, lines) in &score.not_built {
        println!("{scheme:<12} not supported yet: {lines} lines");
    }
    for failure in &score.failures {
        println!("FAILED {failure}");
    }
    let (passed, mut total) = score.total();
    if arguments.all {
        total += score.not_built.values().sum::<usize>();
    }
    if total == 0 {
        eprintln!("conformance: {} holds no suite that can be scored", arguments.dir.display());
    }
    println!("total {passed}/{total}");
    if passed == total && total > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
