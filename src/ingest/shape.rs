//! What tells one type of record from another, for records of a type that nobody knows.
//!
//! A newer client version shows first as records that no reader understands. How many types of
//! them there are says more than how many records; what they are called is input and never
//! leaves, so a shape is only ever compared.

use crate::reader::json::{self, Members};

/// Members whose words name the type of a record, at the top and one level down.
const NAMING: [&str; 6] = ["type", "role", "customType", "kind", "event", "subtype"];
/// Members that carry the record proper in a line of some client.
const CARRIERS: [&str; 5] = ["payload", "message", "data", "item", "msg"];

/// The words that name the type of a record, as one text; empty where nothing does.
pub(super) fn shape(record: &[u8]) -> String {
    let text = json::text(record);
    let mut words = named(&text);
    if let Ok(carriers) = Members::of(&text, &CARRIERS) {
        for carrier in CARRIERS {
            words.push_str(&carriers.raw(carrier).map(named).unwrap_or_default());
        }
    }
    words
}

fn named(object: &str) -> String {
    let Ok(members) = Members::of(object, &NAMING) else { return String::new() };
    let word = |key: &str| members.text(key).map(|word| format!("{key}={word};"));
    NAMING.iter().filter_map(|key| word(key)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart_and_contents_are_not() {
        let of = |text: &str| shape(text.as_bytes());
        assert_eq!(of(r#"{"type":"a","id":1}"#), of(r#"{"id":2,"type":"\u0061","x":[]}"#));
        assert_ne!(of(r#"{"type":"a","payload":{"type":"x"}}"#), of(r#"{"type":"a","payload":{"type":"y"}}"#));
        assert_eq!((of("no json"), of("{}")), (String::new(), String::new()));
    }
}
