//! The whole way from a V4L2 device to a gray picture, against an emulated device.
//!
//! `vcam/vcam.c` is compiled and preloaded, so every test runs this program again, itself alone, with the emulation in
//! it. A camera is then a file that says how it behaves; the tests write it while the kiosk's code is capturing.
#![cfg(target_os = "linux")]
// Helpers of tests may unwrap as tests do; the lint knows only the latter.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, Instant};

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use kiosk::camera::recorder::Form;
use kiosk::camera::{
    CameraFault, CameraSettings, CameraState, Frames, Light, Pace, PixelFormat, RecorderSettings, RecorderState,
    Recording, RecordingSettings, Source, Taken, Watch, list_in, watch,
};
use kiosk::frame::Frame;

const SECOND: Duration = Duration::from_secs(1);
/// Longer than any wait here should be.
const LONG: Duration = Duration::from_secs(8);

/// Runs `scenario` in a process of its own in which the emulated cameras are.
fn emulated(name: &str, scenario: impl FnOnce(&Bench)) {
    if let Some(dev) = std::env::var_os("VCAM_DIR") {
        return scenario(&Bench { dev: dev.into() });
    }
    let dev = tempfile::tempdir().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env("LD_PRELOAD", shim())
        .env("VCAM_DIR", dev.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{}\n{said}\n{}", child.status, String::from_utf8_lossy(&child.stderr));
    assert!(said.contains("1 passed"), "no test is called {name}: {said}");
}

/// The emulation, compiled once.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vcam/vcam.c");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("libvcam-{}.so", std::process::id()));
        let compiler = std::env::var("CC").unwrap_or("cc".to_owned());
        let compiled = Command::new(compiler)
            .args(["-Wall", "-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .args([source, "-ldl", "-lpthread"])
            .output()
            .unwrap();
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        library
    })
}

/// The device nodes, and pictures to deliver.
struct Bench {
    dev: PathBuf,
}

impl Bench {
    fn node(&self, name: &str) -> PathBuf {
        self.dev.join(name)
    }

    /// Plugs a camera in, or changes how it behaves, at once.
    fn set(&self, name: &str, script: &str) {
        let next = self.dev.join(format!("next-{name}"));
        fs::write(&next, format!("{script}\n")).unwrap();
        fs::rename(next, self.node(name)).unwrap();
    }

    fn unplug(&self, name: &str) {
        fs::remove_file(self.node(name)).unwrap();
    }

    /// A file with picture `number` as a camera with these pixels would send it.
    fn picture(&self, format: &str, number: u8, (width, height): (usize, usize), padding: usize) -> String {
        let gray = scene(number, width, height);
        let rows = gray.chunks(width);
        let bytes: Vec<u8> = match format {
            "YUYV" => rows
                .flat_map(|row| {
                    let pixels = row.iter().enumerate().flat_map(|(x, &gray)| [gray, 100 + (x % 2) as u8 * 50]);
                    pixels.chain(std::iter::repeat_n(1, padding))
                })
                .collect(),
            "GREY" => rows.flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(1, padding))).collect(),
            "NV12" | "YU12" => [&gray[..], &vec![99; width * height / 2]].concat(),
            "MJPG" => jpeg(&gray, width, height),
            "BARE" => without_huffman_tables(&jpeg(&gray, width, height)),
            other => panic!("{other}"),
        };
        let path = self.dev.join(format!("{format}-{number}-{width}"));
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// A camera with these pixels at 1280×720 that shows picture `number`, and `more` words.
    fn show(&self, name: &str, format: &str, number: u8, more: &str) {
        let picture = self.picture(format, number, (1280, 720), 0);
        let format = if format == "BARE" { "MJPG" } else { format };
        self.set(name, &format!("formats={format} picture={picture} {more}"));
    }

    /// Watches one device.
    fn watch(&self, name: &str) -> Watched {
        Watched::new(CameraSettings { device: Some(self.node(name)), nodes: self.dev.clone() })
    }

    /// Watches whatever is there.
    fn watch_any(&self) -> Watched {
        Watched::new(CameraSettings { device: None, nodes: self.dev.clone() })
    }
}

/// What the camera looks at: no two numbers alike anywhere.
fn scene(number: u8, width: usize, height: usize) -> Vec<u8> {
    let gray = |i: usize| 40 + ((i % width / 32 * 5 + i / width / 32 * 11 + usize::from(number) * 30) % 180) as u8;
    (0..width * height).map(gray).collect()
}

/// Which picture this is.
fn number_of(frame: &Frame) -> Option<u8> {
    let off_by = |number: u8| {
        let scene = scene(number, frame.width, frame.height);
        let off: u64 = scene.iter().zip(frame.luma.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        off / scene.len() as u64
    };
    (0..6).find(|&number| off_by(number) < 2)
}

fn jpeg(gray: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let rgb: Vec<u8> = gray.iter().flat_map(|&gray| [gray; 3]).collect();
    JpegEncoder::new_with_quality(&mut bytes, 90)
        .write_image(&rgb, width as u32, height as u32, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

fn without_huffman_tables(jpeg: &[u8]) -> Vec<u8> {
    let mut bare = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xDA {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != 0xC4 {
            bare.extend(&jpeg[at..end]);
        }
        at = end;
    }
    bare.extend(&jpeg[at..]);
    bare
}

/// A watched camera and what it reported.
struct Watched {
    watch: Watch,
    states: Receiver<CameraState>,
}

impl Watched {
    fn new(settings: CameraSettings) -> Self {
        let (report, states) = mpsc::channel();
        let watch = watch(Source::Camera(settings), move |state| {
            println!("{:?} {state:?}", SINCE.elapsed());
            // The test may have ended by now.
            let _ = report.send(state);
        });
        Self { watch, states }
    }

    fn frame(&self) -> Frame {
        match self.watch.frames().take(LONG) {
            Taken::New(frame) => frame,
            other => panic!("{other:?}"),
        }
    }

    /// The next picture, by its number.
    fn number(&self) -> Option<u8> {
        number_of(&self.frame())
    }

    /// Waits until picture `number` comes; no other than `before` may come until then.
    fn until(&self, number: u8, before: u8) {
        let end = Instant::now() + LONG;
        loop {
            match self.number() {
                Some(seen) if seen == number => return,
                Some(seen) if seen == before => assert!(Instant::now() < end, "picture {number} never came"),
                other => panic!("{other:?} instead of {number}"),
            }
        }
    }

    /// No picture comes for `time`.
    fn nothing_for(&self, time: Duration) {
        if let Taken::New(frame) = self.watch.frames().take(time) {
            panic!("picture {:?} came", number_of(&frame));
        }
    }

    /// Takes what the old behaviour still delivered, and from then on nothing.
    fn dries_up(&self) {
        let end = Instant::now() + Duration::from_millis(200);
        while Instant::now() < end {
            self.watch.frames().take(Duration::from_millis(20));
        }
        self.nothing_for(Duration::from_millis(500));
    }

    fn state(&self, wanted: impl Fn(&CameraState) -> bool) -> CameraState {
        let end = Instant::now() + LONG;
        loop {
            match self.states.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(state) if wanted(&state) => return state,
                Ok(_) => {}
                Err(error) => panic!("that state never came: {error}"),
            }
        }
    }

    fn live(&self) -> CameraState {
        self.state(|state| matches!(state, CameraState::Live { .. }))
    }

    fn fault(&self, code: &str) -> CameraFault {
        match self.state(|state| matches!(state, CameraState::Fault(fault) if fault.code() == code)) {
            CameraState::Fault(fault) => fault,
            other => panic!("{other:?}"),
        }
    }
}

static SINCE: LazyLock<Instant> = LazyLock::new(Instant::now);

/// `fn name(bench)` as a test in the emulation.
macro_rules! scenarios {
    ($($(#[$about:meta])* fn $name:ident($bench:ident: &Bench) $body:block)*) => {$(
        $(#[$about])*
        #[test]
        fn $name() {
            emulated(stringify!($name), |$bench: &Bench| $body);
        }
    )*};
}

scenarios! {
    fn yuyv_arrives_pixel_by_pixel(bench: &Bench) {
        bench.show("video0", "YUYV", 1, "");
        let watched = bench.watch("video0");
        let frame = watched.frame();
        assert_eq!((frame.width, frame.height), (1280, 720));
        assert_eq!(frame.luma[..], scene(1, 1280, 720)[..]);
        let CameraState::Live { mode: Some(mode), light, .. } = watched.live() else { panic!() };
        assert_eq!((mode.format, mode.width, mode.height, mode.fps), (PixelFormat::Yuyv, 1280, 720, Some(30.0)));
        assert_eq!(light, Light::Enough);
        // One after the other, each once, and the newest.
        let next = watched.frame();
        assert!(next.sequence > frame.sequence && next.at > frame.at);
        bench.show("video0", "YUYV", 2, "");
        watched.until(2, 1);
    }

    fn motion_jpeg_arrives_with_its_tables_and_without(bench: &Bench) {
        for (name, format) in [("video0", "MJPG"), ("video1", "BARE")] {
            bench.show(name, format, 3, "");
            let watched = bench.watch(name);
            assert_eq!(watched.number(), Some(3), "{format}");
        }
    }

    fn planes_and_padded_rows_arrive(bench: &Bench) {
        for (name, format) in [("video0", "GREY"), ("video1", "NV12"), ("video2", "YU12")] {
            bench.show(name, format, 2, "");
            assert_eq!(bench.watch(name).frame().luma[..], scene(2, 1280, 720)[..], "{format}");
        }
        for (name, format) in [("video3", "YUYV"), ("video4", "GREY")] {
            let picture = bench.picture(format, 4, (1280, 720), 64);
            bench.set(name, &format!("formats={format} quirks=padded picture={picture}"));
            assert_eq!(bench.watch(name).frame().luma[..], scene(4, 1280, 720)[..], "{format} padded");
        }
    }

    fn the_cheapest_mode_that_serves_is_chosen(bench: &Bench) {
        let jpeg = bench.picture("MJPG", 1, (1280, 720), 0);
        let raw = bench.picture("YUYV", 1, (1280, 720), 0);
        for (name, script, format) in [
            ("video0", format!("formats=YUYV,MJPG picture={raw}"), PixelFormat::Yuyv),
            ("video1", format!("formats=YUYV,MJPG quirks=slowraw picture={jpeg}"), PixelFormat::Mjpeg),
            ("video2", format!("formats=H264,MJPG sizes=1920x1080,1280x720,640x480 picture={jpeg}"), PixelFormat::Mjpeg),
        ] {
            bench.set(name, &script);
            let watched = bench.watch(name);
            let CameraState::Live { mode: Some(mode), .. } = watched.live() else { panic!() };
            assert_eq!((mode.format, mode.width, mode.height), (format, 1280, 720), "{name}");
            assert_eq!(watched.number(), Some(1), "{name}");
        }
        bench.set("video3", "formats=H264,RGB3");
        let fault = bench.watch("video3").fault("CAM-MODE");
        assert!(fault.to_string().contains("H264, RGB3"), "{fault}");
    }

    fn drivers_with_quirks_work(bench: &Bench) {
        let large = bench.picture("YUYV", 5, (1280, 720), 0);
        let small = bench.picture("YUYV", 5, (640, 480), 0);
        for (number, quirks) in ["noparm", "nointervals", "nosizes", "stepwise", "ntsc", "h264", "noparm,nointervals,ntsc"]
            .iter().enumerate()
        {
            let name = format!("video{number}");
            bench.set(&name, &format!("formats=YUYV quirks={quirks} picture={large}"));
            let frame = bench.watch(&name).frame();
            assert_eq!((frame.width, frame.height, number_of(&frame)), (1280, 720, Some(5)), "{quirks}");
        }
        // A size that the driver takes back is honoured.
        bench.set("video9", &format!("formats=YUYV quirks=adjust picture={small}"));
        let watched = bench.watch("video9");
        let frame = watched.frame();
        assert_eq!((frame.width, frame.height, number_of(&frame)), (640, 480, Some(5)));
        let CameraState::Live { mode: Some(mode), .. } = watched.live() else { panic!() };
        assert_eq!((mode.width, mode.height), (640, 480));
    }

    fn a_camera_that_stalls_is_named_and_recovers(bench: &Bench) {
        bench.show("video0", "YUYV", 1, "");
        let watched = bench.watch("video0");
        watched.live();
        bench.show("video0", "YUYV", 1, "mode=stall");
        let began = Instant::now();
        watched.fault("CAM-STILL");
        assert!(began.elapsed() < 3 * SECOND, "{:?}", began.elapsed());
        // Nobody sees or reads what was.
        assert!(watched.watch.frames().peek().is_none());
        bench.show("video0", "YUYV", 2, "");
        assert_eq!(watched.number(), Some(2));
        watched.live();
    }

    fn an_unplugged_camera_is_used_again_when_it_is_back(bench: &Bench) {
        bench.show("video0", "MJPG", 1, "");
        let watched = bench.watch("video0");
        watched.live();
        bench.unplug("video0");
        let began = Instant::now();
        watched.fault("CAM-PLUG");
        watched.fault("CAM-NONE");
        assert!(began.elapsed() < 2 * SECOND, "{:?}", began.elapsed());
        assert!(watched.watch.frames().peek().is_none());
        bench.show("video0", "MJPG", 2, "");
        let began = Instant::now();
        assert_eq!(watched.number(), Some(2));
        assert!(began.elapsed() < 2 * SECOND, "{:?}", began.elapsed());
    }

    fn any_camera_will_do_and_it_may_come_back_elsewhere(bench: &Bench) {
        // What is no camera is passed over; what has an odd name is not looked at.
        bench.set("video0", "kind=meta");
        bench.set("video1", "kind=helper formats=YUYV");
        bench.set("video-front", "nonsense");
        let watched = bench.watch_any();
        assert_eq!(watched.fault("CAM-NONE"), CameraFault::Missing { path: None });
        bench.show("video10", "GREY", 1, "");
        assert_eq!(watched.number(), Some(1));
        bench.show("video2", "GREY", 2, "");
        bench.unplug("video10");
        watched.until(2, 1);
    }

    fn of_two_cameras_the_free_one_is_used(bench: &Bench) {
        bench.show("video0", "GREY", 1, "mode=busystart");
        bench.show("video1", "GREY", 2, "");
        assert_eq!(bench.watch_any().number(), Some(2));
        bench.unplug("video1");
        bench.watch_any().fault("CAM-BUSY");
    }

    fn what_there_is_can_be_listed(bench: &Bench) {
        bench.set("video0", "kind=meta");
        bench.show("video1", "YUYV", 1, "");
        bench.set("video2", "formats=H264");
        let found = list_in(&bench.dev);
        let codes: Vec<_> = found.iter().map(|found| found.fault.as_ref().map(CameraFault::code)).collect();
        assert_eq!(codes, [Some("CAM-KIND"), None, Some("CAM-MODE")]);
        assert_eq!(found[1].path, bench.node("video1"));
        assert_eq!(found[1].mode.unwrap().to_string(), "1280x720 YUYV 30 fps");
        assert!(found[1].name.as_ref().unwrap().contains("uvcvideo"));
        // Looking disturbs nobody.
        let watched = bench.watch("video1");
        watched.live();
        assert_eq!(list_in(&bench.dev).len(), 3);
        assert_eq!(watched.number(), Some(1));
    }

    fn a_camera_that_is_taken_is_named_and_used_when_it_is_free(bench: &Bench) {
        for (name, mode) in [("video0", "busy"), ("video1", "busystart")] {
            bench.show(name, "YUYV", 1, &format!("mode={mode}"));
            let watched = bench.watch(name);
            watched.fault("CAM-BUSY");
            bench.show(name, "YUYV", 1, "");
            assert_eq!(watched.number(), Some(1), "{mode}");
        }
    }

    fn what_is_damaged_is_not_a_picture(bench: &Bench) {
        for (number, (format, mode)) in [
            ("YUYV", "empty"), ("MJPG", "empty"), ("YUYV", "cut"), ("MJPG", "cut"), ("YUYV", "flagged"),
            ("MJPG", "stale"), ("YUYV", "repeat"),
        ].iter().enumerate() {
            let name = format!("video{number}");
            bench.show(&name, format, 1, "");
            let watched = bench.watch(&name);
            assert_eq!(watched.number(), Some(1), "{format}");
            // From now on picture 2 is before the lens, and picture 1 still in the buffers.
            bench.show(&name, format, 2, &format!("mode={mode}"));
            println!("{format} {mode}");
            watched.dries_up();
        }
    }

    fn a_camera_that_gives_only_damage_is_at_fault(bench: &Bench) {
        bench.show("video0", "MJPG", 1, "");
        let watched = bench.watch("video0");
        watched.live();
        bench.show("video0", "MJPG", 1, "mode=empty");
        let CameraFault::NoPicture { damaged, .. } = watched.fault("CAM-STILL") else { panic!() };
        assert!(damaged > 10, "{damaged}");
        bench.show("video0", "MJPG", 2, "");
        watched.until(2, 1);
    }

    fn one_error_costs_one_reopening(bench: &Bench) {
        bench.show("video0", "YUYV", 1, "");
        let watched = bench.watch("video0");
        watched.live();
        bench.show("video0", "YUYV", 2, "mode=eio");
        watched.fault("CAM-FAIL");
        let began = Instant::now();
        assert_eq!(watched.number(), Some(2));
        assert!(began.elapsed() < SECOND, "{:?}", began.elapsed());
    }

    /// The `v4l` crate's own stream ends the process here: one panic for stopping, another for freeing.
    fn a_driver_that_refuses_to_stop_harms_nobody(bench: &Bench) {
        bench.show("video0", "YUYV", 1, "quirks=nostop");
        let watched = bench.watch("video0");
        watched.live();
        bench.show("video0", "YUYV", 2, "quirks=nostop mode=eio");
        watched.fault("CAM-FAIL");
        assert_eq!(watched.number(), Some(2));
        watched.watch.stop();
    }

    fn stopping_is_prompt_whatever_the_camera_does(bench: &Bench) {
        bench.show("video0", "YUYV", 1, "mode=stall");
        bench.show("video1", "YUYV", 1, "");
        bench.show("video2", "YUYV", 1, "mode=busy");
        for name in ["video0", "video1", "video2", "video3"] {
            let watched = bench.watch(name);
            std::thread::sleep(Duration::from_millis(400));
            let frames = watched.watch.frames().clone();
            let began = Instant::now();
            watched.watch.stop();
            assert!(began.elapsed() < Duration::from_millis(500), "{name}: {:?}", began.elapsed());
            // The reader learns it, after the last picture.
            while let Taken::New(_) = frames.take(SECOND) {}
            assert!(matches!(frames.take(SECOND), Taken::Closed));
        }
    }

    fn a_slow_reader_gets_the_present(bench: &Bench) {
        bench.show("video0", "YUYV", 1, "");
        let settings = CameraSettings { device: Some(bench.node("video0")), nodes: bench.dev.clone() };
        let mut frames = Source::Camera(settings).open(0).unwrap();
        let mut next = || number_of(&frames.next(Instant::now() + SECOND).unwrap().unwrap());
        assert_eq!(next(), Some(1));
        // While nobody reads, the buffers fill with picture 1, and the world goes on.
        std::thread::sleep(Duration::from_millis(500));
        bench.show("video0", "YUYV", 2, "");
        assert_eq!(next(), Some(2));
    }

    fn a_deadline_is_kept_and_is_no_fault(bench: &Bench) {
        bench.show("video0", "YUYV", 1, "mode=stall");
        let settings = CameraSettings { device: Some(bench.node("video0")), nodes: bench.dev.clone() };
        let mut frames = Source::Camera(settings).open(0).unwrap();
        for millis in [0, 1, 50] {
            let began = Instant::now();
            assert!(frames.next(began + Duration::from_millis(millis)).unwrap().is_none());
            assert!(began.elapsed() < Duration::from_millis(millis + 100), "{millis}: {:?}", began.elapsed());
        }
    }

    fn what_is_seen_can_be_recorded_and_played(bench: &Bench) {
        bench.show("video0", "YUYV", 3, "");
        let watched = bench.watch("video0");
        watched.live();
        assert_eq!(watched.watch.recorder_state(), None);
        let into = bench.dev.join("recordings");
        fs::create_dir(&into).unwrap();
        let settings = RecorderSettings { form: Form::Png, free_bytes_min: 0, ..RecorderSettings::new(&into) };
        watched.watch.record(settings);
        std::thread::sleep(Duration::from_millis(700));
        let Some(RecorderState::Ended { path: Some(path), pictures, why: None }) = watched.watch.stop_recording() else {
            panic!("not recorded");
        };
        assert!((2..=5).contains(&pictures), "{pictures}");
        let settings = RecordingSettings { pace: Pace::AsFastAsPossible, ..RecordingSettings::new(path) };
        let mut recording = Recording::open(&settings).unwrap();
        let frame = recording.next(Instant::now()).unwrap().unwrap();
        assert_eq!(frame.luma[..], scene(3, 1280, 720)[..]);
        assert!(frame.recorded_at.is_some());
    }

    /// Whoever knows nokhwa finds its interface, with our backend behind it.
    fn nokhwa_sees_a_camera(bench: &Bench) {
        use kiosk::camera::v4l::{Aside, V4lBackend};
        use nokhwa::utils::{ApiBackend, CameraIndex, FrameFormat, Resolution};
        let picture = bench.picture("YUYV", 4, (640, 480), 0);
        bench.set("video0", &format!("formats=YUYV,MJPG picture={picture}"));
        let backend = V4lBackend::open(&bench.node("video0"), Aside::default()).unwrap();
        let mut camera = nokhwa::Camera::with_custom(CameraIndex::Index(0), ApiBackend::Video4Linux, Box::new(backend));
        assert_eq!(camera.compatible_fourcc().unwrap(), [FrameFormat::MJPEG, FrameFormat::YUYV]);
        assert_eq!(camera.compatible_list_by_resolution(FrameFormat::YUYV).unwrap()[&Resolution::new(640, 480)], [30]);
        assert!(camera.frame().is_err(), "the stream is not open yet");
        camera.open_stream().unwrap();
        // While it streams, too.
        camera.set_resolution(Resolution::new(640, 480)).unwrap();
        assert!(camera.is_stream_open());
        let buffer = camera.frame().unwrap();
        assert_eq!((buffer.resolution(), buffer.source_frame_format()), (Resolution::new(640, 480), FrameFormat::YUYV));
        let luma: Vec<u8> = buffer.buffer().iter().step_by(2).copied().collect();
        assert_eq!(luma, scene(4, 640, 480));
        camera.stop_stream().unwrap();
        assert!(!camera.is_stream_open());
    }
}
