//! Near misses of the roles: the client that failed is not the one that is usually blamed, the one that
//! rotated last is not the one that spent the token, and what its store no longer shows.

use super::super::super::clock::{DAY, MINUTE, SECOND, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::MarchOpenClaw;
use super::super::super::opencode::opencode;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::ownhand::own_hermes;
use super::super::{Scenario, Verdict};
use super::{FAILED, UNSEEN, codex_answers, codex_home, refused_hermes, shared_login};

const CODEX_DID_IT: Verdict = Verdict {
    victim: "hermes",
    mechanism: "consumed",
    root_cause: "sibling_refresh",
    actor: Some("codex"),
    confidence: ("likely", "confirmed"),
    failed_turns: 3..=3,
};

const ITSELF: Verdict = Verdict { root_cause: "self_concurrent_refresh", ..CODEX_DID_IT };

/// A3, A10: the culprit is the one that works.
pub(super) const HERMES_WITH_BAITS: Scenario = Scenario {
    name: "hermes-culprit-with-baits",
    happened: "Hermes had taken over Codex' login and refreshed it on 20 May. Codex was refused on the 22nd at 08:20:31. Thirty seconds \
               before that opencode refreshed a login of its own on the same account, and at 09:40 the owner logged Codex in anew.",
    conclusion: "Hermes holds the successor of the token that Codex presented and that Hermes' snapshot held. opencode's refresh is of \
                 another login session, and the login came after the refusal: it is the repair.",
    hours: 2,
    expected: &[Verdict { victim: "codex", actor: Some("hermes"), failed_turns: 2..=2, ..CODEX_DID_IT }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let again = Grant::new(st, &account, utc("2026-05-22 09:40:21"));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &login, &shared, shared.issued + 914);
        codex.store("auth.json", &again, &again.mint(st, utc("2026-05-22 09:40:30")), utc("2026-05-22 09:40:30.208"));
        codex.login(utc("2026-05-22 09:40:01"), utc("2026-05-22 09:40:30"));
        codex_answers(&mut codex, &["2026-05-21 10:00:00"]);
        codex.thread(Front::Tui, &[(utc(FAILED), ALREADY_USED), (utc("2026-05-22 08:52:00"), ALREADY_USED)]);
        codex_answers(&mut codex, &["2026-05-22 09:42:00"]);
        codex.finish(home);
        let own = Grant::new(st, &account, utc("2026-05-03 11:00:00"));
        let pair = own.mint(st, utc(FAILED) - 30 * SECOND);
        opencode(st, home, &own, &pair, utc("2026-05-22 08:00:00"), pair.issued + 606);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 41_000 * SECOND);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        let newer = login.mint(st, utc("2026-05-20 07:41:09"));
        hermes.refreshed(&newer, newer.issued + 502);
        hermes.ask(newer.issued + 210, H::Done);
        hermes.ask(utc("2026-05-22 12:00:51"), H::Done);
        hermes.finish(home);
    },
};

/// C2, E4: two accounts that take turns in one file.
pub(super) const SWITCHED_ACCOUNTS: Scenario = Scenario {
    name: "two-accounts-in-turn",
    happened: "Codex is switched between two accounts by copying files. Hermes had taken over the first account's login and refreshed it                on 20 May while the second account was in use; on the 21st the first one's file was put back, and on the 22nd refused.                A copy of the second account's file, of 19 May, lies beside it.",
    conclusion: "What was refused is what the live file holds: the first account's pair of 12 May, whose token Hermes' snapshot held and                  Hermes exchanged on 20 May. That a copy beside it is younger and of another account excludes nobody.",
    hours: 2,
    expected: &[Verdict { victim: "codex", actor: Some("hermes"), failed_turns: 2..=2, ..CODEX_DID_IT }],
    play: |st, home| {
        let (account, work) = (Account::new(st), Account::new(st));
        let (login, shared) = shared_login(st, &account);
        let other = Grant::new(st, &work, utc("2026-05-01 09:00:00"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.work", &other, &other.mint(st, utc("2026-05-19 09:00:00")), utc("2026-05-19 09:00:00.713"));
        codex.store("auth.json", &login, &shared, shared.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-05-20 10:00:00"), C::Done), (utc("2026-05-21 10:00:00"), C::Done)]);
        codex.thread(Front::Tui, &[(utc(FAILED), ALREADY_USED), (utc("2026-05-22 09:20:31"), ALREADY_USED)]);
        codex.finish(home);
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, shared.issued + 41_000 * SECOND);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        let newer = login.mint(st, utc("2026-05-20 07:41:09"));
        hermes.refreshed(&newer, newer.issued + 502);
        hermes.ask(newer.issued + 210, H::Done);
        hermes.ask(utc("2026-05-22 12:00:51"), H::Done);
        hermes.finish(home);
    },
};

/// A5: a profile that nobody used for the life of its access token.
pub(super) const IDLE_PROFILE: Scenario = Scenario {
    name: "idle-profile",
    happened: "A Hermes profile took over Codex' login on 12 May and lay idle. Codex refreshed on 13 May and again on the 22nd. The profile \
               was first used on the 24th and refused at once; a minute before, Hermes' main home refreshed a login of its own.",
    conclusion: "Codex' backup holds the very token that the profile presented, and Codex exchanged it on 13 May, eleven days before. \
                 Idleness is no cause, and the refresh a minute before is of another login session.",
    hours: 2,
    expected: &[Verdict { failed_turns: 2..=2, ..CODEX_DID_IT }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-05-01 18:03:11"));
        let shared = login.mint(st, utc("2026-05-12 08:20:09"));
        let stores = [
            ("auth.json.bak", &login, &shared),
            ("auth.json.bak2", &login, &login.mint(st, utc("2026-05-13 16:00:00"))),
            ("auth.json", &login, &login.mint(st, utc("2026-05-22 16:05:00"))),
        ];
        codex_home(st, home, ".codex", &stores, &["2026-05-13 16:00:01", "2026-05-22 16:05:01", "2026-05-24 09:00:00"]);
        own_hermes(st, home, &account, "2026-05-24 07:59:00");
        let mut idle = Home::default();
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-24 07:50:00"));
        hermes.imported_from_codex(&login, &shared, utc("2026-05-12 19:05:31.402"));
        hermes.snapshot(utc("2026-05-24 07:52:10.870"), "weekly");
        hermes.ask(utc("2026-05-24 08:00:10"), H::AlreadyConsumed);
        hermes.ask(utc("2026-05-24 08:03:10"), H::AlreadyConsumed);
        hermes.finish(&mut idle);
        home.merge(idle.moved(|path| path.replacen(".hermes", ".hermes/profiles/travel", 1)));
    },
};

/// A9: the one that rotated last.
pub(super) const LATER_GENERATION: Scenario = Scenario {
    name: "agents-and-a-cli-on-one-login",
    happened: "Three agents of OpenClaw 2026.3.2 and Codex share one login, copied between them by a timer. One agent refreshed on 18 March \
               at 04:40; Codex was given that pair and refreshed it in turn at 04:50. The two other agents woke at 05:00 and were refused.",
    conclusion: "Both the third agent and Codex hold newer pairs of that login. Generations follow each other in one line: the agent's \
                 rotation came first and spent what the others held; Codex exchanged its successor. OpenClaw spent its own token.",
    hours: 1,
    expected: &[Verdict { victim: "openclaw", actor: Some("openclaw"), failed_turns: 2..=2, ..ITSELF }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-02-27 04:57:04"));
        let shared = login.mint(st, utc("2026-03-08 04:57:10"));
        let mut claw = MarchOpenClaw::new(st, 3, &login, &shared, utc("2026-03-08 04:57:10.812"));
        claw.started(utc("2026-03-17 20:51:12.348"));
        (0..3).for_each(|who| claw.done(who, utc("2026-03-17 21:00:00") + 400 * who as i64, false));
        let newer = login.mint(st, utc("2026-03-18 04:40:00"));
        claw.refreshed(2, &login, &newer, newer.issued + 904);
        claw.done(2, newer.issued + 1_200, false);
        claw.refused(0, utc("2026-03-18 05:00:00.110"));
        claw.refused(1, utc("2026-03-18 05:00:00.147"));
        claw.finish(home);
        let latest = login.mint(st, utc("2026-03-18 04:50:00"));
        let mut codex = CodexHome::new(st, ".codex", Era::V098);
        codex.store("auth.json", &login, &latest, latest.issued + 733);
        codex.thread(Front::Tui, &[(latest.issued - 1_000, C::Done), (utc("2026-03-18 07:05:40"), C::DoneWithCommand)]);
        codex.finish(home);
    },
};

/// A14: a copy for each container.
pub(super) const SECOND_SPAWN: Scenario = Scenario {
    name: "second-container-of-the-day",
    happened: "Each container of Codex 0.169 gets a copy of the host's `auth.json`. The first of the day refreshed at 09:00 on 22 May; the \
               second began at 11:30 with the host's copy and was refused. Hermes refreshed a login of its own at 11:28.",
    conclusion: "The first container's store holds the successor of the token that the second one presented. Both are Codex: the program \
                 spent its own token from another home. Hermes' login is another one.",
    hours: 2,
    expected: &[Verdict { victim: "codex", actor: Some("codex"), failed_turns: 2..=2, ..ITSELF }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let newer = login.mint(st, utc("2026-05-22 09:00:01"));
        let mut host = CodexHome::new(st, ".codex", Era::V169);
        host.store("auth.json", &login, &shared, shared.issued + 914);
        host.thread(Front::Tui, &[(utc("2026-05-20 10:00:00"), C::Done)]);
        host.finish(home);
        let mut first = CodexHome::new(st, "spawn/one/.codex", Era::V169);
        first.store("auth.json", &login, &newer, newer.issued + 874);
        first.thread(Front::Exec, &[(newer.issued - 1_000, C::Done)]);
        first.finish(home);
        let mut second = CodexHome::new(st, "spawn/two/.codex", Era::V169);
        second.store("auth.json", &login, &shared, shared.issued + 914);
        second.thread(Front::Exec, &[(utc("2026-05-22 11:30:02"), ALREADY_USED), (utc("2026-05-22 11:31:40"), ALREADY_USED)]);
        second.finish(home);
        own_hermes(st, home, &account, "2026-05-22 11:28:00");
    },
};

/// A15, A16: a usage meter.
pub(super) const METER: Scenario = Scenario {
    name: "usage-meter",
    happened: "A usage meter refreshes when `last_refresh` is older than eight days, and throws the answer away. It did so on 21 May; Codex, \
               whose access token had a day to go, was refused on the 22nd. Two minutes before, opencode refreshed a login of its own.",
    conclusion: "The token was spent while the access token was good, no store holds a newer one of that login, and opencode's login is \
                 another one: the consumer is unseen.",
    hours: 2,
    expected: &[Verdict { victim: "codex", failed_turns: 2..=2, ..UNSEEN }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-04-28 18:03:11"));
        let pair = login.mint(st, utc(FAILED) - 9 * DAY);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &pair, pair.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-05-21 10:00:00"), C::Done)]);
        codex.thread(Front::Vscode, &[(utc(FAILED), ALREADY_USED), (utc("2026-05-22 09:20:31"), ALREADY_USED)]);
        codex.finish(home);
        let own = Grant::new(st, &account, utc("2026-05-03 11:00:00"));
        let other = own.mint(st, utc(FAILED) - 2 * MINUTE);
        opencode(st, home, &own, &other, utc("2026-05-22 08:00:00"), other.issued + 606);
    },
};

/// B5: a refresh that nothing asked for.
pub(super) const FORCED_REFRESH: Scenario = Scenario {
    name: "forced-refresh-of-a-fresh-login",
    happened: "OpenClaw was logged in on 18 March at 05:00:05 and gave the pair to three agents. A defect made each of them refresh at 05:00:40: \
               one won, two were refused, though the access token had ten days to go. Codex refreshed a login of its own at 05:00:38.",
    conclusion: "Two refusals and one success of one program in one second, 35 s after its login: nothing had to be refreshed. OpenClaw spent \
                 its own token; Codex' login is another one.",
    hours: 1,
    expected: &[Verdict { victim: "openclaw", actor: Some("openclaw"), failed_turns: 2..=2, ..ITSELF }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-03-18 04:59:50"));
        let shared = login.mint(st, utc("2026-03-18 05:00:05"));
        let mut claw = MarchOpenClaw::new(st, 3, &login, &shared, utc("2026-03-18 05:00:05.812"));
        claw.started(utc("2026-03-18 05:00:20.348"));
        let newer = login.mint(st, utc("2026-03-18 05:00:40"));
        claw.refreshed(0, &login, &newer, newer.issued + 704);
        claw.done(0, utc("2026-03-18 05:00:40.100"), false);
        claw.refused(1, utc("2026-03-18 05:00:40.110"));
        claw.refused(2, utc("2026-03-18 05:00:40.147"));
        claw.finish(home);
        let own = Grant::new(st, &account, utc("2026-02-27 19:40:31"));
        let mut codex = CodexHome::new(st, ".codex", Era::V098);
        codex.store("auth.json", &own, &own.mint(st, utc("2026-03-18 05:00:38")), utc("2026-03-18 05:00:38.733"));
        codex.thread(Front::Tui, &[(utc("2026-03-18 05:00:37"), C::Done)]);
        codex.finish(home);
    },
};

/// B12: two entries of one store.
pub(super) const SINGLETON_AND_POOL: Scenario = Scenario {
    name: "singleton-and-pool-entry-differ",
    happened: "Hermes 0.13 refreshed its login on 20 May and wrote the new pair to the provider's own entry, not to the pool. On 22 May the \
               pool's entry was taken, and its refresh refused. Codex refreshed a login of its own a minute before.",
    conclusion: "One file holds two generations of one login, the older one in the pool, which is marked after a failed refresh: Hermes \
                 presented a token that it had exchanged itself. Codex' login is another one.",
    hours: 2,
    expected: &[Verdict { actor: Some("hermes"), confidence: ("possible", "likely"), ..ITSELF }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-05-02 06:11:40"));
        let (older, newer) = (login.mint(st, utc("2026-05-12 06:11:44")), login.mint(st, utc("2026-05-20 09:02:31")));
        refused_hermes(st, home, &login, &newer, newer.issued + 512, false);
        home.keep(|path| !path.contains("state-snapshots"));
        home.change(".hermes/auth.json", |text| {
            let at = text.find("\"credential_pool\"").unwrap();
            let pool = text[at..].replace(&newer.access, &older.access).replace(&newer.refresh, &older.refresh);
            format!("{}{pool}", &text[..at])
        });
        let own = Grant::new(st, &account, utc("2026-05-02 10:11:12"));
        let (before, now) = (own.mint(st, utc("2026-05-12 08:19:40")), own.mint(st, utc(FAILED) - MINUTE));
        codex_home(st, home, ".codex", &[("auth.json.bak", &own, &before), ("auth.json", &own, &now)], &["2026-05-22 10:30:00"]);
    },
};

/// Codex' store shows a rotation after the failure only; it worked on past the end of its token before.
fn overwritten(st: &Stage, home: &mut Home, after: impl FnOnce(&mut CodexHome<'_>, &Account, &Grant, &Pair)) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-04-08 18:03:11"));
    let shared = login.mint(st, utc("2026-05-12 07:41:09"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &login, &shared, shared.issued + 914);
    after(&mut codex, &account, &login, &shared);
    codex_answers(&mut codex, &["2026-05-21 10:00:00", "2026-05-22 08:05:00", "2026-05-22 08:11:30"]);
    codex.finish(home);
    refused_hermes(st, home, &login, &shared, shared.issued + 41_000 * SECOND, true);
}

/// §4.3: a store keeps its latest rotation only.
pub(super) const OVERWRITTEN: Scenario = Scenario {
    name: "rotation-overwritten-in-its-store",
    happened: "Codex refreshed the login that Hermes had taken over when it ended on 22 May at 07:41; Hermes was refused at 08:20. On 24 May \
               Codex refreshed once more after a refused call, which is all that its store shows.",
    conclusion: "The only rotation on record is two days too late. But Codex held Hermes' very token, its access token ended at 07:41, and it \
                 answered turns at 08:05 and 08:11 in the same login session: it must have exchanged that token in between.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "likely"), ..CODEX_DID_IT }],
    play: |st, home| {
        overwritten(st, home, |codex, _, login, _| {
            let latest = login.mint(st, utc("2026-05-24 12:00:00"));
            codex.store("auth.json", login, &latest, latest.issued + 700);
        })
    },
};

/// The same, and a login explains that it worked on.
pub(super) const OVERWRITTEN_BY_A_LOGIN: Scenario = Scenario {
    name: "worked-on-with-a-login-of-its-own",
    happened: "As before, but Codex went on with a login of its own of 07:58, and something unseen had spent Hermes' token.",
    conclusion: "That Codex worked after the end of its old token is explained by its login; nothing shows that it exchanged the token that \
                 Hermes held.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| {
        overwritten(st, home, |codex, account, _, _| {
            let new = Grant::new(st, account, utc("2026-05-22 07:57:50"));
            let pair = new.mint(st, utc("2026-05-22 07:58:01"));
            codex.login(utc("2026-05-22 07:57:31"), pair.issued);
            codex.store("auth.json", &new, &pair, pair.issued + 14);
        })
    },
};
