//! A home of any size, streamed to disk: mostly OpenClaw transcripts with lines as long as real
//! ones, then Codex rollouts and Hermes logs. Bodies are slices of a pool of escaped text, so a
//! gigabyte takes seconds; what is in it is known exactly.

use super::clock::{Clock, SECOND, iso_ms, utc};
use super::json::{Json, arr, obj};
use super::rng::{BASE64, HEX, Rng};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// What a big home holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Bytes on disk.
    pub bytes: u64,
    /// Files.
    pub files: usize,
    /// Answers of OpenClaw transcripts, failed ones included.
    pub turns: usize,
    /// Answers that ended in an error.
    pub failed: usize,
    /// Lines with a failed answer quoted inside them, which is none.
    pub decoys: usize,
}

/// Largest file: as large as busy transcripts become.
const FILE: u64 = 48 << 20;

/// Write a home of about `bytes` below `folder`.
pub fn big_home(folder: &Path, bytes: u64, seed: u64) -> Truth {
    let mut big = Big { pool: Pool::new(seed), rng: Rng::new(seed), truth: Truth::default(), now: utc("2026-05-01 06:00:00") };
    let mut number = 0;
    while big.truth.bytes < bytes {
        let size = (bytes / 10).clamp(64 << 10, FILE).min((bytes - big.truth.bytes).max(4096));
        match number % 10 {
            1 | 6 => big.rollout(folder, size),
            3 => big.hermes_log(folder, size),
            _ => big.transcript(folder, size),
        }
        number += 1;
    }
    big.truth
}

/// Escaped text with known line borders, and base64 without any.
struct Pool {
    text: String,
    borders: Vec<usize>,
    base64: String,
}

impl Pool {
    fn new(seed: u64) -> Pool {
        let rng = Rng::new(!seed);
        let (mut text, mut borders) = (String::new(), vec![0]);
        while text.len() < 4 << 20 {
            let words: Vec<String> = (0..rng.span(2, 14)).map(|_| rng.text("etaoinshrdlucm", rng.span(2, 9) as usize)).collect();
            let odd = *rng.pick(&["", "", "", "\\t", "\\\"", "\\\\", "\\u001b[31m", "é", "会话", "✓"]);
            text.push_str(&format!("{}{odd}\\n", words.join(" ")));
            borders.push(text.len());
        }
        Pool { text, borders, base64: rng.text(&BASE64[..62], 2 << 20) }
    }

    /// About `size` bytes of whole lines, ready to stand inside a JSON string.
    fn body(&self, rng: &Rng, size: usize) -> &str {
        let from = rng.below(self.borders.len() as u64 / 2) as usize;
        let start = self.borders[from];
        let end = self.borders.partition_point(|&border| border < start + size).min(self.borders.len() - 1);
        &self.text[start..self.borders[end]]
    }

    fn base64(&self, rng: &Rng, size: usize) -> &str {
        let start = rng.below((self.base64.len() - size) as u64) as usize;
        &self.base64[start..start + size]
    }
}

/// Stands for a body in a line that is built as JSON.
const HOLE: &str = "@@";

struct Big {
    pool: Pool,
    rng: Rng,
    truth: Truth,
    now: i64,
}

/// A file that counts what is written.
struct Sink {
    file: BufWriter<File>,
    written: u64,
}

impl Sink {
    fn line(&mut self, parts: &[&str]) {
        for part in parts.iter().chain(&["\n"]) {
            self.file.write_all(part.as_bytes()).unwrap();
            self.written += part.len() as u64;
        }
    }
}

impl Big {
    fn open(&mut self, folder: &Path, path: &str) -> Sink {
        let place = folder.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        self.truth.files += 1;
        Sink { file: BufWriter::with_capacity(1 << 20, File::create(place).unwrap()), written: 0 }
    }

    fn close(&mut self, mut sink: Sink) {
        sink.file.flush().unwrap();
        self.truth.bytes += sink.written;
    }

    /// A line with one hole, filled with a body.
    fn fill(&self, sink: &mut Sink, line: &Json, body: &str) {
        let line = line.line();
        let (head, tail) = line.split_once(HOLE).unwrap();
        sink.line(&[head, body, tail]);
    }

    fn transcript(&mut self, folder: &Path, size: u64) {
        let id = format!("{}-{}-4{}-a{}-{}", self.hex(8), self.hex(4), self.hex(3), self.hex(3), self.hex(12));
        let mut sink = self.open(folder, &format!(".openclaw/agents/main/sessions/{id}.jsonl"));
        let head = obj! { "type": "session", "version": 3, "id": id, "timestamp": iso_ms(self.now), "cwd": "/srv/work" };
        sink.line(&[&head.line()]);
        let mut parent = self.hex(8);
        while sink.written < size {
            self.now += self.rng.span(2, 90) * SECOND;
            let body = self.pool.body(&self.rng, 220);
            let user = obj! { "role": "user", "content": arr![obj! { "type": "text", "text": HOLE }], "timestamp": self.now };
            self.fill(&mut sink, &self.entry(&mut parent, user), body);
            for _ in 0..self.rng.span(0, 6) {
                self.tool(&mut sink, &mut parent);
            }
            self.answer(&mut sink, &mut parent);
        }
        self.close(sink);
    }

    fn entry(&self, parent: &mut String, message: Json) -> Json {
        let id = self.hex(8);
        let before = std::mem::replace(parent, id.clone());
        obj! { "type": "message", "id": id, "parentId": before, "timestamp": iso_ms(self.now), "message": message }
    }

    fn hex(&self, length: usize) -> String {
        self.rng.text(HEX, length)
    }

    fn assistant(&mut self, content: Json, stop: &str) -> Json {
        self.truth.turns += 1;
        obj! {
            "role": "assistant", "content": content, "api": "openai-codex-responses", "provider": "openai-codex",
            "model": "gpt-5.5", "usage": obj! { "input": 900, "output": 90 }, "stopReason": stop, "timestamp": self.now - 2 * SECOND,
        }
    }

    /// A call and its result: mostly text, now and then an image or quoted failures.
    fn tool(&mut self, sink: &mut Sink, parent: &mut String) {
        self.now += self.rng.span(1, 20) * SECOND;
        let call = format!("call_{}", self.hex(24));
        let wish = obj! { "command": HOLE, "filter": obj! { "role": "assistant", "stopReason": "error" } };
        let ask = self.assistant(arr![obj! { "type": "toolCall", "id": &call, "name": "exec", "arguments": wish }], "toolUse");
        self.fill(sink, &self.entry(parent, ask), self.pool.body(&self.rng, 90));
        let result = |content: Json| obj! { "role": "toolResult", "toolCallId": &call, "content": content, "isError": false };
        let text = || arr![obj! { "type": "text", "text": HOLE }];
        match self.rng.below(200) {
            0 => {
                let image = arr![obj! { "type": "image", "data": HOLE, "mimeType": "image/png" }];
                let data = self.pool.base64(&self.rng, 1 << 20);
                self.fill(sink, &self.entry(parent, result(image)), data);
            }
            1..4 => {
                self.truth.decoys += 1;
                let quoted = Json::Text(failed_line(self.now)).line();
                let body = quoted.trim_matches('"').repeat(self.rng.span(1, 9) as usize);
                self.fill(sink, &self.entry(parent, result(text())), &body);
            }
            4..6 => {
                self.truth.decoys += 1;
                let inner = obj! { "role": "assistant", "content": arr![], "provider": "other", "stopReason": "error" };
                let details = obj! { "results": arr![obj! { "messages": arr![inner], "stopReason": "error" }] };
                let body = self.pool.body(&self.rng, 900);
                self.fill(sink, &self.entry(parent, result(text()).and("details", details)), body);
            }
            _ => {
                let size = self.rng.span(2_000, 50_000) as usize;
                self.fill(sink, &self.entry(parent, result(text())), self.pool.body(&self.rng, size));
            }
        }
    }

    fn answer(&mut self, sink: &mut Sink, parent: &mut String) {
        self.now += self.rng.span(2, 20) * SECOND;
        if self.rng.below(40) == 0 {
            self.truth.failed += 1;
            let message = self.assistant(arr![], "error").and("errorMessage", "WebSocket closed 1006");
            sink.line(&[&self.entry(parent, message).line()]);
        } else {
            let message = self.assistant(arr![obj! { "type": "text", "text": HOLE }], "stop");
            let size = self.rng.span(40, 3_000) as usize;
            self.fill(sink, &self.entry(parent, message), self.pool.body(&self.rng, size));
        }
    }

    fn rollout(&mut self, folder: &Path, size: u64) {
        let id = format!("{:012x}-7{}-a{}-{}", self.now, self.hex(3), self.hex(3), self.hex(12));
        let (id, day) =
            (format!("{}-{}", &id[..8], &id[8..]), Clock::utc().print(self.now, "sessions/%Y/%m/%d/rollout-%FT%H-%M-%S"));
        let mut sink = self.open(folder, &format!(".codex/{day}-{id}.jsonl"));
        let line = |at: i64, kind: &str, payload: Json| obj! { "timestamp": iso_ms(at), "type": kind, "payload": payload };
        let meta = obj! { "id": &id, "timestamp": iso_ms(self.now), "originator": "codex_exec", "cli_version": "0.130.0", "source": "exec" };
        sink.line(&[&line(self.now, "session_meta", meta).line()]);
        while sink.written < size {
            self.now += self.rng.span(5, 90) * SECOND;
            let turn = self.hex(32);
            sink.line(&[&line(self.now, "event_msg", obj! { "type": "task_started", "turn_id": &turn }).line()]);
            for _ in 0..self.rng.span(1, 8) {
                let output = obj! { "type": "function_call_output", "call_id": self.hex(24), "output": HOLE };
                let size = self.rng.span(2_000, 50_000) as usize;
                self.fill(&mut sink, &line(self.now, "response_item", output), self.pool.body(&self.rng, size));
            }
            let done = obj! { "type": "task_complete", "turn_id": turn, "last_agent_message": "done" };
            sink.line(&[&line(self.now + 9 * SECOND, "event_msg", done).line()]);
        }
        self.close(sink);
    }

    fn hermes_log(&mut self, folder: &Path, size: u64) {
        let mut sink = self.open(folder, &format!(".hermes/logs/agent.log.{}", self.truth.files));
        while sink.written < size {
            self.now += self.rng.span(50, 4_000);
            let (time, body) = (Clock::utc().python_log(self.now), self.pool.body(&self.rng, 160));
            sink.line(&[&time, " INFO run_agent: tool terminal completed (0.53s, 64 chars) ", body]);
        }
        self.close(sink);
    }
}

/// A failed turn of another session, as a file that a tool prints holds it.
fn failed_line(at: i64) -> String {
    let message = obj! { "role": "assistant", "content": arr![], "provider": "openai-codex", "stopReason": "error", "errorMessage": "quoted" };
    obj! { "type": "message", "id": "deadbeef", "timestamp": iso_ms(at), "message": message }.line() + "\n"
}
