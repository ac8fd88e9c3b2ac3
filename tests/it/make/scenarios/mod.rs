//! The table of scenarios: what really happened, what a reader of the files can know of it, and
//! the home that it left. The expected verdicts are an expert's, given these files and no others.

mod consumed;
mod ended;
mod expired;
mod healthy;
mod hosts;
mod in_turn;
mod innocent;
mod logged;
mod nearmiss;
mod ownhand;
mod plain;
mod props;
mod refused;
mod revoked;

pub use consumed::founding_with_log;
pub use nearmiss::NEAR_MISSES;
pub use revoked::founding_with_logs;

use super::clock::Clock;
use super::home::Home;
use super::rng::mix;
use super::stage::Stage;
use super::token::Style;
use std::ops::RangeInclusive;

/// The seed of the committed fixtures.
pub const SEED: u64 = 22_903;

/// What a report should say of one incident, in the words of the JSON contract.
#[derive(Debug)]
pub struct Verdict {
    /// Program whose turns failed.
    pub victim: &'static str,
    /// What happened to the credential.
    pub mechanism: &'static str,
    /// Why.
    pub root_cause: &'static str,
    /// Program that did it; None where nobody can be named.
    pub actor: Option<&'static str>,
    /// The weakest and the strongest word that are right. Where the weakest is `undetermined`, a
    /// report may leave the root cause and the actor open.
    pub confidence: (&'static str, &'static str),
    /// How many turns failed. A range where a reader may count retries or skipped runs, or not.
    pub failed_turns: RangeInclusive<usize>,
}

/// One scenario.
pub struct Scenario {
    /// Name of its folder.
    pub name: &'static str,
    /// What really happened.
    pub happened: &'static str,
    /// What an expert would conclude from the files, and why.
    pub conclusion: &'static str,
    /// Hours that the machine's clock is ahead of UTC.
    pub hours: i32,
    /// The incidents that a report should show, in order of their first failure.
    pub expected: &'static [Verdict],
    play: fn(&Stage, &mut Home),
}

impl Scenario {
    /// The home that the scenario leaves.
    pub fn build(&self, style: Style, seed: u64) -> Home {
        self.build_with_cast(style, seed, seed)
    }

    /// The same home with another cast: other secrets, names and words, and nothing else.
    pub fn build_with_cast(&self, style: Style, seed: u64, cast: u64) -> Home {
        // No two scenarios share an id, a name or a secret, so that all may be read at once.
        let own = self.name.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
        let stage = Stage::new(style, Clock::ahead(self.hours), seed ^ own, cast ^ own);
        let mut home = Home::default();
        (self.play)(&stage, &mut home);
        home
    }

    /// The text beside the fixture.
    pub fn note(&self) -> String {
        format!("# {}\n\n{}\n\n{}\n", self.name, self.happened, self.conclusion)
    }
}

/// All scenarios.
pub const SCENARIOS: &[Scenario] = &[
    consumed::FOUNDING,
    consumed::FOUNDING_IN_SQLITE,
    consumed::DAYS_BEFORE,
    consumed::HERMES_CULPRIT,
    consumed::HERMES_CULPRIT_SILENT,
    consumed::AGENTS_RACING,
    consumed::UNRECORDED,
    ownhand::WRITE_REFUSED,
    ownhand::MEMORY_ONLY,
    ownhand::ANSWER_LOST,
    ownhand::BROKEN_OFF,
    ownhand::VAULT_SWITCH,
    ownhand::SEEDED_SECRET,
    logged::REFRESH,
    logged::SILENT,
    logged::PRUNED,
    revoked::FOUNDING_RELOGIN,
    revoked::FOUNDING_IN_SQLITE,
    revoked::SERVER_REVOCATION,
    revoked::LOGIN_ABANDONED,
    revoked::SIBLING_LOGOUT,
    ended::REPLAY,
    ended::FRESH_LOGIN,
    in_turn::LOGINS,
    innocent::USAGE_LIMIT,
    innocent::NETWORK,
    innocent::OUTAGE,
    innocent::TRANSPORT_DROP,
    innocent::CONTEXT_LENGTH,
    expired::IDLE,
    expired::SIGNED_IN_ANEW,
    expired::EIGHTY_MINUTES,
    expired::USED_IN_AN_OLD_WINDOW,
    refused::AUTH_OUTAGE,
    refused::OTHER_SERVICE,
    refused::REGRESSION,
    plain::BLOCKED,
    plain::POLICY_CLOSE,
    plain::RETIRED,
    plain::STOPPED,
    healthy::ROTATIONS,
    healthy::EXPIRED_REFRESH_OK,
    nearmiss::EXPIRED_IN_TIME,
    hosts::FOUNDING,
    hosts::LOGOUT,
    hosts::CLOCK_WRONG,
];

/// The scenario called `name`.
pub fn scenario(name: &str) -> &'static Scenario {
    SCENARIOS.iter().find(|s| s.name == name).unwrap()
}
