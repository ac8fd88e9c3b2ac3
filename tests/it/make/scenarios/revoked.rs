//! Scenarios in which a login was ended at the server.

use super::super::clock::utc;
use super::super::codex::{Answer as C, CodexHome, Era, Front, VscodeLog};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw, SeptemberOpenClaw};
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::{Scenario, Verdict};

/// The seed issue as a new login.
pub(super) const FOUNDING_RELOGIN: Scenario = Scenario {
    name: "founding-relogin",
    happened: "OpenClaw 2026.5.7 had taken its login over from `~/.codex/auth.json` when its own profile was empty. On 26 May at \
               08:14:31 UTC a person completed `codex login` in that home, which ended the earlier login session; OpenClaw, whose \
               access token was good for five more days, was refused from its next request at 08:16 on, while Codex and VS Code \
               went on with the new login.",
    conclusion: "The code is of the revocation kind and comes long before expiry, so nothing was consumed. A backup of the Codex store \
                 holds exactly OpenClaw's pair, the current store a new login session, and the login log dates it between \
                 OpenClaw's last success and first failure. The new login in `~/.codex` explains it; but Codex 0.130.0 does not itself \
                 end the login that it replaces, so that this one did is the provider's policy at most: possible.",
    hours: 2,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "revoked",
        root_cause: "sibling_relogin",
        actor: Some("codex"),
        confidence: ("possible", "possible"),
        failed_turns: 8..=11,
    }],
    play: founding_relogin,
};

fn founding_relogin(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let old = Grant::new(st, &account, utc("2026-04-30 07:45:20"));
    let shared = old.mint(st, utc("2026-05-21 06:12:40"));
    let new = Grant::new(st, &account, utc("2026-05-26 08:14:27"));

    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &old, &shared, utc("2026-05-21 06:12:41.280"));
    codex.login(utc("2026-05-26 08:14:02.417"), utc("2026-05-26 08:14:31.388"));
    codex.store("auth.json", &new, &new.mint(st, utc("2026-05-26 08:14:31")), utc("2026-05-26 08:14:31.402"));
    codex.thread(Front::Tui, &[(utc("2026-05-26 06:55:18"), C::Done), (utc("2026-05-26 07:50:33"), C::Done)]);
    codex.thread(Front::Tui, &[(utc("2026-05-26 08:15:10"), C::Done), (utc("2026-05-26 10:02:41"), C::DoneWithCommand)]);
    codex.thread(Front::Vscode, &[(utc("2026-05-26 08:40:26"), C::Done), (utc("2026-05-26 14:31:09"), C::Done)]);
    codex.finish(home);
    VscodeLog::new(st, utc("2026-05-26 08:38:12")).finish(home);

    let mut claw = OpenClaw::start(st, utc("2026-05-26 05:20:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(&old, &shared);
    let (chat, other) = (claw.session(), claw.session());
    for (at, session, answer) in [
        ("2026-05-26 05:41:22", chat, O::Done),
        ("2026-05-26 06:30:10", other, O::DoneWithTool),
        ("2026-05-26 08:12:40", chat, O::Done),
        ("2026-05-26 08:16:03", chat, O::Invalidated),
        ("2026-05-26 08:16:25", chat, O::Invalidated),
        ("2026-05-26 08:19:50", chat, O::Invalidated),
        ("2026-05-26 08:20:09", other, O::Invalidated),
        ("2026-05-26 08:24:40", other, O::Invalidated),
        ("2026-05-26 08:31:11", chat, O::Invalidated),
    ] {
        claw.ask(session, utc(at), answer);
    }
    claw.restart(utc("2026-05-26 09:05:00"));
    for (at, session) in [
        ("2026-05-26 09:06:30", chat),
        ("2026-05-26 09:06:52", chat),
        ("2026-05-26 09:40:10", other),
        ("2026-05-26 11:15:02", chat),
        ("2026-05-26 16:42:07", other),
    ] {
        claw.ask(session, utc(at), O::Invalidated);
    }
    claw.finish(home);
}

/// The seed issue as OpenClaw would leave it since its stores and transcripts moved into databases.
pub(super) const FOUNDING_IN_SQLITE: Scenario = Scenario {
    name: "founding-relogin-sqlite",
    happened: "As `founding-relogin`, in September with OpenClaw 2026.9.6: its profile, taken over from `~/.codex/auth.json` by an \
               earlier version, had been moved into `state/openclaw.sqlite` on 23 September. On 28 September at 08:14:31 UTC a person \
               completed `codex login`; every request of OpenClaw from 08:16 on was refused or, within thirty seconds of a refusal, \
               not attempted.",
    conclusion: "As `founding-relogin`. Eleven of the twelve failed turns stand in the agent's database as entries of its transcripts, \
                 the traces and run tables beside them repeat those; one local run was swallowed by the cooldown and only the \
                 gateway's log tells of it.",
    hours: 2,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "revoked",
        root_cause: "sibling_relogin",
        actor: Some("codex"),
        confidence: ("likely", "confirmed"),
        failed_turns: 12..=12,
    }],
    play: founding_in_sqlite,
};

fn founding_in_sqlite(st: &Stage, home: &mut Home) {
    september(st, home).finish(home);
}

/// The same of a gateway that is still at work, whose databases have write-ahead logs.
pub fn founding_with_logs(st: &Stage, home: &mut Home) {
    september(st, home).finish_running(home);
}

fn september<'s>(st: &'s Stage, home: &mut Home) -> SeptemberOpenClaw<'s> {
    let account = Account::new(st);
    let old = Grant::new(st, &account, utc("2026-09-02 07:45:20"));
    let shared = old.mint(st, utc("2026-09-23 06:12:40"));
    let new = Grant::new(st, &account, utc("2026-09-28 08:14:27"));

    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &old, &shared, utc("2026-09-23 06:12:41.280"));
    codex.login(utc("2026-09-28 08:14:02.417"), utc("2026-09-28 08:14:31.388"));
    codex.store("auth.json", &new, &new.mint(st, utc("2026-09-28 08:14:31")), utc("2026-09-28 08:14:31.402"));
    codex.thread(Front::Tui, &[(utc("2026-09-28 06:55:18"), C::Done), (utc("2026-09-28 07:50:33"), C::Done)]);
    codex.thread(Front::Tui, &[(utc("2026-09-28 08:15:10"), C::Done), (utc("2026-09-28 10:02:41"), C::DoneWithCommand)]);
    codex.thread(Front::Vscode, &[(utc("2026-09-28 08:40:26"), C::Done), (utc("2026-09-28 14:31:09"), C::Done)]);
    codex.finish(home);
    VscodeLog::new(st, utc("2026-09-28 08:38:12")).finish(home);

    let (start, moved) = (utc("2026-09-28 05:20:00"), utc("2026-09-23 19:40:08.313"));
    let mut claw = SeptemberOpenClaw::start(st, start, &old, &shared, moved);
    let (chat, other) = (claw.session(), claw.session());
    for (at, session) in [("2026-09-28 05:41:22", chat), ("2026-09-28 06:30:10", other), ("2026-09-28 08:12:40", chat)] {
        claw.done(session, utc(at));
    }
    for (at, session) in [
        ("2026-09-28 08:16:03", chat),
        ("2026-09-28 08:16:25", chat),
        ("2026-09-28 08:19:50", chat),
        ("2026-09-28 08:20:09", other),
        ("2026-09-28 08:24:40", other),
        ("2026-09-28 08:31:11", chat),
    ] {
        claw.invalidated(session, utc(at));
    }
    claw.skipped_locally(other, utc("2026-09-28 08:31:30"));
    claw.restart(utc("2026-09-28 09:05:00"));
    for (at, session) in [
        ("2026-09-28 09:06:30", chat),
        ("2026-09-28 09:06:52", chat),
        ("2026-09-28 09:40:10", other),
        ("2026-09-28 11:15:02", chat),
        ("2026-09-28 16:42:07", other),
    ] {
        claw.invalidated(session, utc(at));
    }
    claw
}

/// No local act at all.
pub(super) const SERVER_REVOCATION: Scenario = Scenario {
    name: "server-revocation",
    happened: "The server ended the login session of Hermes 0.13 (its own device-code login of 19 May) after 61 hours: every call from \
               21 May 19:03 UTC on was refused with `token_invalidated`, and refreshing did not help. The next morning the owner \
               logged Hermes in again. A Codex home of another account refreshed 90 seconds before the first refusal.",
    conclusion: "Tokens unchanged between two snapshots, the second taken during the failure; logs without a gap; no other holder of \
                 this account, no login, logout or rotation before the first refusal (the new login comes after it and is the \
                 repair). The server ended the session; which act made it do so cannot be seen here, and the Codex rotation is of \
                 another account.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "revoked",
        root_cause: "server_revocation",
        actor: None,
        confidence: ("possible", "likely"),
        failed_turns: 6..=6,
    }],
    play: server_revocation,
};

fn server_revocation(st: &Stage, home: &mut Home) {
    let (account, other) = (Account::new(st), Account::new(st));
    let login = Grant::new(st, &account, utc("2026-05-19 06:02:05"));
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-19 06:03:00"));
    hermes.own_login(&login, &login.mint(st, utc("2026-05-19 06:02:11")), utc("2026-05-19 06:02:11.482"));
    hermes.ask(utc("2026-05-19 06:08:31"), H::Done);
    hermes.snapshot(utc("2026-05-19 11:00:24.117"), "after-setup");
    for (at, answer) in [
        ("2026-05-19 15:12:44", H::DoneWithTool),
        ("2026-05-20 07:02:19", H::Done),
        ("2026-05-20 18:45:03", H::DoneToQuote),
        ("2026-05-21 09:31:57", H::Done),
        ("2026-05-21 18:55:30", H::Done),
        ("2026-05-21 19:03:12", H::Invalidated),
        ("2026-05-21 19:04:20", H::Invalidated),
        ("2026-05-21 19:30:00", H::Invalidated),
        ("2026-05-21 20:15:44", H::Invalidated),
        ("2026-05-22 05:40:10", H::Invalidated),
        ("2026-05-22 06:20:05", H::Invalidated),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.snapshot(utc("2026-05-22 06:31:40.902"), "before-login");
    let again = Grant::new(st, &account, utc("2026-05-22 06:35:44"));
    hermes.own_login(&again, &again.mint(st, utc("2026-05-22 06:35:50")), utc("2026-05-22 06:35:50.610"));
    hermes.ask(utc("2026-05-22 06:37:29"), H::Done);
    hermes.ask(utc("2026-05-22 07:10:48"), H::Done);
    hermes.finish(home);

    let foreign = Grant::new(st, &other, utc("2026-04-25 12:30:00"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &foreign, &foreign.mint(st, utc("2026-05-11 19:00:02")), utc("2026-05-11 19:00:02.771"));
    codex.store("auth.json", &foreign, &foreign.mint(st, utc("2026-05-21 19:01:42")), utc("2026-05-21 19:01:42.860"));
    codex.thread(Front::Tui, &[(utc("2026-05-21 19:01:41.020"), C::Done), (utc("2026-05-21 19:20:15"), C::Done)]);
    codex.finish(home);
}

/// `codex logout` on one of three holders.
pub(super) const SIBLING_LOGOUT: Scenario = Scenario {
    name: "sibling-logout",
    happened: "Hermes 0.13 and OpenClaw 2026.5.7 had both taken their login over from `~/.codex/auth.json`. On 28 May at about 10:05 \
               UTC a person ran `codex logout` (0.130), which revokes the login at the server and removes the file; both others \
               were refused with `token_invalidated` within four minutes, days before expiry.",
    conclusion: "Two holders of one login session die together long before expiry, and the third, whose backup holds the same pair, \
                 has no store any more: a logout is the best explanation. No file records the act itself (0.130 logs none), so a \
                 revocation by the server with a store deleted for another reason stays possible.",
    hours: 2,
    expected: &[
        Verdict {
            victim: "openclaw",
            mechanism: "revoked",
            root_cause: "sibling_logout",
            actor: Some("codex"),
            confidence: ("undetermined", "likely"),
            failed_turns: 3..=4,
        },
        Verdict {
            victim: "hermes",
            mechanism: "revoked",
            root_cause: "sibling_logout",
            actor: Some("codex"),
            confidence: ("undetermined", "likely"),
            failed_turns: 4..=4,
        },
    ],
    play: sibling_logout,
};

fn sibling_logout(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-13 11:40:08"));
    let shared = login.mint(st, utc("2026-05-23 11:41:30"));

    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &login, &shared, utc("2026-05-23 11:41:30.977"));
    codex.thread(Front::Tui, &[(utc("2026-05-27 16:02:13"), C::Done), (utc("2026-05-28 09:40:50"), C::Done)]);
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-25 06:00:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-05-24 08:10:19.233"));
    hermes.ask(utc("2026-05-25 06:30:45"), H::Done);
    hermes.snapshot(utc("2026-05-25 06:40:12.451"), "weekly");
    for (at, answer) in [
        ("2026-05-27 19:11:20", H::DoneWithTool),
        ("2026-05-28 10:01:33", H::Done),
        ("2026-05-28 10:09:12", H::Invalidated),
        ("2026-05-28 10:10:40", H::Invalidated),
        ("2026-05-28 11:45:06", H::Invalidated),
        ("2026-05-28 15:20:27", H::Invalidated),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);

    let mut claw = OpenClaw::start(st, utc("2026-05-28 05:10:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(&login, &shared);
    let chat = claw.session();
    for (at, answer) in [
        ("2026-05-28 06:20:31", O::Done),
        ("2026-05-28 10:02:18", O::DoneWithTool),
        ("2026-05-28 10:07:30", O::Invalidated),
        ("2026-05-28 10:07:55", O::Invalidated),
        ("2026-05-28 10:31:02", O::Invalidated),
        ("2026-05-28 14:05:44", O::Invalidated),
    ] {
        claw.ask(chat, utc(at), answer);
    }
    claw.finish(home);
}

/// `codex login` that nobody finished.
pub(super) const LOGIN_ABANDONED: Scenario = Scenario {
    name: "login-abandoned",
    happened: "Hermes 0.13 shared a login with Codex 0.169 since an import. On 21 November at 09:30:05 UTC a person began `codex login` \
               and closed the browser page. That version revokes the stored login and deletes `auth.json` before the browser step, so \
               Hermes was refused with `token_invalidated` from its next message at 09:33 on, and Codex has no credential either.",
    conclusion: "The login log of the Codex home has a login that began between Hermes' last success and its first failure and was \
                 never completed; the store is gone, its backup holds Hermes' own pair, and the code is of the revocation kind days \
                 before expiry. The login that was begun in `~/.codex` ended the one they shared.",
    hours: 1,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "revoked",
        root_cause: "sibling_relogin",
        actor: Some("codex"),
        confidence: ("likely", "confirmed"),
        failed_turns: 4..=4,
    }],
    play: login_abandoned,
};

fn login_abandoned(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-11-03 18:40:12"));
    let shared = login.mint(st, utc("2026-11-16 07:12:44"));

    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &login, &shared, utc("2026-11-16 07:12:44.930"));
    codex.login_begun(utc("2026-11-21 09:30:05.218"));
    codex.thread(Front::Tui, &[(utc("2026-11-20 16:20:31"), C::Done), (utc("2026-11-20 16:41:09"), C::Done)]);
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-11-18 06:00:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-11-17 12:05:50.317"));
    hermes.ask(utc("2026-11-18 07:45:16"), H::Done);
    hermes.snapshot(utc("2026-11-19 08:00:21.508"), "weekly");
    for (at, answer) in [
        ("2026-11-20 19:30:02", H::DoneWithTool),
        ("2026-11-21 09:21:47", H::Done),
        ("2026-11-21 09:33:10", H::Invalidated),
        ("2026-11-21 09:35:28", H::Invalidated),
        ("2026-11-21 10:50:14", H::Invalidated),
        ("2026-11-21 16:02:33", H::Invalidated),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);
}
