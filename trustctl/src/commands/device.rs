//! `trustctl device`: the kiosks whose batches and checkpoints are believed.

use clap::{Args, Subcommand};

use checkpoint::passage::record::device_id;
use trustctl::authority::draft::{Draft, Holder};
use trustctl::fault::Fault;
use trustctl::keys::public_key;

use super::key::public_of;
use super::{AuthorityArgs, say};

#[derive(Subcommand)]
pub enum DeviceCommand {
    /// Adds a kiosk to the draft.
    Add(DeviceAddArgs),
    /// Takes a kiosk out of the draft: what it signs is no longer believed.
    Retire {
        /// Its name in the draft.
        name: String,
        #[command(flatten)]
        authority: AuthorityArgs,
    },
    /// Lists the kiosks of the draft.
    List(AuthorityArgs),
}

#[derive(Args)]
pub struct DeviceAddArgs {
    /// Name for people; the device's id (16 hexadecimal digits) stands in its records.
    name: String,
    /// Its Ed25519 public key in base64, as the kiosk's batches carry it, or a file with it in PEM.
    key: String,
    #[command(flatten)]
    authority: AuthorityArgs,
}

pub fn run(command: DeviceCommand) -> Result<(), Fault> {
    match command {
        DeviceCommand::Add(args) => {
            let mut draft = Draft::load(&args.authority.folder)?;
            let key = public_of(&args.key)?;
            if let Some(known) = draft.devices.iter().find(|known| known.name == args.name || known.key == key) {
                return Err(Fault::Unsound(format!("the device {:?} is there already: retire it first", known.name)));
            }
            draft.devices.push(Holder { name: args.name.clone(), key: key.clone() });
            draft.save(&args.authority.folder)?;
            say(&format!("The device {:?} ({}) is added to the draft.", args.name, device_id(&public_key(&key)?)))
        }
        DeviceCommand::Retire { name, authority } => {
            let mut draft = Draft::load(&authority.folder)?;
            let (gone, kept): (Vec<_>, Vec<_>) = draft.devices.into_iter().partition(|device| device.name == name);
            draft.devices = kept;
            let found = !gone.is_empty();
            draft.former.extend(gone);
            if !found {
                return Err(Fault::Unsound(format!("the draft names no device {name:?}: see `trustctl device list`")));
            }
            draft.save(&authority.folder)?;
            say(&format!("The device {name:?} is out of the draft."))
        }
        DeviceCommand::List(authority) => Draft::load(&authority.folder)?
            .devices
            .iter()
            .try_for_each(|device| say(&format!("{}  {}  {}", device.device_id()?, device.name, device.key))),
    }
}
