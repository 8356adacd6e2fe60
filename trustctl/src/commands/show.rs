//! `trustctl show`: what a signed file or a credential says, and who signed it.

use std::path::PathBuf;

use clap::Args;

use trustctl::authority::proposal::Proposal;
use trustctl::authority::{Payload, load_signed, payload, role_keys, signers};
use trustctl::fault::{Fault, read_text};
use trustctl::show;

use super::propose::say_standing;
use super::{say, say_all};

#[derive(Args)]
pub struct ShowArgs {
    /// A root, a bundle, a distrust statement, a proposal, or a file with the text of a credential.
    file: PathBuf,
    /// The root that says who may sign: then too few signatures are an error.
    #[arg(long)]
    root: Option<PathBuf>,
}

pub fn run(args: &ShowArgs) -> Result<(), Fault> {
    let text = read_text(&args.file)?;
    if !text.trim_start().starts_with('{') {
        return say_all(&show::credential(&args.file, text.trim())?);
    }
    if text.contains("\"checkpoint-proposal-") {
        let proposal = Proposal::load(&args.file)?;
        say_all(&proposal.changes()?)?;
        return say_standing(&proposal);
    }
    let file = load_signed(&args.file)?;
    let says = payload(&args.file, &file)?;
    say_all(&says.summary())?;
    let root = match (&args.root, &says) {
        (Some(path), _) => match payload(path, &load_signed(path)?)? {
            Payload::Root(root) => Some(root),
            Payload::Bundle(_) | Payload::Distrust(_) | Payload::Places(_) => {
                return Err(Fault::wrong_file(path, "a root", "it is another file"));
            }
        },
        (None, Payload::Root(root)) => Some(root.clone()),
        (None, Payload::Bundle(_) | Payload::Distrust(_) | Payload::Places(_)) => None,
    };
    let Some(root) = root else {
        for by in &file.signatures {
            say(&format!(
                "signed by   {} (not checked: name the root with --root)",
                &by.keyid[..by.keyid.len().min(16)]
            ))?;
        }
        return Ok(());
    };
    let role = match says {
        Payload::Root(_) => &root.root,
        Payload::Bundle(_) | Payload::Places(_) => &root.bundle,
        Payload::Distrust(_) => &root.distrust,
    };
    let found = signers(&file, &role_keys(&root, role)?);
    for id in &found.good {
        say(&format!("signed by   {id}"))?;
    }
    for id in &found.others {
        say(&format!("no good     {id}: of another role, unknown, or a signature that does not hold"))?;
    }
    say(&format!("signatures  {} of {} that are needed", found.good.len(), role.threshold))?;
    if found.good.len() < role.threshold {
        let path = args.file.display();
        return Err(Fault::DoesNotHold(format!(
            "{path} holds {} good signatures, {} are needed: no kiosk will take it",
            found.good.len(),
            role.threshold
        )));
    }
    Ok(())
}
