//! What a JWT says inside, without checking its signature: only times and ids are taken out.

use super::{Key, Kind, Vault};
use crate::time::Stamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The claims of a ChatGPT token that matter here (OpenAI access and id tokens, as decoded in
/// public reports: `iat` and `exp` in seconds, `pwd_auth_time` in milliseconds).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// When the server issued the token.
    pub issued_at: Option<Stamp>,
    /// When it ends.
    pub expires_at: Option<Stamp>,
    /// The login it descends from (`session_id`).
    pub family: Option<Key>,
    /// When the password was entered for that login.
    pub login_time: Option<Stamp>,
    /// Account (workspace) id.
    pub account: Option<Key>,
}

/// Namespace of OpenAI's own claims.
const AUTH: &str = "https://api.openai.com/auth";

impl Claims {
    /// The claims of `token`; all empty when it is no readable JWT (opaque tokens are normal).
    pub fn of(token: &str, vault: &Vault) -> Claims {
        let Some(payload) = payload(token) else { return Claims::default() };
        let time = |name: &str| payload.get(name).and_then(Value::as_f64).and_then(Stamp::epoch);
        let text = |name: &str| payload.get(name).and_then(Value::as_str).filter(|s| !s.is_empty());
        let account = payload.get(AUTH).and_then(|auth| auth.get("chatgpt_account_id")).and_then(Value::as_str);
        Claims {
            issued_at: time("iat"),
            expires_at: time("exp"),
            family: text("session_id").map(|id| vault.key(Kind::Family, id)),
            login_time: time("pwd_auth_time"),
            account: account.filter(|s| !s.is_empty()).map(|id| vault.key(Kind::Account, id)),
        }
    }
}

fn payload(token: &str) -> Option<Value> {
    let middle = token.trim().split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(middle.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_and_broken_tokens_are_empty() {
        let vault = Vault::new([7; 32]);
        let json = r#"{"iat":1778393702,"exp":1779257702,"session_id":"authsess_x","pwd_auth_time":1778393700000,"https://api.openai.com/auth":{"chatgpt_account_id":"acct"}}"#;
        let token = format!("h.{}.s", URL_SAFE_NO_PAD.encode(json));
        let claims = Claims::of(&token, &vault);
        assert_eq!(claims.issued_at, Some(Stamp::utc(1_778_393_702_000)));
        assert_eq!(claims.login_time, Some(Stamp::utc(1_778_393_700_000)));
        assert_eq!(claims.account, Some(vault.key(Kind::Account, "acct")));
        assert_eq!(claims.family, Some(vault.key(Kind::Family, "authsess_x")));
        for broken in ["", "a.b", "a.!!.c", "rt-opaque", "h.bm90IGpzb24.s"] {
            assert_eq!(Claims::of(broken, &vault), Claims::default());
        }
    }
}
