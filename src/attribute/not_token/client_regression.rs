//! `client_regression`: a version of the client fails with a login that its predecessor worked with.
//!
//! A change of version is a bait like a rotation: something always changed not long before. So both
//! versions must be on record, the earlier one must have worked, the later one never, and the failure must
//! be one that a client can make by itself: a code that says what happened to the credential is none.

use crate::attribute::case::Case;
use crate::attribute::finding::{CauseTime, Finding, Item, ItemKind};
use crate::attribute::{About, Confidence, Hypothesis, RootCause};
use crate::correlate::{FailureSeen, Ran, SuccessSeen, When};
use crate::event::{ErrorClass, Origin, Version};

pub(super) const HYPOTHESIS: Hypothesis = Hypothesis { cause: RootCause::ClientRegression, about: ABOUT, test };

const ABOUT: About = About {
    line: "The client fails since a change of its version; the version before worked with the same login.",
    means: "From its first run on, the new version met refusals that the old one did not meet. What it sends, or how it refreshes the \
            login, has changed; the login itself is not shown to be at fault.",
    needs: &[
        "both versions on record, with times",
        "a success of the earlier version, and none of the later one",
        "a refusal that does not say what happened to the credential",
    ],
    supports: &["going back to the earlier version cured it", "the same credential before and after the change"],
    excludes: &[
        "the later version worked at any time",
        "the login service says that the token was used, revoked or expired",
        "an outage, a limit or a block is what the server named",
    ],
    controls: &[
        "the earlier version works again with the same login",
        "the later version had worked for days: then it is not the version",
    ],
    timeline: "earlier version works → upgrade → the first run fails, and every later one → going back cures it",
    versions: &[
        "OpenClaw 2026.5.12 to 2026.5.14-beta.1 were refused at the refresh right after a login",
        "Codex since 0.129 met 401 at side endpoints while its turns worked",
    ],
    repairs: &["go back to the version that worked, or on to the next one"],
    dos: &["report both versions to the client's makers"],
    donts: &["do not log in again and again: each login may end another one", "do not name another client: none has a part in it"],
    settles: &["whether the earlier version works with the same login", "the raw answer to the new version's first call"],
};

/// A change of version in the victim's home.
struct Change<'a> {
    /// The last run of the earlier version.
    before: &'a Ran,
    /// The first run of the later one.
    after: &'a Ran,
}

fn test(case: &Case<'_>) -> Vec<Finding> {
    let mut finding = Finding::new(RootCause::ClientRegression, None);
    let Some(refused) = refused(case) else {
        return vec![case.lacks(finding, "what the failures say is not of a client's making")];
    };
    let Some(change) = change(case) else {
        return vec![finding.out("no change of the client's version before the first failure is on record", None)];
    };
    let (was, is) = (change.before.version.as_ref(), change.after.version.as_ref());
    let incident = case.incident;
    let with = |good: &SuccessSeen| version_at(case, good.at, good.origin);
    let Some(good) = incident.last_good.filter(|good| with(good) == was || good.at.surely_before(change.after.at)) else {
        let why = "the later version had worked before, or no success of the earlier one is on record";
        return vec![finding.out(why, Some(ran(case, change.after)))];
    };
    let later = [incident.meanwhile, incident.next_good.filter(|_| incident.same_token_worked)];
    if let Some(worked) = later.into_iter().flatten().find(|good| with(good) == is) {
        let item = case.success(&worked, incident.victim.client, "worked with the later version and the same credential");
        return vec![finding.out("the later version worked with the same credential", Some(item))];
    }
    finding.point(4, case.failure(refused));
    finding.point(8, ran(case, change.after));
    finding.point(4, case.success(&good, incident.victim.client, "worked with the earlier version"));
    cure(case, was, &mut finding);
    limits(case, good.at, &mut finding);
    finding.when = CauseTime { at: Some(change.after.at), after: None, before: None };
    finding.would_settle = ABOUT.settles.to_vec();
    vec![finding]
}

/// The first failure, where all that say anything may be of the client's own making.
fn refused<'a>(case: &Case<'a>) -> Option<&'a FailureSeen> {
    use ErrorClass as C;
    let may_be = |c: C| {
        matches!(
            c,
            C::Unauthorized
                | C::NotRenewed
                | C::TokenExpired
                | C::RefreshNotValidated
                | C::RefreshRefused
                | C::RefreshTokenEmpty
                | C::RefreshBlockedLocally
                | C::MissingBearer
                | C::BadRequest
        )
    };
    let mute = |f: &FailureSeen| matches!(f.failure.class, C::Unstated | C::NoCredential | C::Cooldown);
    let telling = || case.incident.failures.iter().filter(|f| !mute(f));
    telling().all(|f| may_be(f.failure.class)).then(|| telling().find(|f| f.dated))?
}

/// Runs of the victim's program in its home that name their version, by time.
fn runs<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Ran> {
    let victim = &case.incident.victim;
    let own = move |ran: &&Ran| ran.client.program() == victim.client && ran.home == victim.home && ran.version.is_some();
    case.known.ran.iter().filter(own)
}

/// Which version made a record: the one that its own source names, else the latest that its home names.
fn version_at<'a>(case: &Case<'a>, at: When, origin: Origin) -> Option<&'a Version> {
    let until = |ran: &&Ran| ran.at.ms <= at.ms;
    let own = runs(case).filter(|ran| ran.origin.source == origin.source).filter(until).last();
    own.or_else(|| runs(case).filter(until).last())?.version.as_ref()
}

/// The change to the version that failed, which had not been at work before.
fn change<'a>(case: &Case<'a>) -> Option<Change<'a>> {
    // A refused refresh leaves no turn (OpenClaw): its lane tells of it, and it is a failure all the same.
    let first = case.incident.failures.iter().find(|f| f.dated)?;
    let is = version_at(case, first.at, first.origin)?;
    let after = runs(case).find(|ran| ran.version.as_ref() == Some(is))?;
    let before = runs(case).take_while(|ran| ran.at.surely_before(after.at)).last()?;
    // A failure of the earlier version is not the later one's.
    let own = |f: &FailureSeen| !f.dated || version_at(case, f.at, f.origin) == Some(is);
    case.incident.failures.iter().all(own).then_some(Change { before, after })
}

fn ran(case: &Case<'_>, ran: &Ran) -> Item {
    let version = ran.version.as_ref().map_or("", Version::as_str);
    let says = format!("{} {version} ran here for the first time", ran.client.title());
    case.item(ItemKind::Control, Some(ran.at), ran.origin, says)
}

/// What ended it: the earlier version, or something else.
fn cure(case: &Case<'_>, was: Option<&Version>, finding: &mut Finding) {
    let (incident, who) = (case.incident, case.incident.victim.client);
    let Some(good) = incident.next_good else { return };
    if version_at(case, good.at, good.origin) == was {
        finding.point(8, case.success(&good, who, "worked again with the earlier version"));
    } else {
        finding.point(-8, case.success(&good, who, "worked again without going back to the earlier version"));
    }
}

/// A version that changed together with the login, or that nobody went back from, is no more than a guess.
fn limits(case: &Case<'_>, good: When, finding: &mut Finding) {
    let held = case.incident.held.as_ref();
    let same = held.and_then(|held| held.since).is_some_and(|since| since.surely_before(good));
    let back = finding.points.iter().any(|point| point.value == 8 && point.item.at.is_some_and(|at| at.ms > case.incident.last.ms));
    if !same && !back {
        finding.cap(Confidence::Possible, "whether the same credential was used before and after the change is not known");
    }
    finding.cap(Confidence::Likely, "a change of version is shown, not what it changed");
}
