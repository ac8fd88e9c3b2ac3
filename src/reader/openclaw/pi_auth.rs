//! pi's `auth.json`: one credential per provider, the ChatGPT login under `openai-codex`.
//!
//! opencode's file of the same name has the same look, with the key `openai`; the key decides.

use super::credential::{Credential, Place};
use super::outline::Outline;
use super::sniff;
use crate::event::{EventKind, Section, Taken};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::source::Head;

pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let outline = Outline::of(head);
    let login = outline.has(1, "openai-codex") && outline.has(2, "refresh") && !sniff::in_opencode(head.name);
    let at_home = sniff::in_pi(head.name) && head.name.file().starts_with("auth.json");
    let shaped = outline.has(2, "type") || head.bytes.trim_ascii() == b"{}";
    if login || (at_home && shaped) { Sniff::Yes } else { Sniff::No }
}

pub(super) fn read(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let taken = if sniff::is_copy_of(context.name, "auth.json") { Taken::Copy } else { Taken::Current };
    read_as(bytes, taken, context, facts)
}

/// `agents/<id>/agent/auth.json` and `credentials/oauth.json`: the same shape in an OpenClaw home,
/// a bridge to the library and a file of early versions that is only imported from. OpenClaw's
/// live store is another file, so these are copies.
pub(super) fn sniff_bridge(head: &Head<'_>) -> Sniff {
    let place = head.name.ends_in("agents/*/agent/auth.json") || head.name.ends_in("credentials/oauth.json");
    let outline = Outline::of(head);
    let shaped = outline.has(2, "access") || outline.has(2, "key") || outline.has(2, "type");
    if place && shaped { Sniff::Yes } else { Sniff::No }
}

pub(super) fn read_bridge(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    read_as(bytes, Taken::Copy, context, facts)
}

fn read_as(bytes: &[u8], taken: Taken, context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    if let Err(reason) = Members::of(&text, &[""; 0]) {
        return Outcome::Skipped(reason);
    }
    for (provider, raw) in json::members(&text) {
        let Some(credential) = Credential::of(raw) else { continue };
        credential.learn(facts);
        if provider == "openai-codex" && credential.is_login() {
            let place = Place::of_file(taken, context, facts);
            let state = credential.state(None, Section::Only, place, facts);
            facts.push(None, place.origin, EventKind::Store(Box::new(state)));
        }
    }
    Outcome::Used
}
