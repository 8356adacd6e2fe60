//! The sounds, computed: short, unlike each other in pitch, rhythm and timbre, so that they are told apart in traffic.

use std::f32::consts::TAU;

use checkpoint::screen::Sound;

/// Every sound.
pub const ALL: [Sound; 4] = [Sound::Admit, Sound::Refuse, Sound::Refer, Sound::Read];

/// Samples a second. Twice what the highest partial below needs.
const RATE: u32 = 22_050;

/// One tone: when it starts and how long it lasts, in seconds; its pitch in Hz; strengths of its partials, the
/// fundamental first; loudness, 0 to 1.
struct Tone {
    start: f32,
    length: f32,
    pitch: f32,
    partials: &'static [f32],
    loudness: f32,
}

/// A struck bell: soft, with a little of the octave above.
const BELL: &[f32] = &[1.0, 0.35, 0.12];
/// A buzzer: odd partials.
const BUZZ: &[f32] = &[1.0, 0.0, 0.6, 0.0, 0.4, 0.0, 0.25];
/// A flute: nearly the fundamental alone.
const FLUTE: &[f32] = &[1.0, 0.12];

fn tones(sound: Sound) -> Vec<Tone> {
    let tone = |start, length, pitch, partials, loudness| Tone { start, length, pitch, partials, loudness };
    match sound {
        // Up a fourth: done, go on.
        Sound::Admit => vec![tone(0.0, 0.14, 784.0, BELL, 0.7), tone(0.12, 0.34, 1046.5, BELL, 0.8)],
        // Twice low and rough: stop.
        Sound::Refuse => vec![tone(0.0, 0.20, 165.0, BUZZ, 0.9), tone(0.28, 0.32, 147.0, BUZZ, 0.9)],
        // Three times the same: look here.
        Sound::Refer => (0..3_u8).map(|beat| tone(0.17 * f32::from(beat), 0.11, 523.25, FLUTE, 0.8)).collect(),
        // One short tick: seen.
        Sound::Read => vec![tone(0.0, 0.07, 1568.0, FLUTE, 0.5)],
    }
}

/// The sound as a WAV file: 16-bit PCM, one channel (RIFF/WAVE, format tag 1).
pub fn wav(sound: Sound) -> Vec<u8> {
    let samples = samples(sound);
    let data_bytes = (samples.len() * 2) as u32;
    let mut file = Vec::with_capacity(44 + samples.len() * 2);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + data_bytes).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    for field in [1_u16, 1] {
        file.extend_from_slice(&field.to_le_bytes());
    }
    for field in [RATE, RATE * 2] {
        file.extend_from_slice(&field.to_le_bytes());
    }
    for field in [2_u16, 16] {
        file.extend_from_slice(&field.to_le_bytes());
    }
    file.extend_from_slice(b"data");
    file.extend_from_slice(&data_bytes.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

fn samples(sound: Sound) -> Vec<i16> {
    let tones = tones(sound);
    let length = tones.iter().map(|tone| tone.start + tone.length).fold(0.0, f32::max);
    let count = (length * RATE as f32).ceil() as usize;
    (0..count)
        .map(|index| {
            let at = index as f32 / RATE as f32;
            let sum: f32 = tones.iter().map(|tone| value(tone, at)).sum();
            (sum.clamp(-1.0, 1.0) * 0.9 * f32::from(i16::MAX)) as i16
        })
        .collect()
}

/// A tone's part at a moment, -1 to 1. It swells in 5 ms and fades to nothing at its end, so that nothing clicks.
fn value(tone: &Tone, at: f32) -> f32 {
    let since = at - tone.start;
    if !(0.0..tone.length).contains(&since) {
        return 0.0;
    }
    let swell = (since / 0.005).min(1.0);
    let fade = ((tone.length - since) / (0.35 * tone.length)).min(1.0);
    let whole: f32 = tone.partials.iter().sum();
    let wave: f32 = (1_u8..)
        .zip(tone.partials)
        .map(|(number, strength)| strength * (TAU * tone.pitch * f32::from(number) * since).sin())
        .sum();
    tone.loudness * swell * fade * wave / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_are_short_and_start_and_end_in_silence() {
        for sound in ALL {
            let samples = samples(sound);
            let seconds = samples.len() as f32 / RATE as f32;
            assert!((0.05..0.7).contains(&seconds), "{sound:?}: {seconds} s");
            let (first, last) = (samples[0].unsigned_abs(), samples[samples.len() - 1].unsigned_abs());
            assert!(first < 300 && last < 300, "{sound:?} clicks: {first}, {last}");
            let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
            assert!((8_000..32_000).contains(&peak), "{sound:?}: peak {peak}");
        }
    }

    /// Strength of the frequencies around `pitch` (Goertzel).
    fn strength(samples: &[i16], pitch: f32) -> f32 {
        let turn = TAU * pitch / RATE as f32;
        let (mut one, mut two) = (0.0_f32, 0.0_f32);
        for sample in samples {
            (one, two) = (f32::from(*sample) + 2.0 * turn.cos() * one - two, one);
        }
        (one * one + two * two - 2.0 * turn.cos() * one * two).max(0.0).sqrt() / samples.len() as f32
    }

    #[test]
    fn no_two_sounds_share_their_strongest_pitch() {
        let pitches = [147.0, 165.0, 523.25, 784.0, 1046.5, 1568.0];
        let strongest: Vec<_> = ALL
            .map(|sound| {
                let samples = samples(sound);
                pitches.into_iter().max_by(|a, b| strength(&samples, *a).total_cmp(&strength(&samples, *b))).unwrap()
            })
            .to_vec();
        for (index, pitch) in strongest.iter().enumerate() {
            assert!(!strongest[index + 1..].contains(pitch), "{strongest:?}");
        }
    }

    #[test]
    fn a_wav_file_says_its_own_length() {
        for sound in ALL {
            let file = wav(sound);
            let field = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
            assert_eq!(&file[..4], b"RIFF");
            assert_eq!((field(4) + 8, field(40) + 44), (file.len(), file.len()));
        }
    }
}
