//! `trustctl distrust`: takes trust away at once, by one duty key.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args};

use checkpoint::dsse::key_id;
use checkpoint::trust::files::{DISTRUST_TYPE, Distrust, Removal, Removed, Signed};
use checkpoint::trust::{key_digests, revocation_digest};
use trustctl::authority::draft::Draft;
use trustctl::authority::published::{DISTRUST_ENDING, PUBLISHED_DIR, Published};
use trustctl::authority::revocation::hexadecimal;
use trustctl::authority::{Payload, envelope, to_json};
use trustctl::describe::whole_seconds;
use trustctl::fault::{Fault, write};
use trustctl::keys::Secret;
use trustctl::keys::signer::{Signer, add_signature};

use super::revoke::material_of;
use super::{AuthorityArgs, ConsentArgs, PassphraseArgs, say, say_all};

#[derive(Args)]
#[command(group = ArgGroup::new("removed").required(true).multiple(true))]
pub struct DistrustArgs {
    /// A key: its name in the draft, or a file with its public half.
    #[arg(long, group = "removed")]
    of_key: Vec<String>,
    /// An issuer, exactly as it stands in credentials.
    #[arg(long, group = "removed")]
    of_issuer: Vec<String>,
    /// A credential: issuer and id with a tab between.
    #[arg(long, group = "removed")]
    of_credential: Vec<String>,
    /// Only what was signed before this moment.
    #[arg(long, conflicts_with = "after")]
    before: Option<DateTime<Utc>>,
    /// Only what was signed after this moment.
    #[arg(long)]
    after: Option<DateTime<Utc>>,
    /// Why, for people.
    #[arg(long)]
    reason: String,
    /// The duty key's file.
    #[arg(long)]
    key: PathBuf,
    /// The new file, whose name ends in `distrust.json`; the next number in the authority's folder, where it is not given. Every stick
    /// that is published from there carries it.
    #[arg(long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    authority: AuthorityArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    consent: ConsentArgs,
}

pub fn run(args: &DistrustArgs) -> Result<(), Fault> {
    let folder = &args.authority.folder;
    let signed = match (args.before, args.after) {
        (Some(before), _) => Signed::Before(before),
        (_, Some(after)) => Signed::After(after),
        (None, None) => Signed::All,
    };
    let draft = Draft::load(folder)?;
    let mut removed = Vec::new();
    for name in &args.of_key {
        let digests = key_digests(&material_of(name, &draft)?);
        // The last is that of the key itself, whatever certificate is around it.
        let digest = digests.and_then(|digests| digests.last().copied());
        let digest = digest.ok_or_else(|| Fault::Unsound(format!("{name:?} is no key")))?;
        removed.push(Removed::Key(hexadecimal(&digest)));
    }
    removed.extend(args.of_issuer.iter().cloned().map(Removed::Issuer));
    for text in &args.of_credential {
        let (issuer, id) =
            text.split_once('\t').ok_or_else(|| Fault::Unsound("a credential is issuer, tab, id".into()))?;
        removed.push(Removed::Credential(hexadecimal(&revocation_digest(issuer, id))));
    }
    let distrust = Distrust {
        made_at: whole_seconds(Utc::now()),
        reason: args.reason.clone(),
        removed: removed.into_iter().map(|what| Removal { what, signed }).collect(),
    };
    say_all(&Payload::Distrust(distrust.clone()).summary())?;
    let published = folder.join(PUBLISHED_DIR);
    let out = args.out.clone().unwrap_or_else(|| {
        let path = |number: u32| published.join(format!("{number}.{DISTRUST_ENDING}"));
        path((1..).find(|number| !path(*number).exists()).unwrap_or(1))
    });
    if out.exists() || !out.to_string_lossy().ends_with(DISTRUST_ENDING) {
        return Err(Fault::Unsound(format!(
            "{} is there already, or is not called ...{DISTRUST_ENDING}",
            out.display()
        )));
    }
    args.consent
        .ask("Every kiosk that gets this file stops believing it, until the root says otherwise. Is it meant?")?;
    let signer = Secret::open(&args.key, &args.passphrase.source())?.signer()?;
    if let Some(published) = Published::load(&published)? {
        let (root, _) = published.payloads()?;
        if !root.distrust.keyids.contains(&key_id(&signer.public_key())) {
            return Err(Fault::Unsound(format!(
                "{} may not distrust: root {} does not say so",
                signer.name(),
                root.version
            )));
        }
    }
    let mut file = envelope(DISTRUST_TYPE, &distrust)?;
    add_signature(&mut file, &signer)?;
    write(&out, to_json(&file)?)?;
    say(&format!("{} is signed by {}: put it beside the list on every stick.", out.display(), signer.name()))
}
