//! What happened, in plain words, cause by cause: the clause that the verdict is built around, and the name
//! that a cause goes by where it is only the other explanation.
//!
//! Apart from the sentences around them, so that every root cause has its words in one place, and the
//! compiler asks for those of a new one. Clients act in them, people do not.

use super::model::{HypothesisJson, IncidentJson};
use super::{pattern, words};
use crate::attribute::RootCause;

/// Who and when, as a clause names them.
pub(super) struct Roles {
    /// The failing client, with its machine where the two are on different ones.
    pub(super) victim: String,
    /// The acting client, in the same way.
    actor: String,
    /// Did the failing client act itself?
    is_own: bool,
    /// When the causal act was, as people read it; empty where that is not known.
    at: String,
    /// Is that the time of a rotation on record?
    is_rotation: bool,
    /// Was the login that the verdict rests on begun and not completed?
    begun_only: bool,
    /// Clients of a pattern, and its alternations.
    row: (String, u64),
}

impl Roles {
    /// Those of an incident.
    pub(super) fn of(i: &IncidentJson) -> Roles {
        let (own, other) = (i.victim.host.as_deref(), i.actor.as_ref().and_then(|a| a.host.as_deref()));
        let apart = i.actor.is_none() || own != other;
        let victim = words::on(&i.victim.client, own.filter(|_| apart));
        let actor = i.actor.as_ref().map(|a| words::on(&a.client, other.filter(|_| apart)));
        let rotates = |at: &String| i.evidence.iter().any(|e| e.kind == "rotation" && e.at.as_ref() == Some(at));
        Roles {
            is_own: i.actor.as_ref().is_some_and(|a| a.client == i.victim.client),
            at: i.cause.at.as_deref().map_or_else(String::new, |at| words::dated(i, at)),
            is_rotation: i.cause.at.as_ref().is_some_and(rotates),
            begun_only: begun_only(i),
            row: i.pattern.as_ref().map_or_else(|| (victim.clone(), 0), |p| (pattern::both(p), p.cycles)),
            actor: actor.unwrap_or_else(|| "another client".to_owned()),
            victim,
        }
    }

    /// The time with a word before it, or nothing.
    fn at(&self, word: &str) -> String {
        if self.at.is_empty() { String::new() } else { format!(" {word} {}", self.at) }
    }
}

/// True when the login that the verdict rests on was begun and not completed.
fn begun_only(i: &IncidentJson) -> bool {
    let logins = || i.evidence.iter().filter(|e| e.kind == "login" && e.stance == "for");
    logins().count() > 0 && logins().all(|e| e.says.ends_with("not completed"))
}

/// What happened when this is the cause, to stand after "the records show that".
pub(super) fn happened(cause: RootCause, roles: &Roles) -> String {
    use RootCause as C;
    let (victim, actor, on) = (&roles.victim, &roles.actor, roles.at("on"));
    match cause {
        C::SiblingRefresh => format!(
            "{actor} refreshed the login it shares with {victim}{on}, which spent the refresh token that {victim} still held"
        ),
        C::SelfConcurrentRefresh => {
            let on = if roles.is_rotation { on } else { String::new() };
            format!(
                "several agents, homes or processes of {victim} used one refresh token; one of them spent it{on}, and the others \
                 were refused"
            )
        }
        C::WritebackLost => format!(
            "{victim} refreshed its own login{on} and could not keep the result, so that its store went on holding the refresh token \
             that this had spent"
        ),
        C::RefreshResponseLost => format!(
            "a refresh by {victim}{on} was carried out and its answer did not arrive, so that {victim} next presented a refresh token \
             that was already spent"
        ),
        C::StaleCopyReplay => format!(
            "{victim} had been working{} from an older copy of its credential, whose refresh token had been spent before",
            roles.at("since")
        ),
        C::UnrecordedConsumer => {
            format!("the refresh token of {victim} was spent by something that left no record in these files")
        }
        C::SiblingLogout => format!("a logout in {actor}{on} ended the login that {victim} was using"),
        C::SiblingRelogin if roles.begun_only => {
            format!("a login begun in {actor}{on}, and not completed, ended the login that {victim} was using")
        }
        C::SiblingRelogin => format!("a new login in {actor}{on} ended the login that {victim} was using"),
        C::ReuseFamilyRevocation if roles.is_own => {
            format!("{victim} presented a refresh token{on} that had been used before, and the server then ended its whole login")
        }
        C::ReuseFamilyRevocation => format!(
            "{actor} presented a refresh token{on} that had been used before, and the server then ended the login that {victim} shares \
             with it"
        ),
        C::ServerRevocation => {
            format!("the server ended the session of {victim}; which act triggered it cannot be seen in these files")
        }
        C::FreshLoginRefused => format!("a new login of {victim} was refused at its first use; it had never worked"),
        C::AuthPingPong => {
            let (clients, times) = &roles.row;
            format!("{clients} shut each other out of the account in turn, {times} times so far; neither is at fault alone")
        }
        C::AccessTokenExpiredRefreshOk => {
            format!("an access token of {victim} ended and its own refresh worked: nothing is wrong with the login")
        }
        C::RefreshTokenExpiredIdle => format!(
            "the refresh token of {victim} ran out after nothing had used or refreshed its login for long; nobody spent or revoked it"
        ),
        C::StaleProcessToken => {
            format!("a running process of {victim} kept an old token while {victim}'s own store already held a good one")
        }
        C::ClockWrong => {
            format!("the clock of the machine of {victim} was wrong, so that {victim} misjudged when its token ended")
        }
        C::ProviderOutage | C::ProviderAuthOutage | C::UsageLimit | C::Network | C::EdgeBlock | C::TransportDrop => {
            outside(cause, victim)
        }
        C::WsPolicyClose | C::Entitlement | C::ContextLength | C::OtherOauth | C::ClientRegression => outside(cause, victim),
        C::UserAbort | C::Undetermined => outside(cause, victim),
    }
}

/// The same for what is not about the token.
fn outside(cause: RootCause, victim: &str) -> String {
    use RootCause as C;
    match cause {
        C::ProviderOutage => {
            format!("the provider's servers failed or were overloaded; the credential of {victim} was not in question")
        }
        C::ProviderAuthOutage => {
            format!(
                "the provider refused good logins for a while, that of {victim} among them; nothing had happened to the credential"
            )
        }
        C::UsageLimit => format!("{victim} met the account's usage or rate limit; the credential is valid"),
        C::Network => format!("{victim} could not reach the provider (DNS, connect or TLS); nobody refused the credential"),
        C::EdgeBlock => {
            format!("a challenge page or block stood between {victim} and the provider; the credential was not in question")
        }
        C::TransportDrop => {
            format!("the connection of {victim} was lost before the answer was complete; nobody refused the credential")
        }
        C::WsPolicyClose => format!("the server closed the WebSocket of {victim} by policy; the credential was not in question"),
        C::Entitlement => format!("the model or plan that {victim} asked for is not available for this login"),
        C::ContextLength => format!("the conversation of {victim} no longer fitted the model's context window"),
        C::OtherOauth => {
            format!("another service refused the login that {victim} has there; the ChatGPT login had no part in that")
        }
        C::ClientRegression => {
            format!("{victim} failed from the first run of a new version on, and the version before worked with the same login")
        }
        C::UserAbort => format!("turns of {victim} were interrupted, by a person or a newer request; nothing failed"),
        _ => format!("the files do not settle what happened to {victim}"),
    }
}

/// What an explanation is called beside another one: `a refresh by Codex`. Nobody is named without evidence.
pub(super) fn noun(h: &HypothesisJson) -> String {
    let who = h.actor.filter(|_| h.score > 0).map(words::title);
    RootCause::named(h.root_cause).map_or_else(|| "another explanation".to_owned(), |cause| named(cause, who))
}

fn named(cause: RootCause, who: Option<&str>) -> String {
    use RootCause as C;
    let (other, own) = (who.unwrap_or("another client"), who.unwrap_or("the failing client"));
    let says = match cause {
        C::SiblingRefresh => return format!("a refresh by {other}"),
        C::SelfConcurrentRefresh => return format!("a race between several holders of one token within {own}"),
        C::WritebackLost => return format!("a refresh by {own} that its own store does not show"),
        C::RefreshResponseLost => return format!("a refresh by {own} whose answer did not arrive"),
        C::StaleCopyReplay => return format!("an older copy of the credential of {own}"),
        C::SiblingLogout => return format!("a logout in {other}"),
        C::SiblingRelogin => return format!("a new login in {other}"),
        C::UnrecordedConsumer => "a use of the refresh token that left no record in these files",
        C::ReuseFamilyRevocation => "an end of the whole login after an old refresh token came back",
        C::ServerRevocation => "an end of the session by the server, for a reason outside these files",
        C::FreshLoginRefused => "a new login that was refused at its first use",
        C::AuthPingPong => "two clients that shut each other out in turn",
        C::AccessTokenExpiredRefreshOk => "an access token that merely ended",
        C::RefreshTokenExpiredIdle => "a refresh token that ran out unused",
        C::StaleProcessToken => "a running process that kept an old token",
        C::ClockWrong => "a clock that was wrong",
        C::ProviderOutage => "an outage of the provider",
        C::ProviderAuthOutage => "a fault of the provider's login check",
        C::UsageLimit => "a usage or rate limit",
        C::Network => "a failure of the network",
        C::EdgeBlock => "a block page in front of the provider",
        C::TransportDrop => "a lost connection",
        C::WsPolicyClose => "a WebSocket that the server closed by policy",
        C::Entitlement => "a model or plan that is not available",
        C::ContextLength => "a conversation that is too long for the model",
        C::OtherOauth => "a refusal of another service's login",
        C::ClientRegression => "a fault of a new version of the client",
        C::UserAbort => "an interruption",
        C::Undetermined => "something that the files do not show",
    };
    says.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn roles() -> Roles {
        let [victim, actor] = ["Hermes", "Codex"].map(str::to_owned);
        let row = ("Codex and Hermes".to_owned(), 4);
        Roles { victim, actor, is_own: false, at: "2026-05-20 11:00:00 UTC".to_owned(), is_rotation: true, begun_only: false, row }
    }

    /// No word of the contract, and no gap where a name or time should stand.
    fn is_plain(text: &str) -> bool {
        !text.contains(['_', '`']) && !text.contains("  ") && !text.ends_with('.') && text.trim() == text
    }

    #[test]
    fn every_cause_has_words_of_its_own_at_every_tier() {
        let (mut clauses, mut nouns) = (BTreeSet::new(), BTreeSet::new());
        for cause in RootCause::ALL {
            let (clause, noun) = (happened(*cause, &roles()), named(*cause, Some("Codex")));
            assert!(is_plain(&clause) && is_plain(&noun), "{}: {clause} / {noun}", cause.word());
            for tier in ["confirmed", "very_likely", "likely", "possible"] {
                let said = crate::report::sentence::tiered(tier, &clause, &noun).unwrap_or_default();
                assert!(said.contains(&clause) && said.ends_with('.') && !said.contains(".."), "{said}");
            }
            assert!(clauses.insert(clause) && nouns.insert(noun), "{} has the words of another cause", cause.word());
        }
        let unsaid = happened(RootCause::Undetermined, &roles());
        let fallen = RootCause::ALL.iter().filter(|cause| outside(**cause, "Hermes") == unsaid);
        let own: Vec<&RootCause> = fallen.filter(|cause| happened(**cause, &roles()) == unsaid).collect();
        assert_eq!(own, [&RootCause::Undetermined], "a cause without a clause");
    }

    #[test]
    fn nobody_is_named_without_evidence() {
        for cause in RootCause::ALL {
            let said = named(*cause, None);
            assert!(is_plain(&said) && !said.contains("Codex"), "{said}");
        }
    }

    #[test]
    fn an_unknown_time_leaves_no_gap() {
        for cause in RootCause::ALL {
            let clause = happened(*cause, &Roles { at: String::new(), is_rotation: false, ..roles() });
            assert!(is_plain(&clause) && !clause.contains("2026") && !clause.contains(" ,"), "{clause}");
        }
    }

    #[test]
    fn a_race_is_dated_by_a_rotation_only() {
        let told = |is_rotation| happened(RootCause::SelfConcurrentRefresh, &Roles { is_rotation, ..roles() });
        assert!(told(true).contains("spent it on 2026-05-20 11:00:00 UTC,"));
        assert!(told(false).contains("spent it, and"));
    }
}
