//! Pairs that a program took over from another one, where the other store shows that pair no longer: the adopter
//! seems to have exchanged the shared token. And one that was taken over before, and says nothing of a refresh since.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, MarchOpenClaw, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::props::reworded;
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, PERHAPS_CODEX, codex_home, refused_hermes, shared_login};

const CODEX_LIKELY: Verdict = Verdict { confidence: ("likely", "likely"), ..PERHAPS_CODEX };

/// OpenClaw's store, and what became of the pair that it held before.
pub(super) const STORE: &str = ".openclaw/agents/main/agent/auth-profiles.json";

/// The store of an OpenClaw that holds a pair of its own exchange.
fn backup(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair) {
    let mut before = OpenClaw::start(st, pair.issued + HOUR, CODEX_MODEL);
    before.store().own_login(login, pair, pair.issued + 655);
    let mut files = Home::default();
    before.finish(&mut files);
    let text = files.files().find(|(path, _)| *path == STORE).map(|(_, bytes)| bytes.to_vec()).unwrap();
    home.put(format!("{STORE}.bak"), text, pair.issued + HOUR);
}

/// OpenClaw 2026.4.14, which held the shared pair and took over the next one, and says so or does not.
pub(super) fn synced(st: &Stage, home: &mut Home, login: &Grant, (shared, next): (&Pair, &Pair), said: Option<i64>) {
    backup(st, home, login, shared);
    let mut openclaw = OpenClaw::start(st, shared.issued + 5 * HOUR, CODEX_MODEL);
    openclaw.store().bootstrapped_from_codex(login, next);
    if let Some(at) = said {
        openclaw.said(at, "INFO", "synced openai-codex credentials from external cli");
    }
    let session = openclaw.session();
    for at in [shared.issued + 6 * HOUR, next.issued + 2 * HOUR, next.issued + DAY] {
        openclaw.ask(session, at, O::Done);
    }
    openclaw.finish(home);
    reworded(home, |path| path.ends_with("openclaw.json"), "2026.5.7", "2026.4.14");
}

/// Codex, at work when the next pair was issued, has refreshed once more since: its store shows that pair alone.
pub(super) fn moved_on(st: &Stage, home: &mut Home, login: &Grant, next: &Pair) {
    let now = login.mint(st, next.expires - 3 * MINUTE);
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json", login, &now, now.issued + 702);
    for at in [next.issued + SECOND, next.issued + 5 * HOUR, now.issued + SECOND] {
        codex.thread(Front::Tui, &[(at, C::Done)]);
    }
    codex.finish(home);
}

pub(super) const SYNCED: Scenario = Scenario {
    name: "synced-from-a-codex-that-moved-on",
    happened: "Codex, OpenClaw 2026.4.14 and Hermes shared one pair. Codex refreshed on 19 May; OpenClaw logged half an hour later that it \
               synced its credentials from there, and its store shows that pair, a backup the shared one. Codex has refreshed again since.",
    conclusion: "OpenClaw's store goes from the shared pair to its successor, and its own log says that it took that over from Codex: \
                 Codex had it first. That Codex shows it no longer says nothing.",
    hours: 2,
    expected: &[CODEX_LIKELY],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let next = login.mint(st, utc("2026-05-19 13:41:07"));
        synced(st, home, &login, (&shared, &next), Some(next.issued + 31 * MINUTE));
        moved_on(st, home, &login, &next);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};

pub(super) const SYNCED_UNTOLD: Scenario = Scenario {
    name: "synced-and-the-line-is-gone",
    happened: "As before, but the log with that line is gone. OpenClaw's store gives the end of the pair to the millisecond as the token \
               does, where its own refreshes count from the arrival.",
    conclusion: "The form of the entry is that of a pair that was taken over, and Codex holds a still later one: which of the two exchanged \
                 the shared token is open.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let next = login.mint(st, utc("2026-05-19 13:41:07"));
        synced(st, home, &login, (&shared, &next), None);
        moved_on(st, home, &login, &next);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};

/// OpenClaw 2026.3.2 holds the shared pair and is refused three times.
pub(super) fn refused_claw(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair, times: [i64; 3]) {
    let mut claw = MarchOpenClaw::new(st, 1, login, pair, pair.issued + 812);
    claw.started(pair.issued + 4 * HOUR);
    claw.done(0, pair.issued + DAY, false);
    claw.done(0, pair.expires - 5 * HOUR, false);
    times.into_iter().for_each(|at| claw.refused(0, at));
    claw.finish(home);
}

/// Codex was logged in anew on 30 May; on the `day` of the refresh it was at work.
fn logged_in_since(st: &Stage, home: &mut Home, account: &Account, next: &Pair) {
    let at = utc("2026-05-30 11:20:14");
    let again = Grant::new(st, account, at - 9 * SECOND);
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.login(at - 26 * SECOND, at);
    codex.store("auth.json", &again, &again.mint(st, at), at + 14);
    codex.thread(Front::Tui, &[(next.issued + SECOND, C::Done), (next.issued + 3 * HOUR, C::Done)]);
    codex.thread(Front::Tui, &[(at + MINUTE, C::Done)]);
    codex.finish(home);
}

const CLAW: Verdict = Verdict { victim: "openclaw", failed_turns: 0..=3, ..CODEX_LIKELY };

pub(super) const RECOVERED: Scenario = Scenario {
    name: "recovered-from-a-codex-that-was-logged-in-since",
    happened: "Codex, Hermes 0.19 and OpenClaw shared one pair that ended on 22 May. Codex refreshed two minutes before the end; Hermes met the \
               spent token 47 seconds later and took over Codex' pair, by its log; OpenClaw was refused. Codex was logged in anew on 30 May.",
    conclusion: "Hermes' store goes from the shared pair to its successor within a minute of its issue, and its own log says whose that was. \
                 Codex exchanged the token, though its store shows only a login since.",
    hours: 2,
    expected: &[CLAW],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let next = login.mint(st, shared.expires - 2 * MINUTE);
        let mut hermes = Hermes::start(st, Version::V019, shared.issued + HOUR);
        hermes.imported_from_codex(&login, &shared, shared.issued + 2 * HOUR);
        hermes.ask(shared.issued + 3 * HOUR, H::Done);
        hermes.snapshot(shared.issued + 4 * HOUR + 870, "weekly");
        hermes.recovered_from_codex(&login, &next, next.issued + 47 * SECOND + 312);
        hermes.ask(next.issued + HOUR, H::Done);
        hermes.finish(home);
        logged_in_since(st, home, &account, &next);
        let failed = shared.expires + 40 * SECOND;
        refused_claw(st, home, &login, &shared, [failed, failed + 31 * MINUTE, failed + 4 * HOUR]);
    },
};

pub(super) const WORKED_WITH_ANOTHERS: Scenario = Scenario {
    name: "worked-on-with-a-pair-that-was-taken-over",
    happened: "As before, but Hermes was idle until 25 minutes after the end, took over Codex' pair then, and refreshed that by itself ten days \
               later. OpenClaw was first used again a day after the end.",
    conclusion: "That Hermes worked past the end of the shared pair is explained by its own log: it had taken over another one. It exchanged that, \
                 not the shared one, for what it holds now. Codex had it first.",
    hours: 2,
    expected: &[CLAW],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let next = login.mint(st, shared.expires - 2 * MINUTE);
        let now = login.mint(st, next.expires - 2 * MINUTE);
        let mut hermes = Hermes::start(st, Version::V019, shared.issued + HOUR);
        hermes.imported_from_codex(&login, &shared, shared.issued + 2 * HOUR);
        hermes.ask(shared.issued + 3 * HOUR, H::Done);
        hermes.snapshot(shared.issued + 4 * HOUR + 870, "weekly");
        hermes.recovered_from_codex(&login, &next, shared.expires + 25 * MINUTE + 140);
        hermes.ask(shared.expires + 26 * MINUTE, H::Done);
        hermes.ask(shared.expires + 9 * HOUR, H::Done);
        hermes.refreshed(&now, now.issued + 655);
        hermes.ask(now.issued + MINUTE, H::Done);
        hermes.finish(home);
        logged_in_since(st, home, &account, &next);
        let failed = shared.expires + DAY;
        refused_claw(st, home, &login, &shared, [failed, failed + 31 * MINUTE, failed + 4 * HOUR]);
    },
};

pub(super) const TAKEN_OVER_BEFORE: Scenario = Scenario {
    name: "refreshed-what-it-had-taken-over-before",
    happened: "Hermes 0.19 took over Codex' pair on 14 May, by its log; a snapshot shows it. On 19 May it refreshed that pair, and Codex was \
               refused when its own access token ended.",
    conclusion: "What was taken over is the shared pair itself. The one that Hermes holds now was issued five days later and stored at \
                 once: it refreshed, and spent what Codex still held.",
    hours: 2,
    expected: &[Verdict {
        victim: "codex",
        actor: Some("hermes"),
        confidence: ("very_likely", "confirmed"),
        failed_turns: 2..=2,
        ..PERHAPS_CODEX
    }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let next = login.mint(st, utc("2026-05-19 04:12:33"));
        let mut hermes = Hermes::start(st, Version::V019, utc("2026-05-13 07:00:00"));
        hermes.own_login(&login, &login.mint(st, shared.issued - DAY), shared.issued - DAY + 480);
        hermes.recovered_from_codex(&login, &shared, utc("2026-05-14 09:10:40.250"));
        hermes.ask(utc("2026-05-14 09:12:00"), H::Done);
        hermes.snapshot(utc("2026-05-16 05:44:10.870"), "weekly");
        hermes.refreshed(&next, next.issued + 610);
        hermes.ask(next.issued + MINUTE, H::Done);
        hermes.ask(utc("2026-05-22 12:10:00"), H::Done);
        hermes.finish(home);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &login, &shared, shared.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-05-21 17:22:08"), C::Done)]);
        codex.thread(Front::Tui, &[(utc(FAILED), ALREADY_USED), (utc("2026-05-22 08:52:00"), ALREADY_USED)]);
        codex.finish(home);
    },
};

pub(super) const SYNCHRONIZED_HOME: Scenario = Scenario {
    name: "pair-synchronized-from-another-machine",
    happened: "`~/.codex` of a laptop (`host-a`) is synchronized to a desktop (`host-b`), where a backup of the shared pair was kept. The laptop \
               was at work when the next pair was issued on 19 May; the desktop's Codex was used two hours later. Hermes on the desktop was \
               refused on 22 May.",
    conclusion: "Both machines hold the new pair, and only the laptop's Codex was at work when it was issued: that the desktop kept a backup \
                 does not make the exchange its own.",
    hours: 2,
    expected: &[Verdict { confidence: ("possible", "likely"), ..PERHAPS_CODEX }],
    play: |st, home| synchronized(st, home, &["2026-05-19 13:41:08", "2026-05-19 15:02:00"]),
};

pub(super) const SYNCHRONIZED_AT_REST: Scenario = Scenario {
    name: "pair-synchronized-and-no-machine-at-work",
    happened: "As before, but neither of the two was at work around the issue of the pair.",
    conclusion: "Codex refreshed, on one of the two machines; which one is open.",
    hours: 2,
    expected: &[Verdict { confidence: ("possible", "likely"), ..PERHAPS_CODEX }],
    play: |st, home| synchronized(st, home, &["2026-05-19 10:02:00", "2026-05-19 21:02:00"]),
};

fn synchronized(st: &Stage, home: &mut Home, at_work: &[&str]) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let next = login.mint(st, utc("2026-05-19 13:41:07"));
    home.merge_host("host-a", |laptop| codex_home(st, laptop, ".codex", &[("auth.json", &login, &next)], at_work));
    home.merge_host("host-b", |desktop| {
        let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &next)];
        codex_home(st, desktop, ".codex", &stores, &["2026-05-19 15:50:00", "2026-05-22 12:00:00"]);
        refused_hermes(st, desktop, &login, &shared, shared.issued + 731, true);
    });
}
