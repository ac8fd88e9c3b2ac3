//! Near misses about refusals that another program's log tells of, and that stand in this one's as an answer, as a
//! command's output, as another service's error: for each log a healthy login beside such lines, and beside that
//! the same lines where the login really died. Another client has spent the token each time, so that the quoted
//! words would be just what is due.

use super::super::super::clock::{Clock, DAY, HOUR, MINUTE, SECOND, iso_us, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::opencode::opencode;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::{FAILED, PERHAPS_CODEX, codex_home};

/// When the lines were pasted or printed.
const PASTED: &str = "2026-05-22 07:31:12.415";
/// What the token endpoint answers about a token that was used, as clients print it.
const BODY: &str = "{\n  \"error\": {\n    \"message\": \"Your refresh token has already been used to generate a new access token. Please try \
                    signing in again.\",\n    \"type\": \"invalid_request_error\",\n    \"param\": null,\n    \"code\": \
                    \"refresh_token_reused\"\n  }\n}";

/// A login and a pair of it that another client spent on the evening of 21 May: the access token ends right
/// before the first refusal, or days later.
fn spent(st: &Stage, account: &Account, is_due: bool) -> (Grant, Pair, Pair) {
    let login = Grant::new(st, account, utc("2026-04-08 18:03:11"));
    let end = if is_due { utc(FAILED) - 22 * SECOND } else { utc(FAILED) + 5 * DAY };
    let pair = login.mint(st, end - 10 * DAY);
    let renewed = login.mint(st, utc("2026-05-21 19:14:27"));
    (login, pair, renewed)
}

/// Codex, which spent it.
fn codex(st: &Stage, home: &mut Home, (login, shared, renewed): &(Grant, Pair, Pair)) {
    let stores = [("auth.json.bak", login, shared), ("auth.json", login, renewed)];
    codex_home(st, home, ".codex", &stores, &["2026-05-21 19:14:25", "2026-05-22 05:14:25", "2026-05-22 18:02:40"]);
}

/// OpenClaw, whose console holds an answer with another machine's log; and it may be refused itself, while another
/// agent answers and is asked again.
fn console(st: &Stage, home: &mut Home, is_refused: bool, is_busy: bool) {
    let account = Account::new(st);
    let held = spent(st, &account, is_refused);
    codex(st, home, &held);
    let mut claw = OpenClaw::start(st, utc("2026-05-22 05:20:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(&held.0, &held.1);
    let chat = claw.session();
    let good = ["2026-05-22 06:40:03", "2026-05-22 07:30:50", "2026-05-22 07:52:19", "2026-05-22 11:10:02"];
    good.iter().take(if is_refused { 3 } else { 4 }).for_each(|at| claw.ask(chat, utc(at), O::Done));
    claw.finish(home);
    let at = |ms: i64, text: &str| format!("{} {text}\n", st.clock.tslog(ms));
    let done = |ms: i64| at(ms, "[ws] ⇄ res ✓ agent 4015ms runId=83aa6047-100a-4773-a230-da4e30f6af00 conn=538b…dfc2 id=9b0a…9515");
    let refusal = format!("[openai-codex] Token refresh failed: 401 {BODY}\n");
    let now = utc(PASTED);
    let mut text = [
        at(utc("2026-05-22 05:20:00"), "[gateway] starting..."),
        at(utc("2026-05-22 05:20:19"), "[gateway] agent model: openai-codex/gpt-5.5 (thinking=medium, fast=off)"),
        done(now - 40 * MINUTE),
        format!("This is what the other machine says:\n```\n{refusal}```\nIts login is gone.\n"),
        done(now),
        refusal.clone(),
        done(now + 21 * MINUTE),
    ]
    .concat();
    let error =
        "OAuth token refresh failed for openai-codex: Failed to refresh OpenAI Codex token. Please try again or re-authenticate.";
    for (failed, run) in [(utc(FAILED), "5e7c1b52"), (utc(FAILED) + 26 * MINUTE, "0d41a7c9")].into_iter().filter(|_| is_refused) {
        let lane = |name: &str| format!("[diagnostic] lane task error: lane={name} durationMs=1748 error=\"Error: {error}\"");
        let answer = format!(
            "[ws] ⇄ res ✗ agent errorCode=UNAVAILABLE errorMessage=FailoverError: {error} runId={run}-8b21-4f0e-9d3a-6f2b8c1e7a90 error=x"
        );
        if is_busy {
            text += &["Your next two appointments are at nine and at eleven.\n", &refusal, &done(failed - 4)].concat();
        } else {
            text += &refusal;
        }
        text += &[at(failed, &lane("main")), at(failed + 3, &lane("session:agent:main:main")), at(failed + 410, &answer)].concat();
    }
    home.put(".openclaw/logs/gateway.log", text, utc(FAILED) + HOUR);
}

pub(super) const CONSOLE_ANSWER: Scenario = Scenario {
    name: "log-of-another-machine-in-an-answer",
    happened: "The model's answers on OpenClaw's console hold lines of another machine's log: once among words of its own, once alone.",
    conclusion: "The gateway says nothing of a failed run, and says that the answers were given: the lines are parts of them.",
    hours: 2,
    expected: &[],
    play: |st, home| console(st, home, false, false),
};

pub(super) const CONSOLE_OWN: Scenario = Scenario {
    name: "own-refusals-behind-a-quoted-one",
    happened: "The same, and an hour later the shared login really failed, as its access token ended.",
    conclusion: "The gateway's own lines stand right behind the later refusals, and turns failed by them.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 2..=2, confidence: ("likely", "confirmed"), ..PERHAPS_CODEX }],
    play: |st, home| console(st, home, true, false),
};

pub(super) const CONSOLE_BUSY: Scenario = Scenario {
    name: "own-refusals-among-the-lines-of-another-agent",
    happened: "The same, while another agent's answer stood right before each refusal and its next run was accepted right behind it.",
    conclusion: "The gateway's own lines about the failed run follow within milliseconds; that another run was accepted says nothing.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 2..=2, confidence: ("very_likely", "confirmed"), ..PERHAPS_CODEX }],
    play: |st, home| console(st, home, true, true),
};

/// What a command printed of another machine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Printed {
    /// Lines of its log.
    Log,
    /// The standard error of its runs, with their banners and how they ended.
    Runs,
}

/// `codex exec` printed for people what a command showed it of another machine; and it may fail itself.
fn exec(st: &Stage, home: &mut Home, is_refused: bool, of: Printed) {
    let account = Account::new(st);
    let (login, shared, renewed) = spent(st, &account, is_refused);
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json", &login, &shared, shared.issued + 914);
    let now = utc(PASTED);
    codex.thread(Front::Exec, &[(now - 2 * HOUR, C::Done), (now, C::DoneWithCommand)]);
    let after = if is_refused { ALREADY_USED } else { C::Done };
    codex.thread(Front::Exec, &[(utc(FAILED), after)]);
    codex.thread(Front::Exec, &[(utc(FAILED) + 2 * HOUR, after)]);
    codex.finish(home);
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
    hermes.imported_from_codex(&login, &shared, shared.issued + 41_000_000);
    hermes.ask(utc("2026-05-18 07:11:30"), H::Done);
    hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
    hermes.refreshed(&renewed, renewed.issued + 655);
    hermes.ask(renewed.issued - 300, H::Done);
    hermes.ask(utc("2026-05-22 12:00:51"), H::Done);
    hermes.finish(home);
    let refusal =
        |ms: i64| format!("{} ERROR codex_login::auth::manager: Failed to refresh token: 401 Unauthorized: {BODY}\n", iso_us(ms));
    let banner = "OpenAI Codex v0.130.0\n--------\nworkdir: /srv/nightly\nmodel: gpt-5.5\nprovider: openai\n--------\nuser\nWhy does the other \
                  machine fail?\n";
    let said = "ERROR: Your access token could not be refreshed because your refresh token was already used. Please log out and sign in \
                again.\n";
    let quoted = |minutes: &i64| match of {
        Printed::Log => refusal(now + minutes * MINUTE),
        Printed::Runs => format!("{banner}{}{said}", refusal(now + minutes * MINUTE)),
    };
    let quoted: String = [-51, -47, -40].iter().map(quoted).collect();
    let output = format!("exec\n/bin/bash -lc 'tail -n 24 /mnt/other/kept.log' in /srv/nightly\n succeeded in 38ms:\n{quoted}");
    let mut text = format!("{banner}{output}codex\nIts refresh token was used elsewhere.\ntokens used\n2,114\n");
    if is_refused {
        for failed in [utc(FAILED), utc(FAILED) + 2 * HOUR] {
            text += &format!("{banner}{}{said}", refusal(failed + 702));
        }
    }
    home.put("nightly/codex.err", text, utc(FAILED) + 2 * HOUR + MINUTE);
}

pub(super) const EXEC_OUTPUT: Scenario = Scenario {
    name: "log-of-another-machine-printed-by-a-command",
    happened: "A command that `codex exec` ran printed the end of another machine's log, and with it onto the standard error that was kept.",
    conclusion: "The lines stand in a command's output, and the run went on: nobody refused anything here.",
    hours: 0,
    expected: &[],
    play: |st, home| exec(st, home, false, Printed::Log),
};

pub(super) const EXEC_OWN: Scenario = Scenario {
    name: "own-refusals-after-a-commands-output",
    happened: "The same, and the next two runs failed: Hermes had spent the shared token the evening before.",
    conclusion: "The refusals of the later runs are followed by the sentence that ended them.",
    hours: 0,
    expected: &[Verdict {
        victim: "codex",
        actor: Some("hermes"),
        failed_turns: 2..=2,
        confidence: ("likely", "confirmed"),
        ..PERHAPS_CODEX
    }],
    play: |st, home| exec(st, home, true, Printed::Log),
};

pub(super) const EXEC_RUNS: Scenario = Scenario {
    name: "runs-of-another-machine-printed-by-a-command",
    happened: "A command printed what `codex exec` had printed on another machine, where three runs failed, with the sentence that ended each.",
    conclusion: "The run that printed it went on and answered: the ends were not its own.",
    hours: 0,
    expected: &[],
    play: |st, home| exec(st, home, false, Printed::Runs),
};

/// opencode holds a spent token, and its log errors of other parts in the words of its refresh.
fn code(st: &Stage, home: &mut Home, is_refused: bool) {
    let account = Account::new(st);
    let held = spent(st, &account, is_refused);
    codex(st, home, &held);
    opencode(st, home, &held.0, &held.1, held.1.issued - 30 * SECOND, held.1.issued + 606);
    let line = |level: &str, ms: i64, text: &str| format!("{level} {} +412ms service={text}\n", Clock::utc().print(ms, "%FT%T"));
    let now = utc(PASTED);
    let mut lines = vec![
        line("INFO ", now - SECOND, "session.prompt step=0 loop"),
        line("ERROR", now, "mcp.oauth key=tracker error=Token refresh failed: 401"),
        line("ERROR", now + 40 * SECOND, "plugin.copilot error=Token refresh failed: 401"),
        line("ERROR", now + 90 * SECOND, "tool.bash error=grep: Token refresh failed: 401 in notes.md"),
        line(
            "ERROR",
            now + 95 * SECOND,
            "session.processor error=Token refresh failed: 401 stack=\"Error: Token refresh failed: 401\" process",
        ),
        line("INFO ", now + 99 * SECOND, "session.prompt step=1 loop"),
    ];
    for failed in [utc(FAILED), utc(FAILED) + 7 * MINUTE].into_iter().filter(|_| is_refused) {
        lines.push(line("INFO ", failed, "plugin.codex refreshing codex access token"));
        lines.push(line("ERROR", failed + SECOND, "session.processor error=Token refresh failed: 401 stack=\"Error\" process"));
    }
    let path = home.files().map(|(path, _)| path.to_owned()).find(|path| path.contains("opencode/log/")).unwrap();
    home.change(&path, |text| text + &lines.concat());
}

pub(super) const CODE_FOREIGN: Scenario = Scenario {
    name: "refreshes-of-others-in-opencodes-log",
    happened: "A tool server's login, another provider's plugin and a search in a file put the same words into opencode's log, one of them \
               without a name.",
    conclusion: "opencode writes down each attempt to refresh its ChatGPT login, and there is none: these are other logins.",
    hours: 0,
    expected: &[],
    play: |st, home| code(st, home, false),
};

pub(super) const CODE_OWN: Scenario = Scenario {
    name: "refused-after-refreshes-of-others",
    happened: "The same, and an hour later opencode's own access token ended: its refresh was refused twice, Codex had spent the token.",
    conclusion: "The refusals follow the plugin's own attempts, as its access token ended.",
    hours: 0,
    expected: &[Verdict { victim: "opencode", failed_turns: 0..=0, confidence: ("possible", "confirmed"), ..PERHAPS_CODEX }],
    play: |st, home| code(st, home, true),
};

/// Hermes at work, and behind a record of its log lines of another one without a session's name.
fn nameless(st: &Stage, home: &mut Home, held: &(Grant, Pair, Pair), offsets: &[i64], renewed: Option<i64>) {
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
    match renewed {
        Some(_) => hermes.own_login(&held.0, &held.1, held.1.issued + 931),
        None => hermes.imported_from_codex(&held.0, &held.1, held.1.issued + 41_000_000),
    }
    hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
    for at in ["2026-05-18 06:12:10", "2026-05-21 17:22:08", "2026-05-22 06:55:40", "2026-05-22 08:01:33", "2026-05-22 12:40:07"] {
        hermes.ask(utc(at), H::Done);
    }
    if let Some(at) = renewed {
        hermes.refreshed(&held.0.mint(st, at), at + 402);
        hermes.ask(at - 300, H::Done);
        hermes.ask(at + 3 * HOUR, H::Done);
    }
    hermes.finish(home);
    let now = utc(PASTED);
    let record = "WARNING agent.tool_executor: Tool terminal returned error (0.61s): exit 1\nstdout:\n";
    let quoted = |seconds: &i64| {
        format!(
            "{} WARNING gateway.run: Primary provider auth failed: Codex refresh token was already consumed by another client (e.g. Codex CLI \
             or VS Code extension). — trying fallback\n",
            st.clock.python_log(now + seconds * SECOND)
        )
    };
    let stamp = st.clock.python_log(now);
    let block = format!("{stamp} {record}{}", offsets.iter().map(quoted).collect::<String>());
    home.change(".hermes/logs/agent.log", |text| {
        let place =
            text.match_indices("\n2026").find(|(at, _)| text[at + 1..] > *stamp.as_str()).map_or(text.len(), |(at, _)| at + 1);
        format!("{}{block}{}", &text[..place], &text[place..])
    });
}

pub(super) const HERMES_AHEAD: Scenario = Scenario {
    name: "nameless-refusals-hours-ahead",
    happened: "A tool of Hermes printed another machine's log, whose clock is hours ahead, and the lines name no session.",
    conclusion: "The log turns back behind them, and no message had come in that they could answer: quoted.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        let account = Account::new(st);
        let held = spent(st, &account, false);
        codex(st, home, &held);
        nameless(st, home, &held, &[3 * 3600, 3 * 3600 + 310], None);
    },
};

pub(super) const HERMES_NEAR: Scenario = Scenario {
    name: "nameless-refusals-seconds-ahead",
    happened: "The same with a clock that is half a minute ahead.",
    conclusion: "No order tells these lines from the log's own. No turn failed by them, and nothing had asked for a refresh: the access \
                 token was good for days. That Codex spent the token is possible, and no more.",
    hours: 0,
    expected: &[Verdict { failed_turns: 0..=0, confidence: ("undetermined", "possible"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let held = spent(st, &account, false);
        codex(st, home, &held);
        nameless(st, home, &held, &[31, 68, 104], None);
    },
};

pub(super) const HERMES_RENEWED: Scenario = Scenario {
    name: "nameless-refusals-and-the-pair-renewed-since",
    happened: "The same lines in the log of a Hermes with a login of its own, which it refreshed two days later as if nothing had been.",
    conclusion: "The server exchanged the very refresh token that the lines call used: they were about another one.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        let account = Account::new(st);
        let held = spent(st, &account, false);
        super::super::props::codex_beside(st, home, &account, "2026-05-21 19:14:25");
        nameless(st, home, &held, &[31, 68, 104], Some(held.1.expires - MINUTE));
    },
};
