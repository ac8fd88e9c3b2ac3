//! What a verdict has to say about files that were not read whole: a hole in the failing client's
//! own record, or in that of a client that may have done it, at the time in question.
//!
//! It is apart from the verdict because it never decides anything: absence of evidence in a file
//! with a hole is not evidence of absence, and a reader of the verdict must know.

use crate::attribute::case::Case;
use crate::attribute::finding::Actor;
use crate::correlate::{Gap, Group};
use crate::event::{Client, SkipReason};
use std::collections::{BTreeMap, BTreeSet};

/// What settles it: the same words whichever file it is.
pub(super) const SETTLES: &str =
    "a complete copy of the files that were not read whole: the coverage part of the report names them and says why";

/// Whose files they are, from the verdict's point of view.
struct Party<'a> {
    who: Client,
    home: &'a str,
}

/// One sentence for each party whose record has a hole in the time in question: from the moment
/// the victim got the credential it held, or last worked, to its first failure.
pub(super) fn notes(case: &Case<'_>, actor: Option<Actor>) -> Vec<String> {
    let incident = case.incident;
    let (from, to) = case.interval();
    let of = |party: &Party<'_>| -> Vec<&Gap> {
        case.known.gaps.iter().filter(|gap| gap.is_of(party.who, party.home) && gap.touches(from, to)).collect()
    };
    let parties = parties(case, actor);
    let said = parties.iter().map(|party| (of(party), party)).filter(|(gaps, _)| !gaps.is_empty());
    let mut notes: Vec<String> = said.map(|(gaps, party)| sentence(party.who, &gaps)).collect();
    // Where nobody is named, any program may have held this login whose store is out of sight.
    if actor.is_none() && incident.group == Some(Group::Auth) {
        let is_told = |gap: &Gap| parties.iter().any(|party| gap.is_of(party.who, party.home));
        let mut others: BTreeMap<Client, Vec<&Gap>> = BTreeMap::new();
        for gap in case.unread_stores().filter(|gap| !is_told(gap)) {
            others.entry(gap.client).or_default().push(gap);
        }
        notes.extend(others.into_iter().map(|(who, gaps)| sentence(who, &gaps)));
    }
    notes
}

/// The victim, the actor, and without an actor every other holder of the account.
fn parties<'a>(case: &Case<'a>, actor: Option<Actor>) -> Vec<Party<'a>> {
    let victim = &case.incident.victim;
    let own = victim.home.as_deref().map(|home| Party { who: victim.client, home });
    let holders = case.incident.siblings.iter().filter(|s| actor.is_none_or(|actor| actor.store == Some(s.store)));
    let others = holders.map(|s| case.store(s)).filter_map(|s| Some(Party { who: s.client, home: s.home.as_deref()? }));
    let mut seen = BTreeSet::new();
    own.into_iter().chain(others).filter(|party| !party.home.is_empty() && seen.insert((party.who, party.home))).collect()
}

fn sentence(who: Client, gaps: &[&Gap]) -> String {
    let reasons: BTreeSet<SkipReason> = gaps.iter().flat_map(|gap| gap.reasons.iter().copied()).collect();
    let words: Vec<&str> = reasons.iter().map(|reason| reason.word()).collect();
    let sources: u64 = gaps.iter().map(|gap| gap.sources).sum();
    let (files, they) = if sources == 1 { ("1 file".to_owned(), "it") } else { (format!("{sources} files"), "they") };
    format!(
        "{files} of {} that may reach into the time in question could not be read whole ({}): what {they} held there is missing here",
        who.title(),
        words.join(", ")
    )
}
