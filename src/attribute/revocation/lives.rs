//! Whether a login can have been ended by an act, as far as its holders show: not while one of them went on with
//! it, and not after one of them had been told that it had ended. By every reading of the clocks; where they
//! leave that open, so does the verdict.
//!
//! Apart from [`super::controls`], which is about what an act was, and whose.

use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{Finding, Item, ItemKind};
use crate::correlate::{Act, Held, LINGERS_MS, Life, Sign, SignKind, StoreId, SuccessSeen, When};
use crate::event::Origin;

/// What is under way when a login ends may still be answered this much later, whatever its connection.
const UNDER_WAY_MS: i64 = 60_000;
/// Refusals of one login that are looked at before an act.
const MOST: usize = 1_024;

/// Whether something holds by the clocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    No,
    Perhaps,
    Yes,
}

impl Sure {
    fn is_after(at: When, when: When) -> Sure {
        match (when.surely_before(at), when.maybe_before(at)) {
            (true, _) => Sure::Yes,
            (_, true) => Sure::Perhaps,
            _ => Sure::No,
        }
    }
}

/// Can an act have ended the victim's login?
pub(super) enum Could {
    /// Nothing speaks against it.
    Yes,
    /// No, and why.
    No(String, Item),
    /// That is open.
    Open(Open),
}

/// Why something is open, and what is said at most while it is.
pub(super) struct Open {
    most: Confidence,
    because: &'static str,
    settles: &'static str,
    item: Item,
}

impl Open {
    /// By the clocks, under one reading of which it was otherwise.
    fn by_clocks(because: &'static str, item: Item) -> Open {
        let settles = "the zone of the local times in the other holder's log: state it with --tz-of";
        Open { most: Confidence::Undetermined, because, settles, item }
    }

    /// By a sign of life of another holder: the clocks, or what it held then.
    fn by_sign(case: &Case<'_>, sign: &Sign, because: &'static str, what: &str) -> Open {
        if sign.kept {
            return Open::by_clocks(because, seen(case, sign, what));
        }
        let says = format!("{} worked on; with which login no file shows", who(case, sign.store));
        Open {
            most: Confidence::Possible,
            because: "another holder worked on, and no file shows whether with the same login",
            settles: "the credential store of the other holder as it is now, or its login log",
            item: case.item(ItemKind::Control, Some(sign.at), sign.origin, says),
        }
    }

    /// Say no more than that of a finding.
    pub(super) fn limit(self, finding: &mut Finding) {
        finding.limit(self.most, self.because, Some(self.item));
        finding.would_settle.insert(0, self.settles);
    }
}

/// A holder that goes on with the victim's own login long after the first refusal: the login has not ended. What
/// rests on that it has is out.
pub(super) fn lives_on(case: &Case<'_>, finding: &mut Finding) -> Option<(String, Item)> {
    let sign = elsewhere(case).find(|sign| shows_life(sign, case.incident.first) == Sure::Yes)?;
    let who = who(case, sign.store);
    let says = format!("{who} held a credential of that login");
    finding.limits.push(case.item(ItemKind::SharedLogin, None, sign.held, says));
    let item = seen(case, sign, "the victim's first failure");
    Some((format!("{who} went on with the same login: it had not been ended"), item))
}

/// Leave it open where it is whether another holder went on with the same login.
pub(super) fn mind_elsewhere(case: &Case<'_>, finding: &mut Finding) {
    let Some(sign) = elsewhere(case).find(|sign| shows_life(sign, case.incident.first) == Sure::Perhaps) else { return };
    let because = "under some reading of the clocks another holder went on with the same login, which had then not been ended";
    Open::by_sign(case, sign, because, "perhaps the victim's first failure").limit(finding);
}

/// Can the act have ended the victim's login? Only after the last proof that it lived, and before the first
/// sign that it had ended.
pub(super) fn could_end(case: &Case<'_>, act: &Act) -> Could {
    let Some(life) = life(case) else { return Could::Yes };
    let act = &at_password(case, case.as_stated(act));
    if let Some(sign) = signs(case, life).find(|sign| shows_life(sign, act.at) == Sure::Yes) {
        let why = format!("{} went on with the same login after it: it had not been ended by that", who(case, sign.store));
        return Could::No(why, seen(case, sign, "that"));
    }
    let open = signs(case, life).find(|sign| shows_life(sign, act.at) == Sure::Perhaps);
    if let Some(sign) = open {
        let because = "under some reading of the clocks another holder went on with the same login after that act, which had then not \
                       ended it";
        return Could::Open(Open::by_sign(case, sign, because, "perhaps that act"));
    }
    already_dead(case, life, act)
}

/// A holder, the victim or another one, that was answered after an act, or may have been, and so soon that a
/// connection from before explains it: what is said of the act at most, and by what. Where it was seconds under every
/// reading of the clocks, that says less. One event ends a login for all its holders, so that what one of them met
/// weighs alike for each. The act's own store is no witness: its program may have gone on with what it held in memory.
pub(super) fn lingered(case: &Case<'_>, acting: StoreId, act: &Act) -> Option<(Confidence, Item)> {
    let act = &at_password(case, case.as_stated(act));
    let own = case.incident.last_good.as_ref().filter(|good| act.at.maybe_before(good.at));
    let own = own.map(|good| (good.at, case.success(good, case.incident.victim.client, "may have worked after that act")));
    let answered = |sign: &&Sign| sign.kept && matches!(sign.kind, SignKind::Answered { .. }) && sign.store != acting;
    let others = elsewhere(case).filter(answered).filter(|sign| act.at.maybe_before(sign.made()));
    let others = others
        .map(|sign| (sign.made(), seen(case, sign, if act.at.ms < sign.made().ms { "that act" } else { "perhaps that act" })));
    let (at, item) = own.into_iter().chain(others).max_by_key(|(at, _)| at.ms)?;
    let ms = |ms: i64| ms.saturating_add(UNDER_WAY_MS);
    let settled = When { ms: ms(act.at.ms), lo: ms(act.at.lo), hi: ms(act.at.hi), ..act.at };
    Some((if settled.maybe_before(at) { Confidence::Possible } else { Confidence::Likely }, item))
}

/// The act as it most likely was, where its password alone dates it. That it may have come later is for the
/// hypothesis to mind, once.
fn at_password(case: &Case<'_>, act: &Act) -> Act {
    let ms = act.at.ms;
    let is_open = act.is_dated_by_password(&case.known.stores);
    Act { at: if is_open { When { lo: ms, hi: ms, ..act.at } } else { act.at }, ..act.clone() }
}

/// Had a holder been told before the act that the login had ended?
fn already_dead(case: &Case<'_>, life: &Life, act: &Act) -> Could {
    let incident = case.incident;
    let own = |store: StoreId, at: When| Some(store) == incident.victim.store && at.ms >= incident.first.ms;
    let told = life.ended.iter().rev().filter(|(store, at, _)| at.maybe_before(act.at) && !own(*store, *at)).take(MOST);
    let (mut sure, mut open) = (None, None);
    for &(store, at, origin) in told {
        let lived = life.alive().map(|sign| contradicts(sign, store, at)).max().unwrap_or(Sure::No);
        match (at.surely_before(act.at), lived) {
            (_, Sure::Yes) => {}
            (true, Sure::No) => sure = Some((store, at, origin)),
            _ => open = Some((store, at, origin)),
        }
    }
    let item = |(store, at, origin)| {
        let says = format!("{}, on the same login, was told that it had ended", who(case, store));
        case.item(ItemKind::Control, Some(at), origin, says)
    };
    match (sure, open) {
        (Some(found), _) => {
            Could::No(format!("{} had been told before it that the login had ended", who(case, found.0)), item(found))
        }
        (None, Some(found)) => {
            let because = "under some reading of the clocks another holder had been told before that act that the login had ended";
            Could::Open(Open::by_clocks(because, item(found)))
        }
        (None, None) => Could::Yes,
    }
}

/// What says that the login of a pair had ended, or may have, before an act of its holder: then the act was its
/// repair, and ended nothing. Some is a holder that was told so, or one that failed for no reason on record.
pub(super) fn ended_before(case: &Case<'_>, held: &Held, act: &Act) -> Option<Item> {
    let (life, act) = (case.known.lives.of_login(held)?, case.as_stated(act));
    let stood = |store: StoreId, at: When| life.alive().all(|sign| contradicts(sign, store, at) == Sure::No);
    let before = |list: &[(StoreId, When, Origin)]| {
        let own = |store: StoreId, at: When| Some(store) == case.incident.victim.store && at.ms >= case.incident.first.ms;
        let to = list.partition_point(|(_, at, _)| at.ms < act.at.ms);
        let latest = list.get(..to)?.iter().rev().take(MOST);
        latest.copied().find(|&(store, at, _)| at.surely_before(act.at) && !own(store, at) && stood(store, at))
    };
    let item = |(store, at, origin): (StoreId, When, Origin), what: &str| {
        case.item(ItemKind::Control, Some(at), origin, format!("{} {what}", who(case, store)))
    };
    let told = before(&life.ended).map(|met| item(met, "was told before that act that the login it acted on had ended"));
    told.or_else(|| before(&life.mute).map(|met| item(met, "had failed before that act, for no reason that is on record")))
}

/// Is the victim's login known to have lived on after a time before it failed?
pub(super) fn lived_after(case: &Case<'_>, at: When) -> bool {
    let open = |good: When| When { lo: good.lo.saturating_sub(LINGERS_MS), ..good };
    let worked = case.incident.last_good.is_some_and(|good| at.surely_before(open(good.at)));
    worked || case.incident.held.as_ref().is_some_and(|held| login_lived_after(case, held, at))
}

/// Is the login of a pair known to have lived on after a time?
pub(super) fn login_lived_after(case: &Case<'_>, held: &Held, at: When) -> bool {
    case.known.lives.of_login(held).is_some_and(|life| life.alive().any(|sign| shows_life(sign, at) == Sure::Yes))
}

/// The victim's login.
fn life<'a>(case: &Case<'a>) -> Option<&'a Life> {
    case.known.lives.of_login(case.incident.held.as_ref()?)
}

/// Signs of other holders.
fn elsewhere<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Sign> + use<'a> {
    let own = case.incident.victim.store;
    life(case).into_iter().flat_map(Life::alive).filter(move |sign| Some(sign.store) != own)
}

/// Signs that tell of an act: those of other holders, and tokens that the victim had been given before it failed.
/// When it last worked itself is the beginning of the time in question.
fn signs<'a>(case: &Case<'a>, life: &'a Life) -> impl Iterator<Item = &'a Sign> + use<'a> {
    let (own, first) = (case.incident.victim.store, case.incident.first);
    let given = move |sign: &Sign| matches!(sign.kind, SignKind::Issued) && sign.at.surely_before(first);
    life.alive().filter(move |sign| Some(sign.store) != own || given(sign))
}

/// Does the sign show that the login had not ended at a time? A session that began since has no connection from
/// before.
fn shows_life(sign: &Sign, when: When) -> Sure {
    let most = if sign.kept { Sure::Yes } else { Sure::Perhaps };
    if let SignKind::Issued = sign.kind {
        return Sure::is_after(sign.at, when);
    }
    let off = |ms: i64| ms.saturating_sub(LINGERS_MS);
    let made = sign.made();
    let made = When { ms: off(made.ms), lo: off(made.lo), hi: off(made.hi), ..made };
    most.min(Sure::is_after(made, when).max(sign.session().map_or(Sure::No, |begun| Sure::is_after(begun, when))))
}

/// Does the sign show that what a holder was told at a time was not the end? The order of one holder's times is
/// sure.
fn contradicts(sign: &Sign, store: StoreId, at: When) -> Sure {
    let point = |when: When| When { lo: when.ms, hi: when.ms, ..when };
    if sign.store != store || matches!(sign.kind, SignKind::Issued) {
        return shows_life(sign, at);
    }
    let kind = match sign.kind {
        SignKind::Answered { made, session } => SignKind::Answered { made: made.map(point), session: session.map(point) },
        SignKind::Issued => SignKind::Issued,
    };
    shows_life(&Sign { at: point(sign.at), kind, ..*sign }, point(at))
}

fn who(case: &Case<'_>, store: StoreId) -> &'static str {
    case.known.stores.get(store).map_or("another holder", |store| store.client.title())
}

/// The sign as an item.
fn seen(case: &Case<'_>, sign: &Sign, what: &str) -> Item {
    let says = format!("a token of the same login was issued to {} after {what}", who(case, sign.store));
    match (sign.kind, case.known.stores.get(sign.store)) {
        (SignKind::Answered { .. }, Some(store)) => {
            let good = SuccessSeen { at: sign.at, origin: sign.origin, session: None, over_second: false };
            case.success(&good, store.client, &format!("worked with the same login after {what}"))
        }
        _ => case.item(ItemKind::Control, Some(sign.at), sign.origin, says),
    }
}
