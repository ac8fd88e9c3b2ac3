//! The victim's own store, or that of another agent or profile of its own program, was left out of the files. What
//! is left belongs to somebody else: it says neither what the victim held nor that nobody of its own had a hand in it.

use super::super::super::clock::{DAY, HOUR, MINUTE, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::MarchOpenClaw;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::ownhand::own_hermes;
use super::super::{Scenario, Verdict};
use super::{codex_home, later};

/// The first refusal.
const REFUSED: &str = "2026-07-09 13:15:00";

const ITSELF: Verdict = Verdict {
    victim: "openclaw",
    mechanism: "consumed",
    root_cause: "self_concurrent_refresh",
    actor: Some("openclaw"),
    confidence: ("possible", "possible"),
    failed_turns: 2..=2,
};

const OPEN: Verdict = Verdict { root_cause: "undetermined", actor: None, confidence: ("undetermined", "undetermined"), ..ITSELF };

const PERHAPS_UNSEEN: Verdict = Verdict { root_cause: "unrecorded_consumer", actor: None, ..ITSELF };

/// Leaves out the files at whose paths `left` looks.
fn without(home: &mut Home, own: Home, left: impl Fn(&str) -> bool) {
    let mut own = own;
    own.keep(|path| !left(path));
    home.merge(own);
}

/// Two agents of OpenClaw with copies of one login that ends 20 minutes after the first refusal. `main` answers
/// before, between and long after the refusals of the other agent.
fn copies_of_one_login(st: &Stage, home: &mut Home, left: impl Fn(&str) -> bool) {
    let login = Grant::new(st, &Account::new(st), utc("2026-06-20 09:14:00"));
    let shared = login.mint(st, utc(REFUSED) + 20 * MINUTE - 10 * DAY);
    let mut claw = MarchOpenClaw::new(st, 2, &login, &shared, shared.issued + 640);
    let newer = login.mint(st, utc(REFUSED) - 40 * MINUTE);
    claw.refreshed(0, &login, &newer, newer.issued + 512);
    claw.started(utc("2026-07-08 06:30:12.348"));
    (0..2).for_each(|who| claw.done(who, utc("2026-07-08 09:00:00") + 700 * who as i64, false));
    claw.done(0, newer.issued + 900, false);
    for late in [0, 25 * MINUTE] {
        claw.refused(1, utc(REFUSED) + late);
        claw.done(0, utc(REFUSED) + late + 3 * MINUTE, false);
    }
    claw.done(0, utc(REFUSED) + 26 * HOUR, false);
    let mut own = Home::default();
    claw.finish(&mut own);
    without(home, own, left);
}

pub(super) const STORE_OF_MAIN: Scenario = Scenario {
    name: "store-of-the-agent-that-refreshed-withheld",
    happened: "Two agents of OpenClaw hold copies of one login. `main` refreshed it forty minutes before the other agent was refused. Whoever \
               packed the files left the store of `main` out.",
    conclusion: "`main` was at work before, and went on after the access token had ended that both were given: that it exchanged the token is \
                 likelier than a stranger, and its store would tell. The other agent never worked again.",
    hours: 3,
    expected: &[ITSELF],
    play: |st, home| copies_of_one_login(st, home, |path| path.contains("/agents/main/agent/")),
};

pub(super) const REFUSED_IN_THE_LOG: Scenario = Scenario {
    name: "store-of-the-agent-that-refreshed-withheld-and-no-failed-turn",
    happened: "The same, and of the refusals only the gateway's log tells.",
    conclusion: "The last refusal came after the access token of the refused agent had ended: it has been out of use since. That `main` \
                 answered then says nothing of the other agent's login.",
    hours: 3,
    expected: &[Verdict { failed_turns: 0..=0, ..ITSELF }],
    play: |st, home| {
        copies_of_one_login(st, home, |path| {
            let part = if path.contains("/agents/main/") { "/agent/" } else { "/sessions/" };
            path.contains("/agents/") && path.contains(part)
        })
    },
};

pub(super) const STORE_OF_THE_REFUSED: Scenario = Scenario {
    name: "store-of-an-agent-of-another-login-withheld",
    happened: "Two agents of OpenClaw with a login each were refused forty seconds apart, twice. The store of `main`, whose token Codex had \
               exchanged, was left out.",
    conclusion: "The other agent's pair is not what `main` presented: two incidents, and of neither is it known who spent the token. What \
                 `main` did with which login is out of view.",
    hours: 3,
    expected: &[OPEN, OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, other) =
            (Grant::new(st, &account, utc("2026-06-20 09:14:00")), Grant::new(st, &account, utc("2026-06-11 17:40:00")));
        let shared = login.mint(st, utc("2026-07-01 08:12:10"));
        let newer = login.mint(st, utc(REFUSED) - 35 * MINUTE);
        let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &newer)];
        codex_home(st, home, ".codex", &stores, &["2026-07-09 12:40:20", "2026-07-10 08:00:00"]);
        let mut claw = MarchOpenClaw::new(st, 2, &login, &shared, shared.issued + 640);
        let second = other.mint(st, shared.issued + 3 * HOUR);
        claw.refreshed(1, &other, &second, second.issued + 655);
        claw.started(utc("2026-07-08 06:30:12.348"));
        (0..2).for_each(|who| claw.done(who, utc("2026-07-08 09:00:00") + 700 * who as i64, false));
        for late in [0, 14 * MINUTE] {
            claw.refused(0, utc(REFUSED) + late);
            claw.refused(1, utc(REFUSED) + late + 40_000);
        }
        let mut own = Home::default();
        claw.finish(&mut own);
        without(home, own, |path| path.contains("/agents/main/agent/"));
    },
};

pub(super) const COPY_OF_ITS_OWN: Scenario = Scenario {
    name: "only-an-old-copy-of-the-refused-store",
    happened: "Codex was refused. Its `auth.json` was left out; a copy of it, a week older, was not. Nobody else holds that login.",
    conclusion: "Which pair was presented is not known, since the store may have moved on from the copy: an unseen consumer is possible, no more.",
    hours: 2,
    expected: &[Verdict { victim: "codex", ..PERHAPS_UNSEEN }],
    play: |st, home| {
        let login = Grant::new(st, &Account::new(st), utc("2026-06-20 09:14:00"));
        let old = login.mint(st, utc("2026-07-02 07:00:10"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.bak", &login, &old, old.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-07-02 07:01:00"), C::Done), (utc("2026-07-08 10:00:00"), C::Done)]);
        codex.thread(Front::Tui, &[(utc(REFUSED), ALREADY_USED), (later(REFUSED, 1), ALREADY_USED)]);
        codex.finish(home);
    },
};

/// A profile of Hermes with Codex' login, which Codex refreshed a week before; the main home refreshed its own
/// login on the day before. The profile was asked twice.
fn profile(st: &Stage, home: &mut Home, snapshot: bool) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-06-20 09:14:00"));
    let pair = |at: &str| -> Pair { login.mint(st, utc(at)) };
    let shared = pair("2026-07-01 08:12:10");
    let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &pair("2026-07-08 16:05:00"))];
    codex_home(st, home, ".codex", &stores, &["2026-07-08 16:05:01", "2026-07-10 09:00:00"]);
    own_hermes(st, home, &account, "2026-07-08 11:59:00");
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-07-09 06:50:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-07-01 10:05:31.402"));
    if snapshot {
        hermes.snapshot(utc("2026-07-09 06:52:10.870"), "weekly");
    }
    hermes.ask(utc(REFUSED), H::AlreadyConsumed);
    hermes.ask(utc(REFUSED) + 7 * MINUTE, H::AlreadyConsumed);
    let mut own = Home::default();
    hermes.finish(&mut own);
    let own = own.moved(|path| path.replacen(".hermes", ".hermes/profiles/otter", 1));
    without(home, own, |path| path == ".hermes/profiles/otter/auth.json");
}

pub(super) const STORE_OF_A_PROFILE: Scenario = Scenario {
    name: "store-of-the-refused-profile-withheld",
    happened: "A profile of Hermes took over Codex' login, which Codex refreshed afterwards. The profile's store was left out, and its main \
               home has a login of its own.",
    conclusion: "The profile may have used the login of its main home, or one of its own that nobody passed on: that a stranger spent the \
                 token is possible, and the profile's store would tell.",
    hours: 2,
    expected: &[Verdict { victim: "hermes", ..PERHAPS_UNSEEN }],
    play: |st, home| profile(st, home, false),
};

pub(super) const SNAPSHOT_OF_A_PROFILE: Scenario = Scenario {
    name: "store-of-the-refused-profile-withheld-but-a-snapshot",
    happened: "The same, and a snapshot of the profile's store of the same morning was passed on.",
    conclusion: "The snapshot is of the profile's own store, and holds the very token that Codex exchanged: not the main home's.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        root_cause: "sibling_refresh",
        actor: Some("codex"),
        confidence: ("possible", "likely"),
        ..ITSELF
    }],
    play: |st, home| profile(st, home, true),
};
