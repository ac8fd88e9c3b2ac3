//! JSON on which lenient and strict parsers disagree: texts grown from the grammar, with the odd
//! numbers, escapes, duplicate keys and depths that it allows, and damaged copies of them.

use crate::make::rng::Rng;

const STRINGS: &[&str] = &[
    "",
    "type",
    "error",
    "stop\\u0052eason",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\ude00\\ud83d",
    "\\ud83dx",
    "\\ud83d\\n",
    "\\u0000",
    "\\\\\\\"\\/\\b\\f\\n\\r\\t",
    "é€𝄞",
    "\u{2028}\u{feff}\u{7f}\u{80}",
    "{\\\"type\\\":\\\"error\\\"}",
    "}{",
    "0123456789abcdef0123456789abcdef",
];

const SCALARS: &[&str] = &[
    "0",
    "-0",
    "1",
    "-1.5",
    "1e9",
    "1E+2",
    "1e-2",
    "1e999",
    "-1e999",
    "9223372036854775808",
    "18446744073709551616",
    "0.1000000000000000055511151231257827",
    "true",
    "false",
    "null",
];

const BLANKS: &[&str] = &["", "", "", " ", "\t", "\r", "\n", "  \t"];

/// Pieces that turn JSON into something else, or do not.
const PIECES: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\x", "\u{1}", "\u{0}", "\n", "\u{feff}", "\u{a0}", "01", "+1", ".5", "1.",
    "1e", "NaN", "Infinity", "nul", "tru", "'a'", "/*c*/", "//c", "}{", "\u{7f}", "é", "-", "--1", "0x1", "1_0", "\\ud800",
    "\u{c}",
];

/// One object, as text.
pub fn object(rng: &Rng) -> String {
    let mut text = String::new();
    grow_object(rng, 0, &mut text);
    text
}

fn blank(rng: &Rng, text: &mut String) {
    text.push_str(rng.pick::<&str>(BLANKS));
}

fn grow_object(rng: &Rng, depth: u64, text: &mut String) {
    text.push('{');
    blank(rng, text);
    for at in 0..rng.below(5) {
        if at > 0 {
            text.push(',');
        }
        blank(rng, text);
        text.push_str(&format!("\"{}\"", rng.pick(STRINGS)));
        blank(rng, text);
        text.push(':');
        grow(rng, depth + 1, text);
    }
    text.push('}');
}

fn grow(rng: &Rng, depth: u64, text: &mut String) {
    blank(rng, text);
    match rng.below(if depth > 5 { 4 } else { 8 }) {
        0 | 1 => text.push_str(&format!("\"{}\"", rng.pick(STRINGS))),
        2 | 3 => text.push_str(rng.pick::<&str>(SCALARS)),
        4 | 5 => grow_object(rng, depth, text),
        6 => {
            let items = rng.below(4);
            text.push('[');
            for at in 0..items {
                if at > 0 {
                    text.push(',');
                }
                grow(rng, depth + 1, text);
            }
            blank(rng, text);
            text.push(']');
        }
        _ => {
            // Around the limit, and far beyond it.
            let deep = *rng.pick(&[3, 120, 126, 127, 128, 129, 300]);
            text.push_str(&"[".repeat(deep));
            text.push_str(&"]".repeat(deep));
        }
    }
    blank(rng, text);
}

/// A copy with some damage. Text stays text.
pub fn damaged(text: &str, rng: &Rng) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=rng.below(2) {
        let at = rng.below(chars.len() as u64 + 1) as usize;
        match rng.below(4) {
            0 => chars.truncate(at),
            1 if at < chars.len() => drop(chars.remove(at)),
            2 if at < chars.len() => chars.insert(at, chars[at]),
            _ => drop(chars.splice(at..at, rng.pick(PIECES).chars())),
        }
    }
    chars.into_iter().collect()
}
