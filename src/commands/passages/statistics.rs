//! `kiosk passages --statistics`: by hour, by reason, and how long scans took.

use std::io::{self, Write};

use checkpoint::csv;
use checkpoint::passage::Outcome;
use checkpoint::screen::Totals;
use checkpoint::statistics::{ScanTimes, Statistics};
use checkpoint::time::vietnam;
use serde_json::json;

use super::{Form, columns, counts};

pub(super) fn write(statistics: &Statistics, form: Form, out: &mut impl Write) -> io::Result<()> {
    let Statistics { hours, totals, reasons, scans } = statistics;
    match form {
        Form::Table => {
            counts(hours, totals, form, out)?;
            writeln!(out, "\n{:<16}  {:>10}  OUTCOME", "REASON", "COUNT")?;
            for cause in reasons {
                writeln!(out, "{:<16}  {:>10}  {}", cause.reason, cause.count, cause.outcome.word())?;
            }
            match scans {
                None => writeln!(out, "\nscan time: no passage says"),
                Some(ScanTimes { count, median, p95, longest, .. }) => writeln!(
                    out,
                    "\nscan time: median {} ms, p95 {} ms, longest {} ms, of {count} passages",
                    median.as_millis(),
                    p95.as_millis(),
                    longest.as_millis()
                ),
            }
        }
        Form::Json => {
            let object = |totals: &Totals| {
                let names = Outcome::ALL.map(Outcome::word);
                let pairs = names.into_iter().chain(["all"]).zip(columns(totals));
                pairs.map(|(name, count)| (name.to_owned(), json!(count))).collect::<serde_json::Map<_, _>>()
            };
            let hours: Vec<_> = hours
                .iter()
                .map(|hour| {
                    let mut object = object(&hour.totals);
                    object.insert("hour".into(), json!(hour.from.with_timezone(&vietnam()).to_rfc3339()));
                    object
                })
                .collect();
            let reasons: Vec<_> = reasons
                .iter()
                .map(|cause| json!({"reason": cause.reason, "outcome": cause.outcome.word(), "count": cause.count}))
                .collect();
            let scans = scans.map(|scans| {
                json!({"count": scans.count, "median_ms": scans.median.as_millis() as u64,
                    "p95_ms": scans.p95.as_millis() as u64, "longest_ms": scans.longest.as_millis() as u64})
            });
            let whole = json!({"hours": hours, "totals": object(totals), "reasons": reasons, "scans": scans});
            writeln!(out, "{whole}")
        }
        // One table for a spreadsheet: what is counted, of what, and how many.
        Form::Csv => {
            writeln!(out, "what,of,outcome,count")?;
            let mut row = |what: &str, of: &str, outcome: &str, count: u128| {
                writeln!(out, "{}", csv::line([what, of, outcome, &count.to_string()]))
            };
            for hour in hours {
                let from = hour.from.with_timezone(&vietnam()).to_rfc3339();
                for (outcome, count) in Outcome::ALL.into_iter().zip(columns(&hour.totals)) {
                    row("hour", &from, outcome.word(), count.into())?;
                }
            }
            for cause in reasons {
                row("reason", &cause.reason, cause.outcome.word(), cause.count.into())?;
            }
            if let Some(scans) = scans {
                row("scan", "passages", "", scans.count.into())?;
                row("scan", "median_ms", "", scans.median.as_millis())?;
                row("scan", "p95_ms", "", scans.p95.as_millis())?;
                row("scan", "longest_ms", "", scans.longest.as_millis())?;
            }
            Ok(())
        }
    }
}
