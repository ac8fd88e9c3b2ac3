//! JSON with the members in the order in which they were put: clients are recognised by it, and
//! `serde_json` sorts. Printed as `JSON.stringify` and serde do, as Python does, and indented.

/// A JSON value, ready to print.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// A number, `true`, `false` or `null`, as it is printed.
    Raw(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// An object, members in order: `obj! { "type": "session", "version": 3 }`.
macro_rules! obj {
    ($($key:literal : $value:expr),* $(,)?) => {
        $crate::make::json::Json::Object(vec![$(($key.to_owned(), $crate::make::json::Json::from($value))),*])
    };
}
pub(crate) use obj;

/// An array of anything that turns into JSON.
macro_rules! arr {
    ($($value:expr),* $(,)?) => { $crate::make::json::Json::List(vec![$($crate::make::json::Json::from($value)),*]) };
}
pub(crate) use arr;

macro_rules! raw {
    ($($kind:ty),*) => { $(impl From<$kind> for Json {
        fn from(value: $kind) -> Json { Json::Raw(value.to_string()) }
    })* };
}
raw!(i64, i32, u64, usize, bool);

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_owned())
    }
}

impl From<&String> for Json {
    fn from(text: &String) -> Json {
        Json::Text(text.clone())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Json {
        Json::List(items)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or_else(|| Json::Raw("null".to_owned()), Into::into)
    }
}

/// How a value is laid out.
#[derive(Clone, Copy)]
struct Layout {
    comma: &'static str,
    colon: &'static str,
    indent: Option<usize>,
}

impl Json {
    /// `null`.
    pub fn null() -> Json {
        Json::Raw("null".to_owned())
    }

    /// A number that needs a point.
    pub fn float(number: f64) -> Json {
        Json::Raw(number.to_string())
    }

    /// This object with a further member.
    pub fn and(mut self, key: &str, value: impl Into<Json>) -> Json {
        if let Json::Object(members) = &mut self {
            members.push((key.to_owned(), value.into()));
        }
        self
    }

    /// Has this object a member `key`?
    pub fn has(&self, key: &str) -> bool {
        matches!(self, Json::Object(members) if members.iter().any(|(k, _)| k == key))
    }

    /// The member `key` of this object; None where there is none.
    pub fn member(&mut self, key: &str) -> Option<&mut Json> {
        match self {
            Json::Object(members) => members.iter_mut().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// One line, as `JSON.stringify` and serde print it.
    pub fn line(&self) -> String {
        self.print(Layout { comma: ",", colon: ":", indent: None })
    }

    /// One line, as Python's `json.dumps` prints it.
    pub fn python(&self) -> String {
        self.print(Layout { comma: ", ", colon: ": ", indent: None })
    }

    /// Indented by two blanks, without a final newline.
    pub fn pretty(&self) -> String {
        self.print(Layout { comma: ",", colon: ": ", indent: Some(0) })
    }

    fn print(&self, layout: Layout) -> String {
        let mut out = String::new();
        self.put(&mut out, layout);
        out
    }

    fn put(&self, out: &mut String, layout: Layout) {
        match self {
            Json::Raw(text) => out.push_str(text),
            Json::Text(text) => put_text(out, text),
            Json::List(items) => put_items(out, layout, ('[', ']'), items, |out, item, inner| item.put(out, inner)),
            Json::Object(members) => put_items(out, layout, ('{', '}'), members, |out, (key, value), inner| {
                put_text(out, key);
                out.push_str(inner.colon);
                value.put(out, inner);
            }),
        }
    }
}

fn put_items<T>(out: &mut String, layout: Layout, ends: (char, char), items: &[T], put: impl Fn(&mut String, &T, Layout)) {
    let inner = Layout { indent: layout.indent.map(|depth| depth + 1), ..layout };
    out.push(ends.0);
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { layout.comma });
        new_line(out, inner);
        put(out, item, inner);
    }
    if !items.is_empty() {
        new_line(out, layout);
    }
    out.push(ends.1);
}

fn new_line(out: &mut String, layout: Layout) {
    if let Some(depth) = layout.indent {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
}

fn put_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}
