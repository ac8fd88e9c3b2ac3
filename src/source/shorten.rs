//! Long lines made short while they are taken in, so that a line of any length costs a bounded
//! amount of memory and what stands behind its blob is still read.
//!
//! Of a string between double quotes that is longer than 64 KiB the first 32 KiB and the last
//! 16 to 32 KiB are kept, with an ellipsis between them; of a list of numbers that long (a binary
//! blob in Node's `Buffer` form) its ends, cut behind commas. Cuts fall between characters and
//! never inside an escape, so what was JSON is JSON afterwards. Nothing else is known of JSON
//! here. Where a cut falls depends on the line alone, not on how it arrives.

use memchr::memchr2;

/// Lines longer than this are shortened; those up to it are handed out as they are.
pub(super) const LONG: usize = 1 << 20;

/// What is kept at the start of a long run, and at least at its end.
const HEAD: usize = 32 << 10;
const TAIL: usize = 16 << 10;

/// Stands in a string for what was left out.
const ELLIPSIS: &[u8] = "…".as_bytes();

/// Bytes that were left out of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Place in the shortened line behind which they are missing.
    pub at: usize,
    /// How many bytes of the source stand for nothing here.
    pub left_out: u64,
    /// How many bytes of the shortened line before `at` stand for them.
    pub put_in: usize,
}

/// A run of bytes whose middle may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// Neither of the others.
    None,
    /// Between double quotes.
    Text,
    /// Digits and what stands between them.
    Numbers,
}

/// What of an escape is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    None,
    /// The character behind the backslash.
    Letter,
    /// So many hexadecimal digits.
    Digits(u8),
}

/// A line that is being shortened.
#[derive(Debug)]
pub(super) struct Shortener {
    kept: Vec<u8>,
    cuts: Vec<Cut>,
    limit: usize,
    run: Run,
    escape: Escape,
    /// Length of `kept` from which on the next mark is set, if a cut may fall there.
    due: usize,
    /// Where the part to leave out begins, once the head is complete.
    head: Option<usize>,
    /// Where it ends, once it is known to be followed by a tail.
    tail: Option<usize>,
    /// The current run has a cut already: the last in the list.
    cut: bool,
}

impl Shortener {
    /// A line of which at most `limit` bytes are kept after shortening.
    pub(super) fn new(limit: usize) -> Shortener {
        let (kept, cuts) = (Vec::new(), Vec::new());
        Shortener { kept, cuts, limit, run: Run::None, escape: Escape::None, due: 0, head: None, tail: None, cut: false }
    }

    /// What is kept, and what was left out of it; None if that is still too much.
    pub(super) fn done(&self) -> Option<(&[u8], &[Cut])> {
        (self.kept.len() <= self.limit).then_some((&self.kept, &self.cuts))
    }

    /// Take the next part of the line.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while let (Some(first), true) = (bytes.first(), self.kept.len() <= self.limit) {
            let used = match self.run {
                Run::Text => self.text(bytes, *first),
                Run::Numbers if is_number(*first) => self.numbers(bytes),
                Run::Numbers => self.end_run(),
                Run::None => self.between(bytes, *first),
            };
            bytes = bytes.get(used..).unwrap_or_default();
        }
    }

    fn keep(&mut self, bytes: &[u8], len: usize) -> usize {
        let taken = bytes.get(..len).unwrap_or(bytes);
        self.kept.extend_from_slice(taken);
        taken.len()
    }

    fn begin_run(&mut self, run: Run) {
        (self.run, self.escape, self.head, self.tail, self.cut) = (run, Escape::None, None, None, false);
        self.due = self.kept.len() + HEAD;
    }

    fn end_run(&mut self) -> usize {
        self.run = Run::None;
        0
    }

    /// Outside of strings and lists of numbers.
    fn between(&mut self, bytes: &[u8], first: u8) -> usize {
        match first {
            b'"' => {
                let used = self.keep(bytes, 1);
                self.begin_run(Run::Text);
                used
            }
            _ if is_number(first) => {
                self.begin_run(Run::Numbers);
                0
            }
            _ => {
                let end = bytes.iter().position(|b| *b == b'"' || is_number(*b));
                self.keep(bytes, end.unwrap_or(bytes.len()))
            }
        }
    }

    fn numbers(&mut self, bytes: &[u8]) -> usize {
        if self.kept.len() >= self.due && self.kept.last() == Some(&b',') {
            self.mark(b"");
        }
        let end = bytes.iter().take(self.room()).position(|b| !is_number(*b));
        self.keep(bytes, end.unwrap_or(self.room()))
    }

    fn text(&mut self, bytes: &[u8], first: u8) -> usize {
        match self.escape {
            Escape::Letter => {
                self.escape = if first == b'u' { Escape::Digits(4) } else { Escape::None };
                return self.keep(bytes, 1);
            }
            Escape::Digits(left @ 1..) if first.is_ascii_hexdigit() => {
                self.escape = Escape::Digits(left - 1);
                return self.keep(bytes, 1);
            }
            Escape::Digits(_) | Escape::None => self.escape = Escape::None,
        }
        // A byte that goes on with a character is no place for a cut, unless there is no end of them.
        let inside = first & 0xc0 == 0x80 && self.kept.len() < self.due + 4;
        if self.kept.len() >= self.due && !inside {
            self.mark(ELLIPSIS);
        }
        match first {
            b'"' => {
                self.run = Run::None;
                self.keep(bytes, 1)
            }
            b'\\' => {
                self.escape = Escape::Letter;
                self.keep(bytes, 1)
            }
            _ => {
                let near = bytes.get(..self.room()).unwrap_or(bytes);
                let end = memchr2(b'"', b'\\', near).unwrap_or(near.len());
                self.keep(bytes, end)
            }
        }
    }

    /// How much may be kept before it has to be asked again whether a mark is due.
    fn room(&self) -> usize {
        self.due.saturating_sub(self.kept.len()).max(1)
    }

    /// A cut may fall here, and one was due: the head ends here, or the part to leave out, or that
    /// part is now followed by a whole tail and goes.
    fn mark(&mut self, stand_in: &[u8]) {
        let here = self.kept.len();
        match (self.head, self.tail) {
            (None, _) => self.head = Some(here),
            (Some(_), None) => self.tail = Some(here),
            (Some(from), Some(to)) => {
                let put_in = if self.cut { &[] } else { stand_in };
                self.kept.splice(from..to, put_in.iter().copied());
                self.note(from, to, put_in.len());
                self.head = Some(from + put_in.len());
                self.tail = Some(self.kept.len());
            }
        }
        self.due = self.kept.len() + TAIL;
    }

    fn note(&mut self, from: usize, to: usize, put_in: usize) {
        let left_out = to.saturating_sub(from) as u64;
        match self.cuts.last_mut().filter(|_| self.cut) {
            Some(cut) => cut.left_out += left_out,
            None => self.cuts.push(Cut { at: from + put_in, left_out, put_in }),
        }
        self.cut = true;
    }
}

fn is_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b',' | b' ' | b'.' | b'-' | b'+' | b'e' | b'E')
}

/// How many bytes of the source the first `upto` bytes of a shortened line stand for.
pub fn source_len(upto: usize, cuts: &[Cut]) -> u64 {
    let before = cuts.iter().filter(|cut| cut.at <= upto);
    before.fold(upto as u64, |len, cut| len + cut.left_out - cut.put_in as u64)
}

/// How many bytes were left out of a shortened line between two places.
pub fn left_out(from: usize, to: usize, cuts: &[Cut]) -> u64 {
    cuts.iter().filter(|cut| cut.at > from && cut.at <= to).map(|cut| cut.left_out).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const KEPT: usize = HEAD + 2 * TAIL;

    fn shortened(text: &[u8], step: usize) -> (Vec<u8>, Vec<Cut>) {
        let mut line = Shortener::new(1 << 20);
        text.chunks(step).for_each(|part| line.feed(part));
        let (kept, cuts) = line.done().unwrap();
        assert_eq!(source_len(kept.len(), cuts), text.len() as u64);
        (kept.to_vec(), cuts.to_vec())
    }

    #[test]
    fn what_is_short_is_kept_as_it_is() {
        let long = format!("\"{}\"", "x".repeat(KEPT - 2));
        for text in [r#"{"a":"b\"c\\","n":[1,2.5e3,-4],"t":true}"#, "no quotes at all", "\"", "\"\\", "é\"é\\u00e9\"", &long] {
            assert_eq!(shortened(text.as_bytes(), 3), (text.as_bytes().to_vec(), vec![]));
        }
    }

    #[test]
    fn a_long_string_loses_its_middle_wherever_it_stands() {
        for (unit, escaped) in [("x", false), ("é", false), ("\\\"", true), ("\\u00e9", true), ("𝄞\\n", true)] {
            let blob = unit.repeat(400_000);
            let text = format!(r#"{{"m":[[{{"data":"{blob}"}}]],"z":"{blob}","stopReason":"error"}}"#);
            let (kept, cuts) = shortened(text.as_bytes(), text.len());
            let kept_text = std::str::from_utf8(&kept).unwrap();
            assert!(kept.len() < 3 * KEPT && kept_text.ends_with(r#"","stopReason":"error"}"#), "{unit}: {}", kept.len());
            assert_eq!((cuts.len(), kept_text.matches('…').count()), (2, 2));
            let elided = cuts.iter().map(|cut| cut.left_out).sum::<u64>();
            assert_eq!(text.len() as u64, kept.len() as u64 + elided - 2 * ELLIPSIS.len() as u64);
            let value: serde_json::Value = serde_json::from_str(kept_text).unwrap();
            let data = value["m"][0][0]["data"].as_str().unwrap();
            assert!(escaped || data.chars().filter(|c| *c != '…').all(|c| unit.contains(c)), "{unit}");
        }
    }

    #[test]
    fn a_long_list_of_numbers_loses_its_middle() {
        let list: Vec<u32> = (0..300_000).map(|n| n % 256).collect();
        let text = format!(r#"{{"data":{list:?},"z":1}}"#);
        let (kept, cuts) = shortened(text.as_bytes(), 4096);
        let value: serde_json::Value = serde_json::from_slice(&kept).unwrap();
        assert!(kept.len() < 2 * KEPT && cuts.len() == 1 && value["z"] == 1);
        assert_eq!(value["data"][1000], 1000 % 256);
    }

    #[test]
    fn cuts_do_not_depend_on_how_the_line_arrives() {
        let blob: String = (0..60_000).map(|n| ["a", "é", "\\n", "\\u00e9", "𝄞", "\\\\", "€"][n % 7]).collect();
        let text = format!(r#"{{"a":"{blob}","n":[{}],"b":"{blob}"}}"#, "17,".repeat(50_000));
        let whole = shortened(text.as_bytes(), text.len());
        assert_eq!(whole.1.len(), 3);
        for step in [1, 2, 7, 4095, 65_537] {
            assert!(shortened(text.as_bytes(), step) == whole, "{step}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_bounded_too() {
        for unit in [&b"\x80"[..], b"\xff", b"\\", b"\\u12", b"\\u\\"] {
            let text = [&b"\""[..], &unit.repeat(500_000)].concat();
            assert!(shortened(&text, 1000).0.len() <= KEPT + 64, "{unit:?}");
        }
    }

    #[test]
    fn what_cannot_be_shortened_is_given_up() {
        let mut line = Shortener::new(1000);
        (0..10_000).for_each(|_| line.feed(b"{\"a\":["));
        assert!(line.done().is_none() && line.kept.len() < 1100);
    }
}
