//! JSON for log lines, under one policy: take the few members a reader wants, skip the rest.
//!
//! [`Members::of`] walks one object once and keeps the raw text of the wanted members; nothing
//! else is allocated, whatever the line holds. Every reader reads JSON through this module, there
//! is one parser and no faster or slower one beside it, and this is what it decides:
//!
//! - **Strict on structure.** RFC 8259 as it is written: no trailing comma, no comment, no `NaN`,
//!   no single quotes, no leading zero, blanks are space, tab, CR and LF only. What breaks that
//!   is [`SkipReason::JsonSyntax`]; a last record that is cut off is [`SkipReason::TornTail`].
//! - **At most 128 open brackets**, everywhere in the record ([`SkipReason::JsonDepth`]). Depth
//!   costs no stack.
//! - **A raw control character inside a string** rejects the record ([`SkipReason::JsonControl`]):
//!   no client writes one, so something else has written into the file.
//! - **Lenient on the content of strings**, keys included. Invalid UTF-8 and halves of surrogate
//!   pairs become U+FFFD. Escapes are undone before a key or a value is compared, so
//!   `"stop\u0052eason"` is `stopReason`; JSON inside a string is a string and nothing else.
//! - **The last of equal keys counts**, as it does for the clients that wrote the record
//!   (`JSON.parse`, Python, serde's maps).
//! - **Numbers are kept as they are written.** [`Members::number`] gives the nearest double and
//!   None for what is out of range (`1e999`); nothing adds numbers up.
//! - **What was put up with is counted**, per source and record ([`leniencies`]): keys that were asked
//!   for and stand twice, halves of surrogate pairs in values that were asked for, invalid UTF-8.
//! - **Unknown keys and unexpected types are no error**: a member of another type is absent.
//! - **Glued records** (`}{`, also with NULs between) are records of their own ([`glued`]); NULs
//!   behind a record are [`SkipReason::NulPadding`]. A byte order mark, line ends and page breaks
//!   beside a record are no matter of JSON and are dealt with before it is handed to a reader.

mod glue;
mod lenient;
mod string;
mod unescape;
mod walk;

use crate::event::{Leniency, SkipReason};
use std::borrow::Cow;
use std::collections::BTreeMap;
use walk::{Flaw, Found};

pub use lenient::{leniencies, note};

/// The wanted members of one object, as raw text.
#[derive(Debug)]
pub struct Members<'a, const N: usize> {
    keys: &'a [&'a str; N],
    values: [Option<&'a str>; N],
}

impl<'a, const N: usize> Members<'a, N> {
    /// The members of the object in `text` whose keys are in `keys`.
    ///
    /// # Errors
    /// The reason to skip the record when it is not one JSON object.
    pub fn of(text: &'a str, keys: &'a [&'a str; N]) -> Result<Members<'a, N>, SkipReason> {
        let mut members = Members { keys, values: [None; N] };
        let walked = walk::object(text, None, &mut |found| {
            if let Found::Member(key, value) = found {
                members.put(key, value);
            }
        });
        walked.map(|()| members).map_err(|flaw| reason(text, flaw))
    }

    /// The same, and in the same walk those of the member that is called `into`: None where that is no object.
    ///
    /// # Errors
    /// The same.
    #[allow(clippy::type_complexity)] // a pair of what `of` gives
    pub fn of_both<const M: usize>(
        text: &'a str,
        keys: &'a [&'a str; N],
        (into, inner_keys): (&str, &'a [&'a str; M]),
    ) -> Result<(Members<'a, N>, Option<Members<'a, M>>), SkipReason> {
        let mut members = Members { keys, values: [None; N] };
        let mut inner = Members { keys: inner_keys, values: [None; M] };
        let walked = walk::object(text, Some(into), &mut |found| match found {
            Found::Member(key, value) => members.put(key, value),
            Found::Enters => inner.values = [None; M],
            Found::Inner(key, value) => inner.put(key, value),
        });
        walked.map_err(|flaw| reason(text, flaw))?;
        let is_object = members.raw(into).is_some_and(|raw| raw.starts_with('{'));
        Ok((members, is_object.then_some(inner)))
    }

    /// Of equal keys the last one counts.
    fn put(&mut self, key: &str, value: &'a str) {
        let escaped = || key.as_bytes().contains(&b'\\').then(|| unescape::unescape(key));
        let at = self.place(key).or_else(|| self.place(&escaped()?));
        if at.is_some_and(|at| self.values[at].replace(value).is_some()) {
            lenient::note(Leniency::RepeatedKey);
        }
    }

    /// Which of the wanted keys this is. Most are told apart by their lengths and last letters.
    fn place(&self, key: &str) -> Option<usize> {
        let ends = |text: &str| (text.len(), text.as_bytes().last().copied());
        self.keys.iter().position(|known| ends(known) == ends(key) && *known == key)
    }

    /// Raw text of a member, None when absent or null.
    pub fn raw(&self, key: &str) -> Option<&'a str> {
        self.values[self.place(key)?].filter(|raw| *raw != "null")
    }

    /// Is a member there, and null? A writer that says null has said something.
    pub fn is_null(&self, key: &str) -> bool {
        self.place(key).is_some_and(|at| self.values[at] == Some("null"))
    }

    /// A string member.
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        self.raw(key).and_then(string)
    }

    /// A number member.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.raw(key)?.parse().ok().filter(|n: &f64| n.is_finite())
    }

    /// A boolean member.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.raw(key)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Members of a member that is an object.
    pub fn inner<'b, const M: usize>(&self, key: &str, keys: &'b [&'b str; M]) -> Option<Members<'b, M>>
    where
        'a: 'b,
    {
        Members::of(self.raw(key)?, keys).ok()
    }

    /// Items of a member that is an array, as raw text.
    pub fn items(&self, key: &str) -> Vec<&'a str> {
        self.raw(key).map(items).unwrap_or_default()
    }
}

/// The string that `raw` is, if it is one.
pub fn string(raw: &str) -> Option<Cow<'_, str>> {
    raw.strip_prefix('"')?.strip_suffix('"').map(unescape::unescape)
}

/// A key as it was meant, from what stands between its quotes. For those who look at the start of
/// a document that is cut off somewhere, which no parser takes.
pub fn key(raw: &[u8]) -> Cow<'_, [u8]> {
    match memchr::memchr(b'\\', raw) {
        None => Cow::Borrowed(raw),
        Some(_) => Cow::Owned(unescape::unescape(&text(raw)).into_owned().into_bytes()),
    }
}

/// The items of the array that `raw` is; none when it is something else.
pub fn items(raw: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let walked = walk::array(raw, &mut |item| items.push(item));
    walked.map(|()| items).unwrap_or_default()
}

/// The members of the object that `raw` is, with their names, by name; none when it is something
/// else. For small objects only (stores, configurations): it keeps every member.
pub fn members(raw: &str) -> Vec<(String, &str)> {
    let mut members = BTreeMap::new();
    let walked = walk::object(raw, None, &mut |found| {
        if let Found::Member(key, value) = found {
            members.insert(unescape::unescape(key).into_owned(), value);
        }
    });
    walked.map(|()| members.into_iter().collect()).unwrap_or_default()
}

/// Bytes as text, invalid UTF-8 replaced.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    lenient::note(Leniency::InvalidUtf8);
    String::from_utf8_lossy(bytes)
}

/// A record in a line that holds several: from where to where it stands, and how many NULs precede it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glued {
    /// Its first byte.
    pub from: usize,
    /// Behind its last byte.
    pub to: usize,
    /// NULs between it and the record before it.
    pub padding: usize,
}

/// The records of a line in which a record follows another without a line end between, as two
/// writers or a crash leave them. Empty for every other line. The last may be cut off or more than
/// a record; the others are whole objects.
pub fn glued(line: &[u8]) -> Vec<Glued> {
    let mut found = Vec::new();
    if !glue::may_be(line) {
        return found;
    }
    let (mut from, mut padding) = (0, 0);
    while let Some(len) = line.get(from..).and_then(walk::object_len) {
        let to = from + len;
        let rest = line.get(to..).unwrap_or_default();
        let nuls = rest.iter().take_while(|b| **b == 0).count();
        if rest.get(nuls) != Some(&b'{') {
            break;
        }
        found.push(Glued { from, to, padding });
        (from, padding) = (to + nuls, nuls);
    }
    if from > 0 {
        found.push(Glued { from, to: line.len(), padding });
    }
    found
}

/// Why a text is not one JSON object.
fn reason(text: &str, flaw: Flaw) -> SkipReason {
    match flaw {
        Flaw::Depth => SkipReason::JsonDepth,
        Flaw::Control => SkipReason::JsonControl,
        Flaw::Syntax if text.trim_end().ends_with('\0') => SkipReason::NulPadding,
        Flaw::Syntax => SkipReason::JsonSyntax,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 3] = ["type", "n", "inner"];

    #[test]
    fn wanted_members_are_found_wherever_they_stand() -> Result<(), SkipReason> {
        let text = r#" {"x":[1,{"type":"decoy"}], "inner":{"a":"b\n"}, "n":1e3, "type":"first", "t\u0079pe":"last"} "#;
        let members = Members::of(text, &KEYS)?;
        assert_eq!(members.text("type").as_deref(), Some("last"));
        assert_eq!(members.number("n"), Some(1000.0));
        let inner = members.inner("inner", &["a"]).map(|m| m.text("a").map(Cow::into_owned));
        assert_eq!(inner.flatten().as_deref(), Some("b\n"));
        Ok(())
    }

    #[test]
    fn what_is_no_object_is_skipped_with_a_reason() {
        for (text, why) in [
            ("", SkipReason::JsonSyntax),
            ("[1]", SkipReason::JsonSyntax),
            (&"[".repeat(1_000_000), SkipReason::JsonDepth),
            ("{\"a\":\u{c}1}", SkipReason::JsonSyntax),
            ("{\"a\":1}\u{c}", SkipReason::JsonSyntax),
            (r#"{"type":"#, SkipReason::JsonSyntax),
            (r#"{"a":1}{"b":2}"#, SkipReason::JsonSyntax),
            ("{\"a\":1}\0\0", SkipReason::NulPadding),
            ("{\"a\":\"\u{1}\"}", SkipReason::JsonControl),
        ] {
            assert_eq!(Members::of(text, &KEYS).err(), Some(why), "{text:?}");
        }
    }

    #[test]
    fn what_is_put_up_with_is_told() {
        let told = |bytes: &[u8]| {
            leniencies().for_each(drop);
            let of = text(bytes);
            let members = Members::of(&of, &KEYS);
            members.iter().for_each(|members| drop(members.text("type")));
            (members.is_ok(), leniencies().map(Leniency::word).collect::<Vec<_>>())
        };
        for (bytes, want) in [
            (&br#"{"type":"x","other":1,"other":2}"#[..], &[][..]),
            (br#"{"type":"x","t\u0079pe":"y"}"#, &["repeated-key"]),
            (br#"{"type":"\ud83d\ude00"}"#, &[]),
            (br#"{"type":"a\ude00"}"#, &["lone-surrogate"]),
            (b"{\"x\":\"\xff\"}", &["invalid-utf8"]),
        ] {
            assert_eq!(told(bytes), (true, want.to_vec()), "{bytes:?}");
        }
    }

    #[test]
    fn odd_types_are_absent_not_errors() -> Result<(), SkipReason> {
        let members = Members::of(r#"{"type":5,"n":"x","inner":null}"#, &KEYS)?;
        assert_eq!((members.text("type"), members.number("n"), members.raw("inner")), (None, None, None));
        assert_eq!((members.is_null("inner"), members.is_null("type"), members.is_null("no such")), (true, false, false));
        assert_eq!(string(r#""a\ud83d b""#).as_deref(), Some("a\u{fffd} b"));
        Ok(())
    }
}
