//! Which records of short invented logs are taken for the log's own.

use super::super::journal::Journal;
use super::read_file;
use crate::event::EventKind;
use crate::reader::Facts;
use crate::secret::Vault;
use crate::source::Line;

const OWN: &str = "20260510_080000_aaaaaa";
const STRANGE: &str = "20260510_060000_bbbbbb";
const TOOL: &str = "09:50:00 WARNING agent.tool_executor: Tool terminal returned error (0.4s): exit 1";
const TRACE: &str = "09:50:00 ERROR tools.mcp_tool: MCP tool x failed\nTraceback (most recent call last):\nRuntimeError: stderr:";
const CHAT: &str = "09:50:00 INFO gateway.platforms.telegram: [telegram] message from Z: look";
const GO_ON: &str = "10:20:00 INFO gateway.run: Gateway running with 1 platform(s)";

fn refused(time: &str, session: &str) -> String {
    let tag = if session.is_empty() { String::new() } else { format!("[{session}] ") };
    format!("{time} WARNING {tag}gateway.run: Primary provider auth failed: Codex token refresh failed with status 401.")
}

fn open(time: &str, session: &str) -> String {
    format!("{time} INFO [{session}] run_agent: conversation turn: session={session} model=m provider=openai-codex platform=cli")
}

/// How many refusals a log states; records are given by their time of day.
fn refusals(records: &[String]) -> usize {
    refusals_of("h/logs/agent.log", records)
}

fn refusals_of(name: &str, records: &[String]) -> usize {
    let dated = |line: &str| match line.as_bytes().get(2) {
        Some(b':') => format!("2026-05-10 {},000{}\n", &line[..8], &line[8..]),
        _ => format!("{line}\n"),
    };
    let log: String = records.iter().flat_map(|record| record.lines()).map(dated).collect();
    let stated = read_file(name, log.as_bytes()).1;
    stated.events.iter().filter(|event| matches!(event.kind, EventKind::Refused { .. })).count()
}

/// A log with a turn of its own, then these records.
fn after_a_turn(records: &[&str]) -> usize {
    let first = [open("09:00:00", OWN), format!("09:00:05 INFO [{OWN}] run_agent: Turn ended: reason=text_response session={OWN}")];
    refusals(&first.into_iter().chain(records.iter().map(|&record| record.to_owned())).collect::<Vec<_>>())
}

#[test]
fn what_lies_behind_its_record_is_quoted() {
    let (strange, nameless) = (refused("09:31:00", STRANGE), refused("09:31:00", ""));
    for carrier in [TOOL, TRACE, CHAT] {
        assert_eq!(after_a_turn(&[carrier, &strange, GO_ON]), 0, "{carrier}");
        assert_eq!(after_a_turn(&[carrier, &nameless, &strange, GO_ON]), 0, "{carrier}");
        assert_eq!(after_a_turn(&[carrier, &strange]), 0, "the log may end with it: {carrier}");
    }
    assert_eq!(after_a_turn(&[TRACE, &nameless, GO_ON]), 0);
    assert_eq!(after_a_turn(&[TRACE, &nameless]), 0, "and nobody had asked for anything");
    let yesterday =
        TRACE.replace("RuntimeError", "2026-05-09 07:00:00,000 WARNING gateway.run: Primary provider auth failed: Codex x\nR");
    assert_eq!(after_a_turn(&[&yesterday, GO_ON]), 0);
}

#[test]
fn lines_that_are_quoted_are_counted() {
    let log = format!(
        "2026-05-10 {},000{}\n2026-05-10 08:00:00,000 WARNING a.b: x\nmore\n2026-05-10 {},000{}\n",
        &CHAT[..8],
        &CHAT[8..],
        &GO_ON[..8],
        &GO_ON[8..]
    );
    let vault = Vault::new([9; 32]);
    let mut facts = Facts::new(&vault, 0, false);
    let mut journal = Journal::new(true);
    for line in log.lines() {
        journal.line(&Line { number: 1, byte: 0, bytes: line.as_bytes(), torn: false }, &mut facts);
    }
    journal.finish(&mut facts);
    assert_eq!(facts.quoted(), 2);
}

#[test]
fn what_lies_ahead_of_it_is_quoted_where_the_log_turns_back() {
    let (first, second) = (refused("12:31:00", STRANGE), refused("12:40:00", STRANGE));
    for carrier in [TRACE, CHAT] {
        assert_eq!(after_a_turn(&[carrier, &first, &second, GO_ON]), 0, "{carrier}");
        assert_eq!(after_a_turn(&[carrier, &first, &second]), 2, "the log went on: {carrier}");
        assert_eq!(after_a_turn(&[carrier, &first, &second, "13:00:00 INFO gateway.run: x"]), 2, "{carrier}");
    }
    let nameless = refused("12:31:00", "");
    let inbound = "12:30:00 INFO gateway.run: inbound message: platform=telegram user=Z chat=1 msg='x'";
    assert_eq!(after_a_turn(&[TRACE, &nameless, GO_ON]), 0, "nobody had asked for anything");
    assert_eq!(after_a_turn(&[TRACE, inbound, &nameless, GO_ON]), 1, "a clock that was set forward and back");
    assert_eq!(refusals(&[TRACE.to_owned(), nameless, GO_ON.to_owned()]), 1, "a log of warnings holds no messages");
    // A quote within a record that came later is its own.
    let late = CHAT.replace("09:50", "13:00");
    assert_eq!(
        after_a_turn(&[TRACE, &first, &late, &refused("10:05:00", "20260510_070000_cccccc"), "13:10:00 INFO gateway.run: x"]),
        1
    );
}

#[test]
fn another_file_has_an_order_of_its_own() {
    let (header, older) = ("==> errors.log <==", refused("07:31:00", STRANGE));
    let joined = |carrier: &str| {
        let first = ["==> agent.log <==".to_owned(), open("09:00:00", OWN), carrier.to_owned(), String::new()];
        refusals(&first.into_iter().chain([header.to_owned(), older.clone(), GO_ON.to_owned()]).collect::<Vec<_>>())
    };
    for carrier in [TOOL, TRACE, CHAT] {
        assert_eq!(joined(carrier), 1, "{carrier}");
        assert_eq!(after_a_turn(&[carrier, header, &older, GO_ON]), 0, "such output is quoted: {carrier}");
    }
    assert_eq!(after_a_turn(&["", header, &older, GO_ON]), 1, "nothing above it can quote one");
}

#[test]
fn older_parts_behind_a_warning_of_one_line_are_no_quote() {
    let stopped = "09:50:00 WARNING gateway.run: Shutdown context: signal=SIGTERM under_systemd=no";
    let older = refused("07:31:00", STRANGE);
    assert_eq!(after_a_turn(&[stopped, &older]), 1);
    assert_eq!(after_a_turn(&[stopped, &older, GO_ON]), 1, "a gateway that stops tells of nobody else");
    let put_together = [TOOL.to_owned(), older.clone(), refused("07:40:00", STRANGE)];
    let of = |name: &str| refusals_of(name, &put_together);
    assert_eq!((of("h/all-errors.log"), of("h/errors.log.all")), (2, 2), "the newest part first");
    assert_eq!((of("h/logs/errors.log"), of("h/logs/errors.log.1")), (0, 0), "one log, which a tool's output ends");
}

#[test]
fn a_clock_that_was_set_back_makes_no_quote() {
    let own = refused("09:31:00", OWN);
    for carrier in [TOOL, TRACE, CHAT] {
        assert_eq!(after_a_turn(&[carrier, &own, GO_ON]), 1, "a session of this log: {carrier}");
    }
    let (strange, nameless) = (refused("09:31:00", STRANGE), refused("09:31:00", ""));
    let plain = "09:50:00 INFO gateway.run: response ready: platform=telegram chat=1 time=1.0s api_calls=1 response=5 chars";
    assert_eq!(after_a_turn(&[plain, &strange, GO_ON]), 1, "a record of one line carries nothing");
    assert_eq!(after_a_turn(&[TOOL, &nameless, GO_ON]), 1, "nothing names a stranger");
    assert_eq!(after_a_turn(&[TOOL, &open("09:30:50", STRANGE), &strange, GO_ON]), 1, "a new session of this log");
    assert_eq!(after_a_turn(&[TRACE, &refused("08:50:10", ""), GO_ON]), 1, "daylight saving ends");
    assert_eq!(after_a_turn(&[TRACE, &refused("09:49:56", STRANGE), GO_ON]), 1, "threads write a moment out of turn");
    let long: Vec<String> = (0..80).map(|n| format!("09:3{}:{:02} INFO gateway.run: x", n / 60, n % 60)).collect();
    let long: Vec<&str> = [TRACE, &nameless].into_iter().chain(long.iter().map(String::as_str)).chain([GO_ON]).collect();
    assert_eq!(after_a_turn(&long), 1, "too long for a quote");
}
