//! Refusals while another program's login was under way: the browser takes minutes, and a build that ends the old
//! login when a new one is begun has done so by then. Others have not.
//!
//! The stories of [`super::lives`]: Codex and Hermes share the login of 8 June, Hermes answers on 10 June at 09:10
//! and is refused at 09:35.

use super::super::super::clock::utc;
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::home::Home;
use super::super::super::openclaw::Answer as O;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::lives::{SERVER, claw, hermes, login, on, typed};

/// Revoked by the login of Codex.
pub(super) const LOGIN: Verdict =
    Verdict { root_cause: "sibling_relogin", actor: Some("codex"), confidence: ("likely", "likely"), ..SERVER };

/// Codex held the shared login and was logged in anew: begun and completed at these times.
fn logged_in(st: &Stage, home: &mut Home, era: Era, (account, old, pair): (&Account, &Grant, &Pair), times: (&str, &str)) {
    let (begun, done) = (on(times.0), on(times.1));
    let new = Grant::new(st, account, done - 6_000);
    let mut codex = CodexHome::new(st, ".codex", era);
    codex.store("auth.json.bak", old, pair, pair.issued + 402);
    codex.thread(Front::Tui, &[(utc("2026-06-09 16:00:00"), C::Done), (on("09:00:00"), C::Done)]);
    codex.login(begun, done + 300);
    codex.store("auth.json", &new, &new.mint(st, done), done + 402);
    codex.thread(Front::Tui, &[(on("09:52:00"), C::Done), (on("11:33:00"), C::Done)]);
    codex.finish(home);
}

pub(super) const ENDED_AT_THE_START: Scenario = Scenario {
    name: "refused-while-a-login-is-under-way",
    happened: "`codex login` (0.169) was begun at 09:32:10 and completed at 09:41:30, after a second factor had been looked for. Hermes, on \
               the old login, was refused at 09:35.",
    conclusion: "This build revokes the old login before it opens the browser: the login explains the refusal, though it was completed six \
                 minutes later. No client logs the revocation: likely.",
    hours: 2,
    expected: &[LOGIN],
    play: |st, home| {
        let (account, old, pair) = login(st);
        logged_in(st, home, Era::V169, (&account, &old, &pair), ("09:32:10", "09:41:30"));
        hermes(st, home, &old, &pair);
    },
};

pub(super) const NOT_ENDED_AT_THE_START: Scenario = Scenario {
    name: "refused-while-a-harmless-login-is-under-way",
    happened: "As `refused-while-a-login-is-under-way`, but Codex 0.130 was at work.",
    conclusion: "0.130 leaves the old login alone when it logs in, and certainly until then: the server ended it, by nothing on record.",
    hours: 2,
    expected: &[SERVER],
    play: |st, home| {
        let (account, old, pair) = login(st);
        logged_in(st, home, Era::V130, (&account, &old, &pair), ("09:32:10", "09:41:30"));
        hermes(st, home, &old, &pair);
    },
};

pub(super) const BEGUN_AFTER: Scenario = Scenario {
    name: "login-begun-after-the-refusal",
    happened: "OpenClaw was refused at 09:31. `codex login` (0.169) was typed at 09:34:20 and completed at 09:41:30; Hermes was refused at \
               09:35.",
    conclusion: "The login had ended before a new one was begun: that is the repair, for Hermes as well.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 1..=1, ..SERVER }, SERVER],
    play: |st, home| {
        let (account, old, pair) = login(st);
        logged_in(st, home, Era::V169, (&account, &old, &pair), ("09:34:21", "09:41:30"));
        typed(home, &[(on("09:34:20"), "codex login")]);
        claw(st, home, &old, &pair, &[("09:05:00", O::Done), ("09:31:00", O::Invalidated)]);
        hermes(st, home, &old, &pair);
    },
};

pub(super) const BOTH_BY_THE_START: Scenario = Scenario {
    name: "refused-before-and-after-a-login-was-completed",
    happened: "`codex login` (0.169) was begun at 09:29:40 and completed at 09:33:50. OpenClaw was refused at 09:31, while it was under way, \
               and Hermes at 09:35.",
    conclusion: "One login ended both, at its start. That OpenClaw was refused before it was completed does not make it the repair.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 1..=1, ..LOGIN }, LOGIN],
    play: |st, home| {
        let (account, old, pair) = login(st);
        logged_in(st, home, Era::V169, (&account, &old, &pair), ("09:29:40", "09:33:50"));
        claw(st, home, &old, &pair, &[("09:05:00", O::Done), ("09:31:00", O::Invalidated)]);
        hermes(st, home, &old, &pair);
    },
};
