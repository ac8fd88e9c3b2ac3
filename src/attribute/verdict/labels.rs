//! Where a client's own words say something else than the raw answer: which was heard, and which counts.
//!
//! Clients print sentences that are hard-wired to a code, or that stand for several truths. None of them is
//! evidence; but a reader who has seen the sentence needs to know why the verdict does not follow it.

use crate::attribute::case::Case;
use crate::attribute::cause::RootCause;
use crate::attribute::compare::Compared;
use crate::correlate::{Act, FailureSeen, Group};
use crate::event::{Client, ErrorClass, Level};
use std::collections::BTreeSet;

/// Every disagreement, each once.
pub(super) fn notes(case: &Case<'_>, compared: &Compared) -> Vec<String> {
    let mut notes = mislabelled(case);
    notes.extend(not_stored(case));
    notes.extend(another_client(case, compared));
    notes.extend(refreshed_in_vain(case));
    notes
}

fn disagreement(who: Client, label: ErrorClass, raw: ErrorClass) -> String {
    format!(
        "the client's own wording ({}) says: {}; the raw answer says: {}; the raw answer counts",
        who.title(),
        label.says(),
        raw.says()
    )
}

/// Turns that the client labels as something else than what it was answered.
fn mislabelled(case: &Case<'_>) -> Vec<String> {
    let labelled = |f: &FailureSeen| Some((f.stated_by, f.labelled?, f.failure.class));
    let said: BTreeSet<_> = case.incident.failures.iter().filter_map(labelled).collect();
    said.into_iter().map(|(who, label, raw)| disagreement(who, label, raw)).collect()
}

/// "No credentials stored" while the credential only rests after a limit (Hermes up to June 2026).
fn not_stored(case: &Case<'_>) -> Option<String> {
    let incident = case.incident;
    let lead = incident.lead().filter(|f| incident.group == Some(Group::Limit) && f.failure.level >= Level::Status)?;
    let says = |f: &&FailureSeen| f.failure.class == ErrorClass::NoCredential && f.failure.level == Level::Sentence;
    let said = incident.failures.iter().find(says)?;
    Some(disagreement(said.stated_by, said.failure.class, lead.failure.class))
}

/// "Already consumed by another client" is what Hermes (0.12 and later) says of every spent refresh token of
/// the ChatGPT login. Of another service's it says other words.
fn another_client(case: &Case<'_>, compared: &Compared) -> Option<String> {
    let is_chatgpt = case.incident.victim.provider.is_chatgpt();
    let says = |f: &FailureSeen| is_chatgpt && f.stated_by == Client::Hermes && f.failure.class == ErrorClass::RefreshTokenReused;
    let said = case.incident.failures.iter().any(says);
    (said && compared.cause() != RootCause::SiblingRefresh).then(|| {
        "the client's own wording (Hermes) blames another client: it says so of every refresh token that was used before, and the \
         code behind it names nobody"
            .to_owned()
    })
}

/// A logged refresh that brought nothing into the store.
fn refreshed_in_vain(case: &Case<'_>) -> Option<String> {
    /// The store is written, and the token issued, within this time of the log line.
    const NEAR_MS: i64 = 2 * 60_000;
    let incident = case.incident;
    let store = incident.victim.store.and_then(|id| case.known.stores.get(id)).filter(|store| store.live)?;
    let newest = store.newest().and_then(|held| held.issued_at.or(held.since))?;
    let told = |act: &&Act| act.is_rotation() && act.held.is_none() && act.client == Client::Hermes;
    let within = |act: &&Act| (incident.first.ms..=incident.last.ms).contains(&act.at.ms);
    let own = incident.own_acts.iter().map(|&index| case.act(index));
    own.filter(told).filter(within).find(|act| newest.hi.saturating_add(NEAR_MS) < act.at.lo)?;
    Some(
        "the client's own log (Hermes) says that its login was refreshed, and its store holds no newer pair; what the store holds \
         counts"
            .to_owned(),
    )
}
