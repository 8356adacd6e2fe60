//! `trustctl`: makes keys, signs what kiosks believe, issues credentials and draws them.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{Days, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

use checkpoint::dsse::{SignedFile, key_id};
use checkpoint::trust::credential::StatementKind;
use checkpoint::trust::files::{BUNDLE_TYPE, ROOT_TYPE};
use trustctl::authority::{
    self, BundleDescription, Payload, RootDescription, TRACING_DAYS, load_signed, payload, role_keys, signers,
};
use trustctl::certificate::self_signed;
use trustctl::describe::{Description, whole_seconds};
use trustctl::fault::{Fault, read_text, write};
use trustctl::keys::{Kind, Secret, SecretKey, random_bytes, write_secret};
use trustctl::qr::Symbol;
use trustctl::{demo, hc1, native, show};

/// Makes the authority's keys, signs what kiosks believe, issues credentials and draws them as QR codes.
///
/// The usual order: `key new` for each person; `root new`, and `root sign` by three of five; `tracing new`; `bundle new`,
/// and `bundle sign` by two of three; then the files `1.root.json` and `bundle.json` go to the kiosks. Every step that
/// signs first prints what it signs. `docs/trust-files.md` describes the files.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done; 1 a signed file does not hold; 2 wrong command line; 3 a file cannot be read \
or written;\n4 a description or file is not what the step needs; 5 a key lies open or cannot sign."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Private keys: make one, or print the public half of one.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Roots: who may sign what.
    #[command(subcommand)]
    Root(RootCommand),
    /// Bundles: everything that kiosks believe.
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Tracing keys: passages of a day are sealed to that day's key.
    #[command(subcommand)]
    Tracing(TracingCommand),
    /// Signs a health credential from a description (TOML or JSON) and prints the text of its code.
    #[command(subcommand)]
    Issue(IssueCommand),
    /// Draws any text as a QR code.
    Qr(QrArgs),
    /// Says what a signed file or a credential contains, and who signed it.
    Show(ShowArgs),
    /// Makes the demonstration: recording, list and expectations. The same files on every machine.
    Demo(DemoArgs),
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Makes a private key in a new file that only its owner can read (mode 0600).
    ///
    /// The file is not encrypted: keep it on a stick in a safe. A P-256 key (for HC1) gets a self-signed certificate.
    New(KeyNewArgs),
    /// Prints the public half of a key file, as roots and bundles name it.
    Show {
        /// The key file.
        file: PathBuf,
    },
}

#[derive(Args)]
struct KeyNewArgs {
    /// The new file; it must not exist.
    #[arg(long)]
    out: PathBuf,
    /// Whose key it is, for people: "root-3 Lan".
    #[arg(long, default_value = "unnamed")]
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
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [UsageArg::Vaccination, UsageArg::Test, UsageArg::Recovery])]
    statements: Vec<UsageArg>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KindArg {
    Ed25519,
    P256,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum UsageArg {
    Vaccination,
    Test,
    Recovery,
}

impl From<UsageArg> for StatementKind {
    fn from(usage: UsageArg) -> Self {
        match usage {
            UsageArg::Vaccination => Self::Vaccination,
            UsageArg::Test => Self::Test,
            UsageArg::Recovery => Self::Recovery,
        }
    }
}

#[derive(Subcommand)]
enum RootCommand {
    /// Makes a root that nobody has signed yet, from a description (TOML or JSON).
    New(DescribedArgs),
    /// Adds signatures to a root. Root N+1 needs the thresholds of both N and N+1.
    Sign(SignArgs),
}

#[derive(Subcommand)]
enum BundleCommand {
    /// Makes a bundle that nobody has signed yet, from a description (TOML or JSON).
    New(DescribedArgs),
    /// Adds signatures to a bundle.
    Sign(SignArgs),
}

#[derive(Args)]
struct DescribedArgs {
    /// The description; `docs/trust-files.md` has examples.
    description: PathBuf,
    /// Where the file goes: `1.root.json`, `bundle.json`.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct SignArgs {
    /// The file to sign; it is changed in place.
    file: PathBuf,
    /// Key files, one for each signature.
    #[arg(long = "key", required = true)]
    keys: Vec<PathBuf>,
    /// Prints what would be signed, and signs nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Subcommand)]
enum TracingCommand {
    /// Makes one pair of keys for each day: secrets for the tracing authority alone, public halves for the bundle.
    New {
        /// First day in Viet Nam; today, where it is not given.
        #[arg(long)]
        first_day: Option<NaiveDate>,
        /// How many days.
        #[arg(long, default_value_t = TRACING_DAYS)]
        days: u64,
        /// New file for the secrets (mode 0600). Whoever destroys a day's secret has erased that day's names everywhere.
        #[arg(long)]
        secrets: PathBuf,
        /// File for the public halves.
        #[arg(long)]
        public: PathBuf,
    },
}

#[derive(Subcommand)]
enum IssueCommand {
    /// The native credential: compact JWS, Ed25519 (`docs/native-credential.md`).
    Native(IssueArgs),
    /// HC1, the EU DCC container: COSE, ES256.
    Hc1(IssueArgs),
}

#[derive(Args)]
struct IssueArgs {
    /// The person and the statements (TOML or JSON).
    description: PathBuf,
    /// The issuer's key file.
    #[arg(long)]
    key: PathBuf,
    /// Where the text goes; standard output, where it is not given.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Also draws the code: a file ending in .png or .svg.
    #[arg(long)]
    qr: Option<PathBuf>,
}

#[derive(Args)]
struct QrArgs {
    /// The text, or `-` to read it from standard input.
    text: String,
    /// The picture: a file ending in .png or .svg.
    #[arg(long)]
    out: PathBuf,
    /// Error correction: l 7 %, m 15 %, q 25 %, h 30 %.
    #[arg(long, value_enum, default_value_t = Level::M)]
    level: Level,
    /// Pixels to a module (PNG).
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pixels: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Level {
    L,
    M,
    Q,
    H,
}

impl From<Level> for qrcode::EcLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::L => Self::L,
            Level::M => Self::M,
            Level::Q => Self::Q,
            Level::H => Self::H,
        }
    }
}

#[derive(Args)]
struct ShowArgs {
    /// A root, a bundle, or a file with the text of a credential.
    file: PathBuf,
    /// The root that says who may sign: then too few signatures are an error.
    #[arg(long)]
    root: Option<PathBuf>,
}

#[derive(Args)]
struct DemoArgs {
    /// The folder to write: recording, `trust-keys/`, `visitors.json`.
    #[arg(long, required_unless_present = "trust_keys")]
    out: Option<PathBuf>,
    /// Another seed moves the hands and the noise; the visitors stay the same.
    #[arg(long, default_value_t = demo::SEED)]
    seed: u64,
    /// Writes only the demo authority's list into this folder: how the repository's `trust-keys/` is made.
    #[arg(long, conflicts_with = "out")]
    trust_keys: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("trustctl: {fault}");
            ExitCode::from(fault.exit_code())
        }
    }
}

fn run(command: Command) -> Result<(), Fault> {
    match command {
        Command::Key(KeyCommand::New(args)) => key_new(&args),
        Command::Key(KeyCommand::Show { file }) => key_show(&Secret::load(&file)?),
        Command::Root(RootCommand::New(args)) => {
            let root = RootDescription::load(&args.description)?.build()?;
            save_proposal(&args.out, authority::envelope(ROOT_TYPE, &root)?)
        }
        Command::Bundle(BundleCommand::New(args)) => {
            let folder = args.description.parent().unwrap_or(Path::new("."));
            let bundle = BundleDescription::load(&args.description)?.build(folder)?;
            save_proposal(&args.out, authority::envelope(BUNDLE_TYPE, &bundle)?)
        }
        Command::Root(RootCommand::Sign(args)) => sign(&args, ROOT_TYPE),
        Command::Bundle(BundleCommand::Sign(args)) => sign(&args, BUNDLE_TYPE),
        Command::Tracing(TracingCommand::New { first_day, days, secrets, public }) => {
            let first_day = first_day.unwrap_or_else(|| checkpoint::time::day_in_vietnam(Utc::now()));
            tracing_new(first_day, days, &secrets, &public)
        }
        Command::Issue(IssueCommand::Native(args)) => {
            let secret = Secret::load(&args.key)?;
            let key = secret.as_ed25519()?;
            issue(&args, &secret.name, |description| native::issue(description, key))
        }
        Command::Issue(IssueCommand::Hc1(args)) => {
            let secret = Secret::load(&args.key)?;
            let SecretKey::P256 { key, certificate } = &secret.key else {
                return Err(Fault::Unsound(format!("{} is an Ed25519 key, HC1 is signed with P-256", secret.name)));
            };
            issue(&args, &secret.name, |description| hc1::issue(description, key, certificate))
        }
        Command::Qr(args) => {
            let text = if args.text == "-" { read_standard_input()? } else { args.text };
            draw(&text, &args.out, args.level.into(), args.pixels)
        }
        Command::Show(args) => show_file(&args),
        Command::Demo(args) => demo_files(&args),
    }
}

fn key_new(args: &KeyNewArgs) -> Result<(), Fault> {
    let secret = match args.kind {
        KindArg::Ed25519 => Secret::ed25519(&args.name, &random_bytes()?),
        KindArg::P256 => {
            let key = p256::ecdsa::SigningKey::from_bytes(&random_bytes()?.into())
                .map_err(|error| Fault::Crypto(error.to_string()))?;
            let not_before = whole_seconds(Utc::now());
            let not_after = not_before
                .checked_add_days(Days::new(args.days))
                .ok_or_else(|| Fault::Unsound(format!("{} days leave the calendar", args.days)))?;
            let kinds: Vec<StatementKind> = args.statements.iter().map(|kind| (*kind).into()).collect();
            let certificate = self_signed(&key, &args.subject, &kinds, not_before, not_after)?;
            Secret { name: args.name.clone(), key: SecretKey::P256 { key, certificate } }
        }
    };
    secret.save(&args.out)?;
    eprintln!("{} holds a private key that is not encrypted: keep it on a stick in a safe.", args.out.display());
    key_show(&secret)
}

fn key_show(secret: &Secret) -> Result<(), Fault> {
    let kind = match secret.key {
        SecretKey::Ed25519(_) => Kind::Ed25519,
        SecretKey::P256 { .. } => Kind::P256,
    };
    say(&format!("name        {}", secret.name))?;
    match &secret.key {
        SecretKey::Ed25519(key) => {
            say(&format!("kind        {kind:?}"))?;
            say(&format!("key id      {}", key_id(&key.verifying_key())))?;
            say(&format!("public key  {}", BASE64_STANDARD.encode(key.verifying_key().as_bytes())))
        }
        SecretKey::P256 { certificate, .. } => {
            say(&format!("kind        {kind:?}"))?;
            say(&format!("certificate {}", BASE64_STANDARD.encode(certificate)))
        }
    }
}

fn save_proposal(out: &Path, file: SignedFile) -> Result<(), Fault> {
    say_all(&payload(out, &file)?.summary())?;
    write(out, authority::to_json(&file)?)?;
    eprintln!("{} says this, and nobody has signed it yet.", out.display());
    Ok(())
}

fn sign(args: &SignArgs, payload_type: &'static str) -> Result<(), Fault> {
    let mut file = load_signed(&args.file)?;
    if file.payload_type != payload_type {
        let why = format!("its type is {:?}", file.payload_type);
        return Err(Fault::wrong_file(&args.file, payload_type, why));
    }
    let says = payload(&args.file, &file)?;
    say_all(&says.summary())?;
    let secrets = args.keys.iter().map(|path| Secret::load(path)).collect::<Result<Vec<_>, _>>()?;
    for secret in &secrets {
        let key = secret.as_ed25519()?;
        let id = key_id(&key.verifying_key());
        if let Payload::Root(root) = &says
            && !root.root.keyids.contains(&id)
        {
            eprintln!(
                "{} is not a root key of this root: its signature counts only if the root before names it.",
                secret.name
            );
        }
        if !args.dry_run {
            file.sign(key);
            eprintln!("signed with {} ({})", secret.name, &id[..16]);
        }
    }
    if args.dry_run {
        eprintln!("nothing was signed (--dry-run)");
        return Ok(());
    }
    write(&args.file, authority::to_json(&file)?)
}

fn tracing_new(first_day: NaiveDate, days: u64, secrets: &Path, public: &Path) -> Result<(), Fault> {
    let keys = authority::tracing_keys(first_day, days, |_| random_bytes())?;
    let json = |map| serde_json::to_string_pretty(map).map_err(|error| Fault::Crypto(error.to_string()));
    write_secret(secrets, &json(&keys.secrets)?)?;
    write(public, json(&keys.public)? + "\n")?;
    say(&format!("tracing     {days} days from {first_day}"))?;
    eprintln!(
        "{} belongs to the tracing authority alone; destroy each day's line when its retention ends.",
        secrets.display()
    );
    Ok(())
}

fn issue(
    args: &IssueArgs,
    signer: &str,
    make: impl FnOnce(&Description) -> Result<String, Fault>,
) -> Result<(), Fault> {
    let description = Description::load(&args.description)?;
    for line in description.summary() {
        eprintln!("{line}");
    }
    let text = make(&description)?;
    eprintln!("signed with {signer}: {} characters", text.len());
    match &args.out {
        Some(out) => write(out, text.clone() + "\n")?,
        None => say(&text)?,
    }
    match &args.qr {
        Some(out) => draw(&text, out, qrcode::EcLevel::M, 8),
        None => Ok(()),
    }
}

fn draw(text: &str, out: &Path, level: qrcode::EcLevel, pixels: u32) -> Result<(), Fault> {
    let symbol = Symbol::new(text, level)?;
    let extension = out.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension {
        "svg" => write(out, symbol.svg())?,
        "png" => symbol
            .picture(pixels)
            .save(out)
            .map_err(|error| Fault::Write { path: out.into(), source: std::io::Error::other(error) })?,
        _ => return Err(Fault::Unsound(format!("{} ends neither in .png nor in .svg", out.display()))),
    }
    eprintln!("{}: {} modules on a side", out.display(), symbol.side);
    Ok(())
}

fn show_file(args: &ShowArgs) -> Result<(), Fault> {
    let text = read_text(&args.file)?;
    if !text.trim_start().starts_with('{') {
        return say_all(&show::credential(&args.file, text.trim())?);
    }
    let file = load_signed(&args.file)?;
    let says = payload(&args.file, &file)?;
    say_all(&says.summary())?;
    let root = match (&args.root, &says) {
        (Some(path), _) => match payload(path, &load_signed(path)?)? {
            Payload::Root(root) => Some(root),
            Payload::Bundle(_) => return Err(Fault::wrong_file(path, "a root", "it is a bundle")),
        },
        (None, Payload::Root(root)) => Some(root.clone()),
        (None, Payload::Bundle(_)) => None,
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
        Payload::Bundle(_) => &root.bundle,
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

fn demo_files(args: &DemoArgs) -> Result<(), Fault> {
    if let Some(folder) = &args.trust_keys {
        demo::authority::write_trust_keys(folder)?;
        eprintln!("{} holds the DEMO authority's list; its private keys are published.", folder.display());
    }
    if let Some(folder) = &args.out {
        let begun = std::time::Instant::now();
        let made = demo::write(folder, args.seed, |done, all| {
            eprint!("\rframe {done} of {all}");
            // Progress that cannot be shown is no reason to stop.
            let _ = std::io::stderr().flush();
        })?;
        eprintln!();
        say(&format!("{} frames of {} visitors in {}", made.frames, made.visitors, folder.display()))?;
        eprintln!("made in {:.1} s", begun.elapsed().as_secs_f32());
    }
    Ok(())
}

fn read_standard_input() -> Result<String, Fault> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|source| Fault::Read { path: "standard input".into(), source })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_string())
}

/// One line of the result.
fn say(line: &str) -> Result<(), Fault> {
    writeln!(std::io::stdout(), "{line}").map_err(|source| Fault::Write { path: "standard output".into(), source })
}

fn say_all(lines: &[String]) -> Result<(), Fault> {
    lines.iter().try_for_each(|line| say(line))
}
