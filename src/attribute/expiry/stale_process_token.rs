//! `stale_process_token`: a process went on with a token that its own store had long replaced.
//!
//! The store held a newer, good pair before the first refusal, and another process of the program works with
//! it, or the same one does after a restart. No client writes down which token a process holds in memory,
//! so that this is told by what the store held and by what cured it.
//!
//! `refresh_token_reused` in such a process is this cause as well when the store had moved on long before:
//! the program's other process spent the token in the ordinary way and stored the new pair, and all that
//! was wrong is that this one had not read it. A refusal within minutes of the exchange is a race between
//! the two, which is `self_concurrent_refresh`; a pair that another program took is neither, since
//! then the victim's own store would not hold a newer one.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::attribute::presented;
use crate::attribute::times::day;
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{Act, ActKind, FailureSeen, Held, Ran, Recovery, Sibling, SuccessSeen, TurnSeen, When};
use crate::event::{Client, ErrorClass, Level, Mechanism};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::StaleProcessToken, about: ABOUT, test };

const ABOUT: About = About {
    line: "A running process kept an old token while its own store already held a good one.",
    means: "The store was refreshed or logged in anew, by another process of the same program or by a person, and a process that \
            had begun before went on with the pair it had read then. The login is good; only that process does not know it.",
    needs: &[
        "a refusal of an old token (expired, used, another account, or a 401) in a running process",
        "a newer pair in the program's own store since before the first refusal, with its end still ahead",
        "another process of the program that works with it meanwhile, or a cure without a new token",
    ],
    supports: &[
        "a restart cures it",
        "the process began before the store changed",
        "the token is called expired long before the stored one ends",
        "a refresh was due of the pair that the store held before, and not of the stored one",
    ],
    excludes: &[
        "a process that began after the change of the store fails too",
        "the token endpoint says that the login was revoked, and the store held no other login since the session began",
    ],
    controls: &["a new process of the same program on the same store", "another session on the same store during the failures"],
    timeline: "process begins → the store gets a new pair → the old token ends or is replaced → this process fails until its restart",
    versions: &[
        "Codex compares the account on disk with the one in memory and says so without asking the server",
        "Codex reads its store again after a 401 (seen in 0.130 and 0.169); extensions and app-servers of April 2026 were reported not to",
    ],
    repairs: &["restart the failing process, and look whether it works then before anything else"],
    dos: &["restart long-running processes of the program after a login"],
    donts: &["do not log in again: the stored login is good", "do not log out: that would end the login that is good"],
    settles: &["whether a new process of the same program works", "when the failing process began"],
};

/// A refusal this soon after the exchange is a race between two processes.
const RACE_MS: i64 = 10 * 60_000;

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = Finding::new(RootCause::StaleProcessToken, None);
    let Some((refused, points)) = telling(case) else {
        return vec![case.lacks_refusal(finding, "no refusal that an old token in a process would meet")];
    };
    let Some(held) = &case.incident.held else {
        return vec![finding.out("the store of the failing client at that time is not among the files", None)];
    };
    if let Some(why) = not_newer(case, refused, held) {
        return vec![finding.out(why, Some(case.possession(held)))];
    }
    if let Some(item) = new_one_failed(case, held) {
        return vec![finding.out("a process that began after the store had the new pair failed too", Some(item))];
    }
    let meanwhile = case
        .incident
        .meanwhile
        .or(case.incident.next_good.filter(|good| is_run_of_its_own(case, good)))
        .filter(|good| held.since.is_some_and(|since| since.surely_before(good.at)));
    let cured = cured(case);
    let told = refused.failure.class == ErrorClass::AccountMismatch || replaced_login(case).is_some();
    if meanwhile.is_none() && cured.is_none() && !told {
        return vec![
            finding.out("no other process of the program is seen to work with the stored pair, and no restart cured it", None),
        ];
    }
    finding.point(points, case.failure(refused));
    finding.point(6, stored(case, held));
    if let Some(before) = replaced(case, held) {
        let says = format!("the store of {} held an older pair before", case.incident.victim.client.title());
        finding.point(2, case.item(ItemKind::Store, before.since, before.origin, says));
    }
    if replaced(case, held).is_none() {
        finding.limits.extend(logged_in_anew(case));
    }
    let who = case.incident.victim.client;
    if let Some(good) = meanwhile {
        finding.point(8, case.success(&good, who, "worked meanwhile with the same store, in another session"));
    }
    if let Some(item) = presented::by_older_process(case) {
        finding.point(4, item);
    }
    // One success counts once.
    let new = |point: &crate::attribute::Point| meanwhile.is_none_or(|good| good.origin != point.item.origin);
    finding.points.extend(cured.filter(new));
    if let Some(item) = began_before(case, held) {
        finding.point(4, item);
    }
    limits(case, meanwhile.is_some(), &mut finding);
    exchanged(case, &mut finding);
    finding.when = CauseTime { at: held.since, after: None, before: None };
    finding.would_settle = ABOUT.settles.to_vec();
    if refused.failure.class == ErrorClass::RefreshTokenReused {
        finding.mechanism = Some(Mechanism::Consumed);
    }
    if refused.failure.class == ErrorClass::Unauthorized && !older_had_ended(case, held) {
        finding.mechanism = Some(Mechanism::Undetermined);
    }
    if refused.failure.class.is_revocation() {
        finding.mechanism = Some(Mechanism::Revoked);
    }
    if matches!(refused.failure.class, ErrorClass::RefreshTokenInvalidated | ErrorClass::SessionTerminated) {
        replaced_login(case).into_iter().for_each(|item| finding.point(4, item));
    }
    vec![finding]
}

/// The refusal that an old token meets, and what it is worth here. That a login was ended at the server,
/// said by the token endpoint, is no matter of one process.
fn telling<'a>(case: &Case<'a>) -> Option<(&'a FailureSeen, i32)> {
    use ErrorClass as C;
    let first =
        |class: C| case.incident.first_of(class).filter(|f| f.failure.level >= Level::Status || class == C::AccountMismatch);
    let other = |c: C| matches!(c, C::RefreshTokenInvalidated | C::SessionTerminated | C::RefreshTokenExpired);
    if let Some(ended) = case.incident.first_where(other) {
        return replaced_login(case).map(|_| (ended, 4));
    }
    let reused = || case.reused().map(|f| (f, 6));
    let by_class =
        [(C::AccountMismatch, 12), (C::TokenExpired, 8), (C::TokenInvalidated, 4), (C::TokenRevoked, 4), (C::Unauthorized, 4)];
    let said = by_class.into_iter().find_map(|(class, points)| Some((first(class)?, points)));
    case.incident.first_of(C::AccountMismatch).map(|f| (f, 12)).or_else(reused).or(said)
}

/// Where the store has come by another login since each failing session began, what shows that beginning: then
/// it is the old login that was refused.
fn replaced_login(case: &Case<'_>) -> Option<Item> {
    let held = case.incident.held.as_ref()?;
    replaced(case, held).filter(|before| before.same_family(held) == Some(false))?;
    let turn = case.sessions_began_before(held.since?)?;
    let begun = case.known.ran.iter().find(|ran| ran.origin.source == turn.origin().source);
    let (at, origin) = begun.map_or((turn.at(), turn.origin()), |ran| (ran.at, ran.origin));
    Some(case.item(ItemKind::Control, Some(at), origin, "the failing session had begun before the login".to_owned()))
}

/// Why the stored pair is not a newer, good one.
fn not_newer(case: &Case<'_>, refused: &FailureSeen, held: &Held) -> Option<&'static str> {
    let since = held.since.filter(|_| !held.dated_by_file);
    let gap = if refused.failure.class == ErrorClass::RefreshTokenReused { RACE_MS } else { 0 };
    let before = since.is_some_and(|since| since.hi.saturating_add(gap) < case.incident.first.lo);
    if !before {
        return Some("the store is not known to have held a newer pair before the first refusal");
    }
    if held.expires_at.is_none_or(|end| end.ms <= case.incident.last.hi) {
        return Some("the stored pair is not known to have been good over that time");
    }
    let expired = refused.failure.class == ErrorClass::TokenExpired;
    // A token that is called expired while the stored one is not is another one; the rest does not tell.
    (!expired && !changed(case, held)).then_some("the store is not seen to change while the process ran")
}

/// The pair that the store held before, where its history shows one.
fn replaced<'a>(case: &Case<'a>, held: &Held) -> Option<&'a Held> {
    let history = &case.known.stores.get(case.incident.victim.store?)?.held;
    let place = history.iter().position(|h| h.same_tokens(held))?;
    history.get(place.checked_sub(1)?)
}

/// Did the store come by its pair through a renewal or a login by its own program?
fn changed(case: &Case<'_>, held: &Held) -> bool {
    replaced(case, held).is_some() || logged_in_anew(case).is_some()
}

/// What shows that a login of the program was a change for its processes: one of them had been at work before. With
/// the first login of a home there was no other pair, which a process could have kept.
fn logged_in_anew(case: &Case<'_>) -> Option<Item> {
    let own = case.incident.own_acts.iter().map(|&i| case.act(i));
    own.filter(|act| act.is_login() && act.at.surely_before(case.incident.first)).find_map(|login| ran_before(case, login.at))
}

/// The last start of the victim's program in its home that is on record from before a time, else its last turn with
/// a ChatGPT login: one with another provider shows no process that had read such a login.
fn ran_before(case: &Case<'_>, at: When) -> Option<Item> {
    /// Records of each kind that are looked at.
    const MOST: usize = 4_096;
    let victim = &case.incident.victim;
    let (acts, turns) = (&case.known.acts, &case.known.turns);
    let acts = acts[..acts.partition_point(|act| act.at.ms < at.ms)].iter().rev().take(MOST);
    let turns = turns[..turns.partition_point(|turn| turn.at().ms < at.ms)].iter().rev().take(MOST);
    let mine = |client: Client, home: &Option<String>| client == victim.client && *home == victim.home;
    let start = |act: &&Act| act.kind == ActKind::Started && mine(act.client, &act.home) && act.at.surely_before(at);
    let of_login = |turn: &&TurnSeen| {
        turn.setting.asked.provider.is_chatgpt()
            && mine(turn.setting.site.client, &turn.setting.site.home)
            && turn.at().surely_before(at)
    };
    let started = || acts.filter(start).map(|act| (act.at, act.origin)).next();
    let (at, origin) = started().or_else(|| turns.filter(of_login).map(|turn| (turn.at(), turn.origin())).next())?;
    let says = format!("{} had been at work before that login", victim.client.title());
    Some(case.item(ItemKind::Control, Some(at), origin, says))
}

/// Had the pair that the process may have held ended by itself, so that a 401 without a reason is its end?
fn older_had_ended(case: &Case<'_>, held: &Held) -> bool {
    let end = replaced(case, held).and_then(|before| before.expires_at);
    end.is_some_and(|end| end.surely_before(case.incident.first))
}

/// A process that began after the store had changed, and failed.
fn new_one_failed(case: &Case<'_>, held: &Held) -> Option<Item> {
    let since = held.since?;
    let incident = case.incident;
    let failed_after = |at: When| incident.failures.iter().any(|f| f.is_turn && f.dated && at.surely_before(f.at));
    let own = incident.own_acts.iter().map(|&i| case.act(i));
    let begun = own.filter(|act| act.kind == ActKind::Started && since.surely_before(act.at)).find(|act| failed_after(act.at));
    if let Some(act) = begun {
        return Some(case.acted(act));
    }
    // Each run of `codex exec` is a process of its own.
    let mine = |ran: &&Ran| ran.client == Client::CodexExec && since.surely_before(ran.at);
    let failed = |ran: &&Ran| incident.failures.iter().any(|f| f.is_turn && f.origin.source == ran.origin.source);
    let ran = case.known.ran.iter().filter(mine).find(failed)?;
    let says = format!("a new run of {} failed in the same way", ran.client.title());
    Some(case.item(ItemKind::Control, Some(ran.at), ran.origin, says))
}

/// It worked again with no new token: after a restart, or with none on record.
fn cured(case: &Case<'_>) -> Option<crate::attribute::Point> {
    let incident = case.incident;
    let good = incident.next_good.filter(|_| incident.same_token_worked)?;
    let who = incident.victim.client;
    match incident.recovered {
        Some((_, Recovery::Restart)) => {
            let item = case.success(&good, who, "worked again after a restart, with the pair that its store had held all along");
            Some(crate::attribute::Point { value: 10, item })
        }
        // Another session had the success, which may be another process. Without a change of the store it may
        // as well have been a refusal that passed.
        Some((_, Recovery::ByItself)) if is_new_session(case) && incident.held.as_ref().is_some_and(|held| changed(case, held)) => {
            let item = case.success(&good, who, "worked in a new session with the pair that its store had held all along");
            Some(crate::attribute::Point { value: 6, item })
        }
        _ => None,
    }
}

/// Was the success in a run of `codex exec` that began since, which reads the store as it begins?
fn is_run_of_its_own(case: &Case<'_>, good: &SuccessSeen) -> bool {
    let own = |ran: &Ran| ran.client == Client::CodexExec && ran.origin.source == good.origin.source;
    case.incident.same_token_worked && case.known.ran.iter().any(|ran| own(ran) && case.incident.first.surely_before(ran.at))
}

/// Was the success that ended it in a session that had not failed?
fn is_new_session(case: &Case<'_>) -> bool {
    let session = case.incident.next_good.and_then(|good| good.session);
    session.is_some_and(|session| case.incident.failures.iter().all(|f| f.session != Some(session)))
}

/// The last start on record lies before the change of the store.
fn began_before(case: &Case<'_>, held: &Held) -> Option<Item> {
    let (since, victim) = (held.since?, &case.incident.victim);
    let own = |act: &&Act| act.kind == ActKind::Started && act.client == victim.client && act.home == victim.home;
    let last = case.acts().filter(own).rfind(|act| act.at.surely_before(case.incident.first))?;
    let says = format!("{} had begun before its store changed", victim.client.title());
    last.at.surely_before(since).then(|| case.item(ItemKind::Store, Some(last.at), last.origin, says))
}

fn stored(case: &Case<'_>, held: &Held) -> Item {
    let who = case.incident.victim.client.title();
    let end = held.expires_at.map(|end| format!(", good until {}", day(end))).unwrap_or_default();
    let since = held.since.map_or("an unknown time".to_owned(), day);
    case.item(ItemKind::Store, held.since, held.origin, format!("the store of {who} held another pair since {since}{end}"))
}

/// Another program that exchanged the stored pair: that may be the one that was presented, whatever the process
/// had read before.
fn exchanged(case: &Case<'_>, finding: &mut Finding) {
    let spent = |sibling: &Sibling| sibling.spent.filter(|_| case.may_have_spent(sibling) == sibling.spent);
    if let Some(act) = case.others().find_map(spent).map(|index| case.act(index)) {
        finding.limit(
            Confidence::Likely,
            "another program exchanged the stored pair, which may be the one presented",
            Some(case.acted(act)),
        );
    }
}

fn limits(case: &Case<'_>, meanwhile: bool, finding: &mut Finding) {
    let restarted = matches!(case.incident.recovered, Some((_, Recovery::Restart))) && case.incident.same_token_worked;
    if !meanwhile && !restarted {
        finding.cap(Confidence::Possible, "that another process worked, or that a restart cured it, is not on record");
    }
    finding.cap(Confidence::VeryLikely, "no client writes down which token a process holds");
}
