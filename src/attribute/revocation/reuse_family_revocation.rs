//! `reuse_family_revocation`: somebody presented an old refresh token of the login, and the server ended the
//! whole login, the holder of the newest pair included.
//!
//! Whether the provider does that is disputed: some report it, others saw the winner of a race live on. So
//! it is named only where all holders died in the right order, and never above `likely`.

use super::controls;
use crate::attribute::case::Case;
use crate::attribute::finding::{Actor, CauseTime, Finding, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, Item, RootCause};
use crate::correlate::Replay;

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::ReuseFamilyRevocation, about: ABOUT, test };

const ABOUT: About = About {
    line: "An old refresh token was presented again, and the server then ended the whole login.",
    means: "Refresh tokens are single use. One holder of the login presented a token that had been exchanged before and was refused; \
            after that every holder was told that the login had been revoked, also the one that held the newest pair. Servers may \
            end a whole login when an old token comes back, since they cannot tell a thief from its owner. Whether this provider does \
            is disputed, so this is an explanation by the order of events.",
    needs: &[
        "a refresh refused as already used, of any holder of the login",
        "after it, and with no success in between, revocation codes for all holders, the one with the newest pair included",
    ],
    supports: &[
        "a vault, backup or second machine put an old pair back just before",
        "the holder of the newest pair is refused within minutes",
    ],
    excludes: &[
        "any holder of the login goes on working after the refused replay",
        "the failing client is the one that replayed, and that refusal is its first failure: then its token had been spent before",
    ],
    controls: &[
        "the holder of the newest pair: if it works on, the login was not ended",
        "unrelated accounts refused alike in the same hour: then a mass revocation is nearer",
    ],
    timeline: "one holder refreshes → another presents the old token and is refused → all holders are refused as revoked",
    versions: &["claimed for this provider in June 2026 (an account manager's vault), contradicted for replays within seconds"],
    repairs: &["remove what replays old tokens first, then log in again in each client, one at a time"],
    dos: &["give each client its own login", "never restore or copy a store that another client has refreshed since"],
    donts: &["do not keep the replayer running: it may end the next login as well"],
    settles: &[
        "the provider's own record of the session",
        "logs of every holder between the refused replay and its own first refusal",
    ],
};

fn test(case: &Case<'_>) -> Vec<Finding> {
    let finding = Finding::new(RootCause::ReuseFamilyRevocation, None);
    if case.revoked().is_none() {
        return vec![case.lacks(finding, "the server did not say that the login was revoked")];
    }
    if let Some((why, item)) = case.not_ended() {
        return vec![finding.out(why, item)];
    }
    let Some(replay) = &case.incident.replay else {
        let why = "no refused replay of this login's refresh token is on record between the last success of its holders and the \
                   first revocation";
        return vec![finding.out(why, None)];
    };
    vec![of(case, replay)]
}

fn of(case: &Case<'_>, replay: &Replay) -> Finding {
    let victim = &case.incident.victim;
    let Some(replayer) = case.known.stores.get(replay.store).map(|store| store.client) else {
        return Finding::new(RootCause::ReuseFamilyRevocation, None).out("the store that replayed is not known", None);
    };
    let finding = Finding::new(RootCause::ReuseFamilyRevocation, Some(Actor { client: replayer, store: Some(replay.store) }));
    let says = format!("{}: refresh refused: the refresh token had already been used (`refresh_token_reused`)", replayer.title());
    let refused = case.item(ItemKind::Refusal, Some(replay.at), replay.origin, says);
    if case.incident.failures.iter().any(|f| f.origin == replay.origin) {
        let why = format!(
            "the refused replay is the first failure of {} itself: its token had been spent before that",
            victim.client.title()
        );
        return finding.out(why, Some(refused));
    }
    if let Some((store, good)) = &replay.alive {
        let who = case.known.stores.get(*store).map_or(replayer, |store| store.client);
        let item = case.success(good, who, "worked on with this login after it was called revoked");
        return finding.out(format!("{} went on working with the login after the refused replay", who.title()), Some(item));
    }
    weigh(case, replay, finding, refused)
}

fn weigh(case: &Case<'_>, replay: &Replay, mut finding: Finding, refused: Item) -> Finding {
    /// A holder that is active meets the end of its login this soon.
    const AT_ONCE_MS: i64 = 120_000;
    let own = case.incident.victim.store;
    if let Some(revoked) = case.revoked() {
        finding.point(12, case.failure(revoked));
        if revoked.at.ms.saturating_sub(replay.at.ms) <= AT_ONCE_MS {
            let says = format!("the first revocation follows the refused replay within {} s", AT_ONCE_MS / 1000);
            finding.point(3, case.item(ItemKind::Control, Some(revoked.at), revoked.origin, says));
        }
    }
    finding.point(10, refused);
    for (store, at, origin) in replay.ended.iter().filter(|(store, ..)| Some(*store) != own).take(2) {
        if let Some(client) = case.known.stores.get(*store).map(|store| store.client) {
            let says = format!("{}, on the same login, was told that it had been revoked", client.title());
            finding.point(5, case.item(ItemKind::Control, Some(*at), *origin, says));
        }
    }
    match (replay.newest == own, &case.incident.held) {
        (true, Some(held)) => {
            let says = format!("{} held the newest pair of the login", case.incident.victim.client.title());
            finding.point(4, case.item(ItemKind::Store, held.since, held.origin, says));
        }
        _ if replay.unheard.iter().any(|store| Some(*store) == replay.newest) => {
            finding.cap(Confidence::Undetermined, "the holder of the newest pair is not seen after the refused replay");
        }
        _ => {}
    }
    if !replay.unheard.is_empty() {
        finding.cap(Confidence::Possible, "not every holder of the login is seen after the refused replay");
    }
    if let Some(origin) = case.incident.elsewhere.other_account {
        let says = "unrelated accounts were refused in the same way at the same time".to_owned();
        finding.point(-8, case.item(ItemKind::Control, None, origin, says));
    }
    if let Some(good) = case.incident.last_good.as_ref().filter(|good| replay.at.surely_before(good.at)) {
        let item = case.success(good, case.incident.victim.client, "still worked with its access token after the refused replay");
        let because = "a replay that ends a login ends it for calls as well, as a rule, and the victim's were still answered";
        finding.limit(Confidence::Possible, because, Some(item));
    }
    controls::mind_adoption(case, &mut finding);
    finding.cap(Confidence::Likely, "whether this provider ends a login because an old token came back is disputed");
    finding.when = CauseTime { at: Some(replay.at), after: None, before: None };
    finding.would_settle = ABOUT.settles.to_vec();
    finding
}
