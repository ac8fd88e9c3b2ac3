//! Accounts, logins and the generations of tokens that descend from a login.
//!
//! What a token says inside follows decoded ChatGPT tokens of public reports (claims in this
//! order, `iat` and `exp` in seconds, `pwd_auth_time` in milliseconds, a life of ten days).
//! Committed fixtures hold [`Style::Inert`] tokens, which no scanner takes for a live one;
//! [`Style::Live`] exists only while a test runs.

use super::clock::{DAY, HOUR, SECOND};
use super::json::{Json, arr, obj};
use super::rng::{BASE32, BASE64};
use super::stage::Stage;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The public client id that every ChatGPT login of these programs carries.
const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";

/// How tokens are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Readable claims, algorithm none, blanks that break the shape of a live token.
    Inert,
    /// Shaped like a real one. Never written into the repository.
    Live,
}

/// A ChatGPT account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Workspace id.
    pub id: String,
    /// User id.
    pub user: String,
    /// E-mail.
    pub email: String,
}

impl Account {
    /// A new account.
    pub fn new(st: &Stage) -> Account {
        let (id, user) = (st.cast.uuid(), format!("user-{}", st.cast.rng().text(BASE32, 24)));
        Account { id, user, email: format!("{}@example.org", st.cast.rng().text(BASE32, 8)) }
    }
}

/// A login: the family that all later generations of its tokens belong to.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Whose login it is.
    pub account: Account,
    session: String,
    password_at: i64,
    /// Claims about the login that its access tokens lack.
    untold: &'static [&'static str],
}

/// One generation of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Access token.
    pub access: String,
    /// Refresh token, good for one use.
    pub refresh: String,
    /// Identity token.
    pub id: String,
    /// When the server issued it, whole seconds, in ms.
    pub issued: i64,
    /// When the access token ends, in ms.
    pub expires: i64,
}

impl Grant {
    /// A login whose password was entered at `at`.
    pub fn new(st: &Stage, account: &Account, at: i64) -> Grant {
        let session = format!("authsess_{}", st.cast.rng().text(&BASE64[..62], 24));
        Grant { account: account.clone(), session, password_at: at / SECOND * SECOND, untold: &[] }
    }

    /// A login whose access tokens do not say which login they belong to.
    pub fn untold(st: &Stage, account: &Account, at: i64) -> Grant {
        Grant { untold: &["session_id", "pwd_auth_time"], ..Grant::new(st, account, at) }
    }

    /// A login given in a session of the browser whose password was entered at `at`; that time is all that
    /// its access tokens say of it.
    pub fn of_browser(st: &Stage, account: &Account, at: i64) -> Grant {
        Grant { untold: &["session_id"], ..Grant::new(st, account, at) }
    }

    /// The next generation, issued in the second of `at`.
    pub fn mint(&self, st: &Stage, at: i64) -> Pair {
        let issued = at / SECOND * SECOND;
        let expires = issued + 10 * DAY;
        let access = jwt(st, &self.access_claims(st, issued, expires));
        let id = jwt(st, &self.id_claims(issued));
        Pair { access, refresh: refresh_token(st), id, issued, expires }
    }

    fn access_claims(&self, st: &Stage, issued: i64, expires: i64) -> Json {
        let claims = self.all_claims(st, issued, expires);
        match claims {
            Json::Object(mut members) => {
                members.retain(|(key, _)| self.untold.iter().all(|untold| key != untold));
                Json::Object(members)
            }
            claims => claims,
        }
    }

    fn all_claims(&self, st: &Stage, issued: i64, expires: i64) -> Json {
        obj! {
            "aud": arr!["https://api.openai.com/v1"],
            "client_id": CLIENT_ID,
            "exp": expires / SECOND,
            "https://api.openai.com/auth": self.auth(),
            "https://api.openai.com/profile": obj! { "email": &self.account.email, "email_verified": true },
            "iat": issued / SECOND,
            "iss": "https://auth.openai.com",
            "jti": st.cast.uuid(),
            "nbf": issued / SECOND,
            "pwd_auth_time": self.password_at,
            "scp": arr!["openid", "profile", "email", "offline_access"],
            "session_id": &self.session,
            "sl": true,
            "sub": format!("auth0|{}", self.account.user),
        }
    }

    fn id_claims(&self, issued: i64) -> Json {
        obj! {
            "aud": arr![CLIENT_ID],
            "email": &self.account.email,
            "exp": (issued + HOUR) / SECOND,
            "https://api.openai.com/auth": self.auth(),
            "iat": issued / SECOND,
            "iss": "https://auth.openai.com",
            "sid": &self.session,
            "sub": format!("auth0|{}", self.account.user),
        }
    }

    fn auth(&self) -> Json {
        obj! {
            "chatgpt_account_id": &self.account.id,
            "chatgpt_account_user_id": format!("{}__{}", self.account.user, self.account.id),
            "chatgpt_compute_residency": "no_constraint",
            "chatgpt_plan_type": "plus",
            "chatgpt_user_id": &self.account.user,
            "user_id": &self.account.user,
        }
    }
}

/// Claims as a token of the stage's style.
fn jwt(st: &Stage, claims: &Json) -> String {
    let random = st.cast.rng();
    let (header, signature) = match st.style {
        Style::Inert => (obj! { "alg": "none" }, random.text(BASE32, 86)),
        Style::Live => (obj! { "alg": "RS256", "kid": random.text(BASE64, 36), "typ": "JWT" }, random.text(BASE64, 342)),
    };
    format!("{}.{}.{signature}", segment(st.style, &header), segment(st.style, claims))
}

/// A segment. A blank stands before and after every brace of an inert one, so that none of it
/// begins as the segments of live tokens do.
fn segment(style: Style, value: &Json) -> String {
    let text = match style {
        Style::Inert => value.line().replace('{', " { "),
        Style::Live => value.line(),
    };
    URL_SAFE_NO_PAD.encode(text)
}

fn refresh_token(st: &Stage) -> String {
    match st.style {
        Style::Inert => st.cast.rng().text(BASE32, 64),
        // The prefix is put together here so that the source itself holds no such shape.
        Style::Live => ["rt", &st.cast.rng().text(&BASE64[..62], 88)].join("_"),
    }
}
