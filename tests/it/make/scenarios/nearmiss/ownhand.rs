//! Near misses of the causes by a program's own hand: another program close by, a copy that came too late,
//! a refresh that spent nothing.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front, NOT_RENEWED, Rows};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::ownhand::own_hermes;
use super::super::{Scenario, Verdict};
use super::{FAILED, UNSEEN, codex_home, refused_hermes, shared_login};

const CODEX_UNSEEN: Verdict = Verdict { victim: "codex", failed_turns: 2..=2, ..UNSEEN };

const HERMES_DID_IT: Verdict = Verdict {
    victim: "codex",
    mechanism: "consumed",
    root_cause: "sibling_refresh",
    actor: Some("hermes"),
    confidence: ("likely", "confirmed"),
    failed_turns: 3..=3,
};

/// Codex 0.169 whose store holds `pair`, refused twice on 22 May, with a log of its server.
fn refused_codex(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair, log: impl FnOnce(&mut Rows<'_>)) {
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", login, pair, pair.issued + 914);
    codex.thread(Front::Tui, &[(utc("2026-05-21 17:40:22"), C::Done), (utc("2026-05-22 07:55:10"), C::Done)]);
    let mut rows = Rows::of(st, Front::Tui, utc("2026-05-21 17:40:02"));
    log(&mut rows);
    rows.refused(utc("2026-05-22 08:47:06.400"));
    codex.logs(rows);
    codex.thread(Front::Tui, &["2026-05-22 08:47:05", "2026-05-22 19:40:33"].map(|at| (utc(at), ALREADY_USED)));
    codex.finish(home);
}

/// D4 with a second holder.
pub(super) const SIBLING_AFTER_THE_TIMEOUT: Scenario = Scenario {
    name: "sibling-refreshed-after-an-unanswered-refresh",
    happened: "Codex and Hermes shared a login. On 22 May at 08:20:32 Codex' refresh met a 503 and was not carried out; Hermes refreshed \
               at 08:31:09 and got a new pair; at 08:47 Codex tried again and was refused as used.",
    conclusion: "Hermes exchanged the token ten minutes after the attempt without an answer, so that attempt had spent nothing: Hermes \
                 holds the successor of the token that Codex still holds and that its own snapshot held too.",
    hours: 2,
    expected: &[HERMES_DID_IT],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &shared, shared.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-05-22 07:55:10"), C::Done)]);
        let mut rows = Rows::of(st, Front::Tui, utc("2026-05-22 07:54:50"));
        rows.failed(utc("2026-05-22 08:20:32.905"), "503 Service Unavailable");
        rows.refused(utc("2026-05-22 08:47:06.400"));
        codex.logs(rows);
        let turns = [(FAILED, NOT_RENEWED), ("2026-05-22 08:47:05", ALREADY_USED), ("2026-05-22 19:40:33", ALREADY_USED)];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 41_000 * SECOND);
        hermes.ask(utc("2026-05-18 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        let newer = login.mint(st, utc("2026-05-22 08:31:09"));
        hermes.refreshed(&newer, newer.issued + 502);
        hermes.ask(newer.issued + 210, H::Done);
        hermes.ask(utc("2026-05-22 12:00:51"), H::Done);
        hermes.finish(home);
    },
};

/// D4 where the attempt never arrived.
pub(super) const BLOCKED_BEFORE: Scenario = Scenario {
    name: "refresh-blocked-before-it-was-sent",
    happened: "A refresh of Codex on 22 May at 08:20 was answered by a block page at the edge (403), so the login service never saw it. \
               A usage meter that is not in these files had redeemed the token the day before; at 08:47 Codex was refused as used.",
    conclusion: "The blocked attempt cannot have spent the token, and nothing else on record can: the consumer is unseen.",
    hours: 2,
    expected: &[CODEX_UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, pair) = shared_login(st, &account);
        refused_codex(st, home, &login, &pair, |rows| rows.failed(utc("2026-05-22 08:20:32.905"), "403 Forbidden"));
        own_hermes(st, home, &account, "2026-05-22 08:26:00");
    },
};

/// D4 where the next attempt worked.
pub(super) const ANSWERED_SINCE: Scenario = Scenario {
    name: "unanswered-then-refreshed",
    happened: "A refresh of Codex on 12 May at 08:02 met a 503, the next one at 08:20 worked. Ten days later something unseen had spent \
               the token that Codex got then.",
    conclusion: "The unanswered refresh was of an older token than the one refused on 22 May: it explains nothing. The consumer is unseen.",
    hours: 2,
    expected: &[CODEX_UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, pair) = shared_login(st, &account);
        refused_codex(st, home, &login, &pair, |rows| {
            rows.begun(Front::Tui, pair.issued - 20 * MINUTE);
            rows.failed(pair.issued - 18 * MINUTE, "503 Service Unavailable");
            rows.refreshed(pair.issued + 302, &account);
            rows.begun(Front::Tui, utc("2026-05-22 07:54:50"));
        });
        own_hermes(st, home, &account, "2026-05-22 08:26:00");
    },
};

/// D1 with a write that failed elsewhere and in another matter: the store did take the pair.
pub(super) const WRITTEN_AFTER_ALL: Scenario = Scenario {
    name: "write-failed-then-worked",
    happened: "The disk was full on 12 May at 08:02 when Codex refreshed, and the refreshed pair was lost; somebody logged Codex in again \
               at 08:20. On 22 May something unseen had spent the token of that login.",
    conclusion: "The write that failed was of a login that is no longer in use; the token that was refused came ten days of good work \
                 before it, and no store shows who spent it.",
    hours: 2,
    expected: &[CODEX_UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, pair) = shared_login(st, &account);
        refused_codex(st, home, &login, &pair, |rows| {
            rows.begun(Front::Tui, pair.issued - 20 * MINUTE);
            rows.not_stored(pair.issued - 18 * MINUTE, "No space left on device (os error 28)");
            rows.begun(Front::Tui, utc("2026-05-22 07:54:50"));
        });
        own_hermes(st, home, &account, "2026-05-22 08:26:00");
    },
};

/// D1: a failed write, and somebody else has the new pair.
pub(super) const NEWER_ELSEWHERE: Scenario = Scenario {
    name: "write-failed-and-a-sibling-has-the-pair",
    happened: "Codex' store became read-only on 20 May, and one of its refreshes failed at 08:40 on 22 May for that reason: the client \
               stopped at its lock file before it asked. Hermes, on the same login, had refreshed at 07:41 that day; Codex was refused \
               as used at 08:47.",
    conclusion: "Codex could not write its store, and yet Hermes holds the successor of Codex' token since 07:41: Hermes exchanged it.",
    hours: 2,
    expected: &[Verdict { failed_turns: 2..=2, ..HERMES_DID_IT }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        refused_codex(st, home, &login, &shared, |rows| {
            rows.not_stored(utc("2026-05-22 08:40:10.118"), "Read-only file system (os error 30)");
        });
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 41_000 * SECOND);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        let newer = login.mint(st, utc("2026-05-22 07:41:09"));
        hermes.refreshed(&newer, newer.issued + 502);
        hermes.ask(newer.issued + 210, H::Done);
        hermes.ask(utc("2026-05-22 12:00:51"), H::Done);
        hermes.finish(home);
    },
};

/// D3 where the store was changed since: what it held at the failure is not known.
pub(super) const STORE_CHANGED_SINCE: Scenario = Scenario {
    name: "logged-refresh-and-a-login-since",
    happened: "Hermes refreshed on 18 May, as its log says, and kept the pair. Something unseen spent that; Hermes was refused on 22 May \
               and logged in anew on the 23rd, which is all that its store shows. A snapshot of 14 May has the pair of the 12th.",
    conclusion: "That no file shows the pair of 18 May is the work of the login since: the store keeps its latest pair alone. Which token \
                 was refused is not known for certain, nor who spent it.",
    hours: 2,
    expected: &[Verdict { confidence: ("undetermined", "possible"), ..UNSEEN }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-05-12 06:11:40"));
        let pair = login.mint(st, utc("2026-05-12 06:11:44"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-12 06:14:00"));
        hermes.own_login(&login, &pair, pair.issued + 391);
        hermes.snapshot(utc("2026-05-14 05:44:10.870"), "weekly");
        let newer = login.mint(st, utc("2026-05-18 09:02:31"));
        hermes.refreshed(&newer, newer.issued + 512);
        hermes.ask(newer.issued - 2_400, H::DoneAfterRefresh);
        hermes.ask(utc("2026-05-21 20:40:51"), H::Done);
        for at in [FAILED, "2026-05-22 08:47:05", "2026-05-22 19:40:33"] {
            hermes.ask(utc(at), H::AlreadyConsumed);
        }
        let again = Grant::new(st, &account, utc("2026-05-23 07:00:01"));
        let fresh = again.mint(st, utc("2026-05-23 07:00:05"));
        hermes.own_login(&again, &fresh, fresh.issued + 400);
        hermes.ask(utc("2026-05-23 07:10:00"), H::Done);
        hermes.finish(home);
    },
};

/// C2 as an attempt to repair.
pub(super) const PUT_BACK_TO_REPAIR: Scenario = Scenario {
    name: "put-back-after-the-failure",
    happened: "Hermes had taken over Codex' pair of 12 May and refreshed it on 21 May; Codex was refused on 22 May at 08:47. At 09:05 the \
               owner put a backup of 2 May in the place of Codex' store to see whether it helps; it did not.",
    conclusion: "The store holds an older pair than a copy beside it, but a shell's history has the `cp` after the first refusal: that \
                 was no cause. Hermes exchanged the pair of 12 May, which the copy and Hermes' snapshot hold.",
    hours: 2,
    expected: &[HERMES_DID_IT],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let old = login.mint(st, utc("2026-05-02 08:20:00"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.dead", &login, &shared, shared.issued + 914);
        codex.store("auth.json", &login, &old, old.issued + 655);
        codex.thread(Front::Tui, &[(utc("2026-05-22 07:55:10"), C::Done)]);
        codex.thread(
            Front::Tui,
            &["2026-05-22 08:47:05", "2026-05-22 08:52:33", "2026-05-22 09:06:01"].map(|at| (utc(at), ALREADY_USED)),
        );
        codex.finish(home);
        let at = utc("2026-05-22 09:05:12") / SECOND;
        home.put(".zsh_history", format!(": {at}:0;cp ~/.codex/auth.json.old ~/.codex/auth.json\n"), at * SECOND);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 41_000 * SECOND);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        let newer = login.mint(st, utc("2026-05-21 07:41:09"));
        hermes.refreshed(&newer, newer.issued + 502);
        hermes.ask(newer.issued + 210, H::Done);
        hermes.ask(utc("2026-05-22 12:00:51"), H::Done);
        hermes.finish(home);
    },
};

/// C4: what was taken over was dead already.
pub(super) const DEAD_ON_ARRIVAL: Scenario = Scenario {
    name: "imported-an-old-copy",
    happened: "Codex refreshed its login on 8 May. On 12 May somebody pointed Hermes' import at an old backup of `~/.codex/auth.json`, of 2 \
               May. Its access token ended on 12 May at 22:20, and Hermes' first refresh was refused. Codex refreshed again that evening.",
    conclusion: "Hermes took over a token that Codex had exchanged four days before: a copy that was dead on arrival. Codex' refresh two \
                 hours before the refusal was of a later generation and spent nothing of Hermes'.",
    hours: 2,
    expected: &[Verdict { root_cause: "stale_copy_replay", actor: Some("hermes"), confidence: ("likely", "likely"), ..UNSEEN }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-04-08 18:03:11"));
        let old = login.mint(st, utc("2026-05-02 22:20:00"));
        let (newer, newest) = (login.mint(st, utc("2026-05-08 10:00:00")), login.mint(st, utc("2026-05-12 20:31:00")));
        let stores = [("auth.json.bak", &login, &old), ("auth.json.bak2", &login, &newer), ("auth.json", &login, &newest)];
        codex_home(st, home, ".codex", &stores, &["2026-05-12 20:31:01", "2026-05-13 10:00:00"]);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-12 18:40:00"));
        hermes.imported_from_codex(&login, &old, utc("2026-05-12 18:44:30.120"));
        hermes.ask(utc("2026-05-12 18:50:00"), H::Done);
        hermes.snapshot(utc("2026-05-12 19:00:10.870"), "weekly");
        for minutes in [10, 12, 600] {
            hermes.ask(utc("2026-05-12 22:20:00") + minutes * MINUTE, H::AlreadyConsumed);
        }
        hermes.finish(home);
    },
};

/// C2 where the copy beside the store is of another login.
pub(super) const COPY_OF_ANOTHER_LOGIN: Scenario = Scenario {
    name: "newer-copy-of-another-login",
    happened: "Codex is switched between two logins of one account by copying files. The live one is of 12 May; a copy of the other one, \
               of 19 May, lies beside it. Something unseen spent the live one's token.",
    conclusion: "The newer copy is of another login session: the live store did not move back. The consumer is unseen.",
    hours: 2,
    expected: &[CODEX_UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, pair) = shared_login(st, &account);
        let other = Grant::new(st, &account, utc("2026-05-01 09:00:00"));
        refused_codex(st, home, &login, &pair, |_| {});
        let mut aside = CodexHome::new(st, ".codex", Era::V169);
        aside.store("auth.json.other", &other, &other.mint(st, utc("2026-05-19 09:00:00")), utc("2026-05-19 09:00:00.713"));
        aside.finish(home);
        own_hermes(st, home, &account, "2026-05-22 08:26:00");
    },
};

/// N6: the victim's own rotation is the newest, and another program holds an older generation and works.
pub(super) const VICTIM_HOLDS_THE_NEWEST: Scenario = Scenario {
    name: "victim-holds-the-newest-pair",
    happened: "Hermes refreshed the login that it shares with Codex on 12 May. Codex holds the pair of 5 May, worked with its access \
               token to the 15th, and was refused that day. A meter that is not in these files spent Hermes' token on 21 May.",
    conclusion: "Hermes holds the newest pair of the login, so Codex, whose token was dead since 12 May, cannot have spent it; Codex' own \
                 refusal of 15 May is Hermes' doing. Who spent Hermes' token is unseen.",
    hours: 2,
    expected: &[Verdict { failed_turns: 1..=1, ..HERMES_DID_IT }, UNSEEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, newest) = shared_login(st, &account);
        let older = login.mint(st, newest.issued - 7 * DAY);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &older, older.issued + 880);
        codex.thread(Front::Tui, &[(utc("2026-05-14 10:01:02"), C::Done)]);
        codex.thread(Front::Tui, &[(older.expires + HOUR, ALREADY_USED)]);
        codex.finish(home);
        refused_hermes(st, home, &login, &newest, newest.issued + 731, false);
    },
};
