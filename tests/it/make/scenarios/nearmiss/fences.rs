//! Stores that OpenClaw fenced: what stood there is known by its digest, where another store still shows the token.

use super::super::super::clock::{DAY, HOUR, MINUTE, utc};
use super::super::super::home::Home;
use super::super::super::openclaw::SeptemberOpenClaw;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::{H, Hermes, OPEN, PERHAPS_CODEX, Version, codex_home};

const OF_OPENCLAW: &str = "openclaw";

/// A fresh home of 2026.9.6, which worked until its access token ended and was refused then.
fn refused_openclaw(st: &Stage, home: &mut Home, login: &Grant, spent: &Pair) {
    let since = spent.issued + HOUR;
    let mut claw = SeptemberOpenClaw::start(st, since, login, spent, since);
    claw.always_in_database();
    let chat = claw.session();
    claw.done(chat, since + HOUR);
    claw.done(chat, spent.expires - HOUR);
    for after in [3, 18, 45] {
        claw.reused(chat, spent.expires + after * MINUTE, spent);
    }
    claw.finish(home);
}

/// Codex, which exchanged the token of `held` on 12 September and kept a copy of it, and Hermes on a login of its
/// own to the same account, which it renewed a day later.
fn others(st: &Stage, home: &mut Home, account: &Account, login: &Grant, held: &Pair) {
    let now = login.mint(st, utc("2026-09-12 10:30:00"));
    let stores = [("auth.json.bak", login, held), ("auth.json", login, &now)];
    codex_home(st, home, ".codex", &stores, &["2026-09-12 10:31:00", "2026-09-16 09:00:00"]);
    let own = Grant::new(st, account, utc("2026-09-03 12:00:00"));
    let first = own.mint(st, utc("2026-09-03 12:00:02"));
    let mut hermes = Hermes::start(st, Version::V013, first.issued - MINUTE);
    hermes.own_login(&own, &first, first.issued + 900);
    hermes.ask(first.issued + HOUR, H::Done);
    let renewed = own.mint(st, first.expires - 2 * MINUTE);
    hermes.refreshed(&renewed, renewed.issued + 700);
    hermes.ask(renewed.issued + DAY, H::Done);
    hermes.finish(home);
}

pub(super) const TOKEN_OF_CODEX: Scenario = Scenario {
    name: "fence-before-the-token-of-codex",
    happened: "OpenClaw 2026.9.6 and Codex shared a pair of 5 September; Codex exchanged its token on the 12th. When the access token ended on \
               the 15th, OpenClaw's refresh was refused, and OpenClaw put a fence in the place of its login. Hermes, on a login of its own, \
               had refreshed on the 13th.",
    conclusion: "The fence bears the digest of the token that Codex held before the 12th, so both had the very token and Codex exchanged it. \
                 Hermes' refresh, which is nearer, was of another login.",
    hours: 2,
    expected: &[Verdict { victim: OF_OPENCLAW, confidence: ("confirmed", "confirmed"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-09-05 06:59:40"));
        let spent = login.mint(st, utc("2026-09-05 07:00:00"));
        others(st, home, &account, &login, &spent);
        refused_openclaw(st, home, &login, &spent);
    },
};

pub(super) const TOKEN_OF_NOBODY: Scenario = Scenario {
    name: "fence-before-a-token-that-no-store-shows",
    happened: "As before, but OpenClaw had a login of its own to the account, and a second machine that is not among the files exchanged its \
               token.",
    conclusion: "The digest fits no token that a store shows. Whether Codex or Hermes had it in an earlier generation cannot be read from \
                 the files, and neither can who exchanged it.",
    hours: 2,
    expected: &[Verdict { victim: OF_OPENCLAW, ..OPEN }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-09-05 06:59:40"));
        let held = login.mint(st, utc("2026-09-05 07:00:00"));
        others(st, home, &account, &login, &held);
        let own = Grant::new(st, &account, utc("2026-09-05 07:00:40"));
        refused_openclaw(st, home, &own, &own.mint(st, utc("2026-09-05 07:01:00")));
    },
};
