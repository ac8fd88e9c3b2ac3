//! `cron/output/<job>/<time>.md`: what a scheduled job came to (0.10 to 0.19).
//!
//! A job that failed says so in its title and ends with the error in a fence. That of a credential
//! that could not be resolved is kept nowhere else: no session was begun. The time is naive, in
//! the zone that Hermes is set to (mostly that of the machine), and that of the run's end. What a
//! job was asked or answered is never read; the prompt may hold a heading of the same name, so the
//! last one counts.

use super::words::{credential_error, provider_in};
use crate::event::{ErrorClass, SourceKind, Stop, Turn};
use crate::reader::{Context, Facts, Format, Outcome, Shape, Sniff, json};
use crate::secret::Kind;
use crate::source::Head;
use crate::time::Stamp;

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesCronOutput,
    sniff,
    shape: Shape::Whole(read),
    tails: &["backups/*/cron/output/*/*", "cron/output/*/*"],
    outside: false,
};

const TITLE: &str = "# Cron Job: ";
const JOB: &str = "**Job ID:** ";
const TIME: &str = "**Run Time:** ";

/// The title, and then the id of the job.
fn sniff(head: &Head<'_>) -> Sniff {
    let text = json::text(&head.bytes[..head.bytes.len().min(2048)]);
    let titled = text.trim_start_matches('\u{feff}').trim_start().starts_with(TITLE);
    if titled && text.lines().any(|line| line.starts_with(JOB)) { Sniff::Yes } else { Sniff::No }
}

fn read(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map_or("", str::trim);
    let failed = text.lines().next().is_some_and(|title| title.trim_end().ends_with(" (FAILED)"));
    let Some(error) = error(&text).filter(|_| failed) else { return Outcome::Used };
    let failure = credential_error(error.split_once(": ").filter(|(name, _)| is_class(name)).map_or(error, |(_, rest)| rest));
    let (job, time) = (field(JOB), field(TIME));
    let turn = Turn {
        session: None,
        id: Some(facts.key(Kind::Turn, &format!("cron {job} {time}"))),
        run: None,
        started: None,
        // A job that another one was still at, or that was stopped, is no turn that failed.
        stop: if failure.class == ErrorClass::Aborted { Stop::Aborted } else { Stop::Error },
        provider: provider_in(error),
        model: None,
        failure: Some(failure),
        labelled: None,
        transport: None,
        account: None,
        resident: false,
    };
    facts.turn(Stamp::parse(time), facts.whole(), turn, error);
    Outcome::Used
}

/// The first line of the fence below the last heading of an error.
fn error(text: &str) -> Option<&str> {
    let (_, below) = text.rsplit_once("## Error")?;
    below.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("```"))
}

/// `RuntimeError`, as Python names its errors.
fn is_class(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{kind_of, read_file};
    use super::*;
    use crate::event::Provider;

    fn doc(title: &str, tail: &str) -> String {
        format!(
            "# Cron Job: {title}\n\n**Job ID:** 0a1b2c\n**Run Time:** 2026-05-10 08:15:02\n**Schedule:** daily\n\n\
             ## Prompt\n\nsay 401\n## Error\n```\ntoken_expired\n```\n\n{tail}"
        )
    }

    fn of(text: &str) -> Vec<(Stop, Option<ErrorClass>, Provider)> {
        let (_, stated) = read_file("h/cron/output/0a1b2c/2026-05-10_08-15-02.md", text.as_bytes());
        stated.turns.iter().map(|t| (t.stop, t.failure.map(|f| f.class), t.asked.provider)).collect()
    }

    #[test]
    fn only_the_error_at_the_end_of_a_failed_job_counts() {
        let error =
            "## Error\n\n```\nRuntimeError: Codex refresh token was already consumed by another client (x).\n\nTraceback\n```\n";
        let want = vec![(Stop::Error, Some(ErrorClass::RefreshTokenReused), Provider::OpenaiCodex)];
        assert_eq!(of(&doc("news (FAILED)", error)), want);
        assert_eq!(of(&doc("news (FAILED)", error).replace('\n', "\r\n")), want);
        assert_eq!(of(&doc("news", "## Response\n\nRefresh token was already consumed\n")), vec![]);
        let limit = "## Error\n\n```\nAPI call failed after 3 retries: HTTP 429: The usage limit has been reached\n```\n";
        assert_eq!(of(&doc("news (FAILED)", limit)), vec![(Stop::Error, Some(ErrorClass::UsageLimit), Provider::Unknown)]);
    }

    #[test]
    fn told_by_its_head() {
        assert_eq!(kind_of("x.md", doc("a", "").as_bytes()), Some(SourceKind::HermesCronOutput));
        assert_eq!(kind_of("x.md", b"# Cron Job: mine\n\nnotes\n"), None);
    }
}
