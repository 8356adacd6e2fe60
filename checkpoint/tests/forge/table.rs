//! A table of forged and malformed credentials of one scheme, each with the reason that it deserves.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use checkpoint::time::TrustedTime;
use checkpoint::trust::TrustList;
use checkpoint::verdict::Reason;
use rustix::time::{ClockId, clock_gettime};

use super::{at, now, verdict};

/// Most thread CPU time for one code, in milliseconds: walked twice, once written down, and as optimised as tests are.
const MS_MAX: f64 = 5.0;
/// Runs of a code that took too long: what the machine adds once, it does not add each time.
const RUNS: usize = 5;

/// One forged code: what is wrong with it, its text, and the reason that it deserves.
pub type Forged = (&'static str, String, &'static str);

/// Judges forged codes by one list. The sound ones of the scheme stand beside them.
#[track_caller]
pub fn check_forged(list: &TrustList, cases: &[Forged]) {
    let mut table = Table::new("forged", list.clone());
    for (name, text, expected) in cases {
        table.case(*name, text, expected);
    }
    let (forged, sound) = table.judge_each();
    assert_eq!((forged, sound), (cases.len(), 0));
}

/// One code, the list and the time that judge it, and its reason as `says` reads it, or "ok".
struct Case {
    name: String,
    text: String,
    list: Rc<TrustList>,
    now: TrustedTime,
    expected: &'static str,
}

/// The cases of one scheme.
pub struct Table {
    scheme: &'static str,
    list: Rc<TrustList>,
    cases: Vec<Case>,
}

impl Table {
    /// An empty table, judged by this list unless a case brings its own.
    pub fn new(scheme: &'static str, list: TrustList) -> Self {
        Self { scheme, list: Rc::new(list), cases: Vec::new() }
    }

    /// One case.
    pub fn case(&mut self, name: impl Into<String>, text: impl Into<String>, expected: &'static str) {
        self.add(name.into(), text.into(), self.list.clone(), now(), expected);
    }

    /// One case at another time.
    pub fn case_at(&mut self, name: impl Into<String>, text: impl Into<String>, time: &str, expected: &'static str) {
        self.add(name.into(), text.into(), self.list.clone(), TrustedTime::given(at(time)), expected);
    }

    /// One case under another list.
    pub fn case_with(
        &mut self,
        name: impl Into<String>,
        list: TrustList,
        text: impl Into<String>,
        expected: &'static str,
    ) {
        self.add(name.into(), text.into(), Rc::new(list), now(), expected);
    }

    fn add(&mut self, name: String, text: String, list: Rc<TrustList>, now: TrustedTime, expected: &'static str) {
        self.cases.push(Case { name, text, list, now, expected });
    }

    /// Judges every case, prints how many there were, and says what went otherwise.
    ///
    /// # Panics
    /// When a case does not end as it should, or there are fewer than `forged_min` forged ones, or no sound one.
    pub fn judge(self, forged_min: usize) {
        let (forged, sound) = self.judge_each();
        assert!(forged >= forged_min && sound > 0, "{}: {forged} forged, {sound} sound", self.scheme);
    }

    /// Judges every case; how many were forged, and how many sound.
    #[track_caller]
    fn judge_each(&self) -> (usize, usize) {
        let mut faults = Vec::new();
        let mut slowest = (0.0, "");
        for case in &self.cases {
            let got = catch_unwind(AssertUnwindSafe(|| match verdict(&case.list, &case.text, case.now) {
                Ok(_) => "ok".to_owned(),
                Err(reason) => says(&reason, case.expected),
            }));
            let got = got.unwrap_or_else(|_| "a panic".to_owned());
            if got != case.expected {
                faults.push(format!("{}: {got} instead of {}", case.name, case.expected));
            }
            let mut took = f64::INFINITY;
            for _ in 0..RUNS {
                let started = thread_cpu_ms();
                let _ = verdict(&case.list, &case.text, case.now);
                took = f64::min(took, thread_cpu_ms() - started);
                if took <= MS_MAX {
                    break;
                }
            }
            if took > MS_MAX {
                faults.push(format!("{}: {took:.1} ms", case.name));
            }
            if took > slowest.0 {
                slowest = (took, case.name.as_str());
            }
        }
        let sound = self.cases.iter().filter(|case| case.expected == "ok").count();
        let forged = self.cases.len() - sound;
        println!(
            "{}: {forged} forged, {sound} sound; the slowest took {:.2} ms: {}",
            self.scheme, slowest.0, slowest.1
        );
        assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), self.cases.len(), faults.join("\n"));
        let names: std::collections::BTreeSet<_> = self.cases.iter().map(|case| &case.name).collect();
        assert_eq!(names.len(), self.cases.len(), "{}: two cases of one name", self.scheme);
        (forged, sound)
    }
}

/// A reason's short code, and where damage is expected at a layer ("E-FORM cose"), that layer.
fn says(reason: &Reason, expected: &str) -> String {
    match reason {
        Reason::Malformed { layer } if expected.contains(' ') => format!("{} {layer}", reason.code()),
        reason => reason.code().to_owned(),
    }
}

/// CPU time that this thread has used, in milliseconds.
fn thread_cpu_ms() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}
