//! Scenarios in which a token was too old where it was used, each with a renewal nearby that is of
//! another login.

use super::super::clock::utc;
use super::super::codex::{Answer as C, CodexHome, Era, Front, VscodeLog};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::props::{INVALIDATED, codex_beside, hermes_beside, logged, reworded};
use super::{Scenario, Verdict};

/// What Codex says of a refresh token that ran out.
pub(super) const RAN_OUT: C = C::Failed(
    "Your access token could not be refreshed because your refresh token has expired. Please log out and sign in again.",
    "unauthorized",
);
/// What Codex says when its store holds another account than its memory.
pub(super) const SIGNED_IN_ELSEWHERE: C = C::Failed(
    "Your access token could not be refreshed because you have since logged out or signed in to another account. Please sign in again.",
    "unauthorized",
);

/// Left alone for weeks.
pub(super) const IDLE: Scenario = Scenario {
    name: "refresh-token-ran-out",
    happened: "Codex 0.169 was last used on 12 September, a day after it had renewed its login. When its owner came back on 30 October, \
               the refresh token had run out: three turns were refused until a new login. Hermes, on a login of its own on the \
               account, had renewed five minutes before.",
    conclusion: "The login service calls the refresh token expired, and nobody used or renewed this login for seven weeks: the token \
                 ran out. The renewal next door is of another login session; a token that ran out was spent by nobody.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "expired",
        root_cause: "refresh_token_expired_idle",
        actor: None,
        confidence: ("likely", "likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let (old, new) =
            (Grant::new(st, &account, utc("2026-08-02 09:10:00")), Grant::new(st, &account, utc("2026-10-30 08:40:00")));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &old, &old.mint(st, utc("2026-09-11 07:12:40")), utc("2026-09-11 07:12:40.914"));
        codex.login(utc("2026-10-30 08:40:10.110"), utc("2026-10-30 08:40:40.230"));
        codex.store("auth.json", &new, &new.mint(st, utc("2026-10-30 08:40:40")), utc("2026-10-30 08:40:40.240"));
        let turns = [("2026-09-11 07:12:38", C::Done), ("2026-09-12 15:20:05", C::Done)];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        let turns = [
            ("2026-10-30 08:20:31", RAN_OUT),
            ("2026-10-30 08:21:40", RAN_OUT),
            ("2026-10-30 08:33:02", RAN_OUT),
            ("2026-10-30 08:42:11", C::Done),
        ];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
        hermes_beside(st, home, &account, "2026-10-30 08:15:20");
    },
};

/// The window that stayed open over a login.
pub(super) const SIGNED_IN_ANEW: Scenario = Scenario {
    name: "process-from-before-the-login",
    happened: "On 18 November at 09:00 UTC the owner of a Codex home logged in to another account in a terminal. The extension for VS \
               Code had been running since the morning and refused its turns from 09:41 on, when its own token had ended, until \
               its window was reloaded at 10:30. `codex exec` worked meanwhile. Hermes, on the new account, had renewed a login \
               of its own at 09:39.",
    conclusion: "The client compares its memory with its store and says that they differ; the store held the new, good pair since \
                 09:00, another process worked with it, and a new process cured it. The window was stale; the login is good.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "expired",
        root_cause: "stale_process_token",
        actor: None,
        confidence: ("likely", "very_likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let (before, since) = (Account::new(st), Account::new(st));
        let old = Grant::new(st, &before, utc("2026-10-28 10:00:00"));
        let new = Grant::new(st, &since, utc("2026-11-18 08:59:30"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &old, &old.mint(st, utc("2026-11-08 09:40:20")), utc("2026-11-08 09:40:20.803"));
        codex.thread(Front::Tui, &[(utc("2026-11-17 16:00:12"), C::Done)]);
        codex.login(utc("2026-11-18 08:59:20.400"), utc("2026-11-18 09:00:02.118"));
        codex.store("auth.json", &new, &new.mint(st, utc("2026-11-18 09:00:02")), utc("2026-11-18 09:00:02.130"));
        let turns = [
            ("2026-11-18 08:12:44", C::Done),
            ("2026-11-18 09:41:10", SIGNED_IN_ELSEWHERE),
            ("2026-11-18 09:42:55", SIGNED_IN_ELSEWHERE),
            ("2026-11-18 10:20:31", SIGNED_IN_ELSEWHERE),
        ];
        codex.thread(Front::Vscode, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.thread(Front::Exec, &[(utc("2026-11-18 09:55:03"), C::Done)]);
        codex.thread(Front::Vscode, &[(utc("2026-11-18 10:31:20"), C::Done), (utc("2026-11-18 11:05:48"), C::Done)]);
        codex.finish(home);
        VscodeLog::new(st, utc("2026-11-18 10:30:15")).finish(home);
        hermes_beside(st, home, &since, "2026-11-18 09:39:08");
    },
};

/// Words of a refusal for a token that ended, in place of those for one that was ended.
pub(super) fn called_expired(home: &mut Home) {
    let hermes = |path: &str| path.starts_with(".hermes/");
    reworded(home, hermes, INVALIDATED, "Provided authentication token is expired. Please try signing in again.");
    reworded(home, hermes, "token_invalidated", "token_expired");
}

/// Eighty minutes with the token of yesterday.
pub(super) const EIGHTY_MINUTES: Scenario = Scenario {
    name: "gateway-with-an-old-token",
    happened: "A command of Hermes 0.13 renewed the login at 16:38 UTC on 25 May. The gateway, running since the day before, went on \
               with the old access token, which the server called expired from 16:50 to 18:05. A restart at 18:10 cured it. Codex \
               had renewed a login of its own at 16:47.",
    conclusion: "The server calls the token expired while the one in the gateway's own store is good for ten days: the gateway did not \
                 send that one. It had begun before the store changed, and works after a restart with the stored pair unchanged.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "expired",
        root_cause: "stale_process_token",
        actor: None,
        confidence: ("likely", "very_likely"),
        failed_turns: 4..=4,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-05-05 09:10:00"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-24 06:00:00"));
        hermes.own_login(&login, &login.mint(st, utc("2026-05-15 16:45:10")), utc("2026-05-15 16:45:10.318"));
        hermes.ask(utc("2026-05-24 09:20:15"), H::Done);
        hermes.snapshot(utc("2026-05-24 10:02:18.330"), "weekly");
        hermes.ask(utc("2026-05-25 15:12:09"), H::DoneWithTool);
        // The gateway still sends what it read when it began.
        for at in ["2026-05-25 16:50:20", "2026-05-25 17:11:41", "2026-05-25 17:40:03", "2026-05-25 18:05:30"] {
            hermes.ask(utc(at), H::Invalidated);
        }
        hermes.refreshed(&login.mint(st, utc("2026-05-25 16:38:02")), utc("2026-05-25 16:38:02.655"));
        hermes.rested(utc("2026-05-25 18:12:40.120"));
        hermes.ask(utc("2026-05-25 18:12:33"), H::Done);
        hermes.ask(utc("2026-05-25 19:30:10"), H::Done);
        hermes.finish(home);
        called_expired(home);
        let start = format!("{} INFO gateway.run: Starting Hermes Gateway...", st.clock.python_log(utc("2026-05-25 18:10:00.204")));
        for log in ["agent.log", "gateway.log"] {
            logged(home, &format!(".hermes/logs/{log}"), std::slice::from_ref(&start));
        }
        codex_beside(st, home, &account, "2026-05-25 16:47:11");
    },
};

/// Used in the old process, good in the new one.
pub(super) const USED_IN_AN_OLD_WINDOW: Scenario = Scenario {
    name: "used-token-in-an-old-window",
    happened: "A terminal of Codex 0.169 renewed the shared store at 07:00 UTC on 19 November. A window of VS Code that had been open \
               since the day before presented the replaced refresh token from 09:30 on and was refused as used. A run of \
               `codex exec` at 09:56 worked, and a reload of the window at 10:00 cured it. Hermes renewed a login of its own at 09:25.",
    conclusion: "The token was spent by the program's own terminal, in the ordinary way, and the new pair had stood in the store for \
                 hours. All that failed was a window that had not read it: no race, and no other client.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "stale_process_token",
        actor: None,
        confidence: ("likely", "very_likely"),
        failed_turns: 3..=3,
    }],
    play: |st: &Stage, home: &mut Home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-10-20 12:00:00"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &login, &login.mint(st, utc("2026-11-09 07:02:10")), utc("2026-11-09 07:02:10.650"));
        codex.store("auth.json", &login, &login.mint(st, utc("2026-11-19 07:00:10")), utc("2026-11-19 07:00:10.702"));
        codex.thread(Front::Tui, &[(utc("2026-11-18 15:00:12"), C::Done), (utc("2026-11-19 07:00:09"), C::Done)]);
        let used = super::super::codex::ALREADY_USED;
        let turns = [
            ("2026-11-18 16:12:44", C::Done),
            ("2026-11-19 09:30:10", used),
            ("2026-11-19 09:41:55", used),
            ("2026-11-19 09:52:31", used),
        ];
        codex.thread(Front::Vscode, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.thread(Front::Exec, &[(utc("2026-11-19 09:56:03"), C::Done)]);
        codex.thread(Front::Vscode, &[(utc("2026-11-19 10:02:20"), C::Done)]);
        codex.finish(home);
        VscodeLog::new(st, utc("2026-11-19 10:00:15")).finish(home);
        hermes_beside(st, home, &account, "2026-11-19 09:25:08");
    },
};
