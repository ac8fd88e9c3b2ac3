//! The line of generations runs through the victim's own hands as well, and through stores that were not read:
//! another program's later pair is on record, and its exchange is not the cause, or not known to be.

use super::super::super::clock::{DAY, HOUR, MINUTE, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::MarchOpenClaw;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, PERHAPS_CODEX, codex_home, refused_hermes, shared_login};

const PUT_BACK: Verdict = Verdict {
    victim: "codex",
    mechanism: "consumed",
    root_cause: "stale_copy_replay",
    actor: Some("codex"),
    confidence: ("likely", "very_likely"),
    failed_turns: 2..=2,
};
const OLD_PROCESS: Verdict =
    Verdict { victim: "hermes", root_cause: "stale_process_token", actor: None, confidence: ("possible", "likely"), ..PUT_BACK };
const CLAW_OPEN: Verdict = Verdict { victim: "openclaw", failed_turns: 1..=1, ..OPEN };

/// Codex, refused at the end of `live`, which its store holds, beside a backup of another pair.
fn codex_put_back(st: &Stage, home: &mut Home, (login, live, kept): (&Grant, &Pair, &Pair)) {
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", login, kept, kept.issued + 871);
    codex.store("auth.json", login, live, live.issued + 914);
    codex.thread(Front::Tui, &[(utc("2026-05-19 12:40:22"), C::Done), (utc("2026-05-21 17:40:22"), C::Done)]);
    codex.thread(Front::Tui, &[(utc(FAILED), ALREADY_USED), (utc("2026-05-22 09:47:05"), ALREADY_USED)]);
    codex.finish(home);
}

/// Hermes, which took a pair over from Codex and refreshed it later.
fn hermes_went_on(st: &Stage, home: &mut Home, login: &Grant, (taken, made): (&Pair, &Pair)) {
    let mut hermes = Hermes::start(st, Version::V013, taken.issued + HOUR);
    hermes.imported_from_codex(login, taken, taken.issued + 2 * HOUR);
    hermes.ask(taken.issued + 3 * HOUR, H::Done);
    hermes.snapshot(taken.issued + 5 * HOUR + 870, "weekly");
    hermes.refreshed(made, made.issued + 502);
    hermes.ask(made.issued + 210, H::Done);
    hermes.ask(utc("2026-05-22 12:00:51"), H::Done);
    hermes.finish(home);
}

pub(super) const PUT_BACK_BESIDE: Scenario = Scenario {
    name: "put-back-store-beside-a-later-generation",
    happened: "Codex refreshed its login on 16 May; Hermes took that pair over and refreshed it on 20 May. Meanwhile somebody put Codex' \
               pair of 12 May back into its store, which leaves no record, and Codex was refused on 22 May as that pair's access token ended.",
    conclusion: "A backup of Codex' own store has the pair of 16 May, good until the 26th: Codex had exchanged the older pair itself, and \
                 a refresh was due of that one alone. What Hermes exchanged is a later generation.",
    hours: 2,
    expected: &[PUT_BACK],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let (kept, made) = (login.mint(st, utc("2026-05-16 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        codex_put_back(st, home, (&login, &shared, &kept));
        hermes_went_on(st, home, &login, (&kept, &made));
    },
};

pub(super) const PUT_BACK_ON_ONE: Scenario = Scenario {
    name: "put-back-store-beside-another-machine",
    happened: "As before, but the login went on in Codex on a laptop (`host-b`), which shows its pair of 20 May alone; Codex was put back and \
               refused on a desktop (`host-a`).",
    conclusion: "The desktop's own backup has the pair between: the laptop exchanged a later generation.",
    hours: 2,
    expected: &[Verdict { confidence: ("very_likely", "very_likely"), ..PUT_BACK }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let (kept, made) = (login.mint(st, utc("2026-05-16 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        home.merge_host("host-a", |desktop| codex_put_back(st, desktop, (&login, &shared, &kept)));
        home.merge_host("host-b", |laptop| {
            codex_home(st, laptop, ".codex", &[("auth.json", &login, &made)], &["2026-05-20 11:00:01", "2026-05-23 12:00:00"]);
        });
    },
};

pub(super) const OLD_GATEWAY: Scenario = Scenario {
    name: "old-process-beside-a-later-generation",
    happened: "Hermes' gateway began on 13 May with the pair of the 12th. A command of Hermes refreshed the login on 17 May; Codex took that \
               pair over by hand and refreshed it on the 20th. The gateway was refused on 22 May as the access token of its old pair \
               ended, and works with the stored pair since it was started again.",
    conclusion: "The pair that Hermes' store held was exchanged by Codex, and was good until 27 May: no refresh of it was due. The \
                 gateway presented the pair that it had read before; which token a process holds is on no record.",
    hours: 2,
    expected: &[OLD_PROCESS],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let (stored, later) = (login.mint(st, utc("2026-05-17 11:00:00")), login.mint(st, utc("2026-05-20 11:00:00")));
        let stores = [("auth.json.bak", &login, &stored), ("auth.json", &login, &later)];
        codex_home(st, home, ".codex", &stores, &["2026-05-20 11:00:01", "2026-05-23 12:00:00"]);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-13 05:41:00"));
        hermes.own_login(&login, &shared, shared.issued + 731);
        hermes.ask(utc("2026-05-13 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-05-14 05:44:10.870"), "weekly");
        hermes.refreshed(&stored, stored.issued + 502);
        hermes.ask(utc("2026-05-18 17:22:08"), H::Done);
        for at in [FAILED, "2026-05-22 08:47:05"] {
            hermes.ask(utc(at), H::AlreadyConsumed);
        }
        hermes.restarted(utc("2026-05-22 09:30:00"));
        hermes.rested(utc("2026-05-22 09:30:40"));
        hermes.ask(utc("2026-05-22 09:31:10"), H::Done);
        hermes.ask(utc("2026-05-22 19:40:33"), H::Done);
        hermes.finish(home);
    },
};

/// OpenClaw with so many agents on one pair, the first of which is refused on 22 May at 14:00.
fn claws(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair, busy: &[i64]) {
    let mut claw = MarchOpenClaw::new(st, 1 + busy.len().min(1), login, pair, pair.issued + 812);
    claw.started(utc("2026-05-17 20:51:12.348"));
    claw.done(0, utc("2026-05-17 21:00:00"), false);
    busy.iter().for_each(|at| claw.done(1, *at, false));
    claw.refused(0, utc("2026-05-22 14:00:00.110"));
    claw.finish(home);
}

pub(super) const TAKEN_OVER: Scenario = Scenario {
    name: "newer-pair-was-taken-over",
    happened: "Codex refreshed the login that OpenClaw shared with it on 18 May; Hermes took the new pair over an hour and a half later. \
               OpenClaw was refused on the 22nd. Codex' home is not among the files.",
    conclusion: "Hermes' newer pair is a copy of another program's, and no refresh of Hermes is on record: it cannot be named. Whose \
                 exchange it was the store of Codex would show.",
    hours: 2,
    expected: &[CLAW_OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let made = login.mint(st, utc("2026-05-18 11:00:00"));
        claws(st, home, &login, &shared, &[]);
        let mut hermes = Hermes::start(st, Version::V013, made.issued + HOUR);
        hermes.imported_from_codex(&login, &made, made.issued + 95 * MINUTE);
        hermes.ask(made.issued + 3 * HOUR, H::Done);
        hermes.snapshot(made.issued + 5 * HOUR + 870, "weekly");
        hermes.ask(made.issued + 2 * DAY, H::Done);
        hermes.ask(utc("2026-05-23 12:00:51"), H::Done);
        hermes.finish(home);
    },
};

pub(super) const AGENT_UNREAD: Scenario = Scenario {
    name: "store-of-a-busy-agent-left-out",
    happened: "Two agents of OpenClaw 2026.3.2 and Codex share one login. The second agent refreshed on 22 May at 08:40 and worked on; its \
               store is not among the files. Codex was given its pair and refreshed that at noon; the first agent was refused at 14:00.",
    conclusion: "The second agent worked when the access token of the shared pair had ended, and before Codex' refresh: it may well have \
                 exchanged the pair, and its store would show that. Neither can be named.",
    hours: 2,
    expected: &[CLAW_OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let made = login.mint(st, utc("2026-05-22 12:00:00"));
        claws(st, home, &login, &shared, &[utc("2026-05-22 08:41:00"), utc("2026-05-22 10:05:00")]);
        home.keep(|path| path.contains("agents/main") || !path.ends_with("auth-profiles.json"));
        codex_home(st, home, ".codex", &[("auth.json", &login, &made)], &["2026-05-22 12:00:01", "2026-05-23 12:00:00"]);
    },
};

pub(super) const MACHINE_UNREAD: Scenario = Scenario {
    name: "store-of-a-busy-machine-left-out",
    happened: "As `another-machine-has-the-generation-between`, but the store of the laptop (`host-a`) is not among the files.",
    conclusion: "The desktop's store goes from the shared pair to one of 20 May, and the laptop was at work in between with a login that \
                 these files do not show: that it was the desktop's refresh is the best explanation, and no record without a gap.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "likely"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let now = login.mint(st, utc("2026-05-20 11:00:00"));
        home.merge_host("host-a", |laptop| {
            codex_home(st, laptop, ".codex", &[], &["2026-05-17 11:00:01", "2026-05-18 12:00:00"]);
        });
        home.merge_host("host-b", |desktop| {
            let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &now)];
            codex_home(st, desktop, ".codex", &stores, &["2026-05-20 11:00:01", "2026-05-22 12:00:00"]);
            refused_hermes(st, desktop, &login, &shared, shared.issued + 731, true);
        });
    },
};

pub(super) const SIX_DIGITS_ALONE: Scenario = Scenario {
    name: "six-digits-and-no-older-copy",
    happened: "Something written in Python refreshed the login that Hermes and Codex share and wrote the new pair into `~/.codex/auth.json`, \
               with six digits behind the second. No older copy of that store is among the files.",
    conclusion: "Codex writes six digits on some machines and nine on others, and no other stamp of this one shows which: Codex is the \
                 best explanation, and its hand is not proved.",
    hours: 2,
    expected: &[Verdict { confidence: ("possible", "likely"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, utc("2026-05-20 11:00:00"));
        codex_home(st, home, ".codex", &[("auth.json", &login, &newer)], &["2026-05-20 11:00:01", "2026-05-22 12:00:00"]);
        home.change(".codex/auth.json", |text| super::holders::six_digits(&text));
        refused_hermes(st, home, &login, &shared, shared.issued + 41_000_000, true);
    },
};
