//! What a refresh tells and what it leaves untold: a refresh token that was revoked days before anybody asked of it,
//! a refresh of Hermes whose answer is not on record, a refused refresh that is no turn.
//!
//! The first stories are one: OpenClaw has a copy of Codex' login since 2 June and works until its access token ends
//! on 12 June at 07:00; Codex did something on 9 June.

use super::super::super::clock::{DAY, HOUR, MINUTE, iso_ms, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front, WAS_REVOKED};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::lives::{codex, typed};

/// Revoked, and no act on record explains it.
const SERVER: Verdict = Verdict {
    victim: "openclaw",
    mechanism: "revoked",
    root_cause: "server_revocation",
    actor: None,
    confidence: ("possible", "likely"),
    failed_turns: 2..=2,
};

/// The same, as well as that can be known.
const SHOWN: Verdict = Verdict { victim: "hermes", confidence: ("likely", "likely"), ..SERVER };

/// The same, of OpenClaw where a refresh was refused: it leaves no turn, and the lanes of its log tell of it.
const TOLD: Verdict = Verdict { failed_turns: 0..=0, ..SERVER };

/// Revoked by what Codex did, as far as calls that were still answered allow.
const CODEX: Verdict = Verdict { root_cause: "sibling_relogin", actor: Some("codex"), confidence: ("likely", "likely"), ..TOLD };

/// The login of 2 June and its first pair.
fn login(st: &Stage) -> (Account, Grant, Pair) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-06-02 06:59:55"));
    let pair = login.mint(st, utc("2026-06-02 07:00:00"));
    (account, login, pair)
}

/// OpenClaw works on until its access token ends, and is told then.
fn told_by_refresh(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair) {
    let mut claw = OpenClaw::start(st, utc("2026-06-02 09:00:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(login, pair);
    let chat = claw.session();
    for at in ["2026-06-02 12:10:00", "2026-06-09 18:20:00", "2026-06-11 20:30:00"] {
        claw.ask(chat, utc(at), O::Done);
    }
    for at in [pair.expires + 3 * MINUTE, pair.expires + 9 * MINUTE] {
        let message = "Your refresh token has been invalidated. Please try signing in again.";
        claw.refresh_refused(at, "refresh_token_invalidated", message);
    }
    claw.finish(home);
}

/// Codex 0.169 logs in anew on 9 June, in the place of `before`.
fn logged_in_anew(st: &Stage, home: &mut Home, account: &Account, before: (&Grant, &Pair)) {
    let done = utc("2026-06-09 10:00:00");
    let new = Grant::new(st, account, done - 4_000);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", before.0, before.1, before.1.issued + 402);
    codex.thread(Front::Tui, &[(before.1.issued + HOUR, C::Done)]);
    codex.login(done - 29_000, done);
    codex.store("auth.json", &new, &new.mint(st, done), done + 402);
    codex.thread(Front::Tui, &[(done + 5 * MINUTE, C::Done), (utc("2026-06-12 09:00:00"), C::Done)]);
    codex.finish(home);
}

pub(super) const LOGIN_OUTLASTED: Scenario = Scenario {
    name: "login-days-before-the-refresh",
    happened: "Codex 0.169 logged in anew, which revokes the refresh token that it gives up. OpenClaw worked for three days on its access \
               token, and its first refresh since was refused: `refresh_token_invalidated`.",
    conclusion: "That calls were answered after the login says nothing of the refresh token that both held: the login on record explains it.",
    hours: 2,
    expected: &[CODEX],
    play: |st, home| {
        let (account, login, pair) = login(st);
        logged_in_anew(st, home, &account, (&login, &pair));
        told_by_refresh(st, home, &login, &pair);
    },
};

pub(super) const LOGOUT_OUTLASTED: Scenario = Scenario {
    name: "logout-days-before-the-refresh",
    happened: "As `login-days-before-the-refresh`, but `codex logout` (0.130) was typed on 9 June.",
    conclusion: "The logout revokes the refresh token; the copy finds out when it refreshes.",
    hours: 2,
    expected: &[Verdict { root_cause: "sibling_logout", ..CODEX }],
    play: |st, home| {
        let (_, login, pair) = login(st);
        codex(st, home, Era::V130, &[("auth.json.bak", &login, &pair)], &[&[(utc("2026-06-09 09:00:00"), C::Done)]]);
        typed(home, &[(utc("2026-06-09 10:00:00"), "codex logout")]);
        told_by_refresh(st, home, &login, &pair);
    },
};

pub(super) const OTHER_LOGIN_OUTLASTED: Scenario = Scenario {
    name: "another-login-replaced-days-before-the-refresh",
    happened: "As `login-days-before-the-refresh`, but what Codex gave up was a login of its own.",
    conclusion: "Codex revoked its own refresh token. A policy of the provider that ends one login for another would have ended calls too, \
                 and those were answered for three days.",
    hours: 2,
    expected: &[TOLD],
    play: |st, home| {
        let (account, login, pair) = login(st);
        let own = Grant::new(st, &account, utc("2026-06-01 06:59:55"));
        logged_in_anew(st, home, &account, (&own, &own.mint(st, utc("2026-06-01 07:00:00"))));
        told_by_refresh(st, home, &login, &pair);
    },
};

pub(super) const CALLS_OUTLASTED: Scenario = Scenario {
    name: "login-days-before-the-refused-call",
    happened: "As `login-days-before-the-refresh`, but it was OpenClaw's calls that were refused, as invalidated, a day before its access \
               token ended.",
    conclusion: "The access token had worked for two days after the login, and it is what was refused: the login did not end it.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| {
        let (account, login, pair) = login(st);
        logged_in_anew(st, home, &account, (&login, &pair));
        let mut claw = OpenClaw::start(st, utc("2026-06-02 09:00:00"), CODEX_MODEL);
        claw.store().bootstrapped_from_codex(&login, &pair);
        let chat = claw.session();
        for (at, answer) in [
            ("2026-06-02 12:10:00", O::Done),
            ("2026-06-11 06:30:00", O::Done),
            ("2026-06-11 07:02:00", O::Invalidated),
            ("2026-06-11 07:40:00", O::Invalidated),
        ] {
            claw.ask(chat, utc(at), answer);
        }
        claw.finish(home);
    },
};

pub(super) const CALL_BEHIND_THE_REFRESH: Scenario = Scenario {
    name: "refresh-days-before-it-was-due",
    happened: "A build machine (`host-b`) runs `codex exec` on a copy of the owner's login (`host-a`). The owner logged in anew on 5 June; the \
               builds went on until the 7th and were then refused: the refresh token was revoked.",
    conclusion: "Five days before its access token ends Codex refreshes only because a call was refused. Calls were answered for two days \
                 after the login: it did not end them.",
    hours: 2,
    expected: &[Verdict { victim: "codex", ..SERVER }],
    play: |st, home| {
        let (account, login, pair) = login(st);
        let done = utc("2026-06-05 10:00:00");
        let new = Grant::new(st, &account, done - 4_000);
        home.merge_host("host-a", |owner| {
            let mut codex = CodexHome::new(st, ".codex", Era::V169);
            codex.store("auth.json.bak", &login, &pair, pair.issued + 402);
            codex.login(done - 29_000, done);
            codex.store("auth.json", &new, &new.mint(st, done), done + 402);
            codex.thread(Front::Tui, &[(utc("2026-06-02 08:00:00"), C::Done), (done + 5 * MINUTE, C::Done)]);
            codex.finish(owner);
        });
        home.merge_host("host-b", |build| {
            let mut codex = CodexHome::new(st, ".codex", Era::V169);
            codex.store("auth.json", &login, &pair, pair.issued + 402);
            for (at, answer) in [
                ("2026-06-04 08:15:00", C::Done),
                ("2026-06-06 08:15:00", C::Done),
                ("2026-06-07 08:15:00", C::Done),
                ("2026-06-07 10:15:00", WAS_REVOKED),
                ("2026-06-07 12:15:00", WAS_REVOKED),
            ] {
                codex.thread(Front::Exec, &[(utc(at), answer)]);
            }
            codex.finish(build);
        });
    },
};

/// Hermes 0.13 is shut out a day after each of three logins, its own or taken over from Codex.
fn shut_out_each_day(st: &Stage, home: &mut Home, imported: bool) {
    let account = Account::new(st);
    let begin = utc("2026-06-02 07:00:00");
    let mut hermes = Hermes::start(st, Version::V013, begin - 10 * MINUTE);
    for day in 0..3 {
        let at = begin + day * DAY;
        let login = Grant::new(st, &account, at - 5_000);
        match imported {
            true => hermes.imported_from_codex(&login, &login.mint(st, at), at + 900),
            false => hermes.own_login(&login, &login.mint(st, at), at + 900),
        }
        hermes.snapshot(at + 2 * MINUTE, "daily");
        for hours in [1, 5, 9, 22] {
            hermes.ask(at + hours * HOUR, H::Done);
        }
        hermes.ask(at + 23 * HOUR + 50 * MINUTE, H::Invalidated);
    }
    hermes.finish(home);
}

pub(super) const EACH_DAY: Scenario = Scenario {
    name: "shut-out-each-day",
    happened: "E11: Hermes 0.13, alone on its account, was refused with `token_invalidated` 24 hours after each of three logins of its own.",
    conclusion: "A login that nobody shares and that ends by the clock is ended by a policy. What the refresh after the 401 was told is not on \
                 record, and does not matter.",
    hours: 2,
    expected: &[
        Verdict { failed_turns: 1..=1, ..SHOWN },
        Verdict { failed_turns: 1..=1, ..SHOWN },
        Verdict { failed_turns: 1..=1, ..SHOWN },
    ],
    play: |st, home| shut_out_each_day(st, home, false),
};

pub(super) const EACH_DAY_SHARED: Scenario = Scenario {
    name: "shut-out-each-day-on-a-copy",
    happened: "As `shut-out-each-day`, but Hermes took each login over from Codex, whose home is not among the files.",
    conclusion: "Another holder that works by the clock, unseen, may have spent the token as well: a guess.",
    hours: 2,
    expected: &[
        Verdict { confidence: ("undetermined", "possible"), failed_turns: 1..=1, ..SHOWN },
        Verdict { confidence: ("undetermined", "possible"), failed_turns: 1..=1, ..SHOWN },
        Verdict { confidence: ("undetermined", "possible"), failed_turns: 1..=1, ..SHOWN },
    ],
    play: |st, home| shut_out_each_day(st, home, true),
};

/// Hermes 0.13 and Codex, each with a login of its own, are refused as revoked within a minute on 5 June.
fn at_once(st: &Stage, home: &mut Home, one_account: bool) {
    let (account, login, pair) = login(st);
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-02 06:50:00"));
    hermes.own_login(&login, &pair, utc("2026-06-02 07:00:00.900"));
    hermes.snapshot(utc("2026-06-02 07:10:00"), "first");
    for (at, answer) in [
        ("2026-06-03 08:00:00", H::Done),
        ("2026-06-05 08:00:00", H::Done),
        ("2026-06-05 08:30:00", H::Invalidated),
        ("2026-06-05 09:30:00", H::Invalidated),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);
    let account = if one_account { account } else { Account::new(st) };
    let own = Grant::new(st, &account, utc("2026-06-01 09:59:55"));
    let pair = own.mint(st, utc("2026-06-01 10:00:00"));
    let turns = [
        (utc("2026-06-03 08:20:00"), C::Done),
        (utc("2026-06-05 08:10:00"), C::Done),
        (utc("2026-06-05 08:30:40"), WAS_REVOKED),
        (utc("2026-06-05 08:50:00"), WAS_REVOKED),
    ];
    codex(st, home, Era::V169, &[("auth.json", &own, &pair)], &[&turns]);
}

pub(super) const TWO_LOGINS_AT_ONCE: Scenario = Scenario {
    name: "two-separate-logins-end-at-once",
    happened: "Hermes 0.13 and Codex had each a login of their own on one account. On 5 June both were refused as revoked within a minute, and \
               nobody had logged in or out.",
    conclusion: "No refresh of the one spends a token of the other: the account's logins were ended, whatever Hermes' refresh was told.",
    hours: 2,
    expected: &[SHOWN, Verdict { victim: "codex", ..SHOWN }],
    play: |st, home| at_once(st, home, true),
};

pub(super) const TWO_ACCOUNTS_AT_ONCE: Scenario = Scenario {
    name: "logins-of-two-accounts-end-at-once",
    happened: "As `two-separate-logins-end-at-once`, but Codex' login was of another account.",
    conclusion: "Nothing of the one account ends a login of another: the provider ended both, whatever Hermes' refresh was told.",
    hours: 2,
    expected: &[SHOWN, Verdict { victim: "codex", ..SHOWN }],
    play: |st, home| at_once(st, home, false),
};

/// Codex' login of 2 June, of which OpenClaw has a copy, is refused on 10 June, and Codex logs in anew an hour later.
fn told_before(st: &Stage, home: &mut Home, with_backup: bool) {
    let (account, login, pair) = login(st);
    let done = utc("2026-06-10 10:00:00");
    let new = Grant::new(st, &account, done - 4_000);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    if with_backup {
        codex.store("auth.json.bak", &login, &pair, pair.issued + 402);
    }
    let refused = ["2026-06-10 08:55:00", "2026-06-10 08:58:00"].map(|at| (utc(at), WAS_REVOKED));
    codex.thread(Front::Tui, &[&[(pair.issued + HOUR, C::Done)], &refused[..]].concat());
    codex.login(done - 29_000, done);
    codex.store("auth.json", &new, &new.mint(st, done), done + 402);
    codex.thread(Front::Tui, &[(done + 5 * MINUTE, C::Done), (utc("2026-06-12 09:00:00"), C::Done)]);
    codex.finish(home);
    told_by_refresh(st, home, &login, &pair);
}

pub(super) const TOLD_BEFORE_THE_LOGIN: Scenario = Scenario {
    name: "refresh-refused-before-the-login",
    happened: "On 10 June Codex was told that its refresh token had been revoked; an hour later it was logged in anew. OpenClaw worked on \
               its copy until the access token ended on 12 June, and was told the same then.",
    conclusion: "The refresh token that both held had been revoked before Codex logged in, which was the repair; that OpenClaw's calls were \
                 answered since says nothing of it. Why Codex refreshed two days early, with an access token that still worked, stays open.",
    hours: 2,
    expected: &[
        Verdict { victim: "codex", root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..SERVER },
        TOLD,
    ],
    play: |st, home| told_before(st, home, true),
};

pub(super) const TOLD_BEFORE_THE_LOGIN_NO_COPY: Scenario = Scenario {
    name: "refresh-refused-before-the-login-and-no-copy",
    happened: "As `refresh-refused-before-the-login`, but Codex keeps its latest pair alone.",
    conclusion: "Codex was told first that its login had ended. If OpenClaw's was that one, as is likely and not on record, the login was the \
                 repair; if it was another one, the login may have ended it.",
    hours: 2,
    expected: &[
        Verdict { victim: "codex", ..SERVER },
        Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..TOLD },
    ],
    play: |st, home| told_before(st, home, false),
};

/// A run of a version of OpenClaw.
fn ran(st: &Stage, home: &mut Home, at: i64, version: &str) {
    let id = st.cast.uuid();
    let line = format!(
        r#"{{"traceSchema":"openclaw-trajectory","schemaVersion":1,"traceId":"{id}","source":"runtime","type":"trace.metadata","ts":"{}","seq":2,"sourceSeq":2,"sessionId":"{id}","sessionKey":"agent:main:main","runId":"{}","provider":"openai-codex","modelId":"gpt-5.5","modelApi":"openai-codex-responses","data":{{"capturedAt":"{}","harness":{{"type":"openclaw","name":"OpenClaw","version":"{version}","os":{{"platform":"linux","arch":"x64"}}}}}}}}"#,
        iso_ms(at),
        st.cast.uuid(),
        iso_ms(at)
    );
    home.put(format!(".openclaw/agents/main/sessions/{id}.trajectory.jsonl"), line + "\n", at);
}

pub(super) const LANES_OF_A_VERSION: Scenario = Scenario {
    name: "refused-refreshes-of-a-new-version",
    happened: "F2: OpenClaw 2026.5.12, from its first run on, could not refresh (\"Could not validate your token\"); 2026.5.9 had worked with \
               the login and worked with it again. A refused refresh leaves no turn, and the lanes of the log tell of it.",
    conclusion: "The refusals are of the new version alone, turns or not.",
    hours: 2,
    expected: &[Verdict {
        mechanism: "not_token",
        root_cause: "client_regression",
        confidence: ("possible", "likely"),
        failed_turns: 0..=0,
        ..SERVER
    }],
    play: |st, home| {
        let (_, login, pair) = login(st);
        let mut claw = OpenClaw::start(st, utc("2026-06-02 06:50:00"), CODEX_MODEL);
        claw.store().own_login(&login, &pair, pair.issued + 300);
        let chat = claw.session();
        for at in ["2026-06-03 08:00:00", "2026-06-04 08:00:00"] {
            ran(st, home, utc(at) - 1_000, "2026.5.9");
            claw.ask(chat, utc(at), O::Done);
        }
        ran(st, home, utc("2026-06-04 10:00:00"), "2026.5.12");
        for at in ["2026-06-04 10:00:02", "2026-06-04 10:05:00", "2026-06-04 10:20:00"] {
            claw.refresh_refused(utc(at), "token_expired", "Could not validate your token. Please try signing in again.");
        }
        ran(st, home, utc("2026-06-04 12:00:00"), "2026.5.9");
        claw.ask(chat, utc("2026-06-04 12:00:01"), O::Done);
        claw.finish(home);
    },
};
