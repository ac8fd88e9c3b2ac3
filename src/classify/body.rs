//! The code in the body of an answer, where an error text repeats it as JSON or as Python prints it.
//!
//! The body is walked as what it is, a row of quoted words: what its message quotes, were it a body of its
//! own, is within one word and no code of the answer.

/// Codes of an answer are no longer than this, in bytes.
const LONGEST: usize = 80;
/// So many types are looked at.
const TYPES: usize = 4;

/// What a body states about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body<'a> {
    /// The first `code` that is a word.
    pub(super) code: Option<&'a str>,
    /// Words under `type` and `error`, in order: they are often general.
    pub(super) types: Vec<&'a str>,
}

impl<'a> Body<'a> {
    /// The body that a text repeats, from its first brace on.
    pub(super) fn of(text: &'a str) -> Body<'a> {
        let mut body = Body::default();
        let mut rest = text.find('{').and_then(|start| text.get(start..)).unwrap_or_default();
        let mut key = None;
        while let Some(at) = rest.find(['"', '\'', ',', '{', '}']) {
            let Some((word, after)) = word(rest, at) else {
                match rest.as_bytes().get(at) {
                    Some(b',' | b'{' | b'}') => key = None,
                    // A quote that nothing closes: the text was cut.
                    _ => break,
                }
                rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
                continue;
            };
            rest = after.trim_start();
            match (rest.strip_prefix(':'), key.take()) {
                (Some(value), _) => (key, rest) = (Some(word), value),
                (None, Some(key)) => body.take(key, word),
                (None, None) => {}
            }
        }
        body
    }

    fn take(&mut self, key: &str, word: &'a str) {
        if !is_word(word) {
            return;
        }
        match key {
            "code" => self.code = self.code.or(Some(word)),
            "type" | "error" if self.types.len() < TYPES => self.types.push(word),
            _ => {}
        }
    }
}

/// Is this a code as services have them (`invalid_value`)? Node's own (`ECONNRESET`) are none.
pub(super) fn is_word(code: &str) -> bool {
    let shape = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '…');
    code.len() <= LONGEST && code.starts_with(|c: char| c.is_ascii_lowercase()) && code.chars().all(shape)
}

/// The quoted word that begins at `at`, and what follows it. Where the body itself was put into a string,
/// its quotes are escaped.
fn word(text: &str, at: usize) -> Option<(&str, &str)> {
    let quote = *text.as_bytes().get(at)?;
    if quote != b'"' && quote != b'\'' {
        return None;
    }
    let escaped = at.checked_sub(1).and_then(|before| text.as_bytes().get(before)) == Some(&b'\\');
    let start = at.saturating_add(1);
    let bytes = text.as_bytes().get(start..)?;
    let mut backslashes = 0_usize;
    for (index, byte) in bytes.iter().enumerate() {
        if *byte == quote && backslashes == usize::from(escaped) || (*byte == quote && !escaped && backslashes.is_multiple_of(2)) {
            let end = start.saturating_add(index);
            let word = text.get(start..end.saturating_sub(backslashes))?;
            return Some((word, text.get(end.saturating_add(1)..)?));
        }
        backslashes = if *byte == b'\\' { backslashes.saturating_add(1) } else { 0 };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_the_answer_and_not_of_what_it_quotes() {
        for (text, want) in [
            (r#"400 {"error":{"message":"no {\"code\":\"token_revoked\"}","code":"invalid_value"}}"#, Some("invalid_value")),
            (
                "Error code: 401 - {'error': {'message': 'it\\'s over', 'param': None, 'code': 'token_expired'}}",
                Some("token_expired"),
            ),
            ("{'error': {'message': \"the user's 'code': 'x'\", 'code': None, 'type': 'y'}}", None),
            (r#"said {\"error\":{\"code\":\"invalid_value\"}}"#, Some("invalid_value")),
            (r#"{"code":401,"error":{"code":"token_revoked"}}"#, Some("token_revoked")),
            (r#"{"code":"ECONNRESET"}"#, None),
            (r#"{"message":"cut off, "code"#, None),
            (r#"{"message":"cut o"#, None),
            ("no body, code 'token_revoked'", None),
            ("{", None),
            ("\\\"{\\", None),
        ] {
            assert_eq!(Body::of(text).code, want, "{text}");
        }
        assert_eq!(Body::of(r#"{"error":{"type":"usage_limit_reached"}}"#).types, ["usage_limit_reached"]);
        assert_eq!(Body::of(r#"{"error":"invalid_grant","error_description":"x"}"#).types, ["invalid_grant"]);
    }
}
