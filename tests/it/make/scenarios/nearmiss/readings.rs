//! Local times whose zone nothing tells: verdicts that depend on it, and verdicts that do not.

use super::super::super::clock::utc;
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::{Scenario, Verdict};
use super::order::adrift;

const RELOGIN: Verdict = Verdict {
    victim: "hermes",
    mechanism: "revoked",
    root_cause: "sibling_relogin",
    actor: Some("codex"),
    confidence: ("likely", "very_likely"),
    failed_turns: 3..=3,
};

/// Hermes on Codex' login, refused as invalidated on 22 May, in local times without a zone; its last success
/// lies four days before.
fn refused(st: &Stage, home: &mut Home, login: &Grant) {
    let shared = login.mint(st, utc("2026-05-14 05:30:11"));
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-14 08:41:00"));
    hermes.imported_from_codex(login, &shared, utc("2026-05-14 08:50:31.402"));
    hermes.ask(utc("2026-05-14 09:12:10"), H::Done);
    hermes.ask(utc("2026-05-18 06:55:40"), H::Done);
    for at in ["2026-05-22 08:13:00", "2026-05-22 08:47:05", "2026-05-22 19:40:33"] {
        hermes.ask(utc(at), H::Invalidated);
    }
    hermes.finish(home);
    adrift(home);
}

/// Codex that held Hermes' login, and logged in anew at these times.
fn logged_in(st: &Stage, home: &mut Home, old: &Grant, at: &[&str]) {
    let shared = old.mint(st, utc("2026-05-11 06:12:40"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", old, &shared, shared.issued + 914);
    for (at, left) in at.iter().zip((0..at.len()).rev()) {
        let new = Grant::new(st, &old.account, utc(at) - 4_000);
        let name = if left == 0 { "auth.json" } else { "auth.json.bak2" };
        codex.store(name, &new, &new.mint(st, utc(at)), utc(at) + 14);
    }
    codex.thread(Front::Tui, &[(utc("2026-05-12 09:10:00"), C::Done), (utc("2026-05-23 09:10:00"), C::Done)]);
    codex.finish(home);
}

pub(super) const FLIPS: Scenario = Scenario {
    name: "zone-unknown-and-the-verdict-depends-on-it",
    happened: "Hermes' log has the first refusal (`token_invalidated`) at 10:13 local time and nothing says which zone. Codex logged in \
               anew at 09:40 UTC.",
    conclusion: "In Berlin the login came after the refusal and is a repair, in London it came before and is the cause. Revoked, that \
                 is certain; the zone would settle by whom.",
    hours: 2,
    expected: &[Verdict { root_cause: "undetermined", actor: None, confidence: ("undetermined", "undetermined"), ..RELOGIN }],
    play: |st, home| {
        let login = Grant::new(st, &Account::new(st), utc("2026-05-01 10:11:12"));
        logged_in(st, home, &login, &["2026-05-22 09:40:30"]);
        refused(st, home, &login);
    },
};

pub(super) const HOLDS: Scenario = Scenario {
    name: "zone-unknown-and-the-verdict-does-not-depend-on-it",
    happened: "As before; Codex logged in anew on 20 May, and once more on 22 May at 09:40 UTC.",
    conclusion: "Whether the second login came before the refusal or after it depends on the zone. The first one came before it in every \
                 zone and after Hermes' last success: that login explains it, as far as the provider ends a login for a new one, which \
                 Codex 0.130.0 does not ask for: possible, whatever the zone.",
    hours: 2,
    expected: &[Verdict { confidence: ("possible", "possible"), ..RELOGIN }],
    play: |st, home| {
        let login = Grant::new(st, &Account::new(st), utc("2026-05-01 10:11:12"));
        logged_in(st, home, &login, &["2026-05-20 14:00:30", "2026-05-22 09:40:30"]);
        refused(st, home, &login);
    },
};
