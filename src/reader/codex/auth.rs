//! Codex `auth.json`, its numbered and backup copies, and `account-sessions/<id>.json`.
//!
//! `{auth_mode?, OPENAI_API_KEY, tokens{id_token, access_token, refresh_token, account_id}, last_refresh}`.
//! The file says who is logged in and which token pair it holds; it is untouched by refused
//! refreshes (0.98 to 0.169) and gone after a logout, or as soon as a login begins (0.169).
//! `last_refresh` is set by logins too, and other programs write into this file; the number of
//! its fraction digits hints at the writer. Builds up to 0.130 truncate the file in place, so a
//! copy can be cut off.

use crate::event::{Coming, EventKind, Section, StoreState, Taken, Writer};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::secret::{Claims, Kind};
use crate::source::{Head, Name};
use crate::time::{self, Stamp};

/// Members of the file, and those of other clients' stores that must not be there.
const KEYS: [&str; 10] = [
    "auth_mode",
    "OPENAI_API_KEY",
    "tokens",
    "last_refresh",
    "agent_identity",
    "personal_access_token",
    "providers",
    "credential_pool",
    "profiles",
    "version",
];

/// Recognised by its members; the name decides only for a file that holds an API key alone.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let bytes = head.bytes.trim_ascii();
    if !head.whole || bytes.first() != Some(&b'{') {
        return Sniff::No;
    }
    let text = json::text(bytes);
    let Ok(file) = Members::of(&text, &KEYS) else { return sniff_cut(&text, head.name) };
    if ["providers", "credential_pool", "profiles"].iter().any(|key| file.raw(key).is_some()) {
        return Sniff::No;
    }
    let tokens = file.inner("tokens", &["access_token", "refresh_token", "id_token"]);
    let has_pair = tokens.is_some_and(|t| t.raw("access_token").is_some() || t.raw("refresh_token").is_some());
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    let frame = has("OPENAI_API_KEY") || file.raw("auth_mode").is_some() || file.raw("last_refresh").is_some();
    match (has_pair, frame) {
        (true, true) => Sniff::Yes,
        (false, true) if is_named(head.name) && has("OPENAI_API_KEY") => Sniff::Yes,
        (false, true) if file.raw("OPENAI_API_KEY").is_some() || file.raw("personal_access_token").is_some() => Sniff::Maybe,
        _ => Sniff::No,
    }
}

/// A file that is cut off shows its first member at least.
fn sniff_cut(text: &str, name: &Name) -> Sniff {
    let first = text.trim_start_matches(['{', ' ', '\t', '\r', '\n']);
    let ours = ["\"auth_mode\"", "\"OPENAI_API_KEY\"", "\"tokens\"", "\"last_refresh\""].iter().any(|key| first.starts_with(key));
    match ours && text.lines().next().is_some_and(|line| !line.contains("}{")) {
        true if is_named(name) || text.contains("\"access_token\"") => Sniff::Yes,
        _ => Sniff::No,
    }
}

/// `auth.json`, `auth.json.bak`, `auth-work.json`, `auth.01.json` …
fn is_named(name: &Name) -> bool {
    name.file().starts_with("auth") && name.file().contains(".json")
}

/// Does the `id_token` come of an earlier answer than the access token beside it?
fn came(access: &Claims, id: &Claims) -> Option<Coming> {
    /// Tokens of one answer are issued within this time of each other.
    const ONE_ANSWER_MS: i64 = 2_000;
    let (access, id) = access.issued_at.zip(id.issued_at)?;
    (access.ms.saturating_sub(id.ms) > ONE_ANSWER_MS).then_some(Coming::PerhapsWritten)
}

/// Read the file.
pub(super) fn read(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let file = match Members::of(&text, &KEYS) {
        Ok(file) => file,
        Err(reason) => return Outcome::Skipped(reason),
    };
    for other in ["OPENAI_API_KEY", "agent_identity", "personal_access_token"] {
        learn(file.raw(other), facts);
    }
    let tokens = file.inner("tokens", &["id_token", "access_token", "refresh_token", "account_id", "login_owner_id"]);
    let Some(tokens) = tokens else { return Outcome::Used };
    let token = |key: &str| tokens.text(key).unwrap_or_default();
    let (access, id_token) = (facts.claims(&token("access_token")), facts.claims(&token("id_token")));
    learn(tokens.raw("id_token"), facts);
    learn(tokens.raw("login_owner_id"), facts);
    let stated = tokens.text("account_id").filter(|id| !id.trim().is_empty());
    let last_refresh = file.text("last_refresh");
    let state = StoreState {
        section: Section::Only,
        taken: taken(context.name),
        agent: None,
        account: stated.map(|id| facts.key(Kind::Account, &id)).or(access.account).or(id_token.account),
        family: access.family,
        login_time: access.login_time,
        access: facts.token(&token("access_token")),
        refresh: facts.refresh_token(&token("refresh_token")),
        has_stand_in: false,
        issued_at: access.issued_at,
        expires_at: access.expires_at,
        refreshed_at: last_refresh.as_deref().and_then(Stamp::parse),
        written_at: context.modified,
        writer: last_refresh.as_deref().and_then(writer),
        imported: false,
        came: came(&access, &id_token),
        fenced: None,
    };
    if state.access.is_none() && state.refresh.is_none() {
        return Outcome::Used;
    }
    push(state, &access, facts);
    Outcome::Used
}

/// The state is stated as of the newest time that the content itself names: the time of a file
/// can be that of its copying.
fn push(state: StoreState, access: &Claims, facts: &mut Facts<'_>) {
    let at = state.refreshed_at.or(access.issued_at);
    facts.push(at, facts.whole(), EventKind::Store(Box::new(state)));
}

/// Let the last gate know every string of a member that may hold a secret.
fn learn(raw: Option<&str>, facts: &mut Facts<'_>) {
    let Some(raw) = raw else { return };
    let secrets = match json::string(raw) {
        Some(secret) => vec![secret],
        None => json::members(raw).into_iter().filter_map(|(_, raw)| json::string(raw)).collect(),
    };
    for secret in secrets {
        let _ = facts.token(&secret);
    }
}

/// `auth.json` and the per-account files of newer builds are live; every other name is a copy.
fn taken(name: &Name) -> Taken {
    match name.file() == "auth.json" || name.ends_in("account-sessions/*") {
        true => Taken::Current,
        false => Taken::Copy,
    }
}

/// Codex writes nine digits (Linux, all versions from 0.98 to 0.169).
fn writer(last_refresh: &str) -> Option<Writer> {
    match time::fraction_len(last_refresh) {
        9 => Some(Writer::Nanos),
        6 => Some(Writer::Micros),
        3 => Some(Writer::Millis),
        0 => Some(Writer::Seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::event::SkipReason;
    use crate::reader::codex::testing::{self, jwt};

    fn file(access: &str, last_refresh: &str) -> String {
        format!(
            r#"{{"auth_mode":"chatgpt","OPENAI_API_KEY":null,"tokens":{{"id_token":"x.y.z","access_token":"{access}","refresh_token":"Q7M2KD5R","account_id":"acct-1"}},"last_refresh":"{last_refresh}"}}"#
        )
    }

    fn state(name: &str, text: &str) -> Option<StoreState> {
        let events = testing::whole(read, name, text.as_bytes());
        events.into_iter().find_map(|e| if let EventKind::Store(state) = e.kind { Some(*state) } else { None })
    }

    #[test]
    fn the_pair_its_claims_and_its_writer() {
        let access = jwt(r#" {"iat":1778393702,"exp":1779257702,"session_id":"S"}"#);
        let state = state("home/.codex/auth.json", &file(&access, "2026-05-10T06:15:03.512345678Z")).unwrap();
        assert_eq!((state.taken, state.writer), (Taken::Current, Some(Writer::Nanos)));
        assert_eq!(state.issued_at, Some(Stamp::utc(1_778_393_702_000)));
        assert_eq!(state.expires_at, Some(Stamp::utc(1_779_257_702_000)));
        assert!(state.family.is_some() && state.access.is_some() && state.refresh.is_some());
        assert_eq!(state.account, Some(testing::key(Kind::Account, "acct-1")));
    }

    #[test]
    fn copies_and_writers() {
        for (name, stamp, taken, writer) in [
            ("auth.json.bak", "2026-05-10T06:15:03.512345Z", Taken::Copy, Some(Writer::Micros)),
            (".codex/account-sessions/a.json", "2026-05-10T06:15:03.512Z", Taken::Current, Some(Writer::Millis)),
            ("auth.01.json", "2026-05-10T06:15:03Z", Taken::Copy, Some(Writer::Seconds)),
            ("auth.json", "2026-05-10T06:15:03.12Z", Taken::Current, None),
        ] {
            let state = state(name, &file("opaque", stamp)).unwrap();
            assert_eq!((state.taken, state.writer), (taken, writer), "{name}");
        }
    }

    #[test]
    fn stores_of_others_are_not_ours_and_a_key_alone_is_no_store() {
        let sniffed = |name: &str, text: &str| testing::sniffed(sniff, name, text.as_bytes());
        assert_eq!(sniffed("x.json", &file("a", "b")), Sniff::Yes);
        for other in [
            r#"{"version":1,"providers":{"openai-codex":{"tokens":{"access_token":"x"}}}}"#,
            r#"{"credential_pool":{},"tokens":{"access_token":"x"},"last_refresh":"x"}"#,
            r#"{"openai-codex":{"type":"oauth","access":"x","refresh":"y","expires":1}}"#,
            r#"{"openai":{"type":"oauth","access":"x","refresh":"y","expires":1}}"#,
            r#"{"version":1,"profiles":{}}"#,
            "[]",
            "",
        ] {
            assert_eq!(sniffed("auth.json", other), Sniff::No, "{other}");
        }
        let key_only = r#"{"OPENAI_API_KEY":"K7M2KD5RABCD","tokens":null,"last_refresh":null}"#;
        assert_eq!(sniffed("auth.json", key_only), Sniff::Yes);
        assert!(state("auth.json", key_only).is_none());
        let cut = &file("a", "b")[..60];
        assert_eq!(sniffed("auth.json", cut), Sniff::Yes);
        assert_eq!(testing::outcome(read, "auth.json", cut.as_bytes()), Outcome::Skipped(SkipReason::JsonSyntax));
    }
}
