//! Every turn once.
//!
//! One turn is written down in several places: a transcript and its repaired, archived and forked
//! copies (equal ids), a log that knows it by its run id, and for Hermes a log, a transcript and
//! a request dump that share only session and time. The record that says most stays, and takes
//! over what the others add: above all the rawest error.

use super::copies;
use super::turn::{self, Deduped, Settings, TurnSeen, in_order, is_of_terminal, may_use_login};
use super::unheard;
use crate::correlate::clock::{Clocks, When, Window};
use crate::correlate::hosts::HostId;
use crate::correlate::sources::Span;
use crate::correlate::stores::{StoreId, Stores, UnreadAgent};
use crate::event::{Client, ErrorClass, EventKind, Failure, Level, Origin, PackedTurn, SourceKind};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// Collect the turns out of those that were stated.
pub(in crate::correlate) fn collect(
    stated: Vec<PackedTurn>,
    evidence: &Evidence,
    clocks: &Clocks,
    stores: &Stores,
    spans: &[Span],
    ranks: &[u32],
    window: Window,
) -> Deduped {
    let mut undated: Vec<TurnSeen> = Vec::new();
    let mut settings: Option<Settings> = None;
    // There may be millions: each takes the place of what it is made of.
    let seen = |turn: PackedTurn| {
        let source = evidence.sources.get(turn.source as usize).filter(|_| !is_of_terminal(&turn, evidence))?;
        // A turn without any time of its own is dated by the end of its file.
        let started = turn.started().map(|started| clocks.stamp(started, turn.source));
        let at = turn.at().map(|at| clocks.stamp(at, turn.source)).or(started);
        let at = at.or_else(|| spans.get(turn.source as usize)?.map(|(_, last)| last));
        let known = settings.take().filter(|known| known.source() == turn.source);
        let of_source = settings.insert(known.unwrap_or_else(|| Settings::of(turn.source, source, stores)));
        let seen = turn::seen(&turn, of_source, (at.unwrap_or(When::adrift(0)), started));
        if at.is_none() {
            undated.push(seen);
            return None;
        }
        Some(seen).filter(|_| at.is_some_and(|at| window.holds(at)))
    };
    let mut turns: Vec<TurnSeen> = stated.into_iter().filter_map(seen).collect();
    // Full transcripts first, so that what stays is the richer record; rank makes it definite.
    let rank = |t: &TurnSeen| ranks.get(t.origin().source as usize).copied().unwrap_or(u32::MAX);
    let place = |t: &TurnSeen| (richness(t.setting.site.kind), t.at().ms, rank(t), t.origin().line, t.origin().byte);
    if !turns.is_sorted_by_key(place) {
        turns.sort_by_cached_key(place);
    }
    let mut duplicates = vec![0; evidence.sources.len()];
    undated.sort_by_key(|t| (richness(t.setting.site.kind), rank(t), t.origin().line, t.origin().byte));
    let undated = copies::of_no_time(undated, &turns, &mut duplicates);
    let mut turns = copies::merged(turns, &mut duplicates);
    bring_home(&mut turns);
    let unheard = unheard::collect(evidence, clocks, stores, &turns);
    turns.extend(unheard.into_iter().filter(|turn| window.holds(turn.at())));
    name_unstated(&mut turns, evidence, clocks, stores);
    in_order(&mut turns, ranks);
    Deduped { turns, undated, told: Vec::new(), duplicates }
}

/// What was carried out of a home (an exported trajectory) belongs to the home in which the
/// transcript of its session stands.
fn bring_home(turns: &mut [TurnSeen]) {
    if !turns.iter().any(is_homeless) {
        return;
    }
    /// Home and store, or the agent whose store was not read.
    type Place = (Option<String>, Option<StoreId>, Option<UnreadAgent>);
    let mut places: BTreeMap<(Client, Key), Option<Place>> = BTreeMap::new();
    for turn in turns.iter().filter(|turn| turn.transcribed && turn.setting.site.home.is_some()) {
        let Some(session) = turn.setting.asked.session else { continue };
        let place = (turn.setting.site.home.clone(), turn.setting.store, turn.setting.site.unread_agent.clone());
        let known = places.entry((turn.setting.site.client, session)).or_insert_with(|| Some(place.clone()));
        if known.as_ref().is_some_and(|known| known.0 != place.0) {
            *known = None; // copies of a whole home: either may be meant
        }
    }
    for turn in turns.iter_mut().filter(|turn| is_homeless(turn)) {
        let place = turn.setting.asked.session.and_then(|session| places.get(&(turn.setting.site.client, session))?.clone());
        if let Some((home, store, unread_agent)) = place {
            let setting = turn.change();
            (setting.site().home, setting.site().unread_agent) = (home, unread_agent);
            setting.store = store.filter(|_| may_use_login(setting.asked.provider));
        }
    }
}

/// Was it carried out of a home, as far as it shows?
fn is_homeless(turn: &TurnSeen) -> bool {
    !turn.transcribed && turn.setting.store.is_none()
}

/// A turn that failed without a stated reason (Codex before mid 2026 keeps none in its rollouts), or
/// with a bare 401: a failed call that the same program logged during the turn names it. The code of
/// a 401 is that of the login, whichever call met it.
fn name_unstated(turns: &mut [TurnSeen], evidence: &Evidence, clocks: &Clocks, stores: &Stores) {
    /// The log line may follow the end of the turn.
    const LATE_MS: i64 = 2_000;
    /// A program asks for its list of models, and meets the 401, right before its first turn.
    const EARLY_MS: i64 = 5_000;
    /// Failed calls of one program on one store, by time.
    type Calls = Vec<(i64, Failure, Origin)>;
    let mut calls: BTreeMap<(Client, Option<StoreId>, Option<HostId>), Calls> = BTreeMap::new();
    // A record that says in one breath that a call was refused and that this was mended names no turn.
    let mended = evidence.stated.events.iter().filter(|event| matches!(event.kind, EventKind::Refreshed { .. }));
    let mended: BTreeSet<Origin> = mended.map(|event| event.origin).collect();
    for event in evidence.stated.events.iter().filter(|event| !mended.contains(&event.origin)) {
        let EventKind::Transport(call) = &event.kind else { continue };
        let Some(source) = evidence.sources.get(event.origin.source as usize) else { continue };
        if let Some(when) = clocks.when(event).filter(|w| w.is_certain()) {
            let key = (source.kind.client().program(), stores.of_source(source), stores.host(source));
            calls.entry(key).or_default().push((when.ms, call.failure, event.origin));
        }
    }
    calls.values_mut().for_each(|list| list.sort_by_key(|(ms, _, origin)| (*ms, *origin)));
    let bare = |f: Failure| matches!(f.class, ErrorClass::Unauthorized | ErrorClass::NotRenewed) && f.level <= Level::Status;
    let unstated = |t: &&mut TurnSeen| t.failure.is_some_and(|f| f.class == ErrorClass::Unstated || bare(f));
    for turn in turns.iter_mut().filter(unstated) {
        let (Some(start), Some(list)) =
            (turn.started(), calls.get(&(turn.setting.site.client, turn.setting.store, turn.setting.site.host)))
        else {
            continue;
        };
        let is_bare = turn.failure.is_some_and(bare);
        let from = list.partition_point(|call| call.0 < start.ms - if is_bare { EARLY_MS } else { 0 });
        let fits = |call: &&(i64, Failure, Origin)| !is_bare || (call.1.class.is_auth() && call.1.level == Level::Resource);
        let during = list[from..].iter().take_while(|call| call.0 <= turn.at().ms.max(start.ms) + LATE_MS).filter(fits);
        if let Some((_, failure, origin)) = during.max_by_key(|call| (call.1.level, std::cmp::Reverse(call.0))) {
            turn.fails_by(Some(*failure), *origin);
        }
    }
}

/// Transcripts tell most, then dumps and logs.
fn richness(kind: SourceKind) -> u8 {
    match kind {
        SourceKind::OpenclawSession | SourceKind::PiSession | SourceKind::CodexRollout => 0,
        SourceKind::HermesLog | SourceKind::OpenclawTrajectory => 1,
        SourceKind::HermesText => 2,
        SourceKind::HermesSession => 3,
        SourceKind::HermesRequestDump => 4,
        SourceKind::HermesSessionSnapshot => 5,
        SourceKind::HermesStateDb => 6,
        // These know no run, and mostly no reason.
        SourceKind::HermesExport | SourceKind::OpenclawAgentDb | SourceKind::OpenclawCronRuns => 8,
        SourceKind::OpenclawSessionIndex => 8,
        _ => 7,
    }
}
