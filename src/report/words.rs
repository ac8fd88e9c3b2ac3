//! How clients, times and numbers are written for people, in sentences and in tables alike.

use super::model::{EvidenceJson, IncidentJson};
use crate::event::Client;
use crate::time::{self, Stamp};

/// A dash for what is absent.
pub(super) const ABSENT: &str = "–";

/// A client on its machine, where there are several: `Codex on host-2`.
pub(super) fn on(client: &str, host: Option<&str>) -> String {
    host.map_or_else(|| title(client).to_owned(), |host| format!("{} on {host}", title(client)))
}

/// Is this time known by naive stamps alone?
pub(super) fn is_adrift(i: &IncidentJson, at: &str) -> bool {
    let mut known = i.evidence.iter().filter(|e: &&EvidenceJson| e.at.as_deref() == Some(at)).peekable();
    known.peek().is_some() && known.all(|e| e.zone == "unknown")
}

/// A time of an incident in a sentence, with its zone.
pub(super) fn dated(i: &IncidentJson, at: &str) -> String {
    let zone = if is_adrift(i, at) { "(zone unknown)" } else { "UTC" };
    format!("{} {zone}", readable(at))
}

/// A client's name for people.
pub(super) fn title(word: &str) -> &'static str {
    let all = [
        Client::Hermes,
        Client::Openclaw,
        Client::Pi,
        Client::Codex,
        Client::CodexCli,
        Client::CodexExec,
        Client::CodexVscode,
        Client::CodexDesktop,
        Client::Opencode,
    ];
    all.into_iter().find(|c| c.word() == word).unwrap_or(Client::Unknown).title()
}

/// `1 turn`, `2 turns`.
pub(super) fn plural(n: u64, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

/// A sentence of the JSON report with its times as people read them: `2026-05-10 06:15:02 UTC`.
pub(super) fn plain(says: &str) -> String {
    /// Length of a time in JSON, `2026-05-10T06:15:02.123Z`.
    const STAMP: usize = 24;
    let (mut text, mut rest) = (String::with_capacity(says.len()), says);
    while let Some(at) = rest.find("Z").map(|end| end + 1) {
        let (before, after) = rest.split_at(at);
        let stamp = at.checked_sub(STAMP).and_then(|from| before.split_at_checked(from)).filter(|(_, stamp)| is_stamp(stamp));
        match stamp {
            // Which clock it is by follows.
            Some((before, stamp)) if after.starts_with(" (zone unknown)") => text.extend([before, &readable(stamp)]),
            Some((before, stamp)) => text.extend([before, &readable(stamp), " UTC"]),
            None => text.push_str(before),
        }
        rest = after;
    }
    text + rest
}

fn is_stamp(text: &str) -> bool {
    text.contains('T') && Stamp::parse(text).is_some()
}

/// A JSON time as people read it.
pub(super) fn readable(text: &str) -> String {
    time::readable(ms(text))
}

pub(super) fn ms(text: &str) -> i64 {
    Stamp::parse(text).map_or(0, |s| s.ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_sentences_are_read_by_people() {
        let said = |text| plain(text);
        assert_eq!(said("issued 2026-05-22T09:20:12.536Z, good"), "issued 2026-05-22 09:20:12 UTC, good");
        assert_eq!(said("(2026-05-22T09:20:12.536Z): Zone"), "(2026-05-22 09:20:12 UTC): Zone");
        assert_eq!(said("at 2026-05-22T09:20:12.536Z (zone unknown)"), "at 2026-05-22 09:20:12 (zone unknown)");
        let two = "from 2026-05-22T09:20:12.536Z to 2026-05-23T00:00:00.000Z";
        assert_eq!(said(two), "from 2026-05-22 09:20:12 UTC to 2026-05-23 00:00:00 UTC");
        for other in ["", "Z", "no time in CET or Z", "ünïcödé that is longer than a stamp is Z"] {
            assert_eq!(said(other), other);
        }
    }

    #[test]
    fn one_is_one() {
        assert_eq!(
            (plural(1, "turn"), plural(2, "turn"), plural(0, "turn")),
            ("1 turn".into(), "2 turns".into(), "0 turns".into())
        );
    }
}
