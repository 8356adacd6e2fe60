//! `trustctl tracing`: one pair of keys for each day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, TimeDelta, Utc};
use clap::Subcommand;

use checkpoint::time::day_in_vietnam;
use trustctl::authority::draft::Draft;
use trustctl::authority::published::TRACING_DAYS;
use trustctl::fault::{Fault, read, write};
use trustctl::keys::days::DayKeys;
use trustctl::keys::random_bytes;
use trustctl::trace::day_keys::{self, DAYS_KEPT};

use super::{AuthorityArgs, ConsentArgs, PassphraseArgs, say};

#[derive(Subcommand)]
pub enum TracingCommand {
    /// Makes one pair of keys for each day: secrets for the tracing authority alone, public halves for the bundle.
    New {
        /// First day in Viet Nam; today, where it is not given.
        #[arg(long)]
        first_day: Option<NaiveDate>,
        /// How many days. A list is published only while they reach 90 days ahead.
        #[arg(long, default_value_t = TRACING_DAYS + 30)]
        days: u64,
        /// Folder for the secrets: a file a day, encrypted, mode 0600. Whoever destroys a day's file has erased that day's names
        /// everywhere.
        #[arg(long)]
        secrets: PathBuf,
        /// File for the public halves.
        #[arg(long)]
        public: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Adds public halves to the draft.
    Add {
        /// The file that `tracing new` wrote.
        public: PathBuf,
        #[command(flatten)]
        authority: AuthorityArgs,
    },
    /// Destroys the private keys of days whose time is over: nobody can open those days any more.
    ///
    /// Asks first, and refuses days that are younger than 21 days. Copies of the files, and what a solid-state disk keeps of them, are beyond this: destroy them as things.
    Destroy {
        /// The keys of all days before this one go.
        #[arg(long)]
        before: NaiveDate,
        /// The folder of the secrets: each file that goes is overwritten, and leaves a note that it was destroyed.
        #[arg(long)]
        secrets: PathBuf,
        /// Destroys also keys of days that are younger than 21 days, or still to come: what is sealed to them cannot be traced any
        /// more, by nobody, ever.
        #[arg(long)]
        even_days_that_are_still_needed: bool,
        #[command(flatten)]
        consent: ConsentArgs,
    },
}

pub fn run(command: TracingCommand) -> Result<(), Fault> {
    match command {
        TracingCommand::New { first_day, days, secrets, public, passphrase } => {
            let first_day = first_day.unwrap_or_else(|| day_in_vietnam(Utc::now()));
            let passphrase = passphrase.source().new_for("the tracing keys")?;
            let keys = DayKeys::make(first_day, days, |_| random_bytes())?;
            keys.save(&secrets, &passphrase)?;
            let json = serde_json::to_string_pretty(&keys.public).map_err(|error| Fault::Crypto(error.to_string()))?;
            write(&public, json + "\n")?;
            eprintln!(
                "{} belongs to the tracing authority alone; destroy each day's file when its retention ends.",
                secrets.display()
            );
            say(&format!("tracing     {days} days from {first_day}"))
        }
        TracingCommand::Add { public, authority } => add(&public, &authority.folder),
        TracingCommand::Destroy { before, secrets, even_days_that_are_still_needed, consent } => {
            let due = day_keys::before(&secrets, before)?;
            let (Some(first), Some(last)) = (due.first(), due.last()) else {
                return say(&format!("destroyed   nothing: there was no key of a day before {before}"));
            };
            let today = day_in_vietnam(Utc::now());
            if let Some(young) = day_keys::too_young(&due, today).filter(|_| !even_days_that_are_still_needed) {
                let kept = DAYS_KEPT.num_days();
                return Err(Fault::Question(format!(
                    "nothing was destroyed: the key of {young} is needed until {} ({kept} days; today is {today}); give a --before of {} or \
                     earlier",
                    young + DAYS_KEPT,
                    today - DAYS_KEPT + TimeDelta::days(1)
                )));
            }
            let (count, folder) = (due.len(), secrets.display());
            consent.ask(&format!(
                "The keys of {count} days, {first} to {last}, in {folder} go: nobody can ever open those days again. Destroy them?"
            ))?;
            day_keys::destroy(&secrets, &due)?;
            say(&format!("destroyed   the keys of {count} days, {first} to {last}"))?;
            eprintln!("Copies of {folder} still open those days: destroy them too.");
            Ok(())
        }
    }
}

fn add(public: &Path, folder: &Path) -> Result<(), Fault> {
    let wrong = |error: serde_json::Error| Fault::wrong_file(public, "a file of public tracing keys", error);
    let keys: BTreeMap<NaiveDate, String> = serde_json::from_slice(&read(public)?).map_err(wrong)?;
    let mut draft = Draft::load(folder)?;
    for (day, key) in keys {
        match draft.tracing_keys.get(&day) {
            Some(known) if *known != key => {
                return Err(Fault::Unsound(format!(
                    "{day} has another tracing key already: passages may be sealed to it, so it is not exchanged"
                )));
            }
            _ => draft.tracing_keys.insert(day, key),
        };
    }
    draft.save(folder)?;
    let last = draft.tracing_keys.last_key_value().map(|(day, _)| day.to_string()).unwrap_or_default();
    say(&format!("The draft has tracing keys of {} days, until {last}.", draft.tracing_keys.len()))
}
