//! Scenarios in which a program lost its own token: a write that failed, an answer that did not arrive, a
//! store that was put back. Nobody else took part.

use super::super::clock::{DAY, MINUTE, SECOND, utc};
use super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front, NOT_RENEWED, Rows};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::{Scenario, Verdict};

/// D1: a read-only store does not keep a refresh from happening.
pub(super) const WRITE_REFUSED: Scenario = Scenario {
    name: "writeback-refused",
    happened: "Codex 0.169 in a sandbox has the folder of its store mounted read-only. On 21 November its access token had ended; at \
               21:32:40 UTC it refreshed, the server rotated the token, and the write failed. It went on with the new pair in memory \
               until the task began a new process at 23:27, which read the store and was refused. Hermes on the same account has a \
               login of its own and refreshed that at 23:11.",
    conclusion: "Codex' log says that it could not write its store right after a refresh began, its store still holds the pair of 11 \
                 November, and no store holds a newer one of that login: Codex spent its own token and lost what it got. Hermes' \
                 refresh a quarter of an hour before the refusal is of another login session.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "writeback_lost",
        actor: Some("codex"),
        confidence: ("likely", "very_likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-11-01 08:14:09"));
        let pair = login.mint(st, utc("2026-11-11 19:20:02"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &pair, pair.issued + 744);
        codex.thread(Front::Tui, &[(utc("2026-11-20 15:02:11"), C::Done)]);
        let mut rows = Rows::of(st, Front::Tui, utc("2026-11-21 21:32:30"));
        rows.not_stored(utc("2026-11-21 21:32:40.118"), "Read-only file system (os error 30)");
        rows.beats(utc("2026-11-21 21:33:00"), utc("2026-11-21 23:20:00"), 9 * MINUTE);
        codex.thread(Front::Tui, &[(utc("2026-11-21 21:32:39"), C::Done), (utc("2026-11-21 22:48:05"), C::DoneWithCommand)]);
        rows.begun(Front::Tui, utc("2026-11-21 23:26:55"));
        rows.refused(utc("2026-11-21 23:27:03.700"));
        codex.logs(rows);
        let dead = ["2026-11-21 23:27:02", "2026-11-21 23:31:40", "2026-11-22 06:02:19"].map(|at| (utc(at), ALREADY_USED));
        codex.thread(Front::Tui, &dead);
        codex.finish(home);

        let own = Grant::new(st, &account, utc("2026-11-02 17:40:00"));
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-11-19 05:41:00"));
        let before = own.mint(st, utc("2026-11-11 23:12:30"));
        hermes.own_login(&own, &before, before.issued + 380);
        hermes.snapshot(utc("2026-11-19 06:20:14.502"), "weekly");
        hermes.refreshed(&own.mint(st, utc("2026-11-21 23:11:12")), utc("2026-11-21 23:11:12.490"));
        hermes.ask(utc("2026-11-21 23:11:12.204"), H::Done);
        hermes.ask(utc("2026-11-22 07:15:20"), H::Done);
        hermes.finish(home);
    },
};

/// D3: the new pair lives in memory, until the restart.
pub(super) const MEMORY_ONLY: Scenario = Scenario {
    name: "writeback-in-memory-only",
    happened: "Hermes 0.13 runs in a container whose home is rebuilt from an image at each start. Its login is of 12 May. On 18 May a \
               call was refused and Hermes refreshed; what it got lived in the container. On 20 May at 05:50 UTC the container was \
               rebuilt, and with the next message Hermes presented the token of 12 May. Codex on a login of its own works throughout.",
    conclusion: "Hermes' log shows a refresh that worked on 18 May; its store holds the pair of 12 May and no store a newer one of that \
                 login; the refusals begin with the restart. Hermes spent its own token and did not keep the result. Codex' login is \
                 another one.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "writeback_lost",
        actor: Some("hermes"),
        confidence: ("possible", "likely"),
        failed_turns: 3..=3,
    }],
    play: memory_only,
};

fn memory_only(st: &Stage, home: &mut super::super::home::Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-12 06:11:40"));
    let pair = login.mint(st, utc("2026-05-12 06:11:44"));
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-12 06:14:00"));
    hermes.own_login(&login, &pair, pair.issued + 391);
    hermes.ask(utc("2026-05-12 06:20:10"), H::Done);
    hermes.snapshot(utc("2026-05-14 05:44:10.870"), "weekly");
    hermes.ask(utc("2026-05-17 17:22:08"), H::DoneWithTool);
    let newer = login.mint(st, utc("2026-05-18 09:02:31"));
    hermes.refreshed(&newer, newer.issued + 512);
    hermes.ask(newer.issued - 2_400, H::DoneAfterRefresh);
    hermes.ask(utc("2026-05-19 20:40:51"), H::Done);
    hermes.lost(&pair, pair.issued + 391);
    hermes.restarted(utc("2026-05-20 05:50:02"));
    for at in ["2026-05-20 06:10:33", "2026-05-20 06:12:20", "2026-05-20 11:45:09"] {
        hermes.ask(utc(at), H::AlreadyConsumed);
    }
    hermes.finish(home);

    let own = Grant::new(st, &account, utc("2026-05-02 10:11:12"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    let (before, now) = (own.mint(st, utc("2026-05-09 14:22:01")), own.mint(st, utc("2026-05-19 14:25:37")));
    codex.store("auth.json.bak", &own, &before, before.issued + 918);
    codex.store("auth.json", &own, &now, now.issued + 846);
    codex.thread(Front::Tui, &[(utc("2026-05-19 14:25:36.104"), C::Done), (utc("2026-05-20 07:50:10"), C::DoneWithCommand)]);
    codex.finish(home);
}

/// D4: a server error at the token endpoint, then the same token again.
pub(super) const ANSWER_LOST: Scenario = Scenario {
    name: "refresh-answer-lost",
    happened: "The access token of Codex 0.169 ended on 22 November at 08:20:09 UTC. Its refresh at 08:20:32 was answered with a 503 by \
               a proxy, though the login service had carried it out. At 08:47 Codex sent the same refresh token again and was refused. \
               Nobody else holds the login; Hermes has one of its own.",
    conclusion: "A refresh without a usable answer, then `refresh_token_reused` for the same token, one holder, no newer pair anywhere: \
                 the first attempt had been carried out. That is inferred, so likely and no more.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "refresh_response_lost",
        actor: Some("codex"),
        confidence: ("likely", "likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-10-30 18:03:11"));
        let pair = login.mint(st, utc("2026-11-12 08:20:09"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &pair, pair.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-11-21 17:40:22"), C::Done), (utc("2026-11-22 07:55:10"), C::Done)]);
        let mut rows = Rows::of(st, Front::Tui, utc("2026-11-22 07:54:50"));
        rows.failed(utc("2026-11-22 08:20:32.905"), "503 Service Unavailable");
        rows.refused(utc("2026-11-22 08:47:06.400"));
        codex.logs(rows);
        let turns =
            [("2026-11-22 08:20:31", NOT_RENEWED), ("2026-11-22 08:47:05", ALREADY_USED), ("2026-11-22 19:40:33", ALREADY_USED)];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
        own_hermes(st, home, &account, "2026-11-21 22:00:41");
    },
};

/// D5: the machine slept in the middle of a refresh.
pub(super) const BROKEN_OFF: Scenario = Scenario {
    name: "refresh-broken-off",
    happened: "A laptop was shut in the middle of a refresh of Codex 0.169 on 21 November at 22:04:18 UTC; the server had answered, the \
               process never read it and was ended. On the 22nd a new process presented the same refresh token and was refused.",
    conclusion: "The log of one process ends right after it began a refresh, the next process is refused as used, one holder, no newer \
                 pair anywhere: that refresh had been carried out.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "refresh_response_lost",
        actor: Some("codex"),
        confidence: ("likely", "likely"),
        failed_turns: 2..=2,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-10-30 18:03:11"));
        let pair = login.mint(st, utc("2026-11-11 22:06:09"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &pair, pair.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-11-21 21:40:22"), C::Done)]);
        let mut rows = Rows::of(st, Front::Tui, utc("2026-11-21 21:40:02"));
        rows.breaks_off(utc("2026-11-21 22:04:18.212"));
        rows.begun(Front::Tui, utc("2026-11-22 07:30:40"));
        rows.refused(utc("2026-11-22 07:31:06.400"));
        codex.logs(rows);
        codex.thread(Front::Tui, &["2026-11-22 07:31:05", "2026-11-22 07:44:50"].map(|at| (utc(at), ALREADY_USED)));
        codex.finish(home);
        own_hermes(st, home, &account, "2026-11-21 20:00:41");
    },
};

/// Hermes on a login of its own, refreshed at this time.
pub(super) fn own_hermes(st: &Stage, home: &mut super::super::home::Home, account: &Account, refreshed: &str) {
    let own = Grant::new(st, account, utc(refreshed) - 19 * DAY);
    let mut hermes = Hermes::start(st, Version::V013, utc(refreshed) - 2 * DAY);
    let before = own.mint(st, utc(refreshed) - 10 * DAY);
    hermes.own_login(&own, &before, before.issued + 380);
    hermes.snapshot(utc(refreshed) - 40 * 3_600 * SECOND, "weekly");
    let now = own.mint(st, utc(refreshed));
    hermes.refreshed(&now, now.issued + 455);
    hermes.ask(now.issued + 180, H::Done);
    hermes.finish(home);
}

/// C2: a vault put a consumed pair back.
pub(super) const VAULT_SWITCH: Scenario = Scenario {
    name: "vault-put-back",
    happened: "Somebody switches accounts by copying files. Codex' login of 12 May was saved in a vault; Codex refreshed it on 19 May; \
               on 20 May the work account was put in its place and the present file saved beside it, and at 18:30 UTC the vault's copy \
               of 12 May came back by `cp`. It worked until its access token ended on 22 May.",
    conclusion: "The live store holds the pair of 12 May again; a copy beside it holds the successor of 19 May in the same login session, \
                 made by Codex itself; a shell's history has the `cp`. The refresh token had been exchanged by Codex on 19 May. Hermes' \
                 login of its own, refreshed an hour before the refusal, is another one.",
    hours: 2,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "stale_copy_replay",
        actor: Some("codex"),
        confidence: ("likely", "very_likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-05-02 18:03:11"));
        let (old, newer) = (login.mint(st, utc("2026-05-12 08:20:09")), login.mint(st, utc("2026-05-19 08:02:40")));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json.20260520", &login, &newer, newer.issued + 803);
        codex.store("auth.json", &login, &old, old.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-05-19 08:02:39"), C::Done), (utc("2026-05-20 10:12:00"), C::Done)]);
        codex.thread(Front::Tui, &[(utc("2026-05-21 10:00:00"), C::Done)]);
        codex.thread(
            Front::Tui,
            &["2026-05-22 08:20:31", "2026-05-22 08:47:05", "2026-05-22 19:40:33"].map(|at| (utc(at), ALREADY_USED)),
        );
        codex.finish(home);
        let at = utc("2026-05-20 18:30:12") / SECOND;
        let typed = format!(": {}:0;ls ~/vault\n: {at}:0;cp ~/vault/personal.json ~/.codex/auth.json\n", at - 9);
        home.put(".zsh_history", typed, at * SECOND);
        own_hermes(st, home, &account, "2026-05-22 07:21:00");
    },
};

/// C3: a secret seeds the store at each start.
pub(super) const SEEDED_SECRET: Scenario = Scenario {
    name: "seeded-at-each-start",
    happened: "A container of Codex 0.169 is filled with `auth.json` out of a secret at each start. The secret holds the pair of 3 \
               November. Codex refreshed it on 13 November; the container was started anew on the 14th, the 17th and the 20th, each \
               time with the pair of the 3rd, and each first turn was refused.",
    conclusion: "Codex' log shows its own refresh of 13 November, which Codex logs only when its store has the new pair; the store holds \
                 the pair from before. Somebody put the old one back. That the log alone shows the newer pair makes it likely.",
    hours: 0,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "stale_copy_replay",
        actor: Some("codex"),
        confidence: ("likely", "likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let login = Grant::new(st, &account, utc("2026-10-28 10:02:00"));
        let pair = login.mint(st, utc("2026-11-03 10:15:22"));
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &pair, pair.issued + 377);
        let mut rows = Rows::of(st, Front::Tui, utc("2026-11-13 09:30:00"));
        rows.refreshed(utc("2026-11-13 10:13:30"), &account);
        codex.thread(Front::Tui, &[(utc("2026-11-13 09:31:00"), C::Done), (utc("2026-11-13 10:13:29"), C::Done)]);
        for at in ["2026-11-14 06:00:00", "2026-11-17 06:00:00", "2026-11-20 06:00:00"] {
            rows.begun(Front::Tui, utc(at));
            rows.refused(utc(at) + 62_300);
            codex.thread(Front::Tui, &[(utc(at) + 61_000, ALREADY_USED)]);
        }
        codex.logs(rows);
        codex.finish(home);
    },
};
