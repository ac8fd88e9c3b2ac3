//! OpenClaw transcripts with one monster of a line, and neighbours that must not suffer from it.

use std::io::{self, Write};

/// The shape of the blob that stands before the error key.
#[derive(Clone, Copy, Debug)]
pub enum Blob {
    /// Base64, as of an image.
    Base64,
    /// A string of escapes.
    Escapes,
    /// Characters of several bytes.
    Wide,
    /// A list of numbers, as Node prints a `Buffer`.
    Numbers,
}

impl Blob {
    /// Every shape.
    pub const ALL: [Blob; 4] = [Blob::Base64, Blob::Escapes, Blob::Wide, Blob::Numbers];

    fn unit(self) -> &'static str {
        match self {
            Blob::Base64 => "iVBORw0KGgoAAAANSUhEUgAA",
            Blob::Escapes => "\\\"a\\\\\\u0041\\n",
            Blob::Wide => "é€𝄞",
            Blob::Numbers => "137,80,78,71,",
        }
    }
}

const HEADER: &str = r#"{"type":"session","version":3,"id":"s1","timestamp":"2026-05-10T06:15:00.000Z","cwd":"/x"}"#;
const BEFORE: &str = r#"{"type":"message","id":"e1","timestamp":"2026-05-10T06:20:02.123Z","message":{"role":"assistant","content":[{"type":"image","source":[{"data":"#;
const BEHIND: &str = r#"}]}],"provider":"openai-codex","model":"gpt-5.5","stop\u0052eason":"error","errorMessage":"{\"error\":{\"code\":\"refresh_token_reused\"}}"}}"#;

fn request(id: u32) -> String {
    format!(
        r#"{{"type":"message","id":"u{id}","timestamp":"2026-05-10T06:1{id}:00.000Z","message":{{"role":"user","content":"hi"}}}}"#
    )
}

fn answer(id: u32) -> String {
    format!(
        r#"{{"type":"message","id":"a{id}","timestamp":"2026-05-10T06:1{id}:30.000Z","message":{{"role":"assistant","content":[],"provider":"openai-codex","model":"gpt-5.5","stopReason":"stop"}}}}"#
    )
}

/// Write a transcript whose fourth of seven records holds `size` bytes of `blob` before its error,
/// and with `cut` ends inside the blob.
pub fn write(to: &mut dyn Write, blob: Blob, size: u64, cut: bool) -> io::Result<()> {
    for line in [HEADER.to_owned(), request(1), answer(1)] {
        writeln!(to, "{line}")?;
    }
    let numbers = matches!(blob, Blob::Numbers);
    write!(to, "{BEFORE}{}", if numbers { "[" } else { "\"" })?;
    let block = blob.unit().repeat((64 << 10) / blob.unit().len());
    for _ in 0..size / block.len() as u64 {
        to.write_all(block.as_bytes())?;
    }
    if cut {
        return Ok(());
    }
    writeln!(to, "{}{BEHIND}", if numbers { "0]" } else { "\"" })?;
    for line in [request(4), answer(4)] {
        writeln!(to, "{line}")?;
    }
    Ok(())
}
