//! A note in the pool that names the entry that was refused, and a log whose zone nothing tells: on the line of naive
//! times the note stands at another hour than the refusal that it is of. The shortcut takes the refusal for one of the
//! provider's own login, and accuses whoever refreshed that.
//!
//! Hermes' gateway runs in a container two hours ahead of the machine, by whose zone Codex names its rollouts.

use super::super::super::clock::{DAY, HOUR, MINUTE, utc};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::{Scenario, Verdict};
use super::holders::add_to_pool;
use super::{FAILED, OPEN, PERHAPS_CODEX, codex_home, later};
use serde_json::{Value, json};

/// Hermes imported a pair that Codex refreshed since, and has a login of its own in the pool beside it, which the pool
/// notes as refused at a time.
fn play(st: &Stage, home: &mut Home, noted: i64) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-04-08 18:03:11"));
    let shared = login.mint(st, utc(FAILED) - 6 * DAY);
    let newer = login.mint(st, utc(FAILED) - 2 * DAY - 3 * HOUR);
    let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)];
    codex_home(st, home, ".codex", &stores, &["2026-05-20 06:12:00", "2026-05-22 12:21:00"]);
    let inside = st.changing(0, 2);
    let mut hermes = Hermes::start(&inside, Version::V013, utc("2026-05-16 11:41:00"));
    hermes.imported_from_codex(&login, &shared, shared.issued + 5 * HOUR);
    for at in [shared.issued + 6 * HOUR, utc(FAILED) - DAY, later(FAILED, -1)] {
        hermes.ask(at, H::Done);
    }
    hermes.ask(utc(FAILED), H::AlreadyConsumed);
    hermes.ask(utc(FAILED) + 31 * MINUTE, H::AlreadyConsumed);
    hermes.finish(home);
    let own = Grant::new(st, &Account::new(st), utc("2026-05-12 08:10:00"));
    add_to_pool(st, home, &own, &own.mint(st, utc(FAILED) - 10 * DAY - MINUTE));
    home.change(".hermes/auth.json", |text| {
        let mut store: Value = serde_json::from_str(&text).unwrap();
        let entries = store["credential_pool"]["openai-codex"].as_array_mut().unwrap();
        entries[0]["last_status"] = json!("dead");
        entries[0]["last_status_at"] = json!(noted as f64 / 1000.0);
        entries[0]["last_error_code"] = json!(401);
        entries[0]["last_error_reason"] = json!("refresh_token_reused");
        for status in ["last_status", "last_status_at", "last_error_code", "last_error_reason", "last_error_message"] {
            entries[1][status] = Value::Null;
        }
        serde_json::to_string_pretty(&store).unwrap() + "\n"
    });
}

pub(super) const AT_ANOTHER_HOUR: Scenario = Scenario {
    name: "note-of-another-entry-by-a-clock-two-hours-apart",
    happened: "Hermes' pool holds the login that it shares with Codex, whose token still runs, and one of its own. Codex refreshed the shared \
               login two days before. The own one was refused twice as already used, and the pool notes that of it, in UTC.",
    conclusion: "The log is in local time of an unknown zone; two hours east of UTC the note is of its first refusal to the second, \
                 and names the own login. Which entry was presented stays open: Codex is not to be accused.",
    hours: 0,
    expected: &[Verdict { failed_turns: 2..=2, ..OPEN }],
    play: |st, home| play(st, home, utc(FAILED) + 400),
};

pub(super) const OF_ANOTHER_DAY: Scenario = Scenario {
    name: "note-of-another-entry-three-days-before",
    happened: "The same, but the pool notes that the own login was refused three days before.",
    conclusion: "In no zone of the world is that the time of a refusal in the log: the note is of another one. What Hermes says of \
                 a refused refresh in the end is about the provider's own login, and Codex had refreshed that.",
    hours: 0,
    expected: &[Verdict { confidence: ("possible", "very_likely"), failed_turns: 2..=2, ..PERHAPS_CODEX }],
    play: |st, home| play(st, home, utc(FAILED) - 3 * DAY),
};
