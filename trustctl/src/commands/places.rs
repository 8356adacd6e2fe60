//! `trustctl places`: where kiosks may be set up.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use checkpoint::csv;
use checkpoint::trust::places::{ListedPlace, Places};
use trustctl::authority::draft::Draft;
use trustctl::fault::{Fault, read};

use super::{AuthorityArgs, say};

/// Most columns of a file.
const COLUMNS_MAX: usize = 32;

#[derive(Subcommand)]
pub enum PlacesCommand {
    /// Takes a list of places in place of the draft's: CSV in UTF-8, whose first line names the columns code, name, province and,
    /// if there is one, region.
    Import {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        authority: AuthorityArgs,
    },
    /// Lists the places of the draft.
    List(AuthorityArgs),
}

pub fn run(command: PlacesCommand) -> Result<(), Fault> {
    match command {
        PlacesCommand::Import { file, authority } => {
            let places = read_csv(&file, &read(&file)?)?;
            let mut draft = Draft::load(&authority.folder)?;
            draft.places = places;
            draft.save(&authority.folder)?;
            say(&format!("The draft has {} places.", draft.places.len()))
        }
        PlacesCommand::List(authority) => Draft::load(&authority.folder)?.places.iter().try_for_each(|place| {
            say(&format!("{}  {}  {}  {}", place.code, place.name, place.province, place.region))
        }),
    }
}

fn read_csv(path: &Path, bytes: &[u8]) -> Result<Vec<ListedPlace>, Fault> {
    let wrong = |line: usize, why: &str| Fault::wrong_file(path, "a list of places", format!("line {line}: {why}"));
    let text = std::str::from_utf8(bytes).map_err(|_| wrong(1, "not UTF-8; save the sheet as \"CSV UTF-8\""))?;
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let heading = lines.next().map_or("", |(_, line)| line);
    let separator = if heading.contains(';') { ';' } else { ',' };
    let cells =
        |number, line| csv::cells(line, separator, COLUMNS_MAX).ok_or_else(|| wrong(number, "a quote is not closed"));
    let names: Vec<String> = cells(1, heading)?.iter().map(|cell| cell.trim().to_lowercase()).collect();
    let column = |name: &str| names.iter().position(|known| known == name);
    let [code, name, province] = ["code", "name", "province"]
        .map(|wanted| column(wanted).ok_or_else(|| wrong(1, &format!("there is no column `{wanted}`"))));
    let (code, name, province, region) = (code?, name?, province?, column("region"));
    let mut places = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let cells = cells(number, line)?;
        let of = |at: usize| cells.get(at).map(|cell| cell.trim().to_owned()).unwrap_or_default();
        let region = region.map(of).unwrap_or_default();
        let place = ListedPlace { code: of(code), name: of(name), province: of(province), region };
        let alone = Places { version: 1, places: vec![place.clone()] };
        alone.check().map_err(|why| wrong(number, why.trim_start_matches("place 1: ")))?;
        places.push(place);
    }
    Places { version: 1, places: places.clone() }.check().map_err(|why| wrong(1, &why))?;
    Ok(places)
}
