//! What the token endpoint said of the victim's refresh, as it speaks for and against another program's
//! having exchanged the token: the same for one whose store shows that, and for one whose log alone does.

use super::own;
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::Finding;
use crate::event::ErrorClass;

/// Why nobody's refresh explains what was refused.
pub(super) fn explains_none(case: &Case<'_>) -> Option<&'static str> {
    let incident = case.incident;
    let unsaid = case.reused().is_none() && case.refused_unnamed().is_none();
    // How the refresh after the 401 was answered may be untold: then a rotation in between counts.
    if unsaid && (case.refresh_untold().is_none() || case.not_ended().is_some()) {
        return Some("no refresh was refused as already used");
    }
    if case.reused().is_none() && incident.first_where(is_other_refusal).is_some() {
        return Some("the token endpoint gave another reason");
    }
    // A success with the old access token says nothing against a refresh token that the server
    // itself calls used.
    let alive = incident.same_token_worked && case.reused().is_none() && case.revoked().is_none();
    alive.then_some("the same access token worked again later, and the server did not say that the refresh token was used")
}

fn is_other_refusal(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::RefreshTokenInvalidated | ErrorClass::SessionTerminated | ErrorClass::RefreshTokenExpired)
}

/// What the token endpoint said; `chain` where the exchange of the very token is on record.
pub(super) fn weigh(case: &Case<'_>, chain: bool, finding: &mut Finding) {
    match (case.reused(), case.refused_unnamed()) {
        (Some(reused), _) => finding.point(6, case.failure(reused)),
        (None, Some(refused)) => {
            own::weigh_unnamed(case, refused, finding, if chain { Confidence::Likely } else { Confidence::Possible });
        }
        (None, None) => finding.cap(
            Confidence::Possible,
            "Hermes does not record how the refresh after the 401 was answered: the token may have been used, or revoked",
        ),
    }
    if let Some(revoked) = case.revoked() {
        finding.point(-4, case.failure(revoked));
    }
    if let Some(item) = case.at_expiry() {
        finding.point(3, item);
    }
}
