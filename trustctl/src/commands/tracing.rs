//! `trustctl tracing`: one pair of keys for each day.

use std::path::{Path, PathBuf};

use chrono::{NaiveDate, Utc};
use clap::Subcommand;

use trustctl::authority::{self, TRACING_DAYS};
use trustctl::fault::{Fault, write};
use trustctl::keys::{random_bytes, write_secret};

use super::say;

#[derive(Subcommand)]
pub enum TracingCommand {
    /// Makes one pair of keys for each day: secrets for the tracing authority alone, public halves for the bundle.
    New {
        /// First day in Viet Nam; today, where it is not given.
        #[arg(long)]
        first_day: Option<NaiveDate>,
        /// How many days.
        #[arg(long, default_value_t = TRACING_DAYS)]
        days: u64,
        /// New file for the secrets (mode 0600). Whoever destroys a day's secret has erased that day's names everywhere.
        #[arg(long)]
        secrets: PathBuf,
        /// File for the public halves.
        #[arg(long)]
        public: PathBuf,
    },
}

pub fn run(command: TracingCommand) -> Result<(), Fault> {
    let TracingCommand::New { first_day, days, secrets, public } = command;
    let first_day = first_day.unwrap_or_else(|| checkpoint::time::day_in_vietnam(Utc::now()));
    tracing_new(first_day, days, &secrets, &public)
}

fn tracing_new(first_day: NaiveDate, days: u64, secrets: &Path, public: &Path) -> Result<(), Fault> {
    let keys = authority::tracing_keys(first_day, days, |_| random_bytes())?;
    let json = |map| serde_json::to_string_pretty(map).map_err(|error| Fault::Crypto(error.to_string()));
    write_secret(secrets, &json(&keys.secrets)?)?;
    write(public, json(&keys.public)? + "\n")?;
    say(&format!("tracing     {days} days from {first_day}"))?;
    eprintln!(
        "{} belongs to the tracing authority alone; destroy each day's line when its retention ends.",
        secrets.display()
    );
    Ok(())
}
