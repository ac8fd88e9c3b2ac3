//! Transcripts of OpenClaw: two thirds of the bytes are tool results, a third is answers, and one turn in fifty failed.
//! Some lines quote failures (escaped in a text, or as real objects inside a tool's arguments), and some few are written
//! otherwise than the client writes them (blanks, another order of keys, escaped letters, CRLF): they count, and a search
//! for a string finds the former and misses the latter.

use super::pool::Pool;
use super::rng::{Rng, mix};
use super::{Asked, FIRST_MS, Out, Truth, iso, sizes, weighed};
use std::path::Path;

/// Provider, model and interface, and how often they are asked.
const MODELS: [(u64, &str, &str, &str); 6] = [
    (32, "openai-codex", "gpt-5.5", "openai-codex-responses"),
    (25, "anthropic", "claude-opus-4-6", "anthropic-messages"),
    (18, "anthropic", "claude-sonnet-4-5", "anthropic-messages"),
    (12, "openai-codex", "gpt-5.3-codex", "openai-codex-responses"),
    (8, "google", "gemini-3-pro-preview", "google-generative-ai"),
    (5, "openrouter", "glm-5", "openai-completions"),
];

/// How answers end that are no failures, in a hundred.
const STOPS: [(u64, &str); 4] = [(76, "toolUse"), (20, "stop"), (3, "aborted"), (1, "length")];

/// What failures say.
const ERRORS: [&str; 8] = [
    "WebSocket closed 1006 ",
    "terminated",
    "fetch failed",
    "Request timed out.",
    r#"429 {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"Too many requests.\"}}"#,
    r#"529 {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"#,
    r#"503 upstream connect error or disconnect/reset before headers\n  at proxy"#,
    "Expected 101 status code",
];

/// A transcript while it is written.
struct Session<'p> {
    pool: &'p Pool,
    rng: Rng,
    ms: u64,
    entries: u64,
    out: Out,
}

impl Session<'_> {
    fn id(&mut self) -> String {
        self.entries += 1;
        format!("{:08x}", mix(self.rng.word()) as u32)
    }

    fn entry(&mut self, message: &str) -> String {
        self.ms += 500 + self.rng.below(60_000);
        let (id, parent, time) = (self.id(), self.id(), iso(self.ms));
        format!(r#"{{"type":"message","id":"{id}","parentId":"{parent}","timestamp":"{time}","message":{message}}}"#)
    }

    /// Lengths that vary by orders of magnitude around one.
    fn about(&self, bytes: usize) -> usize {
        (bytes as f64 * 2f64.powf(self.rng.below(700) as f64 / 100.0 - 3.5)) as usize
    }

    fn user(&mut self) {
        let text = self.pool.slice(&self.rng, self.about(300)).to_owned();
        let line = format!(r#"{{"role":"user","content":[{{"type":"text","text":"{text}"}}],"timestamp":{}}}"#, self.ms);
        let line = self.entry(&line);
        self.out.line(&line);
    }

    /// An answer; whether it asks for a tool.
    fn answer(&mut self, truth: &mut Truth) -> bool {
        let (_, provider, model, api) = *weighed(&self.rng, &MODELS, |m| m.0);
        let failed = self.rng.below(50) == 0;
        let stop = if failed { "error" } else { weighed(&self.rng, &STOPS, |s| s.0).1 };
        let text = self.pool.slice(&self.rng, self.about(1_400)).to_owned();
        let call = match (stop, self.rng.below(40)) {
            ("toolUse", 0) => {
                truth.decoys += 1;
                r#",{"type":"toolCall","id":"call_1","name":"write","arguments":{"role":"assistant","stopReason":"error","provider":"x"}}"#
            }
            ("toolUse", _) => r#",{"type":"toolCall","id":"call_2","name":"bash","arguments":{"command":"cargo test"}}"#,
            _ => "",
        };
        let (input, output) = (self.rng.below(90_000), self.rng.below(4_000));
        let usage = format!(
            r#"{{"input":{input},"output":{output},"cacheRead":0,"cacheWrite":0,"totalTokens":{},"cost":{{"input":0.{output:04},"output":0,"cacheRead":0,"cacheWrite":0,"total":0.{output:04}}}}}"#,
            input + output
        );
        let error = if failed {
            let diagnostics = r#","diagnostics":[{"type":"provider_transport_failure","message":"Received network error or non-101 status code."}]"#;
            let diagnostics = if self.rng.below(5) < 2 { diagnostics } else { "" };
            format!(r#","errorMessage":"{}"{diagnostics}"#, self.rng.pick(&ERRORS))
        } else {
            String::new()
        };
        let content = if failed { "[]".to_owned() } else { format!(r#"[{{"type":"text","text":"{text}"}}{call}]"#) };
        let asked = self.ms;
        let message = format!(
            r#"{{"role":"assistant","content":{content},"api":"{api}","provider":"{provider}","model":"{model}","usage":{usage},"stopReason":"{stop}","timestamp":{asked}{error}}}"#
        );
        let line = self.entry(&message);
        let (line, end) = self.variant(line, stop, truth);
        self.out.put(&line, end);
        truth.turns += 1;
        truth.failed += u64::from(failed);
        *truth.counts.entry(format!("{provider}|{model}|{stop}")).or_default() += 1;
        stop == "toolUse"
    }

    /// One answer in a thousand is written otherwise.
    fn variant(&self, line: String, stop: &str, truth: &mut Truth) -> (String, &'static str) {
        if self.rng.below(1000) > 0 {
            return (line, "\n");
        }
        truth.variants += 1;
        match self.rng.below(4) {
            0 => (line.replace(r#""role":"#, r#""role" : "#).replace(r#""stopReason":"#, r#""stopReason" : "#), "\n"),
            1 => {
                let told = format!(r#","stopReason":"{stop}""#);
                let moved = line.replacen(&told, "", 1).replacen(
                    r#""role":"assistant","#,
                    &format!(r#"{},"role":"assistant","#, &told[1..]),
                    1,
                );
                (moved, "\n")
            }
            2 => (
                line.replace(r#""stopReason":"#, r#""stop\u0052eason":"#)
                    .replace(r#""role":"assistant""#, r#""ro\u006ce":"\u0061ssistant""#),
                "\n",
            ),
            _ => (line, "\r\n"),
        }
    }

    fn result(&mut self, truth: &mut Truth) {
        let kind = self.rng.below(100);
        let content = match kind {
            0 => {
                let bytes = self.about(60_000).min(self.pool.picture.len() - 1);
                format!(r#"{{"type":"image","data":"{}","mimeType":"image/png"}}"#, &self.pool.picture[..bytes])
            }
            1..4 => {
                truth.decoys += 1;
                r#"{"type":"text","text":"{\"type\":\"message\",\"message\":{\"role\":\"assistant\",\"stopReason\":\"error\",\"errorMessage\":\"terminated\"}}\n"}"#.to_owned()
            }
            _ => format!(r#"{{"type":"text","text":"{}"}}"#, self.pool.slice(&self.rng, self.about(4_200))),
        };
        let message = format!(
            r#"{{"role":"toolResult","toolCallId":"call_2","toolName":"bash","content":[{content}],"isError":false,"timestamp":{}}}"#,
            self.ms
        );
        let line = self.entry(&message);
        self.out.line(&line);
    }
}

/// Write one transcript of about so many bytes.
fn write(path: &Path, bytes: u64, pool: &Pool, seed: u64, truth: &mut Truth) {
    let mut session = Session { pool, rng: Rng::new(seed), ms: FIRST_MS, entries: 0, out: Out::create(path) };
    session.ms += session.rng.below(120 * 86_400_000);
    let time = iso(session.ms);
    let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
    session.out.line(&format!(r#"{{"type":"session","version":3,"id":"{stem}","timestamp":"{time}","cwd":"/srv/work"}}"#));
    while session.out.len() < bytes {
        session.user();
        while session.answer(truth) {
            session.result(truth);
        }
    }
    session.out.close(truth);
}

/// Transcripts in a folder of their own.
pub(super) fn make(folder: &Path, asked: &Asked) -> Truth {
    let rng = Rng::new(asked.seed);
    let (pool, mut truth) = (Pool::new(&rng), Truth::default());
    for (at, size) in sizes(&rng, asked.bytes, asked.files).into_iter().enumerate() {
        let seed = mix(asked.seed ^ mix(at as u64));
        let id = format!("{:08x}-0000-4000-8000-{at:012x}", seed as u32);
        write(&folder.join(format!("{id}.jsonl")), size, &pool, seed, &mut truth);
    }
    truth
}
