//! opencode's `auth.json` (`~/.local/share/opencode/`): one object per provider.
//!
//! `{"openai":{"type":"oauth","refresh","access","expires":<ms>,"accountId"}}`. The ChatGPT login
//! stands under `openai` (builds before 2026-01-22 could write `codex`). It has its own login with
//! the same OAuth client as Codex. Nothing says when the pair was written except the token.

use crate::event::{EventKind, Section, StoreState, Taken};
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Sniff};
use crate::secret::Kind;
use crate::source::Head;
use crate::time::Stamp;

/// Members of an entry.
const ENTRY: [&str; 7] = ["type", "refresh", "access", "expires", "accountId", "key", "token"];

/// Where the ChatGPT login stands.
const LOGINS: [&str; 2] = ["openai", "codex"];

/// Recognised by entries that only opencode writes: `openai` with `oauth`, the types `api` and
/// `wellknown`; any other OAuth entry only below a folder `opencode`. pi's file looks alike, but its
/// key is `openai-codex` and its type `api_key`.
pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    if !head.whole || head.bytes.trim_ascii_start().first() != Some(&b'{') {
        return Sniff::No;
    }
    let text = json::text(head.bytes);
    if Members::of(&text, &LOGINS).is_err() {
        return sniff_cut(&text, head);
    }
    let entries = json::members(&text);
    let kinds: Vec<(&str, String)> = entries.iter().filter_map(|(name, raw)| Some((name.as_str(), kind(raw)?))).collect();
    let foreign = kinds.len() != entries.len() || kinds.iter().any(|(name, kind)| *name == "openai-codex" || kind == "api_key");
    if kinds.is_empty() || foreign {
        return Sniff::No;
    }
    let oauth = |name: &str| LOGINS.contains(&name);
    let own = kinds.iter().any(|(name, kind)| matches!(kind.as_str(), "api" | "wellknown") || (kind == "oauth" && oauth(name)));
    match kinds.iter().any(|(_, kind)| kind == "oauth") || own {
        true if own || head.name.has_part("opencode") => Sniff::Yes,
        true => Sniff::Maybe,
        false => Sniff::No,
    }
}

/// Type of an entry that holds what this type needs.
fn kind(raw: &str) -> Option<String> {
    let entry = Members::of(raw, &ENTRY).ok()?;
    let kind = entry.text("type")?;
    let whole = match &*kind {
        "oauth" => entry.raw("access").is_some() || entry.raw("refresh").is_some(),
        "wellknown" => entry.raw("token").is_some(),
        _ => entry.raw("key").is_some(),
    };
    whole.then(|| kind.into_owned())
}

/// A file that is cut off shows its first entry at least.
fn sniff_cut(text: &str, head: &Head<'_>) -> Sniff {
    let first = text.trim_start_matches(['{', ' ', '\t', '\r', '\n']);
    let ours =
        LOGINS.iter().any(|name| first.strip_prefix('"').and_then(|f| f.strip_prefix(name)).is_some_and(|f| f.starts_with('"')));
    match (ours && text.contains("\"oauth\"")) || (head.name.ends_in("opencode/auth.json") && first.starts_with('"')) {
        true => Sniff::Yes,
        false => Sniff::No,
    }
}

/// Read the file.
pub(super) fn read(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    if let Err(reason) = Members::of(&text, &LOGINS) {
        return Outcome::Skipped(reason);
    }
    let entries = json::members(&text);
    for (_, raw) in &entries {
        // Every secret of the file goes to the last gate, whatever provider it is for.
        let Ok(entry) = Members::of(raw, &ENTRY) else { continue };
        for secret in ["refresh", "access", "key", "token"] {
            let _ = facts.token(&entry.text(secret).unwrap_or_default());
        }
    }
    let login = LOGINS.iter().find_map(|name| entries.iter().find(|(key, _)| key == name));
    if let Some((_, raw)) = login {
        push(raw, context, facts);
    }
    Outcome::Used
}

fn push(raw: &str, context: &Context<'_>, facts: &mut Facts<'_>) {
    let Ok(entry) = Members::of(raw, &ENTRY) else { return };
    if entry.text("type").as_deref() != Some("oauth") {
        return;
    }
    let access = entry.text("access").unwrap_or_default();
    let claims = facts.claims(&access);
    let stated = entry.text("accountId").filter(|id| !id.trim().is_empty());
    let state = StoreState {
        section: Section::Only,
        taken: if context.name.file() == "auth.json" { Taken::Current } else { Taken::Copy },
        agent: None,
        account: stated.map(|id| facts.key(Kind::Account, &id)).or(claims.account),
        family: claims.family,
        login_time: claims.login_time,
        access: facts.token(&access),
        refresh: facts.refresh_token(&entry.text("refresh").unwrap_or_default()),
        has_stand_in: false,
        issued_at: claims.issued_at,
        expires_at: claims.expires_at.or(entry.number("expires").and_then(Stamp::epoch)),
        refreshed_at: None,
        written_at: context.modified,
        writer: None,
        imported: false,
        came: None,
        fenced: None,
    };
    facts.push(state.issued_at, facts.whole(), EventKind::Store(Box::new(state)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Vault;
    use crate::source::Name;

    const FILE: &str = r#"{"openai":{"type":"oauth","refresh":"Q7M2KD5R","access":"opaque","expires":1779257702000,"accountId":"acct-1"},"zai":{"type":"api","key":"K2"}}"#;

    fn sniffed(name: &str, text: &str) -> Sniff {
        sniff(&Head { name: &Name::of_text(name), bytes: text.as_bytes(), whole: true })
    }

    #[test]
    fn own_files_and_those_that_look_alike() {
        assert_eq!(sniffed("auth.json", FILE), Sniff::Yes);
        let claude = r#"{"anthropic":{"type":"oauth","refresh":"r","access":"a","expires":1}}"#;
        assert_eq!(sniffed("share/opencode/auth.json", claude), Sniff::Yes);
        assert_eq!(sniffed("auth.json", claude), Sniff::Maybe);
        for other in [
            r#"{"openai-codex":{"type":"oauth","refresh":"r","access":"a","expires":1}}"#,
            r#"{"openai":{"type":"api_key","key":"k"}}"#,
            r#"{"version":1,"providers":{}}"#,
            "{}",
            "{",
        ] {
            assert_eq!(sniffed("auth.json", other), Sniff::No, "{other}");
        }
    }

    #[test]
    fn the_login_is_stated() {
        let vault = Vault::new([5; 32]);
        let name = Name::of_text("opencode/auth.json");
        let mut facts = Facts::new(&vault, 0, false);
        assert_eq!(read(FILE.as_bytes(), &Context { name: &name, modified: None }, &mut facts), Outcome::Used);
        let stated = facts.into_parts().0;
        assert!(stated.turns.is_empty(), "{:?}", stated.turns);
        let [crate::event::Event { kind: EventKind::Store(state), .. }] = &stated.events[..] else { panic!("{:?}", stated.events) };
        assert_eq!(state.account, Some(vault.key(Kind::Account, "acct-1")));
        assert_eq!(state.refresh, Some(vault.key(Kind::Token, "Q7M2KD5R")));
        assert_eq!(state.expires_at, Some(Stamp::utc(1_779_257_702_000)));
    }
}
