//! The lamp beside the lens, where there is one: a torch that the camera drives, or an LED or relay of the system.

use std::io;
use std::path::{Path, PathBuf};

use v4l::Device;
use v4l::control::{Control, Description, MenuItem, Value};

/// Where the lamp is, as `camera.light` of the settings says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LampSetting {
    /// The camera's own, where it offers one.
    #[default]
    Auto,
    /// None is used.
    None,
    /// A file that takes "1" and "0": `/sys/class/leds/NAME/brightness`, or the `value` of an exported GPIO line, for a relay too.
    File(PathBuf),
}

/// A lamp that can be switched.
#[derive(Debug)]
pub enum Lamp {
    /// A control of a V4L2 camera.
    Camera(Box<CameraLamp>),
    /// A file of the system.
    File(PathBuf),
}

/// Which control lights, and with which values.
pub struct CameraLamp {
    device: Device,
    id: u32,
    on: Value,
    off: Value,
}

impl std::fmt::Debug for CameraLamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CameraLamp({:#x})", self.id)
    }
}

/// `V4L2_CID_FLASH_LED_MODE` (linux/v4l2-controls.h): 0 none, 1 flash, 2 torch.
const FLASH_LED_MODE: u32 = 0x009c_0901;
const FLASH_LED_MODE_TORCH: i64 = 2;
/// `V4L2_CID_ILLUMINATORS_1`: a switch.
const ILLUMINATORS_1: u32 = 0x0098_0925;
/// "LED1 Mode" that the UVC extension units of several makers are mapped to: a menu, 0 off, 1 on.
const UVC_LED1_MODE: u32 = 0x0a04_6d05;

impl Lamp {
    /// The lamp that the settings ask for, for the camera at `device`. `None` where there is none.
    pub fn find(setting: &LampSetting, device: Option<&Path>) -> Option<Self> {
        match setting {
            LampSetting::None => None,
            LampSetting::File(path) => path.exists().then(|| Self::File(path.clone())),
            LampSetting::Auto => {
                let device = Device::with_path(device?).ok()?;
                let (id, on, off) = torch(&device.query_controls().ok()?)?;
                Some(Self::Camera(Box::new(CameraLamp { device, id, on, off })))
            }
        }
    }

    /// Switches it.
    ///
    /// # Errors
    /// What the driver or the system says; the lamp is as it was.
    pub fn set(&self, on: bool) -> io::Result<()> {
        match self {
            Self::Camera(lamp) => {
                let value = if on { &lamp.on } else { &lamp.off };
                lamp.device.set_control(Control { id: lamp.id, value: clone(value) })
            }
            // LEDs clamp what is larger than their brightest; a GPIO line takes 1 alone.
            Self::File(path) if path.ends_with("brightness") => {
                let brightest = path.with_file_name("max_brightness");
                let most = std::fs::read_to_string(brightest).unwrap_or_else(|_| "1".to_owned());
                std::fs::write(path, if on { most.trim() } else { "0" })
            }
            Self::File(path) => std::fs::write(path, if on { "1" } else { "0" }),
        }
    }
}

fn clone(value: &Value) -> Value {
    match value {
        Value::Boolean(on) => Value::Boolean(*on),
        Value::Integer(number) => Value::Integer(*number),
        _ => Value::None,
    }
}

/// The control that lights for as long as it is on, and its two values: a torch before an illuminator before an LED.
fn torch(controls: &[Description]) -> Option<(u32, Value, Value)> {
    let find = |id: u32| controls.iter().find(|control| control.id == id);
    let offers = |control: &Description, value: i64| {
        let of_menu = |(index, _): &(u32, MenuItem)| i64::from(*index) == value;
        match &control.items {
            Some(items) => items.iter().any(of_menu),
            None => (control.minimum..=control.maximum).contains(&value),
        }
    };
    if find(FLASH_LED_MODE).is_some_and(|control| offers(control, FLASH_LED_MODE_TORCH)) {
        return Some((FLASH_LED_MODE, Value::Integer(FLASH_LED_MODE_TORCH), Value::Integer(0)));
    }
    if find(ILLUMINATORS_1).is_some() {
        return Some((ILLUMINATORS_1, Value::Boolean(true), Value::Boolean(false)));
    }
    find(UVC_LED1_MODE)
        .filter(|control| offers(control, 1))
        .map(|_| (UVC_LED1_MODE, Value::Integer(1), Value::Integer(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use v4l::control::{Flags, Type};

    fn control(id: u32, maximum: i64, items: Option<&[u32]>) -> Description {
        Description {
            id,
            typ: if items.is_some() { Type::Menu } else { Type::Boolean },
            name: String::new(),
            minimum: 0,
            maximum,
            step: 1,
            default: 0,
            flags: Flags::empty(),
            items: items.map(|items| items.iter().map(|item| (*item, MenuItem::Name(String::new()))).collect()),
        }
    }

    #[test]
    fn a_torch_comes_before_an_illuminator_and_a_flash_alone_is_no_lamp() {
        let id = |controls: &[Description]| torch(controls).map(|(id, ..)| id);
        let flash_only = control(FLASH_LED_MODE, 1, Some(&[0, 1]));
        let flash_and_torch = control(FLASH_LED_MODE, 2, Some(&[0, 1, 2]));
        assert_eq!(id(&[flash_only]), None);
        assert_eq!(id(&[control(ILLUMINATORS_1, 1, None), flash_and_torch]), Some(FLASH_LED_MODE));
        assert_eq!(
            id(&[control(UVC_LED1_MODE, 3, Some(&[0, 1, 2, 3])), control(ILLUMINATORS_1, 1, None)]),
            Some(ILLUMINATORS_1)
        );
        assert_eq!(id(&[control(UVC_LED1_MODE, 3, Some(&[0, 1, 2, 3]))]), Some(UVC_LED1_MODE));
        assert_eq!(id(&[control(0x0098_0900, 255, None)]), None);
    }

    #[test]
    fn a_file_lamp_is_written_as_its_kind_wants() {
        let folder = tempfile::tempdir().unwrap();
        let (led, line) = (folder.path().join("brightness"), folder.path().join("value"));
        assert!(Lamp::find(&LampSetting::File(led.clone()), None).is_none());
        for file in [&led, &line] {
            std::fs::write(file, "0").unwrap();
        }
        std::fs::write(folder.path().join("max_brightness"), "255\n").unwrap();
        for (file, on) in [(&led, "255"), (&line, "1")] {
            let lamp = Lamp::find(&LampSetting::File(file.clone()), None).unwrap();
            lamp.set(true).unwrap();
            assert_eq!(std::fs::read_to_string(file).unwrap(), on);
            lamp.set(false).unwrap();
            assert_eq!(std::fs::read_to_string(file).unwrap(), "0");
        }
    }

    #[test]
    fn without_a_camera_there_is_no_camera_lamp() {
        assert!(Lamp::find(&LampSetting::Auto, None).is_none());
        assert!(Lamp::find(&LampSetting::Auto, Some(Path::new("/nowhere/video0"))).is_none());
        assert!(Lamp::find(&LampSetting::None, Some(Path::new("/dev/video0"))).is_none());
    }
}
