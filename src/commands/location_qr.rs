//! `kiosk location-qr`: the checkpoint's own code as PNG, SVG and a printable poster. `docs/location-qr.md` is the
//! specification of its text.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use checkpoint::passage::Location;
use checkpoint::unsigned::poster::{self, PosterFault};
use image::{GrayImage, Luma};
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the symbol (ISO/IEC 18004, 5.3.8).
const QUIET_MODULES: usize = 4;
/// Pixels to a module in the PNG.
const PNG_PIXELS: usize = 20;

/// Points of a millimetre: 72 to an inch of 25.4 mm.
const MM: f32 = 72.0 / 25.4;
/// A4 (ISO 216).
const PAGE_MM: (f32, f32) = (210.0, 297.0);
/// Side of the code on the poster without its quiet zone, as posters of 2021 had it.
const CODE_MM: f32 = 150.0;
/// Free space left and right of the writing.
const MARGIN_MM: f32 = 18.0;

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/BeVietnamPro-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/BeVietnamPro-ExtraBold.ttf");

/// What to do before the poster, Vietnamese and English.
const INSTRUCTIONS: [(&str, &str); 3] = [
    ("1. Mở ứng dụng sức khỏe, chọn quét mã và hướng vào mã trên.", "Open your health app and scan the code above."),
    ("2. Kiểm tra tên địa điểm hiện trên điện thoại.", "Check that your phone shows the name of this place."),
    ("3. Đưa màn hình kết quả cho cán bộ trực chốt.", "Show the result to the officer on duty."),
];

/// Writes the checkpoint's own code (docs/location-qr.md) as CODE.png, CODE.svg and CODE.pdf.
#[derive(clap::Args, Clone, Debug)]
pub struct LocationQrArgs {
    /// Folder for the three files; made where it is missing.
    #[arg(long, default_value = ".")]
    pub out: PathBuf,
}

/// Why there is no code. Says what to change.
#[derive(Debug, thiserror::Error)]
pub enum LocationQrFault {
    /// The code, the name or the province cannot stand in the text.
    #[error("[location] in kiosk.toml: {0}")]
    Place(PosterFault),
    /// A file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A library failed on values that are within bounds.
    #[error("the {what} could not be drawn: {why}; please report this")]
    Draw {
        /// Code, picture or poster.
        what: &'static str,
        /// What the library says.
        why: String,
    },
}

/// Writes the three files; gives their paths.
///
/// # Errors
/// `LocationQrFault`.
pub fn run(location: &Location, args: &LocationQrArgs) -> Result<Vec<PathBuf>, LocationQrFault> {
    let text = text(location)?;
    let code = Code::new(&text)?;
    let picture = code.picture()?;
    let poster = poster(location, &text, &code)?;
    let write = |path: &Path, result: io::Result<()>| {
        result.map_err(|source| LocationQrFault::Write { path: path.into(), source })
    };
    write(&args.out, fs::create_dir_all(&args.out))?;
    let path = |ending: &str| args.out.join(format!("{}.{ending}", location.code));
    let (png, svg, pdf) = (path("png"), path("svg"), path("pdf"));
    write(&png, picture.save(&png).map_err(io::Error::other))?;
    write(&svg, fs::write(&svg, code.svg()))?;
    write(&pdf, fs::write(&pdf, poster))?;
    Ok(vec![png, svg, pdf])
}

/// The text of a location's code.
///
/// # Errors
/// `Place` for what cannot stand in it.
pub fn text(location: &Location) -> Result<String, LocationQrFault> {
    poster::write(location).map_err(LocationQrFault::Place)
}

/// The modules of a symbol.
struct Code {
    side: usize,
    dark: Vec<bool>,
}

impl Code {
    fn new(text: &str) -> Result<Self, LocationQrFault> {
        let code = QrCode::with_error_correction_level(text, EcLevel::Q)
            .map_err(|error| LocationQrFault::Draw { what: "code", why: error.to_string() })?;
        Ok(Self { side: code.width(), dark: code.to_colors().into_iter().map(|color| color == Color::Dark).collect() })
    }

    /// Dark modules of each row, from one column to another: few long bars instead of many squares.
    fn bars(&self) -> impl Iterator<Item = Bar> {
        (0..self.side).flat_map(move |y| {
            let row = &self.dark[y * self.side..(y + 1) * self.side];
            row.chunk_by(|a, b| a == b)
                .scan(0, |x, run| {
                    let from = *x;
                    *x += run.len();
                    Some((run[0], from, run.len()))
                })
                .filter_map(move |(dark, x, width)| dark.then_some(Bar { x, y, width }))
                .collect::<Vec<_>>()
        })
    }

    fn picture(&self) -> Result<GrayImage, LocationQrFault> {
        let side = (self.side + 2 * QUIET_MODULES) * PNG_PIXELS;
        let side =
            u32::try_from(side).map_err(|error| LocationQrFault::Draw { what: "picture", why: error.to_string() })?;
        let mut picture = GrayImage::from_pixel(side, side, Luma([255]));
        for bar in self.bars() {
            for y in 0..PNG_PIXELS {
                for x in 0..bar.width * PNG_PIXELS {
                    let left = (bar.x + QUIET_MODULES) * PNG_PIXELS + x;
                    let top = (bar.y + QUIET_MODULES) * PNG_PIXELS + y;
                    picture.put_pixel(left as u32, top as u32, Luma([0]));
                }
            }
        }
        Ok(picture)
    }

    fn svg(&self) -> String {
        let side = self.side + 2 * QUIET_MODULES;
        let mut path = String::new();
        for Bar { x, y, width } in self.bars() {
            let _ = write!(path, "M{} {}h{width}v1h-{width}z", x + QUIET_MODULES, y + QUIET_MODULES);
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>\n"
        )
    }
}

/// Dark modules side by side.
struct Bar {
    x: usize,
    y: usize,
    width: usize,
}

/// An A4 page: what it is, the place, the code at 15×15 cm, what to do.
fn poster(location: &Location, text: &str, code: &Code) -> Result<Vec<u8>, LocationQrFault> {
    let unsound = |why: &str| LocationQrFault::Draw { what: "poster", why: why.into() };
    let (regular, bold) = (Face::new(REGULAR)?, Face::new(BOLD)?);
    let (width, height) = (PAGE_MM.0 * MM, PAGE_MM.1 * MM);
    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(format!("{} {}", location.code, location.name)).language("vi".into()));
    let settings = PageSettings::from_wh(width, height).ok_or_else(|| unsound("page size"))?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();

    let line = |surface: &mut Surface<'_>, face: &Face, points: f32, from_top_mm: f32, text: &str| {
        let most = (PAGE_MM.0 - 2.0 * MARGIN_MM) * MM;
        let wide = face.width(text, points);
        // A long name becomes smaller rather than cut.
        let points = if wide > most { points * most / wide } else { points };
        let left = (PAGE_MM.0 * MM - face.width(text, points)) / 2.0;
        let start = Point::from_xy(left, from_top_mm * MM);
        surface.draw_text(start, face.font.clone(), points, text, false, TextDirection::LeftToRight);
    };
    surface.set_fill(Some(ink()));
    line(&mut surface, &bold, 30.0, 24.0, "QUÉT MÃ ĐỊA ĐIỂM");
    line(&mut surface, &regular, 14.0, 31.5, "Scan the code of this checkpoint");
    line(&mut surface, &bold, 24.0, 44.5, &location.name);
    line(&mut surface, &regular, 15.0, 52.5, &format!("{} · {}", location.province, location.code));

    let (left, top) = ((PAGE_MM.0 - CODE_MM) / 2.0 * MM, 71.0 * MM);
    let module = CODE_MM * MM / code.side as f32;
    let mut squares = PathBuilder::new();
    for bar in code.bars() {
        let (x, y) = (left + bar.x as f32 * module, top + bar.y as f32 * module);
        let bar = Rect::from_xywh(x, y, bar.width as f32 * module, module).ok_or_else(|| unsound("a module"))?;
        squares.push_rect(bar);
    }
    surface.set_fill(Some(ink()));
    surface.draw_path(&squares.finish().ok_or_else(|| unsound("the code"))?);

    for (number, (vietnamese, english)) in INSTRUCTIONS.into_iter().enumerate() {
        let from_top = 247.0 + 13.0 * number as f32;
        line(&mut surface, &bold, 13.0, from_top, vietnamese);
        line(&mut surface, &regular, 11.0, from_top + 5.2, english);
    }
    line(&mut surface, &regular, 8.0, 288.0, text);
    surface.finish();
    page.finish();
    document.finish().map_err(|error| unsound(&format!("{error:?}")))
}

fn ink() -> Fill {
    Fill { paint: rgb::Color::new(0, 0, 0).into(), ..Fill::default() }
}

/// A font that can be drawn with and measured.
struct Face {
    font: Font,
    measure: ttf_parser::Face<'static>,
}

impl Face {
    fn new(bytes: &'static [u8]) -> Result<Self, LocationQrFault> {
        let fault = |why: String| LocationQrFault::Draw { what: "poster", why };
        let font = Font::new(bytes.into(), 0).ok_or_else(|| fault("the font is damaged".into()))?;
        let measure = ttf_parser::Face::parse(bytes, 0).map_err(|error| fault(error.to_string()))?;
        Ok(Self { font, measure })
    }

    /// Width of a line in points, without kerning: enough to stand it in the middle.
    fn width(&self, text: &str, points: f32) -> f32 {
        let units: u32 = text
            .chars()
            .filter_map(|letter| self.measure.glyph_index(letter))
            .filter_map(|glyph| self.measure.glyph_hor_advance(glyph))
            .map(u32::from)
            .sum();
        units as f32 * points / f32::from(self.measure.units_per_em())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Gray, read_still};

    fn place() -> Location {
        Location { code: "HN-CK-0023".into(), name: "Chốt cầu Giẽ".into(), province: "Hà Nội".into() }
    }

    #[test]
    fn the_three_files_are_written_and_the_picture_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let args = LocationQrArgs { out: dir.path().join("posters") };
        let files = run(&place(), &args).unwrap();
        let [png, svg, pdf] = &files[..] else { panic!("three files") };
        let picture = image::open(png).unwrap().into_luma8();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let reading = read_still(&Gray::new(picture.into_raw(), width, height).unwrap());
        assert_eq!(reading.texts.first().and_then(|read| poster::read(&read.text)), Some(place()));
        assert!(fs::read_to_string(svg).unwrap().starts_with("<svg"));
        let pdf = fs::read(pdf).unwrap();
        assert!(pdf.starts_with(b"%PDF-") && pdf.len() < 200_000, "{} bytes", pdf.len());
    }

    #[test]
    fn the_longest_names_fit_a_code_and_a_poster() {
        let long = "Ệ".repeat(poster::NAME_LETTERS_MAX);
        let place = Location { code: "A".repeat(poster::CODE_BYTES_MAX), name: long.clone(), province: long };
        let written = text(&place).unwrap();
        poster(&place, &written, &Code::new(&written).unwrap()).unwrap();
    }
}
