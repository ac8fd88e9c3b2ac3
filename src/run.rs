//! One run from end to end: inputs → evidence → incidents → verdicts → texts that may leave the
//! process. The stages know nothing of each other's neighbours; this file is where they meet.
//!
//! Two promises are kept here, before anything is written: every source's ledger adds up, and no
//! piece of a token that was read stands in any text.

use crate::cli::{Request, Template};
use crate::evidence::Evidence;
use crate::outcome::{self, Outcome};
use crate::output::{self, Audience, Content, Format, Target};
use crate::plan::Root;
use crate::report::{self, RenderError, Report};
use crate::say::{Complaint, counted, quoted};
use crate::secret::Vault;
use crate::source::{self, Meter};
use crate::summary::Summary;
use crate::{attribute, baseline, correlate, ingest, shortcuts, threads};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// A run that reached its end. Nothing is written yet.
#[derive(Debug)]
pub struct Done {
    /// What to write, and where to.
    texts: Vec<(Target, Text)>,
    /// Who may read it.
    audience: Audience,
    /// What it came to; whether a pipe was closed is known after writing.
    pub outcome: Outcome,
    /// What to say about it.
    pub summary: Summary,
    /// What it was made of. A program that ends now need not take it apart.
    _made_of: Rc<Report>,
}

/// A rendering of the report.
#[derive(Clone, Debug)]
enum Text {
    /// The Markdown: short by its budget.
    Markdown(Rc<str>),
    /// The JSON, which is written piece by piece, and its length.
    Json(Rc<Report>, u64),
}

impl Text {
    fn len(&self) -> u64 {
        match self {
            Text::Markdown(text) => text.len() as u64,
            Text::Json(_, len) => *len,
        }
    }
}

impl Content for Text {
    fn put(&self, to: &mut dyn Write) -> io::Result<()> {
        match self {
            Text::Markdown(text) => to.write_all(text.as_bytes()),
            Text::Json(report, _) => report::write_json(report, to),
        }
    }
}

/// Why a run ended before its end.
#[derive(Debug)]
pub enum Stop {
    /// Usage, configuration or I/O.
    NotDone(Complaint),
    /// A promise of our own broke.
    Broken(Complaint),
}

impl Stop {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Stop::NotDone(_) => outcome::NOT_DONE,
            Stop::Broken(_) => outcome::BROKEN,
        }
    }

    /// What is wrong.
    pub fn complaint(&self) -> &Complaint {
        match self {
            Stop::NotDone(complaint) | Stop::Broken(complaint) => complaint,
        }
    }
}

/// Analyse what the plan names and render the report. `meter` shows how far the reading is.
///
/// # Errors
/// When the request cannot be met, or a promise of our own broke.
pub fn report(request: &Request, meter: &Meter) -> Result<Done, Stop> {
    let plan = &request.plan;
    if request.slow_path {
        shortcuts::forgo();
    }
    let paths = plan.roots.iter().filter_map(|root| if let Root::Path(path) = root { Some(path.as_path()) } else { None });
    output::check(&request.outputs, &paths.collect::<Vec<&Path>>()).map_err(Stop::NotDone)?;
    let known = request.baseline.as_deref().map(baseline::fingerprints).transpose().map_err(Stop::NotDone)?;
    let layout = match &request.template {
        Template::Generic => None,
        Template::File(path) => Some(baseline::template(path).map_err(Stop::NotDone)?),
    };

    let inputs = source::discover(&plan.roots).map_err(|missing| Stop::NotDone(absent(plan.roots.get(missing.0))))?;
    let mut evidence = ingest::ingest(plan, inputs, meter);
    let correlated = Arc::new(correlate::correlate(&mut evidence, plan));
    let evidence = Arc::new(evidence);
    let judge = |incident: &correlate::Incident| attribute::judge(incident, &correlated);
    let verdicts = threads::map(threads::count(plan), &correlated.incidents, judge).into();
    let options = report::Options {
        private: plan.private,
        baseline: known.unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let report = Rc::new(report::build(&evidence, &correlated, &verdicts, &options));

    ledger(&evidence)?;
    let texts = render(request, &report, layout.as_deref(), (&evidence, &Vault::new(plan.key)))?;

    let counting = report.incidents.standings().filter(|(confidence, known)| request.fail_on.counts(*confidence, *known)).count();
    let summary = Summary::of(&evidence, &report, counting, plan.roots.is_empty()).with_unmet(&correlate::unmet(&evidence, plan));
    let outcome = Outcome {
        incident: counting > 0,
        gap: summary.has_gap(),
        strict: request.strict,
        empty: !evidence.sources.iter().any(outcome::is_input),
        allow_empty: request.allow_empty,
        pipe_closed: false,
    };
    let audience = if plan.private { Audience::Owner } else { Audience::Anyone };
    Ok(Done { texts, audience, outcome, summary, _made_of: report })
}

impl Done {
    /// Write everything.
    ///
    /// # Errors
    /// When not all outputs could be written.
    pub fn write(&mut self, stdout: &mut dyn Write) -> Result<(), Stop> {
        let texts: Vec<(Target, &Text)> = self.texts.iter().map(|(target, text)| (target.clone(), text)).collect();
        let written = output::write(&texts, self.audience, stdout).map_err(Stop::NotDone)?;
        self.outcome.pipe_closed = written == output::Written::PipeClosed;
        Ok(())
    }

    /// Which files were written, one line each.
    pub fn written(&self) -> Vec<String> {
        let line = |(target, text): &(Target, Text)| match target {
            Target::Stdout => None,
            Target::File(path) => Some(format!("{} written, {}", quoted(path.as_os_str()), counted(text.len(), "byte"))),
        };
        self.texts.iter().filter_map(line).collect()
    }
}

fn absent(root: Option<&Root>) -> Complaint {
    let thing = if let Some(Root::Path(path)) = root { quoted(path.as_os_str()) } else { "input".to_owned() };
    Complaint::new(thing, "no such file or folder", "check the path")
}

/// Every byte that came in was used, passed over or skipped with a reason, and so was every
/// member of every archive.
fn ledger(evidence: &Evidence) -> Result<(), Stop> {
    let off: Vec<&str> = evidence.sources.iter().filter(|source| !source.adds_up()).map(|source| source.kind.word()).collect();
    let Some(kind) = off.first() else { return Ok(()) };
    let cause = format!("the ledger of {} of {} sources does not add up, first of kind {kind}", off.len(), evidence.sources.len());
    Err(broken("coverage", cause))
}

/// The texts, each format rendered and looked through by the last gate once.
fn render(
    request: &Request,
    report: &Rc<Report>,
    layout: Option<&str>,
    known: (&Evidence, &Vault),
) -> Result<Vec<(Target, Text)>, Stop> {
    let mut rendered: Vec<(Format, Text)> = Vec::new();
    let mut texts = Vec::new();
    for output in &request.outputs {
        let text = match rendered.iter().find(|(format, _)| *format == output.format) {
            Some((_, text)) => text.clone(),
            None => {
                let text = match output.format {
                    Format::Json => Text::Json(Rc::clone(report), 0),
                    Format::Markdown => {
                        let text = report::markdown(report, request.plan.private, layout, request.max_units);
                        Text::Markdown(text.map_err(|error| unrendered(&error, request))?.into())
                    }
                };
                let len = gate(known, &text)?;
                let text = if let Text::Json(report, _) = text { Text::Json(report, len) } else { text };
                rendered.push((output.format, text.clone()));
                text
            }
        };
        texts.push((output.target.clone(), text));
    }
    Ok(texts)
}

/// A layout of the user's own may be at fault; ours may not.
fn unrendered(error: &RenderError, request: &Request) -> Stop {
    match (error, &request.template) {
        (RenderError::Template { line, what, .. }, Template::File(path)) => {
            let thing = format!("{}, line {line}", quoted(path.as_os_str()));
            Stop::NotDone(Complaint::new(thing, what, "mend the template, or leave --template out"))
        }
        _ => broken("report", error.to_string()),
    }
}

/// No piece of any token that was read stands in a text. Gives its length.
fn gate((evidence, vault): (&Evidence, &Vault), text: &impl Content) -> Result<u64, Stop> {
    let mut watch = BufWriter::with_capacity(64 << 10, evidence.gate.watch(vault));
    let watched = text.put(&mut watch).and_then(|()| watch.into_inner().map_err(io::IntoInnerError::into_error));
    let watch = watched.map_err(|_| broken("report", RenderError::Json.to_string()))?;
    match watch.leak() {
        Some(offset) => Err(broken("last gate", format!("a piece of a token stands at byte {offset} of the rendered report"))),
        None => Ok(watch.len()),
    }
}

fn broken(thing: &str, cause: String) -> Stop {
    Stop::Broken(Complaint::new(thing, cause, "nothing was written; this is a fault of stopwhy, please report it"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event::{SkipReason, SourceKind};
    use crate::evidence::{MemberCount, SourceRecord};
    use crate::source::{Members, Name};

    #[test]
    fn a_ledger_that_does_not_add_up_stops_the_run() {
        let mut record = SourceRecord::new(Name::of_text("x"), SourceKind::CodexLog, None, None);
        record.bytes_in = 10;
        record.bytes_used = 7;
        let mut evidence = Evidence { sources: vec![record], ..Evidence::default() };
        let stop = ledger(&evidence).unwrap_err();
        assert_eq!(stop.code(), outcome::BROKEN);
        assert!(stop.complaint().cause.ends_with("1 of 1 sources does not add up, first of kind codex-log"));
        evidence.sources[0].skip(SkipReason::TornTail, 3);
        assert!(ledger(&evidence).is_ok());
        let mut members = MemberCount { archive: Members { declared: 3, folders: 1, ..Members::default() }, read: 1 };
        let mut archive = SourceRecord::new(Name::of_text("x.zip"), SourceKind::Archive, None, None);
        archive.members = Some(Box::new(members.clone()));
        evidence.sources.push(archive);
        assert!(ledger(&evidence).unwrap_err().complaint().cause.ends_with("first of kind archive"), "a member is lost");
        members.archive.skipped.insert(SkipReason::ZipEncrypted, 1);
        evidence.sources[1].members = Some(Box::new(members));
        assert!(ledger(&evidence).is_ok());
    }

    #[test]
    fn the_last_gate_names_the_place_and_not_the_piece() {
        let vault = Vault::new([5; 32]);
        let mut evidence = Evidence::default();
        evidence.gate.learn("q7Rw-29xKfLmZ3tb", &vault);
        let gated = |text: &str| gate((&evidence, &vault), &Text::Markdown(text.into()));
        assert_eq!(gated("nothing here").unwrap(), 12);
        let stop = gated("ends in KfLmZ3tb").unwrap_err();
        assert_eq!(stop.code(), outcome::BROKEN);
        let said = stop.complaint().to_string();
        assert!(said.contains("byte 8") && !said.contains("KfLm"), "{said}");
    }
}
