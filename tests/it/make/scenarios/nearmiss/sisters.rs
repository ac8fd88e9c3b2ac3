//! Two programs of one machine that lose one login by one event: what the files leave open of that event is open for
//! both, and what they settle is settled for both.
//!
//! One story: Codex on a laptop, of which Hermes 0.13 and OpenClaw on a server have copies, is logged in anew on 17 July at
//! 16:20:08 UTC. Nothing measures the server's clock.

use super::super::super::clock::{HOUR, MINUTE, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant};
use super::super::{Scenario, Verdict};

const HERMES: Verdict = Verdict {
    victim: "hermes",
    mechanism: "revoked",
    root_cause: "sibling_relogin",
    actor: Some("codex"),
    confidence: ("possible", "likely"),
    failed_turns: 2..=2,
};

const OPENCLAW: Verdict = Verdict { victim: "openclaw", ..HERMES };

/// When the login was done.
fn login() -> i64 {
    utc("2026-07-17 16:20:08")
}

/// Both machines. OpenClaw was last answered so long before the login, by the server's clock.
fn play(st: &Stage, home: &mut Home, before: i64) {
    let old = Grant::new(st, &Account::new(st), utc("2026-07-11 08:40:02"));
    let (shared, done) = (old.mint(st, utc("2026-07-11 08:40:12")), login());
    home.merge_host("host-a", |laptop| {
        let new = Grant::new(st, &old.account, done - 4_000);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &old, &shared, shared.issued + 511);
        codex.login(done - 26_000, done);
        codex.store("auth.json", &new, &new.mint(st, done), done + 17);
        codex.thread(Front::Tui, &[(utc("2026-07-16 11:02:00"), C::Done)]);
        codex.thread(Front::Tui, &[(done + 70_000, C::Done), (done + 5 * HOUR, C::Done)]);
        codex.finish(laptop);
    });
    home.merge_host("host-b", |server| {
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-07-12 09:00:00"));
        hermes.imported_from_codex(&old, &shared, utc("2026-07-12 09:10:31.402"));
        hermes.ask(utc("2026-07-12 09:40:10"), H::Done);
        hermes.snapshot(utc("2026-07-13 05:44:10.870"), "weekly");
        hermes.ask(done - 50 * MINUTE, H::Done);
        hermes.ask(done + 2 * HOUR, H::Invalidated);
        hermes.ask(done + 3 * HOUR, H::Invalidated);
        hermes.finish(server);
        let mut claw = OpenClaw::start(st, utc("2026-07-12 10:00:00"), CODEX_MODEL);
        claw.store().bootstrapped_from_codex(&old, &shared);
        let chat = claw.session();
        claw.ask(chat, utc("2026-07-12 10:12:00"), O::Done);
        claw.ask(chat, done - before, O::Done);
        claw.ask(chat, done + 2 * HOUR + 40_000, O::Invalidated);
        claw.ask(chat, done + 4 * HOUR, O::Invalidated);
        claw.finish(server);
    });
}

pub(super) const MINUTES: Scenario = Scenario {
    name: "two-holders-of-one-server-and-its-clock",
    happened: "OpenClaw on the server was last answered three minutes before the login by the server's clock, Hermes fifty; both were \
               refused from 18:20 on, at their next messages.",
    conclusion: "One event ended one login for both. The new login on the laptop explains it; that it came after OpenClaw's last answer \
                 holds only if the server's clock is right within three minutes, which weighs alike for both: possible, or likely for \
                 one who knows how seldom a server's clock is off.",
    hours: 2,
    expected: &[HERMES, OPENCLAW],
    play: |st, home| play(st, home, 3 * MINUTE),
};

pub(super) const HALF_AN_HOUR: Scenario = Scenario {
    name: "two-holders-of-one-server-asked-long-before",
    happened: "As before, but OpenClaw was last answered half an hour before the login.",
    conclusion: "Clocks of two machines are not half an hour apart without a sign of it: both worked before the login, and neither after. The \
                 new login ended what both held.",
    hours: 2,
    expected: &[
        Verdict { confidence: ("very_likely", "very_likely"), ..HERMES },
        Verdict { confidence: ("very_likely", "very_likely"), ..OPENCLAW },
    ],
    play: |st, home| play(st, home, 30 * MINUTE),
};
