//! A login on another machine of which everything was passed on but the credential store: the store would show a
//! login that nothing ties to the victim's, and to leave it out must not say more.

use super::super::super::clock::{HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::{Scenario, Verdict};
use super::lives::SERVER;

/// Possible that the login of Codex ended it, and no more.
const PERHAPS_LOGIN: Verdict =
    Verdict { root_cause: "sibling_relogin", actor: Some("codex"), confidence: ("possible", "possible"), ..SERVER };

/// When Codex was logged in on the other machine.
fn done() -> i64 {
    utc("2026-08-27 14:02:10.350")
}

/// Hermes on `host-a`, refused as `late` after Codex was logged in on `host-b`; Codex stands beside Hermes as well,
/// or not, and the store of the one on `host-b` is among the files, or not.
fn two_machines(st: &Stage, home: &mut Home, late: i64, beside: bool, store: bool) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-08-18 06:20:14"));
    let pair = login.mint(st, utc("2026-08-18 06:20:40"));
    home.merge_host("host-a", |desk| {
        if beside {
            let mut codex = CodexHome::new(st, ".codex", Era::V169);
            codex.store("auth.json", &login, &pair, pair.issued + 914);
            codex.thread(Front::Tui, &[(utc("2026-08-18 06:30:00"), C::Done), (utc("2026-08-26 19:11:00"), C::Done)]);
            codex.finish(desk);
        }
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-08-19 09:00:00"));
        hermes.imported_from_codex(&login, &pair, utc("2026-08-19 09:04:33.410"));
        hermes.ask(utc("2026-08-19 09:30:10"), H::Done);
        hermes.snapshot(utc("2026-08-20 04:12:08.090"), "weekly");
        hermes.ask(utc("2026-08-24 18:02:55"), H::Done);
        hermes.ask(done() - 40 * MINUTE, H::Done);
        hermes.ask(done() + late, H::Invalidated);
        hermes.ask(done() + late + HOUR, H::Invalidated);
        hermes.finish(desk);
    });
    home.merge_host("host-b", |server| {
        let new = Grant::new(st, &account, done() - 11 * SECOND);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        if store {
            codex.store("auth.json", &new, &new.mint(st, done()), done() + 214);
        }
        codex.login(done() - 27 * SECOND, done());
        codex.thread(Front::Tui, &[(utc("2026-08-21 08:00:00"), C::Done), (utc("2026-08-26 17:40:00"), C::Done)]);
        codex.thread(Front::Tui, &[(done() + 4 * MINUTE, C::Done), (done() + 7 * HOUR, C::Done)]);
        codex.finish(server);
    });
}

pub(super) const STORE_READ: Scenario = Scenario {
    name: "login-on-another-machine",
    happened: "Hermes on a desk (`host-a`) has a login. Codex on a server (`host-b`) was logged in anew, and an hour and a quarter later \
               Hermes was refused. Both homes are whole.",
    conclusion: "Which login Codex had had on the server is not on record; on another machine it need never have been Hermes'. Possible, \
                 and no more.",
    hours: 2,
    expected: &[PERHAPS_LOGIN],
    play: |st, home| two_machines(st, home, 75 * MINUTE, false, true),
};

pub(super) const STORE_WITHHELD: Scenario = Scenario {
    name: "login-on-another-machine-without-its-store",
    happened: "As `login-on-another-machine`, and Codex' `auth.json` was left out.",
    conclusion: "Whoever leaves a store out makes neither one machine of two nor one login of two: as before.",
    hours: 2,
    expected: &[PERHAPS_LOGIN],
    play: |st, home| two_machines(st, home, 75 * MINUTE, false, false),
};

pub(super) const WITHHELD_AND_OWN_CODEX: Scenario = Scenario {
    name: "login-on-another-machine-without-its-store-and-the-lender-untouched",
    happened: "The same, and on the desk stands the Codex that Hermes took its login over from, which still holds that.",
    conclusion: "What was logged in is another Codex than the one that lent its login: possible, and no more.",
    hours: 2,
    expected: &[PERHAPS_LOGIN],
    play: |st, home| two_machines(st, home, 75 * MINUTE, true, false),
};

pub(super) const WITHIN_THE_SLACK: Scenario = Scenario {
    name: "login-on-another-machine-without-its-store-in-no-order",
    happened: "As `login-on-another-machine-without-its-store`, and Hermes was refused 100 seconds after the login, by the clock of its own \
               machine.",
    conclusion: "Two clocks that nothing compares are known to some minutes: whether the login came before the refusal is open.",
    hours: 2,
    expected: &[Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..SERVER }],
    play: |st, home| two_machines(st, home, 100 * SECOND, false, false),
};
