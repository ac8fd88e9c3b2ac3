//! The JSON policy against two twins: a parser that goes character by character and builds
//! everything, written here from the policy alone, and `serde_json`, which is strict where the
//! policy is lenient. Over generated texts and damaged copies of them all three must agree on what
//! is an object, on every member of it, and on the reason where it is none.

use crate::make::hostile::json;
use crate::make::rng::Rng;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use stopwhy::event::SkipReason;
use stopwhy::reader::json as product;

/// A value, with numbers as they are written and the last of equal keys.
#[derive(Debug, PartialEq)]
enum Value {
    Word(String),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

/// The slow twin.
struct Slow<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
}

static NUMBER: LazyLock<regex::Regex> =
    LazyLock::new(|| regex::Regex::new(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$").unwrap());

type Found<T> = Result<T, SkipReason>;

const SYNTAX: SkipReason = SkipReason::JsonSyntax;

impl Slow<'_> {
    fn object(text: &str) -> Found<Value> {
        let mut slow = Slow { rest: text.chars().peekable() };
        slow.blanks();
        if slow.rest.peek() != Some(&'{') {
            let deep = slow.rest.peek() == Some(&'[') && slow.value(1) == Err(SkipReason::JsonDepth);
            return Err(if deep { SkipReason::JsonDepth } else { SYNTAX });
        }
        let value = slow.value(1)?;
        slow.blanks();
        if slow.rest.next().is_none() { Ok(value) } else { Err(SYNTAX) }
    }

    fn blanks(&mut self) {
        while self.rest.next_if(|c| matches!(c, ' ' | '\t' | '\n' | '\r')).is_some() {}
    }

    fn take(&mut self, want: char) -> Found<()> {
        self.blanks();
        self.rest.next_if_eq(&want).map(|_| ()).ok_or(SYNTAX)
    }

    fn value(&mut self, depth: usize) -> Found<Value> {
        self.blanks();
        match *self.rest.peek().ok_or(SYNTAX)? {
            '{' | '[' if depth > 128 => Err(SkipReason::JsonDepth),
            '{' => self.members(depth).map(Value::Object),
            '[' => self.items(depth).map(Value::List),
            '"' => self.text().map(Value::Text),
            c if c == '-' || c.is_ascii_digit() => self.number().map(Value::Word),
            _ => self.word().map(Value::Word),
        }
    }

    fn members(&mut self, depth: usize) -> Found<BTreeMap<String, Value>> {
        let mut members = BTreeMap::new();
        self.take('{')?;
        if self.take('}').is_ok() {
            return Ok(members);
        }
        loop {
            self.blanks();
            if self.rest.peek() != Some(&'"') {
                return Err(SYNTAX);
            }
            let key = self.text()?;
            self.take(':')?;
            members.insert(key, self.value(depth + 1)?);
            if self.take(',').is_err() {
                return self.take('}').map(|()| members);
            }
        }
    }

    fn items(&mut self, depth: usize) -> Found<Vec<Value>> {
        let mut items = Vec::new();
        self.take('[')?;
        if self.take(']').is_ok() {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(',').is_err() {
                return self.take(']').map(|()| items);
            }
        }
    }

    fn text(&mut self) -> Found<String> {
        self.take('"')?;
        let mut units: Vec<u16> = Vec::new();
        loop {
            match self.rest.next().ok_or(SYNTAX)? {
                '"' => return Ok(String::from_utf16_lossy(&units)),
                '\\' => units.push(self.escape()?),
                c if c < ' ' => return Err(SkipReason::JsonControl),
                c => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
            }
        }
    }

    fn escape(&mut self) -> Found<u16> {
        let simple = match self.rest.next().ok_or(SYNTAX)? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let digits: String = (0..4).map_while(|_| self.rest.next_if(char::is_ascii_hexdigit)).collect();
                return if digits.len() == 4 { Ok(u16::from_str_radix(&digits, 16).unwrap()) } else { Err(SYNTAX) };
            }
            c if c < ' ' => return Err(SkipReason::JsonControl),
            _ => return Err(SYNTAX),
        };
        Ok(simple as u16)
    }

    fn number(&mut self) -> Found<String> {
        let mut text = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_digit() || "+-.eE".contains(*c)) {
            text.push(c);
        }
        if NUMBER.is_match(&text) { Ok(text) } else { Err(SYNTAX) }
    }

    fn word(&mut self) -> Found<String> {
        let mut text = String::new();
        while let Some(c) = self.rest.next_if(char::is_ascii_lowercase) {
            text.push(c);
        }
        if ["true", "false", "null"].contains(&text.as_str()) { Ok(text) } else { Err(SYNTAX) }
    }
}

/// The same tree, as readers would take it apart.
fn tree(raw: &str) -> Value {
    match raw.as_bytes().first() {
        Some(b'{') => Value::Object(product::members(raw).into_iter().map(|(key, raw)| (key, tree(raw))).collect()),
        Some(b'[') => Value::List(product::items(raw).into_iter().map(tree).collect()),
        Some(b'"') => Value::Text(product::string(raw).unwrap().into_owned()),
        _ => Value::Word(raw.to_owned()),
    }
}

const KEYS: [&str; 3] = ["type", "error", "stopReason"];

fn agree(text: &str) -> bool {
    static OUT_OF_RANGE: LazyLock<regex::Regex> = LazyLock::new(|| regex::Regex::new("[0-9][eE][+]?[0-9]{3}").unwrap());
    let out_of_range = &*OUT_OF_RANGE;
    let ours = product::Members::of(text, &KEYS);
    let slow = Slow::object(text);
    // NULs behind a record have a reason of their own.
    let reason = |why: SkipReason| match why {
        SYNTAX if text.trim_end().ends_with('\0') => SkipReason::NulPadding,
        why => why,
    };
    match (&ours, &slow) {
        (Ok(ours), Ok(Value::Object(members))) => {
            assert_eq!(&tree(text.trim_matches([' ', '\t', '\n', '\r'])), slow.as_ref().unwrap(), "{text:?}");
            for key in KEYS {
                let wanted = members.get(key).filter(|value| **value != Value::Word("null".to_owned()));
                assert_eq!(ours.raw(key).map(tree).as_ref(), wanted, "{key} of {text:?}");
            }
        }
        _ => assert_eq!(ours.as_ref().err().copied(), slow.as_ref().err().map(|why| reason(*why)), "{text:?}"),
    }
    both(text, &ours);
    // Where serde is stricter, the policy says so.
    let text = text.trim_matches([' ', '\n', '\r', '\t']);
    let strict = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
    let lenient = text.contains("\\u") || out_of_range.is_match(text) || text.contains(&"[".repeat(100));
    assert!(strict.is_err() || ours.is_ok(), "serde takes {text:?}");
    assert!(strict.is_ok() || ours.is_err() || lenient, "serde does not take {text:?}");
    ours.is_ok()
}

/// One walk over an object and over a member of it gives what two walks give.
fn both(text: &str, of: &Result<product::Members<'_, 3>, SkipReason>) {
    const INTO: &str = "error";
    let inner_keys = ["type", "error"];
    let both = product::Members::of_both(text, &KEYS, (INTO, &inner_keys));
    let (ours, inner) = match (of, both) {
        (Ok(of), Ok((ours, inner))) => {
            KEYS.iter().for_each(|key| assert_eq!(of.raw(key), ours.raw(key), "{key} of {text:?}"));
            (of, inner)
        }
        (of, both) => return assert_eq!(of.as_ref().err(), both.err().as_ref(), "{text:?}"),
    };
    let want = ours.inner(INTO, &inner_keys);
    assert_eq!(inner.is_some(), want.is_some(), "{text:?}");
    for (inner, want) in inner.iter().zip(&want) {
        inner_keys.iter().for_each(|key| assert_eq!(inner.raw(key), want.raw(key), "{key} of {INTO} of {text:?}"));
    }
}

/// Strings are looked at in blocks: whatever stands at whichever place of one, and before whatever.
#[test]
fn strings_end_where_they_end_however_long_they_are() {
    let odd = [
        "", "\\", "\\\"", "\\\\", "\\n", "\\u00e9", "\\u00g9", "\\x", "\\", "\"", "\t", "\u{1}", "é", "\\\\\\\"", "\\\\\"", "\\\n",
        "\0",
    ];
    let (mut taken, mut refused) = (0, 0);
    for (before, behind) in (0..140).flat_map(|before| [0, 1, 62, 63, 64, 65, 130].map(|behind| (before, behind))) {
        for odd in odd {
            let text =
                format!("{{\"type\":\"{}{odd}{}\",\"error\":{{\"type\":\"{odd}\"}}}}", "x".repeat(before), "y".repeat(behind));
            match agree(&text) {
                true => taken += 1,
                false => refused += 1,
            }
        }
    }
    assert!(taken > 6_000 && refused > 6_000, "{taken} taken, {refused} refused");
}

/// `STOPWHY_JSON=1000000` tries more of them.
#[test]
fn three_parsers_agree_on_generated_texts() {
    let number: u64 = std::env::var("STOPWHY_JSON").map_or(25_000, |text| text.parse().unwrap());
    let (mut taken, mut refused) = (0, 0);
    for seed in 0..number {
        let rng = Rng::new(seed);
        let text = json::object(&rng);
        taken += u64::from(agree(&text));
        for _ in 0..3 {
            match agree(&json::damaged(&text, &rng)) {
                true => taken += 1,
                false => refused += 1,
            }
        }
    }
    assert!(taken > number && refused > number, "{taken} taken, {refused} refused");
}

#[test]
fn the_policy_case_by_case() {
    use SkipReason::{JsonControl, JsonDepth, NulPadding};
    let deep = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
    for (text, want) in [
        ("{}".to_owned(), None),
        (" \t\r\n{ \"a\" : [ ] } \n".to_owned(), None),
        (deep(127), None),
        (deep(128), Some(JsonDepth)),
        (deep(1_000_000), Some(JsonDepth)),
        ("{\"a\":".repeat(1_000_000), Some(JsonDepth)),
        (r#"{"a":1e999,"b":-0,"c":18446744073709551616}"#.to_owned(), None),
        (r#"{"a":"\ud83d"}"#.to_owned(), None),
        (r#"{"\ud83d":1}"#.to_owned(), None),
        ("{\"a\":\"\u{7f}\u{2028}\u{feff}\"}".to_owned(), None),
        ("{\"a\":\"\t\"}".to_owned(), Some(JsonControl)),
        ("{\"a\":\"\\\n\"}".to_owned(), Some(JsonControl)),
        ("{\"\u{0}\":1}".to_owned(), Some(JsonControl)),
        ("{\"a\":1}\0\0".to_owned(), Some(NulPadding)),
        ("\u{c}{\"a\":1}".to_owned(), Some(SYNTAX)),
        ("{\"a\":1}\u{b} ".to_owned(), Some(SYNTAX)),
        ("{\"a\":\u{c}1}".to_owned(), Some(SYNTAX)),
        ("[".repeat(1_000_000), Some(JsonDepth)),
        ("[1]".to_owned(), Some(SYNTAX)),
        ("{\"a\":1}x".to_owned(), Some(SYNTAX)),
        ("\u{feff}{}".to_owned(), Some(SYNTAX)),
        ("{\u{a0}}".to_owned(), Some(SYNTAX)),
        ("{\"a\":1,}".to_owned(), Some(SYNTAX)),
        ("{,}".to_owned(), Some(SYNTAX)),
        ("{\"a\"}".to_owned(), Some(SYNTAX)),
        ("{'a':1}".to_owned(), Some(SYNTAX)),
        ("{a:1}".to_owned(), Some(SYNTAX)),
        ("{\"a\":01}".to_owned(), Some(SYNTAX)),
        ("{\"a\":1.}".to_owned(), Some(SYNTAX)),
        ("{\"a\":.5}".to_owned(), Some(SYNTAX)),
        ("{\"a\":+1}".to_owned(), Some(SYNTAX)),
        ("{\"a\":-}".to_owned(), Some(SYNTAX)),
        ("{\"a\":NaN}".to_owned(), Some(SYNTAX)),
        ("{\"a\":\"\\x41\"}".to_owned(), Some(SYNTAX)),
        ("{\"a\":\"\\u12g4\"}".to_owned(), Some(SYNTAX)),
        ("{\"a\":[1,2}".to_owned(), Some(SYNTAX)),
        ("[]".to_owned(), Some(SYNTAX)),
        ("\"a\"".to_owned(), Some(SYNTAX)),
        (String::new(), Some(SYNTAX)),
    ] {
        let ours = product::Members::of(&text, &KEYS).err();
        assert_eq!(ours, want, "{:?}", text.chars().take(40).collect::<String>());
    }
    let last =
        product::Members::of(r#"{"type":"a","stop\u0052eason":"x","\u0074ype":"b","error":"{\"type\":\"c\"}"}"#, &KEYS).unwrap();
    assert_eq!((last.text("type").as_deref(), last.text("stopReason").as_deref()), (Some("b"), Some("x")));
    assert_eq!(last.inner("error", &["type"]).map(|m| m.raw("type").is_some()), None, "JSON in a string is a string");
    let odd = product::Members::of(r#"{"type":1e999,"error":18446744073709551616,"stopReason":-0}"#, &KEYS).unwrap();
    assert_eq!((odd.number("type"), odd.raw("error")), (None, Some("18446744073709551616")));
    assert_eq!(odd.number("stopReason"), Some(0.0));
}

#[test]
fn glued_records_are_taken_apart() {
    let whole = |text: &str| -> Vec<String> {
        product::glued(text.as_bytes()).iter().map(|one| text[one.from..one.to].to_owned()).collect()
    };
    assert_eq!(whole(r#"{"a":"}{"}"#), [""; 0]);
    assert_eq!(whole(r#"{"a":"}{"}{"b":2}"#), [r#"{"a":"}{"}"#, r#"{"b":2}"#]);
    assert_eq!(whole("{}{}{\"cut"), ["{}", "{}", "{\"cut"]);
    assert_eq!(whole("{\"a\":1}\0\0{\"b\":2}\0"), ["{\"a\":1}", "{\"b\":2}\0"]);
    for text in [r#"{"a":1} {"b":2}"#, r#"{"a":1}x{"b":2}"#, "}{", "{}{".trim_end_matches('{'), "text }{ text"] {
        assert_eq!(whole(text), [""; 0], "{text}");
    }
}
