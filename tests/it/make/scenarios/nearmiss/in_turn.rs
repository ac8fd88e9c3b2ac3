//! Failures and logins that look like two clients shutting each other out in turn, and are not.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::token::{Account, Grant};
use super::super::in_turn::{PLAIN, Story, in_turn};
use super::super::{Scenario, Verdict};

const BY_CODEX: Verdict = Verdict {
    victim: "hermes",
    mechanism: "revoked",
    root_cause: "sibling_relogin",
    actor: Some("codex"),
    confidence: ("undetermined", "likely"),
    failed_turns: 2..=2,
};

const BY_HERMES: Verdict = Verdict { victim: "codex", actor: Some("hermes"), ..BY_CODEX };

const BY_NOBODY: Verdict = Verdict { root_cause: "server_revocation", actor: None, confidence: ("possible", "likely"), ..BY_CODEX };

const LIMITED: Verdict =
    Verdict { mechanism: "not_token", root_cause: "usage_limit", actor: None, confidence: ("likely", "very_likely"), ..BY_CODEX };

pub(super) const TWICE: Scenario = Scenario {
    name: "logins-in-turn-twice-only",
    happened: "As `logins-in-turn`, for one day: Codex logged in, Hermes was refused and logged in, Codex was refused.",
    conclusion: "Two accidents, each with its own login just before: a row of two is no pattern. The logins are known to be separate, so \
                 that one ended the other is possible and no more.",
    hours: 1,
    expected: &[
        Verdict { confidence: ("possible", "possible"), ..BY_CODEX },
        Verdict { confidence: ("possible", "possible"), ..BY_HERMES },
    ],
    play: |st, home| in_turn(st, home, &Story { days: 1, ..PLAIN }),
};

pub(super) const THRICE: Scenario = Scenario {
    name: "logins-in-turn-three-times",
    happened: "As `logins-in-turn`, up to Hermes' second failure.",
    conclusion: "Three alternations are enough.",
    hours: 1,
    expected: &[Verdict {
        root_cause: "auth_ping_pong",
        actor: None,
        confidence: ("likely", "very_likely"),
        failed_turns: 6..=6,
        ..BY_CODEX
    }],
    play: |st, home| in_turn(st, home, &Story { cut: true, ..PLAIN }),
};

pub(super) const TWO_ACCOUNTS: Scenario = Scenario {
    name: "logins-in-turn-on-two-accounts",
    happened: "As `logins-in-turn`, but Hermes and Codex are each logged in to an account of their own; each account's sessions were \
               ended by the server at those times.",
    conclusion: "A login to one account does nothing to the other: four revocations without a local act.",
    hours: 1,
    expected: &[BY_NOBODY, Verdict { victim: "codex", ..BY_NOBODY }, BY_NOBODY, Verdict { victim: "codex", ..BY_NOBODY }],
    play: |st, home| in_turn(st, home, &Story { accounts: true, ..PLAIN }),
};

pub(super) const THIRD_CAUSE: Scenario = Scenario {
    name: "logins-in-turn-because-of-a-limit",
    happened: "The plan's usage limit stopped Hermes in the morning and Codex in the afternoon, two days in a row. The owner, who took \
               that for a broken login, logged the one in each time after the other one had failed.",
    conclusion: "Every failure is the limit's own (429). The logins in between changed nothing.",
    hours: 1,
    expected: &[LIMITED, Verdict { victim: "codex", ..LIMITED }, LIMITED, Verdict { victim: "codex", ..LIMITED }],
    play: |st, home| in_turn(st, home, &Story { limited: true, ..PLAIN }),
};

pub(super) const DAILY: Scenario = Scenario {
    name: "daily-login-by-policy",
    happened: "The workspace ends Hermes' session every 24 hours, and the owner logs Hermes in anew each time, three days in a row. Codex, \
               with a login of its own on the same account, refreshed on one of these mornings and never failed.",
    conclusion: "One client fails at a fixed period, the other never does: a session policy, and no pattern between the two.",
    hours: 1,
    expected: &[BY_NOBODY, BY_NOBODY, BY_NOBODY],
    play: |st, home| {
        let account = Account::new(st);
        let begin = utc("2026-11-03 07:00:00");
        let mut hermes = Hermes::start(st, Version::V013, begin - HOUR);
        for n in 0..4 {
            let at = begin + n * DAY + n * 7 * MINUTE;
            let own = Grant::new(st, &account, at - 5 * SECOND);
            hermes.own_login(&own, &own.mint(st, at), at + 480);
            hermes.ask(at + 5 * MINUTE, H::Done);
            hermes.ask(at + 9 * HOUR, H::Done);
            if n < 3 {
                [HOUR, HOUR - 5 * MINUTE].into_iter().for_each(|before| hermes.ask(at + DAY - before, H::Invalidated));
            }
            hermes.snapshot(at + DAY - 30 * MINUTE + 117, "before-login");
        }
        hermes.finish(home);
        let login = Grant::new(st, &account, begin - 20 * DAY);
        let (before, now) = (login.mint(st, begin - 9 * DAY), login.mint(st, begin + DAY - 90 * MINUTE));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &login, &before, before.issued + 912);
        codex.store("auth.json", &login, &now, now.issued + 870);
        for n in 0..4 {
            codex.thread(Front::Tui, &[(begin + n * DAY + 2 * HOUR, C::Done), (begin + n * DAY + 8 * HOUR, C::Done)]);
        }
        codex.finish(home);
    },
};
