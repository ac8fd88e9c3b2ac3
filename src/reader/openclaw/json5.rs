//! JSON5 as JSON: what a person may write into `openclaw.json`, made readable for the one parser.
//!
//! Comments go, trailing commas go, bare and single-quoted keys and texts get their quotes,
//! numbers their plain form. It is a rewriting of tokens, not a check: what is not JSON5 either
//! comes out as something that the parser refuses.

/// Longest text that is rewritten; the client's own limit for a configuration is lower.
const MOST: usize = 8 << 20;

/// `text` with everything that JSON has no form for put into one; None when it is too long.
pub(super) fn to_json(text: &str) -> Option<String> {
    if text.len() > MOST {
        return None;
    }
    let mut json = String::with_capacity(text.len() + 64);
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '/' if rest.starts_with("//") => rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).map_or("", |end| &rest[end..]),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or("", |end| &rest[end + 2..]),
            '"' | '\'' => quoted(rest, first, &mut json),
            '}' | ']' => {
                drop_comma(&mut json);
                json.push(first);
                &rest[1..]
            }
            c if is_word(c) => word(rest, &mut json),
            c => {
                json.push(if c.is_whitespace() { ' ' } else { c });
                &rest[c.len_utf8()..]
            }
        };
    }
    Some(json)
}

/// A comma before a closing bracket.
fn drop_comma(json: &mut String) {
    let kept = json.trim_end();
    if kept.ends_with(',') {
        json.truncate(kept.len() - 1);
    }
}

/// A quoted text, which may go on behind an escaped line end.
fn quoted<'a>(text: &'a str, quote: char, json: &mut String) -> &'a str {
    let body = &text[1..];
    json.push('"');
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => {
                json.push('"');
                return &body[at + 1..];
            }
            '"' => json.push_str("\\\""),
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('\n' | '\r' | '\u{2028}' | '\u{2029}') => {}
                Some(c @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => json.extend(['\\', c]),
                Some('0') => json.push_str("\\u0000"),
                Some('v') => json.push_str("\\u000b"),
                Some('x') => {
                    let digits: String = chars.by_ref().take(2).map(|(_, c)| c).collect();
                    json.push_str("\\u00");
                    json.push_str(&digits);
                }
                Some(c) => json.push(c),
                None => {}
            },
            c if c < ' ' => json.push(' '),
            c => json.push(c),
        }
    }
    ""
}

/// Part of a name or a number.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '+' | '-' | '.')
}

/// A bare word: a literal, a number, or a key.
fn word<'a>(text: &'a str, json: &mut String) -> &'a str {
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let is_key = rest.trim_start().starts_with(':');
    match number(word) {
        _ if is_key => quote(word, json),
        Some(number) => json.push_str(&number),
        None if matches!(word, "true" | "false" | "null") => json.push_str(word),
        // Infinity and NaN have no form in JSON; nothing else may stand bare.
        None => json.push_str("null"),
    }
    rest
}

fn quote(word: &str, json: &mut String) {
    json.push('"');
    json.push_str(word);
    json.push('"');
}

/// A number in the form that JSON has for it.
fn number(word: &str) -> Option<String> {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", word.strip_prefix('+').unwrap_or(word)),
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok().map(|value| format!("{sign}{value}"));
    }
    let plain = digits.bytes().next().is_some_and(|b| b.is_ascii_digit() || b == b'.');
    let value: f64 = plain.then(|| digits.parse().ok()).flatten()?;
    let odd = digits.starts_with('.') || digits.ends_with('.') || digits.contains(".e") || digits.contains(".E");
    Some(if odd { format!("{sign}{value}") } else { format!("{sign}{digits}") })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn value(text: &str) -> Option<serde_json::Value> {
        serde_json::from_str(&to_json(text).unwrap()).ok()
    }

    #[test]
    fn what_people_write_is_read() {
        let text = r#"// mine
        { agents: { 'defaults': { model: { primary: "a/b", /* none */ fallbacks: ["c//d", 'e"f',], }, }, },
          gateway: { port: 0x4965, ratio: .5, big: 5., minus: -1, plus: +2, $k_1: true, "q": 'it\'s \x41' } }"#;
        let value = value(text).unwrap();
        assert_eq!(value["agents"]["defaults"]["model"]["fallbacks"], serde_json::json!(["c//d", "e\"f"]));
        let gateway =
            serde_json::json!({ "port": 18789, "ratio": 0.5, "big": 5, "minus": -1, "plus": 2, "$k_1": true, "q": "it's A" });
        assert_eq!(value["gateway"], gateway);
    }

    #[test]
    fn json_stays_what_it_is() {
        for text in [r#"{"a":[1,-2.5e3,"x\né\u00e9",{"b":null}],"//":"/* */"}"#, "[]", r#""a""#, "\u{feff}{}"] {
            let plain: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            assert_eq!(value(text), Some(plain), "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_refused_and_never_panics() {
        for text in ["{", "{a", "{a:}", "'", "\"\\", "/*", "//", "{a:1}}", "é", "{é:1", "\\", "'\\x", "{a:1 b:2}"] {
            let _ = to_json(text);
        }
        assert_eq!((value("{a:1 b:2}"), value("{a:}"), value("{a:1}}")), (None, None, None));
    }
}
