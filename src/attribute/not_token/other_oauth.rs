//! `other_oauth`: the login that was refused is another service's, not the ChatGPT login.
//!
//! Nous Portal, xAI, GitHub and tool servers answer in the words of OAuth too (`invalid_grant`, "reuse
//! detected"), and clients log them beside their own. Whose refusal it was is told by the provider that the
//! record names, and what it says counts for no other login: no other cause of the credential is open
//! for such an incident. A tool server that did not start for its own login is named by the client's sentence.

use super::literal::{self, Literal};
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::FailureSeen;
use crate::event::{ErrorClass, Provider};
use std::cmp::Reverse;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::OtherOauth, about: ABOUT, test };

const ABOUT: About = About {
    line: "The login of another service was refused; the ChatGPT login has no part in it.",
    means: "The turns were to be answered by another provider, or needed another service, and that service refused its own login. \
            Its words may be those of the ChatGPT login service (used, revoked, expired), and they say nothing about that one.",
    needs: &["a refusal of a login, in a record that names another service than ChatGPT's"],
    supports: &["turns with the ChatGPT login work around it"],
    excludes: &["the failing turns were to be answered with the ChatGPT login"],
    controls: &["turns of the same client with the ChatGPT login work meanwhile"],
    timeline: "the other service refuses its login → turns that need it fail → that login is mended",
    versions: &[
        "Hermes logs refusals of Nous Portal, xAI and tool servers in the same file as those of the Codex login",
        "Codex fails a turn when a tool server that it must have does not start, and passes on what that met",
    ],
    repairs: &["mend the login of the service that the failing turns name"],
    dos: &["look for monitors and scripts that refresh that service's login and drop the answer"],
    donts: &["do not touch the ChatGPT login", "do not name a client of the ChatGPT login"],
    settles: &["the failing call's address, or the name of its service"],
};

const TOOL_LOGIN: Literal = Literal {
    cause: RootCause::OtherOauth,
    classes: &[ErrorClass::ToolLogin],
    absent: "no failing turn was refused a login of another service",
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    if !case.is_of_another_service() {
        return vec![literal::test(case, &TOOL_LOGIN)];
    }
    let mut finding = Finding::new(RootCause::OtherOauth, None);
    let telling = |f: &&FailureSeen| f.failure.class.is_auth() && !f.failure.class.is_consequence();
    let rawest = |f: &&FailureSeen| (Reverse(f.failure.class.is_refresh()), Reverse(f.failure.level), f.at.ms);
    let Some(refused) = case.incident.failures.iter().filter(telling).min_by_key(rawest) else {
        return vec![finding.out("no refusal of a login is among the failures", None)];
    };
    let points = match refused.failure.class {
        class if class.is_refresh() => 20,
        ErrorClass::TokenExpired | ErrorClass::TokenInvalidated | ErrorClass::TokenRevoked => 14,
        _ => 8,
    };
    finding.stated_outright = refused.failure.class.is_refresh();
    let service = service(case.incident.victim.provider);
    let item = case.failure(refused);
    finding.point(points, Item { says: format!("{}: the login of {service}", item.says), ..item });
    if points == 8 {
        finding.cap(Confidence::Undetermined, "a 401 without a reason may as well be of a key: it does not show a login");
    }
    if let Some(item) = chatgpt_worked(case) {
        finding.point(4, item);
    }
    finding.when = CauseTime { at: Some(case.incident.first), after: None, before: None };
    finding.would_settle = ABOUT.settles.to_vec();
    vec![finding]
}

/// The service, as sentences name it.
fn service(provider: Provider) -> &'static str {
    match provider {
        Provider::Anthropic => "Anthropic",
        Provider::Google => "Google",
        Provider::Openrouter => "OpenRouter",
        Provider::Nous => "Nous Portal",
        Provider::Xai => "xAI",
        Provider::GithubCopilot => "GitHub Copilot",
        _ => "another service",
    }
}

/// A turn with the ChatGPT login that worked around the incident, in any program.
fn chatgpt_worked(case: &Case<'_>) -> Option<Item> {
    const AROUND_MS: i64 = 60 * 60_000;
    /// Turns looked at: among so many there is one, or the login was not at work.
    const MOST: usize = 1_024;
    let (from, to) = (case.incident.first.ms.saturating_sub(AROUND_MS), case.incident.last.ms.saturating_add(AROUND_MS));
    let turns = &case.known.turns;
    let near = turns.get(turns.partition_point(|t| t.at().ms < from)..)?.iter().take(MOST).take_while(|t| t.at().ms <= to);
    let good = near.filter(|t| t.at().is_certain() && t.stop.is_success()).find(|t| t.setting.asked.provider.is_chatgpt())?;
    let says = format!("{} was answered with the ChatGPT login at this time", good.setting.site.client.title());
    Some(case.item(ItemKind::Control, Some(good.at()), good.origin(), says))
}
