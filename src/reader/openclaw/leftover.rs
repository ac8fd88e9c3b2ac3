//! Small files that tell of a refresh by being there: a lock that nobody released, an encrypted
//! login, and what a process noted when it ended badly.

use super::outline::Outline;
use super::reasons;
use crate::classify::{self, Endpoint};
use crate::event::{ErrorClass, EventKind, Failure, Level, SkipReason};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::secret::Kind;
use crate::source::Head;
use crate::time::Stamp;

/// `locks/oauth-refresh/sha256-<digest>.lock`, digest of provider and profile.
pub(super) fn sniff_lock(head: &Head<'_>) -> Sniff {
    let placed = head.name.ends_in("locks/oauth-refresh/*") && head.name.file().starts_with("sha256-");
    if placed { Sniff::Yes } else { Sniff::No }
}

/// `{pid, createdAt}`: a lock is removed when the refresh is over, well or not, so one that is left
/// stands for a refresh that never ended: whether the token was spent, nobody noted.
pub(super) fn read_lock(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let lock = match Members::of(text.trim(), &["pid", "createdAt"]) {
        Ok(lock) => lock,
        // Made and not written yet.
        Err(_) if bytes.trim_ascii().is_empty() => return Outcome::Used,
        Err(reason) => return Outcome::Skipped(reason),
    };
    let made = lock.text("createdAt").and_then(|at| Stamp::parse(&at)).or_else(|| lock.number("createdAt").and_then(Stamp::epoch));
    let process = lock.number("pid").map(|pid| facts.key(Kind::Process, &format!("{pid:.0}")));
    let failure = Failure { class: ErrorClass::RefreshOutcomeUnknown, level: Level::Sentence };
    let refused = EventKind::Refused { failure, account: None, process, session: None, agent: None };
    facts.push(made.or(context.modified), facts.whole(), refused);
    Outcome::Used
}

/// `credentials/auth-profiles/<32 hex digits>.json` (2026.5.12 to 2026.6).
pub(super) fn sniff_sealed(head: &Head<'_>) -> Sniff {
    let outline = Outline::of(head);
    let shaped = outline.has(1, "encrypted") && outline.has(1, "profileId");
    let placed = head.name.ends_in("credentials/auth-profiles/*") && outline.has(1, "encrypted");
    if shaped || placed { Sniff::Yes } else { Sniff::No }
}

/// An encrypted login: its file is written when its tokens change, and that is all it says.
pub(super) fn read_sealed(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let sealed = match Members::of(&text, &["profileId", "provider"]) {
        Ok(sealed) => sealed,
        Err(reason) => return Outcome::Skipped(reason),
    };
    let by_provider = sealed.text("provider").map(|word| reasons::is_chatgpt(&word));
    let by_profile = || sealed.text("profileId").and_then(|id| reasons::is_chatgpt_profile(&id));
    if by_provider.or_else(by_profile) == Some(true) && context.modified.is_some() {
        facts.push(context.modified, facts.whole(), EventKind::Rewritten);
    }
    Outcome::Skipped(SkipReason::Sealed)
}

/// `logs/stability/openclaw-stability-<time>-<pid>-<reason>.json`, and `stability/latest.json` of a
/// support bundle (2026.5.7 on).
pub(super) fn sniff_stability(head: &Head<'_>) -> Sniff {
    let outline = Outline::of(head);
    let shaped = outline.has(1, "generatedAt") && outline.has(1, "snapshot") && outline.has(2, "uptimeMs");
    let placed = head.name.ends_in("logs/stability/*") || head.name.ends_in("stability/latest.json");
    if shaped || placed { Sniff::Yes } else { Sniff::No }
}

/// When the process had started, and the error that ended it where that is a refused refresh.
pub(super) fn read_stability(bytes: &[u8], _: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let noted = match Members::of(&text, &["generatedAt", "process", "error"]) {
        Ok(noted) => noted,
        Err(reason) => return Outcome::Skipped(reason),
    };
    let Some(at) = noted.text("generatedAt").and_then(|at| Stamp::parse(&at)) else { return Outcome::Used };
    let process = noted.inner("process", &["pid", "uptimeMs"]);
    let uptime = process.as_ref().and_then(|process| process.number("uptimeMs")).filter(|ms| (0.0..1e12).contains(ms));
    if let Some(started) = uptime.and_then(|uptime| Stamp::epoch(at.ms as f64 - uptime)) {
        facts.push(Some(started), facts.whole(), EventKind::Started { version: None });
    }
    let error = noted.inner("error", &["message"]).and_then(|error| error.text("message"));
    if let Some(words) = error.filter(|words| classify::is_about_refresh(words) && reasons::is_our_refresh(words)) {
        let failure = classify::error(Endpoint::Token, &words, None);
        let pid = process.and_then(|process| process.number("pid"));
        let process = pid.map(|pid| facts.key(Kind::Process, &format!("{pid:.0}")));
        let refused = EventKind::Refused { failure, account: None, process, session: None, agent: None };
        facts.push_said(Some(at), facts.whole(), refused, &words);
    }
    Outcome::Used
}
