//! Lenient JSON for log lines: take the few members a reader wants, skip the rest unparsed.
//!
//! [`Members::of`] walks one object once and keeps the raw text of the wanted members; nothing
//! else is allocated, whatever the line holds. The last of duplicate keys wins, unknown keys and
//! unexpected types are no error, and invalid UTF-8 inside strings is replaced.

use crate::event::SkipReason;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The wanted members of one object, as raw text.
#[derive(Debug)]
pub struct Members<'a, const N: usize> {
    keys: &'a [&'a str; N],
    values: [Option<&'a RawValue>; N],
}

impl<'a, const N: usize> Members<'a, N> {
    /// The members of the object in `text` whose keys are in `keys`.
    ///
    /// # Errors
    /// The reason to skip the record when it is not one JSON object.
    pub fn of(text: &'a str, keys: &'a [&'a str; N]) -> Result<Members<'a, N>, SkipReason> {
        let mut parser = serde_json::Deserializer::from_str(text);
        let values = Wanted(keys).deserialize(&mut parser).map_err(|_| reason(text))?;
        parser.end().map_err(|_| reason(text))?;
        Ok(Members { keys, values })
    }

    /// Raw text of a member, None when absent or null.
    pub fn raw(&self, key: &str) -> Option<&'a str> {
        let at = self.keys.iter().position(|k| *k == key)?;
        self.values[at].map(RawValue::get).filter(|raw| *raw != "null")
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

/// The string that `raw` is, if it is one. Lone surrogates are replaced.
pub fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let plain = serde_json::from_str::<String>(raw);
    Some(Cow::Owned(plain.unwrap_or_else(|_| inner.replace('\\', "\u{fffd}"))))
}

/// The items of the array that `raw` is; none when it is something else.
pub fn items(raw: &str) -> Vec<&str> {
    let parsed: Result<Vec<&RawValue>, _> = serde_json::from_str(raw);
    parsed.map(|list| list.into_iter().map(RawValue::get).collect()).unwrap_or_default()
}

/// The members of the object that `raw` is, with their names; none when it is something else.
/// For small objects only (stores, configurations): it keeps every member.
pub fn members(raw: &str) -> Vec<(String, &str)> {
    let parsed: Result<std::collections::BTreeMap<String, &RawValue>, _> = serde_json::from_str(raw);
    parsed.map(|map| map.into_iter().map(|(k, v)| (k, v.get())).collect()).unwrap_or_default()
}

/// Bytes as text, invalid UTF-8 replaced.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Why a text is not one JSON object.
fn reason(text: &str) -> SkipReason {
    if text.trim_end().ends_with('\0') {
        return SkipReason::NulPadding;
    }
    match text.bytes().any(|b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) {
        true => SkipReason::JsonControl,
        false => SkipReason::JsonSyntax,
    }
}

struct Wanted<'k, const N: usize>(&'k [&'k str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Wanted<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<Self::Value, D::Error> {
        parser.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Wanted<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = [None; N];
        while let Some(slot) = map.next_key_seed(Slot(self.0))? {
            match slot {
                Some(at) => values[at] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
}

/// A key, as its place in the list of wanted keys.
struct Slot<'k, const N: usize>(&'k [&'k str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Slot<'_, N> {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<Self::Value, D::Error> {
        parser.deserialize_str(self)
    }
}

impl<const N: usize> Visitor<'_> for Slot<'_, N> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|k| *k == key))
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
            (r#"{"type":"#, SkipReason::JsonSyntax),
            (r#"{"a":1}{"b":2}"#, SkipReason::JsonSyntax),
            ("{\"a\":1}\0\0", SkipReason::NulPadding),
            ("{\"a\":\"\u{1}\"}", SkipReason::JsonControl),
        ] {
            assert_eq!(Members::of(text, &KEYS).err(), Some(why), "{text:?}");
        }
    }

    #[test]
    fn odd_types_are_absent_not_errors() -> Result<(), SkipReason> {
        let members = Members::of(r#"{"type":5,"n":"x","inner":null}"#, &KEYS)?;
        assert_eq!((members.text("type"), members.number("n"), members.raw("inner")), (None, None, None));
        assert_eq!(string(r#""a\ud83d b""#).as_deref(), Some("a\u{fffd}ud83d b"));
        Ok(())
    }
}
