//! The closed list of root causes, in the words of the JSON contract.

use crate::event::Mechanism;

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $mechanism:ident;)*) => {
        /// A root cause.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RootCause { $($(#[$doc])* $name,)* }

        impl RootCause {
            /// Every root cause, in order of the contract.
            pub const ALL: &'static [RootCause] = &[$(RootCause::$name,)*];

            /// The word of the JSON contract.
            pub fn word(self) -> &'static str {
                match self { $(RootCause::$name => $word,)* }
            }

            /// What happens to the credential when this is the cause.
            pub fn mechanism(self) -> Mechanism {
                match self { $(RootCause::$name => Mechanism::$mechanism,)* }
            }

            /// The root cause that `word` names.
            pub fn named(word: &str) -> Option<RootCause> {
                RootCause::ALL.iter().copied().find(|c| c.word() == word)
            }
        }
    };
}

causes! {
    /// Another client refreshed the shared grant first.
    SiblingRefresh = "sibling_refresh", Consumed;
    /// Agents, profiles or processes of one program refreshed at once.
    SelfConcurrentRefresh = "self_concurrent_refresh", Consumed;
    /// The client refreshed and could not store the result.
    WritebackLost = "writeback_lost", Consumed;
    /// The refresh happened, its answer did not arrive.
    RefreshResponseLost = "refresh_response_lost", Consumed;
    /// A restored or copied store presented a spent token.
    StaleCopyReplay = "stale_copy_replay", Consumed;
    /// The token was spent by something that left no record.
    UnrecordedConsumer = "unrecorded_consumer", Consumed;
    /// Another client logged out and the grant was revoked.
    SiblingLogout = "sibling_logout", Revoked;
    /// Another client logged in anew and the old grant was revoked.
    SiblingRelogin = "sibling_relogin", Revoked;
    /// A replayed token made the server end the whole family.
    ReuseFamilyRevocation = "reuse_family_revocation", Revoked;
    /// The server ended the session; no local act explains it.
    ServerRevocation = "server_revocation", Revoked;
    /// A new login was refused at its first use.
    FreshLoginRefused = "fresh_login_refused", Revoked;
    /// Two clients end each other's login in turn.
    AuthPingPong = "auth_ping_pong", Revoked;
    /// The access token ended and the refresh worked.
    AccessTokenExpiredRefreshOk = "access_token_expired_refresh_ok", Expired;
    /// The refresh token ended after long idleness.
    RefreshTokenExpiredIdle = "refresh_token_expired_idle", Expired;
    /// A running process kept an old token.
    StaleProcessToken = "stale_process_token", Expired;
    /// The machine's clock is wrong.
    ClockWrong = "clock_wrong", Expired;
    /// The provider's servers failed.
    ProviderOutage = "provider_outage", NotToken;
    /// The provider's login service failed for everybody.
    ProviderAuthOutage = "provider_auth_outage", NotToken;
    /// Quota.
    UsageLimit = "usage_limit", NotToken;
    /// The way to the provider failed.
    Network = "network", NotToken;
    /// A challenge or block in front of the provider.
    EdgeBlock = "edge_block", NotToken;
    /// The connection broke in the middle of an answer.
    TransportDrop = "transport_drop", NotToken;
    /// The server closed the WebSocket by policy.
    WsPolicyClose = "ws_policy_close", NotToken;
    /// Model or plan not available.
    Entitlement = "entitlement", NotToken;
    /// The input was too long.
    ContextLength = "context_length", NotToken;
    /// Another service's login failed.
    OtherOauth = "other_oauth", NotToken;
    /// A client version is at fault.
    ClientRegression = "client_regression", NotToken;
    /// A person interrupted.
    UserAbort = "user_abort", NotToken;
    /// The files do not settle it.
    Undetermined = "undetermined", Undetermined;
}
