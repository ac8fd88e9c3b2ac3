//! The log of the Codex extension for VS Code: local time without a zone, one folder per window
//! start. Failures of its server are relayed into it, successes are not.

use super::super::home::Home;
use super::super::stage::Stage;

/// One window's log.
pub struct VscodeLog<'s> {
    st: &'s Stage,
    opened: i64,
    lines: Vec<(i64, String)>,
}

impl<'s> VscodeLog<'s> {
    /// A window opened at `at`, with the extension's usual first lines.
    pub fn new(st: &'s Stage, at: i64) -> VscodeLog<'s> {
        let at = st.within(at);
        let mut log = VscodeLog { st, opened: at, lines: Vec::new() };
        log.line(at + 2_140, "info", "Activating Codex extension");
        log.line(at + 2_311, "info", "[CodexMcpConnection] Spawning codex app-server");
        log.line(at + 2_902, "info", "[CodexMcpConnection] Initialize received id=1");
        log.line(at + 2_958, "info", "[IpcRouter] I am the router");
        log
    }

    /// A line of the extension.
    pub fn line(&mut self, at: i64, level: &str, text: &str) {
        self.lines.push((at, format!("[{level}] {text}")));
    }

    /// A warning of the server that has nothing to do with the login.
    pub fn relayed_warning(&mut self, at: i64) {
        let text =
            "[CodexMcpConnection] cli: message=\"codex_core_plugins::startup_sync: git sync failed for curated plugin sync\"";
        self.line(at, "warning", text);
    }

    /// Put the log where VS Code keeps it.
    pub fn finish(mut self, home: &mut Home) {
        self.lines.sort_by_key(|(at, _)| *at);
        let clock = self.st.clock;
        let last = self.lines.last().map_or(self.opened, |(at, _)| *at);
        let text: String = self.lines.iter().map(|(at, line)| format!("{} {line}\n", clock.vscode(*at))).collect();
        let folder = clock.print(self.opened, ".config/Code/logs/%Y%m%dT%H%M%S");
        home.put(format!("{folder}/window1/exthost/openai.chatgpt/Codex.log"), text, last);
    }
}
