//! Session transcripts of OpenClaw 2026.5.7 (pi format, version 3): entries chained by id, the
//! repair that fills failed entries on the next open, and the backup copy it leaves.

use super::super::clock::iso_ms;
use super::super::json::{Json, arr, obj};
use super::super::stage::Stage;
use super::Model;

/// What the repair puts into an entry that failed before any content.
const PLACEHOLDER: &str = "[assistant turn failed before producing content]";

/// The tokens and the price of an answer; nothing for a failed one.
#[derive(Clone, Copy, Default)]
pub(super) struct Usage {
    pub(super) input: i64,
    pub(super) output: i64,
}

impl Usage {
    fn json(self) -> Json {
        // List prices per token of the models used here, in dollars.
        let (input, output) = (self.input as f64 * 5e-6, self.output as f64 * 3e-5);
        let cost = obj! {
            "input": Json::float(input), "output": Json::float(output), "cacheRead": 0, "cacheWrite": 0,
            "total": Json::float(input + output),
        };
        obj! {
            "input": self.input, "output": self.output, "cacheRead": 0, "cacheWrite": 0,
            "totalTokens": self.input + self.output, "cost": cost,
        }
    }
}

/// One session's file and its copies.
pub(super) struct Transcript<'s> {
    st: &'s Stage,
    model: Model,
    /// Session id, which is the file's name.
    pub(super) id: String,
    cwd: String,
    entries: Vec<Json>,
    last: Option<String>,
    /// When the file was last written.
    pub(super) written: i64,
    hollow: Vec<usize>,
    /// Backups of the repair: what stands behind the file name, and the bytes.
    pub(super) copies: Vec<(i64, String, String)>,
}

impl<'s> Transcript<'s> {
    /// A conversation with `model` that has not begun.
    pub(super) fn new(st: &'s Stage, model: Model) -> Transcript<'s> {
        let cwd = format!("{}/.openclaw/workspace", st.cast.home());
        Transcript {
            st,
            model,
            id: st.cast.uuid(),
            cwd,
            entries: Vec::new(),
            last: None,
            written: 0,
            hollow: Vec::new(),
            copies: Vec::new(),
        }
    }

    /// True when nothing was written yet: such a session has no file.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The file as it is now.
    pub(super) fn text(&self) -> String {
        self.entries.iter().map(|entry| format!("{}\n", entry.line())).collect()
    }

    /// A process opens the session at `at`: it is born, or failed entries are filled.
    pub(super) fn open(&mut self, at: i64, pid: i64) {
        if self.is_empty() {
            self.birth(at);
        } else if !self.hollow.is_empty() {
            self.copies.push((at, format!(".bak-{pid}-{at}"), self.text()));
            for place in std::mem::take(&mut self.hollow) {
                let content = self.entries[place].member("message").and_then(|message| message.member("content"));
                *content.unwrap() = arr![obj! { "type": "text", "text": PLACEHOLDER }];
            }
        }
    }

    fn birth(&mut self, at: i64) {
        let model = self.model;
        let header = obj! { "type": "session", "version": 3, "id": &self.id, "timestamp": iso_ms(at), "cwd": &self.cwd };
        self.entries.push(header);
        let change = |base: Json| base.and("provider", model.provider).and("modelId", model.name);
        self.link(at + 206, "model_change", change);
        self.link(at + 206, "thinking_level_change", |base| base.and("thinkingLevel", "off"));
        let data = obj! { "timestamp": at + 249, "provider": model.provider, "modelApi": model.api, "modelId": model.name };
        self.custom(at + 249, "model-snapshot", data);
    }

    /// An entry whose base comes first.
    fn link(&mut self, at: i64, kind: &str, fill: impl FnOnce(Json) -> Json) {
        self.written = at;
        let id = self.st.cast.hex(8);
        let base = obj! { "type": kind, "id": &id, "parentId": self.last.replace(id.clone()), "timestamp": iso_ms(at) };
        self.entries.push(fill(base));
    }

    /// An entry of OpenClaw's own, whose base comes last.
    pub(super) fn custom(&mut self, at: i64, kind: &str, data: Json) {
        self.written = at;
        let id = self.st.cast.hex(8);
        let parent = self.last.replace(id.clone());
        let entry =
            obj! { "type": "custom", "customType": kind, "data": data, "id": id, "parentId": parent, "timestamp": iso_ms(at) };
        self.entries.push(entry);
    }

    /// What the user wrote, received at `at`.
    pub(super) fn user(&mut self, at: i64, text: &str) {
        let message = obj! { "role": "user", "content": arr![obj! { "type": "text", "text": text }], "timestamp": at };
        self.link(at + self.st.ms(2, 24), "message", |base| base.and("message", message));
    }

    /// An assistant entry: `asked` is when the request was made, `at` when it ended. `tail` are
    /// the members that follow the request's time, in their order.
    pub(super) fn assistant(&mut self, at: i64, asked: i64, content: Vec<Json>, usage: Usage, stop: &str, tail: Json) {
        let model = self.model;
        if stop == "error" && content.is_empty() {
            self.hollow.push(self.entries.len());
        }
        let mut message = obj! {
            "role": "assistant", "content": content, "api": model.api, "provider": model.provider, "model": model.name,
            "usage": usage.json(), "stopReason": stop, "timestamp": asked,
        };
        if let Json::Object(members) = tail {
            message = members.into_iter().fold(message, |message, (key, value)| message.and(&key, value));
        }
        self.link(at, "message", |base| base.and("message", message));
    }

    /// The result of a tool.
    pub(super) fn tool_result(&mut self, at: i64, call: &str, output: &str) {
        let details = obj! { "status": "completed", "exitCode": 0, "durationMs": self.st.ms(8, 90), "cwd": &self.cwd };
        let message = obj! {
            "role": "toolResult", "toolCallId": call, "toolName": "exec",
            "content": arr![obj! { "type": "text", "text": output }], "details": details, "isError": false, "timestamp": at,
        };
        self.link(at + 3, "message", |base| base.and("message", message));
    }

    /// The mark that follows every turn and joins it to its run.
    pub(super) fn end_of_run(&mut self, at: i64, run: &str) {
        let data = obj! { "timestamp": at, "runId": run, "sessionId": &self.id };
        self.custom(at + self.st.ms(0, 9), "openclaw:bootstrap-context:full", data);
    }
}
