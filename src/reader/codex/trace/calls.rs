//! What log records say about turns and calls of the model endpoint, apart from the refresh of the
//! login ([`super::watch`]): plain functions of one record, without memory.

use super::entry::Entry;
use super::field;
use crate::classify::{self, Endpoint};
use crate::event::{ErrorClass, EventKind, Failure, Level, Phase, Provider, Stop, TransportFailure, Turn};
use crate::reader::Facts;
use crate::reader::codex::{failure, ident};
use crate::reader::json::{self, Members};

/// What a row of target `feedback_tags` says about the recovery from a 401 (0.130 to 0.169).
pub(super) struct Recovery<'a> {
    /// `reload` or `refresh_token`.
    pub(super) phase: &'a str,
    /// `recovery_succeeded`, `recovery_failed_permanent`, `recovery_failed_transient`.
    pub(super) outcome: &'a str,
    /// Code of the 401, where the server gave one.
    pub(super) code: Option<&'a str>,
}

/// The recovery that a record is about.
pub(super) fn recovery<'a>(entry: &Entry<'a>) -> Option<Recovery<'a>> {
    let tag = |name: &str| field(entry.message, &[name]);
    let about = entry.target == "feedback_tags" && entry.message.starts_with("auth_recovery_mode=");
    let (phase, outcome) = about.then(|| tag("auth_recovery_phase").zip(tag("auth_recovery_outcome")))??;
    Some(Recovery { phase, outcome, code: tag("auth_401_error_code") })
}

/// The refused call that a recovery began with: its code, below the turn.
pub(super) fn refused_call(recovery: &Recovery<'_>, entry: &Entry<'_>, facts: &mut Facts<'_>) {
    let Some(failure) = recovery.code.and_then(|code| classify::code(Endpoint::Resource, code)) else { return };
    let transport = TransportFailure { failure, phase: Phase::BeforeStream, fell_back: false, at: entry.at };
    facts.push(entry.at, entry.origin, EventKind::Transport(transport));
}

/// `Turn error: …` names the error that a rollout of era B or C hides; the ids are in the spans.
pub(crate) fn turn_error<'a>(entry: &Entry<'a>, facts: &Facts<'_>) -> Option<(Turn, &'a str)> {
    let words = entry.message.strip_prefix("Turn error: ")?;
    let thread = entry.thread();
    let id = field(entry.spans, &["turn.id", "turn_id"]).or_else(|| field(entry.spans, &["submission.id"]));
    let turn = Turn {
        session: thread.map(|t| ident::session_key(facts, t)),
        id: id.map(|id| ident::turn_key(facts, thread, id)),
        run: None,
        started: id.and_then(ident::made_at),
        stop: Stop::Error,
        provider: Provider::Unknown,
        model: field(entry.spans, &["model"]).and_then(|m| facts.model(m)),
        failure: Some(failure::of(words, None)),
        labelled: None,
        transport: None,
        account: None,
        resident: false,
    };
    Some((turn, words))
}

/// A call for the list of models that was refused: the same login at the same service, beside the
/// turn. Only a code of the server counts, since any turn may go on without the list.
pub(super) fn models_call(entry: &Entry<'_>, facts: &mut Facts<'_>) {
    let Some(answer) = entry.message.strip_prefix("failed to refresh available models: ") else { return };
    let failure = classify::error(Endpoint::Resource, answer, None);
    if failure.level == Level::Resource && failure.class.is_auth() {
        let transport = TransportFailure { failure, phase: Phase::BeforeStream, fell_back: false, at: entry.at };
        facts.push_said(entry.at, entry.origin, EventKind::Transport(transport), entry.message);
    }
}

/// A call of the model endpoint that failed, below the turn: the client may have tried again.
pub(super) fn model_call(entry: &Entry<'_>, facts: &mut Facts<'_>) {
    let message = entry.message;
    let failure = if let Some(answer) = message.strip_prefix("error=http ") {
        // 0.98: status and body of the answer.
        classify::error(Endpoint::Resource, answer, leading_status(answer))
    } else if message.starts_with("failed to connect to Responses WebSocket") {
        // 0.169: neither status nor address.
        Failure { class: ErrorClass::UpgradeRefused, level: Level::Transport }
    } else if let Some(answer) = message.strip_prefix("failed to connect to websocket: ") {
        let status = answer.strip_prefix("HTTP error: ").and_then(leading_status);
        classify::error(Endpoint::Resource, answer, status)
    } else {
        return;
    };
    let transport = TransportFailure { failure, phase: Phase::BeforeStream, fell_back: false, at: entry.at };
    facts.push_said(entry.at, entry.origin, EventKind::Transport(transport), message);
}

/// The worker of a tool server gave up at a 401 (0.169, of the provider's own `codex_apps`, which is
/// asked with the login). The line does not name the server, and anybody's may answer 401: it counts
/// only with the provider's own error body, whose sentence and code say the same of the login.
pub(super) fn tool_call(entry: &Entry<'_>, facts: &mut Facts<'_>) {
    let Some((_, answer)) = entry.message.split_once("UnexpectedServerResponse(\"HTTP 401: ") else { return };
    let body = unescaped(answer);
    let body = Members::of(body.trim(), &["error"]).ok();
    let error = json::members(body.as_ref().and_then(|body| body.raw("error")).unwrap_or_default());
    let by = |key: &str| error.iter().find(|(name, _)| name == key).map(|(_, raw)| *raw);
    let says = |key: &str| by(key).and_then(json::string).and_then(|text| classify::code(Endpoint::Resource, &text));
    let whole = by("type").is_some() && by("param").is_some();
    let (Some(failure), Some(sentence), true) = (says("code"), says("message"), whole) else { return };
    if failure.level == Level::Resource && failure.class.is_auth() && failure.class == sentence.class {
        let transport = TransportFailure { failure, phase: Phase::BeforeStream, fell_back: false, at: entry.at };
        facts.push_said(entry.at, entry.origin, EventKind::Transport(transport), entry.message);
    }
}

/// A text up to its closing quote, as Rust's `{:?}` had escaped it.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(next) = chars.next() {
        match next {
            '"' => break,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => break,
            },
            plain => out.push(plain),
        }
    }
    out
}

/// `401 Unauthorized…`: 401.
pub(super) fn leading_status(text: &str) -> Option<u16> {
    text.get(..3)?.parse().ok().filter(|n| (100..600).contains(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::codex::trace::Severity;
    use crate::secret::Vault;

    /// What the line of a tool server's worker states about the login.
    fn told(body: &str) -> Vec<ErrorClass> {
        let vault = Vault::new([5; 32]);
        let mut facts = Facts::new(&vault, 0, false);
        let message = format!("worker quit with fatal: Transport channel closed, when UnexpectedServerResponse({body:?})");
        let origin = crate::event::Origin { source: 0, line: 1, byte: 0 };
        let (target, severity) = ("rmcp::transport::worker", Some(Severity::Error));
        tool_call(
            &Entry { at: None, origin, severity, target, spans: "", message: &message, process: None, thread: None },
            &mut facts,
        );
        let class = |event: &crate::event::Event| match &event.kind {
            EventKind::Transport(call) => Some(call.failure.class),
            _ => None,
        };
        facts.into_parts().0.events.iter().filter_map(class).collect()
    }

    #[test]
    fn a_tool_server_speaks_of_the_login_only_in_the_provider_s_own_words() {
        let body = |message: &str, code: &str| {
            format!(
                "HTTP 401: {{\n  \"error\": {{\n    \"message\": \"{message}\",\n    \"type\": null,\n    \"param\": null,\n    \"code\": \"{code}\"\n  }}\n}}"
            )
        };
        let revoked = "Encountered invalidated oauth token for user, failing request";
        assert_eq!(told(&body(revoked, "token_revoked")), [ErrorClass::TokenRevoked]);
        for other in [
            body("The token of this server was revoked", "token_revoked"),
            body(revoked, "invalid_token"),
            body(revoked, "token_expired"),
            body(revoked, "token_revoked").replace("401", "403"),
            format!("HTTP 401: {{\"error\":{{\"message\":\"{revoked}\",\"code\":\"token_revoked\"}}}}"),
            "HTTP 401: token_revoked".to_owned(),
            "HTTP 401: ".to_owned(),
        ] {
            assert_eq!(told(&other), [], "{other}");
        }
    }
}
