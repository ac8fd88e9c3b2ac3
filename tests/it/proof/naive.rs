//! The rule that people use at first sight: whoever refreshed or logged in last before the failure, and is
//! not the client that failed, is guilty. It stands beside the verdicts to show what they are worth.
//!
//! It has the same tables as they have and asks nothing else of them: neither account nor login nor store
//! nor what the server said. It knows no doubt; to be fair to it, what it names counts as `likely`.

use super::judge::Claim;
use stopwhy::correlate::{Act, Correlated, Incident};

/// What the rule says of an incident.
pub fn verdict(incident: &Incident, known: &Correlated) -> Claim {
    let victim = incident.victim.client.program();
    let guilty = |act: &&Act| act.client.program() != victim && (act.is_rotation() || act.is_login());
    let before = known.acts.iter().filter(|act| act.at.ms < incident.first.ms).filter(guilty);
    let Some(act) = before.max_by_key(|act| act.at.ms) else { return Claim::none() };
    let (mechanism, root_cause) = if act.is_login() { ("revoked", "sibling_relogin") } else { ("consumed", "sibling_refresh") };
    Claim {
        mechanism: mechanism.to_owned(),
        root_cause: root_cause.to_owned(),
        actor: Some(act.client.program().word().to_owned()),
        confidence: "likely".to_owned(),
    }
}
