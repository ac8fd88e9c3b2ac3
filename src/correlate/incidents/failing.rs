//! What failed, whose it was and what it is about: the words that clusters and incidents are made of.

use crate::correlate::clock::{Clocks, When};
use crate::correlate::hosts::HostId;
use crate::correlate::stores::{StoreId, UnreadAgent};
use crate::correlate::turns::TurnSeen;
use crate::event::{Client, ErrorClass, Failure, Level, Model, Origin, Provider, TransportFailure, Worked};
use crate::secret::Key;

/// A failure, as an incident counts it.
#[derive(Clone, Debug)]
pub struct FailureSeen {
    /// When.
    pub at: When,
    /// What was said.
    pub failure: Failure,
    /// A failed turn (else a refused refresh or a store's complaint).
    pub is_turn: bool,
    /// The client got no new token after the 401 that the turn met.
    pub not_renewed: bool,
    /// A transcript holds the turn; true for what is no turn.
    pub transcribed: bool,
    /// Its record says when it was; otherwise `at` is only where it was put.
    pub dated: bool,
    /// Session.
    pub session: Option<Key>,
    /// The turn ran in the program's resident process.
    pub resident: bool,
    /// Where it is written.
    pub origin: Origin,
    /// Transport diagnostic.
    pub transport: Option<TransportFailure>,
    /// Store whose credential was used, where known.
    pub store: Option<StoreId>,
    /// The record names that very entry of its file.
    pub of_entry: bool,
    /// The record names an agent that this store is not the own one of.
    pub of_other_agent: bool,
    /// Provider.
    pub provider: Provider,
    /// Model.
    pub model: Option<Model>,
    /// Run.
    pub run: Option<Key>,
    /// Process that was refused, where a log tells its processes apart.
    pub process: Option<Key>,
    /// Program whose record it is.
    pub stated_by: Client,
    /// It is a line of a log, no turn, and may be quoted there: [`SourceKind::is_plain_log`].
    ///
    /// [`SourceKind::is_plain_log`]: crate::event::SourceKind::is_plain_log
    pub quotable: bool,
    /// What the client's own label said, where a rawer record of the same turn says something else.
    pub labelled: Option<ErrorClass>,
    /// Until when the store benched the credential for it, by the answer's own reset time where that had
    /// one (Hermes `last_error_reset_at`).
    pub until: Option<Box<When>>,
}

impl FailureSeen {
    /// A dated failure outside any turn, of a call or refresh with the ChatGPT login.
    pub(super) fn beside_turns(at: When, failure: Failure, origin: Origin, stated_by: Client) -> FailureSeen {
        FailureSeen {
            at,
            failure,
            is_turn: false,
            not_renewed: false,
            transcribed: true,
            dated: true,
            session: None,
            resident: false,
            origin,
            transport: None,
            store: None,
            of_entry: false,
            of_other_agent: false,
            provider: Provider::OpenaiCodex,
            model: None,
            run: None,
            process: None,
            stated_by,
            quotable: false,
            labelled: None,
            until: None,
        }
    }
}

impl FailureSeen {
    /// Is the answer lost, so that any refusal may stand behind the failure? A refused upgrade says so itself.
    /// OpenClaw's "DNS lookup failed" and "API rate limit reached" are labels that it has put over other answers as
    /// well (April 2026): alone they are no more than that.
    pub(super) fn is_hollow(&self) -> bool {
        let Failure { class, level } = self.failure;
        let label = self.is_turn && level == Level::Sentence && matches!(class, ErrorClass::Connect | ErrorClass::RateLimit);
        label || class == ErrorClass::UpgradeRefused
    }

    /// Does it tell of nothing by itself: an answer that is lost, no words at all, or a consequence of what came
    /// before?
    pub(super) fn is_second_hand(&self) -> bool {
        self.is_hollow() || is_mute(self.failure.class) || self.failure.class.is_consequence()
    }
}

/// The first failure by which a token may be known to be spent. A refresh that got no answer leaves that
/// open: where a refusal follows it, what came in between may have spent the token as well.
pub(super) fn refused(failures: &[FailureSeen], first: When) -> When {
    let leaves_open = |f: &FailureSeen| f.not_renewed || f.failure.class.leaves_token_open();
    let mut dated = failures.iter().filter(|f| f.dated && f.at.ms >= first.ms && !is_mute(f.failure.class));
    let speaks = |f: &&FailureSeen| !leaves_open(f) && !f.failure.class.is_consequence();
    let opened = dated.clone().next().is_some_and(leaves_open);
    dated.find(speaks).filter(|f| opened && f.failure.class.is_refresh()).map_or(first, |f| f.at)
}

/// A success that was not looked at closer.
#[derive(Clone, Copy)]
pub(super) enum Success<'a> {
    /// A turn was answered.
    Turn(&'a TurnSeen),
    /// A call worked.
    Call(&'a Worked),
}

impl Success<'_> {
    /// The success as a control.
    pub(super) fn seen(self, clocks: &Clocks) -> Option<SuccessSeen> {
        match self {
            Success::Turn(turn) => Some(SuccessSeen::of(turn)),
            Success::Call(call) => {
                let at = clocks.stamp(call.at()?, call.source);
                Some(SuccessSeen { at, origin: call.origin(), session: call.session, over_second: false })
            }
        }
    }
}

/// A success, as a control.
#[derive(Clone, Copy, Debug)]
pub struct SuccessSeen {
    /// When.
    pub at: When,
    /// Where it is written.
    pub origin: Origin,
    /// Session, where the record names one.
    pub session: Option<Key>,
    /// It was answered over the second transport, after the first one had been refused.
    pub over_second: bool,
}

/// What may fail on by itself while everything else of its scope works.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::correlate) enum Runner {
    /// A session: its process may hold another token than the store does.
    Session(Key),
    /// The resident process of the program.
    Resident,
    /// A model that the login may not use.
    Model(Model),
}

/// Who or what failed, as far as it may fail on by itself.
pub(super) fn runner(failure: &FailureSeen) -> Option<Runner> {
    match group(failure.failure.class)? {
        Group::Auth if failure.is_turn && failure.resident => Some(Runner::Resident),
        Group::Auth if failure.is_turn => failure.session.map(Runner::Session),
        Group::Other(ErrorClass::Entitlement) => failure.model.clone().map(Runner::Model),
        _ => None,
    }
}

impl SuccessSeen {
    /// The success of a turn.
    pub(super) fn of(turn: &TurnSeen) -> SuccessSeen {
        let over_second = turn.transport().is_some_and(|transport| transport.fell_back);
        SuccessSeen { at: turn.at(), origin: turn.origin(), session: turn.setting.asked.session, over_second }
    }
}

/// Whose turns failed.
#[derive(Clone, Debug)]
pub struct Victim {
    /// Program.
    pub client: Client,
    /// Home (private).
    pub home: Option<String>,
    /// Machine; None where there is one only, or where it is not known.
    pub host: Option<HostId>,
    /// Store.
    pub store: Option<StoreId>,
    /// It is an agent whose own store is not among the files, while those of other agents of its home are.
    pub is_unread: bool,
    /// Account.
    pub account: Option<Key>,
    /// Provider.
    pub provider: Provider,
}

/// Whose failures: one program in one home on one machine, one store where known, one provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::correlate) struct Scope {
    /// Program.
    pub client: Client,
    /// Home (private).
    pub home: Option<String>,
    /// Machine.
    pub host: Option<HostId>,
    /// Store.
    pub store: Option<StoreId>,
    /// The agent, where its store is not among the files and those of other agents are.
    pub unread_agent: Option<UnreadAgent>,
    /// Provider; all that a ChatGPT login authorizes count as one.
    pub provider: Provider,
}

/// What failures are about; only failures of one group make one incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The credential.
    Auth,
    /// Quota and rate.
    Limit,
    /// The provider's servers.
    Provider,
    /// The way to the provider.
    Transport,
    /// Anything else with a class of its own.
    Other(ErrorClass),
}

/// The group a class belongs to; None for classes that say nothing by themselves.
pub(super) fn group(class: ErrorClass) -> Option<Group> {
    use ErrorClass as C;
    match class {
        C::Cooldown | C::Unstated | C::Unlisted | C::UpgradeRefused | C::NoCredential | C::MissingBearer => None,
        C::UsageLimit | C::RateLimit | C::CooledByLimit => Some(Group::Limit),
        C::Overloaded | C::ServerError | C::CooledByOverload => Some(Group::Provider),
        C::Connect | C::Timeout | C::StreamCut | C::PolicyClose => Some(Group::Transport),
        class if class.is_auth() => Some(Group::Auth),
        other => Some(Group::Other(other)),
    }
}

/// Does a failure of this class tell nothing at all, neither of the call nor of the credential? The
/// others without a group ("no credential", "cooling down") say at least that it was out of use.
pub(super) fn is_mute(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Unstated | ErrorClass::Unlisted | ErrorClass::UpgradeRefused)
}

/// How an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// A turn succeeded and nothing was done to the credential before it.
    ByItself,
    /// A process started in between.
    Restart,
    /// The client took over another program's credential.
    Adoption,
    /// The client refreshed.
    Refresh,
    /// Its token is new; whether by a refresh or a login is not known.
    Renewed,
    /// A person logged in.
    Login,
}
