//! Every home, disturbed: its files in another order, without their times, with unrelated traffic around
//! it, beside other homes, with its local clocks moved. A verdict may weaken; it never names another client,
//! nor one where the expert names none, nor is it surer than the expert.

use super::judge::{Claim, Judgement, OPEN, judge};
use super::{Case, each, none, read, read_at};
use crate::incidents::tier;
use crate::make::clock::{Clock, DAY};
use crate::make::disturb::{hours, moved_clock, without_zone};
use crate::make::home::{Home, Order};
use crate::make::rng::{Rng, mix};
use crate::make::scenarios::{SEED, Verdict, scenario};
use crate::make::stage::Stage;
use crate::make::token::Style;
use crate::make::traffic;
use crate::pipeline::Run;
use stopwhy::report::IncidentJson;
use stopwhy::time::Stamp;

/// By how many half hours local clocks are moved, after which the machine is still in a zone that there is: such of
/// whole hours, and that of +05:30.
fn moves(case: &Case) -> impl Iterator<Item = i64> {
    const HALF: i64 = 11;
    let own = i64::from(case.scenario.hours) * 2;
    [-18, -6, HALF - own, 16].into_iter().filter(move |by| (-24..=28).contains(&(own + by)))
}

/// What a disturbed home may still be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allowed {
    /// The same verdicts.
    Same,
    /// The same or weaker ones.
    Weaker,
    /// The same, weaker ones, or a guess that names nobody. Local times that are moved may tell an act apart from the
    /// failure for certain, and then that act is no rival any more; or they may leave open whether an act came before
    /// the failure, and then what is left is that something unrecorded did it.
    WeakerOrGuess,
}

/// A seed of a case's own.
fn seed(case: &Case) -> u64 {
    case.name().bytes().fold(SEED, |hash, byte| mix(hash ^ u64::from(byte)))
}

fn ms(text: &str) -> i64 {
    Stamp::parse(text).unwrap().ms
}

/// What is wrong with the verdicts on a disturbed home.
fn misled(case: &Case, what: &str, run: &Run, allowed: Allowed) -> Vec<String> {
    let (before, after) = (case.incidents(), &run.incidents);
    let claims = |list: &[IncidentJson]| list.iter().map(|i| (i.victim.client.clone(), Claim::of(i))).collect::<Vec<_>>();
    let tell = |why: String| format!("{} {what}: {why}: {:?} before, {:?} after", case.name(), claims(before), claims(after));
    if allowed == Allowed::Same {
        return if claims(before) == claims(after) { Vec::new() } else { vec![tell("another verdict".to_owned())] };
    }
    let missing = before.iter().filter(|i| !after.iter().any(|a| a.victim.client == i.victim.client));
    let missing = missing.map(|i| tell(format!("the incident of {} is gone", i.victim.client)));
    let bad = after.iter().filter_map(|incident| {
        let of_victim: Vec<&Verdict> = case.scenario.expected.iter().filter(|v| v.victim == incident.victim.client).collect();
        let claim = Claim::of(incident);
        let guess = |expert: &Verdict| allowed == Allowed::WeakerOrGuess && is_guess(&claim, expert);
        let fits = |expert: &&&Verdict| is_no_more(&claim, expert) || guess(expert);
        // What is wrong with the home as it stands is the matter of other tests.
        let as_before = before.iter().any(|i| i.victim.client == incident.victim.client && Claim::of(i) == claim);
        let part = allowed == Allowed::WeakerOrGuess && is_part_of_pattern(&claim, &incident.victim.client, case);
        (!as_before && !part && of_victim.iter().find(fits).is_none()).then(|| tell(format!("{:?}", claim.words())))
    });
    missing.chain(bad).collect()
}

/// Is this a guess that accuses nobody, where the expert leaves the cause open or names an act?
fn is_guess(claim: &Claim, expert: &Verdict) -> bool {
    let may_be = expert.root_cause == OPEN || expert.actor.is_some();
    may_be && claim.mechanism == expert.mechanism && claim.actor.is_none() && claim.confidence == "possible"
}

/// Is this one turn of what the expert calls a pattern of two clients, told by itself: each of them acted, and each
/// failed by what the other did?
fn is_part_of_pattern(claim: &Claim, victim: &str, case: &Case) -> bool {
    let patterns = case.scenario.expected.iter().filter(|v| v.root_cause == "auth_ping_pong" && v.mechanism == claim.mechanism);
    let names_itself = claim.actor.as_deref() == Some(victim);
    patterns.count() > 0 && !names_itself && tier(&claim.confidence) <= tier("possible")
}

/// Is this no more than the expert says? A cause without an actor may stand for one with: that is weaker.
fn is_no_more(claim: &Claim, expert: &Verdict) -> bool {
    let [mechanism, cause, actor, sure] = judge(claim, expert);
    let is_less = |j: Judgement| matches!(j, Judgement::Right | Judgement::TooWeak);
    is_less(mechanism) && is_less(cause) && is_less(actor) && (is_less(sure) || claim.root_cause == OPEN)
}

#[test]
fn shuffled_files_change_nothing() {
    none(each(|case| {
        let folder = tempfile::tempdir().unwrap();
        misled(case, "shuffled", &read_at(folder.path(), &case.home, Order::Shuffled(seed(case))), Allowed::Same)
    }));
}

#[test]
fn file_times_are_no_more_than_a_hint() {
    none(each(|case| {
        let rng = Rng::new(seed(case));
        let mut lost = case.home.clone();
        lost.retime(|_| 1_790_000_000_000);
        let mut odd = case.home.clone();
        odd.retime(|_| rng.span(1_770_000_000, 1_800_000_000) * 1000);
        let read = |what: &str, home: &Home| misled(case, what, &read(home), Allowed::Weaker);
        [read("with one file time", &lost), read("with any file times", &odd)].concat()
    }));
}

/// The stage of what is put beside a scenario: same clock, nobody of its cast.
fn stage(case: &Case) -> Stage {
    Stage::new(Style::Inert, Clock::ahead(case.scenario.hours), mix(seed(case)), mix(!seed(case)))
}

/// First and last time of the home, and when its incidents began.
fn times(case: &Case) -> ((i64, i64), Vec<i64>) {
    let window = &case.run.report.window;
    let (first, last) = (window.first.as_deref().map(ms), window.last.as_deref().map(ms));
    let last = last.unwrap_or(SEED as i64 * DAY);
    ((first.unwrap_or(last), last), case.incidents().iter().map(|i| ms(&i.first_failure)).collect())
}

#[test]
fn unrelated_traffic_misleads_nobody() {
    none(each(|case| {
        let (ends, amid) = times(case);
        let mut home = case.home.clone();
        traffic::add(&mut home, &stage(case), ends, &amid);
        let (run, before) = (read(&home), &case.run.report.totals);
        let now = &run.report.totals;
        assert!(now.turns > before.turns || home == case.home, "{}: no traffic was added", case.name());
        assert_eq!(now.failed_turns, before.failed_turns, "{}: traffic that fails", case.name());
        misled(case, "amid unrelated traffic", &run, Allowed::Weaker)
    }));
}

#[test]
fn healthy_homes_beside_mislead_nobody() {
    none(each(|case| {
        let mut home = case.home.clone();
        for name in ["healthy-with-rotations", "expired-refresh-ok"] {
            let healthy = scenario(name).build(Style::Inert, mix(SEED));
            home.merge(healthy.moved(|path| format!("beside/{name}/{path}")));
        }
        misled(case, "beside healthy homes", &read(&home), Allowed::Weaker)
    }));
}

/// Stories in which a machine's clocks are put forward or back: elsewhere that is done on another day.
const OF_ONE_PLACE: &[&str] =
    &["repair-after-the-clocks-went-forward", "repair-between-two-records-of-the-zone", "login-after-the-clocks-went-back"];

/// The files of a machine in another zone, which they tell. Where the clocks of that zone may have been changed
/// in between, while those of the other ones were not, that is less sure.
#[test]
fn another_zone_that_is_told_misleads_nobody() {
    none(each(|case| {
        if OF_ONE_PLACE.contains(&case.name()) {
            return Vec::new();
        }
        let by = moves(case).nth(seed(case) as usize % 3).unwrap_or(2);
        let mut home = case.home.clone();
        moved_clock(&mut home, by);
        misled(case, &format!("with its zone moved by {}", hours(by)), &read(&home), Allowed::Weaker)
    }));
}

/// Local times that are off by hours, and nothing that tells the zone.
#[test]
fn another_zone_that_is_not_told_misleads_nobody() {
    none(each(|case| {
        let variant = |by: i64| {
            let mut home = case.home.clone();
            without_zone(&mut home);
            moved_clock(&mut home, by);
            misled(case, &format!("moved by {} without a zone", hours(by)), &read(&home), Allowed::WeakerOrGuess)
        };
        moves(case).flat_map(variant).collect()
    }));
}
