//! One assistant message as a [`Turn`]: how it stopped, why, and what the transport said.
//!
//! Apart from [`super::session`] because this is about one record and that is about their order.

use super::reasons;
use crate::classify::{self, Endpoint};
use crate::event::{ErrorClass, Failure, Level, Model, Origin, Phase, Provider, Stop, TransportFailure, Turn};
use crate::reader::Facts;
use crate::reader::json::Members;
use crate::secret::{Key, Kind};
use crate::time::Stamp;

/// Where a record stands and by what it is known.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// File, line, byte.
    pub(super) origin: Origin,
    /// The entry's own time: when it was written, which is when the turn ended.
    pub(super) written: Option<Stamp>,
    /// Session it belongs to.
    pub(super) session: Option<Key>,
    /// What makes two copies of it equal.
    pub(super) id: Option<Key>,
}

/// A turn that waits for its run id.
pub(super) struct Held {
    at: Option<Stamp>,
    origin: Origin,
    words: String,
    /// The turn.
    pub(super) turn: Turn,
}

impl Held {
    /// So many lines stand before those that its line was counted from.
    pub(super) fn follow(&mut self, before: u64) {
        self.origin.line += before;
    }

    /// State it.
    pub(super) fn state(self, facts: &mut Facts<'_>) {
        facts.turn(self.at, self.origin, self.turn, &self.words);
    }

    fn new(place: Place, at: Option<Stamp>, stop: Stop, provider: Provider) -> Held {
        let turn = Turn {
            session: place.session,
            id: place.id,
            run: None,
            started: None,
            stop,
            provider,
            model: None,
            failure: None,
            labelled: None,
            transport: None,
            account: None,
            resident: false,
        };
        Held { at, origin: place.origin, words: String::new(), turn }
    }
}

/// The members of a message that say something.
pub(super) const MESSAGE: [&str; 13] = [
    "role",
    "provider",
    "api",
    "model",
    "stopReason",
    "timestamp",
    "errorMessage",
    "errorCode",
    "errorBody",
    "diagnostics",
    "idempotencyKey",
    "__openclaw",
    "openclawAbort",
];

/// Those of one message.
pub(super) type Message<'a> = Members<'a, 13>;

/// The turn that an assistant message is. None for what OpenClaw itself puts into a transcript
/// under the provider `openclaw` (`delivery-mirror`, `gateway-injected`): no model was asked.
pub(super) fn of_message(message: &Message<'_>, place: Place, facts: &Facts<'_>) -> Option<Held> {
    let provider = message.text("provider").unwrap_or_default();
    if provider == "openclaw" {
        return None;
    }
    let asked = message.number("timestamp").and_then(Stamp::epoch).or_else(|| Stamp::parse(&message.text("timestamp")?));
    let stop = stop_of(message.text("stopReason").as_deref());
    let asks = reasons::provider_asked(&provider, message.text("api").as_deref());
    let mut held = Held::new(place, place.written.or(asked), stop, asks);
    let turn = &mut held.turn;
    turn.run = run_of(message, facts);
    turn.started = asked.or(place.written);
    turn.model = message.text("model").and_then(|name| facts.model(&name));
    turn.transport = message.items("diagnostics").into_iter().rev().find_map(transport_of);
    turn.failure = match stop {
        Stop::Error => Some(failure_of(message, turn.transport)),
        Stop::Aborted => Some(Failure { class: ErrorClass::Aborted, level: Level::Sentence }),
        _ => None,
    };
    held.words = message.text("errorMessage").unwrap_or_default().into_owned();
    Some(held)
}

fn stop_of(word: Option<&str>) -> Stop {
    match word {
        Some("stop") => Stop::Stop,
        Some("length") => Stop::Length,
        Some("toolUse") => Stop::ToolUse,
        Some("error") => Stop::Error,
        Some("aborted") => Stop::Aborted,
        _ => Stop::Unknown,
    }
}

/// The run id inside the message (2026.9.6): a member of its own, else part of the key that
/// makes a terminal error idempotent.
fn run_of(message: &Message<'_>, facts: &Facts<'_>) -> Option<Key> {
    let inner = |key: &str| message.inner(key, &["runId"]).and_then(|m| m.text("runId"));
    let own = inner("__openclaw").or_else(|| inner("openclawAbort")).map(|id| id.into_owned());
    let id = own.or_else(|| Some(message.text("idempotencyKey")?.strip_suffix(":terminal-error")?.to_owned()))?;
    Some(facts.key(Kind::Turn, &id))
}

/// Why a turn failed: its code, else its words, else what the transport said.
fn failure_of(message: &Message<'_>, transport: Option<TransportFailure>) -> Failure {
    let code = message.text("errorCode").unwrap_or_default();
    let body = message.text("errorBody").unwrap_or_default();
    let words = format!("{}\n{body}", message.text("errorMessage").unwrap_or_default());
    let endpoint = if classify::is_about_refresh(&words) { Endpoint::Token } else { Endpoint::Unknown };
    let status = code.parse().ok().filter(|status| (100..600).contains(status));
    let stated = classify::answer(endpoint, Some(&code), &words, status);
    // Newer libraries say the same of a refused upgrade and of a lost socket (`WebSocket error`,
    // 2026.9.6); the diagnostic tells whether an answer had begun.
    let vague = |class| matches!(class, ErrorClass::Unstated | ErrorClass::UpgradeRefused);
    match transport {
        Some(transport) if vague(stated.class) => transport.failure,
        _ => stated,
    }
}

/// A `provider_transport_failure` among the diagnostics (pi 0.73 and later). Other types stand on
/// healthy turns too (`openai_responses_terminal`, 2026.9.6) and are no failure.
fn transport_of(diagnostic: &str) -> Option<TransportFailure> {
    let diagnostic = Members::of(diagnostic, &["type", "timestamp", "error", "details"]).ok()?;
    if diagnostic.text("type").as_deref() != Some("provider_transport_failure") {
        return None;
    }
    let details = diagnostic.inner("details", &["phase", "fallbackTransport"]);
    let detail = |key: &str| details.as_ref().and_then(|d| d.text(key));
    let phase = match detail("phase").as_deref() {
        Some("before_message_stream_start") => Phase::BeforeStream,
        Some("after_message_stream_start") => Phase::AfterStream,
        _ => Phase::Unknown,
    };
    let mut failure = transport_error(&diagnostic);
    if phase == Phase::AfterStream && failure.class == ErrorClass::UpgradeRefused {
        failure.class = ErrorClass::StreamCut;
    }
    Some(TransportFailure {
        failure,
        phase,
        fell_back: detail("fallbackTransport").is_some(),
        at: diagnostic.number("timestamp").and_then(Stamp::epoch),
    })
}

/// What the transport's error says: the close code of a WebSocket, the message, else the name.
fn transport_error(diagnostic: &Members<'_, 4>) -> Failure {
    let Some(error) = diagnostic.inner("error", &["name", "message", "code"]) else {
        return classify::error(Endpoint::Unknown, "", None);
    };
    let name = error.text("name").unwrap_or_default();
    let words = match (error.number("code"), error.text("message")) {
        (Some(code), _) if name == "WebSocketCloseError" => format!("WebSocket closed {code}"),
        (_, Some(message)) => message.into_owned(),
        (_, None) => name.into_owned(),
    };
    let stated = classify::error(Endpoint::Unknown, &words, None);
    let by_code = error.text("code").and_then(|code| classify::code(Endpoint::Unknown, &code));
    if matches!(stated.class, ErrorClass::Unlisted | ErrorClass::Unstated) { by_code.unwrap_or(stated) } else { stated }
}

/// The turn of an `openclaw:prompt-error` entry: it failed before or while the model was asked.
pub(super) fn of_prompt_error(data: &str, place: Place, facts: &Facts<'_>) -> Option<Held> {
    let data = Members::of(data, &["timestamp", "runId", "sessionId", "provider", "api", "model", "error"]).ok()?;
    let at = place.written.or_else(|| data.number("timestamp").and_then(Stamp::epoch));
    let asks = reasons::provider_asked(&data.text("provider").unwrap_or_default(), data.text("api").as_deref());
    let mut held = Held::new(place, at, Stop::Error, asks);
    held.words = data.text("error").unwrap_or_default().into_owned();
    let turn = &mut held.turn;
    turn.session = data.text("sessionId").map(|id| facts.key(Kind::Session, &id)).or(place.session);
    turn.run = data.text("runId").map(|id| facts.key(Kind::Turn, &id));
    turn.model = data.text("model").and_then(|name| facts.model(&name));
    turn.failure = Some(classify::error(Endpoint::Unknown, &held.words, None));
    Some(held)
}

/// A turn that failed before an answer, of which another place than a transcript tells.
pub(super) fn failed(
    place: Place,
    provider: Provider,
    model: Option<Model>,
    run: Option<Key>,
    failure: Failure,
    words: &str,
) -> Held {
    let mut held = Held::new(place, place.written, Stop::Error, provider);
    (held.turn.model, held.turn.run, held.turn.failure) = (model, run, Some(failure));
    held.words = words.to_owned();
    held
}

/// The turn of a `run-failed-before-reply` entry (2026.9.6). Whom it asked is not a field: the
/// error may name the provider, else it is the session's last.
pub(super) fn of_failed_run(details: &str, place: Place, facts: &Facts<'_>) -> Option<Held> {
    let details = Members::of(details, &["runId", "error"]).ok()?;
    let words = details.text("error").unwrap_or_default();
    let mut held = Held::new(place, place.written, Stop::Error, reasons::provider_in(&words));
    held.turn.run = details.text("runId").map(|id| facts.key(Kind::Turn, &id));
    held.turn.failure = Some(classify::error(Endpoint::Unknown, &words, None));
    held.words = words.into_owned();
    Some(held)
}
