//! Stores that were left out, or from which the tokens were taken before the files were passed on: what is left
//! of a program must not say more than the whole of it would.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front, Rows};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::props::reworded;
use super::super::{Scenario, Verdict};
use super::{FAILED, PERHAPS_CODEX, UNSEEN, codex_home, later, refused_hermes, shared_login};

const PERHAPS_UNSEEN: Verdict = Verdict { confidence: ("possible", "possible"), ..UNSEEN };

/// Codex 0.169, whose store was left out, was logged in by `login`, and refreshed on 20 May.
fn logged_in(st: &Stage, home: &mut Home, login: impl FnOnce(&mut CodexHome<'_>, &mut Home)) {
    let account = Account::new(st);
    let (shared_login, shared) = shared_login(st, &account);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.keyring(&account, shared.issued);
    login(&mut codex, home);
    codex.thread(Front::Tui, &[(utc("2026-05-16 12:05:00"), C::Done), (utc("2026-05-22 12:00:00"), C::Done)]);
    let mut rows = Rows::of(st, Front::Tui, utc("2026-05-20 13:00:00"));
    rows.refreshed(utc("2026-05-20 13:05:20.310"), &account);
    codex.logs(rows);
    codex.finish(home);
    refused_hermes(st, home, &shared_login, &shared, shared.issued + 2 * HOUR, true);
}

pub(super) const LOGGED_IN_BETWEEN: Scenario = Scenario {
    name: "logged-in-between-import-and-refresh",
    happened: "Hermes imported the login of Codex on 12 May. Codex was logged in anew on 16 May and refreshed that on 20 May, as its log says. \
               Its store is out of sight.",
    conclusion: "What Codex refreshed on 20 May is the login of 16 May, and not the one that Hermes took over: that refresh spent nothing of \
                 Hermes'. What Codex had done before its login is not on record: an unseen consumer is possible.",
    hours: 2,
    expected: &[PERHAPS_UNSEEN],
    play: |st, home| {
        logged_in(st, home, |codex, _| {
            let done = utc("2026-05-16 12:00:40");
            codex.login(done - 25 * SECOND, done);
        })
    },
};

pub(super) const LOGIN_TYPED_BETWEEN: Scenario = Scenario {
    name: "login-typed-between-import-and-refresh",
    happened: "As before, but that `codex login` was typed is all that is on record of the login.",
    conclusion: "Whether the login was completed is not known: if it was, Codex' refresh was of another login. Possible, and no more.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| {
        logged_in(st, home, |_, home| {
            let at = utc("2026-05-16 12:00:15");
            home.put(".zsh_history", format!(": {}:0;codex login\n", at / SECOND), at);
        })
    },
};

/// A copy of Codex' store has the shared pair, the store itself was left out; Codex answers hours after the end
/// of that pair, and Hermes was refused at its end.
fn copy_alone(st: &Stage, home: &mut Home, more: impl FnOnce(&mut CodexHome<'_>)) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &login, &shared, shared.issued + 914);
    codex.thread(Front::Tui, &[(utc("2026-05-18 10:00:00"), C::Done)]);
    codex.thread(Front::Tui, &[(later(FAILED, 3), C::Done), (later(FAILED, 3) + DAY, C::Done)]);
    more(&mut codex);
    codex.finish(home);
    refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
}

pub(super) const COPY_ALONE: Scenario = Scenario {
    name: "busy-program-and-only-a-copy-of-its-store",
    happened: "Codex refreshed the pair that it shares with Hermes. Whoever packed the files left `auth.json` out and an old backup of it in.",
    conclusion: "Codex held the very token and works on past its end, when it could no longer be exchanged: it had refreshed before, or was \
                 logged in anew without a record of it. Possible, and its store would settle it.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| copy_alone(st, home, |_| {}),
};

pub(super) const COPY_ALONE_AND_A_LOGIN: Scenario = Scenario {
    name: "busy-program-logged-in-and-only-a-copy-of-its-store",
    happened: "As before, but something unseen spent the pair, and Codex was logged in anew an hour after Hermes was refused.",
    conclusion: "The login explains that Codex works on. What it did with the pair before is out of view: an unseen consumer is possible.",
    hours: 2,
    expected: &[PERHAPS_UNSEEN],
    play: |st, home| {
        copy_alone(st, home, |codex| {
            let done = later(FAILED, 1);
            codex.login(done - 25 * SECOND, done);
        })
    },
};

/// Codex refreshed on 20 May; all refresh tokens were replaced by one text before the files were passed on.
fn stand_ins(st: &Stage, home: &mut Home, login: &Grant) {
    let shared = login.mint(st, utc(FAILED) - 10 * DAY - 22_000);
    let now = login.mint(st, utc("2026-05-20 11:00:00"));
    let stores = [("auth.json.bak", login, &shared), ("auth.json", login, &now)];
    codex_home(st, home, ".codex", &stores, &["2026-05-20 11:00:30", "2026-05-22 12:00:00"]);
    refused_hermes(st, home, login, &shared, shared.issued + 15 * MINUTE, false);
    for pair in [&shared, &now] {
        reworded(home, |_| true, &pair.refresh, "(taken out)");
    }
}

pub(super) const STAND_INS: Scenario = Scenario {
    name: "refresh-tokens-taken-out",
    happened: "Codex refreshed the pair that it shares with Hermes. Before the files were passed on, one text was put in the place of every \
               refresh token.",
    conclusion: "That two stores hold one text says nothing. The access tokens say that both held one pair, and that Codex' store then took \
                 the next one of that login.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "very_likely"), ..PERHAPS_CODEX }],
    play: |st, home| stand_ins(st, home, &Grant::new(st, &Account::new(st), utc("2026-04-08 18:03:11"))),
};

pub(super) const STAND_INS_UNTOLD: Scenario = Scenario {
    name: "refresh-tokens-taken-out-of-two-logins",
    happened: "Codex and Hermes have a login each on one account, and no token says which it belongs to. Codex refreshed its own. One text was \
               put in the place of every refresh token.",
    conclusion: "One text in both stores is no shared token, and no proof that Codex left its token alone either: possible, no more.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::untold(st, &account, utc("2026-04-08 18:03:11"));
        let pair = login.mint(st, utc(FAILED) - 10 * DAY - 22_000);
        let (before, now) = (login.mint(st, utc("2026-05-10 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        let stores = [("auth.json.bak", &login, &before), ("auth.json", &login, &now)];
        codex_home(st, home, ".codex", &stores, &["2026-05-22 12:00:00"]);
        refused_hermes(st, home, &login, &pair, pair.issued + 931, false);
        for pair in [&pair, &before, &now] {
            reworded(home, |_| true, &pair.refresh, "(taken out)");
        }
    },
};
