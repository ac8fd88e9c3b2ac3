//! Scenarios in which a login was ended, or refused, in ways of its own: by a replay, as new, and by a logout
//! that a shell remembers.

use super::super::clock::{HOUR, MINUTE, SECOND, utc};
use super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front, WAS_REVOKED};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::{Scenario, Verdict};

/// An account manager puts an old pair back.
pub(super) const REPLAY: Scenario = Scenario {
    name: "replay-ends-the-login",
    happened: "Hermes 0.13 had taken its login over from `~/.codex/auth.json` on 16 October. Codex 0.169 refreshed on 24 October and held \
               the newest pair. On 26 October at 16:20 UTC Hermes' access token ended; it presented its old refresh token, was refused as \
               used, and at 16:21 and later Codex, which had worked at 16:12 and whose token was good for eight days more, was told that \
               its refresh token had been revoked.",
    conclusion: "Hermes: Codex' refresh of 24 October spent the refresh token they shared; a backup holds the very pair. Codex: its newest \
                 pair was revoked a minute after the refused replay, and nothing else was done to that login: very plausible that the \
                 server ended the login because an old token came back. Whether this provider does so is disputed, so likely at most.",
    hours: 1,
    expected: &[
        Verdict {
            victim: "hermes",
            mechanism: "consumed",
            root_cause: "sibling_refresh",
            actor: Some("codex"),
            confidence: ("likely", "confirmed"),
            failed_turns: 3..=3,
        },
        Verdict {
            victim: "codex",
            mechanism: "revoked",
            root_cause: "reuse_family_revocation",
            actor: Some("hermes"),
            confidence: ("possible", "likely"),
            failed_turns: 3..=3,
        },
    ],
    play: |st, home| replay(st, home, &["2026-10-26 16:21:30", "2026-10-26 16:24:10", "2026-10-26 19:02:44"], &[]),
};

/// Hermes replays an old token on 26 October at 16:20; Codex, which holds the newest pair, is refused at some
/// times after it, and answers at others.
pub(super) fn replay(st: &Stage, home: &mut Home, refused: &[&str], answers: &[&str]) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-09-30 08:11:05"));
    let shared = login.mint(st, utc("2026-10-16 16:20:05"));
    let newest = login.mint(st, utc("2026-10-24 09:40:12"));

    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &login, &shared, shared.issued + 874);
    codex.store("auth.json", &login, &newest, newest.issued + 901);
    codex.thread(Front::Tui, &[(utc("2026-10-24 09:40:11"), C::Done), (utc("2026-10-26 16:12:02"), C::DoneWithCommand)]);
    let told = refused.iter().map(|at| (utc(at), WAS_REVOKED)).chain(answers.iter().map(|at| (utc(at), C::Done)));
    let mut told: Vec<(i64, C)> = told.collect();
    told.sort_by_key(|(at, _)| *at);
    codex.thread(Front::Tui, &told);
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-10-16 16:59:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-10-16 17:02:31.402"));
    hermes.ask(utc("2026-10-17 06:12:10"), H::Done);
    hermes.snapshot(utc("2026-10-19 05:44:10.870"), "weekly");
    hermes.ask(utc("2026-10-26 15:22:08"), H::DoneWithTool);
    for at in ["2026-10-26 16:20:31", "2026-10-26 16:47:05", "2026-10-26 19:40:33"] {
        hermes.ask(utc(at), H::AlreadyConsumed);
    }
    hermes.finish(home);
}

/// Three holders; a vault puts the oldest pair back into the third one's store.
pub(super) const VAULT_REPLAY: Scenario = Scenario {
    name: "vault-replay-ends-the-login",
    happened: "Hermes 0.13 and a second CODEX_HOME for scheduled jobs both had their login from `~/.codex`, whose terminal program \
               refreshed on 24 October. An account switcher put the copy of 16 October back for the jobs: `codex exec` presented its \
               refresh token on 26 October at 10:00:05 UTC and was refused as used. From 10:03 on the terminal program and Hermes, which \
               had taken the newest pair over on the 24th, were told that the login was revoked.",
    conclusion: "Jobs: Codex itself had refreshed in its other home. Terminal and Hermes: both held the newest pair, both worked until \
                 minutes before the refused replay and neither since; no login or logout is on record. The replay is the one act between.",
    hours: 1,
    expected: &[
        Verdict {
            victim: "codex",
            mechanism: "consumed",
            root_cause: "self_concurrent_refresh",
            actor: Some("codex"),
            confidence: ("possible", "confirmed"),
            failed_turns: 2..=2,
        },
        Verdict {
            victim: "codex",
            mechanism: "revoked",
            root_cause: "reuse_family_revocation",
            actor: Some("codex"),
            confidence: ("possible", "likely"),
            failed_turns: 2..=2,
        },
        Verdict {
            victim: "hermes",
            mechanism: "revoked",
            root_cause: "reuse_family_revocation",
            actor: Some("codex"),
            confidence: ("possible", "likely"),
            failed_turns: 3..=3,
        },
    ],
    play: vault_replay,
};

fn vault_replay(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-09-30 08:11:05"));
    let old = login.mint(st, utc("2026-10-16 16:20:05"));
    let newest = login.mint(st, utc("2026-10-24 09:40:12"));
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &login, &old, old.issued + 874);
    codex.store("auth.json", &login, &newest, newest.issued + 901);
    codex.thread(Front::Tui, &[(utc("2026-10-24 09:40:11"), C::Done), (utc("2026-10-26 09:51:02"), C::Done)]);
    codex.thread(Front::Tui, &[(utc("2026-10-26 10:03:20"), WAS_REVOKED), (utc("2026-10-26 10:20:09"), WAS_REVOKED)]);
    codex.finish(home);

    let mut jobs = CodexHome::new(st, "jobs/codex-home", Era::V169);
    jobs.store("auth.json", &login, &old, old.issued + 874);
    jobs.thread(Front::Exec, &[(utc("2026-10-17 10:00:04"), C::Done)]);
    jobs.thread(Front::Exec, &[(utc("2026-10-26 10:00:04"), ALREADY_USED), (utc("2026-10-26 10:30:04"), ALREADY_USED)]);
    jobs.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-10-24 10:59:00"));
    hermes.imported_from_codex(&login, &newest, utc("2026-10-24 11:02:31.402"));
    hermes.ask(utc("2026-10-24 12:12:10"), H::Done);
    hermes.snapshot(utc("2026-10-25 05:44:10.870"), "weekly");
    hermes.ask(utc("2026-10-26 09:58:08"), H::DoneWithTool);
    for at in ["2026-10-26 10:05:31", "2026-10-26 10:06:50", "2026-10-26 12:40:33"] {
        hermes.ask(utc(at), H::Invalidated);
    }
    hermes.finish(home);
}

/// A new login that never works.
pub(super) const FRESH_LOGIN: Scenario = Scenario {
    name: "fresh-login-refused",
    happened: "Codex was upgraded from 0.130.0 to 0.169.0 on 12 November and logged in anew at 09:02:17 UTC, since the old login had to \
               be renewed. The first turn at 09:02:50 and every later one ended with the sentence that its refresh token was revoked. \
               Nothing else used that login.",
    conclusion: "A completed login, its first use half a minute later, refused; no success with it, no rotation in between, nobody else on \
                 the account, and another version since that day. The login was refused as new; why, only the provider or the client's \
                 makers can tell.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "revoked",
        root_cause: "fresh_login_refused",
        actor: None,
        confidence: ("possible", "likely"),
        failed_turns: 4..=4,
    }],
    play: |st, home| fresh_login(st, home, false),
};

/// A login of 12 November at 09:02:17 that is refused; before that it may have worked once.
pub(super) fn fresh_login(st: &Stage, home: &mut Home, worked: bool) {
    let account = Account::new(st);
    let old = Grant::new(st, &account, utc("2026-10-20 12:00:00"));
    let new = Grant::new(st, &account, utc("2026-11-12 09:02:12"));
    let before = old.mint(st, utc("2026-11-01 08:00:00"));
    let pair = new.mint(st, utc("2026-11-12 09:02:17"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &old, &before, before.issued + 700);
    codex.thread(Front::Exec, &[(utc("2026-11-10 15:00:00"), C::Done), (utc("2026-11-11 15:00:00"), C::Done)]);
    codex.finish(home);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.login(utc("2026-11-12 09:01:50.120"), utc("2026-11-12 09:02:17.300"));
    codex.store("auth.json", &new, &pair, utc("2026-11-12 09:02:17.315"));
    let mut turns: Vec<(i64, C)> = if worked { vec![(utc("2026-11-12 09:02:30"), C::Done)] } else { Vec::new() };
    turns.extend(["09:02:50", "09:03:41", "09:10:05", "11:30:00"].map(|at| (utc(&format!("2026-11-12 {at}")), WAS_REVOKED)));
    codex.thread(Front::Tui, &turns);
    codex.finish(home);
}

/// `codex logout` with a shell that keeps times.
pub(super) const LOGOUT_TYPED: Scenario = Scenario {
    name: "logout-in-shell-history",
    happened: "Hermes 0.13 and OpenClaw 2026.5.7 had their login from `~/.codex`. On 28 May at 10:05:07 UTC a person typed `codex logout` \
               (0.130), and at 10:40 `codex login`. OpenClaw was refused with `token_invalidated` from 10:07 on, Hermes from 10:09 on, \
               days before expiry; Codex went on with its new login.",
    conclusion: "The shell's history dates the logout between the last success and the first refusal of both; all held one login, both \
                 others die with it, and the version that was at work revokes at logout. The later login is Codex' own repair.",
    hours: 2,
    expected: &[
        Verdict {
            victim: "openclaw",
            mechanism: "revoked",
            root_cause: "sibling_logout",
            actor: Some("codex"),
            confidence: ("likely", "confirmed"),
            failed_turns: 3..=3,
        },
        Verdict {
            victim: "hermes",
            mechanism: "revoked",
            root_cause: "sibling_logout",
            actor: Some("codex"),
            confidence: ("likely", "confirmed"),
            failed_turns: 2..=2,
        },
    ],
    play: |st, home| logout_typed(st, home, Era::V130, false),
};

/// `codex logout` on 28 May at 10:05:07 by a Codex of `era`, which held the login of the others, or another
/// one on another account.
pub(super) fn logout_typed(st: &Stage, home: &mut Home, era: Era, of_another: bool) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-13 11:40:08"));
    let shared = login.mint(st, utc("2026-05-23 11:41:30"));
    let (out, done) = (utc("2026-05-28 10:05:07"), utc("2026-05-28 10:40:11"));
    let again = Grant::new(st, &account, done - 5 * SECOND);

    let mut codex = CodexHome::new(st, ".codex", era);
    codex.store("auth.json.bak", &login, &shared, utc("2026-05-23 11:41:30.977"));
    if of_another {
        let other = Grant::new(st, &Account::new(st), utc("2026-05-26 09:00:01"));
        let pair = other.mint(st, utc("2026-05-26 09:00:05"));
        codex.store("auth.json.bak2", &other, &pair, pair.issued + 871);
    }
    codex.store("auth.json", &again, &again.mint(st, done), done + 301);
    codex.thread(Front::Tui, &[(utc("2026-05-27 16:02:13"), C::Done), (utc("2026-05-28 09:40:50"), C::Done)]);
    codex.thread(Front::Tui, &[(done + MINUTE, C::Done), (done + 5 * HOUR, C::Done)]);
    codex.finish(home);
    let typed =
        [(out - 20 * MINUTE, "cd work"), (out, "codex logout"), (done - 30 * SECOND, "codex login"), (done + HOUR, "git status")];
    let history: String = typed.iter().map(|(at, line)| format!(": {}:0;{line}\n", at / SECOND)).collect();
    home.put(".zsh_history", history, done + HOUR);

    let mut claw = OpenClaw::start(st, utc("2026-05-28 05:10:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(&login, &shared);
    let chat = claw.session();
    claw.ask(chat, utc("2026-05-28 06:20:31"), O::Done);
    claw.ask(chat, utc("2026-05-28 10:02:18"), O::DoneWithTool);
    for at in ["2026-05-28 10:07:30", "2026-05-28 10:31:02", "2026-05-28 14:05:44"] {
        claw.ask(chat, utc(at), O::Invalidated);
    }
    claw.finish(home);
    if !of_another && era != Era::V098 {
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-25 06:00:00"));
        hermes.imported_from_codex(&login, &shared, utc("2026-05-24 08:10:19.233"));
        hermes.ask(utc("2026-05-25 06:30:45"), H::Done);
        hermes.snapshot(utc("2026-05-25 06:40:12.451"), "weekly");
        hermes.ask(utc("2026-05-28 10:01:33"), H::Done);
        hermes.ask(utc("2026-05-28 10:09:12"), H::Invalidated);
        hermes.ask(utc("2026-05-28 11:45:06"), H::Invalidated);
        hermes.finish(home);
    }
}
