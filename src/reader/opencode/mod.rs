//! Formats of opencode.

mod auth;
mod log;

use super::{Format, Shape};
use crate::event::SourceKind;

/// The formats, in the order in which they are asked.
pub(super) static FORMATS: &[Format] = &[
    Format { kind: SourceKind::OpencodeAuth, sniff: auth::sniff, shape: Shape::Whole(auth::read), tails: &[], outside: false },
    Format { kind: SourceKind::OpencodeLog, sniff: log::sniff, shape: Shape::Lines(log::open), tails: &["log/*"], outside: false },
];
