//! A verdict: mechanism, cause, actor, how sure, and the evidence in one numbered list.
//!
//! Here what was compared is put together; what is cited ([`cited`]), advised ([`advice`]) and remarked
//! ([`notes`], [`labels`], [`unread`]) beside it stands in files of its own, and decides nothing.

mod advice;
mod cited;
mod held;
mod involved;
mod labels;
mod notes;
mod own_end;
mod unread;

use super::case::Case;
use super::cause::RootCause;
use super::compare::Compared;
use super::confidence::Confidence;
use super::finding::{Actor, CauseTime, Finding, Item, Stance};
use crate::event::{Client, ErrorClass, Level, Mechanism};
use std::borrow::Cow;

pub(super) use held::{Held, Open};

/// An item of evidence as the verdict uses it.
#[derive(Clone, Debug)]
pub struct Evidenced {
    /// The item.
    pub item: Item,
    /// Which way it speaks about the verdict.
    pub stance: Stance,
    /// Points it gives to the verdict, or takes; None where it has no part in it.
    pub points: Option<i32>,
}

/// Where a hypothesis stands after comparison. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The verdict.
    Best,
    /// Possible, and not the best supported.
    Open,
    /// A gate excludes it.
    RuledOut,
}

impl Status {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Status::Best => "best",
            Status::Open => "open",
            Status::RuledOut => "ruled_out",
        }
    }
}

/// A hypothesis after comparison.
#[derive(Clone, Debug)]
pub struct Considered {
    /// Its cause.
    pub cause: RootCause,
    /// Its actor.
    pub actor: Option<Actor>,
    /// Where it stands.
    pub status: Status,
    /// Its points; 0 when ruled out.
    pub score: i32,
    /// Its evidence, as indexes into [`Verdict::evidence`].
    pub because: Vec<usize>,
    /// Why it stands there.
    pub says: Cow<'static, str>,
}

/// What is decided about one incident.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What happened to the credential.
    pub mechanism: Mechanism,
    /// Why.
    pub cause: RootCause,
    /// Who, where that is decided.
    pub actor: Option<Actor>,
    /// Front ends that share the actor's home and cannot be told apart.
    pub candidates: Vec<Client>,
    /// How sure.
    pub confidence: Confidence,
    /// When the causal act happened.
    pub when: CauseTime,
    /// The class that the incident is about.
    pub lead: Option<ErrorClass>,
    /// Evidence in order of time.
    pub evidence: Vec<Evidenced>,
    /// Hypotheses in order of status and points.
    pub considered: Vec<Considered>,
    /// A program that is involved, and how sure that is, where only its act is open.
    pub involved: Option<(Client, Confidence)>,
    /// Observations that would decide what is open.
    pub would_settle: Vec<String>,
    /// What to do (true) and not to do (false), in order.
    pub next_steps: Vec<(bool, &'static str)>,
    /// What a reader should know beside the verdict.
    pub notes: Vec<String>,
}

/// Put the verdict on an incident together. `held` says what other readings of the clocks make of it,
/// where there are any.
pub(super) fn verdict(case: &Case<'_>, compared: Compared, held: Option<Held>) -> Verdict {
    let evidence = cited::evidence(case, &compared);
    let cause = compared.cause();
    let (actor, confidence, when, stated) = match compared.winner() {
        Some((finding, tier)) => (finding.actor, tier, finding.when, finding.mechanism),
        None => (None, Confidence::Undetermined, CauseTime::default(), None),
    };
    let unread = unread::notes(case, actor);
    let mechanism = if cause == RootCause::Undetermined { mechanism_alone(case) } else { stated.unwrap_or(cause.mechanism()) };
    let involved = involved::of(case, &compared);
    Verdict {
        mechanism,
        cause,
        actor,
        candidates: candidates(case, actor, when),
        confidence,
        when,
        lead: case.incident.lead().map(|f| f.failure.class),
        considered: considered(&compared, &evidence),
        involved: involved.as_ref().map(|i| (i.client, i.confidence)),
        would_settle: advice::would_settle(&compared, confidence, held.as_ref(), !unread.is_empty()),
        next_steps: advice::next_steps(case, &compared, involved.is_some()),
        notes: [
            involved.iter().map(involved::Involved::says).collect(),
            notes::notes(case, &compared, held.as_ref()),
            labels::notes(case, &compared),
            notes::zones(case, &evidence),
            notes::clocks(case, &evidence),
            unread,
        ]
        .concat(),
        evidence,
    }
}

/// The mechanism that the rawest statement settles, when no cause stands out. An access token that
/// works again had neither ended nor been revoked, whatever one answer said; and one that is called
/// expired had ended only where its own end says so, since servers say it of tokens long before that.
fn mechanism_alone(case: &Case<'_>) -> Mechanism {
    if own_end::act(case).is_some() || own_end::said_logout(case).is_some() {
        return Mechanism::Revoked;
    }
    let lead = case.incident.lead().filter(|f| f.failure.level >= Level::Status);
    match lead.map_or(Mechanism::Undetermined, |f| f.failure.class.mechanism()) {
        Mechanism::Revoked | Mechanism::Expired if case.incident.same_token_worked => Mechanism::Undetermined,
        Mechanism::Expired if lead.is_some_and(|f| f.failure.class == ErrorClass::TokenExpired && !case.had_ended(f.at)) => {
            Mechanism::Undetermined
        }
        mechanism => mechanism,
    }
}

/// Front ends that may have acted: the one whose process a log names, else all of the home.
fn candidates(case: &Case<'_>, actor: Option<Actor>, when: CauseTime) -> Vec<Client> {
    let store = actor.and_then(|a| a.store);
    let act = case.acts().find(|a| store.is_some() && a.store == store && Some(a.at) == when.at && a.front.is_some());
    if let Some(front) = act.and_then(|a| a.front) {
        return vec![front];
    }
    let known = case.incident.front_ends.iter().find(|(id, _)| Some(*id) == store);
    known.map(|(_, list)| list.clone()).unwrap_or_default()
}

fn considered(compared: &Compared, evidence: &[Evidenced]) -> Vec<Considered> {
    let place = |item: &Item| evidence.iter().position(|e| e.item.states_same(item));
    compared
        .findings
        .iter()
        .enumerate()
        .map(|(index, f)| {
            let status = match (f.is_open(), index == 0 && compared.best.is_some()) {
                (true, true) => Status::Best,
                (true, false) => Status::Open,
                (false, _) => Status::RuledOut,
            };
            let mut because: Vec<usize> = if f.is_open() {
                f.points.iter().filter_map(|p| place(&p.item)).collect()
            } else {
                f.ruled_out.iter().filter_map(|(_, item)| place(item.as_ref()?)).collect()
            };
            because.sort_unstable();
            because.dedup();
            let score = if f.is_open() { f.score() } else { 0 };
            Considered { cause: f.cause, actor: f.actor, status, score, because, says: says(f, status) }
        })
        .collect()
}

fn says(finding: &Finding, status: Status) -> Cow<'static, str> {
    if let Some((why, _)) = &finding.ruled_out {
        return why.clone();
    }
    let about = super::about(finding.cause).map_or("", |a| a.line);
    match (status, finding.why_not_higher().first()) {
        (_, Some(because)) => format!("{about} Not rated higher: {because}.").into(),
        _ => about.into(),
    }
}
