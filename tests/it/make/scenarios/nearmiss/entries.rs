//! Near misses of who presented what: several logins in one file, of which a failing turn names none, and
//! agents of one program that hold different logins and fail in the same minute. The shortcut takes the first
//! entry, or takes all agents for one, and accuses whoever rotated that login.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::home::Home;
use super::super::super::openclaw::MarchOpenClaw;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::holders::add_to_pool;
use super::{FAILED, OPEN, codex_home, later, refused_hermes};
use serde_json::{Value, json};

/// The first refusal of OpenClaw in these stories.
const REFUSED: &str = "2026-03-18 05:00:00.110";
const STORE: &str = ".openclaw/agents/main/agent/auth-profiles.json";

const CODEX_DID_IT: Verdict = Verdict {
    victim: "openclaw",
    mechanism: "consumed",
    root_cause: "sibling_refresh",
    actor: Some("codex"),
    confidence: ("likely", "confirmed"),
    failed_turns: 2..=2,
};
const NOBODY_SEEN: Verdict =
    Verdict { root_cause: "unrecorded_consumer", actor: None, confidence: ("possible", "likely"), ..CODEX_DID_IT };

/// A pool without a login of the provider's own: the shared one, and one of another account that is `hours`
/// younger. The benches were lifted.
fn pool(st: &Stage, home: &mut Home, hours: i64) {
    let login = Grant::new(st, &Account::new(st), utc("2026-04-08 18:03:11"));
    let shared = login.mint(st, utc(FAILED) - 9 * DAY);
    let newer = login.mint(st, later(FAILED, -1));
    let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)];
    codex_home(st, home, ".codex", &stores, &["2026-05-22 12:21:00"]);
    refused_hermes(st, home, &login, &shared, shared.issued + 941, false);
    home.keep(|path| !path.contains("state-snapshots"));
    let other = Grant::new(st, &Account::new(st), utc("2026-05-06 10:00:00"));
    add_to_pool(st, home, &other, &other.mint(st, shared.issued + hours * HOUR));
    edit(home, ".hermes/auth.json", |store| {
        store["providers"] = json!({});
        for entry in store["credential_pool"]["openai-codex"].as_array_mut().unwrap() {
            entry["source"] = json!("manual:device_code");
            for status in ["last_status", "last_status_at", "last_error_code", "last_error_reason", "last_error_message"] {
                entry[status] = Value::Null;
            }
        }
    });
}

fn edit(home: &mut Home, path: &str, change: impl FnOnce(&mut Value)) {
    home.change(path, |text| {
        let mut store: Value = serde_json::from_str(&text).unwrap();
        change(&mut store);
        serde_json::to_string_pretty(&store).unwrap() + "\n"
    });
}

pub(super) const POOL_OTHER_OLDER: Scenario = Scenario {
    name: "pool-entry-of-another-account-older",
    happened: "Hermes' pool holds two added logins of two accounts: the one that Codex shares and refreshed an hour before, and one that is \
               twenty hours older. Three turns were refused as already used; `hermes auth reset` then lifted the benches.",
    conclusion: "No record names the entry that was presented. If it was the shared one, Codex spent it; if the other, nobody is seen. The \
                 age of the entries says nothing of it.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| pool(st, home, -20),
};

pub(super) const POOL_OTHER_NEWER: Scenario = Scenario {
    name: "pool-entry-of-another-account-newer",
    happened: "The same, and the login of the other account is twenty hours younger.",
    conclusion: "The same: which entry was presented is not on record.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| pool(st, home, 20),
};

pub(super) const POOL_OTHER_ALIKE: Scenario = Scenario {
    name: "pool-entry-of-another-account-of-the-same-second",
    happened: "The same, and the two logins are of the same second.",
    conclusion: "The same; and nothing but their place in the file gives the two an order.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| pool(st, home, 0),
};

/// Codex holds the shared login and refreshed it twenty minutes before OpenClaw was refused.
fn codex(st: &Stage, home: &mut Home, login: &Grant, shared: &Pair) {
    let newer = login.mint(st, utc("2026-03-18 04:40:00"));
    let mut codex = CodexHome::new(st, ".codex", Era::V098);
    codex.store("auth.json.bak", login, shared, shared.issued + 733);
    codex.store("auth.json", login, &newer, newer.issued + 733);
    codex.thread(Front::Tui, &[(newer.issued - 1_000, C::Done), (utc("2026-03-18 07:05:40"), C::DoneWithCommand)]);
    codex.finish(home);
}

/// One agent with two profiles of two accounts; `named` is the one that its statistics bench.
fn profiles(st: &Stage, home: &mut Home, named: Option<&str>) {
    let login = Grant::new(st, &Account::new(st), utc("2026-02-27 04:57:04"));
    let shared = login.mint(st, utc("2026-03-08 04:57:10"));
    codex(st, home, &login, &shared);
    let mut claw = MarchOpenClaw::new(st, 1, &login, &shared, shared.issued + 812);
    claw.started(utc("2026-03-17 20:51:12.348"));
    claw.done(0, utc("2026-03-17 21:00:00"), false);
    for late in [0, 9 * MINUTE] {
        claw.refused(0, utc(REFUSED) + late);
    }
    claw.finish(home);
    let other = Grant::new(st, &Account::new(st), utc("2026-02-20 11:00:00"));
    let second = other.mint(st, shared.issued - 3 * HOUR);
    let failed = utc(REFUSED) + 9 * MINUTE + SECOND;
    edit(home, STORE, |store| {
        let mut entry = store["profiles"]["openai-codex:default"].clone();
        entry["access"] = json!(second.access);
        entry["refresh"] = json!(second.refresh);
        entry["expires"] = json!(second.expires);
        entry["accountId"] = json!(other.account.id);
        store["profiles"]["openai-codex:second"] = entry;
        store["lastGood"] = json!({});
        store["usageStats"] = json!({});
        if let Some(named) = named {
            let until = failed + 60_000;
            store["usageStats"][named] =
                json!({"errorCount": 2, "lastFailureAt": failed, "cooldownUntil": until, "failureCounts": {"auth": 2}});
        }
    });
}

pub(super) const PROFILES_UNNAMED: Scenario = Scenario {
    name: "two-profiles-none-named",
    happened: "One agent of OpenClaw has two profiles of two accounts; Codex shares one of them and refreshed it twenty minutes before two \
               turns were refused. The statistics of the profiles are gone.",
    conclusion: "Which profile was presented is not on record, so neither is who spent its token.",
    hours: 1,
    expected: &[Verdict { root_cause: "undetermined", actor: None, confidence: ("undetermined", "undetermined"), ..CODEX_DID_IT }],
    play: |st, home| profiles(st, home, None),
};

pub(super) const PROFILES_OTHER_NAMED: Scenario = Scenario {
    name: "two-profiles-the-other-named",
    happened: "The same, and the statistics bench the profile that Codex does not share.",
    conclusion: "What was refused is that profile's token. Codex never held it; nothing on record spent it.",
    hours: 1,
    expected: &[NOBODY_SEEN],
    play: |st, home| profiles(st, home, Some("openai-codex:second")),
};

pub(super) const PROFILES_SHARED_NAMED: Scenario = Scenario {
    name: "two-profiles-the-shared-one-named",
    happened: "The same, and the statistics bench the profile that Codex shares.",
    conclusion: "What was refused is the shared token, which Codex had exchanged: a second profile in the file takes nothing from that.",
    hours: 1,
    expected: &[CODEX_DID_IT],
    play: |st, home| profiles(st, home, Some("openai-codex:default")),
};

/// Two agents with a login each, refused twenty seconds apart; Codex shares that of the first.
fn agents(st: &Stage, home: &mut Home, of_first: &Account, of_second: &Account) {
    let login = Grant::new(st, of_first, utc("2026-02-27 04:57:04"));
    let shared = login.mint(st, utc("2026-03-08 04:57:10"));
    codex(st, home, &login, &shared);
    let other = Grant::new(st, of_second, utc("2026-02-20 11:00:00"));
    let mut claw = MarchOpenClaw::new(st, 2, &login, &shared, shared.issued + 812);
    let second = other.mint(st, shared.issued + 2 * HOUR);
    claw.refreshed(1, &other, &second, second.issued + 655);
    claw.started(utc("2026-03-17 20:51:12.348"));
    (0..2).for_each(|who| claw.done(who, utc("2026-03-17 21:00:00") + 400 * who as i64, false));
    for late in [0, 9 * MINUTE] {
        claw.refused(0, utc(REFUSED) + late);
        claw.refused(1, utc(REFUSED) + late + 20 * SECOND);
    }
    claw.finish(home);
}

pub(super) const AGENTS_OF_TWO_ACCOUNTS: Scenario = Scenario {
    name: "agents-of-two-accounts",
    happened: "Two agents of OpenClaw hold logins of two accounts and were refused twenty seconds apart, twice. Codex shares the login of the \
               first and had refreshed it.",
    conclusion: "Two incidents of two accounts. Codex spent the first token; of the second nobody is seen, however near the two lie.",
    hours: 1,
    expected: &[CODEX_DID_IT, NOBODY_SEEN],
    play: |st, home| agents(st, home, &Account::new(st), &Account::new(st)),
};

pub(super) const AGENTS_OF_TWO_LOGINS: Scenario = Scenario {
    name: "agents-of-two-logins",
    happened: "The same with two logins of one account.",
    conclusion: "Two login sessions share no refresh token: two incidents, and Codex spent the first one's.",
    hours: 1,
    expected: &[CODEX_DID_IT, NOBODY_SEEN],
    play: |st, home| {
        let account = Account::new(st);
        agents(st, home, &account, &account);
    },
};
