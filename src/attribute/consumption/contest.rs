//! Two holders of the very token, of which not both can have exchanged it. A token is exchanged once: where one of
//! them worked past the end of it, and the other came by its next pair only after that, the other exchanged a later
//! generation; where both did, and no store shows the pair that came next, either may have made it, and the other
//! have taken it over.
//!
//! Apart from [`super::exchange`], which weighs what is on record of one of them.

use super::{lineage, out_of_sight, traces};
use crate::attribute::Confidence;
use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::correlate::{Act, Renewed, Sibling};
use crate::event::Client;

/// What leaves it open that a refresh which is inferred from work past the token's end was of this store.
pub(super) fn weigh(case: &Case<'_>, sibling: &Sibling, renewed: &Renewed, finding: &mut Finding) {
    if lineage::exchanged(case, sibling).is_some() || !renewed.is_of_token(sibling.shared.is_some()) {
        return;
    }
    if let Some((other, their)) = lineage::moved_on(case, sibling, None) {
        let because = "another holder of the very token worked past its end as well: either may have exchanged it";
        finding.limit(Confidence::Undetermined, because, Some(worked(case, other, their)));
    }
    // Codex (0.98 to 0.169) borrows from nobody.
    let borrows = !renewed.replaced && case.store(sibling).live && sibling.client != Client::Codex;
    let lender = out_of_sight::beside(case, sibling, renewed.by.at).filter(|turn| borrows && turn.client != sibling.client);
    if let Some(turn) = lender {
        let because = "another program was at work, whose store is not among the files: what it had may have been borrowed";
        finding.limit(Confidence::Undetermined, because, Some(out_of_sight::at_work(case, turn)));
    }
}

/// The pair that its store shows next came after another holder of the token had worked past the end of that.
pub(super) fn late(case: &Case<'_>, sibling: &Sibling, (act, (other, their)): (&Act, (&Sibling, &Renewed)), finding: &mut Finding) {
    if let Some(origin) = sibling.shared {
        let says = format!("{} had held the very refresh token", case.who(sibling));
        finding.limits.push(case.item(ItemKind::SharedToken, None, origin, says));
    }
    finding.point(-6, worked(case, other, their));
    finding.limit(
        Confidence::Possible,
        "another holder of the very token had worked past its end before: the pair that its store shows is of a later generation",
        Some(case.acted(act)),
    );
    let after = case.incident.held.as_ref().and_then(|held| held.since);
    finding.when = CauseTime { at: None, after, before: Some(case.incident.refused) };
}

/// What shows that the other one had another pair by then.
fn worked(case: &Case<'_>, other: &Sibling, renewed: &Renewed) -> Item {
    Item { kind: ItemKind::Control, grade: None, ..traces::by_success(case, other, renewed).item }
}
