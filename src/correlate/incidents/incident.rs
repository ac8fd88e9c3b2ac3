//! Incidents: a cluster of failures with everything that stands beside it. Plain data, put together
//! in `assemble`; what it means is decided in `attribute`.

use super::elsewhere::Elsewhere;
use super::failing::{FailureSeen, Group, Recovery, SuccessSeen, Victim, group, is_mute};
use super::fallback::FallbackSeen;
use super::lived;
use super::outworked::Outworked;
use super::passed::Passed;
use super::pattern::Pattern;
use super::replay::Replay;
use super::siblings::Sibling;
use super::unsure::Unsure;
use crate::correlate::acts::Act;
use crate::correlate::clock::When;
use crate::correlate::stores::{Back, Held, Store, StoreId};
use crate::event::{Client, ErrorClass, Origin};
use crate::secret::Key;
use std::sync::Arc;

/// An incident with everything that stands beside it.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Whose turns failed.
    pub victim: Victim,
    /// What they are about.
    pub group: Option<Group>,
    /// All failures, in order of time.
    pub failures: Arc<Vec<FailureSeen>>,
    /// Calls beside its turns that were refused with the same login meanwhile.
    pub refused_calls: Vec<FailureSeen>,
    /// Failed turns among its failures, and those that a kept terminal tells of.
    pub failed_turns: u64,
    /// Where the latter stand. They bear no time, so that they are no evidence of any order.
    pub told: Vec<Origin>,
    /// Transcripts of the victim's program were read.
    pub transcribing: bool,
    /// Failed turns that no transcript holds, where there are transcripts of the victim's program.
    pub untranscribed: u64,
    /// Since when the victim's store holds nothing, so that further turns fail and leave no record.
    pub silent_since: Option<When>,
    /// A logout of the victim's program that is on record without a time.
    pub said_logout: Option<Origin>,
    /// Sessions they belong to.
    pub sessions: u64,
    /// Transport failures inside.
    pub transport_failures: u64,
    /// First failure that says what was met: what it is about was done before that.
    pub first: When,
    /// The first failure by which a token may be known to be spent: the first one, but for refreshes
    /// before a refusal that got no answer.
    pub refused: When,
    /// Last failure.
    pub last: When,
    /// When it was over.
    pub recovered: Option<(When, Recovery)>,
    /// The credential the victim held at the first failure.
    pub held: Option<Held>,
    /// A failure of a profile or an agent that has no store of its own among the files, where what was read is that
    /// of the place whose login such a one may use.
    pub borrowed: Option<(When, Origin)>,
    /// The live store had moved back to that credential by then (or has since): its `held` is the older
    /// generation, and is taken to be held again from the newer one's time on.
    pub moved_back: Option<Back>,
    /// It was answered after the access token of that credential had ended: it worked with another one by then.
    pub outworked: Option<Outworked>,
    /// Last success before.
    pub last_good: Option<SuccessSeen>,
    /// The last time that what was refused is known to have lived, besides the possession of it: that success,
    /// or, where it was the refresh token that was refused, the last exchange of one.
    pub lived: Option<When>,
    /// First success after.
    pub next_good: Option<SuccessSeen>,
    /// A success with the same store while it lasted, of a session that did not fail then.
    pub meanwhile: Option<SuccessSeen>,
    /// Did the victim work again with the same access token? (control N5) It says that the session
    /// lives, not that the refresh token is unspent. False where another entry of the same store
    /// may have paid for it.
    pub same_token_worked: bool,
    /// The victim was told that its login had ended, and its store is not shown to have kept the pair: what it worked
    /// with afterwards is then not known.
    pub gave_way: bool,
    /// The victim's own later refresh of the very token it held: the token was not spent.
    pub token_alive: Option<usize>,
    /// The victim's own acts, from possession on: indexes into the list of acts.
    pub own_acts: Vec<usize>,
    /// A later pair of the victim's login that one program took over from another before the refusal.
    pub passed: Option<Passed>,
    /// Other stores.
    pub siblings: Vec<Sibling>,
    /// Acts of which the clocks do not say whether they lie between possession and first failure.
    pub unsure: Vec<Unsure>,
    /// The incident as it is if another entry of the same file was presented: one for each that may have been,
    /// where no record names it.
    pub otherwise: Vec<Incident>,
    /// A refused use of the login's old refresh token, right before its holders were told that the login had
    /// ended.
    pub replay: Option<Replay>,
    /// The row of acts and failures that it is, where two programs ended each other's login in turn.
    pub pattern: Option<Pattern>,
    /// Failures of others.
    pub elsewhere: Elsewhere,
    /// Fallback behaviour.
    pub fallback: FallbackSeen,
    /// Front ends of Codex seen in each Codex home that is a sibling's or the victim's.
    pub front_ends: Vec<(StoreId, Vec<Client>)>,
}

impl Incident {
    /// The store whose credential failed; None where several entries of one file may be it.
    pub fn store(&self) -> Option<StoreId> {
        self.victim.store.filter(|_| self.otherwise.is_empty())
    }

    /// Its account; None where the entries that may be it are of several.
    pub fn account(&self) -> Option<Key> {
        self.victim.account.filter(|_| self.otherwise.iter().all(|other| other.victim.account == self.victim.account))
    }

    /// The failures that can be a cause, rawest first, then earliest: what the incident is about.
    pub fn lead(&self) -> Option<&FailureSeen> {
        let telling = self.failures.iter().filter(|f| group(f.failure.class).is_some());
        telling.min_by_key(|f| (std::cmp::Reverse(f.failure.level), f.at.ms)).or_else(|| self.failures.first())
    }

    /// Its first failure of all, also where that leaves open what was met and so dates nothing.
    pub fn began(&self) -> When {
        let dated = self.failures.iter().filter(|f| f.dated).map(|f| f.at);
        dated.chain([self.first]).min_by_key(|at| at.ms).unwrap_or(self.first)
    }

    /// Does none of its failures say anything, neither of the call nor of the credential?
    pub fn is_mute(&self) -> bool {
        self.failures.iter().all(|f| is_mute(f.failure.class))
    }

    /// First dated failure of one class.
    pub fn first_of(&self, class: ErrorClass) -> Option<&FailureSeen> {
        self.first_where(|of| of == class)
    }

    /// First dated failure whose class fits.
    pub fn first_where(&self, fits: impl Fn(ErrorClass) -> bool) -> Option<&FailureSeen> {
        self.failures.iter().find(|f| f.dated && fits(f.failure.class))
    }

    /// The refusal of the refresh token from which the victim first learned that its login had ended: what it had
    /// done with its access token says nothing of that. None where a call had met it before.
    pub fn refused_refresh(&self) -> Option<&FailureSeen> {
        lived::refused_refresh(self.victim.client, self.held.as_ref(), &self.failures)
    }

    /// Was the victim told of the end by a refresh, where it is on record since when it held that refresh token, so
    /// that the time in question begins there?
    pub fn is_by_refresh(&self) -> bool {
        self.held.as_ref().and_then(lived::possessed).is_some() && self.refused_refresh().is_some()
    }

    /// May an act have ended the refresh token alone, which is what was refused, so that answered calls say nothing
    /// of it?
    pub fn may_spare_calls(&self, act: &Act, stores: &[Store]) -> bool {
        let store = act.store.and_then(|id| stores.get(id));
        self.is_by_refresh() && lived::may_spare_calls(act, store, self.held.as_ref())
    }

    /// What an act of a store gave up, where that is on record and of another login than the victim's.
    pub fn gave_up_other<'s>(&self, act: &Act, store: &'s Store) -> Option<&'s Held> {
        lived::gave_up_other(act, store, self.held.as_ref()?)
    }

    /// How many different sources state its failures.
    pub fn failing_sources(&self) -> usize {
        let mut sources: Vec<u32> = self.failures.iter().map(|f| f.origin.source).collect();
        sources.sort_unstable();
        sources.dedup();
        sources.len()
    }
}
