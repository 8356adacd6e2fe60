//! Every state of the screen, for the tests that read it and the programs that show it.

// Each of those programs uses a part.
#![allow(dead_code)]

use std::time::Duration;

use checkpoint::passage::{Direction, Location, Outcome, PassageId, Proof};
use checkpoint::passback::Inside;
use checkpoint::roster::RosterFault;
use checkpoint::screen::{
    Fault, Freshness, Gathering, GuardNumber, HeadShown, InsideShown, Listed, Noted, Open, PaperKind, PartyShown,
    PickUp, SchoolShown, Screen, Stage, SurgeReason, Totals, TrustStatus, Who,
};
use checkpoint::statistics::{Cause, Hour, ScanTimes, Statistics};
use checkpoint::verdict::{Advice, Reason, Step};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use kiosk::mode::Mode;
use kiosk::practice::Practice;
use kiosk::ui::aim::{Aim, Hint};
use kiosk::ui::desk::{Checklist, DeskShown, Exercise, Figures, PinSays, PlaceShown, Poster, Shift, Span};
use kiosk::ui::entry::{Entry, Next};
use kiosk::ui::journal::JournalShown;
use kiosk::ui::pages::Page;
use kiosk::ui::panels::Panel;
use kiosk::ui::picture::{Picture, Tool, Tools};
use kiosk::ui::theme::Theme;
use kiosk::ui::view::{Card, Local, Middle, Question, View};
use kiosk::words::{Language, Words};

/// One state of the screen.
#[derive(Clone)]
pub struct Scene {
    pub name: String,
    pub screen: Screen,
    pub decided: Option<Decided>,
    pub panel: Panel,
    pub question: Option<Question>,
    pub aim: Option<Aim>,
    pub tools: Tools,
    pub desk: DeskShown,
}

/// A verdict with everything it says. `Shown` itself is the lane's to make.
#[derive(Clone)]
pub struct Decided {
    pub outcome: Outcome,
    pub reason: Option<Reason>,
    pub who: Option<Who>,
    pub holds_until: Option<DateTime<Utc>>,
    pub notice: Option<Reason>,
    pub held: bool,
    pub remaining: Option<Duration>,
}

impl Scene {
    #[allow(clippy::disallowed_methods)] // Nothing passes here: these are pictures of verdicts.
    pub fn view<'a>(&'a self, words: &'a Words, theme: &'a Theme, picture: Option<&'a Picture>) -> View<'a> {
        let middle = match &self.decided {
            Some(decided) => Middle::Decided(Card {
                passage: PassageId::durable(1284),
                outcome: decided.outcome,
                reason: decided.reason.as_ref(),
                advice: match (decided.outcome, &decided.reason) {
                    (Outcome::Refuse | Outcome::Refer, Some(reason)) => reason.advice(),
                    _ => Advice::LetPass,
                },
                who: decided.who.as_ref(),
                holds_until: decided.holds_until,
                notice: decided.notice.as_ref(),
                held: decided.held,
                remaining: decided.remaining,
            }),
            None => Middle::from(&self.screen.stage),
        };
        View {
            screen: &self.screen,
            middle,
            since: Duration::ZERO,
            picture,
            aim: self.aim.as_ref(),
            tools: self.tools,
            desk: &self.desk,
            question: self.question.as_ref(),
            words,
            theme,
        }
    }

    /// The texts of a language, for whoever this state speaks to.
    pub fn words(&self, language: Language) -> Words {
        Words::new(language).for_visitor(self.desk.ways.faces_visitor)
    }

    pub fn local(&self, language: Language) -> Local {
        let mut local = Local::new(language);
        local.panel = self.panel.clone();
        local
    }
}

pub const NAME: &str = "Nguyễn Thị Phương Thảo";
pub const LONGEST_NAME: &str = "Công Tằng Tôn Nữ Nguyễn Thị Quỳnh Hương Trường Thượng Khuyến";

/// 14:05 on 2 July 2026 in Viet Nam.
pub fn clock() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, 2, 7, 5, 20).single().expect("UTC has no gaps")
}

pub fn who(name: &str) -> Option<Who> {
    Some(Who::Named { name: name.to_owned(), birth_year: Some(1987), proof: Proof::Verified })
}

pub fn screen(stage: Stage) -> Screen {
    Screen {
        stage,
        location: Location {
            code: "HN-CK-0023".to_owned(),
            name: "Chốt kiểm soát Pháp Vân – Cầu Giẽ".to_owned(),
            province: "Hà Nội".to_owned(),
        },
        direction: Direction::In,
        totals: Totals { admitted: 1042, refused: 31, referred: 187, overridden: 9, registered: 14, waved: 0 },
        trust: trust_status(118, 2, Freshness::Fresh),
        demo: true,
        faults: vec![],
        clock: clock(),
        question: None,
        remembers_since: None,
        party: None,
        school: None,
    }
}

/// A list signed so many days ago that makes green for 30.
fn trust_status(version: u64, days: u64, freshness: Freshness) -> TrustStatus {
    let of_days = |days: u64| Duration::from_secs(days * 86_400);
    TrustStatus::Loaded { version, age: of_days(days), freshness, green_for: Some(of_days(30u64.saturating_sub(days))) }
}

fn scene(name: &str, screen: Screen) -> Scene {
    let tools = Tools { light: Tool::Off, zoom: Tool::Off, other: Tool::Absent };
    let (name, panel) = (name.to_owned(), Panel::Closed);
    Scene { name, screen, decided: None, panel, question: None, aim: None, tools, desk: desk() }
}

pub fn decided(name: &str, outcome: Outcome, reason: Option<Reason>, who: Option<Who>) -> Scene {
    let remaining = Some(Duration::from_secs(if outcome == Outcome::Admit { 5 } else { 60 }));
    let decided = Decided { outcome, reason, who, holds_until: None, notice: None, held: false, remaining };
    Scene { decided: Some(decided), ..scene(name, screen(Stage::Waiting)) }
}

fn example(code: &str) -> Reason {
    let days = |days| TimeDelta::days(days);
    let now = clock();
    Reason::examples()
        .into_iter()
        .find(|reason| reason.code() == code)
        .map(|reason| match reason {
            Reason::DoseTooRecent { days: age, days_min, .. } => {
                Reason::DoseTooRecent { days: age, days_min, holds_from: (now + days(2)).date_naive() }
            }
            Reason::Expired { .. } => Reason::Expired { now, not_after: now - days(40) },
            Reason::ClockInDoubt { .. } => Reason::ClockInDoubt { floor: now, estimate: now + days(400) },
            Reason::KeyOutsideItsWindow { .. } => {
                Reason::KeyOutsideItsWindow { signed_at: now, not_before: now - days(800), not_after: now - days(35) }
            }
            other => other,
        })
        .expect("every code has an example")
}

/// The state of this name.
pub fn by_name(name: &str) -> Scene {
    scenes().into_iter().find(|scene| scene.name == name).expect("a scene of that name")
}

/// Statistics of these days, as the index would count them.
fn figures(span: Span) -> Figures {
    let today = kiosk::words::day(clock());
    let days = match span {
        Span::Today => 0..1,
        Span::Yesterday => 1..2,
        Span::Week => 0..7,
    };
    let mut statistics = Statistics::default();
    for back in days.rev() {
        for hour in 5..15_u64 {
            let admitted = 40 + (hour * 37 + back as u64 * 53) % 140;
            let totals = Totals { admitted, refused: hour % 7, referred: admitted / 6, ..Totals::default() };
            let from = clock() - TimeDelta::days(back) - TimeDelta::hours(14 - hour as i64);
            statistics.hours.push(Hour { from: from - TimeDelta::seconds(from.timestamp() % 3600), totals });
            Outcome::ALL.into_iter().for_each(|outcome| statistics.totals.add(outcome, totals.of(outcome)));
        }
    }
    let cause = |reason: &str, outcome, count| Cause { reason: reason.to_owned(), outcome, count };
    statistics.reasons = vec![
        cause("V-MISSING", Outcome::Refer, 96),
        cause("R-RECENT", Outcome::Refuse, 41),
        cause("S-KEY", Outcome::Refer, 38),
        cause("G-ORDER", Outcome::Override, 9),
        cause("E-LINK", Outcome::Refer, 7),
        cause("R-DOSES", Outcome::Refuse, 6),
        cause("V-AGAIN", Outcome::Refer, 3),
        cause("S-SIG", Outcome::Refuse, 1),
        cause("K-CLOCK", Outcome::Refer, 1),
    ];
    let millis = Duration::from_millis;
    let spread = [310, 520, 300, 120, 41, 22, 15];
    statistics.scans =
        Some(ScanTimes { count: 1328, median: millis(430), p95: millis(2140), longest: millis(48_000), spread });
    Figures { span, today, statistics }
}

/// A desk in the middle of a day.
pub fn desk() -> DeskShown {
    let place = |code: &str, name: &str| PlaceShown {
        location: Location { code: code.to_owned(), name: name.to_owned(), province: "Hà Nội".to_owned() },
        region: "Hoàn Kiếm".to_owned(),
    };
    let texts = |vi: &str, en: &str| vec![("vi".to_owned(), vi.to_owned()), ("en".to_owned(), en.to_owned())];
    let items = kiosk::checklist::load(None).expect("they come with the kiosk").swap_remove(0).items;
    let rules = ["two-doses-14-days", "declaration-72h", "entry-declaration", "negative-test", "travel-permit"];
    let rules = rules.into_iter().chain(["school-gate", "register-only", "of-our-own"]);
    let code = "VNLOC1:HN-CK-0023|Chốt kiểm soát Pháp Vân – Cầu Giẽ|Hà Nội";
    DeskShown {
        places: vec![
            place("HN-CK-0023", "Chốt Pháp Vân"),
            place("HN-TT-0101", "Chợ Đồng Xuân"),
            place("HN-TT-0102", "Bến xe Giáp Bát"),
            place("HN-TT-0103", "Cầu Chương Dương"),
        ],
        places_signed: true,
        rules: rules.enumerate().map(|(index, id)| (id.to_owned(), index < 2)).collect(),
        figures: Some(figures(Span::Today)),
        place_code: Question::of(code, None),
        shift: None,
        shift_figures: Some(Totals { admitted: 412, refused: 12, referred: 66, ..Totals::default() }),
        checklists: vec![
            Checklist {
                title: texts("An toàn tại chốt", "Safety of the post"),
                items: items.iter().map(|texts| texts.clone().into_iter().collect()).collect(),
                done: Some(kiosk::words::day(clock())),
            },
            Checklist {
                title: texts("An toàn trường học", "Safety of the school"),
                items: vec![texts("Cửa", "Door")],
                done: Some(kiosk::words::day(clock())),
            },
        ],
        sound: true,
        about: vec![
            ("version", "0.1.0".to_owned()),
            ("device", "3f9a2c41d07be655".to_owned()),
            ("list", "Sở Y tế Hà Nội, 118, 30/06/2026".to_owned()),
            ("storage", "/var/lib/kiosk".to_owned()),
            ("fonts", "Be Vietnam Pro (SIL OFL 1.1)".to_owned()),
        ],
        ..DeskShown::default()
    }
}

/// Every page of the day.
fn pages() -> Vec<Scene> {
    let page = |name: &str, page: Page| Scene { panel: Panel::Page(page), ..scene(name, screen(Stage::Waiting)) };
    let mut scenes = vec![
        page("page-figures", Page::Figures(Span::Today)),
        page("page-place-code", Page::PlaceCode),
        page("page-shift", Page::Shift),
        page("page-lists", Page::Lists),
        page("page-list", Page::List(0)),
        page("page-places", Page::Places(None)),
        page("page-modes", Page::Modes),
        page("page-rules", Page::Rules(vec![true, true])),
        page("page-help", Page::Help),
        page("page-about", Page::About),
    ];
    for of_lists in scenes.iter_mut().filter(|scene| scene.name.starts_with("page-list")) {
        of_lists.desk.checklists[0].done = None;
    }
    let exercises: Vec<_> = Practice::built_in().cases.iter().filter_map(Exercise::of).collect();
    for (name, of) in [("page-practice", Page::Practice), ("page-exercise", Page::Exercise(1, 0))] {
        let mut learning = page(name, of);
        (learning.desk.mode, learning.desk.ways) = (Mode::Training, Mode::Training.ways());
        learning.desk.practice = exercises.clone().into();
        learning.screen.demo = false;
        scenes.push(learning);
    }
    let mut due = scene("waiting-due", screen(Stage::Waiting));
    due.desk.checklists[0].done = None;
    scenes.push(due);
    let mut on_duty = page("page-shift-end", Page::Shift);
    on_duty.desk.shift = Some(Shift { guard: GuardNumber(417), since: clock() - TimeDelta::hours(7) });
    scenes.push(on_duty);
    let mut faulty = page("page-shift-faults", Page::Shift);
    faulty.screen.faults = vec![Fault::CameraDark, Fault::ClockInDoubt, Fault::DiskFull, Fault::TrustRejected];
    (faulty.tools, faulty.desk.sound) = (Tools::default(), false);
    scenes.push(faulty);
    for (name, says) in [
        ("pin-done", PinSays::Nothing),
        ("pin-checking", PinSays::Checking),
        ("pin-wrong", PinSays::Wrong { tries_left: 3 }),
        ("pin-locked", PinSays::Locked { secs: 119 }),
        ("pin-not-set", PinSays::NotSet),
        ("pin-not-kept", PinSays::NotKept),
    ] {
        let mut scene = page(name, Page::Pin);
        scene.desk.pin = says;
        scenes.push(scene);
    }
    for (name, poster) in [
        ("page-place-code-saved", Poster::OnStick("/media/usb0/poster".to_owned())),
        ("page-place-code-here", Poster::Here("/var/lib/kiosk/poster".to_owned())),
        ("page-place-code-printed", Poster::Printed("Canon_LBP2900_Van_Phong".to_owned())),
        ("page-place-code-fault", Poster::Failed("/media/usb0/poster: Read-only file system (os error 30)".to_owned())),
    ] {
        let mut scene = page(name, Page::PlaceCode);
        scene.desk.printer = Some("Canon_LBP2900_Van_Phong".to_owned()).filter(|_| name.ends_with("printed"));
        scene.desk.poster = Some(poster);
        scenes.push(scene);
    }
    let mut unsigned = page("page-places-unsigned", Page::Places(None));
    unsigned.desk.places_signed = false;
    scenes.push(unsigned);
    let many = (0..300).map(|number| PlaceShown {
        location: Location {
            code: format!("HN-TT-{number:04}"),
            name: format!("Trạm y tế xã Nguyễn Thị Định {number}"),
            province: "Hà Nội".to_owned(),
        },
        region: ["Hoàn Kiếm", "Ba Đình", "Đông Anh", "Thanh Trì", "", "Nam Từ Liêm"][number % 6].to_owned(),
    });
    for (name, region) in [("page-places-regions", None), ("page-places-many", Some("Đông Anh".to_owned()))] {
        let mut scene = page(name, Page::Places(region));
        scene.desk.places = many.clone().collect();
        scenes.push(scene);
    }
    let mut counting = page("page-figures-wait", Page::Figures(Span::Yesterday));
    scenes.push(counting.clone());
    counting.name = "page-figures-nothing".to_owned();
    counting.desk.figures = Some(Figures { statistics: Statistics::default(), ..figures(Span::Yesterday) });
    scenes.push(counting);
    let mut week = page("page-figures-week", Page::Figures(Span::Week));
    week.desk.figures = Some(figures(Span::Week));
    scenes.push(week);
    scenes
}

/// Each mode as it waits, and with a verdict.
fn modes() -> Vec<Scene> {
    let mut scenes = Vec::new();
    for mode in Mode::ALL {
        let word = mode.word();
        let named = if mode.ways().names { who(NAME) } else { Some(Who::Masked) };
        let (outcome, reason) = match mode {
            Mode::Register => (Outcome::Registered, None),
            _ => (Outcome::Refer, Some(example("V-MATCH"))),
        };
        for mut scene in [
            scene(&format!("mode-{word}"), screen(Stage::Waiting)),
            decided(&format!("mode-{word}-verdict"), outcome, reason, named),
        ] {
            (scene.desk.mode, scene.desk.ways) = (mode, mode.ways());
            scene.screen.demo = false;
            scenes.push(scene);
        }
    }
    scenes
}

/// A pupil of the roster.
pub fn pupil(name: &str, pick_up: PickUp) -> Option<Who> {
    let (class, proof) = ("3A2".to_owned(), Proof::Unsigned);
    Some(Who::Listed(Box::new(Listed { name: name.to_owned(), birth_year: Some(2017), class, proof, pick_up })))
}

/// A school's gate in the middle of its day.
fn school() -> Vec<Scene> {
    let inside = Inside { listed: 412, others: 3 };
    let shown = SchoolShown { on_roster: Some(1204), damaged: 2, fault: None, inside, over: false };
    let guardians =
        || vec!["Trần Thị Bình · mẹ · 0912 345 678".to_owned(), "Nguyễn Văn Ba · ông · 0987 654 321".to_owned()];
    let classes = (1..=5).flat_map(|grade| ["A1", "A2", "B", "C"].map(|of| (format!("{grade}{of}"), 20 + grade)));
    let classes: Vec<_> = classes.collect();
    let names = |count: usize| -> Vec<_> {
        let names = [NAME, LONGEST_NAME, "Lê An", "Đỗ Thị Em"].into_iter().cycle().take(count);
        names.map(|name| (name.to_owned(), clock() - TimeDelta::hours(7))).collect()
    };
    let page = |classes: &[(String, u32)], named| {
        let page = InsideShown {
            since: clock() - TimeDelta::hours(8),
            inside,
            classes: classes.to_vec(),
            named,
            damaged: vec![17, 240],
        };
        screen(Stage::Inside(Box::new(page)))
    };
    let waits = Stage::Gathering(Gathering {
        step: Step::ShowGuardian,
        who: pupil(NAME, PickUp::MayBe(guardians())),
        notice: None,
        remaining: Duration::from_secs(18),
    });
    let gate = |name: &str, school: SchoolShown| {
        let mut scene = scene(name, screen(Stage::Waiting));
        scene.screen.school = Some(school);
        scene
    };
    let mut missed = decided(
        "school-guardian-missing",
        Outcome::Refer,
        Some(Reason::Incomplete { missing: Step::ShowGuardian }),
        pupil(LONGEST_NAME, PickUp::MayBe(vec![])),
    );
    missed.screen.direction = Direction::Out;
    let mut scenes = vec![
        gate("school-waiting", shown),
        gate("school-late", SchoolShown { inside: Inside { listed: 3, others: 0 }, over: true, damaged: 0, ..shown }),
        gate("school-no-roster", SchoolShown { on_roster: None, damaged: 0, inside: Inside::default(), ..shown }),
        gate("school-bad-roster", SchoolShown { fault: Some(RosterFault::NoHeading), damaged: 0, ..shown }),
        scene("school-guardian", screen(waits)),
        decided("school-in", Outcome::Registered, None, pupil(NAME, PickUp::MayBe(vec![]))),
        decided("school-picked-up", Outcome::Registered, None, pupil(NAME, PickUp::By("Trần Thị Bình".to_owned()))),
        decided(
            "school-not-guardian",
            Outcome::Refer,
            Some(Reason::NotTheGuardian),
            pupil(LONGEST_NAME, PickUp::Other(guardians())),
        ),
        missed,
        decided("school-not-on", Outcome::Refer, Some(Reason::NotOnRoster), who(NAME)),
        scene("school-inside", page(&classes[..14], None)),
        scene("school-inside-many", page(&classes, None)),
        scene("school-inside-nobody", page(&[], None)),
        scene("school-names", page(&[], Some(("3A2".to_owned(), names(9))))),
        scene("school-names-many", page(&[], Some(("3A2".to_owned(), names(40))))),
    ];
    for scene in &mut scenes {
        (scene.desk.mode, scene.desk.ways) = (Mode::School, Mode::School.ways());
        scene.screen.demo = false;
        scene.screen.school.get_or_insert(shown);
    }
    scenes
}

/// A code that was read, where `examples/screens.rs` draws it.
fn found() -> Aim {
    Aim { outlines: vec![[[0.385, 0.175], [0.708, 0.275], [0.643, 0.85], [0.32, 0.75]]], hint: None }
}

/// The states that a guard sees, in the order of a day.
pub fn scenes() -> Vec<Scene> {
    let gathering =
        |step, who, notice| Stage::Gathering(Gathering { step, who, notice, remaining: Duration::from_millis(17_400) });
    let mut scenes = vec![
        scene("waiting", screen(Stage::Waiting)),
        Scene { aim: Some(found()), ..scene("gathering", screen(gathering(Step::ShowDeclaration, who(NAME), None))) },
        scene(
            "gathering-notice",
            screen(gathering(Step::ShowCertificate, None, Some(Reason::Malformed { layer: "zlib" }))),
        ),
        decided("admit", Outcome::Admit, None, who(NAME)),
        decided("refuse-recent", Outcome::Refuse, Some(example("R-RECENT")), who(NAME)),
        decided("refuse-signature", Outcome::Refuse, Some(example("S-SIG")), None),
        decided("refuse-window", Outcome::Refuse, Some(example("S-WINDOW")), who(LONGEST_NAME)),
        decided("refer-key", Outcome::Refer, Some(example("S-KEY")), who(NAME)),
        decided("refer-clock", Outcome::Refer, Some(example("K-CLOCK")), Some(Who::Masked)),
        decided("override", Outcome::Override, Some(Reason::Override), who(NAME)),
        decided("registered", Outcome::Registered, None, who("Trần Văn Đức")),
    ];
    let mut until = decided("admit-until", Outcome::Admit, None, who(LONGEST_NAME));
    if let Some(decided) = &mut until.decided {
        decided.holds_until = Some(clock() + TimeDelta::minutes(31 * 60 + 20));
    }
    scenes.insert(4, until);
    let mut held = decided("refuse-held-masked", Outcome::Refuse, Some(example("C-EXPIRED")), Some(Who::Masked));
    if let Some(decided) = &mut held.decided {
        (decided.held, decided.remaining) = (true, None);
    }
    scenes.push(held);
    let claimed = Who::Named { name: NAME.to_owned(), birth_year: Some(1987), proof: Proof::Unsigned };
    scenes.push(scene("gathering-unsigned", screen(gathering(Step::ShowCertificate, Some(claimed), None))));
    let mut wrong_code = decided("refuse-wrong-code", Outcome::Refuse, Some(example("R-DOSES")), who(LONGEST_NAME));
    if let Some(decided) = &mut wrong_code.decided {
        decided.notice = Some(example("E-LINK"));
    }
    scenes.push(wrong_code);
    let mut choosing = decided("override-choose", Outcome::Refuse, Some(example("R-DOSES")), who(NAME));
    choosing.panel = Panel::Override;
    scenes.push(choosing);

    for hint in Hint::ALL {
        let mut hindered = scene(&format!("waiting-{}", hint.word()), screen(Stage::Waiting));
        hindered.aim = Some(Aim { outlines: vec![], hint: Some(hint) });
        hindered.tools = Tools { light: Tool::On, zoom: Tool::On, other: Tool::Off };
        scenes.push(hindered);
    }
    let mut asking = screen(Stage::Waiting);
    let question = "VNASK1:HN-CK-0023|Chốt cầu Giẽ|Hà Nội|2cWv0T3p7q0x5a9bYk4LmA|ac314b04";
    (asking.question, asking.remembers_since) = (Some(question.to_owned()), Some(clock() - TimeDelta::hours(6)));
    let mut asking = scene("waiting-question", asking);
    asking.question = Question::of(question, None);
    scenes.push(asking);
    let mut party = screen(Stage::Waiting);
    party.party = Some(PartyShown { visitors: 3, stopped: 1, full: false });
    scenes.push(scene("waiting-party", party));
    let mut started = scene("waiting-started", screen(Stage::Waiting));
    started.screen.remembers_since = Some(clock());
    started.desk.journal =
        Some(JournalShown { records: 48_231, newest: Some(clock()), dropped: 1, indexed: Some(45), fresh: true });
    let mut learnt = started.clone();
    (learnt.name, learnt.desk.training_over) = ("waiting-training-over".to_owned(), true);
    scenes.extend([started, learnt]);
    let group = Who::Party { visitors: 4, stopped: 1 };
    scenes.push(decided("refuse-party", Outcome::Refuse, Some(example("R-DOSES")), Some(group)));
    scenes.push(decided("refer-again", Outcome::Refer, Some(example("V-AGAIN")), who(NAME)));
    let since = clock() - TimeDelta::minutes(25);
    scenes.push(scene("open", screen(Stage::Open(Open { since, reason: SurgeReason::Queue, waved: 214 }))));
    let (device, at) = ("3475033dd54c1ff8".to_owned(), clock());
    let text = "VNCHK1:GR2Q7GF5LH6PYAYDAMBQGAYDAMBQGAYDAMBQGAYAAAAAAAAABPG237Y2HJBR7JYRJ4LZRBLWOA4JT3WN2YSMOLZSH7JJKGVFCWGPNQYAAAAZZKHE5GNMVR3YC2BQFDFUVNLVQRDOYMY6VYWUBDYAKVZ66UGEW4HYHQ2OH7SLGRE7N3SXKZSAKXSLMQUY252GX5WMQZ36MEIOJYTLZUSMQJGQAY";
    let head = HeadShown { text: text.to_owned(), device: device.clone(), sequence: 3_021, at };
    let mut head = scene("head", screen(Stage::Head(head)));
    head.screen.question = Some(text.to_owned());
    head.question = Question::of(text, None);
    scenes.push(head);
    scenes.push(scene("noted-kept", screen(Stage::Noted(Noted::Kept { device: device.clone(), sequence: 812, at }))));
    scenes.push(scene("noted-forged", screen(Stage::Noted(Noted::Forged { device }))));
    let mut name = Entry::paper(PaperKind::Vaccination);
    "CONG TANG TON NU NGUYEN THI QUYNH HUONG".chars().for_each(|key| name.key(key));
    let mut number = Entry::guard(SurgeReason::Order);
    "4171".chars().for_each(|key| number.key(key));
    let mut wrong = Entry::plate();
    "--.--".chars().for_each(|key| wrong.key(key));
    if let Next::Ask(asked) = wrong.clone().done(clock()) {
        wrong = asked;
    }
    for (name, panel) in [
        ("more", Panel::More),
        ("paper", Panel::Paper),
        ("surge", Panel::Surge),
        ("entry-name", Panel::Entry(Box::new(name))),
        ("entry-guard", Panel::Entry(Box::new(number))),
        ("entry-wrong", Panel::Entry(Box::new(wrong))),
    ] {
        scenes.push(Scene { panel, ..scene(name, screen(Stage::Waiting)) });
    }

    let mut live = screen(Stage::Waiting);
    (live.demo, live.direction) = (false, Direction::Out);
    live.trust = trust_status(97, 12, Freshness::Ageing);
    scenes.push(scene("waiting-live-ageing", live));
    let mut faulty = screen(Stage::Waiting);
    faulty.faults = vec![Fault::CameraMissing, Fault::TrustStale, Fault::ClockInDoubt, Fault::TracingKeyMissing];
    faulty.trust = trust_status(90, 45, Freshness::Stale);
    scenes.push(scene("waiting-faults", faulty));
    let mut warned = decided("refer-no-list", Outcome::Refer, Some(example("S-NOLIST")), None);
    warned.screen.faults = vec![Fault::TrustMissing];
    warned.screen.trust = TrustStatus::Missing;
    scenes.push(warned);
    let mut out = screen(Stage::OutOfService(Fault::DiskFull));
    out.faults = vec![Fault::DiskFull];
    scenes.push(scene("out-of-service", out));
    scenes.extend(modes());
    scenes.extend(school());
    scenes.extend(pages());
    scenes
}

/// Every reason as a verdict about the longest name, and every fault, for tests of overflow.
pub fn all_texts() -> Vec<Scene> {
    let mut scenes = scenes();
    for reason in Reason::examples() {
        let outcome = Outcome::from(reason.answer());
        let reason = example(reason.code());
        scenes.push(decided(reason.code(), outcome, Some(reason.clone()), who(LONGEST_NAME)));
        let mut gathering = screen(Stage::Gathering(Gathering {
            step: Step::ShowCertificate,
            who: who(LONGEST_NAME),
            notice: Some(reason.clone()),
            remaining: Duration::from_secs(1),
        }));
        gathering.faults = vec![Fault::DiskFull, Fault::TrustRejected, Fault::ClockInDoubt];
        scenes.push(scene(&format!("gathering-{}", reason.code()), gathering));
    }
    for fault in Fault::ALL {
        scenes.push(scene(&format!("out-{}", fault.word()), screen(Stage::OutOfService(fault))));
        let mut waiting = screen(Stage::Waiting);
        waiting.faults = vec![fault];
        scenes.push(scene(&format!("waiting-{}", fault.word()), waiting));
    }
    scenes
}
