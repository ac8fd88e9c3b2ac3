//! Where in a text a literal stands: as a word that is said, or inside the name of something.
//!
//! Servers quote what they were sent: a 400 names the function, value or file that it found fault with, and
//! people call their tools `token_revoked_audit`. Such a name says nothing of the login.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// The word before a quoted name, up to its opening quote, which JSON may have escaped.
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used)] // a literal pattern, covered by the tests below
    Regex::new(
        "(?i)\\b(?:functions?|tools?|values?|param(?:eter)?s?|propert(?:y|ies)|fields?|arguments?|models?|files?|paths?|schemas?)[\"'\\\\]*\\s*[:=]?\\s*\\\\*([\"'`])",
    )
    .unwrap()
});

/// A name is no longer than this, in bytes.
const LONGEST: usize = 200;

/// The names that a text quotes.
pub(super) struct Names(Vec<Range<usize>>);

impl Names {
    /// All of them, in order.
    pub(super) fn of(text: &str) -> Names {
        let name = |found: regex::Captures<'_>| {
            let quote = found.get(1)?;
            let end = quote.end();
            let rest = text.as_bytes().get(end..text.len().min(end.saturating_add(LONGEST)))?;
            let length = rest.iter().position(|b| quote.as_str().as_bytes().first() == Some(b))?;
            Some(end..end.saturating_add(length))
        };
        Names(LEAD.captures_iter(text).filter_map(name).collect())
    }

    /// Does this range lie inside one of them?
    pub(super) fn hold(&self, range: Range<usize>) -> bool {
        let after = self.0.partition_point(|name| name.start <= range.start);
        let before = after.checked_sub(1).and_then(|index| self.0.get(index));
        before.is_some_and(|name| range.end <= name.end)
    }

    /// Is what stands in this range of the text said, and no part of a name?
    pub(super) fn is_said(&self, text: &str, range: Range<usize>) -> bool {
        stands_alone(text, &range) && !self.hold(range)
    }
}

/// Codes are words of their own: `sso_token_revoked` and `token_expired.md` are others. A sentence may not
/// begin within one.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let (Some(before), Some(found), Some(after)) = (text.get(..range.start), text.get(range.clone()), text.get(range.end..)) else {
        return false;
    };
    let last = before.chars().next_back();
    if !is_code(found) {
        return last != Some('_') || found.starts_with(|c: char| !c.is_ascii_alphanumeric());
    }
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/');
    let mut next = after.chars();
    let runs_on = match next.next() {
        Some('.') => next.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        Some(c) => joins(c) || c == '\\' && next.next().is_some_and(|c| c.is_ascii_alphanumeric() && c != 'n'),
        None => false,
    };
    !last.is_some_and(joins) && !runs_on
}

fn is_code(literal: &str) -> bool {
    literal.contains('_') && literal.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn is_said(text: &str, literal: &str) -> bool {
        let start = text.find(literal).unwrap();
        Names::of(text).is_said(text, start..start + literal.len())
    }

    #[test]
    fn names_are_not_said() {
        for (text, literal, want) in [
            ("code: token_revoked", "token_revoked", true),
            ("'code': 'token_revoked'", "token_revoked", true),
            ("it was token_revoked.", "token_revoked", true),
            ("sso__token_revoked", "token_revoked", false),
            ("token_revoked_audit", "token_revoked", false),
            ("open /notes/token_revoked.md", "token_revoked", false),
            ("Invalid value: 'token_revoked'", "token_revoked", false),
            ("Invalid schema for function \\\"token_revoked\\\": no", "token_revoked", false),
            ("file 'maximum context length.pdf'", "maximum context length", false),
            ("function 'a' failed: maximum context length", "maximum context length", true),
            ("tool 'a', it is token_revoked and not 'b'", "token_revoked", true),
            ("list_certificate", "certificate", false),
            ("bad certificate", "certificate", true),
        ] {
            assert_eq!(is_said(text, literal), want, "{text}");
        }
    }
}
