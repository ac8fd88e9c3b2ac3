//! Reports of stopwhy's own: recognised, so that a folder with an earlier report in it reads
//! clean, and never taken as evidence, so that no verdict feeds on another.

use super::{Format, Shape, Sniff};
use crate::event::SourceKind;
use crate::source::Head;
use memchr::memmem;

/// The format name that every JSON report opens with.
const JSON: &[u8] = b"\"schema\": \"stopwhy.report/";
/// The heading that every Markdown report opens with.
const MARKDOWN: &[u8] = b"# Why the turns stopped\n";

pub(super) static FORMATS: &[Format] =
    &[Format { kind: SourceKind::OwnReport, sniff, shape: Shape::Nothing, tails: &[], outside: false }];

fn sniff(head: &Head<'_>) -> Sniff {
    let start = &head.bytes[..head.bytes.len().min(64)];
    let json = start.starts_with(b"{") && memmem::find(start, JSON).is_some();
    if json || start.starts_with(MARKDOWN) { Sniff::Yes } else { Sniff::No }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Name;

    #[test]
    fn only_reports_are_taken_for_reports() {
        let name = Name::of_text("x");
        let sniffed = |bytes: &[u8]| sniff(&Head { name: &name, bytes, whole: true });
        assert_eq!(sniffed(b"{\n  \"schema\": \"stopwhy.report/1\",\n"), Sniff::Yes);
        assert_eq!(sniffed(b"# Why the turns stopped\n\n## I1\n"), Sniff::Yes);
        assert_eq!(sniffed(b"{\"type\":\"message\",\"text\":\"# Why the turns stopped\"}"), Sniff::No);
        assert_eq!(sniffed(b""), Sniff::No);
    }
}
