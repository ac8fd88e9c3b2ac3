//! What was done to credentials: rotations, logins, logouts, adoptions, each dated and graded.
//!
//! Most of it is read from store histories: a changed token pair is a rotation when the login
//! session stayed and a login when it changed; a pair that another program minted is an adoption.
//! Logs add to that, and rarely stand alone, since no client logs every success. A file time
//! alone (grade R4) is never more than a hint.

use super::act::{AGREE_MS, ARRIVAL_MS, Act, ActKind, Grade, agrees, close};
use super::elsewhere;
use super::hands::{Minted, doubt, hand_over_written_back, minters};
use super::machines::Work;
use super::password;
use super::refreshes;
use super::starts;
use super::taken::{self, Told};
use super::unanswered;
use crate::correlate::clock::{Clocks, When, Window};
use crate::correlate::covered;
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{Held, Store, StoreId, Stores};
use crate::event::{Client, ErrorClass, Event, EventKind, SourceKind, Writer};
use crate::evidence::Evidence;
use crate::secret::Key;
use std::collections::{BTreeMap, BTreeSet};

/// A password entered this shortly before a token was issued: the token comes from a login.
const LOGIN_MS: i64 = 15 * 60_000;
/// A login that completes does so within this time of its start.
const LOGIN_FLOW_MS: i64 = 15 * 60_000;

/// Two records of the beginning of one login are no further apart than this.
pub(super) const SAME_LOGIN_MS: i64 = 60_000;

/// Collect the acts, in order of time.
pub(in crate::correlate) fn collect(
    evidence: &Evidence,
    clocks: &Clocks,
    stores: &Stores,
    ranks: &[u32],
    (window, work): (Window, &Work),
) -> Vec<Act> {
    let (logged, logins): (Vec<&Event>, Vec<&Event>) = evidence
        .stated
        .events
        .iter()
        .partition(|e| !matches!(e.kind, EventKind::Login { .. } | EventKind::Elsewhere { logout: false, .. }));
    let fronts = covered::fronts(&evidence.stated.events);
    let told = logged.iter().filter_map(|event| {
        let process = match event.kind {
            EventKind::Refreshed { process, .. } | EventKind::Refused { process, .. } => process,
            _ => None,
        };
        let front = process.and_then(|process| fronts.get(&process).copied());
        let told = from_log(event, evidence, clocks, stores)?;
        Some(Act { front: front.or(told.front), process, ..told })
    });
    let (refreshed, others): (Vec<Act>, Vec<Act>) = told.partition(|act| act.is_rotation() && act.grade != Some(Grade::R4));
    let taken = Told::of_logs(&others, stores);
    let mut acts = from_stores(stores, work, &taken);
    refreshes::join(&mut acts, refreshed, stores);
    taken::join(&mut acts, &taken, stores);
    acts.extend(others);
    let broken_off = unanswered::beginnings(&evidence.stated.events).into_iter();
    acts.extend(broken_off.filter_map(|event| act(event, ActKind::Unanswered, None, None, evidence, clocks, stores)));
    let begun = unanswered::untold(evidence).into_iter();
    let begun = begun.filter_map(|event| act(event, ActKind::Begun, None, None, evidence, clocks, stores));
    acts.extend(unanswered::unshown(begun.collect(), &acts));
    join_logins(&mut acts, logins, evidence, clocks, stores);
    hand_over_written_back(&mut acts, &stores.list);
    acts.retain(|a| window.holds(a.at));
    let rank = |a: &Act| ranks.get(a.origin.source as usize).copied();
    acts.sort_by_key(|a| (a.at.ms, a.client, rank(a), a.origin.line, a.origin.byte));
    acts
}

/// Rotations, logins and adoptions that store histories show.
fn from_stores(stores: &Stores, work: &Work, told: &Told) -> Vec<Act> {
    let list = stores.list.as_slice();
    // Where Codex' clock on a machine gives nine digits, six in its store are not its own.
    let is_exact = |s: &&Store| s.held.iter().any(|h| h.writer == Some(Writer::Nanos));
    let exact: BTreeSet<Option<HostId>> = list.iter().filter(is_exact).map(|s| s.host).collect();
    let (minted, stamps) = (minters(list, &exact, work, told), taken::Stamps::of(list));
    let begun = first_issued(list);
    let mut acts = Vec::new();
    for (id, store) in list.iter().enumerate() {
        for (at, held) in store.held.iter().enumerate() {
            let before = at.checked_sub(1).map(|i| &store.held[i]).or_else(|| older(held, &begun));
            let act = change(id, store, at, held, before, &minted, list);
            let taken = taken::doubt(store, held, &stamps);
            acts.extend(act.map(|act| Act { doubt: doubt(&act, held, &minted, exact.contains(&store.host), taken), ..act }));
        }
    }
    acts
}

/// Of each login session the credential that was issued first, in whichever store.
fn first_issued(list: &[Store]) -> BTreeMap<Key, &Held> {
    let mut first: BTreeMap<Key, &Held> = BTreeMap::new();
    for held in list.iter().flat_map(|store| &store.held).filter(|held| held.issued_at.is_some()) {
        if let Some(family) = held.family {
            let known = first.entry(family).or_insert(held);
            if held.issued_at.map(|at| at.ms) < known.issued_at.map(|at| at.ms) {
                *known = held;
            }
        }
    }
    first
}

/// An older credential of the same login session, in another store: what came after it was refreshed,
/// though its own store shows nothing from before.
fn older<'a>(held: &Held, begun: &BTreeMap<Key, &'a Held>) -> Option<&'a Held> {
    let first = *begun.get(&held.family?)?;
    held.issued_at.zip(first.issued_at).filter(|(own, begun)| begun.ms < own.ms).map(|_| first)
}

/// The act that brought a credential into a store.
fn change(
    id: StoreId,
    store: &Store,
    index: usize,
    held: &Held,
    before: Option<&Held>,
    minted: &Minted,
    list: &[Store],
) -> Option<Act> {
    if held.fenced.is_some() {
        return None;
    }
    let minter = held.access.and_then(|access| minted.by(access));
    let copied_from = minter.filter(|&m| m != id).map(|m| list[m].client);
    let kind = match copied_from {
        Some(from) if from != store.client => ActKind::Adopted { from, cause: None },
        // The same program's other store: its own agents or profiles share one pair.
        Some(_) => return None,
        None if taken::is_marked(store.client, held) => ActKind::Adopted { from: Client::Codex, cause: None },
        None => minting(held, before),
    };
    let adopted = matches!(kind, ActKind::Adopted { .. });
    let by_password = before.filter(|_| matches!(kind, ActKind::Login { .. })).and_then(|before| password::entered(held, before));
    let at = if adopted { held.since } else { by_password.or_else(|| minted_at(held)) }?;
    Some(Act {
        at,
        client: store.client,
        home: store.home.clone(),
        host: store.host,
        store: Some(id),
        account: held.account.or(store.account),
        kind,
        grade: matches!(kind, ActKind::Rotation { .. }).then(|| grade(held)),
        held: Some(index),
        front: None,
        process: None,
        origin: held.origin,
        also: Vec::new(),
        doubt: None,
        by: None,
    })
}

/// When the pair was exchanged. Issue times are whole seconds and would put the last of several
/// rotations before those that a log dates to the millisecond; the store's own stamp, taken on arrival,
/// gives the fraction. One that is later than that was made by a clock that is ahead, or when the pair was
/// taken over: it was exchanged at some time between the two, as its machine has it. (One that is earlier
/// makes all times of the machine unsure, see `clock::skew`.)
fn minted_at(held: &Held) -> Option<When> {
    let issued = held.issued_at.or(held.since)?;
    let Some(stored) = held.refreshed_at else { return Some(issued) };
    match stored.ms.saturating_sub(issued.ms) {
        0..ARRIVAL_MS if issued.ms % 1000 == 0 => Some(stored),
        ARRIVAL_MS.. => Some(When { hi: issued.hi.max(stored.ms), ..issued }),
        _ => Some(issued),
    }
}

/// Refresh or login? The login session tells; without one, a password entered just before does. An old
/// one, or the one of the credential before, tells nothing where the token names no session: a browser
/// that is still signed in gives a new login without asking for it.
fn minting(held: &Held, before: Option<&Held>) -> ActKind {
    let fresh_password = held.login_time.zip(held.issued_at).map(|(login, issued)| (0..=LOGIN_MS).contains(&(issued.ms - login)));
    let same_login = before.and_then(|b| held.same_family(b));
    let same_password = before.is_some_and(|b| b.login_time.is_some() && b.login_time == held.login_time);
    match (same_login, fresh_password) {
        (Some(true), _) => ActKind::Rotation { by_login: Some(false) },
        (Some(false), _) => ActKind::Login { in_store: true, in_log: false },
        (None, Some(true)) if !same_password => ActKind::Login { in_store: true, in_log: false },
        (None, Some(false)) if !same_password && held.family.is_some() => ActKind::Rotation { by_login: Some(false) },
        (None, _) => ActKind::Rotation { by_login: None },
    }
}

fn grade(held: &Held) -> Grade {
    match (held.refreshed_at, held.issued_at) {
        (Some(_), Some(_)) if agrees(held) => Grade::R2,
        (None, None) => Grade::R4,
        _ => Grade::R3,
    }
}

/// The act that a log line states.
fn from_log(event: &Event, evidence: &Evidence, clocks: &Clocks, stores: &Stores) -> Option<Act> {
    let (kind, account) = match &event.kind {
        EventKind::Refreshed { account, .. } => (ActKind::Rotation { by_login: Some(false) }, *account),
        EventKind::Logout | EventKind::Elsewhere { logout: true, .. } => (ActKind::Logout, None),
        EventKind::Adopted { from, cause } => (ActKind::Adopted { from: *from, cause: *cause }, None),
        EventKind::WroteBack { to } => (ActKind::WroteBack { to: *to }, None),
        EventKind::FoundRotated => (ActKind::FoundRotated, None),
        EventKind::Started { .. } => (ActKind::Started, None),
        EventKind::WriteFailed => (ActKind::WriteFailed, None),
        EventKind::Refused { failure, account, .. } => match failure.class {
            ErrorClass::RefreshNotStored => (ActKind::WriteFailed, *account),
            ErrorClass::RefreshOutcomeUnknown => (ActKind::Unanswered, *account),
            _ => return None,
        },
        EventKind::Restored => (ActKind::Restored, None),
        EventKind::Rewritten => (ActKind::Rotation { by_login: None }, None),
        _ => return None,
    };
    let is_refresh = matches!(kind, ActKind::Rotation { .. });
    let grade = is_refresh.then_some(match (&event.kind, account) {
        // The time of a file is all there is.
        (EventKind::Rewritten, _) => Grade::R4,
        (_, Some(_)) => Grade::R1,
        (_, None) => Grade::R3,
    });
    let told = act(event, kind, grade, account, evidence, clocks, stores)?;
    // Where the clock is adrift, a start says nothing about the order of things.
    (kind != ActKind::Started || told.at.is_certain()).then_some(told)
}

fn act(
    event: &Event,
    kind: ActKind,
    grade: Option<Grade>,
    account: Option<Key>,
    evidence: &Evidence,
    clocks: &Clocks,
    stores: &Stores,
) -> Option<Act> {
    let source = evidence.sources.get(event.origin.source as usize)?;
    let (home, store) = match event.kind {
        EventKind::Elsewhere { home, .. } => elsewhere::find(home, source, stores)?,
        _ => (stores.home_of(source), stores.of_event(event, source)),
    };
    Some(Act {
        at: clocks.when(event)?,
        client: source.kind.client().program(),
        home,
        host: stores.host(source),
        store,
        account: account.or_else(|| store.and_then(|id| stores.list[id].account)),
        kind,
        grade,
        held: None,
        front: is_terminals(source.kind).then_some(Client::CodexCli),
        process: None,
        origin: event.origin,
        also: Vec::new(),
        doubt: None,
        by: None,
    })
}

/// What people typed into a shell, and the log of the login command, are of the terminal program (Codex 0.98 to 0.169):
/// an extension logs in through a server of its own.
fn is_terminals(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::ShellHistory | SourceKind::CodexLoginLog)
}

/// Logged logins: joined with the store's change where there is one, paired into flows, and
/// what was begun and not completed is said so.
fn join_logins(acts: &mut Vec<Act>, events: Vec<&Event>, evidence: &Evidence, clocks: &Clocks, stores: &Stores) {
    let as_act = |event: &Event, kind| act(event, kind, None, None, evidence, clocks, stores);
    let done = |e: &&&Event| matches!(e.kind, EventKind::Login { done: true });
    let completed: Vec<Act> =
        events.iter().filter(done).filter_map(|e| as_act(e, ActKind::Login { in_store: false, in_log: true })).collect();
    password::settle(acts, &completed, stores);
    let mut starts: Vec<Act> = Vec::new();
    for event in events.iter().filter(|e| !done(e)) {
        let Some(begun) = as_act(event, ActKind::LoginAbandoned) else { continue };
        let here = |c: &&Act| c.is_at(begun.client, &begun.home, begun.host);
        let in_time = |at: When| (0..=LOGIN_FLOW_MS).contains(&(at.ms - begun.at.ms));
        let finished = |c: &Act| here(&c) && (in_time(c.at) || in_time(refreshes::stored(c, &stores.list)));
        // A shell states the beginning alone; the store shows what came of it.
        let shown = |a: &&mut Act| matches!(a.kind, ActKind::Login { in_store: true, .. }) && finished(a);
        // A shell and the client's own log state one login.
        let again = |a: &Act| here(&a) && a.kind == ActKind::LoginAbandoned && close(a.at, begun.at, SAME_LOGIN_MS);
        if let Some(act) = acts.iter_mut().find(shown) {
            act.kind = ActKind::Login { in_store: true, in_log: true };
            act.also.push(begun.origin);
            act.front = act.front.or(begun.front);
            password::begun(act, stores);
            refreshes::date(act, stores, in_time);
            starts.extend(starts::of(&begun, act, &stores.list));
        } else if let Some(done) = completed.iter().find(|login| finished(login)) {
            starts.extend(starts::of(&begun, done, &stores.list));
        } else if !acts.iter().any(again) {
            acts.push(begun);
        }
    }
    for login in completed {
        let near = |at: When| close(at, login.at, AGREE_MS);
        let shown = |a: &&mut Act| {
            let one_store = a.store.is_some() && a.store == login.store;
            one_store
                && (a.is_login() || matches!(a.kind, ActKind::Rotation { by_login: None }))
                && (near(a.at) || near(refreshes::stored(a, &stores.list)))
        };
        match acts.iter_mut().find(shown) {
            Some(act) => {
                act.kind = ActKind::Login { in_store: true, in_log: true };
                act.grade = None;
                act.also.push(login.origin);
                act.front = act.front.or(login.front);
                refreshes::date(act, stores, near);
            }
            None => acts.push(login),
        }
    }
    starts::settle(acts, starts);
}
