//! A pattern in print: its alternations as JSON, and as the sentences and rows of the Markdown.
//!
//! Apart from the incident around it, since a row of acts is told as a table of its own.

use super::model::{PatternJson, PatternTurnJson};
use super::words;
use crate::attribute::{Evidenced, ItemKind, Verdict};
use crate::correlate::{Act, ActKind, Cycle, Pattern};
use crate::event::Origin;
use serde::Serialize;
use std::collections::BTreeSet;

/// The pattern of an incident.
pub(super) fn of(pattern: &Pattern, verdict: &Verdict, acts: &[Act]) -> PatternJson {
    let done = || pattern.cycles.iter().filter_map(|cycle| Some((cycle, acts.get(cycle.act)?)));
    let clients: BTreeSet<&str> = done().flat_map(|(cycle, act)| [act.client.word(), cycle.victim.word()]).collect();
    PatternJson {
        kind: pattern.kind.word().to_owned(),
        cycles: pattern.cycles.len() as u64,
        clients: clients.into_iter().map(str::to_owned).collect(),
        turns: done().map(|(cycle, act)| turn(cycle, act, verdict)).collect(),
    }
}

fn turn(cycle: &Cycle, act: &Act, verdict: &Verdict) -> PatternTurnJson {
    let is_failure = |kind| matches!(kind, ItemKind::Failure | ItemKind::Refusal);
    let cited = |(origin, failure): (Origin, bool)| {
        let is_it = |e: &Evidenced| e.item.origin == origin && is_failure(e.item.kind) == failure && e.points.is_some();
        verdict.evidence.iter().position(is_it)
    };
    let because = [(act.origin, false), (cycle.origin, true)].into_iter().filter_map(cited);
    PatternTurnJson {
        at: crate::time::rfc3339(act.at.ms),
        act: word(act.kind).to_owned(),
        by: act.client.word().to_owned(),
        failed_at: crate::time::rfc3339(cycle.failed.ms),
        victim: cycle.victim.word().to_owned(),
        code: cycle.class.word().to_owned(),
        because: because.map(|at| format!("E{}", at + 1)).collect(),
    }
}

fn word(kind: ActKind) -> &'static str {
    match kind {
        ActKind::Login { .. } => "login",
        ActKind::Adopted { .. } => "adoption",
        _ => "rotation",
    }
}

/// What the template shows of it.
#[derive(Serialize)]
pub(super) struct PatternPage {
    says: String,
    turns: Vec<TurnRow>,
}

#[derive(Serialize)]
struct TurnRow {
    number: usize,
    at: String,
    act: String,
    failed: String,
    because: String,
}

/// The table, of at most `most` rows: the first ones, since those show how it began.
pub(super) fn page(pattern: &PatternJson, most: usize) -> PatternPage {
    let row = |(at, turn): (usize, &PatternTurnJson)| TurnRow {
        number: at + 1,
        at: words::readable(&turn.at),
        act: format!("{} by {}", turn.act, words::title(&turn.by)),
        failed: format!("{} on {} (`{}`)", words::title(&turn.victim), words::readable(&turn.failed_at), turn.code),
        because: turn.because.join(", "),
    };
    let left_out = pattern.turns.len().saturating_sub(most);
    let more = if left_out > 0 { format!(" The first {most} are shown; the JSON report has all.") } else { String::new() };
    PatternPage {
        says: format!("{} between {} (`{}`).{more}", words::plural(pattern.cycles, "alternation"), both(pattern), pattern.kind),
        turns: pattern.turns.iter().enumerate().take(most).map(row).collect(),
    }
}

/// Both clients by name.
pub(super) fn both(pattern: &PatternJson) -> String {
    pattern.clients.iter().map(|client| words::title(client)).collect::<Vec<_>>().join(" and ")
}
