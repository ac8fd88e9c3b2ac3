//! `auth.json`, its snapshots and its other copies: the Codex credentials of a home.
//!
//! Version 1 in every release read (0.10 to 0.19). The same login stands in up to two sections:
//! `providers.openai-codex` (the singleton) and `credential_pool.openai-codex[]`. `last_refresh`
//! is set by a refresh, a login and an import alike. No field names who refreshed. Copies under
//! `state-snapshots/` are the only history on disk; their folder name is a UTC time.
//!
//! Tokens of other providers are only shown to the last gate.

use super::clocks::snapshot_time;
use super::head::{self, is_object};
use super::words::{REFRESH_REFUSED, UNSTATED, credential_error};
use crate::classify::{self, Endpoint};
use crate::event::{Coming, EventKind, Failure, Section, SourceKind, StoreState, StoreTrouble, Taken, TroubleKind, Writer};
use crate::reader::{Context, Facts, Format, Outcome, Shape, Sniff, json};
use crate::secret::{Claims, Key, Kind};
use crate::source::{Head, Name};
use crate::time::{Stamp, fraction_len};

/// The row of the table.
pub(super) const FORMAT: Format = Format {
    kind: SourceKind::HermesAuth,
    sniff,
    shape: Shape::Whole(read),
    tails: &["state-snapshots/*/*", "backups/*/*"],
    outside: false,
};

fn sniff(head: &Head<'_>) -> Sniff {
    let name = head.name.file();
    if !is_object(head) {
        return Sniff::No;
    }
    let near = head::has_keys(head.bytes, &["version"]) || head::has_keys(head.bytes, &["credential_pool"]);
    let keys = if near || name.contains("auth") { head::all_keys(head.bytes) } else { Vec::new() };
    let has = |key: &str| keys.iter().any(|known| **known == *key.as_bytes());
    match () {
        () if has("credential_pool") => Sniff::Yes,
        () if has("version") && has("providers") && (has("updated_at") || has("active_provider") || name.contains("auth")) => {
            Sniff::Yes
        }
        // Written by Hermes alone, when it finds its store unreadable.
        () if name == "auth.json.corrupt" => Sniff::Maybe,
        () => Sniff::No,
    }
}

const TOP: [&str; 3] = ["updated_at", "providers", "credential_pool"];
const CODEX: [&str; 1] = ["openai-codex"];
const SINGLETON: [&str; 3] = ["tokens", "last_refresh", "last_auth_error"];
const TOKENS: [&str; 4] = ["access_token", "refresh_token", "id_token", "account_id"];
const NOTE: [&str; 4] = ["code", "message", "at", "relogin_required"];
const ENTRY: [&str; 11] = [
    "id",
    "access_token",
    "refresh_token",
    "last_refresh",
    "last_status",
    "last_status_at",
    "last_error_code",
    "last_error_reason",
    "last_error_message",
    "last_error_reset_at",
    "auth_type",
];

fn read(bytes: &[u8], context: &Context<'_>, facts: &mut Facts<'_>) -> Outcome {
    let text = json::text(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let top = match json::Members::of(text, &TOP) {
        Ok(top) => top,
        Err(reason) => return Outcome::Skipped(reason),
    };
    show_to_gate(text, false, 0, facts);
    let updated_at = top.text("updated_at").and_then(|t| Stamp::parse(&t));
    let written_at = context.modified;
    let store = Store { taken: taken(context.name), at: snapshot_of(context.name).or(updated_at).or(written_at), written_at };
    let entries = top.inner("credential_pool", &CODEX).map(|pool| pool.items("openai-codex")).unwrap_or_default();
    let shared = top
        .inner("providers", &CODEX)
        .and_then(|providers| providers.inner("openai-codex", &SINGLETON))
        .and_then(|singleton| store.singleton(&singleton, entries.is_empty(), facts));
    for (place, entry) in entries.into_iter().enumerate() {
        if let Ok(entry) = json::Members::of(entry, &ENTRY) {
            store.entry(&entry, place, shared, facts);
        }
    }
    Outcome::Used
}

/// What holds for every section of one file.
struct Store {
    taken: Taken,
    at: Option<Stamp>,
    written_at: Option<Stamp>,
}

/// One pair of tokens as the file words it.
#[derive(Default)]
struct Pair<'a> {
    access: Option<&'a str>,
    refresh: Option<&'a str>,
    id_token: Option<&'a str>,
    account: Option<&'a str>,
    last_refresh: Option<&'a str>,
}

impl Store {
    /// States the singleton; gives back its refresh token when that pair was imported. `alone`: the pool
    /// holds nothing beside it.
    fn singleton(&self, singleton: &json::Members<'_, 3>, alone: bool, facts: &mut Facts<'_>) -> Option<Key> {
        let tokens = singleton.inner("tokens", &TOKENS);
        let word = |name: &str| tokens.as_ref().and_then(|t| t.text(name));
        let (access, refresh, id, account) = (word("access_token"), word("refresh_token"), word("id_token"), word("account_id"));
        let last_refresh = singleton.text("last_refresh");
        let pair = Pair {
            access: access.as_deref(),
            refresh: refresh.as_deref(),
            id_token: id.as_deref(),
            account: account.as_deref(),
            last_refresh: last_refresh.as_deref(),
        };
        // Hermes' own device-code login keeps two tokens; `id_token` and `account_id` come
        // along only with a pair copied from a Codex home (0.10 to 0.19).
        let imported = id.is_some() || account.is_some();
        let refresh = self.state(Section::Singleton, &pair, imported, facts);
        if let Some(note) = singleton.inner("last_auth_error", &NOTE) {
            let at = note.text("at").and_then(|t| Stamp::parse(&t));
            trouble(TroubleKind::Noted, Section::Singleton, noted(&note), at, None, facts);
            let emptied = tokens.is_some() && pair.access.is_none() && pair.refresh.is_none();
            if alone && emptied && note.flag("relogin_required") == Some(true) {
                let section = Some(Section::Singleton);
                let emptied = StoreTrouble { kind: TroubleKind::Emptied, section, failure: None, until: None };
                facts.push(at.or(self.at), facts.whole(), EventKind::Trouble(emptied));
            }
        }
        refresh.filter(|_| imported)
    }

    /// States one pool entry. `shared` is the imported singleton's refresh token.
    fn entry(&self, entry: &json::Members<'_, 11>, place: usize, shared: Option<Key>, facts: &mut Facts<'_>) {
        let id = entry.text("id").map_or_else(|| format!("entry {place}"), |id| id.into_owned());
        let section = Section::Pool(facts.key(Kind::Section, &id));
        let (access, refresh) = (entry.text("access_token"), entry.text("refresh_token"));
        let last_refresh = entry.text("last_refresh");
        let pair = Pair {
            access: access.as_deref(),
            refresh: refresh.as_deref(),
            last_refresh: last_refresh.as_deref(),
            ..Pair::default()
        };
        let key = refresh.as_deref().and_then(|token| facts.token(token));
        if entry.text("auth_type").as_deref() != Some("api_key") {
            self.state(section, &pair, shared.is_some() && key == shared, facts);
        }
        let kind = match entry.text("last_status").as_deref() {
            Some("exhausted") => TroubleKind::Exhausted,
            Some("dead") => TroubleKind::Dead,
            _ => return,
        };
        trouble(kind, section, benched(entry, kind), time(entry, "last_status_at"), time(entry, "last_error_reset_at"), facts);
    }

    /// States one pair; a section that never held one is not stated. The refresh token comes back.
    fn state(&self, section: Section, pair: &Pair<'_>, imported: bool, facts: &mut Facts<'_>) -> Option<Key> {
        let access = pair.access.and_then(|token| facts.token(token));
        let refresh = pair.refresh.and_then(|token| facts.refresh_token(token));
        if access.is_none() && refresh.is_none() && pair.last_refresh.is_none() {
            return None;
        }
        let claims = pair.access.map_or_else(Claims::default, |token| facts.claims(token));
        let of_login = pair.id_token.map_or_else(Claims::default, |token| facts.claims(token));
        let named = pair.account.filter(|id| !id.trim().is_empty()).map(|id| facts.key(Kind::Account, id));
        let state = StoreState {
            section,
            taken: self.taken,
            agent: None,
            account: claims.account.or(named).or(of_login.account),
            family: claims.family.or(of_login.family),
            login_time: claims.login_time.or(of_login.login_time),
            access,
            refresh,
            has_stand_in: false,
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            refreshed_at: pair.last_refresh.and_then(Stamp::parse),
            written_at: self.written_at,
            writer: pair.last_refresh.and_then(writer),
            imported,
            came: came(&claims, &of_login),
            fenced: None,
        };
        facts.push(self.at, facts.whole(), EventKind::Store(Box::new(state)));
        refresh
    }
}

/// Hermes' own refresh replaces two tokens and leaves the `id_token` of an import as it was (seen with 0.13): one
/// that was issued with the access token beside it came with it, from another store.
fn came(access: &Claims, id: &Claims) -> Option<Coming> {
    /// Both tokens of one answer are issued in one second, or in the next.
    const ONE_ANSWER_MS: u64 = 2_000;
    let (access, id) = access.issued_at.zip(id.issued_at)?;
    match () {
        () if access.ms.abs_diff(id.ms) <= ONE_ANSWER_MS => Some(Coming::Taken),
        () if id.ms < access.ms => Some(Coming::Exchanged),
        () => None,
    }
}

/// The program family that writes a fraction of so many digits.
fn writer(last_refresh: &str) -> Option<Writer> {
    Stamp::parse(last_refresh)?;
    match fraction_len(last_refresh) {
        9 => Some(Writer::Nanos),
        6 => Some(Writer::Micros),
        3 => Some(Writer::Millis),
        0 => Some(Writer::Seconds),
        _ => None,
    }
}

fn trouble(kind: TroubleKind, section: Section, failure: Failure, at: Option<Stamp>, until: Option<Stamp>, facts: &mut Facts<'_>) {
    let trouble = StoreTrouble { kind, section: Some(section), failure: Some(failure), until };
    facts.push(at, facts.whole(), EventKind::Trouble(trouble));
}

/// `last_auth_error` (0.15 and later): written when a refresh is refused for good, and kept
/// through a later login or adoption.
fn noted(note: &json::Members<'_, 4>) -> Failure {
    let by_code = note.text("code").and_then(|code| classify::code(Endpoint::Token, &code));
    by_code.unwrap_or_else(|| match note.text("message") {
        Some(message) => credential_error(&message),
        None => REFRESH_REFUSED,
    })
}

/// Why a pool entry is benched or dead. The code is that of the model call; a refresh that was
/// refused leaves code, reason and message null (0.13), its reason being kept nowhere.
fn benched(entry: &json::Members<'_, 11>, kind: TroubleKind) -> Failure {
    let (reason, message) = (entry.text("last_error_reason"), entry.text("last_error_message"));
    let status = entry.number("last_error_code").filter(|n| (100.0..600.0).contains(n)).map(|n| n as u16);
    if let Some(failure) = reason.as_deref().and_then(|reason| classify::code(Endpoint::Resource, reason)) {
        return failure;
    }
    match (message.or(reason), status) {
        (Some(message), _) => classify::error(Endpoint::Unknown, &message, status),
        (None, Some(_)) => classify::error(Endpoint::Resource, "", status),
        (None, None) if kind == TroubleKind::Exhausted => REFRESH_REFUSED,
        (None, None) => UNSTATED,
    }
}

/// A time that is an epoch number (0.10 to 0.19) or a text.
fn time(entry: &json::Members<'_, 11>, key: &str) -> Option<Stamp> {
    entry.number(key).and_then(Stamp::epoch).or_else(|| entry.text(key).and_then(|t| Stamp::parse(&t)))
}

/// The time in the name of the snapshot that the file stands in.
fn snapshot_of(name: &Name) -> Option<Stamp> {
    let parts = name.parts();
    let folder = parts.len().checked_sub(3).filter(|&at| parts[at] == "state-snapshots")? + 1;
    snapshot_time(parts[folder])
}

/// Only a plain `auth.json` outside snapshots and backups is the live store. A copy taken for the
/// live store of another home would look like a second holder of the login.
fn taken(name: &Name) -> Taken {
    let parts = name.parts();
    let folders = &parts[..parts.len().saturating_sub(1)];
    let near = folders.iter().rev().take(3);
    let kept = near.into_iter().any(|folder| {
        matches!(*folder, "state-snapshots" | "backups" | "backup")
            || folder.starts_with("hermes-backup-")
            || folder.starts_with("pre-update-")
    });
    if kept || name.file() != "auth.json" { Taken::Copy } else { Taken::Current }
}

/// Deepest nesting that is searched for tokens.
const DEEPEST: u32 = 16;

/// Hands every token-like string of the file to the gate, whoever's it is.
fn show_to_gate(raw: &str, secret: bool, depth: u32, facts: &mut Facts<'_>) {
    match raw.trim_start().as_bytes().first() {
        _ if depth > DEEPEST => {}
        Some(b'{') => {
            for (key, value) in json::members(raw) {
                show_to_gate(value, is_secret(&key), depth + 1, facts);
            }
        }
        Some(b'[') => json::items(raw).into_iter().for_each(|item| show_to_gate(item, secret, depth + 1, facts)),
        Some(b'"') if secret => {
            if let Some(text) = json::string(raw.trim()).filter(|text| looks_random(text)) {
                facts.token(&text);
            }
        }
        _ => {}
    }
}

/// Does a member of this name hold a secret?
fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["token", "key", "secret", "password", "jwt", "cookie", "authorization"].iter().any(|word| key.ends_with(word))
}

/// Addresses, sentences and short words are no secrets, and must not be known to the gate: it
/// would find them in every report.
fn looks_random(text: &str) -> bool {
    text.len() >= 16
        && !text.contains("://")
        && !text.contains(char::is_whitespace)
        && (text.len() >= 32 || text.bytes().any(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::read_file;
    use super::*;
    use crate::event::{ErrorClass, Event, Level, SkipReason};

    const POOL: &str = r#"{"version":1,"providers":{"openai-codex":{"tokens":{"access_token":"AAAA.one.x","refresh_token":"K4QX2MNO7PLR","id_token":"AAAA.id.x"},
        "last_refresh":"2026-05-10T06:15:02.123456Z","last_auth_error":{"code":"refresh_token_reused","message":"x","at":"2026-05-10T05:00:00+00:00"}}},
        "updated_at":"2026-05-10T06:15:03.000001+00:00",
        "credential_pool":{"openai-codex":[
          {"id":"a1b2c3","auth_type":"oauth","access_token":"AAAA.one.x","refresh_token":"K4QX2MNO7PLR","last_status":"exhausted","last_status_at":1778393702.12,
           "last_error_code":null,"last_error_reason":null,"last_error_message":null},
          {"id":"d4e5f6","auth_type":"oauth","access_token":"AAAA.two.x","refresh_token":"ZZQX2MNO7PLR","last_status":"dead","last_status_at":1778393702,
           "last_error_code":401,"last_error_reason":"token_invalidated"}]}}"#;

    fn stores(events: &[Event]) -> Vec<(&Option<Stamp>, &StoreState)> {
        events.iter().filter_map(|e| if let EventKind::Store(s) = &e.kind { Some((&e.at, &**s)) } else { None }).collect()
    }

    fn troubles(events: &[Event]) -> Vec<(TroubleKind, ErrorClass, Level)> {
        let pick = |e: &Event| match &e.kind {
            EventKind::Trouble(t) => t.failure.map(|f| (t.kind, f.class, f.level)),
            _ => None,
        };
        events.iter().filter_map(pick).collect()
    }

    #[test]
    fn singleton_and_pool_state_the_same_imported_pair() {
        let (outcome, stated) = read_file("home/.hermes/auth.json", POOL.as_bytes());
        assert_eq!(outcome, vec![Outcome::Used]);
        let stores = stores(&stated.events);
        assert_eq!(stores.len(), 3);
        assert_eq!((stores[0].1.section, stores[0].1.taken), (Section::Singleton, Taken::Current));
        assert_eq!((stores[0].1.refresh, stores[0].1.writer), (stores[1].1.refresh, Some(Writer::Micros)));
        assert!(stores[0].1.imported && stores[1].1.imported && !stores[2].1.imported);
        assert_eq!(stores[0].0.map(|at| at.ms), Stamp::parse("2026-05-10T06:15:03Z").map(|at| at.ms));
        let want = vec![
            (TroubleKind::Noted, ErrorClass::RefreshTokenReused, Level::TokenEndpoint),
            (TroubleKind::Exhausted, ErrorClass::RefreshRefused, Level::Sentence),
            (TroubleKind::Dead, ErrorClass::TokenInvalidated, Level::Resource),
        ];
        assert_eq!(troubles(&stated.events), want);
    }

    #[test]
    fn snapshots_are_dated_by_their_folder_and_other_copies_are_no_live_store() {
        let (_, stated) = read_file("h/state-snapshots/20260509-221500-before/auth.json", POOL.as_bytes());
        let first = stores(&stated.events)[0];
        assert_eq!((*first.0, first.1.taken), (Stamp::parse("2026-05-09T22:15:00Z"), Taken::Copy));
        for name in ["h/auth.json.corrupt", "h/auth.json.bak", "h/backups/pre-update-1.zip/auth.json", "1.hermes.auth.json"] {
            assert_eq!(stores(&read_file(name, POOL.as_bytes()).1.events)[0].1.taken, Taken::Copy, "{name}");
        }
    }

    #[test]
    fn a_cleared_login_is_stated_and_one_that_never_was_is_not() {
        let cleared = r#"{"version":1,"updated_at":"2026-05-10T06:15:03+00:00","providers":{"openai-codex":{"tokens":{},"last_refresh":"2026-05-10T06:15:02Z"}}}"#;
        let (_, stated) = read_file("auth.json", cleared.as_bytes());
        assert_eq!(stores(&stated.events)[0].1.refresh, None);
        let never = r#"{"version":1,"providers":{},"credential_pool":{"nous":[{"access_token":"QWERTYUIOPASDF12"}]}}"#;
        assert!(read_file("auth.json", never.as_bytes()).1.is_empty());
    }

    #[test]
    fn a_torn_store_is_skipped_with_a_reason() {
        let (outcome, stated) = read_file("auth.json.corrupt", &POOL.as_bytes()[..200]);
        assert_eq!(outcome, vec![Outcome::Skipped(SkipReason::JsonSyntax)]);
        assert!(stated.is_empty());
    }

    #[test]
    fn usage_limits_are_told_from_refusals() {
        let text = r#"{"version":1,"credential_pool":{"openai-codex":[{"id":"a","refresh_token":"Q","last_status":"exhausted","last_error_code":429,
            "last_error_message":"The usage limit has been reached","last_error_reset_at":1778400000}]}}"#;
        let (_, stated) = read_file("auth.json", text.as_bytes());
        assert_eq!(troubles(&stated.events), vec![(TroubleKind::Exhausted, ErrorClass::UsageLimit, Level::Resource)]);
    }
}
