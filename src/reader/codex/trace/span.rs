//! Span context of a tracing record: where it ends, and the ids in its fields.
//!
//! Spans are written `name{key=value key="value"}:name:…: `. Field values are input (paths,
//! prompts, error texts), so a message is only looked for behind them, never inside.

use crate::shortcuts;

/// Span context, target and message of a text record.
pub(crate) fn split_text(text: &str) -> (&str, &str, &str) {
    let (spans, rest) = split_row(text);
    let Some(len) = target_len(rest) else { return (spans, "", rest) };
    let (target, message) = (&rest[..len], &rest[len + 2..]);
    // A lone span without fields looks like a target; then the path behind it is the target.
    match target_len(message) {
        Some(next) if spans.is_empty() && !target.contains("::") && message[..next].contains("::") => {
            (&text[..len + 2], &message[..next], &message[next + 2..])
        }
        _ => (spans, target, message),
    }
}

/// Span context and message of a row of `logs_2.sqlite` (`feedback_log_body`), which has its
/// stamp, level and target in columns of their own. Field values that are not quoted (paths) may
/// look like the end of a span, so the message stands behind the last such end; one inside a quoted
/// value of the message is none.
pub(crate) fn split_row(body: &str) -> (&str, &str) {
    let first = context_len(body);
    let last = last_end(body).unwrap_or(first);
    let quotes = body.get(first..last).map_or(0, |between| memchr::memchr_iter(b'"', between.as_bytes()).count());
    body.split_at(if last > first && (first == 0 || quotes % 2 == 0) { last } else { first })
}

/// Behind the last closed span with names of further spans, as in `}:run: `.
fn last_end(body: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    memchr::memrchr_iter(b'}', bytes).find_map(|brace| {
        // Nearly all braces end no span.
        (bytes.get(brace + 1) == Some(&b':')).then_some(())?;
        let names = bytes[brace + 1..].iter().take_while(|b| is_name(**b) || **b == b':').count();
        let end = brace + 1 + names;
        let closed = bytes[end - 1] == b':' && bytes.get(end) == Some(&b' ');
        closed.then_some(end + 1)
    })
}

/// Value of the innermost span field with one of these names.
pub(crate) fn field<'a>(spans: &'a str, names: &[&str]) -> Option<&'a str> {
    let is_there = |name: &&str| memchr::memmem::find(spans.as_bytes(), name.as_bytes()).is_some();
    (!shortcuts::are_taken() || names.iter().any(is_there)).then(|| innermost(spans, names)).flatten()
}

/// The same, field by field.
fn innermost<'a>(spans: &'a str, names: &[&str]) -> Option<&'a str> {
    let bytes = spans.as_bytes();
    let (mut found, mut key, mut at) = (None, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b' ' => key = at + 1,
            b'"' => at = quote_end(bytes, at).unwrap_or(bytes.len()),
            b'=' => {
                let name = spans.get(key..at).unwrap_or_default();
                let (value, end) = value(spans, at + 1);
                if names.contains(&name) && !value.is_empty() {
                    found = Some(value);
                }
                key = end;
                at = end.max(at + 1);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The value that starts at `from`, and where it ends.
fn value(spans: &str, from: usize) -> (&str, usize) {
    let bytes = spans.as_bytes();
    if bytes.get(from) == Some(&b'"') {
        let end = quote_end(bytes, from).unwrap_or(bytes.len());
        return (spans.get(from + 1..end).unwrap_or_default(), (end + 1).min(bytes.len()));
    }
    let len = bytes[from.min(bytes.len())..].iter().take_while(|b| !matches!(b, b' ' | b'}' | b'{')).count();
    (spans.get(from..from + len).unwrap_or_default(), from + len)
}

/// Where the quoted string that begins at `from` ends (its closing quote).
fn quote_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        let rest = bytes.get(at..)?;
        let next = memchr::memchr2(b'"', b'\\', rest)?;
        if rest[next] == b'"' {
            return Some(at + next);
        }
        at += next + 2;
    }
}

/// Length of the span context with the blank behind it; 0 without one.
fn context_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut certain) = (0, false);
    loop {
        let name = bytes[at..].iter().take_while(|b| is_name(**b)).count();
        at += name;
        if name > 0 && bytes.get(at) == Some(&b'{') {
            let Some(end) = fields_end(bytes, at, true).or_else(|| fields_end(bytes, at, false)) else { return 0 };
            (at, certain) = (end, true);
        }
        match (name, bytes.get(at), bytes.get(at + 1)) {
            (1.., Some(b':'), Some(b' ')) => return if certain { at + 2 } else { 0 },
            (1.., Some(b':'), Some(next)) if *next != b':' => (at, certain) = (at + 1, true),
            _ => return 0,
        }
    }
}

/// The bytes of names of spans and targets, and of targets alone: each byte of a record's start is asked.
static NAME: [bool; 256] = letters_and(b"_.-/");
static TARGET: [bool; 256] = letters_and(b"_:.");

const fn letters_and(others: &[u8]) -> [bool; 256] {
    let (mut table, mut at) = ([false; 256], 0);
    while at < table.len() {
        table[at] = (at as u8).is_ascii_alphanumeric();
        at += 1;
    }
    at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
}

fn is_name(byte: u8) -> bool {
    NAME[usize::from(byte)]
}

/// Behind the brace that closes the one at `from`. Unquoted values may hold a lone quote, so
/// there is a second try that does not heed quotes.
fn fields_end(bytes: &[u8], from: usize, heed_quotes: bool) -> Option<usize> {
    let (mut depth, mut at) = (0usize, from);
    loop {
        let rest = bytes.get(at..)?;
        at += memchr::memchr3(if heed_quotes { b'"' } else { b'{' }, b'{', b'}', rest)?;
        match bytes.get(at)? {
            b'"' => at = quote_end(bytes, at)?,
            b'{' => depth += 1,
            _ => depth = depth.saturating_sub(1),
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Length of the target (`codex_core::auth`) that stands before `: `.
fn target_len(text: &str) -> Option<usize> {
    let len = text.bytes().take_while(|b| TARGET[usize::from(*b)]).count();
    let path = text.get(..len)?.strip_suffix(':')?;
    let fits = text.as_bytes().get(len) == Some(&b' ') && !path.is_empty() && !path.ends_with(':');
    fits.then_some(path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPANS: &str = r#"session_loop{thread_id=T0}:dispatch{name="op: x}\" y" submission.id="S"}:load:turn{thread.id=T1 turn.id=U1 model=gpt-5.5 cwd=/a b}:run: "#;

    #[test]
    fn a_record_is_split_behind_its_spans() {
        for (text, want) in [
            (
                format!("{SPANS}codex_core::session::turn: Turn error: x: y"),
                (SPANS, "codex_core::session::turn", "Turn error: x: y"),
            ),
            ("codex_core::auth: Refreshing token".to_owned(), ("", "codex_core::auth", "Refreshing token")),
            ("codex_app_server: a: b".to_owned(), ("", "codex_app_server", "a: b")),
            ("Failed to refresh token: x".to_owned(), ("", "", "Failed to refresh token: x")),
            ("load: codex_core::x: new".to_owned(), ("load: ", "codex_core::x", "new")),
            ("a{b=it\"s}: t::u: m".to_owned(), ("a{b=it\"s}: ", "t::u", "m")),
        ] {
            assert_eq!(split_text(&text), want, "{text}");
        }
        assert_eq!(split_row(&format!("{SPANS}Reloading auth")), (SPANS, "Reloading auth"));
        assert_eq!(split_row("Reloaded auth, changed: false"), ("", "Reloaded auth, changed: false"));
    }

    #[test]
    fn a_message_copied_into_a_field_is_no_message() {
        for (body, message) in [
            (r#"turn{cwd=/a}: Refreshing token x}:run: Reloading auth"#, "Reloading auth"),
            (r#"turn{name="}: Refreshing token"}: Reloading auth"#, "Reloading auth"),
            (r#"turn{cwd=/a{b}:run: Refreshing token"#, "Refreshing token"),
            (r#"turn{id=1}: noted text="a}: Refreshing token""#, r#"noted text="a}: Refreshing token""#),
            (
                "turn{id=1}: Failed to refresh token: 401 Unauthorized: {\n  \"error\": {}\n}",
                "Failed to refresh token: 401 Unauthorized: {\n  \"error\": {}\n}",
            ),
        ] {
            assert_eq!(split_row(body).1, message, "{body}");
        }
    }

    #[test]
    fn the_innermost_field_counts_and_quoted_text_does_not() {
        assert_eq!(field(SPANS, &["thread_id", "thread.id"]), Some("T1"));
        assert_eq!(field(SPANS, &["submission.id"]), Some("S"));
        assert_eq!(field(SPANS, &["model"]), Some("gpt-5.5"));
        assert_eq!(field(r#"a{x="turn.id=no"}: "#, &["turn.id"]), None);
        assert_eq!(field(SPANS, &["absent"]), None);
    }

    /// Byte by byte, as the grammar is told.
    fn slow_end(bytes: &[u8], from: usize, heed_quotes: bool) -> Option<usize> {
        let (mut depth, mut at) = (0usize, from);
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' if heed_quotes => {
                    at += 1;
                    while *bytes.get(at)? != b'"' {
                        at += if bytes[at] == b'\\' { 2 } else { 1 };
                    }
                }
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    #[test]
    fn braces_end_where_they_do_byte_by_byte_and_a_field_that_is_there_is_found() {
        for at in 0..SPANS.len() {
            for put in ["", "{", "}", "\"", "\\", "=", " ", "x"] {
                let text = format!("{}{put}{}", &SPANS[..at], &SPANS[at + usize::from(at % 2 == 0)..]);
                let bytes = text.as_bytes();
                for from in memchr::memchr_iter(b'{', bytes) {
                    for heed in [true, false] {
                        assert_eq!(fields_end(bytes, from, heed), slow_end(bytes, from, heed), "{text} {from}");
                    }
                }
                // The look at the names alone rules nothing out that a walk over all fields finds.
                for names in [&["turn.id"][..], &["thread_id", "thread.id"], &["absent"], &["x", ""]] {
                    assert_eq!(field(&text, names), innermost(&text, names), "{text}");
                }
            }
        }
    }

    #[test]
    fn nothing_panics_on_any_cut() {
        let text = format!("{SPANS}codex_core::auth: é {{ \"");
        for cut in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
            for piece in [&text[..cut], &text[cut..]] {
                let _ = (split_text(piece), split_row(piece), field(piece, &["turn.id"]));
            }
        }
    }
}
