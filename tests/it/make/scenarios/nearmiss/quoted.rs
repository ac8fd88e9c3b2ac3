//! Near misses about log lines of another machine that stand in Hermes' log, because a tool, a script or a
//! traceback printed them. Hermes holds a token of a login that Codex has renewed, so that the quoted refusals
//! would be just what is due; its own access token is still good, and all its turns are answered.

use super::super::super::clock::{MINUTE, utc};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::Account;
use super::super::{Scenario, Verdict};
use super::{FAILED, PERHAPS_CODEX, codex_home, shared_login};

/// When the lines were printed.
const PRINTED: &str = "2026-05-22 07:44:18.203";

/// Hermes at work all day, and behind a record of it lines of another log, so many minutes from then.
fn quoting(st: &Stage, home: &mut Home, level: &str, record: &str, minutes: &[i64]) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let renewed = login.mint(st, utc("2026-05-21 19:14:27"));
    let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &renewed)];
    codex_home(st, home, ".codex", &stores, &["2026-05-21 19:14:25", "2026-05-22 07:14:25"]);
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
    hermes.imported_from_codex(&login, &shared, shared.issued + 41_000_000);
    hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
    for at in ["2026-05-18 06:12:10", "2026-05-21 17:22:08", "2026-05-22 06:55:40", "2026-05-22 08:01:33"] {
        hermes.ask(utc(at), H::Done);
    }
    hermes.finish(home);
    let now = utc(PRINTED);
    let stranger = st.clock.print(now - 3 * 60 * MINUTE, "%Y%m%d_%H%M%S_3d91c07a");
    let quoted: String = minutes
        .iter()
        .map(|minutes| {
            let at = |ms: i64| st.clock.python_log(now + minutes * MINUTE + ms);
            format!(
                "{} INFO gateway.run: inbound message: platform=telegram user=x chat=1 msg='x'\n{} WARNING [{stranger}] gateway.run: Primary \
                 provider auth failed: Codex refresh token was already consumed by another client (e.g. Codex CLI or VS Code extension). \
                 — trying fallback\n",
                at(0),
                at(310)
            )
        })
        .collect();
    let block = format!("{} {level} {record}\n{quoted}", st.clock.python_log(now));
    let stamp = st.clock.python_log(now);
    for file in ["agent.log", "errors.log"] {
        let path = format!(".hermes/logs/{file}");
        if home.files().all(|(known, _)| known != path) {
            home.put(path, block.clone(), now);
            continue;
        }
        home.change(&path, |text| {
            let own: Vec<&str> = text.lines().collect();
            let place = own.iter().position(|line| line.starts_with("2026") && *line > stamp.as_str()).unwrap_or(own.len());
            let lines = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
            format!("{}{block}{}", lines(&own[..place]), lines(&own[place..]))
        });
    }
}

pub(super) const TOOL_OUTPUT: Scenario = Scenario {
    name: "log-of-another-machine-in-a-tools-output",
    happened: "A tool of Hermes printed the end of another machine's log and failed. Hermes logged what it printed, line by line.",
    conclusion: "The lines are older than the record that they follow, of a session that never had a turn here: quoted. Nothing failed.",
    hours: 2,
    expected: &[],
    play: |st, home| {
        quoting(st, home, "WARNING", "agent.tool_executor: Tool terminal returned error (0.61s): exit 1", &[-37, -31, -22]);
    },
};

pub(super) const TRACEBACK: Scenario = Scenario {
    name: "log-of-another-machine-in-a-traceback",
    happened: "A tool server died, and the traceback in Hermes' log holds what it had printed: lines of its own machine's log.",
    conclusion: "What goes back in time within a record belongs to it. Nothing failed.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        let record = "tools.mcp_tool: MCP tool logs/tail failed\nTraceback (most recent call last):\n  File \"mcp_tool.py\", line 88, in \
                      call\nRuntimeError: the server printed:";
        quoting(st, home, "ERROR", record, &[-190, -171]);
    },
};

pub(super) const AHEAD: Scenario = Scenario {
    name: "log-of-a-clock-ahead-in-a-traceback",
    happened: "The same of a machine whose clock is half an hour ahead.",
    conclusion: "The log jumps ahead within a record, and is back in its time with the next one: quoted.",
    hours: 0,
    expected: &[],
    play: |st, home| {
        let record = "tools.mcp_tool: MCP tool logs/tail failed\nRuntimeError: the server printed:";
        quoting(st, home, "ERROR", record, &[21, 29, 36]);
        // `errors.log` has none of the turns: it shows that the log turned back by its next warning.
        let next = format!("{} WARNING tools.registry: a module is missing\n", st.clock.python_log(utc(PRINTED) + 19 * MINUTE));
        for file in ["agent.log", "errors.log"] {
            home.change(&format!(".hermes/logs/{file}"), |text| format!("{text}{next}"));
        }
    },
};

pub(super) const SCRIPT_OUTPUT: Scenario = Scenario {
    name: "log-of-another-machine-minutes-ahead",
    happened: "A scheduled script printed the log of a machine whose clock is a few minutes ahead; Hermes' own log went on later.",
    conclusion: "Nothing in the order of the records tells these lines from the log's own. They speak of a session that never had a turn \
                 here, and no turn failed: that Codex spent the token is possible, and no more.",
    hours: 0,
    expected: &[Verdict { failed_turns: 0..=0, confidence: ("undetermined", "possible"), ..PERHAPS_CODEX }],
    play: |st, home| {
        quoting(st, home, "ERROR", "cron.scheduler: Job 'watch': script failed: exit 1\nstdout:", &[2, 5, 9]);
    },
};

/// The control: the same records without a stranger's name, where turns failed by them, are no quote.
pub(super) const OWN_RECORDS: Scenario = Scenario {
    name: "own-refusals-behind-a-traceback",
    happened: "Codex had renewed the shared login the evening before, and Hermes was refused three times; right before the first refusal a \
               tool server had died with a traceback, and the log of a script was printed after the last one.",
    conclusion: "The refusals are the log's own: turns failed by them, in their order.",
    hours: 0,
    expected: &[Verdict { failed_turns: 3..=3, confidence: ("likely", "confirmed"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let renewed = login.mint(st, utc("2026-05-21 19:14:27"));
        let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &renewed)];
        codex_home(st, home, ".codex", &stores, &["2026-05-21 19:14:25", "2026-05-22 07:14:25"]);
        super::refused_hermes(st, home, &login, &shared, shared.issued + 41_000_000, true);
        let traceback = format!(
            "{} ERROR tools.mcp_tool: MCP tool logs/tail failed\nTraceback (most recent call last):\nRuntimeError: closed\n",
            st.clock.python_log(utc(FAILED) - 9 * MINUTE)
        );
        let first = st.clock.python_log(utc(FAILED) - MINUTE);
        for file in ["agent.log", "errors.log"] {
            home.change(&format!(".hermes/logs/{file}"), |text| {
                let mut starts = std::iter::once(0).chain(text.match_indices("\n2026").map(|(at, _)| at + 1));
                let place = starts.find(|at| text[*at..] > *first.as_str()).unwrap_or(text.len());
                format!("{}{traceback}{}", &text[..place], &text[place..])
            });
        }
    },
};
