//! Formats of hermes.

use super::Format;

/// The formats, in the order in which they are asked.
pub(super) static FORMATS: &[Format] = &[];
