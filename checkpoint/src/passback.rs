//! Passback: the same holder again too soon, or in twice without having gone out.
//!
//! What is recognised is the holder, not the code: a second code, a booster or another issuer's certificate of one person is
//! the same holder. An identity number has twelve digits and could be guessed from its hash, and so could whoever stands in an
//! image of the memory: table, times and key lie there together. So holders are kept in tables of an hour at most, each under
//! a key of its own, and table and key go as soon as the newest holder in it no longer counts. A key is derived from the one
//! before, one way: none that is left says anything of one that is gone. The first is random, new at every start, and never
//! leaves the process; the journal keeps when and where the holder was seen before, never a key.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use ring::hmac;
use zeroize::Zeroizing;

use crate::evidence::{any_name, folded_tokens};
use crate::lane::Now;
use crate::passage::{Direction, SeenBefore};
use crate::time::{PartialDate, day_in_vietnam};
use crate::trust::credential::Person;

/// Most holders remembered, about 5 MB. The busiest gate of Ha Noi in 2021 saw about 10,000 vehicles in a day.
const HOLDERS_MAX: usize = 50_000;
/// Who came in is forgotten after a day: who works in a place for longer than that came in by another gate.
const IN_FOR: Duration = Duration::from_secs(24 * 3600);
/// How long one table takes holders in; less where holders count for less. By so much longer than they count they are there.
const TABLE_FOR_MAX: Duration = Duration::from_secs(3600);
/// The least, where holders count for a moment only.
const TABLE_FOR_MIN: Duration = Duration::from_secs(60);
/// Most tags in one table: where that many pass within its time, the next one begins early.
const TABLE_TAGS_MAX: usize = HOLDERS_MAX / 5;

/// What counts as passing back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The same way again within this time.
    pub again_within: Duration,
    /// In while already in.
    pub in_twice: bool,
}

impl Settings {
    /// How long after a passage its holder can still matter.
    fn counts_for(&self) -> Duration {
        if self.in_twice { self.again_within.max(IN_FOR) } else { self.again_within }
    }
}

/// The holders that passed of late.
#[derive(Clone)]
pub struct Passback {
    settings: Settings,
    since: DateTime<Utc>,
    /// Oldest first.
    tables: VecDeque<Table>,
    /// What the next table's key comes from. On the heap, as the keys are: whoever moves a lane moves no secret.
    next: Box<Zeroizing<[u8; 32]>>,
}

/// Holders of an hour, under a key of their own.
#[derive(Clone)]
struct Table {
    key: Box<hmac::Key>,
    began: Duration,
    by_tag: HashMap<Tag, Sighting>,
}

/// A holder's number, or name and birth date, under the key of its table.
type Tag = [u8; 16];

/// One passage of one holder.
#[derive(Clone, Copy)]
struct Sighting {
    at: DateTime<Utc>,
    tick: Duration,
    direction: Direction,
    tags: Tags,
    /// The place's roster names the holder.
    listed: bool,
    /// It was no passage: the guard saw somebody else show the holder's codes.
    borrowed: bool,
}

/// How many came in today and did not go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inside {
    /// Of the place's roster.
    pub listed: u32,
    /// Others.
    pub others: u32,
}

/// Neither keys nor tables.
impl fmt::Debug for Passback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passback").field("settings", &self.settings).field("since", &self.since).finish_non_exhaustive()
    }
}

/// How a person can be recognised: by number, and by name where the birth date is known to the day. A year is not enough: two
/// people of a common name and age are not one holder.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tags {
    number: Option<Tag>,
    name: Option<Tag>,
}

impl Tags {
    fn each(self) -> impl Iterator<Item = Tag> {
        [self.number, self.name].into_iter().flatten()
    }
}

impl Passback {
    /// Nobody so far. `key` is random and new at every start; `since` is shown to the guard.
    pub fn new(key: &[u8; 32], settings: Settings, since: DateTime<Utc>) -> Self {
        Self { settings, since, tables: VecDeque::new(), next: Box::new(Zeroizing::new(*key)) }
    }

    /// Since when holders are remembered: the tables do not survive a restart, and the screen says so.
    pub fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// When and which way this holder passed before, where passing now would be passing back.
    pub fn seen_before(&self, person: &Person, direction: Direction, now: Now) -> Option<SeenBefore> {
        let last = self.last(person).filter(|last| !last.borrowed)?;
        let ago = now.tick.saturating_sub(last.tick);
        self.is_passing_back(last.direction, ago, direction)
            .then_some(SeenBefore { at: last.at, direction: last.direction })
    }

    /// Whether passing this way is passing back for who passed that way so long ago.
    pub fn is_passing_back(&self, last: Direction, ago: Duration, direction: Direction) -> bool {
        let again = last == direction && ago < self.settings.again_within;
        let in_twice = self.settings.in_twice && (last, direction) == (Direction::In, Direction::In) && ago < IN_FOR;
        again || in_twice
    }

    /// This holder was let pass; `listed`: the place's roster names them.
    pub fn passed(&mut self, person: &Person, listed: bool, direction: Direction, now: Now) {
        self.keep(person, direction, now, listed, false);
    }

    /// The newest that is known of this holder.
    fn keep(&mut self, person: &Person, direction: Direction, now: Now, listed: bool, borrowed: bool) {
        self.forget(now);
        self.make_ready(now);
        let Some((table, older)) = self.tables.make_contiguous().split_last_mut() else { return };
        // What an older table knows of the holder is out of date, and nobody could see that: its tags are under another key.
        older.iter_mut().for_each(|table| table.remove(person));
        let tags = table.tags(person);
        let sighting = Sighting { at: now.time.estimate(), tick: now.tick, direction, tags, listed, borrowed };
        for tag in tags.each() {
            table.by_tag.insert(tag, sighting);
        }
    }

    /// Whoever showed this holder's codes was somebody else: the holder is not known to be in, and whoever shows them again is looked at.
    pub fn did_not_pass(&mut self, person: &Person, direction: Direction, now: Now) {
        self.tables.iter_mut().for_each(|table| table.remove(person));
        self.keep(person, direction, now, false, true);
    }

    /// When the guard saw somebody else with this holder's codes, for as long as passing again is noticed.
    pub fn borrowed_at(&self, person: &Person, now: Now) -> Option<DateTime<Utc>> {
        let last = self.last(person).filter(|last| last.borrowed)?;
        (now.tick.saturating_sub(last.tick) < self.settings.again_within).then_some(last.at)
    }

    /// How many came in on this day and are not known to have gone out. With the day it is empty again.
    pub fn inside(&self, today: NaiveDate) -> Inside {
        let mut inside = Inside::default();
        for table in &self.tables {
            for (tag, sighting) in table.by_tag.iter().filter(|(_, sighting)| is_in(sighting, today)) {
                // A holder stands there under number and name: counted once, and by the newest that is known.
                let counts = sighting.tags.number.or(sighting.tags.name) == Some(*tag);
                if counts && table.last(&sighting.tags).is_some_and(|last| last.tick == sighting.tick) {
                    *(if sighting.listed { &mut inside.listed } else { &mut inside.others }) += 1;
                }
            }
        }
        inside
    }

    /// Since when this holder is in, where that is known and of this day.
    pub fn in_since(&self, person: &Person, today: NaiveDate) -> Option<DateTime<Utc>> {
        self.last(person).filter(|last| is_in(last, today)).map(|last| last.at)
    }

    /// Throws away the tables in which nobody counts any more, each with its key. For every turn of the lane: it looks at the oldest
    /// one only.
    pub fn forget(&mut self, now: Now) {
        let over = |table: &Table| now.tick >= table.ends(&self.settings) + self.settings.counts_for();
        while self.tables.front().is_some_and(over) {
            self.tables.pop_front();
        }
    }

    /// Sees to it that the last table takes holders in. Where too many are remembered the oldest go.
    fn make_ready(&mut self, now: Now) {
        let takes_in = |table: &Table| now.tick < table.ends(&self.settings) && table.by_tag.len() < TABLE_TAGS_MAX;
        if !self.tables.back().is_some_and(takes_in) {
            let begun = self.begin(now.tick);
            self.tables.push_back(begun);
        }
        while self.tables.iter().map(|table| table.by_tag.len()).sum::<usize>() + 2 > 2 * HOLDERS_MAX {
            self.tables.pop_front();
        }
    }

    /// An empty table under a key that follows from the one before, one way.
    fn begin(&mut self, tick: Duration) -> Table {
        let chain = hmac::Key::new(hmac::HMAC_SHA256, &**self.next);
        self.next.copy_from_slice(hmac::sign(&chain, b"the next").as_ref());
        let key = Box::new(hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&chain, b"of a table").as_ref()));
        Table { key, began: tick, by_tag: HashMap::new() }
    }

    /// The newest sighting of the holder.
    fn last(&self, person: &Person) -> Option<Sighting> {
        self.tables.iter().filter_map(|table| table.last(&table.tags(person))).max_by_key(|sighting| sighting.tick)
    }
}

impl Table {
    /// From when on it takes nobody in.
    fn ends(&self, settings: &Settings) -> Duration {
        self.began + settings.counts_for().clamp(TABLE_FOR_MIN, TABLE_FOR_MAX)
    }

    /// The newest sighting of the holder here.
    fn last(&self, tags: &Tags) -> Option<Sighting> {
        self.sightings(tags).max_by_key(|sighting| sighting.tick).copied()
    }

    /// What is known of the holder here, by number and by name. Where both carry a number, a name alone does not make them one.
    fn sightings(&self, tags: &Tags) -> impl Iterator<Item = &Sighting> {
        let by_number = tags.number.and_then(|tag| self.by_tag.get(&tag));
        let by_name = tags.name.and_then(|tag| self.by_tag.get(&tag)).filter(|sighting| {
            sighting.tags.number.is_none() || tags.number.is_none() || sighting.tags.number == tags.number
        });
        [by_number, by_name].into_iter().flatten()
    }

    /// Nothing is known of the holder here any more.
    fn remove(&mut self, person: &Person) {
        let known: Vec<Tags> = self.sightings(&self.tags(person)).map(|sighting| sighting.tags).collect();
        for tag in known.into_iter().flat_map(Tags::each) {
            self.by_tag.remove(&tag);
        }
    }

    fn tags(&self, person: &Person) -> Tags {
        let number = person.number.as_deref().map(|number| self.tag(&format!("number {}", number.trim())));
        let words = folded_tokens(any_name(person));
        let name = match person.birth {
            PartialDate::Day(day) if !words.is_empty() => Some(self.tag(&format!("name {day} {}", words.join(" ")))),
            _ => None,
        };
        Tags { number, name }
    }

    fn tag(&self, text: &str) -> Tag {
        let mac = hmac::sign(&self.key, text.as_bytes());
        let mut tag = Tag::default();
        let bytes = tag.len();
        tag.copy_from_slice(&mac.as_ref()[..bytes]);
        tag
    }
}

fn is_in(sighting: &Sighting, today: NaiveDate) -> bool {
    !sighting.borrowed && sighting.direction == Direction::In && day_in_vietnam(sighting.at) == today
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::TrustedTime;

    const MINUTE: Duration = Duration::from_secs(60);

    fn person(name: &str, birth: &str, number: Option<&str>) -> Person {
        Person {
            name: name.into(),
            name_transliterated: None,
            birth: PartialDate::parse(birth).unwrap(),
            number: number.map(Into::into),
        }
    }

    fn after(tick: Duration) -> Now {
        let start = DateTime::from_timestamp(1_772_413_200, 0).unwrap();
        Now { time: TrustedTime::given(start + tick), tick }
    }

    fn table(in_twice: bool) -> Passback {
        Passback::new(&[7; 32], Settings { again_within: 5 * MINUTE, in_twice }, after(Duration::ZERO).time.estimate())
    }

    #[test]
    fn the_same_holder_is_known_by_another_code() {
        let mut table = table(false);
        let first = person("Nguyễn Văn Đức", "1990-01-18", Some("001090000001"));
        table.passed(&first, false, Direction::In, after(MINUTE));
        let again = |name, birth, number| {
            table.seen_before(&person(name, birth, number), Direction::In, after(3 * MINUTE)).map(|seen| seen.at)
        };
        let at = Some(after(MINUTE).time.estimate());
        assert_eq!(again("NGUYEN VAN DUC", "1990-01-18", None), at, "another issuer's code without a number");
        assert_eq!(again("Duc", "1990", Some("001090000001")), at, "the number alone is enough");
        assert_eq!(again("Nguyễn Văn Đức", "1990-01-18", Some("001090000002")), None, "two people of one name and day");
        assert_eq!(again("Nguyễn Văn Đức", "1990", None), None, "a year does not make one holder");
        assert_eq!(again("Nguyễn Văn Đạt", "1990-01-18", None), None);
    }

    #[test]
    fn the_way_back_and_a_later_way_are_free() {
        let mut table = table(false);
        let holder = person("Trần Thị B", "1990-01-18", None);
        table.passed(&holder, false, Direction::In, after(Duration::ZERO));
        let seen = |direction, tick| table.seen_before(&holder, direction, after(tick)).is_some();
        assert!(seen(Direction::In, 5 * MINUTE - Duration::from_secs(1)));
        assert!(!seen(Direction::In, 5 * MINUTE));
        assert!(!seen(Direction::Out, MINUTE));
    }

    #[test]
    fn in_twice_without_out_is_noticed_all_day() {
        let mut table = table(true);
        let holder = person("Trần Thị B", "1990-01-18", None);
        table.passed(&holder, false, Direction::In, after(Duration::ZERO));
        assert!(table.seen_before(&holder, Direction::In, after(600 * MINUTE)).is_some());
        assert!(table.seen_before(&holder, Direction::In, after(IN_FOR)).is_none());
        table.passed(&holder, false, Direction::Out, after(601 * MINUTE));
        assert!(table.seen_before(&holder, Direction::In, after(602 * MINUTE)).is_none());
    }

    #[test]
    fn the_table_stays_bounded_and_keeps_the_newest() {
        let mut table = table(false);
        let holder = |number: usize| person("X", "", Some(&format!("{number:012}")));
        for number in 0..2 * HOLDERS_MAX + 10 {
            table.passed(&holder(number), false, Direction::In, after(Duration::from_millis(number as u64)));
        }
        assert!(table.tables.iter().map(|table| table.by_tag.len()).sum::<usize>() <= 2 * HOLDERS_MAX);
        let newest = 2 * HOLDERS_MAX + 9;
        assert!(table.seen_before(&holder(newest), Direction::In, after(MINUTE * 2)).is_some());
    }

    #[test]
    fn nothing_of_a_holder_is_printed() {
        let mut table = table(false);
        table.passed(
            &person("Nguyễn Văn Đức", "1990-01-18", Some("001090000001")),
            false,
            Direction::In,
            after(MINUTE),
        );
        let printed = format!("{table:?}");
        assert!(!printed.contains("001090000001") && !printed.to_uppercase().contains("NGUY"), "{printed}");
    }

    #[test]
    fn who_is_inside_is_counted_once_and_forgotten_with_the_day() {
        let mut table = table(true);
        let today = day_in_vietnam(after(Duration::ZERO).time.estimate());
        let inside = |table: &Passback| (table.inside(today).listed, table.inside(today).others);
        let pupil = person("Nguyễn Văn An", "2015-09-30", Some("HS-1"));
        let (visitor, unnumbered) =
            (person("Trần Thị B", "1990-01-18", Some("001090000001")), person("TRAN THI B", "1990-01-18", None));
        table.passed(&pupil, true, Direction::In, after(MINUTE));
        table.passed(&visitor, false, Direction::In, after(2 * MINUTE));
        assert_eq!(inside(&table), (1, 1));
        assert_eq!(table.in_since(&pupil, today), Some(after(MINUTE).time.estimate()));
        // Out by a code without the number: the same holder.
        table.passed(&unnumbered, false, Direction::Out, after(3 * MINUTE));
        assert_eq!(inside(&table), (1, 0));
        table.passed(&pupil, true, Direction::Out, after(4 * MINUTE));
        assert!(inside(&table) == (0, 0) && table.in_since(&pupil, today).is_none());
        table.passed(&pupil, true, Direction::In, after(5 * MINUTE));
        table.passed(&pupil, true, Direction::In, after(6 * MINUTE));
        assert_eq!(inside(&table), (1, 0), "twice in is once inside");
        let tomorrow = today.succ_opt().unwrap();
        assert!(table.inside(tomorrow) == Inside::default() && table.in_since(&pupil, tomorrow).is_none());
    }

    #[test]
    fn what_no_longer_counts_is_gone_with_its_key() {
        let holder = person("Trần Thị B", "1990-01-18", Some("001090000001"));
        // (in twice, when its table is certainly gone): twice as long as it counts, or an hour longer.
        for (in_twice, gone) in [(false, 10 * MINUTE), (true, IN_FOR + TABLE_FOR_MAX)] {
            let mut table = table(in_twice);
            let first = table.next.clone();
            table.passed(&holder, false, Direction::In, after(Duration::ZERO));
            let of_first = table.tables[0].tags(&holder);
            table.forget(after(gone - Duration::from_secs(1)));
            assert_eq!(table.tables.len(), 1);
            table.forget(after(gone));
            assert!(table.tables.is_empty() && table.next != first);
            table.passed(&holder, false, Direction::In, after(gone));
            assert!(table.tables[0].tags(&holder) != of_first, "a tag of before says nothing of one of now");
        }
    }

    #[test]
    fn a_holder_is_known_over_many_tables_and_inside_once() {
        let mut table = table(true);
        let hour = |hour| after(hour * TABLE_FOR_MAX);
        let numbered = person("Trần Thị B", "1990-01-18", Some("001090000001"));
        let (by_name, by_number) = (person("TRAN THI B", "1990-01-18", None), person("B", "", Some("001090000001")));
        let today = day_in_vietnam(hour(0).time.estimate());
        table.passed(&numbered, false, Direction::In, hour(0));
        assert_eq!(
            table.seen_before(&by_number, Direction::In, hour(3)).map(|seen| seen.at),
            Some(hour(0).time.estimate())
        );
        table.passed(&by_name, false, Direction::In, hour(3));
        assert_eq!((table.tables.len(), table.inside(today).others), (2, 1), "in twice is inside once");
        table.passed(&by_name, false, Direction::Out, hour(5));
        assert_eq!((table.tables.len(), table.inside(today).others), (3, 0));
        assert!(table.in_since(&numbered, today).is_none());
        table.passed(&numbered, false, Direction::In, hour(7));
        assert_eq!(table.in_since(&by_number, today), Some(hour(7).time.estimate()));
        table.did_not_pass(&numbered, Direction::In, hour(8));
        assert!(table.in_since(&by_name, today).is_none() && table.inside(today) == Inside::default());
    }
}
