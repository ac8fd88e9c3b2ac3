//! Orders that rest on a zone which was inferred.
//!
//! A naive time whose zone no record tells is dated by what stands on both clocks: that two stamps are of one
//! happening is likely, and no more is what follows from it. It bears on a verdict where one of act and failure was
//! dated in this way, the other was not, and in another zone their order might be another.
//!
//! Apart from [`super::readings`], which judges orders that are open: this one is not, it is less sure.

use super::case::Case;
use super::confidence::Confidence;
use super::finding::Finding;
use crate::correlate::{When, Zone};

/// Two zones are apart by no more.
const APART_MS: u64 = 26 * 60 * 60 * 1000;

/// Limit what is said of an act whose order to the failure rests on such a zone.
pub(super) fn limit(finding: &mut Finding, case: &Case<'_>) {
    let first = case.incident.first;
    let is_inferred = |at: When| at.zone == Zone::Assumed;
    let rests = |act: &When| is_inferred(*act) != is_inferred(first) && act.ms.abs_diff(first.ms) <= APART_MS;
    if finding.is_open() && finding.actor.is_some() && finding.when.at.as_ref().is_some_and(rests) {
        finding.cap(
            Confidence::Likely,
            "the zone by which its act comes before the failure is inferred from stamps that seem to be of one happening",
        );
    }
}
