//! What a verdict is worth beside an expert's: each of its four words is right, too weak, too bold or
//! wrong. No word is compared by its wording; only what it claims counts.

use crate::incidents::tier;
use crate::make::scenarios::Verdict;
use stopwhy::report::IncidentJson;

/// The word for what the files do not settle.
pub const OPEN: &str = "undetermined";

/// What is claimed of one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub mechanism: String,
    pub root_cause: String,
    pub actor: Option<String>,
    pub confidence: String,
}

impl Claim {
    /// What a report claims.
    pub fn of(incident: &IncidentJson) -> Claim {
        Claim {
            mechanism: incident.mechanism.clone(),
            root_cause: incident.root_cause.clone(),
            actor: incident.actor.as_ref().map(|a| a.client.clone()),
            confidence: incident.confidence.clone(),
        }
    }

    /// Nothing is claimed.
    pub fn none() -> Claim {
        Claim { mechanism: OPEN.to_owned(), root_cause: OPEN.to_owned(), actor: None, confidence: OPEN.to_owned() }
    }

    /// The four words, `-` where nobody is named.
    pub fn words(&self) -> [&str; 4] {
        [&self.mechanism, &self.root_cause, self.actor.as_deref().unwrap_or("-"), &self.confidence]
    }
}

/// What one word is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// What the expert says.
    Right,
    /// Less than the files allow.
    TooWeak,
    /// More than the files allow.
    TooBold,
    /// Something else.
    Wrong,
}

impl Judgement {
    pub const ALL: [Judgement; 4] = [Judgement::Right, Judgement::TooWeak, Judgement::TooBold, Judgement::Wrong];

    /// The word of the table.
    pub fn word(self) -> &'static str {
        match self {
            Judgement::Right => "right",
            Judgement::TooWeak => "too weak",
            Judgement::TooBold => "too bold",
            Judgement::Wrong => "wrong",
        }
    }
}

/// The four judgements on a claim: mechanism, root cause, actor, confidence.
pub fn judge(claim: &Claim, expert: &Verdict) -> [Judgement; 4] {
    let may_leave_open = expert.confidence.0 == OPEN;
    [
        settled(&claim.mechanism, expert.mechanism, false),
        settled(&claim.root_cause, expert.root_cause, may_leave_open),
        named(claim.actor.as_deref(), expert, may_leave_open),
        sure(&claim.confidence, expert.confidence),
    ]
}

fn settled(claim: &str, expert: &str, may_leave_open: bool) -> Judgement {
    match (claim, expert) {
        (a, b) if a == b => Judgement::Right,
        (OPEN, _) if may_leave_open => Judgement::Right,
        (OPEN, _) => Judgement::TooWeak,
        (_, OPEN) => Judgement::TooBold,
        _ => Judgement::Wrong,
    }
}

fn named(claim: Option<&str>, expert: &Verdict, may_leave_open: bool) -> Judgement {
    match (claim, expert.actor) {
        (a, b) if a == b => Judgement::Right,
        (None, _) if may_leave_open => Judgement::Right,
        (None, _) => Judgement::TooWeak,
        // Somebody did it, and the files do not show who; or nobody did.
        (Some(_), None) if matches!(expert.mechanism, "consumed" | "revoked" | OPEN) => Judgement::TooBold,
        (Some(_), _) => Judgement::Wrong,
    }
}

fn sure(claim: &str, (low, high): (&str, &str)) -> Judgement {
    match tier(claim) {
        t if t < tier(low) => Judgement::TooWeak,
        t if t > tier(high) => Judgement::TooBold,
        _ => Judgement::Right,
    }
}

#[test]
fn each_judgement_can_be_given() {
    let expert = |mechanism, root_cause, actor, confidence| Verdict {
        victim: "hermes",
        mechanism,
        root_cause,
        actor,
        confidence,
        failed_turns: 1..=1,
    };
    let claim = |mechanism: &str, root_cause: &str, actor: Option<&str>, confidence: &str| Claim {
        mechanism: mechanism.to_owned(),
        root_cause: root_cause.to_owned(),
        actor: actor.map(str::to_owned),
        confidence: confidence.to_owned(),
    };
    let refreshed = expert("consumed", "sibling_refresh", Some("codex"), ("likely", "very_likely"));
    let [right, weak, bold, wrong] = Judgement::ALL;
    let says = |c: Claim, e: &Verdict| judge(&c, e);
    assert_eq!(says(claim("consumed", "sibling_refresh", Some("codex"), "likely"), &refreshed), [right; 4]);
    assert_eq!(says(claim("consumed", "sibling_refresh", Some("codex"), "confirmed"), &refreshed), [right, right, right, bold]);
    assert_eq!(says(claim("revoked", "sibling_relogin", Some("opencode"), "possible"), &refreshed), [wrong, wrong, wrong, weak]);
    assert_eq!(says(Claim::none(), &refreshed), [weak; 4]);
    let unseen = expert("consumed", "unrecorded_consumer", None, ("possible", "likely"));
    assert_eq!(says(claim("consumed", "sibling_refresh", Some("codex"), "likely"), &unseen), [right, wrong, bold, right]);
    let network = expert("not_token", "network", None, ("likely", "confirmed"));
    assert_eq!(says(claim("consumed", "sibling_refresh", Some("codex"), "likely"), &network)[2], wrong);
    let open = expert("consumed", "sibling_refresh", Some("codex"), (OPEN, "possible"));
    assert_eq!(says(claim("consumed", OPEN, None, OPEN), &open), [right; 4]);
}
