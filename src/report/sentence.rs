//! The sentences of the first screen: verdict, impact, and what it means in plain words.
//!
//! Wording follows the tier: "the records show", "the best-supported explanation is", "is consistent
//! with, but so is", "the files show that, not who". Clients are named, people are not.

use super::ledger::MembersJson;
use super::model::{EvidenceJson, HypothesisJson, IncidentJson, Report};
use super::pattern;
use super::rows;
use crate::event::Client;
use crate::time::{self, Stamp};

/// The one-sentence verdict.
pub(super) fn verdict(i: &IncidentJson) -> String {
    let what = clause(i);
    match i.confidence.as_str() {
        "confirmed" => format!("The records show that {what}."),
        "very_likely" => format!("The best-supported explanation, very likely, is that {what}."),
        "likely" => format!("The best-supported explanation is that {what} (likely)."),
        "possible" => format!("It is consistent with the files that {what} (possible), but so is {}.", rival(i)),
        _ => undetermined(i),
    }
}

/// What stays open beside a verdict that is only possible: the best supported of the others.
fn rival(i: &IncidentJson) -> String {
    let is_other = |h: &&HypothesisJson| {
        let actor = i.actor.as_ref().map(|a| &a.client);
        h.status == "open" && (h.root_cause != i.root_cause || h.actor.as_ref() != actor)
    };
    // Hypotheses of one status stand in order of their points.
    match i.hypotheses.iter().find(is_other) {
        // Nobody is named without evidence.
        Some(h) => match h.actor.as_ref().filter(|_| h.score > 0) {
            Some(actor) => format!("another explanation: `{}` by {}", h.root_cause, title(actor)),
            None => format!("another explanation: `{}`", h.root_cause),
        },
        None => "something that they do not show".to_owned(),
    }
}

/// What happened, as a clause.
fn clause(i: &IncidentJson) -> String {
    let (victim, actor) = parties(i);
    let at = i.cause.at.as_deref().map(|t| format!(" on {}", readable(t))).unwrap_or_default();
    match i.root_cause.as_str() {
        "sibling_refresh" => format!(
            "{actor} refreshed the login it shares with {victim}{at}, which spent the refresh token that {victim} still held"
        ),
        "self_concurrent_refresh" => format!(
            "several agents, homes or processes of {victim} used one refresh token; one of them spent it{at}, and the others were refused"
        ),
        "unrecorded_consumer" => format!("the refresh token of {victim} was spent by something that left no record in these files"),
        "sibling_logout" => format!("a logout in {actor}{at} ended the login that {victim} was using"),
        "sibling_relogin" if begun_only(i) => {
            format!("a login begun in {actor}{at}, and not completed, ended the login that {victim} was using")
        }
        "sibling_relogin" => format!("a new login in {actor}{at} ended the login that {victim} was using"),
        "server_revocation" => {
            format!("the server ended the session of {victim}; which act triggered it cannot be seen in these files")
        }
        "reuse_family_revocation" if i.actor.as_ref().is_some_and(|a| a.client == i.victim.client) => {
            format!("{victim} presented a refresh token{at} that had been used before, and the server then ended its whole login")
        }
        "reuse_family_revocation" => format!(
            "{actor} presented a refresh token{at} that had been used before, and the server then ended the login that {victim} shares with it"
        ),
        "fresh_login_refused" => format!("a new login of {victim} was refused at its first use; it had never worked"),
        "auth_ping_pong" => {
            let (clients, times) = i.pattern.as_ref().map_or((victim.to_owned(), 0), |p| (pattern::both(p), p.cycles));
            format!("{clients} end each other's login in turn, {times} times so far; neither is at fault alone")
        }
        "access_token_expired_refresh_ok" => {
            format!("an access token of {victim} ended and its own refresh worked: nothing is wrong with the login")
        }
        "provider_outage" => {
            format!("the provider's servers failed or were overloaded; the credential of {victim} was not in question")
        }
        "usage_limit" => format!("{victim} met the account's usage or rate limit; the credential is valid"),
        "network" => format!("{victim} could not reach the provider (DNS, connect or TLS); nobody refused the credential"),
        "edge_block" => {
            format!("a challenge page or block stood between {victim} and the provider; the credential was not in question")
        }
        "transport_drop" => {
            format!("the connection of {victim} was lost before the answer was complete; nobody refused the credential")
        }
        "ws_policy_close" => format!("the server closed the WebSocket of {victim} by policy; the credential was not in question"),
        "entitlement" => format!("the model or plan that {victim} asked for is not available for this login"),
        "context_length" => format!("the conversation of {victim} no longer fitted the model's context window"),
        "user_abort" => format!("turns of {victim} were interrupted, by a person or a newer request"),
        "clock_wrong" => format!("the clock of the machine of {victim} was wrong, so that it misjudged when its token ended"),
        other => format!("the cause is `{other}`"),
    }
}

/// Victim and actor as a sentence names them: with their machines where these differ.
fn parties(i: &IncidentJson) -> (String, String) {
    let (own, other) = (i.victim.host.as_deref(), i.actor.as_ref().and_then(|a| a.host.as_deref()));
    let apart = i.actor.is_none() || own != other;
    let victim = on(&i.victim.client, own.filter(|_| apart));
    let actor = i.actor.as_ref().map_or("another client".to_owned(), |a| on(&a.client, other.filter(|_| apart)));
    (victim, actor)
}

/// A client on its machine, where there are several: `Codex on host-2`.
pub(super) fn on(client: &str, host: Option<&str>) -> String {
    host.map_or_else(|| title(client).to_owned(), |host| format!("{} on {host}", title(client)))
}

/// True when the login that the verdict rests on was begun and not completed.
fn begun_only(i: &IncidentJson) -> bool {
    let logins = || i.evidence.iter().filter(|e| e.kind == "login" && e.stance == "for");
    logins().count() > 0 && logins().all(|e| e.says.ends_with("not completed"))
}

fn undetermined(i: &IncidentJson) -> String {
    let (victim, _) = parties(i);
    if let Some(involved) = &i.involved {
        let (who, sure) = (title(&involved.client), involved.confidence.replace('_', " "));
        return format!(
            "{who} is involved in what happened to the login of {victim} ({sure}); whether by its refresh or by its new login, the files do \
             not settle (undetermined)."
        );
    }
    let what = match i.mechanism.as_str() {
        "consumed" => format!("the refresh token of {victim} was spent, not by whom"),
        "revoked" => format!("the login of {victim} was revoked, not by which act"),
        "expired" => format!("a token of {victim} had ended, not why it was not renewed"),
        "not_token" => format!("turns of {victim} failed for a reason outside the credential, not for which"),
        _ if i.failed_turns == 0 => format!("a credential of {victim} was refused or put out of use, not why"),
        _ => format!("turns of {victim} failed, not why"),
    };
    format!("The files show that {what} (undetermined).")
}

/// Impact in numbers.
pub(super) fn impact(i: &IncidentJson) -> Vec<String> {
    let mut list = vec![match i.failed_turns {
        0 => "no failed turn is on record, only what was said of the credential".to_owned(),
        n => format!("{} in {}", plural(n, "failed turn"), plural(i.sessions, "session")),
    }];
    let (first, last) = (ms(&i.first_failure), ms(&i.last_failure));
    let zone = if is_adrift(i) { "by a clock whose zone is unknown" } else { "UTC" };
    list.push(format!(
        "from {} to {} {zone} ({})",
        readable(&i.first_failure),
        readable(&i.last_failure),
        time::span(last - first)
    ));
    list.push(match &i.recovered_at {
        Some(at) => format!("over at {} UTC", readable(at)),
        None => "not over when the files end".to_owned(),
    });
    if i.transport_failures > 0 {
        list.push(plural(i.transport_failures, "transport failure"));
    }
    list.push(match i.fallback.as_str() {
        "used" => "a fallback model answered".to_owned(),
        "exhausted" => "fallback models were tried and failed too".to_owned(),
        "not_used" => "fallback models are set up but were not used".to_owned(),
        "not_configured" => "no fallback model is set up".to_owned(),
        _ => "fallback: the files do not say".to_owned(),
    });
    list
}

/// Is the first failure known by a naive time alone?
fn is_adrift(i: &IncidentJson) -> bool {
    let first = |e: &&EvidenceJson| e.at.as_deref() == Some(i.first_failure.as_str());
    let mut known = i.evidence.iter().filter(first).peekable();
    known.peek().is_some() && known.all(|e| e.zone == "unknown")
}

/// How long the causal act lies before the first failure.
pub(super) fn delay(i: &IncidentJson) -> Option<String> {
    i.cause.delay_s.filter(|s| *s > 0).map(|s| time::span(s * 1000))
}

/// One line over everything that was read.
pub(super) fn read(r: &Report) -> String {
    let t = &r.totals;
    format!(
        "{}, {} bytes, {}, {}, {}",
        plural(t.sources, "source"),
        t.bytes,
        plural(t.sessions, "session"),
        plural(t.turns, "turn"),
        plural(t.failed_turns, "failed turn")
    )
}

/// What a report without an incident can say, which is not more than was looked at.
pub(super) fn calm(r: &Report) -> &'static str {
    match (r.totals.turns, r.totals.failed_turns) {
        (0, _) => "No turn was among what was read, so none was seen to fail.",
        (_, 0) => "No turn stayed failed.",
        // Every failed turn that has a time is in an incident.
        _ => "Turns failed, and no time of theirs can be read: see Coverage.",
    }
}

/// What was skipped, in one clause for the verdict; None when nothing was.
pub(super) fn gaps(r: &Report) -> Option<String> {
    let skipped = r.coverage.sources.records().filter(|s| !s.skipped.is_empty()).count() as u64;
    (skipped > 0).then(|| format!("{} of {} not read or not read whole: see Coverage", plural(skipped, "source"), r.totals.sources))
}

/// What archives had and what came out of them; None where there was none.
pub(super) fn archives(r: &Report) -> Option<String> {
    let all: Vec<_> = r.coverage.sources.records().filter_map(|s| s.members.as_deref()).map(rows::members).collect();
    let sum = |count: fn(&MembersJson) -> u64| all.iter().map(count).fold(0, u64::saturating_add);
    let skipped = sum(|m| m.skipped.iter().map(|s| s.count).fold(0, u64::saturating_add));
    (!all.is_empty()).then(|| {
        format!(
            "{} with {}: {} read, {}, {} not read",
            plural(all.len() as u64, "archive"),
            plural(sum(|m| m.declared), "member"),
            sum(|m| m.read),
            plural(sum(|m| m.folders), "folder"),
            skipped
        )
    })
}

/// A client's name for people.
pub(super) fn title(word: &str) -> &'static str {
    let all = [
        Client::Hermes,
        Client::Openclaw,
        Client::Pi,
        Client::Codex,
        Client::CodexCli,
        Client::CodexExec,
        Client::CodexVscode,
        Client::CodexDesktop,
        Client::Opencode,
    ];
    all.into_iter().find(|c| c.word() == word).unwrap_or(Client::Unknown).title()
}

/// `1 turn`, `2 turns`.
pub(super) fn plural(n: u64, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

/// A JSON time as people read it.
pub(super) fn readable(text: &str) -> String {
    time::readable(ms(text))
}

fn ms(text: &str) -> i64 {
    Stamp::parse(text).map_or(0, |s| s.ms)
}
