//! The split answer: that another program is involved can be likely while it is open which of its acts it
//! was, a refresh that spent the token or a new login that ended the session.
//!
//! It decides nothing that is compared: it says what those explanations have in common, where none of them
//! stands out alone.

use crate::attribute::case::Case;
use crate::attribute::cause::RootCause;
use crate::attribute::compare::Compared;
use crate::attribute::confidence::{self, Confidence, Standing};
use crate::attribute::finding::Finding;
use crate::event::Client;

/// A program that is involved by one of its acts.
pub(super) struct Involved {
    /// Which.
    pub(super) client: Client,
    /// How sure it is that it is.
    pub(super) confidence: Confidence,
}

/// The program whose refresh and whose login both explain the incident, where they together are ahead of
/// everything else.
pub(super) fn of(case: &Case<'_>, compared: &Compared) -> Option<Involved> {
    if compared.best.is_some() {
        return None;
    }
    let sibling = case.other_programs().find(|sibling| case.is_split(sibling))?;
    let is_its = |f: &&Finding| f.actor.is_some_and(|actor| actor.client == sibling.client) && f.score() > 0;
    let open = || compared.findings.iter().filter(|f| f.is_open());
    let of_cause = |cause: RootCause| open().filter(is_its).find(|f| f.cause == cause);
    let (refresh, login) = (of_cause(RootCause::SiblingRefresh)?, of_cause(RootCause::SiblingRelogin)?);
    let others = open().filter(|f| !is_its(f)).map(Finding::score).max();
    let confidence = confidence::tier(Standing {
        score: refresh.score().max(login.score()),
        next: others,
        sources: refresh.sources().max(login.sources()),
        stated_outright: false,
        recorded: false,
        cap: Confidence::Likely,
    });
    (confidence > Confidence::Undetermined).then_some(Involved { client: sibling.client, confidence })
}

impl Involved {
    /// The split in one sentence.
    pub(super) fn says(&self) -> String {
        format!(
            "{} is involved ({}): it both refreshed and logged in anew in the time in question; whether its refresh spent the token or \
             its new login ended the session cannot be told apart, since the access tokens do not say which login they belong to",
            self.client.title(),
            self.confidence.title()
        )
    }
}
