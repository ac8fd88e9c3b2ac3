//! A big source read in pieces by several threads.
//!
//! One thread takes piece after piece from the source, in order, and hands them out; whoever is free reads one, and what
//! it says is joined to what stands before it. The result is that of reading line after line, whoever was free.
//! Apart from the driver, which reads sources side by side: one that is most of all input would leave the other
//! threads without work.

use super::tally::{Holes, Tally, said};
use crate::evidence::SourceRecord;
use crate::reader::{Facts, Part, Reader, json};
use crate::source::{LINE_LIMIT, Passed, Piece, Stream};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Inputs of this size are worth other threads.
pub(super) const BIG: u64 = 32 << 20;

/// Bytes of a piece: few enough to stay near the processor, and enough that handing them over costs nothing.
const PIECE: usize = 512 << 10;

/// So many pieces wait for each other thread, with the one that it reads: it has the next at once.
const QUEUED: usize = 3;

/// So many pieces for each thread may be read before one that is not.
const AHEAD: usize = 8;

/// What became of a piece.
struct Done {
    record: SourceRecord,
    holes: Holes,
    said: Box<dyn Any + Send>,
    lines: u64,
    piece: Piece,
}

/// A piece, and what it takes to read it.
struct Task<'v> {
    piece: Piece,
    /// Byte of the source at which it begins.
    byte: u64,
    part: Box<dyn Part>,
    facts: Facts<'v>,
    record: SourceRecord,
}

/// Read what can be read in pieces, from the start of the source on. How far that went; the rest is to be read in order.
/// `idle` counts the threads that have nothing else to do.
pub(super) fn read<'v>(
    stream: &mut Stream<'_>,
    reader: &mut dyn Reader,
    tally: &mut Tally<'_>,
    facts: &mut Facts<'v>,
    idle: &AtomicUsize,
) -> Passed {
    let mut joined = Joined { reader, tally, facts, next: 0, passed: Passed::default() };
    if rayon::current_thread_index().is_none() || joined.reader.part().is_none() {
        return joined.passed;
    }
    let (threads, waiting) = (rayon::current_num_threads(), AtomicUsize::new(0));
    let done: Mutex<BTreeMap<usize, Done>> = Mutex::default();
    rayon::in_place_scope(|scope| {
        let (mut byte, mut spares) = (0, Vec::new());
        for at in 0.. {
            let Some(part) = joined.reader.part() else { break };
            let Some(piece) = stream.piece(PIECE, spares.pop()) else { break };
            let len = piece.len() as u64;
            let task = Task { piece, byte, part, facts: joined.facts.beside(), record: joined.tally.record.beside() };
            byte += len;
            if waiting.load(Relaxed) < idle.load(Relaxed) * QUEUED {
                waiting.fetch_add(1, Relaxed);
                let (waiting, done) = (&waiting, &done);
                scope.spawn(move |_| {
                    let _waiting = Waiting(waiting);
                    put(done, at, task.read());
                });
            } else {
                put(&done, at, task.read());
            }
            joined.take(&done, &mut spares);
            // Somebody may be held up with a piece; those behind it take memory.
            let is_far = |next: usize| next + AHEAD * threads < at;
            while is_far(joined.next) && waiting.load(Relaxed) > 0 {
                rayon::yield_now();
                std::thread::yield_now();
                joined.take(&done, &mut spares);
            }
            joined.take(&done, &mut spares);
            // Nobody is at it: reading it failed, as the end of the scope will tell.
            if is_far(joined.next) {
                break;
            }
        }
    });
    joined.take(&done, &mut Vec::new());
    joined.passed
}

/// A piece that waits for another thread, until that is done with it or fails.
struct Waiting<'w>(&'w AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

fn put(done: &Mutex<BTreeMap<usize, Done>>, at: usize, piece: Done) {
    done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, piece);
}

impl Task<'_> {
    fn read(mut self) -> Done {
        let mut tally = Tally::new(&mut self.record);
        json::leniencies().for_each(drop);
        let lines = self.piece.lines(self.byte, LINE_LIMIT, |row| {
            tally.row(row, |line| said(self.part.line(line, &self.facts), line, &self.facts));
        });
        let holes = tally.holes();
        Done { record: self.record, holes, said: self.part.done(), lines, piece: self.piece }
    }
}

/// What was read up to some piece.
struct Joined<'j, 'r, 'v> {
    reader: &'j mut dyn Reader,
    tally: &'j mut Tally<'r>,
    facts: &'j mut Facts<'v>,
    next: usize,
    passed: Passed,
}

impl Joined<'_, '_, '_> {
    /// Join the pieces that are done and follow what was joined.
    fn take(&mut self, done: &Mutex<BTreeMap<usize, Done>>, spares: &mut Vec<Piece>) {
        let next = |at| done.lock().unwrap_or_else(PoisonError::into_inner).remove(&at);
        while let Some(Done { record, holes, said, lines, piece }) = next(self.next) {
            self.reader.join(said, self.passed.lines, self.facts);
            self.tally.join(record, holes, self.passed.lines);
            self.passed = Passed { lines: self.passed.lines + lines, bytes: self.passed.bytes + piece.len() as u64 };
            self.next += 1;
            spares.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event::PackedTurn;
    use crate::reader::{Context, Format, Shape, recognise};
    use crate::secret::{Key, Vault};
    use crate::source::Name;
    use std::fmt::Write;

    /// A transcript of some MiB: turns with and without a run, sessions that follow one another, odd and damaged lines,
    /// holes, and a line that is longer than a piece.
    fn transcript() -> Vec<u8> {
        let mut text = String::new();
        for n in 0..9_000 {
            let at = format!("2026-05-10T{:02}:{:02}:{:02}.000Z", n / 3_600, n / 60 % 60, n % 60);
            let filler = "x".repeat(n * 37 % 900);
            match n % 11 {
                0 if n % 1_001 == 0 => writeln!(text, r#"{{"type":"session","id":"s{n}","timestamp":"{at}","cwd":"/w"}}"#),
                1 => writeln!(text, r#"{{"type":"message","id":"u{n}","message":{{"role":"user","content":"{filler}"}}}}"#),
                2 => writeln!(text, r#"{{"type":"custom","customType":"openclaw:bootstrap-context:full","data":{{"runId":"r{n}"}}}}"#),
                3 => writeln!(text, r#"{{"type":"of tomorrow {n}","id":"x"}}"#),
                4 if n % 44 == 4 => writeln!(text, r#"{{"type":"message","id":"#),
                5 if n % 495 == 5 => writeln!(text, "{}", "\0".repeat(100 + n)),
                6 if n == 6 => writeln!(text, r#"{{"type":"label","x":"{}"}}"#, "é".repeat(3 << 20)),
                7 => writeln!(
                    text,
                    "{{\"type\":\"custom_message\",\"id\":\"f{n}\",\"timestamp\":\"{at}\",\"customType\":\"run-failed-before-reply\",\"details\":{{\"runId\":\"r\",\"error\":\"no\"}}}}\r"
                ),
                8 => writeln!(text, r#"{{"type":"message","id":"n{n}","message":{{"role":"assistant","provider":"openai","stopReason":"stop"}}}}"#),
                _ => writeln!(
                    text,
                    r#"{{"type":"message","id":"a{n}","timestamp":"{at}","message":{{"role":"assistant","provider":"openai-codex","model":"gpt-5.5","stopReason":"{}","errorMessage":"{filler}"}}}}"#,
                    if n % 3 == 0 { "error" } else { "stop" }
                ),
            }
            .unwrap();
        }
        text.into_bytes()
    }

    const ROLLOUT: &str = "h/.codex/sessions/2026/05/10/rollout-2026-05-10T00-00-00-019e0f3a-0000-7000-8000-000000000001.jsonl";

    /// A rollout of some MiB: turns of both eras, forked history, errors, compactions, odd and damaged lines, holes, and
    /// a line that is longer than a piece.
    fn rollout() -> Vec<u8> {
        let mut text = String::new();
        for n in 0..16_000 {
            let at = format!("2026-05-10T{:02}:{:02}:{:02}.{:03}Z", n / 3_600, n / 60 % 60, n % 60, n % 7);
            let (filler, turn) = ("y".repeat(n * 41 % 800), n / 8);
            let payload = match n % 8 {
                0 if n == 0 => r#"{"id":"019e0f3a-0000-7000-8000-000000000001","originator":"codex_cli_rs","cli_version":"0.150.0","model_provider":"openai"}"#.to_owned(),
                0 if n < 4_000 => format!(r#"{{"type":"user_message","kind":"plain","message":"{filler}"}}"#),
                0 => format!(r#"{{"type":"task_started","turn_id":"t{turn}"}}"#),
                1 => format!(r#"{{"model":"gpt-5.{}","turn_id":"t{turn}"}}"#, n % 6),
                2 => format!(r#"{{"type":"reasoning","encrypted_content":"{filler}"}}"#),
                3 => format!(r#"{{"type":"message","role":"assistant","content":"{filler}"}}"#),
                4 if n % 24 == 4 => r#"{"type":"stream_error","message":"x","codex_error_info":{"response_stream_disconnected":{}}}"#.to_owned(),
                4 => format!(r#"{{"message":"{filler}","replacement_history":[]}}"#),
                5 if n % 56 == 5 => r#"{"type":"turn_aborted","reason":"interrupted"}"#.to_owned(),
                5 if n % 40 == 5 => r#"{"type":"error","message":"gone","codex_error_info":"unauthorized"}"#.to_owned(),
                5 if n < 4_000 => r#"{"type":"agent_message","message":"ok"}"#.to_owned(),
                5 => format!(r#"{{"type":"task_complete","turn_id":"t{turn}","last_agent_message":"ok","completed_at":{}}}"#, 1_778_371_200 + n),
                6 => format!(r#"{{"type":"token_count","info":"{filler}"}}"#),
                _ => format!(r#"{{"type":"of tomorrow {n}"}}"#),
            };
            let kind =
                ["event_msg", "turn_context", "response_item", "response_item", "compacted", "event_msg", "event_msg", "event_msg"]
                    [n % 8];
            let kind = match n {
                0 => "session_meta",
                _ if n % 24 == 4 => "event_msg",
                _ if n % 3_001 == 7 => "of tomorrow",
                _ => kind,
            };
            match n {
                7 => {
                    writeln!(text, r#"{{"timestamp":"{at}","type":"compacted","payload":{{"message":"{}"}}}}"#, "é".repeat(1 << 20))
                }
                _ if n % 503 == 6 => writeln!(text, r#"{{"timestamp":"{at}","type":"event_msg","pay"#),
                _ if n % 509 == 6 => writeln!(text, "{}", "\0".repeat(100 + n)),
                _ => writeln!(text, r#"{{"timestamp":"{at}","type":"{kind}","payload":{payload}}}"#),
            }
            .unwrap();
        }
        text.into_bytes()
    }

    /// What a turn says, as far as it can be compared.
    type Compared = (String, Option<Key>, [Option<Key>; 2]);

    fn said_by(turn: &PackedTurn) -> Compared {
        (format!("{turn:?}"), turn.id, [turn.asked.session, turn.asked.run])
    }

    /// Read a file of this name, in pieces if so many threads have nothing else to do.
    fn read_with((name, text): (&str, &[u8]), idle: Option<usize>) -> (Passed, String, Vec<Compared>) {
        let (vault, name) = (Vault::new([5; 32]), Name::of_text(name));
        let mut stream = Stream::of_value(&name, text, u64::MAX);
        let Some(Format { kind, shape: Shape::Lines(open), .. }) = recognise(&stream.head()) else { panic!("no lines") };
        let mut reader = open(&Context { name: &name, modified: None });
        let mut record = SourceRecord::new(name.clone(), *kind, None, None);
        let mut facts = Facts::new(&vault, 0, false);
        let mut tally = Tally::new(&mut record);
        let in_pieces = |idle| read(&mut stream, reader.as_mut(), &mut tally, &mut facts, &AtomicUsize::new(idle));
        let passed = idle.map(in_pieces).unwrap_or_default();
        stream.rest(passed, LINE_LIMIT, |row| tally.row(row, |line| said(reader.line(line, &mut facts), line, &facts)));
        reader.finish(&mut facts);
        let stated = facts.into_parts().0;
        let turns = stated.turns.iter().map(said_by).collect();
        (passed, format!("{record:?} {:?}", stated.events), turns)
    }

    #[test]
    fn pieces_come_to_what_the_lines_in_order_come_to() {
        let texts = [("h/.openclaw/agents/main/sessions/s1.jsonl", transcript()), (ROLLOUT, rollout())];
        for (name, text) in &texts {
            let (_, ledger, turns) = read_with((name, text), None);
            assert!(turns.len() > 1_000 && ledger.contains("has_hole: true"), "{} turns", turns.len());
            for (threads, idle) in [(2, 0), (2, 1), (2, 1), (3, 2), (3, 2)] {
                let pool = crate::threads::pool(threads).unwrap();
                let (passed, read, found) = pool.install(|| read_with((name, text), Some(idle)));
                assert!(passed.bytes > 4 << 20, "{} bytes in pieces", passed.bytes);
                assert_eq!(read, ledger, "{name}");
                assert!(found == turns, "{name}, {threads} threads, {idle} idle");
            }
        }
    }
}
