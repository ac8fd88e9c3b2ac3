//! Scenarios of failures that have a word of their own and nothing to do with the login: a block page, a
//! close by policy, a model that the plan lacks, a turn that was stopped.

use super::super::clock::utc;
use super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::super::{codex::Answer as C, codex::CodexHome, codex::Era, codex::Front, home::Home};
use super::props::{BLOCK_PAGE, SERVER_ERROR, claw, codex_beside, reworded};
use super::{Scenario, Verdict};

const PLAIN: Verdict = Verdict {
    victim: "openclaw",
    mechanism: "not_token",
    root_cause: "edge_block",
    actor: None,
    confidence: ("likely", "confirmed"),
    failed_turns: 2..=2,
};

/// OpenClaw took its pair from Codex, and Codex renewed it at `spent`: the strongest of baits, since the
/// token that OpenClaw holds is spent indeed.
pub(super) fn shared_with_codex(st: &Stage, home: &mut Home, spent: &str, turns: &[(&str, O)]) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-09 13:05:00"));
    let shared = login.mint(st, utc("2026-05-20 07:20:15"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &login, &shared, utc("2026-05-20 07:20:15.884"));
    codex.store("auth.json", &login, &login.mint(st, utc(spent)), utc(spent) + 735);
    codex.thread(Front::Tui, &[(utc(spent) - 1_400, C::Done), (utc("2026-05-27 15:30:51"), C::Done)]);
    codex.finish(home);
    let mut claw = OpenClaw::start(st, utc("2026-05-27 05:02:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(&login, &shared);
    let chat = claw.session();
    turns.iter().for_each(|(at, answer)| claw.ask(chat, utc(at), *answer));
    claw.finish(home);
}

/// A page in place of an answer, and a label that says something else.
pub(super) const BLOCKED: Scenario = Scenario {
    name: "block-page-called-dns",
    happened: "A challenge page stood in front of the model service for OpenClaw's address from 10:02 to 10:20 UTC on 27 May. OpenClaw told \
               its user that the DNS lookup had failed. Codex had renewed the login that both share at 10:00:10.",
    conclusion: "The raw answer is a page of the edge; the sentence about DNS is the client's own and wrong. The renewal did spend the token \
                 that OpenClaw still holds, which will matter when its access token ends, but no call was refused for it.",
    hours: 2,
    expected: &[PLAIN],
    play: |st, home| {
        let turns = [
            ("2026-05-27 09:41:20", O::Done),
            ("2026-05-27 10:02:15", O::ServerError),
            ("2026-05-27 10:14:05", O::ServerError),
            ("2026-05-27 10:24:19", O::Done),
        ];
        shared_with_codex(st, home, "2026-05-27 10:00:10", &turns);
        blocked(home, "LLM request failed: DNS lookup for the provider endpoint failed.");
    },
};

/// A block page for every server error, which the log's text for the user calls something else.
pub(super) fn blocked(home: &mut Home, label: &str) {
    let is_log = |path: &str| path.starts_with("tmp/openclaw/");
    reworded(home, is_log, &format!("\"error\":\"{SERVER_ERROR}\""), &format!("\"error\":\"{label}\""));
    reworded(home, |_| true, SERVER_ERROR, BLOCK_PAGE);
}

/// Close code 1008.
pub(super) const POLICY_CLOSE: Scenario = Scenario {
    name: "closed-by-policy",
    happened: "The model service accepted OpenClaw's WebSocket twice on 27 May and closed it at once with code 1008; SSE answered the same \
               requests. Codex had renewed a login of its own on the account a minute before.",
    conclusion: "A close by policy after a successful upgrade is a rule of the endpoint, and the same token is good over HTTPS. Nobody \
                 refused the login.",
    hours: 2,
    expected: &[Verdict { root_cause: "ws_policy_close", ..PLAIN }],
    play: |st, home| {
        let account = Account::new(st);
        let turns = [
            ("2026-05-27 09:41:20", O::Done),
            ("2026-05-27 10:02:15", O::Cut),
            ("2026-05-27 10:14:05", O::Cut),
            ("2026-05-27 10:24:19", O::DoneOverSse),
        ];
        claw(st, home, &account, "2026-05-20 09:10:20", &turns);
        for (old, new) in [
            ("WebSocket closed 1006", "WebSocket closed 1008"),
            ("\"code\":1006", "\"code\":1008"),
            ("after_message_stream_start", "before_message_stream_start"),
            ("\"eventsEmitted\":true", "\"eventsEmitted\":false"),
        ] {
            reworded(home, |path| path.contains("openclaw"), old, new);
        }
        codex_beside(st, home, &account, "2026-05-27 10:01:12");
    },
};

/// A model that the plan lacks.
pub(super) const RETIRED: Scenario = Scenario {
    name: "model-not-in-the-plan",
    happened: "The model that OpenClaw was set to was retired for ChatGPT logins on 27 May; two turns were refused by name. Codex had \
               renewed the login that both share twenty seconds before the first of them.",
    conclusion: "A 400 that names the model. The login is good, whatever was done to its refresh token meanwhile: no call was refused \
                 for the credential.",
    hours: 2,
    expected: &[Verdict { root_cause: "entitlement", ..PLAIN }],
    play: |st, home| {
        let turns =
            [("2026-05-27 09:41:20", O::Done), ("2026-05-27 10:02:15", O::ServerError), ("2026-05-27 10:14:05", O::ServerError)];
        shared_with_codex(st, home, "2026-05-27 10:01:55", &turns);
        let text = "The 'gpt-5.5' model is not supported when using Codex with a ChatGPT account.";
        reworded(home, |_| true, SERVER_ERROR, text);
    },
};

/// Stopped by a person.
pub(super) const STOPPED: Scenario = Scenario {
    name: "stopped-by-its-user",
    happened: "The user of OpenClaw stopped two turns on 27 May, which the library reported as errors. Everything worked before and after. \
               Codex had renewed a login of its own on the account between them.",
    conclusion: "\"Request was aborted\" is an interruption, and the next turn works with the same token. Nothing failed.",
    hours: 2,
    expected: &[Verdict { root_cause: "user_abort", confidence: ("possible", "likely"), ..PLAIN }],
    play: |st, home| {
        let account = Account::new(st);
        let turns = [
            ("2026-05-27 09:41:20", O::Done),
            ("2026-05-27 10:02:15", O::ServerError),
            ("2026-05-27 10:14:05", O::ServerError),
            ("2026-05-27 10:24:19", O::Done),
        ];
        claw(st, home, &account, "2026-05-20 09:10:20", &turns);
        reworded(home, |_| true, SERVER_ERROR, "Request was aborted.");
        codex_beside(st, home, &account, "2026-05-27 10:08:12");
    },
};
