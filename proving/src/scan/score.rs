//! From outcomes to figures.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Outcome;
use super::manifest::{Entry, Kind};

/// An outcome over this many milliseconds of CPU is counted as slow: a frame at 20 a second.
pub const SLOW_MS: f64 = 50.0;

/// One reader's outcome on one picture, judged.
#[derive(Clone, Debug)]
pub struct Judged {
    pub cpu_ms: f64,
    pub panicked: bool,
    /// At least one expected text was read.
    pub any: bool,
    /// Every expected text was read.
    pub all: bool,
    /// Texts read that are not in a picture whose texts are all known.
    pub wrong: usize,
    /// Texts read.
    pub read: usize,
}

impl Judged {
    /// Compares an outcome with what the picture holds.
    pub fn new(entry: &Entry, outcome: &Outcome) -> Self {
        let read: BTreeSet<String> = outcome.hits.iter().map(|hit| comparable(&hit.text)).collect();
        let expected: BTreeSet<String> = entry.texts.iter().map(|text| comparable(text)).collect();
        Self {
            cpu_ms: outcome.cpu_ms,
            panicked: outcome.panicked,
            any: !expected.is_disjoint(&read),
            all: !expected.is_empty() && expected.is_subset(&read),
            wrong: if entry.is_fully_known() { read.difference(&expected).count() } else { 0 },
            read: read.len(),
        }
    }
}

/// A text as it is compared: lists of expected texts are often kept in files that lost the carriage returns and the line
/// end at the end.
fn comparable(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end_matches('\n').to_owned()
}

/// A picture with each reader's judged outcome, in the order of the readers.
#[derive(Debug)]
pub struct Row {
    pub entry: Entry,
    pub judged: Vec<Judged>,
}

/// Figures of one reader over some pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub pictures: usize,
    /// Pictures with at least one known text: the whole of `any` and `all`.
    pub known: usize,
    pub any: usize,
    pub all: usize,
    pub wrong: usize,
    /// Pictures on which anything was read.
    pub read: usize,
    pub panics: usize,
    pub slow: usize,
    pub mean_ms: f64,
    pub median_ms: f64,
    pub p95_ms: f64,
    pub max_ms: f64,
}

impl Figures {
    /// Sums up what the reader at `index` did with `rows`.
    pub fn of<'a>(rows: impl Iterator<Item = &'a Row>, index: usize) -> Self {
        let (mut known, mut any, mut all, mut wrong, mut read, mut panics) = (0, 0, 0, 0, 0, 0);
        let mut times = Vec::new();
        for row in rows {
            let judged = &row.judged[index];
            known += usize::from(!row.entry.texts.is_empty());
            any += usize::from(judged.any);
            all += usize::from(judged.all);
            wrong += judged.wrong;
            read += usize::from(judged.read > 0);
            panics += usize::from(judged.panicked);
            times.push(judged.cpu_ms);
        }
        times.sort_by(f64::total_cmp);
        Self {
            pictures: times.len(),
            known,
            any,
            all,
            wrong,
            read,
            panics,
            slow: times.iter().filter(|&&time| time > SLOW_MS).count(),
            mean_ms: times.iter().sum::<f64>() / times.len().max(1) as f64,
            median_ms: quantile(&times, 0.5),
            p95_ms: quantile(&times, 0.95),
            max_ms: times.last().copied().unwrap_or(0.0),
        }
    }
}

/// The smallest of the sorted values that at least `share` of them do not exceed; 0 of none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}

/// The report for a person: overall figures, then the same by category. `names` are the readers' in the order of the
/// outcomes. Ratios are against zxing-cpp where it ran.
pub fn report(rows: &[Row], names: &[&str]) -> String {
    let yardstick = names.iter().position(|&name| name == "zxing-cpp");
    let mut text = String::new();
    type Belongs = fn(&Entry) -> bool;
    let sections: [(&str, Belongs); 4] = [
        ("photographs (any and all over those with a known text)", |entry| entry.kind == Kind::Photo),
        ("photographs that nobody has read yet (`read`: something was)", |entry| {
            entry.kind == Kind::Photo && entry.texts.is_empty()
        }),
        ("clean symbols", |entry| entry.kind == Kind::Clean),
        ("pictures without a code (`read` and `wrong` must be 0)", |entry| entry.kind == Kind::Negative),
    ];
    for (title, belongs) in sections {
        let chosen: Vec<&Row> = rows.iter().filter(|row| belongs(&row.entry)).collect();
        table(&mut text, title, &chosen, names, yardstick);
    }
    let categories: BTreeSet<(Kind, &str)> =
        rows.iter().map(|row| (row.entry.kind, row.entry.category.as_str())).collect();
    for (kind, category) in categories {
        let belongs = |entry: &Entry| entry.kind == kind && entry.category == category;
        let chosen: Vec<&Row> = rows.iter().filter(|row| belongs(&row.entry)).collect();
        table(&mut text, &format!("{category} ({})", kind.word()), &chosen, names, yardstick);
    }
    text
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Photo => "photographs",
            Self::Clean => "clean",
            Self::Negative => "no code",
        }
    }
}

fn table(text: &mut String, title: &str, rows: &[&Row], names: &[&str], yardstick: Option<usize>) {
    if rows.is_empty() {
        return;
    }
    let figures: Vec<Figures> = (0..names.len()).map(|index| Figures::of(rows.iter().copied(), index)).collect();
    let known = figures.first().map_or(0, |figures| figures.known);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n{title}: {}, {known} with a known text", rows.len());
    let _ = writeln!(
        text,
        "  {:<15}{:>7}{:>7}{:>6}{:>6}{:>7}{:>8}{:>8}{:>8}{:>9}{:>6}{:>8}{:>9}",
        "reader",
        "any %",
        "all %",
        "read",
        "wrong",
        "panics",
        "mean ms",
        "median",
        "p95",
        "max",
        "> 50",
        "x mean",
        "x median"
    );
    for (figures, name) in figures.iter().zip(names) {
        let percent = |count: usize| match figures.known {
            0 => "-".to_owned(),
            known => format!("{:.1}", 100.0 * count as f64 / known as f64),
        };
        let ratio = |of: fn(&Figures) -> f64| match yardstick.map(|index| of(&figures_of(rows, index))) {
            Some(peer) if peer > 0.0 => format!("{:.2}", of(figures) / peer),
            _ => "-".to_owned(),
        };
        let _ = writeln!(
            text,
            "  {name:<15}{:>7}{:>7}{:>6}{:>6}{:>7}{:>8.2}{:>8.2}{:>8.2}{:>9.2}{:>6}{:>8}{:>9}",
            percent(figures.any),
            percent(figures.all),
            figures.read,
            figures.wrong,
            figures.panics,
            figures.mean_ms,
            figures.median_ms,
            figures.p95_ms,
            figures.max_ms,
            figures.slow,
            ratio(|figures| figures.mean_ms),
            ratio(|figures| figures.median_ms),
        );
    }
}

fn figures_of(rows: &[&Row], index: usize) -> Figures {
    Figures::of(rows.iter().copied(), index)
}

/// The categories of photographs in which some other reader reads more pictures than the first: name, the first one's
/// count, the best other's count and name.
pub fn behind(rows: &[Row], names: &[&str]) -> Vec<(String, usize, usize, String)> {
    let photos: Vec<&Row> = rows.iter().filter(|row| row.entry.kind == Kind::Photo).collect();
    let categories: BTreeSet<&str> = photos.iter().map(|row| row.entry.category.as_str()).collect();
    let mut behind = Vec::new();
    for category in categories {
        let chosen: Vec<&Row> = photos.iter().copied().filter(|row| row.entry.category == category).collect();
        let read = |index: usize| chosen.iter().filter(|row| row.judged[index].any).count();
        let best = (1..names.len()).max_by_key(|&index| read(index));
        if let Some(best) = best.filter(|&best| read(best) > read(0)) {
            behind.push((category.to_owned(), read(0), read(best), names[best].to_owned()));
        }
    }
    behind
}

/// One line for each picture on which the first reader failed: what went wrong, and which others read it.
pub fn failures(rows: &[Row], names: &[&str]) -> String {
    let mut text = String::new();
    for row in rows {
        let Some(first) = row.judged.first() else { continue };
        let faults = [
            (first.panicked, "panicked"),
            (!row.entry.texts.is_empty() && !first.any, "missed"),
            (first.wrong > 0, "wrong"),
            (first.cpu_ms > SLOW_MS, "slow"),
        ];
        let faults: Vec<&str> = faults.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        if !faults.is_empty() {
            let others = (1..names.len()).filter(|&index| row.judged[index].any).map(|index| names[index]);
            let others = others.collect::<Vec<_>>().join(", ");
            let _ = writeln!(
                text,
                "  {:<18} {:<22} {:<16} {:>8.2} ms  read by: {}",
                row.entry.id,
                row.entry.category,
                faults.join(", "),
                first.cpu_ms,
                if others.is_empty() { "nobody here" } else { &others }
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::readers::Hit;
    use super::*;

    fn entry(kind: Kind, texts: &[&str], count: Option<usize>) -> Entry {
        let texts = texts.iter().map(|text| text.to_string()).collect();
        Entry { id: "a".into(), path: "a.png".into(), category: "c".into(), kind, texts, count }
    }

    fn judge(entry: &Entry, texts: &[&str]) -> Judged {
        let hits = texts.iter().map(|text| Hit { text: text.to_string(), corners: Vec::new() }).collect();
        Judged::new(entry, &Outcome { cpu_ms: 1.0, hits, panicked: false })
    }

    #[test]
    fn judges_any_all_and_wrong() {
        let two = entry(Kind::Photo, &["A", "B"], Some(2));
        let cases: [(&[&str], (bool, bool, usize)); 5] = [
            (&[], (false, false, 0)),
            (&["A"], (true, false, 0)),
            (&["B", "A", "A"], (true, true, 0)),
            (&["A", "X"], (true, false, 1)),
            (&["X", "Y"], (false, false, 2)),
        ];
        for (read, expected) in cases {
            let judged = judge(&two, read);
            assert_eq!((judged.any, judged.all, judged.wrong), expected, "{read:?}");
        }
    }

    #[test]
    fn line_ends_do_not_matter() {
        assert!(judge(&entry(Kind::Clean, &["A\nB"], Some(1)), &["A\r\nB\r\n"]).all);
    }

    #[test]
    fn a_text_is_wrong_only_where_every_code_is_known() {
        assert_eq!(judge(&entry(Kind::Photo, &["A"], Some(2)), &["X"]).wrong, 0);
        assert_eq!(judge(&entry(Kind::Photo, &[], None), &["X"]).wrong, 0);
        assert_eq!(judge(&entry(Kind::Negative, &[], None), &["X"]).wrong, 1);
        assert!(!judge(&entry(Kind::Photo, &[], None), &["X"]).all);
    }

    #[test]
    fn quantiles_are_values_that_occurred() {
        let times: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!([quantile(&times, 0.5), quantile(&times, 0.95), quantile(&[], 0.5)], [10.0, 19.0, 0.0]);
    }

    #[test]
    fn unread_photographs_do_not_count_as_missed() {
        let row = |entry: Entry, read: &[&str]| Row { judged: vec![judge(&entry, read)], entry };
        let rows = [row(entry(Kind::Photo, &["A"], Some(1)), &["A"]), row(entry(Kind::Photo, &[], Some(1)), &[])];
        let figures = Figures::of(rows.iter(), 0);
        assert_eq!((figures.pictures, figures.known, figures.any), (2, 1, 1));
        assert!(failures(&rows, &["ours"]).is_empty());
    }
}
