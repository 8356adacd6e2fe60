//! Structured append: one message in up to sixteen symbols (ISO/IEC 18004, clause 8), in any order, over frames.

use std::time::Duration;

use qrscan::{StructuredAppend, text};

use super::Found;

/// How long a part waits for the next one: a person turns a card over, or swipes to the next code on a phone.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Messages that are gathered at once. With sixteen parts of 2,953 bytes each (version 40-L) they hold 190 kB at most.
const MESSAGES_MAX: usize = 4;

/// Gathers the parts of messages.
#[derive(Default)]
pub struct Parts {
    messages: Vec<Message>,
}

struct Message {
    count: u8,
    parity: u8,
    /// By their place; the symbols that have come.
    parts: Vec<Option<Found>>,
    last: Duration,
}

impl Parts {
    /// Takes what was found at a time; gives back what is whole. A part waits until its message is complete, and is dropped
    /// if that does not come about or the parity is wrong.
    pub fn gather(&mut self, found: Vec<Found>, at: Duration) -> Vec<Found> {
        self.forget_late(at);
        found.into_iter().filter_map(|found| self.add(found, at)).collect()
    }

    /// Drops what has waited for too long: half a certificate says enough of a person. For every frame.
    pub fn forget_late(&mut self, at: Duration) {
        // A time that goes back is another recording's.
        self.messages.retain(|message| at >= message.last && at - message.last <= WAIT_MAX);
    }

    /// Parts that wait: of a picture that will not come again, they are all that there is.
    pub fn into_waiting(self) -> impl Iterator<Item = Found> {
        self.messages.into_iter().flat_map(|message| message.parts).flatten()
    }

    fn add(&mut self, found: Found, at: Duration) -> Option<Found> {
        let Some(StructuredAppend { index, count, parity }) = found.part else { return Some(found) };
        if count < 2 || index >= count {
            return Some(found);
        }
        let kin = |message: &Message| message.count == count && message.parity == parity;
        let place = self.messages.iter().position(kin).unwrap_or_else(|| {
            if self.messages.len() >= MESSAGES_MAX {
                self.messages.remove(0);
            }
            self.messages.push(Message { count, parity, parts: vec![None; usize::from(count)], last: at });
            self.messages.len() - 1
        });
        let message = &mut self.messages[place];
        let slot = usize::from(index);
        if message.parts[slot].as_ref().is_some_and(|known| known.bytes != found.bytes) {
            // Another message with the same mark.
            message.parts.fill(None);
        }
        message.parts[slot] = Some(found);
        message.last = at;
        if message.parts.iter().any(Option::is_none) {
            return None;
        }
        let message = self.messages.remove(place);
        let parts: Vec<Found> = message.parts.into_iter().flatten().collect();
        whole(parts, parity)
    }
}

/// The message of all parts in their order; `None` if the parity says that they do not belong together.
fn whole(parts: Vec<Found>, parity: u8) -> Option<Found> {
    let bytes = parts.iter().flat_map(|part| &part.bytes).copied().collect::<Vec<u8>>();
    if bytes.iter().fold(0, |sum, byte| sum ^ byte) != parity {
        return None;
    }
    // A character may be cut in two between symbols, so the bytes are read as one text, unless a symbol names an encoding.
    let plain = parts.iter().all(|part| part.text == text::of_bytes(&part.bytes));
    let text = if plain { text::of_bytes(&bytes) } else { parts.iter().map(|part| part.text.as_str()).collect() };
    let corners = parts.last()?.corners;
    Some(Found { text, bytes, corners, part: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "HC1:MỘT CHỨNG NHẬN TRONG BA MÃ";

    /// The message cut into three, in the middle of a letter too.
    fn parts() -> Vec<Found> {
        let bytes = MESSAGE.as_bytes();
        let parity = bytes.iter().fold(0, |sum, byte| sum ^ byte);
        let cuts = [0, 6, 17, bytes.len()];
        assert!(!MESSAGE.is_char_boundary(6));
        let part = |index: usize| {
            let bytes = bytes[cuts[index]..cuts[index + 1]].to_vec();
            let mark = StructuredAppend { index: index as u8, count: 3, parity };
            Found { text: text::of_bytes(&bytes), bytes, corners: [[index as f32; 2]; 4], part: Some(mark) }
        };
        (0..3).map(part).collect()
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn parts_in_any_order_make_the_message() {
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]] {
            let mut gathered = Parts::default();
            for (seconds, &index) in order.iter().enumerate() {
                // Each stays before the camera for two frames.
                for _ in 0..2 {
                    let whole = gathered.gather(vec![parts()[index].clone()], at(4 * seconds as u64));
                    let expected: &[&str] = if seconds == 2 { &[MESSAGE] } else { &[] };
                    assert_eq!(whole.iter().map(|found| found.text.as_str()).collect::<Vec<_>>(), expected);
                    if seconds == 2 {
                        break;
                    }
                }
            }
        }
    }

    #[test]
    fn all_in_one_picture_make_the_message() {
        let whole = Parts::default().gather(parts(), at(0));
        assert_eq!(whole.iter().map(|found| found.text.as_str()).collect::<Vec<_>>(), [MESSAGE]);
    }

    #[test]
    fn what_is_no_part_passes() {
        let single = Found { part: None, ..parts()[0].clone() };
        let only_one = StructuredAppend { index: 0, count: 1, parity: 0 };
        let astray = StructuredAppend { index: 3, count: 3, parity: 0 };
        for part in [None, Some(only_one), Some(astray)] {
            let found = Found { part, ..single.clone() };
            assert_eq!(Parts::default().gather(vec![found.clone()], at(0)).len(), 1, "{part:?}");
        }
    }

    #[test]
    fn a_part_waits_ten_seconds_and_no_longer() {
        for (pause, expected) in [(10, 1), (11, 0)] {
            let mut gathered = Parts::default();
            assert!(gathered.gather(parts()[..2].to_vec(), at(5)).is_empty());
            assert_eq!(gathered.gather(parts()[2..].to_vec(), at(5 + pause)).len(), expected);
        }
    }

    #[test]
    fn a_wrong_parity_gives_nothing() {
        let mut forged = parts();
        forged[1].bytes[0] ^= 1;
        assert!(Parts::default().gather(forged, at(0)).is_empty());
    }

    #[test]
    fn parts_of_another_message_with_the_same_mark_are_not_mixed_in() {
        let mut gathered = Parts::default();
        let mut other = parts();
        other[0].bytes.swap(0, 1);
        assert!(gathered.gather(vec![other[0].clone(), parts()[1].clone()], at(0)).is_empty());
        assert!(
            gathered.gather(vec![parts()[0].clone(), parts()[2].clone()], at(1)).is_empty(),
            "part 2 is the other's"
        );
        assert_eq!(gathered.gather(vec![parts()[1].clone()], at(2)).len(), 1);
    }

    #[test]
    fn no_more_is_kept_than_a_few_messages() {
        let mut gathered = Parts::default();
        for parity in 0..200 {
            let mark = StructuredAppend { index: 0, count: 16, parity };
            gathered.gather(vec![Found { part: Some(mark), ..parts()[0].clone() }], at(0));
        }
        assert_eq!(gathered.messages.len(), MESSAGES_MAX);
        assert_eq!(gathered.into_waiting().count(), MESSAGES_MAX);
    }
}
