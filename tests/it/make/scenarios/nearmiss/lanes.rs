//! Refusals of one of several agents of OpenClaw that only the gateway's log tells of: the lane of the session
//! names the agent, and so the store whose token was refused.

use super::super::super::clock::{HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::home::Home;
use super::super::super::openclaw::MarchOpenClaw;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};

/// The first refusal.
const REFUSED: &str = "2026-03-18 06:30:00.110";

const CODEX_DID_IT: Verdict = Verdict {
    victim: "openclaw",
    mechanism: "consumed",
    root_cause: "sibling_refresh",
    actor: Some("codex"),
    confidence: ("likely", "confirmed"),
    failed_turns: 0..=0,
};

/// Two agents, `main` with `of_main` and another one with `of_other`, and Codex with `before` and then `now`, an
/// hour before the first refusal. The agent that is refused twice leaves no transcript.
fn agents(
    st: &Stage,
    home: &mut Home,
    (of_main, of_other): ((&Grant, &Pair), (&Grant, &Pair)),
    (of_codex, before, now): (&Grant, &Pair, &Pair),
    refused: usize,
) {
    let mut claw = MarchOpenClaw::new(st, 2, of_main.0, of_main.1, of_main.1.issued + 812);
    claw.refreshed(1, of_other.0, of_other.1, of_other.1.issued + 655);
    claw.started(utc("2026-03-17 20:51:12.348"));
    (0..2).for_each(|who| claw.done(who, utc("2026-03-17 21:00:00") + 400 * who as i64, false));
    for late in [0, 9 * MINUTE] {
        claw.refused(refused, utc(REFUSED) + late);
    }
    claw.done(1 - refused, utc(REFUSED) + 40 * MINUTE, false);
    let mut own = Home::default();
    claw.finish(&mut own);
    own.keep(|path| !path.contains("/sessions/") || path.contains("/agents/main/") == (refused == 1));
    home.merge(own);
    let mut codex = CodexHome::new(st, ".codex", Era::V098);
    codex.store("auth.json.bak", of_codex, before, before.issued + 733);
    codex.store("auth.json", of_codex, now, now.issued + 733);
    codex.thread(Front::Tui, &[(now.issued - SECOND, C::Done), (utc("2026-03-18 11:05:40"), C::DoneWithCommand)]);
    codex.finish(home);
}

pub(super) const LANE_OF_THE_COPY: Scenario = Scenario {
    name: "lane-of-the-agent-with-the-copy",
    happened: "Two agents of OpenClaw 2026.3.2 hold copies of one login. `main` refreshed it on 18 March at 04:10; the other agent woke at 06:30 \
               and was refused, which only the gateway's log tells. Codex refreshed a login of its own an hour before that.",
    conclusion: "The session's lane names the other agent, whose store holds the token that `main` had exchanged: OpenClaw spent its own. \
                 Codex' login is another one.",
    hours: 1,
    expected: &[Verdict { root_cause: "self_concurrent_refresh", actor: Some("openclaw"), ..CODEX_DID_IT }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-02-27 04:57:04"));
        let shared = login.mint(st, utc("2026-03-08 04:57:10"));
        let newer = login.mint(st, utc("2026-03-18 04:10:00"));
        let own = Grant::new(st, &account, utc("2026-02-20 11:00:00"));
        let (before, now) = (own.mint(st, utc("2026-03-08 05:30:10")), own.mint(st, utc(REFUSED) - HOUR));
        agents(st, home, ((&login, &newer), (&login, &shared)), (&own, &before, &now), 1);
    },
};

/// Two agents with a login each; Codex shares that of the second and refreshed it.
fn of_two_logins(st: &Stage, home: &mut Home, refused: usize) {
    let (first, second) = (Account::new(st), Account::new(st));
    let own = Grant::new(st, &first, utc("2026-02-20 11:00:00"));
    let login = Grant::new(st, &second, utc("2026-02-27 04:57:04"));
    let alone = own.mint(st, utc("2026-03-08 05:30:10"));
    let shared = login.mint(st, utc("2026-03-08 04:57:10"));
    let newer = login.mint(st, utc(REFUSED) - HOUR);
    agents(st, home, ((&own, &alone), (&login, &shared)), (&login, &shared, &newer), refused);
}

pub(super) const LANE_OF_THE_SHARED: Scenario = Scenario {
    name: "lane-of-the-agent-that-shares",
    happened: "Two agents of OpenClaw hold logins of two accounts. Codex shares that of the second and refreshed it an hour before that agent \
               was refused, which only the gateway's log tells.",
    conclusion: "The session's lane names the second agent, whose store holds the token that Codex had exchanged.",
    hours: 1,
    expected: &[CODEX_DID_IT],
    play: |st, home| of_two_logins(st, home, 1),
};

pub(super) const LANE_OF_THE_OTHER: Scenario = Scenario {
    name: "lane-of-the-agent-that-does-not-share",
    happened: "The same, and it was the first agent that was refused.",
    conclusion: "The session's lane names the first agent. Codex never held its token; nothing on record spent it.",
    hours: 1,
    expected: &[Verdict { root_cause: "unrecorded_consumer", actor: None, confidence: ("possible", "likely"), ..CODEX_DID_IT }],
    play: |st, home| of_two_logins(st, home, 0),
};
