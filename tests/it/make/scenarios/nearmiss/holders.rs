//! Several holders of one login: which of them it was, or that nobody can tell.

use super::super::super::clock::{DAY, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front, Rows};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::json::Json;
use super::super::super::opencode::opencode;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, PERHAPS_CODEX, UNSEEN, codex_home, hermes_with, later, refused_hermes, shared_login};

const CODEX_UNSEEN: Verdict = Verdict { victim: "codex", ..UNSEEN };

pub(super) const BOTH_DEAD: Scenario = Scenario {
    name: "both-hold-the-dead-token",
    happened: "Hermes and Codex 0.169 hold the same pair. Something unseen spent its refresh token; both are refused on 22 May within \
               the same half hour.",
    conclusion: "Neither store has moved, both hold the dead token: neither spent it.",
    hours: 2,
    expected: &[UNSEEN, CODEX_UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &shared, shared.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-05-21 10:00:00"), C::Done)]);
        let refused: Vec<(i64, C)> = [4, 5, 9].map(|minutes| (utc(FAILED) + minutes * 60_000, ALREADY_USED)).to_vec();
        codex.thread(Front::Tui, &refused);
        codex.finish(home);
        refused_hermes(st, home, &login, &shared, shared.issued + 41_000_000, true);
    },
};

/// Two siblings on the account whose tokens do not say which login they belong to.
fn two_siblings(st: &Stage, home: &mut Home, codex_talks: bool) {
    let account = Account::new(st);
    let login = Grant::untold(st, &account, utc("2026-04-08 18:03:11"));
    let pair = login.mint(st, utc(FAILED) - 10 * DAY - 22_000);
    let before = login.mint(st, utc("2026-05-10 11:00:00"));
    let now = login.mint(st, utc("2026-05-20 11:00:00"));
    let answers: &[&str] = if codex_talks { &["2026-05-20 11:00:01", "2026-05-22 12:00:00"] } else { &["2026-05-20 11:00:01"] };
    codex_home(st, home, ".codex", &[("auth.json.bak", &login, &before), ("auth.json", &login, &now)], answers);
    let other = Grant::untold(st, &account, utc("2026-04-11 08:00:00"));
    let pair_of_other = other.mint(st, utc("2026-05-19 15:00:00"));
    opencode(st, home, &other, &pair_of_other, utc("2026-05-19 14:58:00"), utc("2026-05-19 15:00:00.606"));
    refused_hermes(st, home, &login, &pair, pair.issued + 931, false);
}

pub(super) const TWO_SIBLINGS: Scenario = Scenario {
    name: "two-siblings-of-unknown-login",
    happened: "Codex and opencode on Hermes' account both refreshed before Hermes was refused. No token says which login it belongs to.",
    conclusion: "Either may share Hermes' login, or neither: nobody can be named.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| two_siblings(st, home, true),
};

pub(super) const TWO_SIBLINGS_ONE_SILENT: Scenario = Scenario {
    name: "two-siblings-neither-seen-after",
    happened: "As before, and no turn of Codex after the failure is on record either.",
    conclusion: "As before: that more is known of one program than of the other is no evidence against it.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| two_siblings(st, home, false),
};

pub(super) const FAMILY_UNTOLD: Scenario = Scenario {
    name: "one-sibling-of-unknown-login",
    happened: "Codex on the same account refreshed two days before Hermes was refused, and works on. No token says which login it \
               belongs to, and nothing says that one came from the other.",
    conclusion: "Two programs on one account usually have a login each, and a busy one refreshes every ten days anyway: possible, and \
                 no more.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::untold(st, &account, utc("2026-04-08 18:03:11"));
        let pair = login.mint(st, utc(FAILED) - 10 * DAY - 22_000);
        let (before, now) = (login.mint(st, utc("2026-05-10 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &before), ("auth.json", &login, &now)],
            &["2026-05-22 12:00:00"],
        );
        refused_hermes(st, home, &login, &pair, pair.issued + 931, false);
    },
};

const CODEX_ITSELF: Verdict = Verdict {
    victim: "codex",
    mechanism: "consumed",
    root_cause: "self_concurrent_refresh",
    actor: Some("codex"),
    confidence: ("likely", "confirmed"),
    failed_turns: 2..=2,
};

/// Two CODEX_HOMEs, one copied from the other on 13 May.
fn two_homes(st: &Stage, home: &mut Home, with_backup: bool) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let newer = login.mint(st, utc("2026-05-20 11:00:00"));
    let mut first = CodexHome::new(st, ".codex", Era::V169);
    if with_backup {
        first.store("auth.json.bak", &login, &shared, shared.issued + 914);
    }
    first.store("auth.json", &login, &newer, newer.issued + 874);
    first.thread(Front::Tui, &[(utc("2026-05-20 10:59:59"), C::Done), (utc("2026-05-22 12:00:00"), C::Done)]);
    first.finish(home);
    let mut copy = CodexHome::new(st, "work/codex-home", Era::V169);
    copy.store("auth.json", &login, &shared, shared.issued + 914);
    copy.thread(Front::Exec, &[(utc("2026-05-14 06:00:00"), C::Done)]);
    copy.thread(Front::Exec, &[(utc(FAILED), ALREADY_USED), (utc("2026-05-22 09:20:31"), ALREADY_USED)]);
    copy.finish(home);
}

/// Two logins that a person gave in one session of the browser; no token says its login session.
fn one_browser(st: &Stage, home: &mut Home, issued: i64, answer: H) {
    let account = Account::new(st);
    let password = utc("2026-04-08 18:03:11");
    let login = Grant::of_browser(st, &account, password);
    let pair = login.mint(st, issued);
    let other = Grant::of_browser(st, &account, password);
    let before = other.mint(st, utc("2026-05-10 11:00:00"));
    let now = other.mint(st, utc("2026-05-20 11:00:00"));
    codex_home(st, home, ".codex", &[("auth.json.bak", &other, &before), ("auth.json", &other, &now)], &["2026-05-22 12:00:00"]);
    hermes_with(st, home, &login, &pair, pair.issued + 931, false, answer);
}

pub(super) const ONE_BROWSER: Scenario = Scenario {
    name: "two-logins-of-one-browser",
    happened: "Hermes and Codex were each given a login in one session of the browser, so that both tokens carry one time of the \
               password. Codex refreshed its own two days before something unseen turned out to have spent Hermes'.",
    conclusion: "The password was entered once for both: that says nothing about whether they share a refresh token.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| one_browser(st, home, utc(FAILED) - 10 * DAY - 22_000, H::AlreadyConsumed),
};

pub(super) const REVOKED_BESIDE: Scenario = Scenario {
    name: "revoked-beside-an-untold-login",
    happened: "As before, but Hermes' access token was good for five days more, and the server ended its session.",
    conclusion: "Whether the change in Codex' store touched Hermes' login is not known, so neither it nor the server by itself can be named.",
    hours: 2,
    expected: &[Verdict { mechanism: "revoked", ..OPEN }],
    play: |st, home| one_browser(st, home, utc(FAILED) - 5 * DAY, H::Invalidated),
};

pub(super) const COPIED_HOME: Scenario = Scenario {
    name: "copied-codex-home",
    happened: "A second CODEX_HOME was copied from the first with its store. The first refreshed on 20 May, the copy was refused on the 22nd.",
    conclusion: "Both are Codex: the program spent its own token from another home.",
    hours: 2,
    expected: &[CODEX_ITSELF],
    play: |st, home| two_homes(st, home, true),
};

pub(super) const COPIED_HOME_UNSEEN: Scenario = Scenario {
    name: "copied-codex-home-without-backup",
    happened: "As before, and no backup of the first home's store is left.",
    conclusion: "The first home holds a newer pair of the same login, issued between the copy and its refusal: Codex itself.",
    hours: 2,
    expected: &[CODEX_ITSELF],
    play: |st, home| two_homes(st, home, false),
};

/// A server of the extension refreshes at `refreshed`; the terminal's server is refused on 22 May.
fn two_processes(st: &Stage, home: &mut Home, refreshed: i64) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let newer = login.mint(st, refreshed + 512);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &login, &shared, shared.issued + 914);
    codex.store("auth.json", &login, &newer, newer.issued + 98);
    codex.thread(Front::Tui, &[(utc("2026-05-21 10:00:00"), C::Done)]);
    let mut rows = Rows::of(st, Front::Vscode, utc("2026-05-21 09:00:00"));
    rows.refreshed(refreshed, &account);
    rows.begun(Front::Tui, utc("2026-05-21 09:30:00"));
    rows.refused(utc(FAILED) + 1_300);
    codex.logs(rows);
    codex.thread(Front::Tui, &[(utc(FAILED), ALREADY_USED), (utc("2026-05-22 09:20:31"), ALREADY_USED)]);
    codex.finish(home);
}

pub(super) const TWO_PROCESSES: Scenario = Scenario {
    name: "two-processes-of-one-codex-home",
    happened: "The servers of the extension and of the terminal program share one CODEX_HOME. Both refreshed in the same second when the \
               access token was about to end; one won, the other was refused as used and said so ever after.",
    conclusion: "The log shows the refresh of one process and the refusal of another, a second apart, on one store: Codex itself.",
    hours: 2,
    expected: &[CODEX_ITSELF],
    play: |st, home| two_processes(st, home, utc(FAILED)),
};

pub(super) const TWO_PROCESSES_HOURS_APART: Scenario = Scenario {
    name: "two-processes-hours-apart",
    happened: "As before, but the extension's server refreshed three hours earlier; the terminal's server had read the new pair since, and \
               something unseen spent it.",
    conclusion: "A refresh of another process hours before does not explain the refusal: whoever spent the pair that Codex holds left no \
                 record.",
    hours: 2,
    expected: &[Verdict { failed_turns: 2..=2, ..CODEX_UNSEEN }],
    play: |st, home| two_processes(st, home, utc(FAILED) - 3 * 3_600_000),
};

/// One server refreshes 40 s before the server meets a refusal, which the log states once and two threads
/// repeat within a second.
fn one_refusal(st: &Stage, home: &mut Home, is_logged: bool) {
    let refreshed = utc(FAILED) - 40_000;
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let newer = login.mint(st, refreshed + 512);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &login, &shared, shared.issued + 914);
    codex.store("auth.json", &login, &newer, newer.issued + 98);
    let mut rows = Rows::of(st, Front::Vscode, utc("2026-05-21 09:00:00"));
    if is_logged {
        rows.refreshed(refreshed, &account);
    }
    rows.refused(utc(FAILED) + 1_300);
    codex.logs(rows);
    for later in [0, 900] {
        codex.thread(Front::Vscode, &[(utc(FAILED) + later, ALREADY_USED)]);
    }
    codex.finish(home);
}

pub(super) const ONE_PROCESS: Scenario = Scenario {
    name: "one-process-refreshes-and-is-refused",
    happened: "One server of Codex refreshed, and 40 s later something unseen had spent the new token: one request was refused, and two \
               threads failed with the sentence that Codex keeps of it.",
    conclusion: "The log shows the refresh and the refusal of one and the same process, and one refusal: nothing of Codex raced.",
    hours: 2,
    expected: &[Verdict { failed_turns: 2..=2, ..CODEX_UNSEEN }],
    play: |st, home| one_refusal(st, home, true),
};

pub(super) const ONE_REFUSAL: Scenario = Scenario {
    name: "one-refusal-told-three-times",
    happened: "As before, and the log no longer holds the refresh.",
    conclusion: "That another process of Codex refreshed is possible, and no more: one refusal, told by the log and by two turns, is one \
                 attempt.",
    hours: 2,
    expected: &[Verdict { confidence: ("possible", "possible"), failed_turns: 2..=2, ..CODEX_ITSELF }],
    play: |st, home| one_refusal(st, home, false),
};

pub(super) const SIX_PROFILES: Scenario = Scenario {
    name: "six-hermes-profiles",
    happened: "Six Hermes profiles were made by copying one home with its login; the first to run refreshed on 20 May, and a second was \
               refused on the 22nd.",
    conclusion: "The token was spent by another profile of the same program.",
    hours: 2,
    expected: &[Verdict { victim: "hermes", actor: Some("hermes"), failed_turns: 3..=3, ..CODEX_ITSELF }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let mut first = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        first.own_login(&login, &shared, shared.issued + 931);
        first.ask(utc("2026-05-18 06:12:10"), H::Done);
        first.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        let newer = login.mint(st, utc("2026-05-20 11:00:00"));
        first.refreshed(&newer, newer.issued + 433);
        first.ask(utc("2026-05-22 12:00:00"), H::Done);
        first.finish(home);
        let mut second = Home::default();
        refused_hermes(st, &mut second, &login, &shared, shared.issued + 931, false);
        home.merge(second.moved(|path| path.replacen(".hermes", ".hermes/profiles/second", 1)));
        for name in ["third", "fourth", "fifth", "sixth"] {
            let mut idle = Home::default();
            let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-13 05:41:00"));
            hermes.own_login(&login, &shared, shared.issued + 931);
            hermes.finish(&mut idle);
            home.merge(idle.moved(|path| path.replacen(".hermes", &format!(".hermes/profiles/{name}"), 1)));
        }
    },
};

pub(super) const WRITTEN_BY_ANOTHER: Scenario = Scenario {
    name: "codex-store-written-by-another",
    happened: "Something written in Python exchanged the pair that Hermes and Codex shared and wrote the new access and refresh token into \
               `~/.codex/auth.json`: six digits behind the second, the old identity token.",
    conclusion: "The store is Codex', the hand is not: Codex writes nine digits here and renews all three tokens. Codex cannot be named.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, utc("2026-05-20 11:00:00"));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)],
            &["2026-05-22 12:00:00"],
        );
        home.change(".codex/auth.json", |text| six_digits(&text).replace(&newer.id, &shared.id));
        refused_hermes(st, home, &login, &shared, shared.issued + 41_000_000, true);
    },
};

/// `last_refresh` as Python writes it.
pub(super) fn six_digits(text: &str) -> String {
    let at = text.find("\"last_refresh\": \"").unwrap() + "\"last_refresh\": \"2026-05-20T11:00:00.123456".len();
    format!("{}{}", &text[..at], &text[at + 3..])
}

pub(super) const WRITTEN_BACK: Scenario = Scenario {
    name: "profile-wrote-back-into-codex",
    happened: "A second Hermes profile refreshed the shared pair and wrote the result back into `~/.codex/auth.json`, as Hermes of April \
               2026 did. The first profile was refused.",
    conclusion: "The new pair stands in Codex' store in Python's handwriting and in the profile's with its own stamp: the profile \
                 exchanged the token, so it was Hermes itself.",
    hours: 2,
    expected: &[Verdict { actor: Some("hermes"), victim: "hermes", failed_turns: 3..=3, ..CODEX_ITSELF }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, utc("2026-05-20 11:00:00"));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)],
            &["2026-05-22 12:00:00"],
        );
        home.change(".codex/auth.json", |text| six_digits(&text));
        let mut profile = Home::default();
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-13 05:41:00"));
        hermes.own_login(&login, &newer, newer.issued + 433);
        hermes.ask(utc("2026-05-22 12:40:00"), H::Done);
        hermes.finish(&mut profile);
        home.merge(profile.moved(|path| path.replacen(".hermes", ".hermes/profiles/second", 1)));
        refused_hermes(st, home, &login, &shared, shared.issued + 41_000_000, true);
    },
};

pub(super) const STORE_LEFT_OUT: Scenario = Scenario {
    name: "live-store-left-out-of-the-bundle",
    happened: "Hermes' session was ended by the server. Whoever packed the files left `~/.codex/auth.json` out and an old backup of the \
               same login in.",
    conclusion: "A file that is not in a bundle is not proof of a logout; no other holder died with Hermes.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "revoked",
        root_cause: "undetermined",
        actor: None,
        confidence: ("undetermined", "undetermined"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let shared = login.mint(st, shared.issued + 3 * DAY);
        codex_home(st, home, ".codex", &[("auth.json.bak", &login, &shared)], &["2026-05-20 12:00:00"]);
        hermes_with(st, home, &login, &shared, shared.issued + 41_000_000, true, H::Invalidated);
    },
};

pub(super) const POOL_OF_TWO: Scenario = Scenario {
    name: "pool-of-two-logins",
    happened: "Hermes' pool holds the shared login and a second one. Codex spent the shared token; Hermes was refused three times and \
               then answered with the second login.",
    conclusion: "The answer was paid from another entry and says nothing about the refused token, which Codex spent.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "confirmed"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, later(FAILED, -1));
        codex_home(
            st,
            home,
            ".codex",
            &[("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)],
            &["2026-05-22 12:21:00"],
        );
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 41_000_000);
        hermes.ask(utc("2026-05-18 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        for hours in [0, 1, 2] {
            hermes.ask(later(FAILED, hours), H::AlreadyConsumed);
        }
        hermes.ask(later(FAILED, 4), H::Done);
        hermes.finish(home);
        let second = Grant::new(st, &account, utc("2026-05-17 10:00:00"));
        add_to_pool(st, home, &second, &second.mint(st, utc("2026-05-17 10:00:04")));
    },
};

/// A second login in the pool of Hermes, as another home would have it.
pub(super) fn add_to_pool(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair) {
    let mut added = Home::default();
    let mut other = Hermes::start(st, Version::V013, utc("2026-05-17 10:00:00"));
    other.added_login(login, pair, pair.issued + 500);
    other.finish(&mut added);
    let entry = second_entry(&added);
    home.change(".hermes/auth.json", |text| {
        let at = text.find("\"openai-codex\": [").unwrap() + "\"openai-codex\": [".len();
        format!("{}{entry},{}", &text[..at], &text[at..])
    });
}

pub(super) const POOL_OF_TWO_ACCOUNTS: Scenario = Scenario {
    name: "pool-of-two-accounts",
    happened: "Hermes' pool holds logins of two accounts, and no token says which login session it belongs to. That of the other account \
               was refreshed 20 s before something unseen turned out to have spent Hermes' own.",
    conclusion: "A refresh on another account spends nothing of this one, however near it lies.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::untold(st, &account, utc("2026-04-08 18:03:11"));
        let pair = login.mint(st, utc(FAILED) - 10 * DAY - 22_000);
        refused_hermes(st, home, &login, &pair, pair.issued + 931, false);
        let other = Grant::untold(st, &Account::new(st), utc("2026-04-11 08:00:00"));
        add_to_pool(st, home, &other, &other.mint(st, utc(FAILED) - 20_000));
    },
};

/// The one pool entry of a home.
fn second_entry(home: &Home) -> String {
    let (_, bytes) = home.files().find(|(path, _)| *path == ".hermes/auth.json").unwrap();
    let store: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    Json::Raw(store["credential_pool"]["openai-codex"][0].to_string()).line()
}
