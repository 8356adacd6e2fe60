//! `trustctl key`: makes private keys, prints their public halves, and says in the draft whose keys count for what.

use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, Days, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde::de::DeserializeOwned;

use checkpoint::dsse::key_id;
use checkpoint::envelope::Scheme;
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{CredentialKey, EVERYWHERE, KeyMaterial};
use trustctl::authority::changes;
use trustctl::authority::draft::{Draft, RoleName};
use trustctl::certificate::self_signed;
use trustctl::describe::{read_described, whole_seconds};
use trustctl::fault::Fault;
use trustctl::keys::{Public, Secret, SecretKey, random_bytes};

use super::{AuthorityArgs, PassphraseArgs, say, say_all};

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Makes a private key: a new file that only its owner can read (mode 0600), encrypted by a passphrase.
    ///
    /// Beside it goes the public half, with the ending `.pub`: that file is for the authority's folder. A P-256 key (for HC1) gets a
    /// self-signed certificate.
    New(KeyNewArgs),
    /// Prints the public half of a key file; asks for no passphrase.
    Show {
        /// The key file, or its public half.
        file: PathBuf,
    },
    /// Says in the draft what a key may do: a person's with --role, an issuer's with --scheme and what follows, or entries that
    /// `trustctl import` made (a file ending in .toml).
    Add(KeyAddArgs),
    /// Lists the keys of the draft.
    List(AuthorityArgs),
    /// Takes a person out of the roles, or ends an issuer's key: what it signed until now stays good.
    Retire(KeyRetireArgs),
}

#[derive(Args)]
pub struct KeyNewArgs {
    /// The new file; it must not exist.
    #[arg(long)]
    out: PathBuf,
    /// Whose key it is, for people: "root-3 Lan".
    #[arg(long)]
    name: String,
    /// `ed25519` signs roots, bundles and native credentials; `p256` signs HC1.
    #[arg(long, value_enum, default_value_t = KindArg::Ed25519)]
    kind: KindArg,
    /// Subject of the certificate of a P-256 key.
    #[arg(long, default_value = "CN=Health credential signer,C=VN")]
    subject: String,
    /// Days for which the certificate of a P-256 key holds.
    #[arg(long, default_value_t = 730)]
    days: u64,
    /// Statements that a P-256 key signs, in the certificate's extended key usage.
    #[arg(long, value_delimiter = ',', value_parser = word::<StatementKind>, default_value = "vaccination,test,recovery")]
    statements: Vec<StatementKind>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    Ed25519,
    P256,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    Root,
    Bundle,
    Distrust,
}

impl From<RoleArg> for RoleName {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Root => Self::Root,
            RoleArg::Bundle => Self::Bundle,
            RoleArg::Distrust => Self::Distrust,
        }
    }
}

#[derive(Args)]
pub struct KeyAddArgs {
    /// The public half (`.pub`, or a certificate in PEM), or entries in TOML.
    file: PathBuf,
    /// A person's key: what it signs.
    #[arg(long, value_enum, conflicts_with_all = ["scheme", "statements", "issuers", "regions", "from", "until"])]
    role: Option<RoleArg>,
    /// An issuer's key: in which scheme.
    #[arg(long, value_parser = word::<Scheme>)]
    scheme: Option<Scheme>,
    /// Which statements it may sign.
    #[arg(long, value_delimiter = ',', value_parser = word::<StatementKind>)]
    statements: Vec<StatementKind>,
    /// For which issuers, exactly as they stand in credentials.
    #[arg(long, value_delimiter = ',')]
    issuers: Vec<String>,
    /// At which places its credentials count: codes of locations or provinces. Every place, where it is not given.
    #[arg(long, value_delimiter = ',', default_value = EVERYWHERE)]
    regions: Vec<String>,
    /// First moment at which it may have signed; now, where it is not given.
    #[arg(long)]
    from: Option<DateTime<Utc>>,
    /// Last moment at which it may have signed.
    #[arg(long)]
    until: Option<DateTime<Utc>>,
    /// Longest validity that it may give, in days.
    #[arg(long, default_value_t = 366)]
    lifetime_days: u32,
    #[command(flatten)]
    authority: AuthorityArgs,
}

#[derive(Args)]
pub struct KeyRetireArgs {
    /// The name in the draft.
    name: String,
    /// Removes an issuer's key altogether: what it signed becomes unknown.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    authority: AuthorityArgs,
}

/// A word of the files, as a value.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::from(text)).map_err(|error| error.to_string())
}

pub fn run(command: KeyCommand) -> Result<(), Fault> {
    match command {
        KeyCommand::New(args) => new(&args),
        KeyCommand::Show { file } => show(&Public::load(&file)?),
        KeyCommand::Add(args) => add(&args),
        KeyCommand::List(args) => list(&Draft::load(&args.folder)?),
        KeyCommand::Retire(args) => retire(&args),
    }
}

fn new(args: &KeyNewArgs) -> Result<(), Fault> {
    // Asked before the key is made, and before a file is there: whoever gives up leaves nothing behind.
    let passphrase = args.passphrase.source().new_for(&args.name)?;
    let secret = match args.kind {
        KindArg::Ed25519 => Secret::ed25519(&args.name, &*random_bytes()?),
        KindArg::P256 => {
            let key = p256::ecdsa::SigningKey::from_slice(&*random_bytes()?)
                .map_err(|error| Fault::Crypto(error.to_string()))?;
            let not_before = whole_seconds(Utc::now());
            let not_after = not_before
                .checked_add_days(Days::new(args.days))
                .ok_or_else(|| Fault::Unsound(format!("{} days leave the calendar", args.days)))?;
            let certificate = self_signed(&key, &args.subject, &args.statements, not_before, not_after)?;
            Secret { name: args.name.clone(), key: SecretKey::P256 { key, certificate } }
        }
    };
    secret.save(&args.out, &passphrase)?;
    let public = args.out.with_extension("pub");
    secret.public().save(&public)?;
    eprintln!("{} is for its owner's stick alone, {} for the authority.", args.out.display(), public.display());
    show(&secret.public())
}

fn show(public: &Public) -> Result<(), Fault> {
    say(&format!("name        {}", public.name))?;
    match &public.material {
        KeyMaterial::Ed25519(text) => {
            say("kind        Ed25519")?;
            say(&format!("key id      {}", key_id(&public.as_ed25519()?)))?;
            say(&format!("public key  {text}"))
        }
        KeyMaterial::Certificate(text) => {
            say("kind        P-256, with a certificate")?;
            say(&format!("certificate {text}"))
        }
        _ => Ok(()),
    }
}

/// What `trustctl import` writes, and `key add` reads.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    keys: Vec<CredentialKey>,
}

fn add(args: &KeyAddArgs) -> Result<(), Fault> {
    let folder = &args.authority.folder;
    let mut draft = Draft::load(folder)?;
    if let Some(role) = args.role {
        let person = Public::load(&args.file)?;
        draft.add_person(role.into(), &person)?;
        draft.save(folder)?;
        let id = key_id(&person.as_ed25519()?);
        return say(&format!(
            "{} ({}) may sign as `{}` in the next root.",
            person.name,
            &id[..16],
            RoleName::from(role).word()
        ));
    }
    let keys = if is_toml(&args.file) {
        read_described::<Entries>(&args.file, "entries of keys (`trustctl import` makes them)")?.keys
    } else {
        vec![described(args)?]
    };
    for key in keys {
        let lines = changes::scope(&key);
        say(&format!("The key {:?} is added to the draft.", key.name))?;
        draft.add_key(key)?;
        say_all(&lines)?;
    }
    draft.save(folder)
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn described(args: &KeyAddArgs) -> Result<CredentialKey, Fault> {
    let missing =
        |what: &str| Fault::Unsound(format!("{what} is missing: say what this key may sign, or whose it is (--role)"));
    let public = Public::load(&args.file)?;
    Ok(CredentialKey {
        name: public.name,
        key: public.material,
        schemes: vec![args.scheme.ok_or_else(|| missing("--scheme"))?],
        statements: args.statements.clone(),
        issuers: args.issuers.clone(),
        not_before: whole_seconds(args.from.unwrap_or_else(Utc::now)),
        not_after: args.until.ok_or_else(|| missing("--until"))?,
        regions: args.regions.clone(),
        lifetime_days: args.lifetime_days,
        distrust_all: false,
        distrust_after: None,
    })
}

fn list(draft: &Draft) -> Result<(), Fault> {
    for role in RoleName::ALL {
        let it = draft.role(role);
        say(&format!("{:<11} {} of {} sign", role.word(), it.threshold, it.people.len()))?;
        for holder in &it.people {
            let id = key_id(&trustctl::keys::public_key(&holder.key)?);
            say(&format!("              {}  {}", &id[..16], holder.name))?;
        }
    }
    for key in &draft.keys {
        say(&format!("key         {}", key.name))?;
        say_all(&changes::scope(key).into_iter().map(|line| format!("              {line}")).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn retire(args: &KeyRetireArgs) -> Result<(), Fault> {
    let folder = &args.authority.folder;
    let mut draft = Draft::load(folder)?;
    let roles: Vec<_> = RoleName::ALL
        .into_iter()
        .filter(|role| draft.role(*role).people.iter().any(|holder| holder.name == args.name))
        .collect();
    let listed = draft.keys.iter().position(|key| key.name == args.name);
    match (roles.as_slice(), listed) {
        ([], None) => {
            return Err(Fault::Unsound(format!("the draft names no key {:?}: see `trustctl key list`", args.name)));
        }
        ([_, ..], Some(_)) | ([_, _, ..], None) => {
            return Err(Fault::Unsound(format!("several keys are called {:?}: rename one in the draft", args.name)));
        }
        ([role], None) => {
            let people = std::mem::take(&mut draft.role_mut(*role).people);
            let (gone, kept): (Vec<_>, Vec<_>) = people.into_iter().partition(|holder| holder.name == args.name);
            draft.role_mut(*role).people = kept;
            draft.former.extend(gone);
            say(&format!("{} may no longer sign as `{}` in the next root.", args.name, role.word()))?;
        }
        ([], Some(place)) if args.remove => {
            draft.keys.remove(place);
            say(&format!("The key {:?} is out of the draft: what it signed becomes unknown.", args.name))?;
        }
        ([], Some(place)) => {
            let now = whole_seconds(Utc::now());
            let key = &mut draft.keys[place];
            if key.not_before >= now {
                return Err(Fault::Unsound(format!("the window of {:?} has not begun: take --remove", args.name)));
            }
            key.not_after = key.not_after.min(now);
            say(&format!(
                "The key {:?} may have signed until {}; what it signed before stays good.",
                args.name, key.not_after
            ))?;
        }
    }
    draft.save(folder)
}

/// The public half that a person names: base64, or a file.
pub fn public_of(text: &str) -> Result<String, Fault> {
    if trustctl::keys::public_key(text).is_ok() {
        return Ok(text.to_owned());
    }
    let public = Public::load(Path::new(text))?;
    Ok(BASE64_STANDARD.encode(public.as_ed25519()?.as_bytes()))
}
