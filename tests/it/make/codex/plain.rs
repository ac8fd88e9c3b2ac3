//! Rollouts of Codex 0.98 and 0.130: one JSON line per item, no ordinals.

use super::super::clock::{MINUTE, SECOND, iso_ms};
use super::super::json::{Json, arr, obj};
use super::super::stage::Stage;
use super::{Answer, Era, Front, Turn, zone_name};

/// The lines of a thread that was born at `born`.
pub(super) fn thread(st: &Stage, era: Era, front: Front, id: &str, born: i64, turns: &[Turn]) -> Vec<String> {
    let mut rollout = Rollout { st, era, lines: Vec::new(), total: 0 };
    rollout.meta(front, id, born, turns[0].at);
    for (number, turn) in turns.iter().enumerate() {
        rollout.turn(turn, number == 0);
    }
    rollout.lines
}

struct Rollout<'s> {
    st: &'s Stage,
    era: Era,
    lines: Vec<String>,
    total: i64,
}

impl Rollout<'_> {
    fn push(&mut self, at: i64, kind: &str, payload: Json) {
        self.lines.push(obj! { "timestamp": iso_ms(at), "type": kind, "payload": payload }.line());
    }

    fn meta(&mut self, front: Front, id: &str, born: i64, written: i64) {
        let (originator, source) = front.words(self.era);
        let mut meta = obj! {
            "id": id,
            "timestamp": iso_ms(born),
            "cwd": self.st.cast.work(),
            "originator": originator,
            "cli_version": self.era.version(),
            "source": source,
        };
        if self.era == Era::V130 && front != Front::Exec {
            meta = meta.and("thread_source", "user");
        }
        let text = "You are Codex, a coding agent. You and the user share one workspace.";
        let meta = meta.and("model_provider", "openai").and("base_instructions", obj! { "text": text });
        self.push(written, "session_meta", meta);
    }

    fn turn(&mut self, turn: &Turn, first: bool) {
        let at = turn.at;
        if self.era == Era::V130 {
            let started = obj! {
                "type": "task_started", "turn_id": &turn.id, "started_at": at / SECOND,
                "model_context_window": 258_400, "collaboration_mode_kind": "default",
            };
            self.push(at, "event_msg", started);
        }
        if first {
            self.surroundings(at);
        }
        self.push(at + 1, "turn_context", self.context(&turn.id, at));
        self.push(at + 2, "response_item", message("user", "input_text", &turn.prompt));
        let images = arr![];
        let user = obj! {
            "type": "user_message", "message": &turn.prompt, "images": images, "local_images": arr![], "text_elements": arr![],
        };
        self.push(at + 2, "event_msg", user);
        self.end(at, &turn.id, turn.answer);
    }

    fn surroundings(&mut self, at: i64) {
        let rules = "<permissions instructions>\nApproval policy is currently on-request.\n</permissions instructions>";
        self.push(at, "response_item", message("developer", "input_text", rules));
        let place =
            format!("<environment_context>\n  <cwd>{}</cwd>\n  <shell>bash</shell>\n</environment_context>", self.st.cast.work());
        self.push(at, "response_item", message("user", "input_text", &place));
    }

    fn context(&self, turn: &str, at: i64) -> Json {
        let model = self.era.model();
        let cwd = self.st.cast.work();
        let settings = obj! { "model": model, "reasoning_effort": Json::null(), "developer_instructions": Json::null() };
        let mode = obj! { "mode": "default", "settings": settings };
        let limit = obj! { "mode": "tokens", "limit": 10_000 };
        match self.era {
            Era::V098 => obj! {
                "cwd": cwd, "approval_policy": "never", "sandbox_policy": obj! { "type": "read-only" }, "model": model,
                "personality": "pragmatic", "collaboration_mode": mode, "summary": "auto", "truncation_policy": limit,
            },
            _ => obj! {
                "turn_id": turn, "cwd": cwd, "current_date": self.st.clock.print(at, "%F"),
                "timezone": zone_name(self.st.clock), "approval_policy": "on-request",
                "sandbox_policy": obj! { "type": "read-only" }, "model": model, "personality": "pragmatic",
                "collaboration_mode": mode, "realtime_active": false, "summary": "none", "truncation_policy": limit,
            },
        }
    }

    fn end(&mut self, at: i64, turn: &str, answer: Answer) {
        let mut now = at + self.st.ms(1_800, 9_000);
        match answer {
            Answer::Done => self.answer(now, at, turn),
            Answer::DoneWithCommand => {
                self.command(now);
                now += self.st.ms(900, 4_000);
                self.answer(now, at, turn);
            }
            Answer::Failed(..) => {
                let now = at + self.st.ms(700, 1_000);
                self.complete(now, at, turn, None);
            }
            Answer::Interrupted => {
                self.push(now, "event_msg", obj! { "type": "turn_aborted", "turn_id": turn, "reason": "interrupted" })
            }
        }
    }

    fn answer(&mut self, now: i64, at: i64, turn: &str) {
        let text = self.st.say(12);
        let said = match self.era {
            Era::V098 => obj! { "type": "agent_message", "message": &text },
            _ => obj! { "type": "agent_message", "message": &text, "phase": Json::null(), "memory_citation": Json::null() },
        };
        self.push(now, "event_msg", said);
        self.push(now, "response_item", message("assistant", "output_text", &text));
        self.tokens(now + 50);
        self.complete(now + 54, at, turn, Some(&text));
    }

    /// A command whose output quotes the failure of another program: never an event.
    fn command(&mut self, now: i64) {
        let call = format!("call_{}", self.st.cast.hex(24));
        let wish = obj! { "cmd": "tail -n 1 /srv/export/bot-session.jsonl", "workdir": self.st.cast.work() }.line();
        let ask = obj! { "type": "function_call", "name": "exec_command", "arguments": wish, "call_id": &call };
        self.push(now - 700, "response_item", ask);
        let quoted = obj! {
            "type": "message", "id": self.st.cast.hex(8), "timestamp": iso_ms(now - 30 * MINUTE),
            "message": obj! {
                "role": "assistant", "content": arr![], "provider": "openai-codex", "stopReason": "error",
                "errorMessage": "401 refresh_token_reused: Your refresh token has already been used.",
            },
        };
        let output = format!("Process exited with code 0\nOutput:\n{}\n", quoted.line());
        self.push(now - 200, "response_item", obj! { "type": "function_call_output", "call_id": call, "output": output });
    }

    fn tokens(&mut self, now: i64) {
        let (input, output) = (self.st.ms(3_000, 9_000), self.st.ms(20, 400));
        self.total += input + output;
        let last = obj! {
            "input_tokens": input, "cached_input_tokens": 0, "output_tokens": output,
            "reasoning_output_tokens": 0, "total_tokens": input + output,
        };
        let total = obj! {
            "input_tokens": self.total - output, "cached_input_tokens": 0, "output_tokens": output,
            "reasoning_output_tokens": 0, "total_tokens": self.total,
        };
        let info = obj! { "total_token_usage": total, "last_token_usage": last, "model_context_window": 258_400 };
        self.push(now, "event_msg", obj! { "type": "token_count", "info": info, "rate_limits": Json::null() });
    }

    fn complete(&mut self, now: i64, at: i64, turn: &str, said: Option<&str>) {
        if self.era == Era::V098 {
            return;
        }
        let mut done = obj! {
            "type": "task_complete", "turn_id": turn, "last_agent_message": said,
            "completed_at": now / SECOND, "duration_ms": now - at,
        };
        if said.is_some() {
            done = done.and("time_to_first_token_ms", (now - at) / 2);
        }
        self.push(now, "event_msg", done);
    }
}

fn message(role: &str, kind: &str, text: &str) -> Json {
    obj! { "type": "message", "role": role, "content": arr![obj! { "type": kind, "text": text }] }
}
