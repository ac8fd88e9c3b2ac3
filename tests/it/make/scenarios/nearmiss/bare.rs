//! Homes of other programs of which everything was passed on but the credential store, and no turn: which login they
//! have is out of view, so that a stranger is not the only one left.

use super::super::super::clock::{DAY, HOUR, MINUTE, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CLAUDE_MODEL, CODEX_MODEL, Model, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::{later, refused_hermes, shared_login};

const UNSEEN: Verdict = Verdict {
    victim: "hermes",
    mechanism: "consumed",
    root_cause: "unrecorded_consumer",
    actor: None,
    confidence: ("likely", "likely"),
    failed_turns: 3..=3,
};

const PERHAPS_UNSEEN: Verdict = Verdict { confidence: ("possible", "possible"), ..UNSEEN };

/// Hermes was refused with a login of its own that no store shows a successor of.
fn alone(st: &Stage, home: &mut Home, beside: impl FnOnce(&mut Home, &Grant, &Pair)) {
    let (login, shared) = shared_login(st, &Account::new(st));
    beside(home, &login, &shared);
    refused_hermes(st, home, &login, &shared, shared.issued + 11 * MINUTE, false);
}

/// The home of OpenClaw with `model`, without its store, and without more that `left` looks at.
fn openclaw(st: &Stage, home: &mut Home, model: Model, (login, pair): (&Grant, &Pair), left: &[&str]) {
    let mut claw = OpenClaw::start(st, pair.issued + 2 * HOUR, model);
    claw.store().own_login(login, pair, pair.issued + 2 * HOUR);
    let session = claw.session();
    for after in [4 * HOUR, 3 * DAY, 7 * DAY] {
        claw.ask(session, pair.issued + after, O::Done);
    }
    let mut own = Home::default();
    claw.finish(&mut own);
    own.keep(|path| !path.contains("/agent/") && !left.iter().any(|part| path.contains(part)));
    home.merge(own);
}

pub(super) const NOTHING_ELSE: Scenario = Scenario {
    name: "spent-by-nobody-and-no-other-home",
    happened: "A usage meter exchanged the login of Hermes. No other program is on this machine.",
    conclusion: "The token was spent, and of all holders on this machine the store was read.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| alone(st, home, |_, _, _| {}),
};

pub(super) const WITHOUT_STORE_OR_TURNS: Scenario = Scenario {
    name: "home-of-another-program-without-its-store-and-turns",
    happened: "OpenClaw had been given the login of Hermes and exchanged it. Of its home the settings were passed on, and neither its \
               credential store nor its sessions and logs.",
    conclusion: "Another program is on this machine, and which login it has was left out: that a stranger spent the token is possible, and \
                 no more. That home is no ground to name OpenClaw either.",
    hours: 2,
    expected: &[PERHAPS_UNSEEN],
    play: |st, home| {
        alone(st, home, |home, login, pair| {
            openclaw(st, home, CODEX_MODEL, (login, pair), &["/sessions/", "tmp/", ".openclaw/logs"])
        });
    },
};

pub(super) const PAID_BY_ANOTHER: Scenario = Scenario {
    name: "home-of-a-program-that-another-provider-pays",
    happened: "The same, but OpenClaw works with an API key of Anthropic alone, as its sessions show. Its store was left out.",
    conclusion: "Nothing of OpenClaw's ever went to ChatGPT: that its store was left out says nothing about Hermes' login.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| alone(st, home, |home, login, pair| openclaw(st, home, CLAUDE_MODEL, (login, pair), &["tmp/"])),
};

/// The first refusal of Codex on the desktop.
const REFUSED: &str = "2026-07-09 13:15:00";

pub(super) const ON_ANOTHER_MACHINE: Scenario = Scenario {
    name: "home-on-another-machine-without-its-store-and-turns",
    happened: "Codex on a desktop (`host-a`) was refused: somebody had copied its `auth.json` to a laptop (`host-b`), where Codex exchanged \
               it. Of the laptop the history of prompts and Hermes' own login were passed on.",
    conclusion: "A Codex on another machine, whose store was left out, may hold this login: that nobody on record spent the token says \
                 little. Possible, and no more.",
    hours: 2,
    expected: &[Verdict { victim: "codex", failed_turns: 2..=2, ..PERHAPS_UNSEEN }],
    play: |st, home| {
        let login = Grant::new(st, &Account::new(st), utc("2026-06-20 09:14:00"));
        let pair = login.mint(st, utc("2026-07-02 07:00:10"));
        home.merge_host("host-a", |desktop| {
            let mut codex = CodexHome::new(st, ".codex", Era::V130);
            codex.store("auth.json", &login, &pair, pair.issued + 914);
            codex.thread(Front::Tui, &[(utc("2026-07-08 10:00:00"), C::Done)]);
            codex.thread(Front::Tui, &[(utc(REFUSED), ALREADY_USED), (later(REFUSED, 1), ALREADY_USED)]);
            codex.finish(desktop);
        });
        home.merge_host("host-b", |laptop| {
            let mut codex = CodexHome::new(st, ".codex", Era::V130);
            codex.thread(Front::Tui, &[(utc("2026-07-06 20:00:00"), C::Done), (utc("2026-07-09 11:20:00"), C::Done)]);
            codex.finish(laptop);
            laptop.keep(|path| !path.contains("/sessions/"));
            super::super::ownhand::own_hermes(st, laptop, &Account::new(st), "2026-07-08 11:59:00");
        });
    },
};
