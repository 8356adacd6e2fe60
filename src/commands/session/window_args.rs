//! How the window is asked for on the command line.

use std::path::PathBuf;

use crate::config::Config;
use crate::mode::Mode;
use crate::ui;
use crate::ui::theme::TextSize;
use crate::words::Language;

/// How the window is asked for on the command line.
#[derive(clap::Args, Clone, Debug)]
pub struct WindowArgs {
    /// Language at the start, in place of the settings': vi, en, or one of screen.messages_dir.
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<Language>,
    /// What the kiosk is used for at the start, in place of the settings': checkpoint, patrol, school, unattended, register or
    /// training. What was chosen at the screen before counts more.
    #[arg(long, value_name = "MODE", value_parser = mode)]
    pub mode: Option<Mode>,
    /// A window of 1280x800 in place of the whole screen.
    #[arg(long)]
    pub windowed: bool,
    /// Keep a picture of each new state of the screen in this folder. They show what the screen shows: names too.
    #[arg(long, value_name = "DIR")]
    pub screenshots: Option<PathBuf>,
}

fn mode(word: &str) -> Result<Mode, String> {
    let words = || Mode::ALL.map(Mode::word).join(", ");
    let known = Mode::ALL.into_iter().find(|mode| mode.word() == word);
    known.ok_or_else(|| format!("the modes are {}", words()))
}

impl WindowArgs {
    /// The window's options.
    pub fn options(&self, config: &Config) -> ui::Options {
        ui::Options {
            fullscreen: config.fullscreen && !self.windowed,
            language: self.language.unwrap_or(config.language),
            language_for: config.language_for,
            look: config.look,
            text: if config.large_text { TextSize::Large } else { TextSize::Usual },
            dpi: config.dpi,
            screenshots: self.screenshots.clone().map(|folder| ui::Screenshots { folder, count_max: None }),
            ..Default::default()
        }
    }
}
