//! What the guard is told of the journal after a start.

use chrono::{DateTime, Utc};

use crate::words::{self, Words};

/// What a start found of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalShown {
    /// Records in it.
    pub records: u64,
    /// When the last one was made.
    pub newest: Option<DateTime<Utc>>,
    /// Passages that were being written when the power went: nobody was told that they count.
    pub dropped: u64,
    /// How much of its index is made, in percent, while it is made again.
    pub indexed: Option<u8>,
    /// The waiting screen says it: for a minute or until somebody touches the screen, and while the index is made.
    pub fresh: bool,
}

impl JournalShown {
    /// The same in one line.
    pub fn line(&self, words: &Words) -> String {
        let mut parts = match self.newest {
            None => vec![words.get("journal-new")],
            Some(at) => {
                let at = words::time(at);
                vec![
                    words.count("journal-whole", "n", self.records as i64),
                    words.with_text("journal-newest", "at", &at),
                ]
            }
        };
        if self.dropped > 0 {
            parts.push(words.count("journal-dropped", "n", self.dropped as i64));
        }
        if let Some(percent) = self.indexed {
            parts.push(words.count("journal-indexing", "percent", percent.into()));
        }
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn what_a_start_found_is_said_in_one_line() {
        let journal = JournalShown {
            records: 3021,
            newest: Some("2026-07-02T07:05:00Z".parse().unwrap()),
            dropped: 1,
            indexed: Some(45),
            fresh: true,
        };
        let (vi, en) = (Words::new(Language::default()), Words::new("en".parse().unwrap()));
        assert_eq!(
            journal.line(&vi),
            "Sổ đủ 3021 bản ghi · mới nhất 14:05 02/07/2026 · 1 lượt ghi dở không tính · \
             đang đếm lại thống kê: 45 %, không cần làm gì"
        );
        assert_eq!(
            JournalShown { dropped: 0, indexed: None, ..journal }.line(&en),
            "Journal whole: 3021 · newest 14:05 02/07/2026"
        );
        assert!(journal.line(&en).ends_with(" · counting the statistics again: 45 %, nothing to do"));
        assert_eq!(JournalShown::default().line(&en), "A new journal, nothing in it yet");
    }
}
