//! Makes the corpora on which `stopwhy` is measured beside its peers: transcripts of OpenClaw in one folder, and
//! beside it, in `<folder>.truth.json`, what is in them.
//!
//! ```text
//! cargo bench --bench corpus -- FOLDER [--bytes 2G] [--files 400] [--seed 1]
//! ```
//!
//! The same arguments give the same bytes on every machine. Two thirds of the bytes are tool results, a third is
//! answers; one turn in fifty failed. Some lines quote failures (escaped in a text, or as real objects inside a tool's
//! arguments), and some few are written otherwise than the client writes them (blanks, another order of keys, escaped
//! letters, CRLF): they count, and a search for a string finds the former and misses the latter.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit)] // a program of its own, for people at a terminal
#![allow(dead_code, unreachable_pub, missing_docs)] // the dice serve the tests as well

#[path = "../tests/it/make/rng.rs"]
mod rng;

use rng::{Rng, mix};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
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

const WORDS: &str = "a and as build buffer by cache check client commit config error event file for from handler if in index \
                     is it line list log message model not of on parse path queue read request response result retry row \
                     server session set state status stream table test the timeout to token value was with worker write";

/// First time, 1 January 2026, in ms.
const FIRST_MS: u64 = 1_767_225_600_000;

/// What was made.
#[derive(Default)]
struct Truth {
    lines: u64,
    bytes: u64,
    decoys: u64,
    variants: u64,
    failed: u64,
    counts: BTreeMap<String, u64>,
}

/// Text that may stand between quotes as it is, in lines, and such of a picture.
struct Pool {
    text: String,
    /// Where lines begin.
    starts: Vec<usize>,
    picture: String,
}

impl Pool {
    fn new(rng: &Rng) -> Pool {
        const SIZE: usize = 8 << 20;
        let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
        let (mut text, mut starts) = (String::with_capacity(SIZE + 4096), Vec::new());
        while text.len() < SIZE {
            starts.push(text.len());
            let say = |count: u64| (0..count).map(|_| *rng.pick(&words)).collect::<Vec<_>>().join(" ");
            let line = match rng.below(12) {
                0..5 => format!("{}.", say(9 + rng.below(9))),
                5 | 6 => format!("    let {} = {}(\\\"{}\\\", &{});", say(1), say(1), say(2), say(1)),
                7 => format!("\\t{}: {{ \\\"{}\\\": {} }},", say(1), say(1), rng.below(9999)),
                8 => format!(
                    "2026-05-{:02}T10:{:02}:07.{:03}Z [{}] {}",
                    1 + rng.below(28),
                    rng.below(60),
                    rng.below(1000),
                    say(1),
                    say(6)
                ),
                9 => format!("C:\\\\{}\\\\{}.rs:{} — {}", say(1), say(1), rng.below(900), say(4)),
                10 => format!("\\u001b[31m{}\\u001b[0m {} é ✓ 会话", say(2), say(5)),
                _ => "}".to_owned(),
            };
            text.push_str(&line);
            text.push_str("\\n");
        }
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        Pool { text, starts, picture: rng.text(letters, 2 << 20) }
    }

    /// So many bytes of text or a line more.
    fn slice(&self, rng: &Rng, bytes: usize) -> &str {
        let from = rng.below(self.starts.len() as u64 / 2) as usize;
        let start = self.starts[from];
        let to = self.starts.partition_point(|at| *at < start + bytes).min(self.starts.len() - 1).max(from + 1);
        &self.text[start..self.starts[to]]
    }
}

/// A transcript while it is written.
struct Session<'p> {
    pool: &'p Pool,
    rng: Rng,
    ms: u64,
    entries: u64,
    text: String,
}

impl Session<'_> {
    fn id(&mut self) -> String {
        self.entries += 1;
        format!("{:08x}", mix(self.rng.word()) as u32)
    }

    fn time(&self) -> String {
        let (days, ms) = (self.ms / 86_400_000, self.ms % 86_400_000);
        // All of it lies in the first half of 2026.
        let (mut day, mut month) = (days - FIRST_MS / 86_400_000, 0);
        for length in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if day < length {
                break;
            }
            (day, month) = (day - length, month + 1);
        }
        let (s, rest) = (ms / 1000, ms % 1000);
        format!("2026-{:02}-{:02}T{:02}:{:02}:{:02}.{rest:03}Z", month + 1, day + 1, s / 3600, s / 60 % 60, s % 60)
    }

    fn entry(&mut self, message: &str) -> String {
        self.ms += 500 + self.rng.below(60_000);
        let (id, parent, time) = (self.id(), self.id(), self.time());
        format!(r#"{{"type":"message","id":"{id}","parentId":"{parent}","timestamp":"{time}","message":{message}}}"#)
    }

    /// Lengths that vary by orders of magnitude around one.
    fn about(&self, bytes: usize) -> usize {
        (bytes as f64 * 2f64.powf(self.rng.below(700) as f64 / 100.0 - 3.5)) as usize
    }

    fn put(&mut self, line: &str, end: &str, truth: &mut Truth) {
        self.text.push_str(line);
        self.text.push_str(end);
        truth.lines += 1;
    }

    fn user(&mut self, truth: &mut Truth) {
        let text = self.pool.slice(&self.rng, self.about(300)).to_owned();
        let line = format!(r#"{{"role":"user","content":[{{"type":"text","text":"{text}"}}],"timestamp":{}}}"#, self.ms);
        let line = self.entry(&line);
        self.put(&line, "\n", truth);
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
        self.put(&line, end, truth);
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
        self.put(&line, "\n", truth);
    }
}

fn weighed<'a, T>(rng: &Rng, list: &'a [T], weight: impl Fn(&T) -> u64) -> &'a T {
    let mut left = rng.below(list.iter().map(&weight).sum());
    list.iter()
        .find(|item| {
            weight(item) > left || {
                left -= weight(item);
                false
            }
        })
        .unwrap()
}

/// Write one transcript of about so many bytes.
fn write(path: &Path, bytes: u64, pool: &Pool, seed: u64, truth: &mut Truth) {
    let mut session = Session { pool, rng: Rng::new(seed), ms: FIRST_MS, entries: 0, text: String::new() };
    session.ms += session.rng.below(120 * 86_400_000);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    let mut written = 0;
    let time = session.time();
    let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
    let header = format!(r#"{{"type":"session","version":3,"id":"{stem}","timestamp":"{time}","cwd":"/srv/work"}}"#);
    session.put(&header, "\n", truth);
    while written + (session.text.len() as u64) < bytes {
        session.user(truth);
        while session.answer(truth) {
            session.result(truth);
        }
        if session.text.len() > 1 << 20 {
            out.write_all(session.text.as_bytes()).unwrap();
            written += session.text.len() as u64;
            session.text.clear();
        }
    }
    out.write_all(session.text.as_bytes()).unwrap();
    truth.bytes += written + session.text.len() as u64;
}

/// Sizes that vary as those of real transcripts do: few of them hold most of the bytes.
fn sizes(rng: &Rng, bytes: u64, files: u64) -> Vec<u64> {
    let weights: Vec<f64> = (0..files)
        .map(|_| {
            let around: f64 = (0..12).map(|_| rng.below(1_000_000) as f64 / 1e6).sum::<f64>() - 6.0;
            (1.4 * around).exp()
        })
        .collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| (weight / total * bytes as f64) as u64).collect()
}

fn number(text: &str) -> u64 {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'G') => (&text[..text.len() - 1], 1 << 30),
        Some(b'M') => (&text[..text.len() - 1], 1 << 20),
        _ => (text, 1),
    };
    digits.parse::<u64>().unwrap() * unit
}

fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let Some(folder) = args.next() else {
        println!("cargo bench --bench corpus -- FOLDER [--bytes 2G] [--files 400] [--seed 1]");
        return;
    };
    let (mut bytes, mut files, mut seed) = (2 << 30, 400, 1);
    while let (Some(option), Some(value)) = (args.next(), args.next()) {
        match option.as_str() {
            "--bytes" => bytes = number(&value),
            "--files" => files = number(&value).max(1),
            "--seed" => seed = number(&value),
            _ => panic!("{option}: no such option"),
        }
    }
    fs::create_dir_all(&folder).unwrap();
    let rng = Rng::new(seed);
    let (pool, mut truth) = (Pool::new(&rng), Truth::default());
    for (at, size) in sizes(&rng, bytes, files).into_iter().enumerate() {
        let seed = mix(seed ^ mix(at as u64));
        let id = format!("{:08x}-0000-4000-8000-{at:012x}", seed as u32);
        write(&Path::new(&folder).join(format!("{id}.jsonl")), size, &pool, seed, &mut truth);
    }
    let Truth { lines, bytes, decoys, variants, failed, counts } = truth;
    let told = serde_json::json!({
        "lines": lines, "bytes": bytes, "decoy_lines": decoys, "variant_lines": variants, "failed": failed, "counts": counts,
    });
    fs::write(format!("{}.truth.json", folder.trim_end_matches('/')), serde_json::to_string_pretty(&told).unwrap() + "\n").unwrap();
    println!("{folder}: {files} files, {lines} lines, {bytes} bytes, {failed} failed turns");
}
