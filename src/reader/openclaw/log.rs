//! The gateway's file log: one JSON object per line.
//!
//! Three shapes. tslog lines (2026.3.2 to 2026.9.6) hold the positional arguments of a log call as
//! `"0"`, `"1"` …: with a subsystem logger `"0"` is a JSON text that names it, then come an object
//! and a message in either order; the root logger has the message in `"0"`. Support bundles and the
//! console style `json` hold flat lines with `level`, `subsystem` and `msg` or `message`, from which
//! bundles drop every field that may hold an error.

use super::gateway::{self, Gateway};
use super::record::{Record, offset_s};
use super::skipped;
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff, opening};
use crate::shortcuts;
use crate::source::{Head, Line};
use crate::time::Stamp;
use std::borrow::Cow;
use std::collections::VecDeque;

const LINE: [&str; 15] = [
    "0",
    "1",
    "2",
    "3",
    "_meta",
    "time",
    "level",
    "subsystem",
    "logger",
    "msg",
    "message",
    "event",
    "traceId",
    "session_id",
    "omitted",
];

type Fields<'a> = Members<'a, 15>;

/// What tslog says of a line.
const META: [&str; 2] = ["date", "logLevelName"];

type Meta<'a> = Members<'a, 2>;

/// Lines looked at to recognise a log.
const LINES_SNIFFED: usize = 40;

pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let named = head.name.file().starts_with("openclaw-") || head.name.file().starts_with("clawdbot-");
    // Whoever writes about a log names it so, too: a log's name goes on with its day.
    let is_dated = named && head.name.file().contains("-20");
    let lines = opening::lines(head, is_dated, |line| line.starts_with(b"{"));
    let mut lines = lines.filter(|line| !line.trim_ascii().is_empty()).take(LINES_SNIFFED);
    let ours = |line| Members::of(&json::text(line), &LINE).is_ok_and(|fields| is_ours(&fields, named));
    if lines.any(ours) { Sniff::Yes } else { Sniff::No }
}

/// tslog is a library, and flat lines are anybody's: one of OpenClaw's own names must be there.
fn is_ours(fields: &Fields<'_>, named: bool) -> bool {
    if let Some(meta) = fields.inner("_meta", &["logLevelName", "name", "parentNames"]) {
        let logger = [meta.raw("name"), meta.raw("parentNames"), fields.raw("0")];
        let signed =
            logger.into_iter().flatten().any(|raw| ["openclaw", "clawdbot", "subsystem"].iter().any(|name| raw.contains(name)));
        return fields.raw("0").is_some() && meta.raw("logLevelName").is_some() && (named || signed);
    }
    let message = message_member(fields).unwrap_or_default();
    let signed = fields.text("subsystem").is_some_and(|name| gateway::is_ours(&name, &message));
    (signed || fields.text("logger").as_deref() == Some("openclaw"))
        && fields.text("time").is_some()
        && fields.text("level").is_some()
}

fn message_member<'a>(fields: &Fields<'a>) -> Option<Cow<'a, str>> {
    fields.text("msg").or_else(|| fields.text("message"))
}

pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Log::default())
}

#[derive(Default)]
struct Log {
    gateway: Gateway,
    names: Names,
}

/// Who speaks, by the first member of a tslog line: `"{\"subsystem\":\"gateway\"}"`. A log has few, time and again.
#[derive(Default)]
struct Names(VecDeque<(String, Option<String>)>);

impl Names {
    /// The subsystem or module that such a member names, or that it names none (empty); None where it is something else.
    fn of(&mut self, raw: &str) -> Option<&str> {
        /// Names that are remembered, and the longest.
        const MOST: usize = 16;
        const LONGEST: usize = 200;
        if !raw.starts_with("\"{") && !raw.starts_with("\"\\") {
            return None;
        }
        let known = self.0.iter().position(|(text, _)| text == raw).filter(|_| shortcuts::are_taken());
        let at = known.unwrap_or_else(|| {
            // What is put up with in one is counted each time: of one name alone that is nothing.
            let is_plain = raw.len() <= LONGEST && raw.matches('\\').count() == 4 && !raw.contains("\\u");
            let text = if is_plain { raw } else { "" };
            self.0.truncate(MOST - 1);
            self.0.push_front((text.to_owned(), named(raw)));
            0
        });
        self.0.get(at)?.1.as_deref()
    }
}

fn named(raw: &str) -> Option<String> {
    let text = json::string(raw)?;
    let members = text.starts_with('{').then(|| Members::of(&text, &["subsystem", "module"]).ok()).flatten()?;
    Some(members.text("subsystem").or(members.text("module")).unwrap_or_default().into_owned())
}

impl Reader for Log {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        if line.bytes.trim_ascii().is_empty() {
            return Outcome::Used;
        }
        let text = json::text(line.bytes);
        let (fields, meta) = match Members::of_both(&text, &LINE, ("_meta", &META)) {
            Ok(fields) => fields,
            Err(reason) => return skipped(line, reason),
        };
        let Log { gateway, names } = self;
        match record((&fields, meta.as_ref(), &text), names, line, facts) {
            Some((record, offset_s)) => {
                if let Some(offset_s) = offset_s {
                    gateway.zone(offset_s, &record, facts);
                }
                gateway.hear(&record, facts);
                Outcome::Used
            }
            // A bundle says so where it left a line out.
            None if fields.raw("omitted").is_some() => Outcome::Used,
            None => Outcome::Unknown,
        }
    }

    fn finish(&mut self, facts: &mut Facts<'_>) {
        self.gateway.finish(facts);
    }
}

/// The record of a line and the offset of its local time; None for a shape that is not known.
fn record<'a>(
    (fields, meta, text): (&Fields<'a>, Option<&Meta<'a>>, &'a str),
    names: &'a mut Names,
    line: &Line<'a>,
    facts: &Facts<'_>,
) -> Option<(Record<'a>, Option<i32>)> {
    let local = fields.text("time");
    let utc = meta.and_then(|meta| meta.text("date")).and_then(|date| Stamp::parse(&date));
    let level = meta.and_then(|meta| meta.text("logLevelName")).or_else(|| fields.text("level")).unwrap_or_default();
    let said = if fields.raw("0").is_some() { positional(fields, names) } else { flat(fields, text) }?;
    let record = Record {
        at: utc.or_else(|| Stamp::parse(local.as_deref()?)),
        borrowed: false,
        origin: facts.origin(line),
        subsystem: said.subsystem,
        is_error: level.eq_ignore_ascii_case("error") || level.eq_ignore_ascii_case("fatal"),
        text: said.text,
        meta: said.meta,
        trace: fields.text("traceId"),
        session: fields.text("session_id"),
        pid: None,
        bytes: line.bytes,
    };
    Some((record, local.as_deref().and_then(offset_s)))
}

#[derive(Default)]
struct Said<'a> {
    subsystem: Option<Cow<'a, str>>,
    text: Cow<'a, str>,
    meta: Option<&'a str>,
}

/// A tslog line.
fn positional<'a>(fields: &Fields<'a>, names: &'a mut Names) -> Option<Said<'a>> {
    let mut said = Said { subsystem: fields.raw("0").and_then(|raw| names.of(raw)).map(Cow::Borrowed), ..Said::default() };
    let from = usize::from(said.subsystem.is_some());
    for raw in ["0", "1", "2", "3"].iter().skip(from).filter_map(|key| fields.raw(key)) {
        match json::string(raw) {
            Some(text) if said.text.is_empty() => said.text = text,
            None if raw.starts_with('{') && said.meta.is_none() => said.meta = Some(raw),
            _ => {}
        }
    }
    if said.text.is_empty() {
        // An error object in place of a message.
        let error = said.meta.and_then(|meta| Members::of(meta, &["message"]).ok()?.text("message"));
        said.text = error.unwrap_or_default();
    }
    Some(said)
}

/// A flat line, which is its own object of fields.
fn flat<'a>(fields: &Fields<'a>, text: &'a str) -> Option<Said<'a>> {
    let is_event = fields.raw("event").is_some();
    let message = message_member(fields);
    if message.is_none() && !is_event {
        return None;
    }
    let subsystem = fields.text("subsystem");
    Some(Said { subsystem, text: message.unwrap_or_default(), meta: Some(text) })
}
