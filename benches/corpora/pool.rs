//! What texts are cut from: a few MiB of lines as tools and models write them, made once and sliced at their borders.

use super::rng::Rng;

const WORDS: &str = "a and as build buffer by cache check client commit config error event file for from handler if in index \
                     is it line list log message model not of on parse path queue read request response result retry row \
                     server session set state status stream table test the timeout to token value was with worker write";

/// Text that may stand between quotes as it is, in lines, and such of a picture.
pub(super) struct Pool {
    text: String,
    /// Where lines begin.
    starts: Vec<usize>,
    pub(super) picture: String,
}

impl Pool {
    pub(super) fn new(rng: &Rng) -> Pool {
        const SIZE: usize = 8 << 20;
        let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
        let (mut text, mut starts) = (String::with_capacity(SIZE + 4096), Vec::new());
        while text.len() < SIZE {
            starts.push(text.len());
            let say = |count: u64| (0..count).map(|_| *rng.pick(&words)).collect::<Vec<_>>().join(" ");
            let line = match rng.below(12) {
                0..5 => format!("{}.", say(9 + rng.below(9))),
                5 | 6 => format!("    let {} = {}(\\\"{}\\\", &{});", say(1), say(1), say(2), say(1)),
                7 => format!("\\t{}: {{ \\\"{}\\\": {} }},", say(1), say(1), rng.below(9999)),
                8 => format!(
                    "2026-05-{:02}T10:{:02}:07.{:03}Z [{}] {}",
                    1 + rng.below(28),
                    rng.below(60),
                    rng.below(1000),
                    say(1),
                    say(6)
                ),
                9 => format!("C:\\\\{}\\\\{}.rs:{} — {}", say(1), say(1), rng.below(900), say(4)),
                10 => format!("\\u001b[31m{}\\u001b[0m {} é ✓ 会话", say(2), say(5)),
                _ => "}".to_owned(),
            };
            text.push_str(&line);
            text.push_str("\\n");
        }
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        Pool { text, starts, picture: rng.text(letters, 2 << 20) }
    }

    /// So many bytes of text or a line more.
    pub(super) fn slice(&self, rng: &Rng, bytes: usize) -> &str {
        let from = rng.below(self.starts.len() as u64 / 2) as usize;
        let start = self.starts[from];
        let to = self.starts.partition_point(|at| *at < start + bytes).min(self.starts.len() - 1).max(from + 1);
        &self.text[start..self.starts[to]]
    }

    /// So many characters of a picture.
    pub(super) fn picture(&self, rng: &Rng, bytes: usize) -> &str {
        let bytes = bytes.min(self.picture.len() - 1);
        let start = rng.below((self.picture.len() - bytes) as u64) as usize;
        &self.picture[start..start + bytes]
    }

    /// A few words of plain text.
    pub(super) fn words(rng: &Rng, count: u64) -> String {
        let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
        (0..count).map(|_| *rng.pick(&words)).collect::<Vec<_>>().join(" ")
    }
}
