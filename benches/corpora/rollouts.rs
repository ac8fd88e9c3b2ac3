//! Rollouts of Codex 0.169: two thirds of the bytes are `compacted` records (the history that a compaction kept, as one
//! line of some hundred KB), a quarter is pictures in base64, and the rest is turns. One turn in fifty failed.

use super::pool::Pool;
use super::rng::{Rng, mix};
use super::{Asked, FIRST_MS, Out, Truth, day, iso, sizes, uuid};
use std::fmt::Write as _;
use std::path::Path;

/// Why turns failed: the sentence and the class.
const ERRORS: [(&str, &str); 3] = [
    ("stream disconnected before completion: error sending request", "response_stream_disconnected"),
    ("Selected model is at capacity. Please try a different model.", "server_overloaded"),
    ("unexpected status 502 Bad Gateway: upstream connect error", "other"),
];

/// A rollout while it is written.
struct Thread<'p> {
    pool: &'p Pool,
    rng: Rng,
    ms: u64,
    ordinal: u64,
    out: Out,
}

impl Thread<'_> {
    fn line(&mut self, kind: &str, payload: &str) {
        let (time, ordinal) = (iso(self.ms), self.ordinal);
        self.ordinal += 1;
        self.out.line(&format!(r#"{{"timestamp":"{time}","ordinal":{ordinal},"type":"{kind}","payload":{payload}}}"#));
    }

    fn meta(&mut self, id: &str) {
        let time = iso(self.ms);
        self.line(
            "session_meta",
            &format!(
                r#"{{"session_id":"{id}","id":"{id}","timestamp":"{time}","cwd":"/srv/work","originator":"codex-tui","cli_version":"0.169.0","source":"vscode","thread_source":"user","model_provider":"openai"}}"#
            ),
        );
    }

    /// The history that a compaction kept.
    fn compacted(&mut self, most: usize) {
        let (mut kept, wanted) = (String::new(), (200_000 + self.rng.below(400_000) as usize).min(most));
        while kept.len() < wanted {
            if !kept.is_empty() {
                kept.push(',');
            }
            let (role, part) = *self.rng.pick(&[("user", "input_text"), ("assistant", "output_text")]);
            let text = self.pool.slice(&self.rng, 200 + self.rng.below(9_000) as usize);
            let _ = write!(kept, r#"{{"type":"message","role":"{role}","content":[{{"type":"{part}","text":"{text}"}}]}}"#);
        }
        self.line("compacted", &format!(r#"{{"message":"","replacement_history":[{kept}]}}"#));
    }

    fn picture(&mut self, call: &str, most: usize) {
        let data = self.pool.picture(&self.rng, (50_000 + self.rng.below(350_000) as usize).min(most));
        let output = format!(r#"[{{"type":"input_image","image_url":"data:image/png;base64,{data}"}}]"#);
        self.line("response_item", &format!(r#"{{"type":"function_call_output","call_id":"{call}","output":{output}}}"#));
    }

    /// One turn; whether it ended well.
    fn turn(&mut self, failed: bool) {
        self.ms += 5_000 + self.rng.below(300_000);
        let turn = uuid(&self.rng);
        let started = self.ms / 1000;
        self.line(
            "event_msg",
            &format!(r#"{{"type":"task_started","turn_id":"{turn}","root_turn_id":"{turn}","started_at":{started},"model_context_window":258400}}"#),
        );
        self.line(
            "turn_context",
            &format!(r#"{{"turn_id":"{turn}","root_turn_id":"{turn}","cwd":"/srv/work","approval_policy":"on-request","model":"gpt-6.1-sol","summary":"none"}}"#),
        );
        let text = self.pool.slice(&self.rng, 120).to_owned();
        self.line(
            "response_item",
            &format!(r#"{{"type":"message","role":"user","content":[{{"type":"input_text","text":"{text}"}}]}}"#),
        );
        if failed {
            let (sentence, class) = *self.rng.pick(&ERRORS);
            self.ms += 900;
            self.line(
                "event_msg",
                &format!(
                    r#"{{"type":"task_complete","root_turn_id":"{turn}","turn_id":"{turn}","last_agent_message":null,"error":{{"message":"{sentence}","codex_error_info":"{class}"}},"started_at":{started},"completed_at":{},"duration_ms":900}}"#,
                    self.ms / 1000
                ),
            );
            return;
        }
        for _ in 0..1 + self.rng.below(4) {
            self.ms += 1_000 + self.rng.below(20_000);
            let call = format!("call_{:016x}", self.rng.word());
            self.line(
                "response_item",
                &format!(r#"{{"type":"function_call","name":"exec_command","arguments":"{{\"cmd\":\"cargo test\"}}","call_id":"{call}"}}"#),
            );
            let output = self.pool.slice(&self.rng, 100 + self.rng.below(6_000) as usize).to_owned();
            self.line("response_item", &format!(r#"{{"type":"function_call_output","call_id":"{call}","output":"{output}"}}"#));
        }
        let text = self.pool.slice(&self.rng, 80 + self.rng.below(1_500) as usize).to_owned();
        self.line(
            "response_item",
            &format!(r#"{{"type":"message","status":"completed","role":"assistant","content":[{{"type":"output_text","text":"{text}","annotations":[]}}]}}"#),
        );
        self.line(
            "event_msg",
            r#"{"type":"token_count","info":{"total_token_usage":{"input_tokens":4078,"output_tokens":205,"total_tokens":4283}},"rate_limits":null}"#,
        );
        self.line(
            "event_msg",
            &format!(
                r#"{{"type":"task_complete","root_turn_id":"{turn}","turn_id":"{turn}","last_agent_message":"{text}","started_at":{started},"completed_at":{},"duration_ms":5203}}"#,
                self.ms / 1000
            ),
        );
    }
}

/// Rollouts below `sessions/`, by day.
pub(super) fn make(folder: &Path, asked: &Asked) -> Truth {
    let rng = Rng::new(asked.seed);
    let (pool, mut truth) = (Pool::new(&rng), Truth::default());
    for (at, size) in sizes(&rng, asked.bytes, asked.files).into_iter().enumerate() {
        let rng = Rng::new(mix(asked.seed ^ mix(at as u64)));
        let ms = FIRST_MS + rng.below(120 * 86_400_000);
        let (id, (year, month, date, _)) = (uuid(&rng), day(ms));
        let name = iso(ms)[..19].replace(':', "-");
        let path = folder.join(format!("sessions/{year}/{month:02}/{date:02}/rollout-{name}-{id}.jsonl"));
        let mut thread = Thread { pool: &pool, rng, ms, ordinal: 0, out: Out::create(&path) };
        thread.meta(&id);
        // What each part takes, so that its share of the bytes is kept.
        let (mut compacted, mut pictures) = (0, 0);
        while thread.out.len() < size {
            let failed = thread.rng.below(50) == 0;
            thread.turn(failed);
            truth.turns += 1;
            truth.failed += u64::from(failed);
            let before = thread.out.len();
            if pictures < before / 4 {
                thread.picture("call_0000000000000000", size as usize / 4);
                pictures += thread.out.len() - before;
            }
            let before = thread.out.len();
            if compacted < before / 3 * 2 {
                thread.compacted(size as usize / 2);
                compacted += thread.out.len() - before;
            }
        }
        thread.out.close(&mut truth);
    }
    truth
}
