//! What a Hermes conversation leaves in `sessions/` (0.13): the gateway's JSONL, the snapshot of
//! the conversation, and one dump per call that failed in the end. 0.19 has the dumps only, and
//! its rows are in [`super::state`].

use super::super::clock::SECOND;
use super::super::home::Home;
use super::super::json::{Json, arr, obj};
use super::super::stage::Stage;
use super::log::ROOT;
use super::{BASE_URL, MODEL};

/// One conversation.
pub(super) struct Session {
    /// Id: local time of the first message and eight digits.
    pub(super) id: String,
    pub(super) born: i64,
    lines: Vec<String>,
    messages: Vec<Json>,
    /// When each of the messages was stored, by a version that stores them as they come.
    pub(super) rows: Vec<(i64, Json)>,
    updated: i64,
    appended: i64,
    /// How many messages the model has seen.
    pub(super) history: usize,
    dumps: Vec<(i64, String, String)>,
}

impl Session {
    pub(super) fn new(st: &Stage, at: i64) -> Session {
        let id = format!("{}_{}", st.clock.print(at, "%Y%m%d_%H%M%S"), st.cast.hex(8));
        Session {
            id,
            born: at,
            lines: Vec::new(),
            messages: Vec::new(),
            rows: Vec::new(),
            updated: at,
            appended: at,
            history: 0,
            dumps: Vec::new(),
        }
    }

    /// A turn that reached the model: what was said, from when and until when.
    pub(super) fn turn(&mut self, st: &Stage, (begun, stored): (i64, i64), asked: &str, rest: Vec<Json>) {
        self.head(st, stored, true);
        let user = obj! { "role": "user", "content": asked };
        self.history += 1 + rest.len();
        self.rows.push((begun, user.clone()));
        let step = (stored - begun) / (rest.len() as i64 + 1);
        self.rows.extend((1..).zip(&rest).map(|(n, message)| (begun + n * step, message.clone())));
        for message in std::iter::once(user).chain(rest) {
            self.lines.push(message.clone().and("timestamp", st.clock.naive(stored)).python());
            self.messages.push(message);
        }
        (self.updated, self.appended) = (stored, stored);
    }

    /// A turn that never reached the model: the question and the gateway's own words.
    pub(super) fn turned_away(&mut self, st: &Stage, stored: i64, asked: &str, words: &str) {
        self.head(st, stored, false);
        self.appended = stored;
        let stamp = st.clock.naive(stored);
        self.lines.push(obj! { "role": "user", "content": asked, "timestamp": &stamp }.python());
        self.lines.push(obj! { "role": "assistant", "content": words, "timestamp": stamp }.python());
    }

    /// A turn that nothing answered: the question alone.
    pub(super) fn left_alone(&mut self, st: &Stage, at: i64, asked: &str) {
        self.head(st, at, true);
        self.appended = at;
        let user = obj! { "role": "user", "content": asked };
        self.lines.push(user.clone().and("timestamp", st.clock.naive(at)).python());
        self.rows.push((at, user));
    }

    /// The first line of a transcript: tools, model, platform.
    fn head(&mut self, st: &Stage, stored: i64, with_tools: bool) {
        if self.lines.is_empty() {
            let tools = if with_tools { arr![tool()] } else { arr![] };
            let stamp = st.clock.naive(stored);
            let meta = obj! { "role": "session_meta", "tools": tools, "model": MODEL, "platform": "telegram", "timestamp": stamp };
            self.lines.push(meta.python());
        }
    }

    /// The dump of a call that failed in the end.
    pub(super) fn dump(&mut self, st: &Stage, at: i64, reason: &str, bearer: &str, asked: &str, error: Json) {
        let micros = st.clock.naive(at);
        let (head, tail) = (&bearer[..8], &bearer[bearer.len() - 4..]);
        let body = obj! {
            "model": MODEL, "instructions": "You are Hermes Agent.", "input": arr![obj! { "role": "user", "content": asked }],
            "store": false, "tools": arr![tool()], "reasoning": obj! { "effort": "medium", "summary": "auto" },
            "tool_choice": "auto", "parallel_tool_calls": true, "prompt_cache_key": &self.id,
        };
        let headers = obj! { "Authorization": format!("Bearer {head}...{tail}"), "Content-Type": "application/json" };
        let request = obj! { "method": "POST", "url": format!("{BASE_URL}/responses"), "headers": headers, "body": body };
        let dump = obj! { "timestamp": &micros, "session_id": &self.id, "reason": reason, "request": request, "error": error };
        let stamp = format!("{}_{}", st.clock.print(at, "%Y%m%d_%H%M%S"), &micros[20..]);
        self.dumps.push((at, stamp, dump.pretty()));
    }

    /// Put down the files; `transcripts` says whether this version keeps any beside the dumps.
    pub(super) fn finish(self, st: &Stage, transcripts: bool, home: &mut Home) {
        let folder = format!("{ROOT}/sessions");
        if transcripts && !self.lines.is_empty() {
            home.put(format!("{folder}/{}.jsonl", self.id), self.lines.join("\n") + "\n", self.appended);
        }
        if transcripts && !self.messages.is_empty() {
            let snapshot = obj! {
                "session_id": &self.id, "model": MODEL, "base_url": BASE_URL, "platform": "telegram",
                "session_start": st.clock.naive(self.born), "last_updated": st.clock.naive(self.updated - SECOND),
                "system_prompt": "You are Hermes Agent.", "tools": arr![tool()], "message_count": self.messages.len(),
                "messages": self.messages,
            };
            home.put(format!("{folder}/session_{}.json", self.id), snapshot.pretty(), self.updated - SECOND);
        }
        for (at, stamp, text) in self.dumps {
            home.put(format!("{folder}/request_dump_{}_{stamp}.json", self.id), text, at);
        }
    }
}

/// An answer of the model.
pub(super) fn answer(st: &Stage, text: &str) -> Json {
    let item = obj! {
        "type": "message", "role": "assistant", "status": "completed",
        "content": arr![obj! { "type": "output_text", "text": text }], "id": format!("msg_{}", st.cast.hex(50)),
    };
    obj! {
        "role": "assistant", "content": text, "reasoning": Json::null(), "finish_reason": "stop",
        "codex_message_items": arr![item],
    }
}

/// A call of the terminal and what it printed: here the failure of another program (a decoy).
pub(super) fn terminal(st: &Stage) -> Vec<Json> {
    let call = format!("call_{}", st.cast.hex(24));
    let function = obj! { "name": "terminal", "arguments": obj! { "command": "tail -n 1 /srv/export/old.log" }.python() };
    let tool_call = obj! {
        "id": &call, "call_id": &call, "response_item_id": format!("fc_{}", st.cast.hex(50)), "type": "function",
        "function": function,
    };
    let ask = obj! {
        "role": "assistant", "content": "", "reasoning": Json::null(), "finish_reason": "tool_calls", "tool_calls": arr![tool_call],
    };
    let printed = "API call failed after 3 retries. HTTP 401: refresh_token_reused | provider=openai-codex";
    let output = obj! { "output": printed, "exit_code": 0, "error": Json::null() }.python();
    vec![ask, obj! { "role": "tool", "name": "terminal", "content": output, "tool_call_id": call }]
}

/// A tool as it is announced; the real list is longer.
fn tool() -> Json {
    let command = obj! { "type": "string", "description": "The command to execute on the VM" };
    let parameters = obj! { "type": "object", "properties": obj! { "command": command }, "required": arr!["command"] };
    let function = obj! { "name": "terminal", "description": "Run a shell command.", "parameters": parameters };
    obj! { "type": "function", "function": function }
}
