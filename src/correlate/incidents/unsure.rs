//! What it means that the place of an act in time is not sure: the act, and what would tell. Plain data of an
//! incident; it is found, and taken to be here or there, in [`super::places`].

use crate::correlate::acts::Act;
use crate::correlate::hosts::HostId;
use crate::event::Client;

/// A connection that was open before may serve calls for a while after its login has ended (OpenClaw 2026.9
/// keeps its WebSocket between turns), in ms: an answer that comes no later than that after an act does not show
/// that the act ended nothing.
pub const LINGERS_MS: i64 = 15 * 60_000;

/// An act of which the place in time is not sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsure {
    /// Index of the act.
    pub act: usize,
    /// It lies inside by the best reading.
    pub is_inside: bool,
    /// What would tell.
    pub blur: Blur,
}

/// Why the order of two times is not sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blur {
    /// Times of this program are local, and their zone is not known for certain.
    Zone(Client),
    /// How far the clocks of two machines are apart. One that is not known is None.
    Clocks(Option<HostId>, Option<HostId>),
    /// By how much the clock of one machine was off.
    Clock(Option<HostId>),
    /// When this program was logged in: its store shows the time of the password alone.
    Login(Client),
}

/// Where a reading puts an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where the best reading has it.
    Best,
    /// Between possession and first failure.
    Inside,
    /// Before the one or after the other.
    Outside,
}

/// The act as a reading has it.
pub type Moved = (usize, Act);
