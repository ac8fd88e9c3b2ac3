//! The parallel driver: inputs through readers into evidence, the same for any number of threads.
//!
//! Each input is read by one thread into evidence of its own; the parts are merged in the order in
//! which the inputs were discovered. Big inputs are begun first, so that none is left over when the
//! others are done, and threads that have nothing else to do help with pieces of them.
//! What one source does to its reader (even a panic) stays with that source.

mod databases;
mod gather;
mod parts;
mod pieces;
mod shape;
mod tally;

use crate::event::{Leniency, SkipReason, SourceKind};
use crate::evidence::{Evidence, MemberCount, SourceRecord};
use crate::plan::Plan;
use crate::reader::{self, Context, Facts, Format, Outcome, Shape, WHOLE_LIMIT, json};
use crate::secret::Vault;
use crate::source::{self, Budget, Closed, Found, Head, Input, LINE_LIMIT, Meter, Private, Refused, Stream, Troubles, pages};
use crate::threads;
use databases::Shelf;
use gather::Gathering;
use std::cmp::Reverse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tally::{Tally, said};

/// How often a database that changes while it is copied is copied again.
const ATTEMPTS: u32 = 3;

/// Tells the format of a source by its head.
type Recognise = fn(&Head<'_>) -> Option<&'static Format>;

/// Read all inputs. Their number and size are added to `meter` before the first is opened.
pub fn ingest(plan: &Plan, inputs: Vec<Input>, meter: &Meter) -> Evidence {
    let limits = (Budget::default(), Private::at(plan.scratch.clone()));
    ingest_with(plan, &inputs, meter, limits, reader::recognise)
}

fn ingest_with(
    plan: &Plan,
    inputs: &[Input],
    meter: &Meter,
    (mut budget, private): (Budget, Private),
    recognise: Recognise,
) -> Evidence {
    meter.expect(inputs.iter().map(Input::size).sum());
    let vault = Vault::new(plan.key);
    let idle = AtomicUsize::new(0);
    let mut evidence = Evidence::default();
    // Standard input comes first in the list and can be read only once.
    let (stdin, files): (Vec<&Input>, Vec<&Input>) = inputs.iter().partition(|input| input.is_stdin());
    for input in stdin {
        evidence.merge(Run { plan, vault: &vault, meter, private: &private, budget: &budget, recognise, idle: &idle }.input(input));
    }
    let left = budget.left();
    let is_big = files.iter().any(|input| input.size() >= pieces::BIG);
    let threads = if is_big { threads::count(plan) } else { threads::count(plan).min(files.len()) };
    let mut read =
        Run { plan, vault: &vault, meter, private: &private, budget: &budget, recognise, idle: &idle }.all(&files, threads);
    if (budget.was_hit() || private.was_full()) && threads > 1 {
        // Which input met the end of the budget, or found no room for its copy, depended on the
        // threads: once more, in order.
        budget = Budget::new(budget.member, left);
        drop(read);
        read = Run { plan, vault: &vault, meter, private: &private, budget: &budget, recognise, idle: &idle }.all(&files, 1);
    }
    evidence.merge(read);
    evidence.look_behind_fences();
    evidence.drop_stand_ins();
    evidence
}

/// What all threads share.
#[derive(Clone, Copy)]
struct Run<'r> {
    plan: &'r Plan,
    vault: &'r Vault,
    meter: &'r Meter,
    private: &'r Private,
    budget: &'r Budget,
    recognise: Recognise,
    /// Threads for which no input is left.
    idle: &'r AtomicUsize,
}

impl Run<'_> {
    /// The evidence of all inputs, in the order of the inputs.
    fn all(self, inputs: &[&Input], threads: usize) -> Evidence {
        let gathering = Gathering::default();
        let Some(pool) = threads::pool(threads) else {
            inputs.iter().enumerate().for_each(|(at, input)| gathering.add(at, self.input(input)));
            return gathering.done();
        };
        let mut order: Vec<u32> = (0..inputs.len() as u32).collect();
        order.sort_by_key(|&at| Reverse(inputs[at as usize].size()));
        let next = AtomicUsize::new(0);
        pool.broadcast(|_| {
            while let Some(at) = order.get(next.fetch_add(1, Relaxed)).map(|&at| at as usize) {
                gathering.add(at, self.input(inputs[at]));
            }
            self.idle.fetch_add(1, Relaxed);
        });
        gathering.done()
    }

    /// The evidence of one input and of everything in it.
    fn input(self, input: &Input) -> Evidence {
        for attempt in 1.. {
            let (mut part, mut shelf) = (Evidence::default(), Shelf::new(self.private));
            let before = input.look();
            self.read(input, &mut part, &mut shelf);
            // A database and its log must be of one moment; a client may be at work on them.
            let moved = !shelf.is_empty() && !input.is_stdin() && input.look() != before;
            if !moved || attempt == ATTEMPTS {
                self.databases(shelf, moved, &mut part);
                return part;
            }
        }
        Evidence::default()
    }

    fn read(self, input: &Input, part: &mut Evidence, shelf: &mut Shelf<'_>) {
        let (mut handed, big) = (Handed::default(), input.size() >= pieces::BIG);
        let mut visit = |found: Found<'_, '_>| match found {
            Found::Source(stream) => {
                handed.one(stream.depth());
                self.source(stream, part, shelf, big);
            }
            Found::Archive(closed) => {
                handed.one(closed.depth);
                let read = handed.take(closed.depth);
                part.sources.push(archive(closed, read));
            }
            Found::Refused(refused) => {
                handed.one(refused.depth);
                part.sources.push(refusal(refused));
            }
        };
        let done = catch_unwind(AssertUnwindSafe(|| source::read(input, self.budget, self.meter, &mut visit)));
        if done.is_err() {
            let mut record = SourceRecord::new(input.name(), SourceKind::Archive, None, None);
            record.skip(SkipReason::ReaderFailed, 0);
            part.sources.push(record);
        }
    }

    /// Read one source into `part`, or put it aside.
    fn source(self, stream: &mut Stream<'_>, part: &mut Evidence, shelf: &mut Shelf<'_>, big: bool) {
        let (name, modified) = (stream.name().clone(), stream.modified());
        let idle = big.then_some(self.idle);
        let format = catch_unwind(AssertUnwindSafe(|| {
            let head = stream.head();
            (self.recognise)(&head).or_else(|| parts::unglued(&head, self.recognise))
        }));
        let known = format.as_ref().ok().copied().flatten();
        if let Some(Format { shape: Shape::Database, kind, .. }) = known {
            return shelf.hold(*kind, stream);
        }
        let kind = known.map_or(SourceKind::Unrecognised, |format| format.kind);
        let home = known.and_then(|format| format.home(&name));
        let mut record = SourceRecord::new(name, kind, home, modified);
        let mut facts = Facts::new(self.vault, part.sources.len() as u32, self.plan.private);
        let fed = format.and_then(|format| {
            catch_unwind(AssertUnwindSafe(|| match format {
                Some(format) => feed(format, stream, &mut record, &mut facts, idle),
                None => Rest::Skipped(SkipReason::UnknownFormat),
            }))
        });
        settle(&mut record, fed.as_ref().ok().copied(), stream.finish());

        record.set_aside(facts.quoted());
        let (stated, gate, fences) = facts.into_parts();
        part.fences.merge(fences);
        part.gate.merge(gate); // also what a failed reader had learnt
        if fed.is_ok() {
            record.events = stated.len() as u64;
            // A turn without a time can be neither before nor after anything.
            match stated.turns.iter().filter(|turn| turn.at().is_none()).count() {
                0 => {}
                turns => record.skip_many(SkipReason::TimeUnknown, turns as u64, 0),
            }
            part.state(stated);
        }
        part.sources.push(record);
    }
}

/// What becomes of the bytes of a source that no line accounted for.
#[derive(Clone, Copy)]
enum Rest {
    Used,
    Skipped(SkipReason),
}

impl From<Outcome> for Rest {
    fn from(outcome: Outcome) -> Rest {
        match outcome {
            Outcome::Used | Outcome::Ignored | Outcome::Unknown => Rest::Used,
            Outcome::Skipped(reason) => Rest::Skipped(reason),
        }
    }
}

/// Give a source to the reader of its format. `idle` counts the threads that may help with a big one.
fn feed(
    format: &Format,
    stream: &mut Stream<'_>,
    record: &mut SourceRecord,
    facts: &mut Facts<'_>,
    idle: Option<&AtomicUsize>,
) -> Rest {
    let name = stream.name().clone();
    let context = Context { name: &name, modified: stream.modified() };
    if !matches!(format.shape, Shape::Lines(_)) && stream.padding() > 0 {
        record.skip(SkipReason::NulPadding, stream.padding());
    }
    match format.shape {
        Shape::Lines(reader) => {
            let mut reader = reader(&context);
            let mut tally = Tally::new(record);
            let in_pieces = |idle| pieces::read(stream, reader.as_mut(), &mut tally, facts, idle);
            let passed = idle.map(in_pieces).unwrap_or_default();
            json::leniencies().for_each(drop); // those of recognising it
            stream.rest(passed, LINE_LIMIT, |row| tally.row(row, |line| said(reader.line(line, facts), line, facts)));
            reader.finish(facts);
            Rest::Used
        }
        Shape::Whole(read) => match stream.whole(usize::try_from(WHOLE_LIMIT).unwrap_or(usize::MAX)) {
            Ok(bytes) => {
                json::leniencies().for_each(drop);
                let inside = pages::inside(bytes);
                json::note((inside.len() < bytes.len()).then_some(Leniency::PageBreak));
                let outcome = read(inside, &context, facts);
                record.put_up(json::leniencies());
                record.count(outcome);
                outcome.into()
            }
            Err(_) => {
                record.count(Outcome::Skipped(SkipReason::FileTooLarge));
                Rest::Skipped(SkipReason::FileTooLarge)
            }
        },
        Shape::Nothing => {
            record.count(Outcome::Ignored);
            Rest::Used
        }
        // Put aside before.
        Shape::Database => Rest::Skipped(SkipReason::ReaderFailed),
        Shape::NotRead(reason) => Rest::Skipped(reason),
    }
}

/// Account for one record of `len` bytes, of which so many were left out.
fn count(record: &mut SourceRecord, outcome: Outcome, len: u64, elided: u64) {
    record.count(outcome);
    let lenient = json::leniencies();
    match outcome {
        Outcome::Used | Outcome::Ignored | Outcome::Unknown => {
            record.put_up(lenient);
            record.bytes_used += len.saturating_sub(elided);
            record.bytes_elided += elided;
        }
        Outcome::Skipped(reason) => record.skip(reason, len),
    }
}

/// Close the ledger of a source: what came in, what became of the part that no line accounted
/// for (None when the reader failed), and what went wrong below.
fn settle(record: &mut SourceRecord, fed: Option<Rest>, (bytes, troubles): (u64, Troubles)) {
    record.bytes_in = bytes;
    let rest = bytes.saturating_sub(record.accounted());
    match fed {
        Some(Rest::Used) => record.bytes_used += rest,
        // Nothing in it, so nothing was missed.
        Some(Rest::Skipped(SkipReason::UnknownFormat)) if rest == 0 => {}
        Some(Rest::Skipped(reason)) => record.skip(reason, rest),
        None => record.skip(SkipReason::ReaderFailed, rest),
    }
    add(record, &troubles);
}

/// How many members came out of the archives that are open, by how many archives they stand in.
#[derive(Default)]
struct Handed(Vec<u64>);

impl Handed {
    /// Something came out at this depth.
    fn one(&mut self, depth: u8) {
        let depth = usize::from(depth);
        self.0.resize(self.0.len().max(depth + 1), 0);
        self.0[depth] += 1;
    }

    /// How many members came out of the archive at this depth that is at its end now.
    fn take(&mut self, depth: u8) -> u64 {
        self.0.get_mut(usize::from(depth) + 1).map(std::mem::take).unwrap_or_default()
    }
}

/// The record of an archive, of which `read` members came out.
fn archive(closed: Closed, read: u64) -> SourceRecord {
    let mut record = SourceRecord::new(closed.name, SourceKind::Archive, None, closed.modified);
    record.members = Some(Box::new(MemberCount { archive: closed.members, read }));
    add(&mut record, &closed.troubles);
    record
}

/// The record of something that is not a source.
fn refusal(refused: Refused) -> SourceRecord {
    let mut record = SourceRecord::new(refused.name, refused.kind, None, refused.modified);
    add(&mut record, &refused.troubles);
    record
}

/// Bytes of a trouble came in beside those that were handed out.
fn add(record: &mut SourceRecord, troubles: &Troubles) {
    for trouble in troubles.iter() {
        record.skip_many(trouble.reason, trouble.count, trouble.bytes);
        record.bytes_in += trouble.bytes;
    }
}

#[cfg(test)]
mod tests;
