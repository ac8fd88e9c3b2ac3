//! Which records are one turn: equal ids, a log's record of a run, and for Hermes what
//! [`super::sessions`] says. Every lookup goes by time, so that a log of fifty thousand failures
//! costs no square.

use super::captures;
use super::near::{Near, take_over};
use super::turn::TurnSeen;
use crate::correlate::hosts::HostId;
use crate::event::{Client, ErrorClass, Provider, SourceKind, Stop};
use crate::secret::{Key, KeyMap};
use crate::shortcuts;
use std::collections::BTreeMap;

/// A log follows the turn by less than this.
const LATE_MS: i64 = 60_000;
/// Without a run id only the same moment counts.
const SAME_MOMENT_MS: i64 = 2_000;

/// Every turn once, records in order of what they tell.
pub(in crate::correlate) fn merged(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    use SourceKind as K;
    let mut turns = same_id(turns, duplicates);
    // What no record of a step's kind is there for is left in its place: there may be millions of turns.
    let has = |turns: &[TurnSeen], kind: SourceKind| turns.iter().any(|turn| turn.setting.site.kind == kind);
    if has(&turns, K::OpenclawTrajectory) {
        turns = same_request(turns, duplicates);
    }
    if turns.iter().any(is_second_hand) {
        turns = same_run(turns, duplicates);
    }
    if has(&turns, K::CodexLogsDb) {
        turns = captures::without_helpers(turns);
    }
    if has(&turns, K::CodexExecCapture) {
        turns = captures::merged(turns, duplicates);
    }
    super::sessions::merged(turns, duplicates)
}

/// Turns without a time, each once. Other records may date the same turns: as many of a conversation as
/// have a time somewhere are taken to be those, and then as many of a home as were logged without a word
/// on their conversation.
pub(super) fn of_no_time(undated: Vec<TurnSeen>, dated: &[TurnSeen], duplicates: &mut [u64]) -> Vec<TurnSeen> {
    if undated.is_empty() {
        return undated;
    }
    let talk = |turn: &TurnSeen| {
        (
            turn.setting.site.client,
            turn.setting.asked.session,
            turn.setting.site.home.clone().filter(|_| turn.setting.asked.session.is_none()),
        )
    };
    let mut per_source: BTreeMap<_, BTreeMap<u32, u64>> = BTreeMap::new();
    for turn in dated {
        *per_source.entry(talk(turn)).or_default().entry(turn.origin().source).or_default() += 1;
    }
    let most = |counts: BTreeMap<u32, u64>| counts.into_values().max().unwrap_or(0);
    let mut left: BTreeMap<_, u64> = per_source.into_iter().map(|(talk, counts)| (talk, most(counts))).collect();
    let mut kept = same_id(undated, duplicates);
    kept.retain(|turn| {
        let mut is_left = |talk| match left.get_mut(&talk).filter(|left| **left > 0) {
            Some(count) => {
                *count -= 1;
                true
            }
            None => false,
        };
        let is_dated = is_left(talk(turn)) || is_left((turn.setting.site.client, None, turn.setting.site.home.clone()));
        duplicates[turn.origin().source as usize] += u64::from(is_dated);
        !is_dated
    });
    kept
}

/// Does the record end before the turn did, as far as it goes? A copy may have been made underway.
fn is_cut(turn: &TurnSeen) -> bool {
    turn.stop.is_failure() && turn.failure.is_none_or(|failure| failure.class == ErrorClass::Unstated)
}

/// Equal ids. What a copy that ends earlier leaves out, the whole record knows.
fn same_id(mut turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let repeated = Repeated::of(turns.iter().filter_map(|turn| turn.id));
    let mut place: BTreeMap<Client, KeyMap<usize>> = BTreeMap::new();
    // Those that stay move to the front; there may be millions, of which there is no second list.
    let mut end = 0;
    for next in 0..turns.len() {
        let (kept, rest) = turns.split_at_mut(next);
        let Some(turn) = rest.first_mut() else { break };
        let place = place.entry(turn.setting.site.client).or_default();
        let id = turn.id.filter(|id| repeated.may_hold(id));
        let known = id.and_then(|id| place.get(&id).copied());
        if let Some(at) = known {
            let copy = kept[at].setting.site.kind == turn.setting.site.kind;
            if copy && is_cut(&kept[at]) && !is_cut(turn) && turn.stop != Stop::Unknown {
                std::mem::swap(&mut kept[at], turn);
            }
            if copy && is_cut(turn) && !is_cut(&kept[at]) {
                (turn.stop, turn.failure) = (Stop::Unknown, None);
            }
            take_over(kept, at, turn, duplicates);
            continue;
        }
        if let Some(id) = id {
            place.insert(id, end);
        }
        turns.swap(end, next);
        end += 1;
    }
    turns.truncate(end);
    turns
}

/// Which keys occur more than once, and a few others: all that needs an entry in a map. It takes two bytes a key.
struct Repeated {
    seen: Vec<u64>,
    again: Vec<u64>,
}

impl Repeated {
    fn of(keys: impl Iterator<Item = Key> + Clone) -> Repeated {
        let words = (keys.clone().count() / 8).next_power_of_two();
        let mut repeated = Repeated { seen: vec![0; words], again: vec![0; words] };
        for key in keys {
            let (word, bit) = repeated.place(&key);
            repeated.again[word] |= repeated.seen[word] & bit;
            repeated.seen[word] |= bit;
        }
        repeated
    }

    /// May the key occur more than once?
    fn may_hold(&self, key: &Key) -> bool {
        let (word, bit) = self.place(key);
        !shortcuts::are_taken() || self.again[word] & bit != 0
    }

    fn place(&self, key: &Key) -> (usize, u64) {
        let hash = key.hashed();
        (hash as usize >> 6 & (self.seen.len() - 1), 1 << (hash & 63))
    }
}

/// A trajectory and a transcript of OpenClaw both keep the millisecond in which the model was asked.
fn same_request(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let mut kept: Vec<TurnSeen> = Vec::with_capacity(turns.len());
    let mut asked: BTreeMap<(Client, Key, i64), usize> = BTreeMap::new();
    for turn in turns {
        let key = turn
            .setting
            .asked
            .session
            .zip(turn.started())
            .map(|(session, started)| (turn.setting.site.client, session, started.ms));
        let known =
            key.filter(|_| turn.setting.site.kind == SourceKind::OpenclawTrajectory).and_then(|key| asked.get(&key).copied());
        match known {
            Some(at) => take_over(&mut kept, at, &turn, duplicates),
            None => {
                if let Some(key) = key.filter(|_| matches!(turn.setting.site.kind, SourceKind::OpenclawSession)) {
                    asked.entry(key).or_insert(kept.len());
                }
                kept.push(turn);
            }
        }
    }
    kept
}

/// Does a source of this kind tell of turns that another one may hold as well?
fn is_second_hand(turn: &TurnSeen) -> bool {
    use SourceKind as K;
    match turn.setting.site.kind {
        K::OpenclawGatewayLog | K::OpenclawConsole | K::OpenclawStateDb | K::OpenclawAgentDb | K::OpenclawCronRuns => true,
        K::OpenclawSessionIndex => true,
        // One that was asked is told apart by the time of its request.
        K::OpenclawTrajectory => turn.started().is_none(),
        _ => false,
    }
}

/// A log's record of a run belongs to the failed entry of that run in a transcript. A run may
/// have several entries (automatic retries), and a run id may serve several turns (OpenClaw's
/// local runs take the session's id): the nearest failed record of another file is meant. A transcript
/// without a `prompt-error` entry names no run: then its session tells, or the moment. Scheduled
/// jobs and windows of sessions name a session only. A console names neither, and states the same
/// failures milliseconds apart.
fn same_run(turns: Vec<TurnSeen>, duplicates: &mut [u64]) -> Vec<TurnSeen> {
    let mut kept: Vec<TurnSeen> = Vec::with_capacity(turns.len());
    let mut failed = Failed::new();
    for turn in turns {
        let failure = turn.stop.is_failure();
        match (failure && is_second_hand(&turn)).then(|| failed.same(&turn, &kept)).flatten() {
            Some(place) => {
                failed.lend(&turn, &kept[place], place);
                take_over(&mut kept, place, &turn, duplicates);
            }
            None => {
                if failure {
                    failed.put(&turn, kept.len());
                }
                kept.push(turn);
            }
        }
    }
    kept
}

/// Failed turns, by all that a second-hand record may know of them.
struct Failed {
    by_run: Near<(Client, Key)>,
    /// Those that named no run, by the run of a record that was found to tell of them.
    by_lent_run: Near<(Client, Key)>,
    by_session: Near<(Client, Key)>,
    by_home: Near<(Client, Option<String>, Option<HostId>)>,
}

impl Failed {
    fn new() -> Failed {
        Failed { by_run: Near::new(), by_lent_run: Near::new(), by_session: Near::new(), by_home: Near::new() }
    }

    fn put(&mut self, turn: &TurnSeen, place: usize) {
        self.by_home.put((turn.setting.site.client, turn.setting.site.home.clone(), turn.setting.site.host), turn.at().ms, place);
        if let Some(run) = turn.setting.asked.run {
            self.by_run.put((turn.setting.site.client, run), turn.at().ms, place);
        }
        if let Some(session) = turn.setting.asked.session {
            self.by_session.put((turn.setting.site.client, session), turn.at().ms, place);
        }
    }

    /// `turn` tells of the record `kept`, and may name its run.
    fn lend(&mut self, turn: &TurnSeen, kept: &TurnSeen, place: usize) {
        if let Some(run) = turn.setting.asked.run.filter(|_| kept.setting.asked.run.is_none()) {
            self.by_lent_run.put((turn.setting.site.client, run), kept.at().ms, place);
        }
    }

    /// The turn of another file that `turn` tells of: by its run, else by its session, else by the moment in
    /// its home. What names a run is of no turn that is known to be of another one.
    fn same(&self, turn: &TurnSeen, kept: &[TurnSeen]) -> Option<usize> {
        let at = turn.at().ms;
        let nearest = |near: &mut dyn Iterator<Item = usize>| {
            let other_file = near.filter(|&i| kept[i].origin().source != turn.origin().source);
            other_file.min_by_key(|&i| ((kept[i].at().ms - at).abs(), i))
        };
        let of_run = |runs: &Near<(Client, Key)>| {
            turn.setting
                .asked
                .run
                .and_then(|run| nearest(&mut runs.between(&(turn.setting.site.client, run), at - LATE_MS, at + LATE_MS)))
        };
        // The index of sessions dates to the millisecond what may be the second failure in half a minute.
        let reach = if turn.setting.site.kind == SourceKind::OpenclawSessionIndex { SAME_MOMENT_MS } else { LATE_MS };
        let may_be = |&i: &usize| turn.setting.asked.run.is_none() || may_be_of_run(&kept[i], turn);
        let by_session = |session| {
            nearest(&mut self.by_session.between(&(turn.setting.site.client, session), at - reach, at + reach).filter(may_be))
        };
        let home = (turn.setting.site.client, turn.setting.site.home.clone(), turn.setting.site.host);
        let by_home = || nearest(&mut self.by_home.between(&home, at - SAME_MOMENT_MS, at + SAME_MOMENT_MS).filter(may_be));
        let untold = || turn.setting.asked.session.and_then(by_session).or_else(by_home);
        of_run(&self.by_run).or_else(untold).or_else(|| of_run(&self.by_lent_run))
    }
}

/// May `kept` be of the run that `turn` names, though it does not say so itself? Not if it names another one,
/// another session or another provider.
fn may_be_of_run(kept: &TurnSeen, turn: &TurnSeen) -> bool {
    fn agree<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
        a.zip(b).is_none_or(|(a, b)| a == b)
    }
    let (a, b) = (kept.setting.asked.provider, turn.setting.asked.provider);
    let unnamed = a == Provider::Unknown || b == Provider::Unknown;
    // A log that names `openai` alone may mean an API key, which a transcript tells from the login by its interface.
    let by_key = [(a, b), (b, a)].contains(&(Provider::Openai, Provider::Other));
    let same_provider = unnamed || a == b || by_key || (a.is_chatgpt() && b.is_chatgpt());
    agree(kept.setting.asked.run, turn.setting.asked.run)
        && agree(kept.setting.asked.session, turn.setting.asked.session)
        && same_provider
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correlate::clock::{When, Zone};
    use crate::correlate::turns::Setting;
    use crate::event::{Failure, Level, Origin};
    use crate::secret::{Kind, Vault};
    use std::sync::Arc;

    fn key(text: &str) -> Key {
        Vault::new([5; 32]).key(Kind::Turn, text)
    }

    /// A failed turn, by second, run and session, of a transcript (0) or of a gateway's log (1).
    fn failed(source: u32, second: i64, run: Option<&str>, session: Option<&str>) -> TurnSeen {
        let origin = Origin { source, line: 1, byte: second as u64 };
        let failure = Failure { class: ErrorClass::Unlisted, level: Level::Sentence };
        let mut setting = Setting::sample();
        (setting.site().home, setting.site().source) = (Some("h".to_owned()), source);
        (setting.asked().session, setting.asked().run) = (session.map(key), run.map(key));
        setting.site().kind = if source == 0 { SourceKind::OpenclawSession } else { SourceKind::OpenclawGatewayLog };
        let times = (When::exact(second * 1_000, Zone::Utc), None);
        let mut turn = TurnSeen::new(Arc::new(setting), origin, times, Stop::Error);
        turn.failure = Some(failure);
        turn.transcribed = source == 0;
        turn
    }

    /// Seconds of the turns that are left.
    fn kept(turns: Vec<TurnSeen>) -> Vec<i64> {
        same_run(turns, &mut [0; 2]).iter().map(|turn| turn.at().ms / 1_000).collect()
    }

    #[test]
    fn what_occurs_twice_is_never_missed_and_most_others_are() {
        let keys: Vec<Key> = (0..4_000).map(|n| key(&n.to_string())).collect();
        let twice = &keys[..1_000];
        let repeated = Repeated::of(keys.iter().chain(twice).copied());
        assert!(twice.iter().all(|key| repeated.may_hold(key)));
        let others = keys[1_000..].iter().filter(|key| repeated.may_hold(key)).count();
        assert!(others < 900, "{others} of 3000");
        assert!(!Repeated::of(std::iter::empty()).may_hold(&key("x")));
    }

    #[test]
    fn a_record_that_names_a_run_may_be_of_a_turn_that_names_none() {
        let log = |second, run| failed(1, second, Some(run), None);
        let turn = |second| failed(0, second, None, Some("s"));
        assert_eq!(kept(vec![turn(10), turn(40), log(11, "a"), log(40, "b")]), [10, 40]);
        assert_eq!(kept(vec![turn(10), log(30, "a")]), [10, 30], "without a session only the same moment counts");
        assert_eq!(kept(vec![turn(10), failed(1, 30, Some("a"), Some("s"))]), [10], "the same session");
        assert_eq!(kept(vec![turn(10), log(10, "a"), log(11, "b")]), [10, 11], "a turn is of one run");
        assert_eq!(kept(vec![turn(10), log(11, "a"), log(25, "a")]), [10], "a later record of the run that was found");
    }

    #[test]
    fn what_is_known_to_differ_is_not_joined() {
        let turn = || failed(0, 10, None, Some("s"));
        let asking = |provider: Provider| {
            let mut turn = failed(1, 10, Some("a"), None);
            turn.change().asked().provider = provider;
            turn
        };
        assert_eq!(kept(vec![turn(), failed(1, 10, Some("a"), Some("other"))]).len(), 2, "another session");
        let asked = asking(Provider::Anthropic);
        assert_eq!(kept(vec![turn(), asked]).len(), 2, "another provider");
        let asked = asking(Provider::Openai);
        assert_eq!(kept(vec![turn(), asked]).len(), 1, "another name of the provider");
        assert_eq!(kept(vec![failed(0, 10, Some("b"), None), failed(1, 10, Some("a"), None)]).len(), 2, "another run");
        let both = vec![failed(0, 10, Some("a"), Some("s")), failed(0, 30, None, Some("s")), failed(1, 30, Some("a"), Some("s"))];
        assert_eq!(kept(both), [10, 30], "the run decides before the session");
    }
}
