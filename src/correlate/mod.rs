//! From evidence to incidents: what is the same thing, who holds which credential, which failures
//! belong together, and which rotations, logins and controls stand beside them.
//!
//! Facts and distances only: nothing here says "because". Identity comes before time: failures
//! and rotations meet on an account, and the order of two happenings counts only where the
//! clocks of their sources allow it.
//!
//! ```text
//! hosts → clock → sources → stores → turns ┐
//!                              └──→  acts ─┴→ incidents
//! ```
//!
//! `covered`, `gaps` and `bare` say what the sources cannot tell, `ran` which versions were at work, `unmet` which of the
//! user's statements no source is met by.

mod acts;
mod bare;
mod clock;
mod covered;
mod gaps;
mod glob;
mod hosts;
mod incidents;
mod ran;
mod sources;
mod stores;
mod turns;
mod unmet;
mod versions;

pub use acts::{Act, ActKind, Doubt, Grade, Hand};
pub use bare::Bare;
pub use clock::{Behind, Keeper, Measured, Skews, Teller, Tells, When, Zone, ZoneBasis};
pub use covered::Covered;
pub use gaps::Gap;
pub use hosts::{HostId, Hosts};
pub use incidents::{
    Anew, Answer, Blur, Cycle, Elsewhere, Failed, FailureSeen, FallbackSeen, FallbackUse, Fared, Group, Incident, KnownBy,
    LINGERS_MS, Life, Lives, Mended, Moved, Outworked, Passed, Pattern, PatternKind, Place, Recovery, Refused, Relation, Renewed,
    Replay, Sibling, Sign, SignKind, Skipped, SuccessSeen, Unfelt, Unrelated, Unsure, Victim,
};
pub use ran::Ran;
pub use sources::Span;
pub use stores::{Back, Held, Store, StoreId, UnreadAgent, UsualHomes, is_usual, lender};
pub use turns::{Setting, Site, TurnSeen};
pub use unmet::{Unmet, unmet};
pub use versions::{AtWork, Stated, Versions};

use crate::event::Client;
use crate::evidence::Evidence;
use crate::plan::Plan;

/// What correlation makes of the evidence.
#[derive(Debug)]
pub struct Correlated {
    /// Every turn once, in order of time.
    pub turns: Vec<TurnSeen>,
    /// Turns of which nothing says when they were: they count, and make no incident. One that dated
    /// failures make may count them ([`Incident::told`]).
    pub undated: Vec<TurnSeen>,
    /// Answered turns of a ChatGPT login that were made where no store was read, by time: indexes into the turns.
    pub unstored: Vec<usize>,
    /// Per source, how many of its turns repeat another record.
    pub duplicates: Vec<u64>,
    /// Stores, in printing order.
    pub stores: Vec<Store>,
    /// Homes that Codex uses unless it is told otherwise.
    pub usual: UsualHomes,
    /// Rotations, logins, logouts and the like, in order of time.
    pub acts: Vec<Act>,
    /// Incidents, by first failure.
    pub incidents: Vec<Incident>,
    /// Refused refreshes and calls by which no turn failed.
    pub unfelt: Vec<Unfelt>,
    /// What logs kept of each process, per home.
    pub covered: Vec<(Client, Vec<Covered>)>,
    /// First and last event time of each source, where it has any.
    pub spans: Vec<Span>,
    /// For each source its place in the printed order.
    pub ranks: Vec<u32>,
    /// Which versions of which programs were at work, by time.
    pub ran: Vec<Ran>,
    /// Sources that were not read whole.
    pub gaps: Vec<Gap>,
    /// Homes from which no credential store was read, as their files are printed.
    pub bare: Vec<Bare>,
    /// For each source that has naive times, how their zone is known.
    pub zones: Vec<Option<ZoneBasis>>,
    /// The machines, where there are several.
    pub hosts: Hosts,
    /// What is known of their clocks.
    pub skews: Skews,
    /// What is on record of each login, whoever held it.
    pub lives: Lives,
    /// How the program of each store fared, whatever it held.
    pub fared: Fared,
    /// Versions that programs stated, per home.
    pub versions: Versions,
    /// For each source whose naive times records of both clocks date, those records.
    pub tellers: Vec<Vec<Teller>>,
}

/// Put the evidence together. The turns that were stated leave it, each is then there once, in what this gives; so do the
/// calls that worked, of which is left what bounds the incidents.
pub fn correlate(evidence: &mut Evidence, plan: &Plan) -> Correlated {
    let mut hosts = hosts::Hosts::of(evidence, plan);
    let clocks = clock::Clocks::of(evidence, plan, &hosts);
    let window = clock::Window::resolve(plan.window, evidence, &clocks);
    let spans = sources::spans(evidence, &clocks, window);
    let ranks = sources::ranks(evidence, &spans);
    hosts.number(&ranks);
    let stores = stores::collect(evidence, &clocks, &hosts, &ranks);
    let silence = turns::Silence::of(evidence, &clocks, &stores, &ranks);
    let (shown, work) = (turns::Shown::of(evidence, &stores), acts::Work::of(evidence, &clocks, &stores));
    let zones = clocks.bases(evidence);
    let stated = std::mem::take(&mut evidence.stated.turns);
    let worked = std::mem::take(&mut evidence.stated.worked);
    let evidence = &*evidence;
    let mut deduped = turns::collect(stated, evidence, &clocks, &stores, &spans, &ranks, window);
    silence.add_turns(&mut deduped, &shown, evidence, &stores, &ranks);
    let acts = acts::collect(evidence, &clocks, &stores, &ranks, (window, &work));
    let (clusters, passed) = incidents::collect(
        evidence,
        (&clocks, &stores, &ranks),
        (&deduped.turns, &worked, &acts),
        (window, &mut deduped.duplicates),
    );
    drop(worked);
    let calls = incidents::refused_calls(evidence, &clocks, &stores, window);
    let unfelt = incidents::unfelt((&passed, &calls), &clusters, &acts, (&deduped.turns, &stores));
    let told = incidents::Told::of(clusters.iter().chain(&passed), &stores);
    let lives = incidents::Lives::of(&stores, &deduped.turns, &acts, &told);
    let fared = incidents::Fared::of(&stores, &deduped.turns, &told);
    let patterns = incidents::patterns(&clusters, &passed, &acts, (&stores, &lives));
    let watched = covered::Watched::of(evidence, &clocks, &stores, &spans);
    let (turns, calls) = (&deduped.turns, &calls);
    let found = incidents::Found { stores: &stores, turns, acts: &acts, watched: &watched, silence: &silence, calls, told: &told };
    let incidents = incidents::assemble(evidence, &clocks, &found, clusters, &ranks);
    let mut incidents = incidents::unite(incidents, patterns);
    let ran = ran::collect(evidence, &clocks, &stores, &ranks, window);
    let versions = Versions::of(&ran);
    let covered = watched.list();
    let gaps = gaps::collect(evidence, &spans);
    let tellers = clocks.tellers(evidence, &hosts, &ranks);
    let turns::Deduped { turns, mut undated, told, duplicates } = deduped;
    incidents::count_told(&mut incidents, &told);
    undated.extend(told.into_iter().map(|told| told.turn));
    let unstored = turns::unstored(&turns, evidence, &stores);
    let bare = bare::collect(evidence, &stores, &turns, &ranks);
    let skews = clocks.skews();
    Correlated {
        turns,
        undated,
        unstored,
        duplicates,
        stores: stores.list,
        usual: stores.usual,
        acts,
        incidents,
        unfelt,
        covered,
        ran,
        spans,
        ranks,
        gaps,
        bare,
        zones,
        hosts,
        skews,
        tellers,
        lives,
        fared,
        versions,
    }
}
