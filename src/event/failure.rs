//! What an error means, in a closed list of classes.
//!
//! The raw text is classified where it is read ([`crate::classify`]) and then dropped, so later
//! stages see a class and how raw its source was, never the words.

/// What kind of thing an [`ErrorClass`] is about: the column of `mechanism` it speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// The single-use refresh token was spent elsewhere.
    Consumed,
    /// The grant or session was ended at the server.
    Revoked,
    /// A lifetime ran out.
    Expired,
    /// The credential is not the cause.
    NotToken,
    /// The files do not settle it.
    Undetermined,
}

impl Mechanism {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Mechanism::Consumed => "consumed",
            Mechanism::Revoked => "revoked",
            Mechanism::Expired => "expired",
            Mechanism::NotToken => "not_token",
            Mechanism::Undetermined => "undetermined",
        }
    }
}

/// How raw the statement is. Rawer wins inside one incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A client's own sentence with no code behind it.
    Sentence,
    /// A transport wrapper (no status, no body).
    Transport,
    /// An HTTP status without a code.
    Status,
    /// The code or literal of the resource endpoint.
    Resource,
    /// The code or literal of the token endpoint.
    TokenEndpoint,
}

/// A classified error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Failure {
    /// What it is.
    pub class: ErrorClass,
    /// How raw the statement is.
    pub level: Level,
}

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $mechanism:ident, $says:literal;)*) => {
        /// The closed list of error classes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorClass { $($(#[$doc])* $name,)* }

        impl ErrorClass {
            /// Every class, in order.
            pub const ALL: &'static [ErrorClass] = &[$(ErrorClass::$name,)*];

            /// A stable word for tests and fingerprints.
            pub fn word(self) -> &'static str {
                match self { $(ErrorClass::$name => $word,)* }
            }

            /// Which mechanism the class speaks for when nothing rawer stands beside it.
            pub fn mechanism(self) -> Mechanism {
                match self { $(ErrorClass::$name => Mechanism::$mechanism,)* }
            }

            /// What was said, as the report words it.
            pub fn says(self) -> &'static str {
                match self { $(ErrorClass::$name => $says,)* }
            }
        }
    };
}

classes! {
    /// Token endpoint: this refresh token was exchanged successfully before.
    RefreshTokenReused = "refresh_token_reused", Consumed, "refresh refused: the refresh token had already been used (`refresh_token_reused`)";
    /// Token endpoint: the refresh token's own lifetime ended.
    RefreshTokenExpired = "refresh_token_expired", Expired, "refresh refused: the refresh token has expired (`refresh_token_expired`)";
    /// Token endpoint: the refresh token was revoked.
    RefreshTokenInvalidated = "refresh_token_invalidated", Revoked, "refresh refused: the refresh token was revoked (`refresh_token_invalidated`)";
    /// Token endpoint: the login session ended at the server.
    SessionTerminated = "app_session_terminated", Revoked, "refresh refused: the login session has ended (`app_session_terminated`)";
    /// Token endpoint: `token_expired` at the refresh call, a refusal that is not about expiry alone.
    RefreshNotValidated = "refresh_not_validated", Undetermined, "refresh refused: the token could not be validated (`token_expired` at the token endpoint)";
    /// Token endpoint: `invalid_grant`, reason hidden.
    InvalidGrant = "invalid_grant", Undetermined, "refresh refused without a reason (`invalid_grant`)";
    /// Token endpoint: refused, code not on disk.
    RefreshRefused = "refresh_refused", Undetermined, "refresh refused, the server's code is not in the file";
    /// Token endpoint: timeout, reset, 429 or 5xx; whether the exchange happened is unknown.
    RefreshOutcomeUnknown = "refresh_outcome_unknown", Undetermined, "refresh not answered: whether the token was spent is unknown";
    /// Token endpoint: a 403 of the edge or by country stood in for the answer; the token was not tried.
    RefreshEdgeBlocked = "refresh_edge_blocked", NotToken, "refresh blocked before it reached the login service (403)";
    /// The client sent an empty refresh token.
    RefreshTokenEmpty = "refresh_token_empty", NotToken, "refresh refused: the client sent an empty refresh token";
    /// The client itself stopped the refresh before it was sent.
    RefreshBlockedLocally = "refresh_blocked_locally", NotToken, "refresh stopped by the client itself before it was sent";
    /// The client had an answer of the token endpoint and could not write its store (no permission,
    /// read-only, disk full). Codex and pi word it as a failed refresh, with the system's own error.
    RefreshNotStored = "refresh_not_stored", Undetermined, "refresh not completed: the client could not write its store";
    /// The store holds another account than the process does (no server event).
    AccountMismatch = "account_mismatch", Undetermined, "the store now holds another account than the running process";
    /// 401 `token_expired` at the model endpoint.
    TokenExpired = "token_expired", Expired, "model call refused: the access token is expired (`token_expired`)";
    /// 401 `token_invalidated` at the model endpoint.
    TokenInvalidated = "token_invalidated", Revoked, "model call refused: the access token has been invalidated (`token_invalidated`)";
    /// 401 `token_revoked` at the model endpoint.
    TokenRevoked = "token_revoked", Revoked, "model call refused: the access token was revoked (`token_revoked`)";
    /// 401 without a reason.
    Unauthorized = "unauthorized", Undetermined, "model call refused with 401 and no reason";
    /// 401 of a call before the turn, and the client got no new token: Codex 0.169 says so where a
    /// refresh failed without a refusal (server error, reset, block), and names that failure nowhere.
    NotRenewed = "not_renewed", Undetermined, "call refused with 401, and the client got no new token";
    /// 401: no credential was sent.
    MissingBearer = "missing_bearer", Undetermined, "model call sent without a credential";
    /// The client found no credential to use.
    NoCredential = "no_credential", Undetermined, "the client had no credential to use";
    /// The client skipped the call because the credential was cooling down after an earlier failure.
    Cooldown = "cooldown", Undetermined, "not attempted: the credential was cooling down after an earlier failure";
    /// The same, and the client says that the earlier failure was a limit (OpenClaw 2026.5: `(rate_limit)` behind
    /// the pause).
    CooledByLimit = "cooldown_rate_limit", NotToken, "not attempted: cooling down after a limit, as the client has it";
    /// The same after an overload (`(overloaded)`).
    CooledByOverload = "cooldown_overloaded", NotToken, "not attempted: cooling down after an overload of the provider, as the client has it";
    /// 403 with HTML, or a challenge page.
    EdgeBlock = "edge_block", NotToken, "blocked at the edge (403 challenge page)";
    /// 429 with a usage limit.
    UsageLimit = "usage_limit", NotToken, "usage limit reached (`usage_limit_reached`)";
    /// 429 without a usage limit.
    RateLimit = "rate_limit", NotToken, "rate limited (429)";
    /// Overloaded.
    Overloaded = "overloaded", NotToken, "provider overloaded";
    /// 5xx.
    ServerError = "server_error", NotToken, "provider answered with a server error (5xx)";
    /// The model or plan is not allowed for this login.
    Entitlement = "entitlement", NotToken, "model or plan not available for this login";
    /// The input exceeds the model's context window.
    ContextLength = "context_length", NotToken, "input exceeds the model's context window";
    /// Any other 4xx.
    BadRequest = "bad_request", NotToken, "request refused as malformed (4xx)";
    /// WebSocket upgrade refused or network error: the status is lost.
    UpgradeRefused = "upgrade_refused", Undetermined, "WebSocket upgrade failed, status not recorded";
    /// Socket closed without a close frame (1006), or a stream cut; whether an answer had begun is
    /// said by the transport diagnostic, where there is one.
    StreamCut = "stream_cut", NotToken, "connection lost before the answer was complete";
    /// Close code 1008.
    PolicyClose = "policy_close", NotToken, "WebSocket closed by server policy (1008)";
    /// DNS, connect, TLS.
    Connect = "connect", NotToken, "no connection (DNS, connect or TLS)";
    /// No answer in time.
    Timeout = "timeout", NotToken, "no answer in time";
    /// Interrupted by the user or a newer request.
    Aborted = "aborted", NotToken, "interrupted by the user";
    /// The turn failed and nothing says why.
    Unstated = "unstated", Undetermined, "failed without a stated reason";
    /// The text matched no signature.
    Unlisted = "unlisted", Undetermined, "failed with an error that no signature covers";
}

impl ErrorClass {
    /// True for refusals of the credential itself, at either endpoint.
    pub fn is_auth(self) -> bool {
        self.is_refresh()
            || matches!(
                self,
                Self::TokenExpired
                    | Self::TokenInvalidated
                    | Self::TokenRevoked
                    | Self::Unauthorized
                    | Self::NotRenewed
                    | Self::MissingBearer
                    | Self::NoCredential
                    | Self::AccountMismatch
                    | Self::RefreshNotStored
            )
    }

    /// True for answers (or missing answers) of the token endpoint.
    pub fn is_refresh(self) -> bool {
        matches!(
            self,
            Self::RefreshTokenReused
                | Self::RefreshTokenExpired
                | Self::RefreshTokenInvalidated
                | Self::SessionTerminated
                | Self::RefreshNotValidated
                | Self::InvalidGrant
                | Self::RefreshRefused
                | Self::RefreshOutcomeUnknown
                | Self::RefreshEdgeBlocked
                | Self::RefreshTokenEmpty
                | Self::RefreshBlockedLocally
        )
    }

    /// True where a refresh failed and nothing was said about the token: it may still be good.
    pub fn leaves_token_open(self) -> bool {
        matches!(self, Self::RefreshOutcomeUnknown | Self::RefreshEdgeBlocked)
    }

    /// True for codes that say the grant or session was ended at the server.
    pub fn is_revocation(self) -> bool {
        self.mechanism() == Mechanism::Revoked
    }

    /// True for failures below the API.
    pub fn is_transport(self) -> bool {
        matches!(self, Self::UpgradeRefused | Self::StreamCut | Self::PolicyClose | Self::Connect | Self::Timeout)
    }

    /// True where the call was not made because of an earlier failure, of which the client names the kind.
    pub fn is_named_pause(self) -> bool {
        matches!(self, Self::CooledByLimit | Self::CooledByOverload)
    }

    /// True where the class follows from an earlier failure and cannot be a cause of its own.
    pub fn is_consequence(self) -> bool {
        matches!(self, Self::Cooldown | Self::NoCredential | Self::MissingBearer | Self::Unstated)
    }
}
