//! What is one matter and what is two: labels and pauses in front of a refusal, rows of which one half is told
//! in the client's own words, one process or one model that fails on while the rest works, and a refusal that passed.
//!
//! The first ones are on the login of [`super::lives`]: Codex has it since 8 June, the victim has a copy of it.

use super::super::super::clock::{DAY, HOUR, MINUTE, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::props::{BLOCK_PAGE, INVALIDATED, SERVER_ERROR, claw as claw_alone, codex_beside, reworded};
use super::super::refused::BARE_401;
use super::super::{Scenario, Verdict};
use super::lives::{LOGOUT, SERVER, claw, codex, login, on, typed};

/// OpenClaw's sentence over an answer that is lost.
const LABEL: &str = "LLM request failed: DNS lookup for the provider endpoint failed.";
/// Its pause after a limit, which it names.
const PAUSED: &str =
    "All models failed (1): openai-codex/gpt-5.5: Provider openai-codex is in cooldown (all profiles unavailable) (rate_limit)";

/// Nothing stands out.
const OPEN: Verdict = Verdict {
    victim: "openclaw",
    mechanism: "undetermined",
    root_cause: "undetermined",
    actor: None,
    confidence: ("undetermined", "undetermined"),
    failed_turns: 3..=3,
};

/// OpenClaw fails three times from 08:20 on in these words, `codex logout` at 09:15, refused from 09:31 on.
fn before_logout(st: &Stage, home: &mut Home, words: &str) {
    let (_, login, pair) = login(st);
    codex(st, home, Era::V130, &[("auth.json.bak", &login, &pair)], &[&[(on("06:10:00"), C::Done)]]);
    typed(home, &[(on("09:15:00"), "codex logout")]);
    let turns = [
        ("07:48:00", O::Done),
        ("08:20:00", O::ServerError),
        ("08:34:00", O::ServerError),
        ("08:47:00", O::ServerError),
        ("09:31:00", O::Invalidated),
        ("09:40:00", O::Invalidated),
    ];
    claw(st, home, &login, &pair, &turns);
    home.keep(|path| !path.starts_with("tmp/openclaw/"));
    reworded(home, |_| true, SERVER_ERROR, words);
}

pub(super) const LABELS_BEFORE: Scenario = Scenario {
    name: "logout-after-failures-with-a-label-alone",
    happened: "OpenClaw's turns failed from 08:20 on, which it called a failed DNS lookup. `codex logout` was typed at 09:15; from 09:31 on \
               OpenClaw kept the answer: invalidated.",
    conclusion: "That sentence stood over refusals as well: the login may have ended before the logout. Nobody is named.",
    hours: 2,
    expected: &[OPEN, Verdict { mechanism: "revoked", failed_turns: 2..=2, ..OPEN }],
    play: |st, home| before_logout(st, home, LABEL),
};

pub(super) const LIMIT_BEFORE: Scenario = Scenario {
    name: "logout-after-a-pause-for-a-limit",
    happened: "As `logout-after-failures-with-a-label-alone`, but OpenClaw paused for a limit before, and says so.",
    conclusion: "Two matters: a limit, as far as the client has it right, and a login that was ended after that, by the logout.",
    hours: 2,
    expected: &[
        Verdict { mechanism: "not_token", root_cause: "usage_limit", confidence: ("possible", "possible"), ..OPEN },
        Verdict { victim: "openclaw", confidence: ("likely", "very_likely"), ..LOGOUT },
    ],
    play: |st, home| before_logout(st, home, PAUSED),
};

pub(super) const OUT_OF_USE_BEFORE: Scenario = Scenario {
    name: "logout-after-a-credential-was-out-of-use",
    happened: "Hermes 0.13 had no credential to use at 08:35 and 08:52, and its log does not say why. `codex logout` was typed at 09:20, and \
               at 09:35 Hermes was refused as invalidated.",
    conclusion: "A limit benches a credential in the same words, and a login that has ended does. The logout may have ended the login, or \
                 have come after its end: it is not excluded, and not proved.",
    hours: 2,
    expected: &[Verdict { victim: "hermes", mechanism: "revoked", failed_turns: 4..=4, ..OPEN }],
    play: |st, home| {
        let (_, login, pair) = login(st);
        codex(st, home, Era::V130, &[("auth.json.bak", &login, &pair)], &[&[(on("06:10:00"), C::Done)]]);
        typed(home, &[(on("09:20:00"), "codex logout")]);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-08 07:50:00"));
        hermes.imported_from_codex(&login, &pair, utc("2026-06-08 08:00:12.233"));
        hermes.snapshot(utc("2026-06-09 06:40:12.451"), "weekly");
        for (at, answer) in [
            ("07:10:00", H::Done),
            ("08:35:00", H::NoCredentials),
            ("08:52:00", H::NoCredentials),
            ("09:35:00", H::Invalidated),
            ("09:47:00", H::Invalidated),
        ] {
            hermes.ask(on(at), answer);
        }
        hermes.finish(home);
    },
};

pub(super) const TOLD_TWICE: Scenario = Scenario {
    name: "block-page-half-of-it-called-dns",
    happened: "A challenge page answered five turns of OpenClaw within the half hour. Of every other one, the first among them, only the \
               sentence about DNS was kept.",
    conclusion: "One row without a success: what the raw half says holds for the other half.",
    hours: 2,
    expected: &[Verdict {
        mechanism: "not_token",
        root_cause: "edge_block",
        confidence: ("possible", "confirmed"),
        failed_turns: 5..=5,
        ..OPEN
    }],
    play: |st, home| {
        let account = Account::new(st);
        let turns = [
            ("2026-06-10 07:48:00", O::Done),
            ("2026-06-10 08:20:00", O::ServerError),
            ("2026-06-10 08:27:00", O::ServerError),
            ("2026-06-10 08:31:00", O::ServerError),
            ("2026-06-10 08:38:00", O::ServerError),
            ("2026-06-10 08:44:00", O::ServerError),
            ("2026-06-10 10:10:00", O::Done),
        ];
        claw_alone(st, home, &account, "2026-06-05 09:10:20", &turns);
        home.keep(|path| !path.starts_with("tmp/openclaw/"));
        let page = format!("403 {BLOCK_PAGE}");
        let paths: Vec<String> = home.files().map(|(path, _)| path.to_owned()).filter(|path| path.contains(".jsonl")).collect();
        for path in paths {
            home.change(&path, |text| {
                let parts: Vec<&str> = text.split(SERVER_ERROR).collect();
                let between = |at: usize| if at.is_multiple_of(2) { LABEL } else { page.as_str() };
                let joined = parts.iter().enumerate().map(|(at, part)| {
                    let last = at + 1 == parts.len();
                    format!("{part}{}", if last { "" } else { between(at) })
                });
                joined.collect()
            });
        }
        codex_beside(st, home, &account, "2026-06-10 08:19:12");
    },
};

/// One process of Codex that keeps a token from before a login, while others work.
pub(super) const ONE_STALE_WINDOW: Scenario = Scenario {
    name: "one-stale-window-all-day",
    happened: "Codex 0.130 was logged in anew at 08:05, which ended the login before. A window open since the morning was refused as \
               invalidated every two or three hours; windows opened since worked in between.",
    conclusion: "One matter from the first refusal to the last: what worked were other processes, with the pair that the store held.",
    hours: 2,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "revoked",
        root_cause: "stale_process_token",
        actor: None,
        confidence: ("likely", "very_likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let (old, new) =
            (Grant::new(st, &account, utc("2026-05-20 10:00:00")), Grant::new(st, &account, utc("2026-06-10 08:04:40")));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &old, &old.mint(st, utc("2026-06-02 09:40:20")), utc("2026-06-02 09:40:20.803"));
        codex.login(on("08:04:31"), on("08:05:00.100"));
        codex.store("auth.json", &new, &new.mint(st, on("08:05:00")), on("08:05:00.402"));
        let refused = C::Failed(INVALIDATED, "unauthorized");
        let window = [("07:12:00", C::Done), ("09:10:00", refused), ("11:45:00", refused), ("14:20:00", refused)];
        codex.thread(Front::Tui, &window.map(|(at, answer)| (on(at), answer)));
        for at in ["10:02:00", "13:05:00", "15:31:00"] {
            codex.thread(Front::Tui, &[(on(at), C::Done)]);
        }
        codex.finish(home);
    },
};

pub(super) const ONE_MODEL: Scenario = Scenario {
    name: "one-refused-model-every-morning",
    happened: "A job of OpenClaw asks for a model that the plan lacks, every morning for four days; a conversation with another model works \
               each noon.",
    conclusion: "One matter: the model. That another one works is the proof of it, and no recovery.",
    hours: 2,
    expected: &[Verdict {
        mechanism: "not_token",
        root_cause: "entitlement",
        confidence: ("likely", "confirmed"),
        failed_turns: 4..=4,
        ..OPEN
    }],
    play: |st, home| {
        let account = Account::new(st);
        let own = Grant::new(st, &account, utc("2026-06-08 05:00:00"));
        let begun = utc("2026-06-08 05:10:00");
        let mut claw = OpenClaw::start(st, begun, CODEX_MODEL);
        claw.store().own_login(&own, &own.mint(st, begun - MINUTE), begun);
        let (job, chat) = (claw.session(), claw.session());
        for day in 0..4 {
            claw.ask(job, begun + day * DAY + HOUR, O::ServerError);
            claw.ask(chat, begun + day * DAY + 6 * HOUR, O::Done);
        }
        claw.finish(home);
        home.keep(|path| !path.starts_with("tmp/openclaw/"));
        reworded(home, |_| true, SERVER_ERROR, "The 'gpt-5.9' model is not supported when using Codex with a ChatGPT account.");
        let paths: Vec<String> = home.files().map(|(path, _)| path.to_owned()).filter(|path| path.contains(".jsonl")).collect();
        for path in paths {
            let other = |text: String| if text.contains("'gpt-5.9'") { text.replace("gpt-5.5", "gpt-5.9") } else { text };
            home.change(&path, other);
        }
    },
};

pub(super) const FIRST_LOGIN: Scenario = Scenario {
    name: "passing-401-on-the-first-login",
    happened: "Codex was set up and logged in on 6 June. On 10 June two calls were answered with a 401 without a reason, and an hour later \
               another window worked; nothing had been done to the login.",
    conclusion: "There never was another pair that a process could have kept, and none that had ended: a refusal that passed, of one \
                 account and for no reason on record. Undetermined.",
    hours: 2,
    expected: &[Verdict { victim: "codex", failed_turns: 2..=2, ..OPEN }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-06-06 08:04:40"));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.login(utc("2026-06-06 08:04:31"), utc("2026-06-06 08:05:00.100"));
        codex.store("auth.json", &login, &login.mint(st, utc("2026-06-06 08:05:00")), utc("2026-06-06 08:05:00.402"));
        let window = [("07:12:00", C::Done), ("09:10:00", BARE_401), ("09:24:00", BARE_401)];
        codex.thread(Front::Tui, &window.map(|(at, answer)| (on(at), answer)));
        codex.thread(Front::Tui, &[(on("10:30:00"), C::Done)]);
        codex.finish(home);
    },
};

/// Revoked, with no act that would explain it: kept beside the rows above, whose first half is another matter.
pub(super) const SERVER_AFTER_A_LIMIT: Scenario = Scenario {
    name: "ended-after-a-pause-for-a-limit",
    happened: "As `logout-after-a-pause-for-a-limit`, and nobody logged out.",
    conclusion: "Without an act on record the server remains.",
    hours: 2,
    expected: &[
        Verdict { mechanism: "not_token", root_cause: "usage_limit", confidence: ("possible", "possible"), ..OPEN },
        Verdict { victim: "openclaw", ..SERVER },
    ],
    play: |st, home| {
        before_logout(st, home, PAUSED);
        home.keep(|path| path != ".zsh_history" && !path.ends_with("auth.json.bak"));
    },
};
