//! Records of one Hermes turn: log, transcript, dump, snapshot and rows share no id, only the
//! session and the time. Apart from `copies`, which knows what an id and a run say.
//!
//! A log says when a turn began and ended, a dump when its call was given up, a transcript when
//! the reply was sent. Rows of a database say when a turn was answered; of one that was not they
//! say only when it began (or ended, up to 0.14). So a request without an answer meets the
//! failure that followed it, and each record meets no more than one row of a store.

use super::near::{Near, take_over};
use super::turn::TurnSeen;
use crate::event::{Client, SourceKind, Stop};
use crate::secret::Key;

/// Records of one turn in different files may be this far apart: a transcript's stamp is taken
/// after the reply was sent, up to 5 s late (0.13.0).
const SAME_TURN_MS: i64 = 15_000;
/// A request without an answer says when the turn began; it may have failed this much later.
const LONGEST_TURN_MS: i64 = 30 * 60_000;
/// Turns of one session that are looked at from a time on; those of one session hardly overlap.
const MOST_NEAR: usize = 32;

/// Hermes: log, transcript, dump and rows of one turn share the session and the time. A session
/// has one id in all homes it is copied to.
pub(in crate::correlate) fn merged(mut kept: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    // Records of one kind are never of one turn.
    let mut kinds = kept.iter().filter(|t| t.setting.site.client == Client::Hermes).map(|t| t.setting.site.kind);
    if kinds.next().is_none_or(|first| kinds.all(|kind| kind == first)) {
        return kept;
    }
    let hermes: Vec<TurnSeen> = kept.extract_if(.., |t| t.setting.site.client == Client::Hermes).collect();
    let mut known: Vec<TurnSeen> = Vec::with_capacity(hermes.len());
    let mut by_session: Near<Option<Key>> = Near::new();
    let mut sessionless: Vec<TurnSeen> = Vec::new();
    for turn in hermes {
        let ahead = by_session.between(&turn.setting.asked.session, turn.at().ms - SAME_TURN_MS, i64::MAX).take(MOST_NEAR);
        let same = ahead.filter(|&at| is_same_turn(&known[at], &turn)).min_by_key(|&at| (distance(&known[at], &turn), at));
        match same {
            Some(at) => {
                if is_rows(turn.setting.site.kind) {
                    known[at].add_rows(turn.setting.site.kind);
                }
                take_over(&mut known, at, &turn, duplicates);
            }
            // A failed credential lookup is logged without a session; its transcript comes later
            // in this order, so it waits.
            None if turn.setting.asked.session.is_none() => sessionless.push(turn),
            None => {
                by_session.put(turn.setting.asked.session, turn.at().ms, known.len());
                known.push(turn);
            }
        }
    }
    place_sessionless(&mut known, sessionless, duplicates);
    kept.append(&mut known);
    kept
}

/// A record without a session belongs to the nearest failure of the home in a file of another kind.
fn place_sessionless(known: &mut Vec<TurnSeen>, sessionless: Vec<TurnSeen>, duplicates: &mut [u64]) {
    let mut failed: Near<Option<String>> = Near::new();
    for (at, turn) in known.iter().enumerate().filter(|(_, t)| t.stop.is_failure()) {
        failed.put(turn.setting.site.home.clone(), turn.at().ms, at);
    }
    for turn in sessionless {
        let near = failed.between(&turn.setting.site.home, turn.at().ms - SAME_TURN_MS, turn.at().ms + SAME_TURN_MS);
        let same = near
            .filter(|&at| known[at].setting.site.kind != turn.setting.site.kind)
            .min_by_key(|&at| (distance(&known[at], &turn), at));
        match same {
            Some(at) => take_over(known, at, &turn, duplicates),
            None => {
                if turn.stop.is_failure() {
                    failed.put(turn.setting.site.home.clone(), turn.at().ms, known.len());
                }
                known.push(turn);
            }
        }
    }
}

fn is_same_turn(known: &TurnSeen, other: &TurnSeen) -> bool {
    if known.setting.site.kind == other.setting.site.kind || known.setting.asked.session.is_none() {
        return false;
    }
    if is_rows(other.setting.site.kind) {
        return !known.has_rows(other.setting.site.kind) && is_turn_of_rows(known, other);
    }
    let inside = known
        .started()
        .is_some_and(|start| other.at().ms >= start.ms - SAME_TURN_MS && other.at().ms <= known.at().ms + SAME_TURN_MS);
    inside || distance(known, other) <= SAME_TURN_MS
}

/// Rows of a database say when a turn was answered, and of one whose last answer is missing when
/// it began (or ended, where its rows were stored at the end).
fn is_turn_of_rows(known: &TurnSeen, rows: &TurnSeen) -> bool {
    let near = |a: i64, b: i64| (a - b).abs() <= SAME_TURN_MS;
    let broken_off = matches!(rows.stop, Stop::Unfinished | Stop::Unknown | Stop::ToolUse);
    let begun = rows.started().filter(|_| broken_off);
    near(known.at().ms, rows.at().ms)
        || begun.is_some_and(|begun| match known.started() {
            Some(start) => near(start.ms, begun.ms),
            None => !known.stop.is_success() && (-SAME_TURN_MS..=LONGEST_TURN_MS).contains(&(known.at().ms - begun.ms)),
        })
}

/// Rows of a database, as it stands or exported.
fn is_rows(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::HermesStateDb | SourceKind::HermesExport)
}

fn distance(a: &TurnSeen, b: &TurnSeen) -> i64 {
    let starts = a.started().zip(b.started()).map(|(a, b)| (a.ms - b.ms).abs());
    (a.at().ms - b.at().ms).abs().min(starts.unwrap_or(i64::MAX))
}
