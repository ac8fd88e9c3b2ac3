//! When gateways started and ended: `state/gateway.lifecycle.json` (from July 2026),
//! `logs/gateway-exit-diag.log` (0.13 on) and `gateway-starts.log` (0.19).
//!
//! All three are on the UTC clock. A start is stated, as it is what ends a run of failures in a
//! process that had loaded an old credential; an end is read and says nothing of a credential.

use super::head;
use crate::event::{EventKind, SkipReason, SourceKind};
use crate::reader::{Facts, Format, Outcome, Reader, Shape, Sniff, json};
use crate::source::{Head, Line};
use crate::time::Stamp;

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesLifecycle,
    sniff,
    shape: Shape::Lines(|_| Box::new(Lifecycle)),
    tails: &["state/*", "logs/*"],
    outside: false,
};

fn sniff(head: &Head<'_>) -> Sniff {
    let has = |wanted: &[&str]| head::has_keys(head.bytes, wanted);
    let start = head.bytes.trim_ascii_start();
    let ours = match head.name.file() {
        "gateway-exit-diag.log" => has(&["ts", "tag", "pid"]),
        "gateway-starts.log" => !start.is_empty() && start.iter().all(|b| b.is_ascii_digit() || b".\r\n ".contains(b)),
        "gateway.lifecycle.json" => has(&["phase"]),
        _ => has(&["phase", "pid", "start_time"]) && (has(&["started_at"]) || has(&["exit_reason"])),
    };
    if ours { Sniff::Yes } else { Sniff::No }
}

const LINE: [&str; 5] = ["ts", "tag", "phase", "start_time", "started_at"];

struct Lifecycle;

impl Reader for Lifecycle {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        let text = json::text(line.bytes);
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Outcome::Used;
        }
        let started = match text.parse::<f64>() {
            Ok(seconds) => Stamp::epoch(seconds),
            Err(_) => {
                let row = match json::Members::of(text, &LINE) {
                    Ok(row) => row,
                    Err(reason) => return Outcome::Skipped(if line.torn { SkipReason::TornTail } else { reason }),
                };
                match (row.text("tag"), row.text("phase")) {
                    (Some(tag), _) if tag == "gateway.start" => row.text("ts").and_then(|ts| Stamp::parse(&ts)),
                    (Some(_), _) => return Outcome::Used,
                    // A clean end carries the start of the life that it ended.
                    (None, Some(_)) => {
                        let epoch = row.number("start_time").and_then(Stamp::epoch);
                        match epoch.or_else(|| row.text("started_at").and_then(|at| Stamp::parse(&at))) {
                            Some(at) => Some(at),
                            None => return Outcome::Used,
                        }
                    }
                    (None, None) => return Outcome::Unknown,
                }
            }
        };
        match started {
            Some(at) => facts.push(Some(at), facts.origin(line), EventKind::Started { version: None }),
            None => return Outcome::Skipped(SkipReason::TimeUnknown),
        }
        Outcome::Used
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{kind_of, read_file};
    use super::*;

    fn starts(name: &str, text: &str) -> Vec<String> {
        assert_eq!(kind_of(name, text.as_bytes()), Some(SourceKind::HermesLifecycle), "{name}");
        let (outcomes, stated) = read_file(name, text.as_bytes());
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Used), "{name}: {outcomes:?}");
        stated.stamps().map(|(at, _)| crate::time::rfc3339(at.ms)).collect()
    }

    #[test]
    fn every_file_that_tells_of_a_start() {
        let running =
            r#"{"phase": "running", "pid": 11, "start_time": 1778392800.25, "started_at": "2026-05-10T06:00:00.26+00:00"}"#;
        assert_eq!(starts("h/state/gateway.lifecycle.json", running), ["2026-05-10T06:00:00.250Z"]);
        assert_eq!(starts("copied.json", running).len(), 1);
        let exited = r#"{"phase": "exited", "pid": 11, "exit_code": 0, "exit_reason": "graceful_shutdown", "exited_at": "2026-05-10T07:00:00+00:00", "start_time": 1778392800.25}"#;
        assert_eq!(starts("h/state/gateway.lifecycle.json", exited), ["2026-05-10T06:00:00.250Z"]);
        let unknown = r#"{"phase": "exited", "pid": null, "exited_at": "2026-05-10T07:00:00+00:00"}"#;
        assert_eq!(starts("h/state/gateway.lifecycle.json", unknown).len(), 0);
        let diag = "{\"ts\": \"2026-05-10T06:00:00.1+00:00\", \"tag\": \"gateway.start\", \"pid\": 11}\n{\"ts\": \"x\", \"tag\": \"atexit.hook\", \"pid\": 11}\n";
        assert_eq!(starts("h/logs/gateway-exit-diag.log", diag), ["2026-05-10T06:00:00.100Z"]);
        assert_eq!(starts("h/gateway-starts.log", "1778392800.5\n1778392900.5\n").len(), 2);
    }
}
