//! Pictures of the screen itself, for reports and documents.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::time::Duration;

use egui::{ColorImage, Context};

use super::UiFault;
use super::handle::WindowHandle;
use super::view::{Middle, Subject, View};

/// Pictures of the screen, one for each new thing in its middle: `001-waiting.png`, `002-admit.png`, ...
#[derive(Clone, Debug)]
pub struct Screenshots {
    /// The folder; it is made if it is missing.
    pub folder: PathBuf,
    /// The window closes after this many.
    pub count_max: Option<usize>,
}

/// Takes a picture of the screen for each new thing in its middle.
pub(super) struct ScreenCamera {
    seen: Option<Subject>,
    // Passes to wait, so that everything is laid out.
    passes: Option<u32>,
    taken: usize,
    count_max: Option<usize>,
    handle: WindowHandle,
    writer: SyncSender<(String, Arc<ColorImage>)>,
}

impl ScreenCamera {
    pub(super) fn new(screenshots: &Screenshots, handle: WindowHandle) -> Result<Self, UiFault> {
        let folder = screenshots.folder.clone();
        std::fs::create_dir_all(&folder).map_err(|source| UiFault::Screenshots { folder: folder.clone(), source })?;
        let (writer, pictures) = mpsc::sync_channel::<(String, Arc<ColorImage>)>(8);
        let (count_max, closing) = (screenshots.count_max, handle.clone());
        std::thread::spawn(move || {
            for (count, (name, picture)) in (1..).zip(pictures) {
                if let Err(error) = save(&folder.join(name), &picture) {
                    tracing::warn!(%error, folder = %folder.display(), "a picture of the screen was not kept");
                }
                if count_max == Some(count) {
                    closing.close();
                }
            }
        });
        Ok(Self { seen: None, passes: None, taken: 0, count_max, handle, writer })
    }

    pub(super) fn look(&mut self, context: &Context, view: &View<'_>) {
        let subject = view.middle.subject();
        if self.seen != Some(subject) {
            self.seen = Some(subject);
            self.passes = Some(2);
        }
        match self.passes {
            Some(0) if self.count_max.is_none_or(|max| self.taken < max) => {
                self.passes = None;
                self.taken += 1;
                let name = format!("{:03}-{}.png", self.taken, stage_word(&view.middle));
                let (writer, handle) = (self.writer.clone(), self.handle.clone());
                context.request_screenshot(move |picture| {
                    // A writer that is behind loses pictures; the window does not wait for it.
                    let _ = writer.try_send((name, picture));
                    handle.wake();
                });
            }
            Some(0) | None => {}
            Some(passes) => {
                self.passes = Some(passes - 1);
                context.request_repaint_after(Duration::from_millis(20));
            }
        }
    }
}

/// The middle in one word, for names of pictures.
fn stage_word(middle: &Middle<'_>) -> &'static str {
    match middle {
        Middle::Waiting => "waiting",
        Middle::Gathering(_) => "gathering",
        Middle::Decided(card) => card.outcome.word(),
        Middle::Open(_) => "open",
        Middle::Head(_) => "head",
        Middle::Noted(_) => "noted",
        Middle::Inside(_) => "inside",
        Middle::OutOfService(_) => "out-of-service",
    }
}

/// Writes a PNG.
fn save(path: &std::path::Path, picture: &ColorImage) -> Result<(), image::ImageError> {
    let [width, height] = picture.size;
    let rgb: Vec<u8> = picture.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    image::save_buffer(path, &rgb, width as u32, height as u32, image::ExtendedColorType::Rgb8)
}
