//! `openclaw.json`: whether fallback models are set up, and which version wrote the file.
//!
//! The format is JSON5, as a person may keep it; the client itself writes plain JSON. Backups say
//! how things were, not how they are, and state nothing. `config/sanitized.json` of a support
//! bundle is the same document without its secrets.

use super::json5;
use super::outline::Outline;
use crate::event::{Client, EventKind, Version};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::source::Head;

/// Names of the live file, with those of the predecessors.
const LIVE: &[&str] = &["openclaw.json", "clawdbot.json"];

/// In a support bundle (2026.5.7 on).
const SANITIZED: &str = "config/sanitized.json";

pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let named = LIVE.iter().any(|name| head.name.file() == *name || head.name.file().starts_with(&format!("{name}.")));
    let named = named || head.name.ends_in(SANITIZED);
    let outline = Outline::of(head);
    let written = outline.has(2, "lastTouchedVersion") && (outline.has(1, "agents") || outline.has(1, "gateway"));
    if named || written { Sniff::Yes } else { Sniff::No }
}

pub(super) fn read(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    if !LIVE.contains(&context.name.file()) && !context.name.ends_in(SANITIZED) {
        return Outcome::Used;
    }
    let text = json::text(bytes);
    let plain = Members::of(text.trim(), &KEYS).is_err().then(|| json5::to_json(&text)).flatten();
    match Members::of(plain.as_deref().unwrap_or(&text).trim(), &KEYS) {
        Ok(config) => state(&config, facts),
        Err(reason) => Outcome::Skipped(reason),
    }
}

const KEYS: [&str; 2] = ["agents", "meta"];

fn state(config: &Members<'_, 2>, facts: &mut Facts<'_>) -> Outcome {
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
