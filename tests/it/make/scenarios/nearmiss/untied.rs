//! A first login of a program, or of another home of one, a minute before somebody else on the account is refused:
//! nothing ties the two logins, and that one came right after the other does not either.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front, WAS_REVOKED};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::token::{Account, Grant};
use super::super::{Scenario, Verdict};
use super::lives::SERVER;

/// Possible that the login of Codex ended it, and no more.
const PERHAPS_CODEX: Verdict =
    Verdict { root_cause: "sibling_relogin", actor: Some("codex"), confidence: ("possible", "possible"), ..SERVER };

/// The same of Hermes.
const PERHAPS_HERMES: Verdict = Verdict { victim: "codex", actor: Some("hermes"), ..PERHAPS_CODEX };

pub(super) const SECOND_HOME: Scenario = Scenario {
    name: "first-login-of-a-second-home",
    happened: "Codex and Hermes share a login, which `~/.codex` still holds. On 18 June at 15:02 UTC Codex was logged in for the first time in \
               `~/.codex-client`, on the same account; Hermes was refused with `token_invalidated` 75 seconds later.",
    conclusion: "There was no login in the new home to replace, and the one that Hermes shares is where it was. That one login of an account \
                 ends another one is a matter of the provider's policy: possible at most, however near.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| {
        let account = Account::new(st);
        let shared = Grant::new(st, &account, utc("2026-06-12 06:58:41"));
        let pair = shared.mint(st, utc("2026-06-12 06:58:50"));
        let done = utc("2026-06-18 15:02:10");
        let client = Grant::new(st, &account, done - 6 * SECOND);
        let mut usual = CodexHome::new(st, ".codex", Era::V169);
        usual.store("auth.json", &shared, &pair, pair.issued + 391);
        usual.thread(Front::Tui, &[(done - 2 * DAY, C::Done)]);
        usual.finish(home);
        let mut other = CodexHome::new(st, ".codex-client", Era::V169);
        other.store("auth.json", &client, &client.mint(st, done), done + 22);
        other.login(done - 29 * SECOND, done);
        other.thread(Front::Tui, &[(done + 4 * MINUTE, C::Done), (done + 20 * HOUR, C::Done)]);
        other.finish(home);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-12 08:00:00"));
        hermes.imported_from_codex(&shared, &pair, utc("2026-06-12 08:20:14.810"));
        hermes.ask(utc("2026-06-12 09:05:00"), H::Done);
        hermes.snapshot(utc("2026-06-13 04:30:22.117"), "weekly");
        hermes.ask(done - 4 * HOUR, H::Done);
        hermes.ask(done + 75 * SECOND, H::Invalidated);
        hermes.ask(done + 25 * MINUTE, H::Invalidated);
        hermes.finish(home);
    },
};

pub(super) const NEW_PROGRAM: Scenario = Scenario {
    name: "first-login-of-a-new-program",
    happened: "Hermes was set up on 18 June and logged in by itself at 15:02 UTC, for the first time, on the account of Codex. Codex was refused \
               as revoked 50 seconds later.",
    conclusion: "Hermes had no login to replace, and revokes none when it gets one. Possible that the provider allows no second one, and \
                 no more.",
    hours: 2,
    expected: &[PERHAPS_HERMES],
    play: |st, home| {
        let account = Account::new(st);
        let own = Grant::new(st, &account, utc("2026-06-12 06:58:41"));
        let pair = own.mint(st, utc("2026-06-12 06:58:50"));
        let done = utc("2026-06-18 15:02:10");
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &own, &pair, pair.issued + 391);
        let turns = [(done - 3 * HOUR, C::Done), (done + 50 * SECOND, WAS_REVOKED), (done + 9 * MINUTE, WAS_REVOKED)];
        codex.thread(Front::Tui, &turns);
        codex.finish(home);
        let first = Grant::new(st, &account, done - 12 * SECOND);
        let mut hermes = Hermes::start(st, Version::V013, done - 5 * MINUTE);
        hermes.own_login(&first, &first.mint(st, done), done + 402);
        hermes.ask(done + 3 * MINUTE, H::Done);
        hermes.snapshot(done + 10 * HOUR + 511, "weekly");
        hermes.ask(done + 18 * HOUR, H::Done);
        hermes.finish(home);
    },
};
