//! Scenarios in which a refresh token was spent by somebody else than its holder.

use super::super::clock::utc;
use super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front, VscodeLog};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::openclaw::{Answer as O, CODEX_MODEL, MarchOpenClaw, OpenClaw};
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::{Scenario, Verdict};

/// The seed issue as consumption.
pub(super) const FOUNDING: Scenario = Scenario {
    name: "founding-consumed",
    happened: "Hermes 0.13 had imported the Codex login on 12 May and Codex had kept it too. On 22 May both access tokens ended at \
               07:41:09 UTC; a person at the terminal used Codex first, which refreshed at 07:41:52, and Hermes met \
               `refresh_token_reused` with the next chat message at 08:20:31 and with every one after it. OpenClaw 2026.5.7 on a \
               login of its own, same account, never noticed.",
    conclusion: "A backup of `~/.codex/auth.json` holds the very refresh token that Hermes still holds, the current one holds its \
                 successor of the same login session, issued between the import and the first refusal; Codex goes on working, so \
                 the family is alive. Consumed by a refresh of the holder of `~/.codex` (terminal or VS Code, not separable).",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("codex"),
        confidence: ("very_likely", "confirmed"),
        failed_turns: 9..=9,
    }],
    play: founding,
};

fn founding(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-04-08 18:03:11"));
    let shared = login.mint(st, utc("2026-05-12 07:41:09"));
    let newer = login.mint(st, utc("2026-05-22 07:41:52"));

    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &login, &shared, utc("2026-05-12 07:41:10.204"));
    codex.store("auth.json", &login, &newer, utc("2026-05-22 07:41:53.118"));
    codex.thread(Front::Tui, &[(utc("2026-05-21 13:20:04"), C::Done), (utc("2026-05-21 13:31:47"), C::DoneWithCommand)]);
    codex.thread(Front::Tui, &[(utc("2026-05-22 07:41:50.302"), C::Done), (utc("2026-05-22 08:34:12"), C::Done)]);
    codex.thread(Front::Vscode, &[(utc("2026-05-22 09:10:31"), C::Done), (utc("2026-05-22 09:26:02"), C::Done)]);
    codex.thread(Front::Exec, &[(utc("2026-05-23 05:55:00"), C::Done)]);
    codex.finish(home);
    let mut vscode = VscodeLog::new(st, utc("2026-05-22 07:58:41"));
    vscode.relayed_warning(utc("2026-05-22 07:58:46.310"));
    vscode.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-05-12 19:05:31.402"));
    hermes.ask(utc("2026-05-18 06:12:10"), H::Done);
    hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
    for (at, answer) in [
        ("2026-05-19 16:40:02", H::DoneWithTool),
        ("2026-05-20 07:15:33", H::Done),
        ("2026-05-21 17:22:08", H::DoneToQuote),
        ("2026-05-22 06:55:40", H::Done),
        ("2026-05-22 08:20:31", H::AlreadyConsumed),
        ("2026-05-22 08:21:50", H::AlreadyConsumed),
        ("2026-05-22 08:47:05", H::AlreadyConsumed),
        ("2026-05-22 09:31:12", H::AlreadyConsumed),
        ("2026-05-22 11:02:40", H::AlreadyConsumed),
        ("2026-05-22 14:15:09", H::AlreadyConsumed),
        ("2026-05-22 19:40:33", H::AlreadyConsumed),
        ("2026-05-23 06:02:11", H::AlreadyConsumed),
        ("2026-05-23 06:03:40", H::AlreadyConsumed),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);

    let own = Grant::new(st, &account, utc("2026-05-16 09:12:40"));
    let mut claw = OpenClaw::start(st, utc("2026-05-22 05:50:00"), CODEX_MODEL);
    claw.store().own_login(&own, &own.mint(st, utc("2026-05-16 09:12:44")), utc("2026-05-16 09:12:44.934"));
    let (chat, other) = (claw.session(), claw.session());
    for (at, session, answer) in [
        ("2026-05-22 06:10:07", chat, O::Done),
        ("2026-05-22 07:30:19", chat, O::DoneWithTool),
        ("2026-05-22 08:25:44", chat, O::Done),
        ("2026-05-22 09:00:12", other, O::DoneToQuote),
        ("2026-05-22 12:30:58", chat, O::Done),
        ("2026-05-23 06:10:31", other, O::Done),
    ] {
        claw.ask(session, utc(at), answer);
    }
    claw.finish(home);
}

/// The seed issue as Hermes would leave it since its transcripts are rows of a database.
pub(super) const FOUNDING_IN_SQLITE: Scenario = Scenario {
    name: "founding-consumed-sqlite",
    happened: "As `founding-consumed`, in November with Hermes 0.19, whose gateway runs as a service that does not see `~/.codex`, so \
               that it cannot adopt what stands there. On 20 November both access tokens ended at 07:41:09 UTC; Codex refreshed at \
               07:41:52, a turn of Hermes that had begun before was refused after a tool had run, and the refresh that followed met \
               `refresh_token_reused`: Hermes emptied its store. Every message from then on was turned away before a turn began.",
    conclusion: "As `founding-consumed`: a state snapshot of Hermes holds the refresh token that a backup of `~/.codex/auth.json` holds \
                 too, the current one holds its successor of the same login session, and Hermes notes `refresh_token_reused` in the \
                 store that it emptied. Of the nine failed turns the database has one, as rows that break off; the log tells of all.",
    hours: 1,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("codex"),
        confidence: ("very_likely", "confirmed"),
        failed_turns: 9..=9,
    }],
    play: founding_in_sqlite,
};

fn founding_in_sqlite(st: &Stage, home: &mut Home) {
    november(st, home).finish(home);
}

/// The same of a gateway that is still at work, whose database has a write-ahead log.
pub fn founding_with_log(st: &Stage, home: &mut Home) {
    november(st, home).finish_running(home);
}

fn november<'s>(st: &'s Stage, home: &mut Home) -> Hermes<'s> {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-10-08 18:03:11"));
    let shared = login.mint(st, utc("2026-11-10 07:41:09"));
    let newer = login.mint(st, utc("2026-11-20 07:41:52"));

    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak", &login, &shared, utc("2026-11-10 07:41:10.204"));
    codex.store("auth.json", &login, &newer, utc("2026-11-20 07:41:53.118"));
    codex.thread(Front::Tui, &[(utc("2026-11-19 13:20:04"), C::Done), (utc("2026-11-19 13:31:47"), C::DoneWithCommand)]);
    codex.thread(Front::Tui, &[(utc("2026-11-20 07:41:50.302"), C::Done), (utc("2026-11-20 08:34:12"), C::Done)]);
    codex.thread(Front::Exec, &[(utc("2026-11-21 05:55:00"), C::Done)]);
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::G019, utc("2026-11-16 05:41:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-11-10 19:05:31.402"));
    hermes.ask(utc("2026-11-16 06:12:10"), H::Done);
    hermes.snapshot(utc("2026-11-17 05:44:10.870"), "weekly");
    for (at, answer) in [
        ("2026-11-17 16:40:02", H::DoneWithTool),
        ("2026-11-18 07:15:33", H::Done),
        ("2026-11-19 17:22:08", H::DoneToQuote),
        ("2026-11-20 06:55:40", H::Done),
        ("2026-11-20 07:38:50", H::ExpiredUnderway),
        ("2026-11-20 08:20:31", H::Emptied),
        ("2026-11-20 08:47:05", H::Emptied),
        ("2026-11-20 09:31:12", H::Emptied),
        ("2026-11-20 11:02:40", H::Emptied),
        ("2026-11-20 14:15:09", H::Emptied),
        ("2026-11-20 19:40:33", H::Emptied),
        ("2026-11-21 06:02:11", H::Emptied),
        ("2026-11-21 06:03:40", H::Emptied),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes
}

/// The consuming rotation lies 6.6 days back, an innocent one 90 seconds.
pub(super) const DAYS_BEFORE: Scenario = Scenario {
    name: "rotation-days-before",
    happened: "Hermes 0.13 imported the Codex login on 2 June. Codex refreshed it on 4 June at 16:50:33 UTC after one refused call, \
               and Hermes lived on its access token until that ended: refused on 11 June at 07:14:05, 6 days and 14 hours later. \
               Ninety seconds before that, a second CODEX_HOME (`~/.codex-work`, another account) refreshed a login of its own.",
    conclusion: "The near rotation is of another account and cannot have spent Hermes' token; the far one is its successor in the \
                 same login session, and a backup in `~/.codex` held the same refresh token as Hermes. Consumed by the holder of \
                 `~/.codex`; nearness in time means nothing.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("codex"),
        confidence: ("very_likely", "confirmed"),
        failed_turns: 5..=5,
    }],
    play: days_before,
};

fn days_before(st: &Stage, home: &mut Home) {
    let (account, work) = (Account::new(st), Account::new(st));
    let login = Grant::new(st, &account, utc("2026-05-03 20:14:52"));
    let shared = login.mint(st, utc("2026-06-01 07:12:20"));
    let newer = login.mint(st, utc("2026-06-04 16:50:33"));

    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &login, &shared, utc("2026-06-01 07:12:21.377"));
    codex.store("auth.json", &login, &newer, utc("2026-06-04 16:50:34.092"));
    codex.thread(Front::Tui, &[(utc("2026-06-04 16:41:02"), C::Done), (utc("2026-06-04 16:50:31.844"), C::Done)]);
    codex.thread(Front::Vscode, &[(utc("2026-06-08 09:12:30"), C::Done)]);
    codex.thread(Front::Tui, &[(utc("2026-06-11 07:32:44"), C::Done), (utc("2026-06-11 08:03:10"), C::DoneWithCommand)]);
    codex.finish(home);

    let second = Grant::new(st, &work, utc("2026-04-30 08:00:19"));
    let mut other = CodexHome::new(st, ".codex-work", Era::V130);
    other.store("auth.json", &second, &second.mint(st, utc("2026-06-11 07:12:35")), utc("2026-06-11 07:12:35.961"));
    other.thread(Front::Exec, &[(utc("2026-06-11 07:12:34.208"), C::Done)]);
    other.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-06-03 05:30:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-06-02 18:00:47.120"));
    hermes.ask(utc("2026-06-03 06:20:11"), H::Done);
    hermes.snapshot(utc("2026-06-03 06:31:05.512"), "before-trip");
    for (at, answer) in [
        ("2026-06-04 17:05:20", H::Done),
        ("2026-06-05 11:48:37", H::DoneWithTool),
        ("2026-06-07 19:02:55", H::Done),
        ("2026-06-09 06:44:13", H::DoneToQuote),
        ("2026-06-10 20:10:26", H::Done),
        ("2026-06-11 07:14:05", H::AlreadyConsumed),
        ("2026-06-11 07:15:31", H::AlreadyConsumed),
        ("2026-06-11 09:40:02", H::AlreadyConsumed),
        ("2026-06-11 12:12:48", H::AlreadyConsumed),
        ("2026-06-11 17:55:19", H::AlreadyConsumed),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);
}

/// The roles reversed.
pub(super) const HERMES_CULPRIT: Scenario = Scenario {
    name: "hermes-culprit",
    happened: "Codex CLI 0.169 and Hermes 0.13 shared one login since an import on 9 November. On 18 November Hermes came inside its \
               120 s before expiry first and refreshed at 08:18:41 UTC; Codex, idle since the evening before, met \
               `refresh_token_reused` with its next turn at 08:31:02. Hermes goes on working.",
    conclusion: "Codex still holds the refresh token that a Hermes snapshot of 15 November held too; Hermes now holds its successor \
                 in the same login session, issued 12 minutes before the first refusal. Hermes is the one that consumed it, and \
                 `codex login` would in turn end Hermes' login.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("hermes"),
        confidence: ("very_likely", "confirmed"),
        failed_turns: 4..=4,
    }],
    play: hermes_culprit,
};

fn hermes_culprit(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-10-29 17:22:40"));
    let shared = login.mint(st, utc("2026-11-08 08:20:15"));

    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", &login, &shared, utc("2026-11-08 08:20:16.031"));
    codex.thread(Front::Tui, &[(utc("2026-11-17 16:31:09"), C::Done), (utc("2026-11-17 16:40:26"), C::Done)]);
    codex.thread(
        Front::Tui,
        &[
            (utc("2026-11-18 08:31:02"), ALREADY_USED),
            (utc("2026-11-18 08:31:40"), ALREADY_USED),
            (utc("2026-11-18 08:45:10"), ALREADY_USED),
        ],
    );
    codex.thread(Front::Exec, &[(utc("2026-11-18 09:00:00"), ALREADY_USED)]);
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-11-14 06:00:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-11-09 17:30:12.744"));
    hermes.ask(utc("2026-11-14 07:11:30"), H::Done);
    hermes.snapshot(utc("2026-11-15 09:02:18.330"), "weekly");
    hermes.ask(utc("2026-11-16 10:20:44"), H::DoneWithTool);
    hermes.ask(utc("2026-11-17 21:15:05"), H::Done);
    hermes.refreshed(&login.mint(st, utc("2026-11-18 08:18:41")), utc("2026-11-18 08:18:41.655"));
    for (at, answer) in [
        ("2026-11-18 08:18:41.402", H::Done),
        ("2026-11-18 08:40:33", H::DoneToQuote),
        ("2026-11-18 09:10:20", H::Done),
        ("2026-11-18 12:00:51", H::Done),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);
}

/// The roles reversed, in a version of Codex whose rollouts do not say why a turn failed.
pub(super) const HERMES_CULPRIT_SILENT: Scenario = Scenario {
    name: "hermes-culprit-silent-rollouts",
    happened: "As `hermes-culprit`, in May with Codex CLI 0.130: Hermes 0.13 refreshed the shared login on 24 May at 06:58:30 UTC, two \
               minutes before the end of the access token, and Codex met `refresh_token_reused` at 07:20. Two turns failed in the \
               terminal program and one in `codex exec`.",
    conclusion: "The rollouts show three turns that ended without a message and without a reason; for the two of the terminal program \
                 `log/codex-tui.log` has the sentence that stands for `refresh_token_reused`. Hermes holds the successor of the token \
                 that Codex and an old Hermes snapshot hold. Hermes consumed it.",
    hours: 2,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("hermes"),
        confidence: ("likely", "confirmed"),
        failed_turns: 3..=3,
    }],
    play: hermes_culprit_silent,
};

fn hermes_culprit_silent(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-04 16:10:25"));
    let shared = login.mint(st, utc("2026-05-14 07:00:08"));

    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json", &login, &shared, utc("2026-05-14 07:00:08.964"));
    codex.thread(Front::Tui, &[(utc("2026-05-23 15:48:03"), C::Done), (utc("2026-05-23 16:05:40"), C::DoneWithCommand)]);
    codex.thread(Front::Tui, &[(utc("2026-05-24 07:20:14"), ALREADY_USED), (utc("2026-05-24 07:21:02"), ALREADY_USED)]);
    codex.thread(Front::Exec, &[(utc("2026-05-24 07:30:00"), ALREADY_USED)]);
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-20 05:40:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-05-15 18:22:36.108"));
    hermes.ask(utc("2026-05-20 06:02:47"), H::Done);
    hermes.snapshot(utc("2026-05-21 06:10:33.420"), "weekly");
    hermes.ask(utc("2026-05-23 20:14:20"), H::DoneWithTool);
    hermes.refreshed(&login.mint(st, utc("2026-05-24 06:58:30")), utc("2026-05-24 06:58:30.522"));
    hermes.ask(utc("2026-05-24 06:58:30.204"), H::Done);
    hermes.ask(utc("2026-05-24 07:41:19"), H::Done);
    hermes.ask(utc("2026-05-24 12:05:55"), H::DoneToQuote);
    hermes.finish(home);
}

/// Six agents, one profile, one second.
pub(super) const AGENTS_RACING: Scenario = Scenario {
    name: "openclaw-agents-racing",
    happened: "Six agents of one OpenClaw 2026.3.2 hold copies of one login, which ended on 18 March at 04:57:10 UTC. At 05:00:00 the \
               heartbeat woke all six: one refreshed, five were told `refresh_token_reused`, and again at 05:30 and 06:00, since \
               none of them reads the winner's store. Codex on another login of the same account did nothing.",
    conclusion: "Five refusals and one success of the same program in the same second, at the expiry of a profile that stands in six \
                 stores of one home; the only newer token of that login session is in a sixth agent's store. OpenClaw consumed its \
                 own token.",
    hours: 1,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "consumed",
        root_cause: "self_concurrent_refresh",
        actor: Some("openclaw"),
        confidence: ("likely", "confirmed"),
        failed_turns: 15..=15,
    }],
    play: agents_racing,
};

fn agents_racing(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-03-08 04:57:04"));
    let shared = login.mint(st, utc("2026-03-08 04:57:10"));
    let mut claw = MarchOpenClaw::new(st, 6, &login, &shared, utc("2026-03-08 04:57:10.812"));
    claw.started(utc("2026-03-17 20:51:12.348"));
    let everyone = 0..claw.agents();
    let winner = 3;
    for (who, at) in everyone.clone().zip(utc("2026-03-17 21:00:00")..) {
        claw.done(who, at + 400 * who as i64, who % 2 == 0);
    }
    claw.refreshed(winner, &login, &login.mint(st, utc("2026-03-18 05:00:00")), utc("2026-03-18 05:00:00.904"));
    for round in ["2026-03-18 05:00:00.110", "2026-03-18 05:30:00.110", "2026-03-18 06:00:00.110"] {
        for who in everyone.clone() {
            let at = utc(round) + 37 * who as i64;
            if who == winner { claw.done(who, at, false) } else { claw.refused(who, at) }
        }
    }
    claw.finish(home);

    let own = Grant::new(st, &account, utc("2026-02-27 19:40:31"));
    let mut codex = CodexHome::new(st, ".codex", Era::V098);
    codex.store("auth.json", &own, &own.mint(st, utc("2026-03-15 08:02:14")), utc("2026-03-15 08:02:14.733"));
    codex.thread(Front::Tui, &[(utc("2026-03-17 15:10:22"), C::Done)]);
    codex.thread(Front::Tui, &[(utc("2026-03-18 07:05:40"), C::DoneWithCommand)]);
    codex.finish(home);
}

/// Nobody on this machine has the newer token.
pub(super) const UNRECORDED: Scenario = Scenario {
    name: "unrecorded-consumer",
    happened: "A usage meter that is not in these files redeemed the refresh token of Hermes' own login and threw the answer away. \
               Hermes met `refresh_token_reused` when its access token ended on 21 May. Codex has a login of its own on the same \
               account and refreshed it the day before.",
    conclusion: "The token was spent, that much the code proves. No store holds a newer token of Hermes' login session, Hermes' own \
                 store and snapshot have not moved since the login, and Codex' login is another one: who spent it is not in the files.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "unrecorded_consumer",
        actor: None,
        confidence: ("possible", "very_likely"),
        failed_turns: 5..=5,
    }],
    play: unrecorded,
};

fn unrecorded(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-11 06:20:28"));
    let pair = login.mint(st, utc("2026-05-11 06:20:33"));
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-11 06:22:00"));
    hermes.own_login(&login, &pair, utc("2026-05-11 06:20:33.391"));
    hermes.ask(utc("2026-05-11 06:25:14"), H::Done);
    hermes.snapshot(utc("2026-05-16 18:20:42.006"), "weekly");
    for (at, answer) in [
        ("2026-05-12 09:00:27", H::Done),
        ("2026-05-14 17:33:41", H::DoneWithTool),
        ("2026-05-17 08:12:09", H::Done),
        ("2026-05-19 20:41:56", H::DoneToQuote),
        ("2026-05-20 21:03:30", H::Done),
        ("2026-05-21 06:19:12", H::AlreadyConsumed),
        ("2026-05-21 06:20:40", H::AlreadyConsumed),
        ("2026-05-21 08:02:13", H::AlreadyConsumed),
        ("2026-05-21 12:45:50", H::AlreadyConsumed),
        ("2026-05-21 19:10:04", H::AlreadyConsumed),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);

    let own = Grant::new(st, &account, utc("2026-05-02 10:11:12"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &own, &own.mint(st, utc("2026-05-10 14:22:01")), utc("2026-05-10 14:22:01.918"));
    codex.store("auth.json", &own, &own.mint(st, utc("2026-05-20 14:25:37")), utc("2026-05-20 14:25:37.846"));
    codex.thread(Front::Tui, &[(utc("2026-05-20 14:25:36.104"), C::Done), (utc("2026-05-21 07:50:10"), C::DoneWithCommand)]);
    codex.finish(home);
}
