//! `openclaw.json`: whether fallback models are set up, and which version wrote the file.
//!
//! The format is JSON5; the client itself writes plain JSON. A file with comments that a person
//! keeps is used but states nothing: a guess from its text could say that there is no fallback
//! where there is one. Backups say how things were, not how they are, and state nothing either.

use super::outline::Outline;
use crate::event::{Client, EventKind, Version};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::source::Head;

/// Names of the live file, with those of the predecessors.
const LIVE: &[&str] = &["openclaw.json", "clawdbot.json"];

pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let named = LIVE.iter().any(|name| head.name.file() == *name || head.name.file().starts_with(&format!("{name}.")));
    let outline = Outline::of(head);
    let written = outline.has(2, "lastTouchedVersion") && (outline.has(1, "agents") || outline.has(1, "gateway"));
    if named || written { Sniff::Yes } else { Sniff::No }
}

pub(super) fn read(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let Ok(config) = Members::of(text.trim(), &["agents", "meta"]) else { return Outcome::Used };
    if !LIVE.contains(&context.name.file()) {
        return Outcome::Used;
    }
    if let Some(agents) = config.inner("agents", &["defaults", "list", "entries"]) {
        let defaults = agents.raw("defaults").into_iter();
        let named = agents.raw("entries").map(json::members).unwrap_or_default().into_iter().map(|(_, raw)| raw);
        let any = defaults.chain(agents.items("list")).chain(named).any(has_fallbacks);
        facts.push(None, facts.whole(), EventKind::FallbackConfigured(any));
    }
    let touched = config.inner("meta", &["lastTouchedVersion"]).and_then(|meta| meta.text("lastTouchedVersion"));
    if let Some(version) = touched.and_then(|text| Version::listed(&text)) {
        facts.push(None, facts.whole(), EventKind::WrittenBy { client: Client::Openclaw, version: Some(version) });
    }
    Outcome::Used
}

/// Does an agent, or the defaults of all agents, name fallback models? (`model` is a text when
/// it names a primary model only.)
fn has_fallbacks(agent: &str) -> bool {
    let model = Members::of(agent, &["model"]).ok().and_then(|agent| agent.inner("model", &["fallbacks"]));
    model.is_some_and(|model| !model.items("fallbacks").is_empty())
}
