//! `auth-profiles.json`: the credentials of an agent, by profile; and the same text as a value of
//! the databases that hold it since.
//!
//! Up to 2026.5.2x the file is the live store; later the store moves into a database and the file
//! is left beside it as `auth-profiles.json.migrated-<time>-<uuid>`, with the old tokens. 2026.5.7
//! rewrites the file with every change of its failure counters, so its time is not the time of a
//! rotation. In 2026.3.2 the failure counters stand inside.

use super::credential::{Credential, Place};
use super::outline::Outline;
use super::{reasons, sniff, trouble};
use crate::event::{EventKind, Section, Taken};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::secret::Kind;
use crate::source::Head;

const FILE: &str = "auth-profiles.json";

pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let outline = Outline::of(head);
    let named = head.name.file().starts_with("auth-profiles");
    let typed = outline.has(3, "provider") && (outline.has(3, "type") || outline.has(3, "mode"));
    if outline.has(1, "profiles") && (named || typed) { Sniff::Yes } else { Sniff::No }
}

pub(super) fn read(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let taken = if sniff::is_copy_of(context.name, FILE) { Taken::Copy } else { Taken::Current };
    store(&json::text(bytes), Place::of_file(taken, context, facts), facts)
}

/// The store that `text` is.
pub(super) fn store(text: &str, place: Place, facts: &mut Facts<'_>) -> Outcome {
    let store = match Members::of(text, &["profiles", "usageStats"]) {
        Ok(store) => store,
        Err(reason) => return Outcome::Skipped(reason),
    };
    for (id, raw) in store.raw("profiles").map(json::members).unwrap_or_default() {
        if let Some(credential) = Credential::of(raw) {
            credential.learn(facts);
            profile(&id, &credential, place, facts);
        }
    }
    let stats = store.raw("usageStats").unwrap_or_default();
    let fenced = fenced(text, facts);
    trouble::of_statistics(stats, place.origin, facts).into_iter().for_each(|paused| paused.state(&fenced, facts));
    Outcome::Used
}

/// The profiles of a store that are behind the fence of a failed refresh.
pub(super) fn fenced(text: &str, facts: &Facts<'_>) -> Vec<Section> {
    let store = Members::of(text, &["profiles"]).ok();
    let profiles = store.and_then(|store| store.raw("profiles")).map(json::members).unwrap_or_default();
    let is_fenced = |(_, raw): &(String, &str)| Credential::of(raw).is_some_and(|credential| credential.fence() == Some(true));
    profiles.into_iter().filter(is_fenced).map(|(id, _)| Section::Profile(facts.key(Kind::Section, &id))).collect()
}

fn profile(id: &str, credential: &Credential<'_>, place: Place, facts: &mut Facts<'_>) {
    let ours = credential.provider().map(|word| reasons::is_chatgpt(&word)).or_else(|| reasons::is_chatgpt_profile(id));
    if ours != Some(true) || !credential.is_login() {
        return;
    }
    let section = Section::Profile(facts.key(Kind::Section, id));
    let mut state = credential.state(Some(id), section, place, facts);
    // The profile that early versions filled from Codex' own store.
    state.imported |= id == "openai-codex:codex-cli";
    facts.push(None, place.origin, EventKind::Store(Box::new(state)));
}
