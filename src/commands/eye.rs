//! The camera under the guard's finger: its lamp, the enlarged middle, the next camera; and what the reader says of its picture.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::camera::{self, CameraSettings, Lamp, LampSetting, Source, Switch};
use crate::frame::Frame;
use crate::scan::{Hindrance, QrText};
use crate::ui::WindowHandle;
use crate::ui::aim::{Hint, Outline, Steady};
use crate::ui::picture::{CameraTouch, Tool, Tools};

/// What the reader and the window look through: shared with the threads that take pictures.
#[derive(Clone, Debug, Default)]
pub struct Lens {
    enlarged: Arc<AtomicBool>,
    mirrored: Arc<AtomicBool>,
}

impl Lens {
    /// The frame as it is read and shown.
    pub fn see(&self, frame: Frame) -> Frame {
        if self.enlarged.load(Ordering::Relaxed) { frame.middle() } else { frame }
    }

    /// Whether it is shown as in a mirror.
    pub fn mirrored(&self) -> bool {
        self.mirrored.load(Ordering::Relaxed)
    }
}

/// What happens to the camera.
pub enum EyeMessage {
    /// The guard touched something.
    Touch(CameraTouch),
    /// Another camera, or none, is in use.
    Device(Option<PathBuf>),
}

/// What can be done to the camera in use.
pub struct Eye {
    window: WindowHandle,
    lens: Lens,
    switch: Switch,
    settings: Option<CameraSettings>,
    light: LampSetting,
    mirror: bool,
    lamp: Option<Lamp>,
    lit: bool,
    cameras: usize,
}

impl Eye {
    /// Starts to listen, in a thread of its own: drivers take their time.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        source: &Source,
        light: LampSetting,
        mirror: bool,
        switch: Switch,
        window: WindowHandle,
    ) -> std::io::Result<(Lens, Sender<EyeMessage>)> {
        let settings = match source {
            Source::Camera(settings) => Some(settings.clone()),
            Source::Recording(_) => None,
        };
        let lens = Lens { mirrored: Arc::new(AtomicBool::new(mirror)), ..Lens::default() };
        let eye =
            Self { window, lens: lens.clone(), switch, settings, light, mirror, lamp: None, lit: false, cameras: 0 };
        let (sender, messages) = channel();
        super::session::spawn("eye", move || eye.run(&messages))?;
        Ok((lens, sender))
    }

    fn run(mut self, messages: &Receiver<EyeMessage>) {
        self.tell();
        for message in messages {
            match message {
                EyeMessage::Touch(CameraTouch::Light) => self.shine(!self.lit),
                EyeMessage::Touch(CameraTouch::Zoom) => {
                    self.lens.enlarged.fetch_xor(true, Ordering::Relaxed);
                }
                EyeMessage::Touch(CameraTouch::Other) if self.cameras > 1 => {
                    self.shine(false);
                    self.switch.next();
                }
                EyeMessage::Touch(CameraTouch::Other) => {}
                EyeMessage::Touch(CameraTouch::Facing(front)) => self.face(front),
                EyeMessage::Device(device) => {
                    self.cameras = self.settings.as_ref().map_or(0, |settings| settings.all().len());
                    // The first camera is the one whose direction the settings know.
                    let first = self.cameras < 2 || self.switch.turn().is_multiple_of(self.cameras);
                    self.lens.mirrored.store(self.mirror && first, Ordering::Relaxed);
                    self.lamp = Lamp::find(&self.light, device.as_deref());
                    self.shine(self.lit);
                }
            }
            self.tell();
        }
        self.shine(false);
    }

    /// Turns to the camera that the device says faces whoever looks at the screen, or back to the first one. Where no device says
    /// which does, the settings' camera stays.
    fn face(&mut self, front: bool) {
        let Some(all) = self.settings.as_ref().map(CameraSettings::all).filter(|all| all.len() > 1) else { return };
        let wanted = match front {
            true => all.iter().position(|path| camera::faces_user(path)),
            false => Some(0),
        };
        if let Some(wanted) = wanted {
            let now = self.switch.turn() % all.len();
            (0..(wanted + all.len() - now) % all.len()).for_each(|_| self.switch.next());
        }
    }

    fn shine(&mut self, on: bool) {
        self.lit = match &self.lamp {
            None => false,
            Some(lamp) => match lamp.set(on) {
                Ok(()) => on,
                Err(fault) => {
                    tracing::warn!(%fault, ?lamp, "the lamp cannot be switched");
                    self.lamp = None;
                    false
                }
            },
        };
    }

    fn tell(&self) {
        let tool = |there: bool, on: bool| match (there, on) {
            (false, _) => Tool::Absent,
            (true, false) => Tool::Off,
            (true, true) => Tool::On,
        };
        self.window.tools(Tools {
            light: tool(self.lamp.is_some(), self.lit),
            zoom: tool(true, self.lens.enlarged.load(Ordering::Relaxed)),
            other: tool(self.cameras > 1, false),
        });
    }
}

/// Tells the window of every frame where codes are and what hinders reading, steadily.
pub fn aim(window: WindowHandle) -> impl FnMut(&Frame, &[QrText], &[Hindrance]) + Send + 'static {
    let mut steady = Steady::default();
    move |frame, texts, hindrances| {
        let outlines = texts.iter().map(|text| outline(frame, &text.corners)).collect();
        let hints: Vec<_> = hindrances.iter().map(|hindrance| hint(*hindrance)).collect();
        window.aim(steady.frame(frame.at, outlines, &hints));
    }
}

fn outline(frame: &Frame, corners: &[[f32; 2]; 4]) -> Outline {
    let (width, height) = (frame.width as f32, frame.height as f32);
    corners.map(|[x, y]| [(x / width).clamp(0.0, 1.0), (y / height).clamp(0.0, 1.0)])
}

fn hint(hindrance: Hindrance) -> Hint {
    match hindrance {
        Hindrance::TooDark => Hint::TooDark,
        Hindrance::Glare => Hint::Glare,
        Hindrance::Blurred => Hint::Blurred,
        Hindrance::TooSmall => Hint::TooFar,
        Hindrance::PartlySeen => Hint::Partial,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn corners_become_parts_of_the_picture_and_stay_inside() {
        let frame = Frame::new(vec![0; 200], 20, 10, 1, Duration::ZERO).unwrap();
        let corners = [[5.0, 5.0], [25.0, 5.0], [20.0, 10.0], [-1.0, 9.0]];
        assert_eq!(outline(&frame, &corners), [[0.25, 0.5], [1.0, 0.5], [1.0, 1.0], [0.0, 0.9]]);
    }
}
