//! Rollouts of Codex 0.169: numbered lines, items instead of user and agent messages, the
//! account in the header, and the reason on a failed turn.

use super::super::clock::{SECOND, iso_ms};
use super::super::json::{Json, arr, obj};
use super::super::stage::Stage;
use super::super::token::Account;
use super::{Answer, Era, Front, Turn};

/// The lines of a thread that was born at `born`.
pub(super) fn thread(st: &Stage, front: Front, who: Option<&Account>, id: &str, born: i64, turns: &[Turn]) -> Vec<String> {
    let mut rollout = Rollout { st, id: id.to_owned(), front, lines: Vec::new(), sequence: 2, total: 0 };
    rollout.meta(born, turns[0].at, who);
    turns.iter().for_each(|turn| rollout.turn(turn));
    rollout.lines
}

struct Rollout<'s> {
    st: &'s Stage,
    id: String,
    front: Front,
    lines: Vec<String>,
    sequence: i64,
    total: i64,
}

impl Rollout<'_> {
    fn push(&mut self, at: i64, kind: &str, payload: Json) {
        self.lines.push(self.envelope(at, kind, payload).line());
    }

    fn envelope(&self, at: i64, kind: &str, payload: Json) -> Json {
        obj! { "timestamp": iso_ms(at), "ordinal": self.lines.len(), "type": kind, "payload": payload }
    }

    fn meta(&mut self, born: i64, written: i64, who: Option<&Account>) {
        let (originator, source) = self.front.words(Era::V169);
        let cwd = self.st.cast.work();
        let model = Era::V169.model();
        let text = "You are Codex, an agent. You and the user share one workspace.";
        let meta = obj! {
            "account_scoped": who.is_some(), "creator_user_id": who.map(|a| &a.user), "creator_account_id": who.map(|a| &a.id),
            "session_id": &self.id, "id": &self.id, "timestamp": iso_ms(born), "cwd": &cwd,
            "runtime_workspace_roots": arr![&cwd], "originator": originator, "cli_version": Era::V169.version(),
            "source": source, "thread_source": "user", "model_provider": "openai",
            "base_instructions": obj! { "text": text, "provenance": obj! { "type": "model", "model": model } },
            "history_mode": "paginated", "context_window": obj! { "window_id": self.st.cast.uuid7(born + 50) },
        };
        self.push(written, "session_meta", meta);
    }

    fn turn(&mut self, asked: &Turn) {
        let (at, turn) = (asked.at, &asked.id);
        let trigger = if self.front == Front::Exec { "exec" } else { "user" };
        let source = obj! {
            "turn_id": turn, "turn_trigger": trigger, "parent_turn_id": Json::null(),
            "initiating_agent_path": Json::null(), "root_turn_id": turn,
        };
        let started = obj! {
            "type": "task_started", "turn_attribution": source, "turn_id": turn, "root_turn_id": turn,
            "started_at": at / SECOND, "model_context_window": 258_400, "collaboration_mode_kind": "default",
        };
        self.push(at, "event_msg", started);
        self.push(at + 380, "turn_context", self.context(turn));
        self.prompt(at + 390, turn, &asked.prompt);
        match asked.answer {
            Answer::Done | Answer::DoneWithCommand => self.answer(at, turn),
            Answer::Failed(sentence, class) => {
                let error = obj! { "message": sentence, "codex_error_info": class };
                let now = at + self.st.ms(420, 900);
                self.complete(now, at, turn, None, Some(error));
            }
            Answer::Interrupted => {
                let now = at + self.st.ms(2_000, 9_000);
                self.push(now, "event_msg", obj! { "type": "turn_aborted", "turn_id": turn, "reason": "interrupted" });
            }
        }
    }

    fn context(&self, turn: &str) -> Json {
        let model = Era::V169.model();
        let settings = obj! { "model": model, "reasoning_effort": Json::null(), "developer_instructions": Json::null() };
        obj! {
            "turn_id": turn, "root_turn_id": turn, "disabled_plugin_ids": arr![], "cwd": self.st.cast.work(),
            "approval_policy": "on-request", "approvals_reviewer": "user",
            "active_permission_profile": obj! { "id": ":read-only" }, "model": model, "comp_hash": "3000",
            "collaboration_mode": obj! { "mode": "default", "settings": settings }, "multi_agent_version": "v2",
            "realtime_active": false, "summary": "none", "sandbox_policy": obj! { "type": "read-only" },
        }
    }

    fn prompt(&mut self, at: i64, turn: &str, text: &str) {
        let item = obj! {
            "type": "message", "id": format!("msg_{}", self.st.cast.uuid7(at)), "role": "user",
            "content": arr![obj! { "type": "input_text", "text": text }],
        };
        self.item(at, item, turn, "user.text");
        let asked = obj! {
            "type": "UserMessage", "id": self.st.cast.uuid7(at),
            "content": arr![obj! { "type": "text", "text": text, "text_elements": arr![] }],
        };
        self.completed(at + 2, turn, asked);
    }

    /// A response item, with the bookkeeping that 0.169 puts inside and outside the payload.
    fn item(&mut self, at: i64, item: Json, turn: &str, kind: &str) {
        self.sequence += 1;
        let inside = obj! { "turn_id": turn, "content_item_kinds": arr![kind] };
        let outside = obj! { "history_sequence": self.sequence, "sampled_through_sequence": 0, "client_authored": false };
        let payload = item.and("internal_chat_message_metadata_passthrough", inside);
        let line = self.envelope(at, "response_item", payload).and("metadata", outside);
        self.lines.push(line.line());
    }

    fn completed(&mut self, at: i64, turn: &str, item: Json) {
        let event = obj! {
            "type": "item_completed", "thread_id": &self.id, "turn_id": turn, "item": item,
            "started_at_ms": at, "completed_at_ms": at,
        };
        self.push(at, "event_msg", event);
    }

    fn answer(&mut self, at: i64, turn: &str) {
        let now = at + self.st.ms(1_500, 9_000);
        let (text, id) = (self.st.say(12), format!("msg_{}", self.st.cast.hex(24)));
        let said = obj! { "type": "AgentMessage", "id": &id, "content": arr![obj! { "type": "Text", "text": &text }] };
        self.completed(now, turn, said);
        let item = obj! {
            "type": "message", "status": "completed", "id": &id, "role": "assistant",
            "content": arr![obj! { "type": "output_text", "text": &text, "annotations": arr![] }],
        };
        self.item(now + 2, item, turn, "unknown");
        self.tokens(now + 50);
        self.complete(now + 60, at, turn, Some(&text), None);
    }

    fn tokens(&mut self, now: i64) {
        let (input, output) = (self.st.ms(3_000, 9_000), self.st.ms(20, 400));
        self.total += input + output;
        let usage = |total: i64| {
            obj! {
                "input_tokens": total - output, "cached_input_tokens": 0, "cache_write_input_tokens": 0,
                "output_tokens": output, "reasoning_output_tokens": 0, "total_tokens": total,
            }
        };
        let info = obj! {
            "total_token_usage": usage(self.total), "last_token_usage": usage(input + output),
            "last_usage_includes_reasoning": true, "model_context_window": 258_400,
        };
        self.push(now, "event_msg", obj! { "type": "token_count", "info": info, "rate_limits": Json::null() });
    }

    fn complete(&mut self, now: i64, at: i64, turn: &str, said: Option<&str>, error: Option<Json>) {
        let mut done = obj! { "type": "task_complete", "root_turn_id": turn, "turn_id": turn, "last_agent_message": said };
        if let Some(error) = error {
            done = done.and("error", error);
        }
        done = done.and("started_at", at / SECOND).and("completed_at", now / SECOND).and("duration_ms", now - at);
        if said.is_some() {
            done = done.and("time_to_first_token_ms", (now - at) / 2);
        }
        self.push(now, "event_msg", done);
    }
}
