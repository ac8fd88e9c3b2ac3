//! `cron/runs/<job>.jsonl`: one line per finished run of a scheduled job (to 2026.5; later the same
//! text is a value of `cron_run_logs`, then of other tables).
//!
//! `{ts, jobId, action:"finished", status:"ok"|"error"|"skipped", error?, errorReason?, sessionId?,
//! sessionKey?, runAtMs?, durationMs?, provider?, model?}`, times in epoch milliseconds. A run that
//! failed before the model was asked has no other record once the gateway's log is gone. A run
//! that was skipped was not due, and an `ok` may stand for a job that asked no model.

use super::runs_table::Ran;
use super::{skipped, turn};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::secret::Kind;
use crate::source::{Head, Line};
use crate::time::Stamp;

const LINE: [&str; 11] =
    ["ts", "jobId", "action", "status", "error", "errorReason", "sessionId", "runId", "runAtMs", "provider", "model"];

pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let first = head.first_line().map(|(line, _)| json::text(line));
    let ours = first.is_some_and(|text| Members::of(&text, &LINE).is_ok_and(|line| is_run(&line)));
    let placed = head.name.ends_in("cron/runs/*") && head.name.file().ends_with(".jsonl");
    if ours || placed { Sniff::Yes } else { Sniff::No }
}

fn is_run(line: &Members<'_, 11>) -> bool {
    line.text("action").as_deref() == Some("finished") && line.text("jobId").is_some() && line.number("ts").is_some()
}

pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Runs)
}

struct Runs;

impl Reader for Runs {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        if line.bytes.trim_ascii().is_empty() {
            return Outcome::Used;
        }
        entry(line, facts)
    }
}

/// One finished run.
pub(super) fn entry(line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(line.bytes);
    let run = match Members::of(&text, &LINE) {
        Ok(run) => run,
        Err(reason) => return skipped(line, reason),
    };
    if !is_run(&run) {
        return Outcome::Unknown;
    }
    if run.text("status").as_deref() == Some("error") {
        let text = |key: &str| run.text(key).map(std::borrow::Cow::into_owned);
        let (error, reason, provider, model) = (text("error"), text("errorReason"), text("provider"), text("model"));
        let time = |key: &str| run.number(key).and_then(Stamp::epoch);
        let named = text("runId");
        let session = run.text("sessionId").map(|id| facts.key(Kind::Session, &id));
        let ran = Ran {
            ended_at: time("ts"),
            started_at: time("runAtMs"),
            session,
            run: named.as_deref(),
            provider: provider.as_deref(),
            model: model.as_deref(),
            error: error.as_deref(),
            reason: reason.as_deref(),
        };
        let id = facts.record_key(line.bytes);
        ran.failed_at(turn::Place { origin: facts.origin(line), written: ran.ended_at, session, id: Some(id) }, facts);
    }
    Outcome::Used
}
