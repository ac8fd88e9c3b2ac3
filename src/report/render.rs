//! The only place that names the template engine: report structure → Markdown, and → JSON.
//!
//! The Markdown has a budget. What does not fit is left out from the back, in a fixed order, and
//! the report says what was left out: the appendix first, then long coverage tables, hypotheses
//! that are ruled out, and at last the later incidents.

use super::hypotheses;
use super::ledger::SourceJson;
use super::model::{IncidentJson, Report};
use super::pattern::{self, PatternPage};
use super::sentence;
use super::words::{self, ABSENT};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use std::io::{self, Write};

/// Why a report could not be rendered.
#[derive(Debug)]
pub enum RenderError {
    /// The template has a fault at this line (0 when unknown).
    Template {
        /// Name of the template.
        name: String,
        /// Line.
        line: usize,
        /// What is wrong, in the engine's closed words.
        what: String,
    },
    /// The structure could not be written as JSON.
    Json,
}

impl std::fmt::Display for RenderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RenderError::Template { name, line, what } => write!(f, "template {name}, line {line}: {what}"),
            RenderError::Json => f.write_str("the report could not be written as JSON"),
        }
    }
}

impl std::error::Error for RenderError {}

/// The built-in layout.
const REPORT: &str = include_str!("../../templates/report.md.j2");
const INCIDENT: &str = include_str!("../../templates/incident.md.j2");
const COVERAGE: &str = include_str!("../../templates/coverage.md.j2");

/// Write the report as JSON: one object, final newline. It is never held as one text: that of a
/// million sources would take more memory than everything else together.
///
/// # Errors
/// Those of `to`.
pub fn write_json(report: &Report, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, report)?;
    to.write_all(b"\n")
}

/// The same as one text.
///
/// # Errors
/// Never for a structure that [`super::build`] made.
pub fn json(report: &Report) -> Result<String, RenderError> {
    let mut text = Vec::new();
    write_json(report, &mut text).map_err(|_| RenderError::Json)?;
    String::from_utf8(text).map_err(|_| RenderError::Json)
}

/// JSON Schema of the JSON report.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Report);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// How much of everything is shown.
#[derive(Clone, Copy, Debug, Serialize)]
struct Detail {
    appendix: bool,
    ruled_out: bool,
    sources: usize,
    stores: usize,
    incidents: usize,
}

/// From everything to the least, in the order in which things are given up.
const DETAILS: &[Detail] = &[
    Detail { appendix: true, ruled_out: true, sources: 200, stores: usize::MAX, incidents: 2000 },
    Detail { appendix: false, ruled_out: true, sources: 60, stores: 200, incidents: 200 },
    Detail { appendix: false, ruled_out: true, sources: 20, stores: 60, incidents: 20 },
    Detail { appendix: false, ruled_out: false, sources: 20, stores: 20, incidents: 10 },
    Detail { appendix: false, ruled_out: false, sources: 5, stores: 20, incidents: 3 },
    Detail { appendix: false, ruled_out: false, sources: 0, stores: 10, incidents: 1 },
    Detail { appendix: false, ruled_out: false, sources: 0, stores: 5, incidents: 0 },
];

/// Every incident takes more UTF-16 units than this in the built-in layout, at every level of detail.
pub const INCIDENT_LEAST: usize = 800;

/// The report as Markdown of at most `budget` UTF-16 units, with the layout `template` in place
/// of the built-in one if given.
///
/// # Errors
/// A fault in the template, with its line.
pub fn markdown(report: &Report, private: bool, template: Option<&str>, budget: usize) -> Result<String, RenderError> {
    let mut text = String::new();
    let own_layout = template.is_none();
    let fits =
        |detail: &&Detail| !own_layout || detail.incidents.min(report.incidents.len()).saturating_mul(INCIDENT_LEAST) <= budget;
    // What cannot fit is not rendered to see that it does not: there may be thousands of incidents.
    for detail in DETAILS.iter().filter(fits) {
        text = render(report, private, template, *detail)?;
        if text.encode_utf16().count() <= budget {
            break;
        }
    }
    Ok(text)
}

fn render(report: &Report, private: bool, template: Option<&str>, detail: Detail) -> Result<String, RenderError> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = minijinja::syntax::SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    engine.set_syntax(syntax.build().map_err(fault)?);
    engine.set_fuel(Some(50_000_000));
    for (name, text) in [("report.md", template.unwrap_or(REPORT)), ("incident.md", INCIDENT), ("coverage.md", COVERAGE)] {
        engine.add_template_owned(name, text.to_owned()).map_err(fault)?;
    }
    let page = Page::of(report, private, detail);
    engine.get_template("report.md").and_then(|t| t.render(Serde(&page))).map_err(fault)
}

fn fault(error: minijinja::Error) -> RenderError {
    RenderError::Template {
        name: error.name().unwrap_or("report").to_owned(),
        line: error.line().unwrap_or(0),
        what: error.kind().to_string(),
    }
}

/// What the templates see: finished strings, no options.
#[derive(Serialize)]
struct Page<'a> {
    private: bool,
    version: &'a str,
    schema: &'a str,
    read: String,
    calm: &'static str,
    gaps: String,
    archives: String,
    window: String,
    incidents: Vec<IncidentPage>,
    left_out: usize,
    accounts: usize,
    stores: Vec<StoreRow>,
    stores_left_out: usize,
    sources: Vec<SourceRow>,
    sources_left_out: usize,
    notes: Vec<String>,
    not_seen: Vec<String>,
    clients: Vec<[String; 5]>,
}

#[derive(Serialize)]
struct StoreRow {
    id: String,
    client: String,
    account: String,
    family: String,
    credential: String,
    issued: String,
    expires: String,
    source: String,
}

#[derive(Serialize)]
struct SourceRow {
    id: String,
    kind: String,
    name: String,
    span: String,
    records: u64,
    events: u64,
    duplicates: u64,
    bytes: u64,
    skipped: String,
}

#[derive(Serialize)]
struct IncidentPage {
    id: String,
    fingerprint: String,
    known: bool,
    verdict: String,
    root_cause: String,
    mechanism: String,
    confidence: String,
    victim: String,
    actor: String,
    delay: String,
    impact: Vec<String>,
    why_for: Vec<Fact>,
    why_against: Vec<Fact>,
    pattern: Option<PatternPage>,
    timeline: Vec<Fact>,
    appendix: Vec<Fact>,
    hypotheses: Vec<hypotheses::Row>,
    ruled_out: Vec<hypotheses::Row>,
    dos: Vec<String>,
    donts: Vec<String>,
    would_settle: Vec<String>,
    notes: Vec<String>,
    means: String,
}

#[derive(Clone, Serialize)]
struct Fact {
    id: String,
    at: String,
    zone: &'static str,
    says: String,
    place: String,
    grade: String,
    stance: String,
    weight: u32,
    points: String,
    excerpt: String,
}

fn shown(value: &Option<String>) -> String {
    value.clone().unwrap_or_else(|| ABSENT.to_owned())
}

/// Sentences with their times as people read them.
fn plain(sentences: &[String]) -> Vec<String> {
    sentences.iter().map(|says| words::plain(says)).collect()
}

fn time(value: &Option<String>) -> String {
    value.as_deref().map_or_else(|| ABSENT.to_owned(), words::readable)
}

impl<'a> Page<'a> {
    fn of(report: &'a Report, private: bool, detail: Detail) -> Page<'a> {
        let shown_incidents = report.incidents.len().min(detail.incidents);
        let sources = &report.coverage.sources;
        // An archive in order is in the line of archives.
        let rows = || sources.records().enumerate().filter(|(_, s)| s.members.is_none() || !s.skipped.is_empty());
        // What was not read whole stands first, so that a short table still shows it.
        let (skipped, whole) = (rows().filter(|(_, s)| !s.skipped.is_empty()), rows().filter(|(_, s)| s.skipped.is_empty()));
        Page {
            private,
            version: &report.tool.version,
            schema: &report.schema,
            read: sentence::read(report),
            calm: sentence::calm(report),
            gaps: sentence::gaps(report).unwrap_or_default(),
            archives: sentence::archives(report).unwrap_or_default(),
            window: match (&report.window.first, &report.window.last) {
                (Some(a), Some(b)) => format!("Events from {} to {} UTC", words::readable(a), words::readable(b)),
                _ => "No event with a time".to_owned(),
            },
            incidents: report.incidents.iter().take(shown_incidents).map(|i| IncidentPage::of(&i, detail)).collect(),
            left_out: report.incidents.len() - shown_incidents,
            accounts: report.accounts.len(),
            stores: report.stores.iter().take(detail.stores).map(store_row).collect(),
            stores_left_out: report.stores.len().saturating_sub(detail.stores),
            sources: skipped.chain(whole).take(detail.sources).map(|(at, _)| source_row(&sources.row(at))).collect(),
            sources_left_out: rows().count().saturating_sub(detail.sources),
            notes: plain(&report.notes),
            not_seen: plain(&report.coverage.not_seen),
            clients: report
                .totals
                .by_client
                .iter()
                .map(|c| {
                    let versions = if c.versions.is_empty() { ABSENT.to_owned() } else { c.versions.join(", ") };
                    let counts = [c.sessions, c.turns, c.failed_turns].map(|n| n.to_string());
                    let [sessions, turns, failed] = counts;
                    [words::title(&c.client).to_owned(), sessions, turns, failed, versions]
                })
                .collect(),
        }
    }
}

fn store_row(s: &super::model::StoreJson) -> StoreRow {
    StoreRow {
        id: s.id.clone(),
        client: words::on(&s.client, s.host.as_deref()),
        account: shown(&s.account),
        family: shown(&s.family),
        credential: shown(&s.credential),
        issued: time(&s.issued_at),
        expires: time(&s.expires_at),
        source: shown(&s.source),
    }
}

fn source_row(s: &SourceJson) -> SourceRow {
    let mut skipped: Vec<String> = s.skipped.iter().map(|k| format!("{} ×{} ({} bytes)", k.reason, k.count, k.bytes)).collect();
    skipped.extend(s.lenient.iter().map(|l| format!("{} in {} (read)", l.what, words::plural(l.records, "record"))));
    if let Some(members) = &s.members {
        skipped.push(format!("{} of {} read", members.read, words::plural(members.declared, "member")));
    }
    SourceRow {
        id: s.id.clone(),
        kind: s.kind.to_owned(),
        name: s.host.iter().map(String::as_str).chain([s.name.as_str()]).collect::<Vec<_>>().join(": "),
        span: match (&s.first, &s.last) {
            (Some(a), Some(b)) => format!("{} – {}", words::readable(a), words::readable(b)),
            _ => ABSENT.to_owned(),
        },
        records: s.records,
        events: s.events,
        duplicates: s.duplicates,
        bytes: s.bytes_in,
        skipped: if skipped.is_empty() { ABSENT.to_owned() } else { skipped.join(", ") },
    }
}

impl IncidentPage {
    fn of(i: &IncidentJson, detail: Detail) -> IncidentPage {
        let facts: Vec<Fact> = i.evidence.iter().map(fact).collect();
        let of_stance = |stance: &str| facts.iter().filter(|f| f.stance == stance).cloned().collect::<Vec<_>>();
        let strongest = |mut list: Vec<Fact>, most: usize| {
            list.sort_by_key(|f| std::cmp::Reverse(f.weight));
            list.truncate(most);
            list
        };
        IncidentPage {
            id: i.id.clone(),
            fingerprint: i.fingerprint.clone(),
            known: i.known,
            verdict: sentence::verdict(i),
            root_cause: i.root_cause.clone(),
            mechanism: i.mechanism.clone(),
            confidence: i.confidence.replace('_', " "),
            victim: words::on(&i.victim.client, i.victim.host.as_deref()),
            actor: actor(i),
            delay: sentence::delay(i).unwrap_or_default(),
            impact: sentence::impact(i),
            why_for: strongest(of_stance("for"), 4),
            why_against: strongest(of_stance("against"), 2),
            pattern: i.pattern.as_ref().map(|p| pattern::page(p, if detail.appendix { 100 } else { 10 })),
            timeline: timeline(i, &facts),
            appendix: if detail.appendix { facts } else { Vec::new() },
            hypotheses: hypotheses::open(&i.hypotheses),
            ruled_out: if detail.ruled_out { hypotheses::ruled_out(&i.hypotheses) } else { Vec::new() },
            dos: i.next_steps.iter().filter(|s| s.act).map(|s| s.says.clone()).collect(),
            donts: i.next_steps.iter().filter(|s| !s.act).map(|s| s.says.clone()).collect(),
            would_settle: plain(&i.would_settle),
            notes: plain(&i.notes),
            means: sentence::means(i),
        }
    }
}

/// Dated facts, one per record: the first wording of a record stands for it. A logout belongs to the
/// story even where its time is not known.
fn timeline(i: &IncidentJson, facts: &[Fact]) -> Vec<Fact> {
    let mut list: Vec<Fact> = Vec::new();
    let told = i.evidence.iter().zip(facts).filter(|(e, _)| e.at.is_some() || e.kind == "logout");
    for (_, fact) in told {
        if !list.iter().any(|known| known.at == fact.at && known.place == fact.place) {
            list.push(fact.clone());
        }
    }
    list
}

/// The actor with the front ends that cannot be told apart.
fn actor(i: &IncidentJson) -> String {
    let Some(actor) = &i.actor else {
        return i.pattern.as_ref().map_or_else(|| "nobody named".to_owned(), |p| format!("{} in turn", pattern::both(p)));
    };
    let who = words::on(&actor.client, actor.host.as_deref());
    let ends: Vec<&str> = actor.candidates.iter().map(|c| words::title(c)).collect();
    match ends.as_slice() {
        [] => who,
        [only] => format!("{who} ({only})"),
        list => format!("{who} ({}; they share one home and cannot be told apart)", list.join(" or ")),
    }
}

fn fact(e: &super::model::EvidenceJson) -> Fact {
    let line = if e.line == 0 { String::new() } else { format!(":{}", e.line) };
    let (at, says) = (time(&e.at), words::plain(&e.says));
    Fact {
        id: e.id.clone(),
        zone: match e.zone.as_str() {
            _ if e.at.is_none() => "",
            "utc" | "offset" => "",
            "assumed" => "zone inferred",
            _ => "zone unknown",
        },
        // Its own time stands beside it.
        says: says.strip_suffix(&format!(": {at} UTC")).map(str::to_owned).unwrap_or(says),
        at,
        place: format!("{}{line}", e.source),
        grade: e.grade.clone().unwrap_or_default(),
        stance: e.stance.clone(),
        weight: e.points.unwrap_or(0).unsigned_abs(),
        points: e.points.map_or_else(String::new, |p| p.to_string()),
        excerpt: e.excerpt.clone().unwrap_or_default(),
    }
}
