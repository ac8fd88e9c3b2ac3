//! What a hypothesis says about one incident: gates, points, and the evidence under each.
//!
//! A finding starts at nothing: no points, open, capped at the top. It cannot claim a point
//! without an item of evidence, and a failed gate rules it out whatever its points.

use super::about::Steps;
use super::cause::RootCause;
use super::confidence::Confidence;
use crate::correlate::{Grade, Incident, StoreId, When};
use crate::event::{Client, Mechanism, Origin};
use std::borrow::Cow;

/// What kind of thing an item of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// A failed turn or refused call.
    Failure,
    /// A refused refresh.
    Refusal,
    /// A rotation.
    Rotation,
    /// Two stores held the same token.
    SharedToken,
    /// Two stores descend from one login.
    SharedLogin,
    /// A login.
    Login,
    /// A logout.
    Logout,
    /// A credential taken over from another store.
    Adoption,
    /// A success or failure that serves as a control.
    Control,
    /// The state of a store.
    Store,
    /// A transport diagnostic.
    Transport,
    /// Fallback behaviour.
    Fallback,
    /// A record that tells how local times stand to UTC.
    Clock,
    /// A record that tells which build was at work.
    Build,
}

impl ItemKind {
    /// The word of the JSON report.
    pub fn word(self) -> &'static str {
        match self {
            ItemKind::Failure => "failure",
            ItemKind::Refusal => "refusal",
            ItemKind::Rotation => "rotation",
            ItemKind::SharedToken => "shared_token",
            ItemKind::SharedLogin => "shared_login",
            ItemKind::Login => "login",
            ItemKind::Logout => "logout",
            ItemKind::Adoption => "adoption",
            ItemKind::Control => "control",
            ItemKind::Store => "store",
            ItemKind::Transport => "transport",
            ItemKind::Fallback => "fallback",
            ItemKind::Clock => "clock",
            ItemKind::Build => "build",
        }
    }
}

/// Which way an item speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stance {
    /// For the hypothesis.
    For,
    /// Against it.
    Against,
    /// Neither: it belongs to the picture.
    Context,
}

impl Stance {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Stance::For => "for",
            Stance::Against => "against",
            Stance::Context => "context",
        }
    }
}

/// One item of evidence: a fact with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// When, if dated.
    pub at: Option<When>,
    /// Where it is written.
    pub origin: Origin,
    /// Grade, for rotations.
    pub grade: Option<Grade>,
    /// The fact in one sentence, in words of our own.
    pub says: String,
}

impl Item {
    /// Does it state the same fact from the same place?
    pub fn states_same(&self, other: &Item) -> bool {
        self.origin == other.origin && self.kind == other.kind && self.says == other.says
    }
}

/// Points that an item gives or takes.
#[derive(Clone, Debug)]
pub struct Point {
    /// How many.
    pub value: i32,
    /// For what.
    pub item: Item,
}

/// The acting party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    /// Program.
    pub client: Client,
    /// Its store, where known.
    pub store: Option<StoreId>,
}

/// When the causal act happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CauseTime {
    /// Seen at this time.
    pub at: Option<When>,
    /// Not seen; after this.
    pub after: Option<When>,
    /// Not seen; before this.
    pub before: Option<When>,
}

/// What a hypothesis says about one incident.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which cause.
    pub cause: RootCause,
    /// Who, for causes with an actor.
    pub actor: Option<Actor>,
    /// Why it is out of the question, with the item that says so.
    pub ruled_out: Option<(Cow<'static, str>, Option<Item>)>,
    /// Points for and against.
    pub points: Vec<Point>,
    /// Highest tier the evidence allows, and why it is not higher.
    pub cap: Confidence,
    /// Reasons for the cap, each with the tier that it allows.
    caps: Vec<(Confidence, &'static str)>,
    /// Records on which a cap rests: they speak neither for nor against, and decide how sure it is.
    pub limits: Vec<Item>,
    /// The act itself is on record without a gap.
    pub recorded: bool,
    /// The provider itself states the cause.
    pub stated_outright: bool,
    /// When it happened.
    pub when: CauseTime,
    /// What would settle it.
    pub would_settle: Vec<&'static str>,
    /// What to do and not to do instead of what the cause says.
    pub steps: Option<Steps>,
    /// What happened to the credential, where the cause alone does not say it.
    pub mechanism: Option<Mechanism>,
    /// What a reader should know beside it if it is the verdict, such as of which kind it is.
    pub remarks: Vec<String>,
}

impl Finding {
    /// Nothing said yet.
    pub fn new(cause: RootCause, actor: Option<Actor>) -> Finding {
        Finding {
            cause,
            actor,
            ruled_out: None,
            points: Vec::new(),
            cap: Confidence::Confirmed,
            caps: Vec::new(),
            limits: Vec::new(),
            recorded: false,
            stated_outright: false,
            when: CauseTime::default(),
            would_settle: Vec::new(),
            steps: None,
            mechanism: None,
            remarks: Vec::new(),
        }
    }

    /// Out of the question, and why.
    pub fn out(mut self, why: impl Into<Cow<'static, str>>, item: Option<Item>) -> Finding {
        if self.ruled_out.is_none() {
            self.ruled_out = Some((why.into(), item));
        }
        self
    }

    /// What explains one failure does not explain a row of them, of two programs in turn.
    pub(super) fn of_row(self, incident: &Incident) -> Finding {
        match incident.pattern {
            Some(_) if self.cause != RootCause::AuthPingPong => {
                self.out("it explains one turn of the pattern at most, not the failures of both clients", None)
            }
            _ => self,
        }
    }

    /// Give or take points for an item. One fact from one place counts once, with the most that it is worth.
    pub fn point(&mut self, value: i32, item: Item) {
        match self.points.iter_mut().find(|known| known.item.states_same(&item)) {
            Some(known) if value.abs() > known.value.abs() => known.value = value,
            Some(_) => {}
            None => self.points.push(Point { value, item }),
        }
    }

    /// Allow no more than a tier, because of something that is not known.
    pub fn cap(&mut self, at: Confidence, because: &'static str) {
        self.cap = self.cap.min(at);
        self.caps.push((at, because));
    }

    /// Why it is not rated higher, the weightiest reasons first.
    pub fn why_not_higher(&self) -> Vec<&'static str> {
        let mut caps = self.caps.clone();
        caps.sort_by_key(|(at, _)| *at);
        caps.into_iter().map(|(_, because)| because).collect()
    }

    /// The same, because of something that a record states, if one does.
    pub fn limit(&mut self, at: Confidence, because: &'static str, item: Option<Item>) {
        self.cap(at, because);
        self.limits.extend(item);
    }

    /// Sum of the points; never below zero for one that is ruled out.
    pub fn score(&self) -> i32 {
        self.points.iter().map(|p| p.value).sum()
    }

    /// How many sources the points in favour come from.
    pub fn sources(&self) -> usize {
        let mut sources: Vec<u32> = self.points.iter().filter(|p| p.value > 0).map(|p| p.item.origin.source).collect();
        sources.sort_unstable();
        sources.dedup();
        sources.len()
    }

    /// Still in the running.
    pub fn is_open(&self) -> bool {
        self.ruled_out.is_none()
    }
}
