//! The subcommands, a file each.

pub mod demo;
pub mod issue;
pub mod key;
pub mod qr;
pub mod show;
pub mod sign;
pub mod tracing;

use std::io::Write;

use trustctl::fault::Fault;

/// One line of the result.
pub fn say(line: &str) -> Result<(), Fault> {
    writeln!(std::io::stdout(), "{line}").map_err(|source| Fault::Write { path: "standard output".into(), source })
}

pub fn say_all(lines: &[String]) -> Result<(), Fault> {
    lines.iter().try_for_each(|line| say(line))
}
