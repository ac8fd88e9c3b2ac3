//! Days on which clocks are put forward or back: a record that tells the zone of a log in March does not tell it in
//! April, and what a store has of the very refusal in UTC tells it for that hour.
//!
//! One story with one thing changed: Codex and Hermes 0.13 share a login on a machine at UTC+1 that goes over to
//! UTC+2 on 28 March 2027; Hermes is refused with `token_invalidated` on 31 March at 12:08 UTC, which its log has as 14:08.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::lives::SERVER;

/// Revoked, by whom is open.
const OPEN: Verdict = Verdict { root_cause: "undetermined", confidence: ("undetermined", "undetermined"), ..SERVER };

/// Revoked by the login of Codex.
const LOGIN: Verdict =
    Verdict { root_cause: "sibling_relogin", actor: Some("codex"), confidence: ("likely", "very_likely"), ..SERVER };

/// When daylight saving time begins.
const FORWARD: &str = "2027-03-28 01:00:00";
/// When Hermes is refused.
const REFUSED: &str = "2027-03-31 12:08:20";

/// The shared login and its first pair.
fn login(st: &Stage, at: i64) -> (Grant, Pair) {
    let login = Grant::new(st, &Account::new(st), at);
    let pair = login.mint(st, at + 9 * SECOND);
    (login, pair)
}

/// Codex, which was logged in anew at `done` in place of the shared login.
fn codex(st: &Stage, home: &mut Home, (login, pair): &(Grant, Pair), done: i64) {
    let new = Grant::new(st, &login.account, done - 8 * SECOND);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", login, pair, pair.issued + 388);
    codex.thread(Front::Tui, &[(done - 2 * DAY, C::Done)]);
    codex.login(done - 34 * SECOND, done);
    codex.store("auth.json", &new, &new.mint(st, done), done + 17);
    codex.thread(Front::Tui, &[(done + 3 * MINUTE, C::Done), (done + 5 * HOUR, C::Done)]);
    codex.finish(home);
}

/// Hermes with the shared login since `imported`, whose zone a snapshot tells a day later; it is refused twice.
fn hermes<'s>(st: &'s Stage, (login, pair): &(Grant, Pair), imported: i64, refused: i64) -> Hermes<'s> {
    let mut hermes = Hermes::start(st, Version::V013, imported - HOUR);
    hermes.imported_from_codex(login, pair, imported);
    hermes.ask(imported + 20 * MINUTE, H::Done);
    hermes.snapshot(imported + DAY + 451, "weekly");
    hermes.ask(refused - 3 * HOUR, H::Done);
    hermes.ask(refused, H::Invalidated);
    hermes.ask(refused + 2 * HOUR, H::Invalidated);
    hermes
}

/// The login by which Hermes came to work again the day after.
fn mended(st: &Stage, hermes: &mut Hermes<'_>, account: &Account, at: i64) {
    let own = Grant::new(st, account, at - 9 * SECOND);
    hermes.own_login(&own, &own.mint(st, at), at + 640);
    hermes.ask(at + 2 * MINUTE, H::Done);
}

/// Codex was logged in anew 25 minutes after Hermes was refused; `later` is what Hermes' log has after that.
fn repaired(st: &Stage, home: &mut Home, later: impl Fn(&mut Hermes<'_>)) {
    let st = &st.changing(utc(FORWARD), 2);
    let shared = login(st, utc("2027-03-22 08:14:02"));
    codex(st, home, &shared, utc(REFUSED) + 25 * MINUTE);
    let mut hermes = hermes(st, &shared, utc("2027-03-22 09:40:10.230"), utc(REFUSED));
    mended(st, &mut hermes, &shared.0.account, utc(REFUSED) + DAY);
    later(&mut hermes);
    hermes.finish(home);
}

pub(super) const REPAIR_IN_SUMMER: Scenario = Scenario {
    name: "repair-after-the-clocks-went-forward",
    happened: "Hermes was refused at 12:08 UTC and Codex logged in anew at 12:33. That Hermes' log is at UTC+1 is known from a snapshot of \
               23 March; the clocks went forward on 28 March, and the log has the refusal at 14:08.",
    conclusion: "Zones that are at UTC+1 on 23 March are at UTC+1 or UTC+2 on 31 March: the refusal came at 13:08 UTC, after the login, or at \
                 12:08 UTC, before it. The zone of the machine would settle it.",
    hours: 1,
    expected: &[OPEN],
    play: |st, home| repaired(st, home, |_| {}),
};

pub(super) const TOLD_AGAIN: Scenario = Scenario {
    name: "repair-between-two-records-of-the-zone",
    happened: "As `repair-after-the-clocks-went-forward`, and a snapshot of 2 April shows the log at UTC+2.",
    conclusion: "A place that is at UTC+1 on 23 March and at UTC+2 on 2 April changed its clocks on 28 March: the refusal came at 12:08 UTC, and \
                 the login after it was the repair.",
    hours: 1,
    expected: &[SERVER],
    play: |st, home| repaired(st, home, |hermes| hermes.snapshot(utc("2027-04-02 05:10:02.118"), "weekly")),
};

pub(super) const NOTED_IN_UTC: Scenario = Scenario {
    name: "login-after-the-clocks-went-back",
    happened: "A snapshot of 17 October shows Hermes' log at UTC+2; the clocks went back on 25 October. On 3 November Codex logged in anew at 11:40 \
               UTC, and Hermes was refused at 12:08 UTC, which its log has as 13:08 and its store, as the time of the refusal, in UTC.",
    conclusion: "The store and the log tell of one refusal, so that the log is at UTC+1 by then: it came half an hour after the login, which \
                 replaced the login that Hermes had taken over.",
    hours: 2,
    expected: &[LOGIN],
    play: |st, home| {
        let st = &st.changing(utc("2026-10-25 01:00:00"), 1);
        let (shared, refused) = (login(st, utc("2026-10-16 07:31:40")), utc("2026-11-03 12:08:20"));
        let later = shared.0.mint(st, utc("2026-10-25 06:02:11"));
        let shared = (shared.0, later);
        codex(st, home, &shared, refused - 28 * MINUTE - 20 * SECOND);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-10-16 08:00:00"));
        hermes.imported_from_codex(&shared.0, &shared.1, utc("2026-10-25 07:15:44.120"));
        hermes.ask(utc("2026-10-16 09:10:00"), H::Done);
        hermes.snapshot(utc("2026-10-17 04:20:31.870"), "weekly");
        hermes.ask(refused - 3 * HOUR, H::Done);
        hermes.ask(refused, H::Invalidated);
        hermes.ask(refused + 20 * MINUTE, H::Invalidated);
        hermes.finish(home);
    },
};
