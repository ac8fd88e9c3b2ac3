//! Unrelated traffic: what the clients of a home write about turns that have nothing to do with its ChatGPT
//! login (other sessions, on other providers), before, amid and after everything else, in real formats.
//! Nothing in it fails; some of it quotes failures.

use super::clock::{DAY, HOUR, MINUTE, iso_us};
use super::codex::{Answer as C, CodexHome, Era, Front};
use super::disturb::woven;
use super::hermes::{Answer as H, Hermes, Version};
use super::home::Home;
use super::openclaw::{Answer as O, CLAUDE_MODEL, OpenClaw};
use super::stage::Stage;

/// Weave unrelated turns around everything from `first` to `last` into every home that is there. `amid` are
/// times of interest.
pub fn add(home: &mut Home, st: &Stage, (first, last): (i64, i64), amid: &[i64]) {
    let mut times = vec![first - DAY, first - HOUR, last + HOUR, last + DAY];
    times.extend(amid.iter().flat_map(|at| [at - 2 * HOUR, at - 7 * MINUTE, at + 8 * MINUTE]));
    times.sort_unstable();
    times.dedup_by(|a, b| *a - *b < 5 * MINUTE);
    let paths: Vec<String> = home.files().map(|(path, _)| path.to_owned()).collect();
    let has = |ending: &str| paths.iter().find_map(|path| path.strip_suffix(ending).map(str::to_owned));
    if let Some(root) = has(".hermes/logs/agent.log") {
        let is_new = paths.iter().any(|path| path.ends_with(".hermes/state.db"));
        weave(home, &root, &hermes(st, &times, is_new));
    }
    if let Some(root) = paths.iter().find_map(|p| p.find("tmp/openclaw/openclaw-").map(|at| p[..at].to_owned())) {
        weave(home, &root, &openclaw(st, &times));
    }
    if let Some(root) = paths.iter().find_map(|p| p.find(".codex/sessions/").map(|at| p[..at].to_owned())) {
        let era = era(home, &root);
        weave(home, &root, &codex(st, era, &times));
    }
    for path in paths.iter().filter(|path| path.ends_with("log/codex-tui.log")) {
        home.change(path, |ours| woven(&ours, &warnings(&times, |at| format!("{}  WARN {WARNING}\n", iso_us(at)))));
    }
    for path in paths.iter().filter(|path| path.ends_with("openai.chatgpt/Codex.log")) {
        let relayed = |at: i64| format!("{} [warning] [CodexMcpConnection] cli: message=\"{WARNING}\"\n", st.clock.vscode(at));
        home.change(path, |ours| woven(&ours, &warnings(&times, relayed)));
    }
}

/// What Codex warns of, whatever becomes of its login.
const WARNING: &str = "codex_core_plugins::startup_sync: git sync failed for curated plugin sync";

/// A warning at each time.
fn warnings(times: &[i64], line: impl Fn(i64) -> String) -> String {
    times.iter().map(|at| line(*at)).collect()
}

/// Put the files of `more` into `home` below `root`: logs are woven into those that are there, a log that
/// is not there stays away.
fn weave(home: &mut Home, root: &str, more: &Home) {
    for (path, bytes) in more.files() {
        let (place, text) = (format!("{root}{path}"), String::from_utf8(bytes.to_vec()).unwrap());
        if home.files().any(|(there, _)| there == place) {
            home.change(&place, |ours| woven(&ours, &text));
        } else if !path.contains("logs/") {
            home.put(place, text, 1_780_000_000_000);
        }
    }
}

/// Turns of Hermes on an Anthropic key.
fn hermes(st: &Stage, times: &[i64], is_new: bool) -> Home {
    let version = if is_new { Version::G019 } else { Version::V013 };
    let mut made = Home::default();
    let mut hermes = Hermes::start(st, version, times[0] - DAY);
    for (at, answer) in times.iter().zip([H::Done, H::DoneWithTool, H::DoneToQuote].into_iter().cycle()) {
        hermes.ask(*at, answer);
    }
    hermes.finish(&mut made);
    made.keep(|path| path.ends_with(".log") || path.contains("/sessions/"));
    for path in made.texts() {
        made.change(&path, |text| {
            let text = text.replace("openai-codex", "anthropic").replace("gpt-5.4", "claude-sonnet-4-6");
            let text = text.replace("https://chatgpt.com/backend-api/codex", "https://api.anthropic.com");
            // No second start of the gateway, nor what only the ChatGPT back end sends.
            text.split_inclusive('\n').filter(|line| !is_start(line)).map(|line| line.replace("codex_stream", "stream")).collect()
        });
    }
    made
}

/// The lines of a gateway's start.
fn is_start(line: &str) -> bool {
    ["Starting Hermes Gateway", "Session storage:", "Connecting to telegram", "telegram connected", "Gateway running with"]
        .iter()
        .any(|words| line.contains(words))
}

/// Turns of OpenClaw on an Anthropic key.
fn openclaw(st: &Stage, times: &[i64]) -> Home {
    let mut made = Home::default();
    let mut claw = OpenClaw::start(st, times[0] - DAY, CLAUDE_MODEL);
    let (chat, other) = (claw.session(), claw.session());
    for (number, at) in times.iter().enumerate() {
        let (session, answer) = if number % 2 == 0 { (chat, O::Done) } else { (other, O::DoneToQuote) };
        claw.ask(session, *at, answer);
    }
    claw.finish(&mut made);
    let first = st.clock.print(times[0] - DAY, "%F");
    made.keep(|path| (path.ends_with(".log") && !path.contains(&first)) || path.ends_with(".jsonl"));
    made
}

/// The oldest version of Codex that is at work below a root, which is the terminal program's, whose build `codex exec`
/// is of: another one would be news.
fn era(home: &Home, root: &str) -> Era {
    let states = |version: &str| {
        let words = format!("\"cli_version\":\"{version}\"");
        let mut below = home.files().filter(|(path, _)| path.strip_prefix(root).is_some_and(|rest| rest.starts_with(".codex/")));
        below.any(|(_, bytes)| String::from_utf8_lossy(bytes).contains(&words))
    };
    if states("0.98.0") {
        Era::V098
    } else if states("0.130.0") || !states("0.169.0") {
        Era::V130
    } else {
        Era::V169
    }
}

/// Threads of `codex exec` on another provider.
fn codex(st: &Stage, era: Era, times: &[i64]) -> Home {
    let mut made = Home::default();
    // Without a store it names no account: that of the login is none of it.
    let mut codex = CodexHome::new(st, ".codex", era);
    for at in times {
        codex.thread(Front::Exec, &[(*at, C::Done), (*at + 2 * MINUTE, C::DoneWithCommand)]);
    }
    codex.finish(&mut made);
    made.keep(|path| path.contains("/sessions/"));
    for path in made.texts() {
        made.change(&path, |text| text.replace("\"model_provider\":\"openai\"", "\"model_provider\":\"azure\""));
    }
    made
}
