//! Exchanges whose result stands in another program's store: OpenClaw up to 2026.4.17 refreshed the login of
//! Codex and wrote the new pair back into Codex' store, and its log says so. The store shows the chain, the
//! log shows whose act it was: both belong to the program that wrote, whatever its own store holds since, and
//! even where that is not among the files.
//!
//! Apart from the hypotheses: what is handed over speaks for one of them and against another.

use super::rivals::BURST_MS;
use super::{out_of_sight, parted, traces};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::correlate::{Act, Grade, Hand, Relation, Sibling, TurnSeen};
use crate::event::Client;

/// An exchange that one store shows and another program made.
#[derive(Clone, Copy)]
pub(super) struct Handed<'a> {
    /// The change of the store.
    pub(super) act: &'a Act,
    /// Who made it.
    pub(super) hand: Hand,
    /// The store that shows it.
    pub(super) owner: &'a Sibling,
}

/// All of them in the time in question that may have spent the victim's token.
pub(super) fn all<'a>(case: &Case<'a>) -> impl Iterator<Item = Handed<'a>> + use<'a> {
    let case = *case;
    let of = move |owner: &'a Sibling| {
        let act = case.act(case.may_have_spent(owner)?);
        Some(Handed { act, hand: act.by?, owner })
    };
    case.incident.siblings.iter().filter_map(of)
}

/// The one that took this store's change out of the hands of its own program.
pub(super) fn away<'a>(case: &Case<'a>, owner: &Sibling) -> Option<Handed<'a>> {
    all(case).find(|handed| handed.owner.store == owner.store)
}

/// The one that the program of this store made elsewhere.
pub(super) fn to<'a>(case: &Case<'a>, sibling: &Sibling) -> Option<Handed<'a>> {
    all(case).find(|handed| handed.hand.store == Some(sibling.store) && sibling.account != Relation::Different)
}

/// One that a program made of which no store of this account was read.
pub(super) fn unstored<'a>(case: &Case<'a>) -> Option<Handed<'a>> {
    let is_own = |s: &Sibling, handed: &Handed<'_>| handed.hand.store == Some(s.store) && s.account != Relation::Different;
    let read = |handed: &Handed<'_>| case.incident.siblings.iter().any(|s| is_own(s, handed));
    all(case).find(|handed| handed.hand.client != case.incident.victim.client && !read(handed))
}

/// The stamp of the new pair in Codex' store is of a form that Hermes writes too, and a Hermes of that machine was at
/// work of whose store copies alone were read: it may have written the pair there, as that of April 2026
/// did. Not where Codex was at work when the pair was issued: then it had a reason to refresh.
pub(super) fn perhaps(case: &Case<'_>, act: &Act, finding: &mut Finding) {
    let here = |s: &&Sibling| s.client == Client::Hermes && case.store(s).host == act.host;
    let open = |s: &&Sibling| !case.store(s).live && s.account != Relation::Different && s.family != Relation::Different;
    let mut unread = case.incident.siblings.iter().filter(here).filter(open).filter(|s| s.silent.is_none());
    let Some(theirs) = unread.find_map(|s| out_of_sight::of_store(case, s)) else { return };
    if let Some(own) = at_work(case, act) {
        let says = format!("{} was at work when the new pair was issued", act.client.title());
        finding.limits.push(case.item(ItemKind::Control, Some(own.at()), own.origin(), says));
        return;
    }
    let because = "a program that stamps its pairs alike was at work, and only copies of its store are among the files: it may have \
                   written the new pair there";
    finding.limit(Confidence::Possible, because, Some(out_of_sight::with_copies(case, theirs)));
}

/// A turn of the program of this store that was under way when the new pair was issued.
fn at_work<'a>(case: &Case<'a>, act: &Act) -> Option<&'a TurnSeen> {
    /// Turns that are looked at.
    const MOST: usize = 4_096;
    let (turns, store) = (&case.known.turns, act.store?);
    let from = turns.partition_point(|turn| turn.at().ms < act.at.ms.saturating_sub(BURST_MS));
    let begun = |turn: &TurnSeen| turn.started().unwrap_or(turn.at()).ms <= act.at.ms.saturating_add(BURST_MS);
    turns.get(from..)?.iter().take(MOST).find(|turn| turn.setting.store == Some(store) && begun(turn))
}

impl Handed<'_> {
    /// Why the store's own program did not do it.
    pub(super) fn says(&self) -> String {
        let (owner, hand) = (self.owner.client.title(), self.hand.client.title());
        format!(
            "{hand} wrote the new pair into the store of {owner}, by its own log: what was exchanged for it was not {owner}'s act"
        )
    }

    /// The record of that.
    pub(super) fn item(&self, case: &Case<'_>) -> Item {
        let (owner, hand) = (self.owner.client.title(), self.hand.client.title());
        let says = format!("{hand} wrote what it had refreshed into the store of {owner}");
        case.item(ItemKind::Adoption, Some(self.hand.at), self.hand.origin, says)
    }

    /// Did that store hold the very token before?
    pub(super) fn has_chain(&self, case: &Case<'_>) -> bool {
        self.owner.shared.is_some() && self.owner.spent.is_some_and(|index| case.act(index).origin == self.act.origin)
    }

    /// The chain that the other store shows, the act, and the word of the program that made it.
    pub(super) fn weigh(&self, case: &Case<'_>, finding: &mut Finding) {
        let (victim, owner, did) = (case.incident.victim.client.title(), case.who(self.owner), parted::verb(case));
        let chain = self.has_chain(case);
        if let Some(origin) = self.owner.shared.filter(|_| chain) {
            let says = format!("the store of {owner} had held the very refresh token that {victim} {did}, before it changed");
            parted::shared(case, 17, case.item(ItemKind::SharedToken, None, origin, says), finding);
        }
        let grade = if chain { Some(Grade::R0) } else { self.act.grade };
        finding.point(8, Item { grade, ..case.acted(self.act) });
        finding.point(8, self.item(case));
        finding.cap(Confidence::VeryLikely, "that the exchange was its act rests on the word of its own log");
        if !case.surely_inside(self.act) {
            finding.cap(Confidence::Possible, traces::NOT_INSIDE);
        }
        if !chain {
            finding.cap(Confidence::Likely, "which token was exchanged for the pair that it wrote is not on record");
        }
        finding.when = CauseTime { at: Some(self.act.at), after: None, before: None };
    }
}
