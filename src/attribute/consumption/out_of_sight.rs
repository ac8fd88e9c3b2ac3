//! Who was at work with a ChatGPT login in the time in question, and left no store among the files: another
//! program, another home, profile or agent, another machine. Which login it used, and what it did to that, is
//! out of view: it may have exchanged the very token.
//!
//! Apart from the hypotheses: that nobody is on record who spent the token, that a certain store's program
//! spent it, and that the victim's own program has one holder alone, are open alike where one is missing.

use super::rivals::BURST_MS;
use crate::attribute::case::Case;
use crate::attribute::finding::{Item, ItemKind};
use crate::correlate::{HostId, Relation, Sibling, TurnSeen, UnreadAgent, When};
use crate::event::Client;
use std::collections::BTreeSet;

/// Turns that are looked at: who is at work does so again and again.
const MOST_LOOKED_AT: usize = 4_096;

/// Answered turns of places without a store that was read, from the victim's possession on, by time: those that had
/// ended by `until`, and then those that had begun by then.
fn turns<'a>(case: &Case<'a>, until: When) -> impl Iterator<Item = &'a TurnSeen> + use<'a> {
    let known = case.known;
    let at = |index: &usize| known.turns.get(*index).map_or(i64::MAX, |turn| turn.at().ms);
    let since = case.incident.held.as_ref().and_then(|held| held.since).map_or(i64::MAX, |since| since.ms);
    let from = known.unstored.partition_point(|index| at(index) <= since);
    let end = known.unstored.partition_point(|index| at(index) < until.ms).max(from);
    let ended = of(case, from..end);
    ended.chain(of(case, end..known.unstored.len()).filter(move |turn| had_begun(turn, until)))
}

/// Some of the turns of such places, by their numbers.
fn of<'a>(case: &Case<'a>, numbers: std::ops::Range<usize>) -> impl Iterator<Item = &'a TurnSeen> + use<'a> {
    let known = case.known;
    let list = known.unstored.get(numbers).unwrap_or_default().iter().take(MOST_LOOKED_AT);
    list.filter_map(|&index| known.turns.get(index))
}

/// Had it begun by then? A program gets hold of a credential, and refreshes it, before it writes its turn down.
fn had_begun(turn: &TurnSeen, by: When) -> bool {
    turn.started().is_some_and(|started| started.ms < by.ms.saturating_add(BURST_MS))
}

/// Was it at work when the victim was refused, and answered after that?
fn was_at_work_then(case: &Case<'_>, turn: &TurnSeen) -> bool {
    case.incident.refused.surely_before(turn.at()) && had_begun(turn, case.incident.refused)
}

/// How another place of the victim's own program shows that it had a token while the victim was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It was answered when the victim's access token had ended: it had another one.
    Another,
    /// It was answered while the victim was refused.
    AtOnce,
    /// It had been at work before that.
    Before,
}

/// Another program on the victim's machine.
pub(super) fn other_program<'a>(case: &Case<'a>) -> Option<&'a TurnSeen> {
    let victim = &case.incident.victim;
    let elsewhere = |t: &TurnSeen| t.setting.site.host.zip(victim.host).is_some_and(|(a, b)| a != b);
    // Of one that is known to be kept out of sight the logs are asked.
    let hidden = |t: &TurnSeen| {
        case.known.stores.iter().any(|s| s.client == t.setting.site.client && s.home == t.setting.site.home && s.hidden)
    };
    turns(case, case.incident.refused).find(|t| t.setting.site.client != victim.client && !elsewhere(t) && !hidden(t))
}

/// Anybody but the program of this sibling on its machine, at work by `until`. One that was answered when the victim's
/// access token had ended had a token of its own and comes first, the victim's own program before others, also where
/// that is known from a later turn alone.
pub(super) fn beside<'a>(case: &Case<'a>, sibling: &Sibling, until: When) -> Option<&'a TurnSeen> {
    let host = case.store(sibling).host;
    let apart = |t: &&TurnSeen| t.setting.site.client != sibling.client || t.setting.site.host != host;
    let open = |t: &&TurnSeen| apart(t) && may_share(case, t) && !is_silent(case, t);
    let found = || turns(case, until).filter(open);
    let first = found().next()?;
    let places: BTreeSet<_> = found().map(place).collect();
    let since = || after(case, until).filter(open).filter(|t| places.contains(&place(t)));
    let ended = |t: &&TurnSeen| case.had_ended(t.at());
    let own = found().find(|t| is_own(case, t) && ended(t));
    own.or_else(|| found().find(ended)).or_else(|| since().find(ended)).or(Some(first))
}

/// Program, home and agent.
fn place(turn: &TurnSeen) -> (Client, Option<HostId>, &Option<String>, &Option<UnreadAgent>) {
    (turn.setting.site.client, turn.setting.site.host, &turn.setting.site.home, &turn.setting.site.unread_agent)
}

/// Turns of such places from a time on.
fn after<'a>(case: &Case<'a>, from: When) -> impl Iterator<Item = &'a TurnSeen> + use<'a> {
    let known = case.known;
    let start = known.unstored.partition_point(|&index| known.turns.get(index).is_some_and(|turn| turn.at().ms < from.ms));
    of(case, start..known.unstored.len())
}

/// Another home, profile or agent of the victim's own program, on its machine, that was at work in the time in
/// question: by the turn that says most. One that had been at work before the refusal, and was answered when the
/// victim's access token had ended, had another one by then, also where that is known from after the refusal alone.
pub(super) fn own_place<'a>(case: &Case<'a>) -> Option<(&'a TurnSeen, Sign)> {
    let own = || turns(case, case.incident.refused).filter(|t| is_own(case, t) && may_share(case, t));
    let first = own().next()?;
    let of_place = |t: &&TurnSeen| place(t) == place(first);
    let since = after(case, case.incident.refused).filter(|t| is_own(case, t) && may_share(case, t)).filter(of_place);
    let another = own().chain(since).find(|t| case.had_ended(t.at())).map(|turn| (turn, Sign::Another));
    let at_once = || own().find(|t| was_at_work_then(case, t)).map(|turn| (turn, Sign::AtOnce));
    another.or_else(at_once).or(Some((first, Sign::Before)))
}

/// Is it of the victim's own program, on its machine?
pub(super) fn is_own(case: &Case<'_>, turn: &TurnSeen) -> bool {
    turn.setting.site.client == case.incident.victim.client && turn.setting.site.host == case.incident.victim.host
}

/// Is it not known to be of another account?
fn may_share(case: &Case<'_>, turn: &TurnSeen) -> bool {
    turn.setting.asked.account.zip(case.incident.victim.account).is_none_or(|(a, b)| a == b)
}

/// Is there a log of its home that covers the time, and shows no refresh? A store that is out of sight was not
/// refreshed then.
fn is_silent(case: &Case<'_>, turn: &TurnSeen) -> bool {
    let of_place = |s: &&Sibling| {
        s.client == turn.setting.site.client && turn.setting.site.home.is_some() && case.store(s).home == turn.setting.site.home
    };
    let clear = |s: &Sibling| s.silent.is_some() || s.account == Relation::Different;
    case.incident.siblings.iter().filter(of_place).any(clear)
}

/// What would tell what it did.
pub(super) const SETTLES: &str =
    "the credential store of whoever else was at work in the time in question: program, home, agent or machine";

/// What its turn says of it.
pub(super) fn at_work(case: &Case<'_>, turn: &TurnSeen) -> Item {
    let who = case.called(turn.setting.site.client, turn.setting.site.host);
    let when = if case.had_ended(turn.at()) { "after the token in question had ended" } else { "in the time in question" };
    let says = match is_own(case, turn) {
        true => format!("another agent, profile or home of {who} was at work {when}, and its store is not among the files"),
        false => format!("{who} was at work {when}, and its store is not among the files"),
    };
    case.item(ItemKind::Control, Some(turn.at()), turn.origin(), says)
}

/// The program of this store at work in its home, in the time in question or since.
pub(super) fn of_store<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<&'a TurnSeen> {
    let (store, turns) = (case.store(sibling), &case.known.turns);
    let since = case.incident.held.as_ref().and_then(|held| held.since)?;
    let from = turns.partition_point(|turn| turn.at().ms <= since.ms);
    let its = |t: &&TurnSeen| {
        t.setting.store == Some(sibling.store)
            || (t.setting.site.client == store.client && t.setting.site.home.is_some() && t.setting.site.home == store.home)
    };
    let paid = |t: &&TurnSeen| t.stop.is_success() && t.setting.asked.provider.is_chatgpt();
    turns.get(from..)?.iter().take(MOST_LOOKED_AT).find(|turn| its(turn) && paid(turn))
}

/// What its turn says, where copies of its store are all that was read.
pub(super) fn with_copies(case: &Case<'_>, turn: &TurnSeen) -> Item {
    let who = case.called(turn.setting.site.client, turn.setting.site.host);
    case.item(
        ItemKind::Control,
        Some(turn.at()),
        turn.origin(),
        format!("{who} was at work, and only copies of its store are among the files"),
    )
}
