//! Near misses about answers that quote: a request refused for the name of a tool, a limit or a page whose
//! words read like a refusal, a server that tells of its own broken connections, and refusals of a refresh
//! that do not say the token was used. Each time another client has really spent the login's token before.

use super::super::super::clock::{MINUTE, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::Account;
use super::super::props::{SERVER_ERROR, reworded};
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, codex_home, shared_login};

/// The answer is about the request: none of the causes.
const REQUEST: Verdict = Verdict { victim: "codex", mechanism: "not_token", failed_turns: 2..=2, ..OPEN };

const OUTAGE: Verdict = Verdict { root_cause: "provider_outage", confidence: ("possible", "confirmed"), ..REQUEST };

/// Codex 0.169 fails twice with these words, two minutes after Hermes refreshed the login that both hold.
fn codex(st: &Stage, home: &mut Home, answer: C) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", &login, &shared, shared.issued + 914);
    let turns = [(utc("2026-05-21 16:31:09"), C::Done), (utc(FAILED), answer), (utc(FAILED) + 7 * MINUTE, answer)];
    codex.thread(Front::Tui, &turns);
    codex.finish(home);
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-14 06:00:00"));
    hermes.imported_from_codex(&login, &shared, shared.issued + 41_000_000);
    hermes.ask(utc("2026-05-14 07:11:30"), H::Done);
    hermes.snapshot(utc("2026-05-15 09:02:18.330"), "weekly");
    hermes.refreshed(&login.mint(st, utc("2026-05-22 08:18:10")), utc("2026-05-22 08:18:10.655"));
    hermes.ask(utc("2026-05-22 08:18:10.402"), H::Done);
    hermes.ask(utc("2026-05-22 12:00:51"), H::Done);
    hermes.finish(home);
}

/// OpenClaw fails twice with these words, and Codex refreshed the login that both hold in between.
fn claw(st: &Stage, home: &mut Home, words: &str) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let renewed = login.mint(st, utc("2026-05-22 08:14:27"));
    let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &renewed)];
    codex_home(st, home, ".codex", &stores, &["2026-05-22 08:14:25", "2026-05-22 11:14:25"]);
    let mut claw = OpenClaw::start(st, utc("2026-05-22 05:20:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(&login, &shared);
    let chat = claw.session();
    for (at, answer) in [
        ("2026-05-22 07:12:40", O::Done),
        (FAILED, O::ServerError),
        ("2026-05-22 08:29:50", O::ServerError),
        ("2026-05-22 09:31:11", O::Done),
    ] {
        claw.ask(chat, utc(at), answer);
    }
    claw.finish(home);
    reworded(home, |path| path.contains("openclaw"), SERVER_ERROR, words);
}

pub(super) const TOOL_NAMED_LIKE_A_CODE: Scenario = Scenario {
    name: "tool-named-like-a-code",
    happened: "A tool server brought a function called `sso__refresh_token_reused_audit` with a schema that the service does not take. \
               Every request of Codex that listed it was answered 400. Hermes had refreshed the shared login two minutes before.",
    conclusion: "The code is `invalid_function_parameters`: the request was malformed, and the name of a function says nothing of the \
                 login. Nobody did anything to it that these turns felt.",
    hours: 0,
    expected: &[REQUEST],
    play: |st, home| {
        let body = "{\"error\":{\"message\":\"Invalid schema for function 'sso__refresh_token_reused_audit': schema must have type \
                    'object'.\",\"type\":\"invalid_request_error\",\"param\":\"tools[3].parameters\",\"code\":\"invalid_function_parameters\"}}";
        codex(st, home, C::Failed(body, "bad_request"));
    },
};

pub(super) const FUNCTION_REFUSED: Scenario = Scenario {
    name: "function-named-in-a-400",
    happened: "OpenClaw's requests were answered 400 for the schema of a function named `refresh_token_reused`; Codex had refreshed the \
               shared login six minutes before. The tool was taken out, and OpenClaw worked.",
    conclusion: "A 400 of the model service refuses a request and no login, whatever it quotes.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", ..REQUEST }],
    play: |st, home| {
        claw(st, home, "400 Invalid schema for function 'refresh_token_reused': schema must be a JSON Schema of type object.");
    },
};

pub(super) const LIMIT_OF_A_NAME: Scenario = Scenario {
    name: "limit-that-names-a-code",
    happened: "Codex hit the limit of its plan; the sentence beside it repeats a name that reads like a code of the token service.",
    conclusion: "429 with `usage_limit_reached` is a limit, and a login that is limited is a good one.",
    hours: 0,
    expected: &[Verdict { root_cause: "usage_limit", confidence: ("likely", "confirmed"), ..REQUEST }],
    play: |st, home| {
        let words = "unexpected status 429 Too Many Requests: {\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"limit for key \
                     refresh_token_reused\",\"resets_in_seconds\":300}}";
        codex(st, home, C::Failed(words, "other"));
    },
};

pub(super) const PAGE_WITH_A_SENTENCE: Scenario = Scenario {
    name: "block-page-with-a-sentence",
    happened: "A page of the edge answered with 403, and the text for its reader speaks of an authentication token.",
    conclusion: "The service itself answers in JSON: the page stands in its way, and its words are none of the service.",
    hours: 0,
    expected: &[Verdict { root_cause: "edge_block", confidence: ("likely", "confirmed"), ..REQUEST }],
    play: |st, home| {
        let words = "unexpected status 403 Forbidden: <html><head><title>403 Forbidden</title></head><body>Has your authentication token \
                     been invalidated? Ask the operator of this network.</body></html>";
        codex(st, home, C::Failed(words, "other"));
    },
};

pub(super) const SERVERS_OWN_CONNECTION: Scenario = Scenario {
    name: "connection-refused-behind-a-503",
    happened: "The service's front answered 503: the servers behind it refused its connections. Codex' own connection was fine.",
    conclusion: "Somebody answered, so the network of this machine is not at fault: an outage of the provider.",
    hours: 0,
    expected: &[OUTAGE],
    play: |st, home| {
        let words = "unexpected status 503 Service Unavailable: upstream connect error or disconnect/reset before headers. retried and \
                     the latest reset reason: remote connection failure, transport failure reason: delayed connect error: Connection \
                     refused";
        codex(st, home, C::Failed(words, "other"));
    },
};

pub(super) const TIMED_OUT_PAGE: Scenario = Scenario {
    name: "timed-out-behind-the-edge",
    happened: "The edge answered OpenClaw with 522: the provider's servers had not answered it in time.",
    conclusion: "The edge was reached: an outage of the provider, and no matter of this machine's network or login.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", ..OUTAGE }],
    play: |st, home| {
        claw(st, home, "522 <!DOCTYPE html><html><head><title>522: Connection timed out</title></head></html>");
    },
};

/// The refusal names no reason that is one of a used token.
const NO_REASON: Verdict = Verdict {
    mechanism: "undetermined",
    root_cause: "sibling_refresh",
    actor: Some("hermes"),
    confidence: ("undetermined", "possible"),
    ..REQUEST
};

pub(super) const REASON_UNKNOWN_TO_CODEX: Scenario = Scenario {
    name: "refused-for-a-reason-codex-does-not-know",
    happened: "Codex' refresh was refused with a code that it has no sentence for. Hermes had exchanged the token that Codex held.",
    conclusion: "Codex would have said that the token was used, had the service said so. That Hermes spent it is possible; what the \
                 service refused is not known.",
    hours: 0,
    expected: &[NO_REASON],
    play: |st, home| {
        let words = "Your access token could not be refreshed. Please log out and sign in again.";
        codex(st, home, C::Failed(words, "unauthorized"));
    },
};

pub(super) const NOT_VALIDATED: Scenario = Scenario {
    name: "token-not-validated-at-the-refresh",
    happened: "OpenClaw's refresh was refused with `token_expired` (\"Could not validate your token\"), which a faulty client draws as \
               well. Codex had refreshed the shared login minutes before. An hour later OpenClaw worked again, with what it had.",
    conclusion: "The service gave a reason, and it is not that of a used token; and a credential that works again was not spent. What \
                 it was the files do not show.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", mechanism: "undetermined", ..REQUEST }],
    play: |st, home| {
        let words = "OAuth token refresh failed for openai-codex: OpenAI Codex token refresh failed (401): Could not validate your \
                     token. Please try signing in again.";
        claw(st, home, words);
    },
};

/// Turns that failed by something else than the ChatGPT login, and nothing says by what.
const ELSEWHERE: Verdict = Verdict { mechanism: "undetermined", ..REQUEST };

pub(super) const SERVER_OF_TOOLS: Scenario = Scenario {
    name: "tool-server-refuses-its-own-login",
    happened: "A tool server that Codex must have refused the refresh of its own login, as used before; Codex' turns failed by that. Hermes \
               had renewed the ChatGPT login two minutes before.",
    conclusion: "Codex says that its tool server did not start, and that its login was refused: another login. Codex has one word for a \
                 refusal of its own, and this is not it: nobody did anything to the ChatGPT login that these turns felt.",
    hours: 0,
    expected: &[Verdict { root_cause: "other_oauth", confidence: ("likely", "very_likely"), ..REQUEST }],
    play: |st, home| {
        let words = "required MCP servers failed to initialize: tickets: handshaking with MCP server failed: Auth error: OAuth token refresh \
                     failed: Server returned error response: invalid_grant: Refresh token has already been used";
        codex(st, home, C::Failed(words, "other"));
    },
};

pub(super) const SERVER_OF_CODEX: Scenario = Scenario {
    name: "codex-own-tool-server-refused",
    happened: "The tool server that Codex brings along, which is called with the ChatGPT token, was answered that the token is invalidated, and \
               a server of somebody else did not start either. Hermes had renewed the ChatGPT login two minutes before.",
    conclusion: "It is the ChatGPT login that was refused, not one of a tool server's own. Why the service gave the token up, the files do not \
                 say, and a refresh by somebody else is not known to do that.",
    hours: 0,
    expected: &[Verdict { mechanism: "revoked", ..REQUEST }],
    play: |st, home| {
        let words = "required MCP servers failed to initialize: tickets: handshaking with MCP server failed: connection refused; codex_apps: \
                     handshaking with MCP server failed: HTTP 401: {\"error\":{\"message\":\"Your authentication token has been \
                     invalidated.\",\"code\":\"token_invalidated\"}}";
        codex(st, home, C::Failed(words, "other"));
    },
};

pub(super) const HOOK: Scenario = Scenario {
    name: "command-that-prints-a-code",
    happened: "A command that Codex runs before each turn failed and printed the answer of a service that it had asked.",
    conclusion: "A program of the owner's printed it, about a login of its own. Codex' own refusals come in its own sentence.",
    hours: 0,
    expected: &[ELSEWHERE],
    play: |st, home| {
        codex(st, home, C::Failed("notify: exited with status 22: {\"error\":{\"code\":\"refresh_token_reused\"}}", "other"));
    },
};

pub(super) const PAGE_WITH_A_CODE: Scenario = Scenario {
    name: "page-without-a-status-that-names-a-code",
    happened: "A proxy answered OpenClaw with a page of its own, which gives a reason in the words of the login service.",
    conclusion: "The service answers in JSON. What a page says is the proxy's, and the login is not the cause.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", ..ELSEWHERE }],
    play: |st, home| {
        let page = "<!DOCTYPE html><html><head><title>Denied</title></head><body>Reason: the refresh token was already used \
                    (token_revoked)</body></html>";
        claw(st, home, page);
    },
};
