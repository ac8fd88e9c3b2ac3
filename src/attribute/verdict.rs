//! A verdict: mechanism, cause, actor, how sure, and the evidence in one numbered list.

use super::case::Case;
use super::cause::RootCause;
use super::compare::Compared;
use super::confidence::Confidence;
use super::finding::{Actor, CauseTime, Finding, Item, ItemKind, Stance};
use super::unread;
use super::wording::day;
use crate::correlate::{Act, ActKind, FailureSeen, FallbackUse, Group, Recovery, StoreId, Zone, ZoneBasis};
use crate::event::{Client, ErrorClass, Level, Mechanism, Origin, Provider};
use std::collections::BTreeSet;

/// An item of evidence as the verdict uses it.
#[derive(Clone, Debug)]
pub struct Evidenced {
    /// The item.
    pub item: Item,
    /// Which way it speaks about the verdict.
    pub stance: Stance,
    /// Points it gives to the verdict, or takes; None where it has no part in it.
    pub points: Option<i32>,
}

/// Where a hypothesis stands after comparison. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The verdict.
    Best,
    /// Possible, and not the best supported.
    Open,
    /// A gate excludes it.
    RuledOut,
}

impl Status {
    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Status::Best => "best",
            Status::Open => "open",
            Status::RuledOut => "ruled_out",
        }
    }
}

/// A hypothesis after comparison.
#[derive(Clone, Debug)]
pub struct Considered {
    /// Its cause.
    pub cause: RootCause,
    /// Its actor.
    pub actor: Option<Actor>,
    /// Where it stands.
    pub status: Status,
    /// Its points; 0 when ruled out.
    pub score: i32,
    /// Its evidence, as indexes into [`Verdict::evidence`].
    pub because: Vec<usize>,
    /// Why it stands there.
    pub says: String,
}

/// What is decided about one incident.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What happened to the credential.
    pub mechanism: Mechanism,
    /// Why.
    pub cause: RootCause,
    /// Who, where that is decided.
    pub actor: Option<Actor>,
    /// Front ends that share the actor's home and cannot be told apart.
    pub candidates: Vec<Client>,
    /// How sure.
    pub confidence: Confidence,
    /// When the causal act happened.
    pub when: CauseTime,
    /// The class that the incident is about.
    pub lead: Option<ErrorClass>,
    /// Evidence in order of time.
    pub evidence: Vec<Evidenced>,
    /// Hypotheses in order of status and points.
    pub considered: Vec<Considered>,
    /// Observations that would decide what is open.
    pub would_settle: Vec<&'static str>,
    /// What to do (true) and not to do (false), in order.
    pub next_steps: Vec<(bool, &'static str)>,
    /// What a reader should know beside the verdict.
    pub notes: Vec<String>,
}

/// Put the verdict on an incident together.
pub(super) fn verdict(case: &Case<'_>, compared: Compared) -> Verdict {
    let evidence = evidence(case, &compared);
    let cause = compared.cause();
    let (actor, confidence, when) = match compared.winner() {
        Some((finding, tier)) => (finding.actor, tier, finding.when),
        None => (None, Confidence::Undetermined, CauseTime::default()),
    };
    let unread = unread::notes(case, actor);
    let mechanism = if cause == RootCause::Undetermined { mechanism_alone(case) } else { cause.mechanism() };
    Verdict {
        mechanism,
        cause,
        actor,
        candidates: candidates(case, actor, when),
        confidence,
        when,
        lead: case.incident.lead().map(|f| f.failure.class),
        considered: considered(&compared, &evidence),
        would_settle: would_settle(&compared, confidence, !unread.is_empty()),
        next_steps: next_steps(case, cause),
        notes: [notes(case, &compared), zones(case, &evidence), unread].concat(),
        evidence,
    }
}

/// The mechanism that the rawest statement settles, when no cause stands out. An access token that
/// works again had neither ended nor been revoked, whatever one answer said; and one that is called
/// expired had ended only where its own end says so, since servers say it of tokens long before that.
fn mechanism_alone(case: &Case<'_>) -> Mechanism {
    if own_ending(case).is_some() || said_logout(case).is_some() {
        return Mechanism::Revoked;
    }
    let lead = case.incident.lead().filter(|f| f.failure.level >= Level::Status);
    match lead.map_or(Mechanism::Undetermined, |f| f.failure.class.mechanism()) {
        Mechanism::Revoked | Mechanism::Expired if case.incident.same_token_worked => Mechanism::Undetermined,
        Mechanism::Expired if lead.is_some_and(|f| f.failure.class == ErrorClass::TokenExpired && !case.had_ended(f.at)) => {
            Mechanism::Undetermined
        }
        mechanism => mechanism,
    }
}

/// The victim's own logout, or login that was begun, after its last success, where its calls then went
/// out without a credential: it ended its own login, and nobody else did.
fn own_ending<'a>(case: &Case<'a>) -> Option<&'a Act> {
    let incident = case.incident;
    let bare = |f: &FailureSeen| matches!(f.failure.class, ErrorClass::MissingBearer | ErrorClass::NoCredential);
    let after = |a: &Act| incident.last_good.is_none_or(|good| good.at.surely_before(a.at)) && a.at.surely_before(incident.first);
    let ends = |a: &&Act| matches!(a.kind, ActKind::LoginAbandoned | ActKind::Logout) && after(a);
    incident.failures.iter().all(bare).then(|| incident.own_acts.iter().map(|&i| case.act(i)).rev().find(ends))?
}

/// Did calls of a client that had worked go out without a credential, and is no login of its home among
/// the files? A logout leaves no more than that behind (Codex 0.98 to 0.169 log none).
fn left_without(case: &Case<'_>) -> bool {
    let incident = case.incident;
    let bare = |f: &FailureSeen| match f.failure.class {
        ErrorClass::MissingBearer => true,
        // `codex login status` says so, without a time.
        class => class == ErrorClass::NoCredential && !f.is_turn,
    };
    let gone = |store: StoreId| !case.known.stores[store].live || case.known.stores[store].held.is_empty();
    let no_login = incident.victim.home.is_some() && incident.victim.store.is_none_or(gone);
    no_login && incident.last_good.is_some() && incident.failures.iter().all(bare)
}

/// The same where nothing says that it was a logout: another holder of the account is another matter.
fn logged_out(case: &Case<'_>) -> bool {
    left_without(case) && case.incident.siblings.is_empty()
}

/// A kept terminal in which the victim's own program logged out, where that explains what happened.
fn said_logout(case: &Case<'_>) -> Option<Origin> {
    case.incident.said_logout.filter(|_| left_without(case))
}

/// Front ends that may have acted: the one whose process a log names, else all of the home.
fn candidates(case: &Case<'_>, actor: Option<Actor>, when: CauseTime) -> Vec<Client> {
    let store = actor.and_then(|a| a.store);
    let act = case.known.acts.iter().find(|a| store.is_some() && a.store == store && Some(a.at) == when.at && a.front.is_some());
    if let Some(front) = act.and_then(|a| a.front) {
        return vec![front];
    }
    let known = case.incident.front_ends.iter().find(|(id, _)| Some(*id) == store);
    known.map(|(_, list)| list.clone()).unwrap_or_default()
}

/// All items in order of time, each once, with the stance it has towards the verdict.
fn evidence(case: &Case<'_>, compared: &Compared) -> Vec<Evidenced> {
    let mut list: Vec<Evidenced> = Vec::new();
    let mut add = |item: Item, stance: Stance, points: Option<i32>| {
        if !list.iter().any(|e| same_fact(&e.item, &item)) {
            list.push(Evidenced { item, stance, points });
        }
    };
    if let Some((winner, _)) = compared.winner() {
        for point in &winner.points {
            add(point.item.clone(), if point.value >= 0 { Stance::For } else { Stance::Against }, Some(point.value));
        }
    }
    let rivals = compared.findings.iter().skip(usize::from(compared.best.is_some()));
    for rival in rivals.filter(|f| f.is_open()) {
        for point in rival.points.iter().filter(|p| p.value >= 0) {
            add(point.item.clone(), Stance::Context, None);
        }
    }
    for rival in &compared.findings {
        if let Some((_, Some(item))) = &rival.ruled_out {
            add(item.clone(), Stance::Context, None);
        }
    }
    if let Some(act) = own_ending(case) {
        add(case.acted(act), Stance::Context, None);
    } else if let Some(origin) = said_logout(case) {
        let says = format!("{}: a logout is on record, without a time", case.incident.victim.client.title());
        add(case.item(ItemKind::Logout, None, origin, says), Stance::Context, None);
    }
    for item in context(case) {
        // A record that is cited already needs no second wording.
        if !list.iter().any(|e| e.item.origin == item.origin && e.item.kind == item.kind) {
            list.push(Evidenced { item, stance: Stance::Context, points: None });
        }
    }
    let rank = |i: &Item| case.known.ranks.get(i.origin.source as usize).copied();
    list.sort_by_key(|e| {
        (e.item.at.is_none(), e.item.at.map(|w| w.ms), rank(&e.item), e.item.origin.line, e.item.origin.byte, e.item.kind, e.stance)
    });
    list
}

/// Two items that state the same fact from the same place.
fn same_fact(a: &Item, b: &Item) -> bool {
    a.origin == b.origin && a.kind == b.kind && a.says == b.says
}

/// What belongs to the picture whatever the verdict: the ends of the incident, what the
/// transport said, what was done about it.
fn context(case: &Case<'_>) -> Vec<Item> {
    let incident = case.incident;
    let mut items = Vec::new();
    let telling = |f: &&FailureSeen| !f.failure.class.is_consequence();
    items.extend(incident.failures.iter().find(telling).or(incident.failures.first()).map(|f| case.failure(f)));
    items.extend(incident.failures.last().filter(|f| f.at != incident.first).map(|f| {
        let item = case.failure(f);
        Item { says: format!("{} (last)", item.says), ..item }
    }));
    if let (Some(held), Some(Group::Auth)) = (&incident.held, incident.group) {
        items.push(case.possession(held));
    }
    if let Some(good) = &incident.last_good {
        items.push(case.success(good, incident.victim.client, "worked for the last time before the incident"));
    }
    items.extend(mended(case).map(|act| case.acted(act)));
    if let (Some(good), Some((_, how))) = (&incident.next_good, incident.recovered) {
        items.push(case.success(good, incident.victim.client, recovered(how)));
    }
    if let Some((f, t)) = incident.failures.iter().find_map(|f| f.transport.map(|t| (f, t))) {
        let says = format!("transport diagnostic on the turn: {}", t.failure.class.says());
        items.push(case.item(ItemKind::Transport, Some(f.at), f.origin, says));
    }
    if let (Some(origin), Some(says)) = (incident.fallback.origin, fallback(incident.fallback.usage)) {
        items.push(case.item(ItemKind::Fallback, None, origin, says.to_owned()));
    }
    items
}

/// What ended the incident, where it was done to the victim's own credential.
fn mended<'a>(case: &Case<'a>) -> Option<&'a Act> {
    let (at, how) = case.incident.recovered?;
    let fits = |act: &&Act| match how {
        Recovery::Login => act.is_login(),
        Recovery::Adoption => matches!(act.kind, ActKind::Adopted { .. }),
        Recovery::Refresh | Recovery::Renewed => act.is_rotation() || act.is_login(),
        Recovery::ByItself | Recovery::Restart => false,
    };
    let own = case.incident.own_acts.iter().map(|&index| case.act(index)).filter(fits);
    own.filter(|act| act.at.ms > case.incident.first.ms && act.at.ms <= at.ms).max_by_key(|act| act.at.ms)
}

fn recovered(how: Recovery) -> &'static str {
    match how {
        Recovery::ByItself => "worked again; nothing done to the credential is on record",
        Recovery::Restart => "worked again after a restart",
        Recovery::Adoption => "worked again after taking over another store's credential",
        Recovery::Refresh => "worked again after its own refresh",
        Recovery::Renewed => "worked again with a new token, from its own refresh or a new login",
        Recovery::Login => "worked again after a new login",
    }
}

fn fallback(usage: FallbackUse) -> Option<&'static str> {
    match usage {
        FallbackUse::Used => Some("a fallback model answered"),
        FallbackUse::Exhausted => Some("all fallback models were tried and none answered"),
        FallbackUse::NotUsed => Some("fallback models are set up and were not used"),
        FallbackUse::NotConfigured => Some("no fallback model is set up"),
        FallbackUse::Unknown => None,
    }
}

fn considered(compared: &Compared, evidence: &[Evidenced]) -> Vec<Considered> {
    let place = |item: &Item| evidence.iter().position(|e| same_fact(&e.item, item));
    compared
        .findings
        .iter()
        .enumerate()
        .map(|(index, f)| {
            let status = match (f.is_open(), index == 0 && compared.best.is_some()) {
                (true, true) => Status::Best,
                (true, false) => Status::Open,
                (false, _) => Status::RuledOut,
            };
            let mut because: Vec<usize> = if f.is_open() {
                f.points.iter().filter_map(|p| place(&p.item)).collect()
            } else {
                f.ruled_out.iter().filter_map(|(_, item)| place(item.as_ref()?)).collect()
            };
            because.sort_unstable();
            because.dedup();
            let score = if f.is_open() { f.score() } else { 0 };
            Considered { cause: f.cause, actor: f.actor, status, score, because, says: says(f, status) }
        })
        .collect()
}

fn says(finding: &Finding, status: Status) -> String {
    if let Some((why, _)) = &finding.ruled_out {
        return why.clone();
    }
    let about = super::about(finding.cause).map_or("", |a| a.line);
    match (status, finding.cap_because.first()) {
        (_, Some(because)) => format!("{about} Not rated higher: {because}."),
        _ => about.to_owned(),
    }
}

fn would_settle(compared: &Compared, confidence: Confidence, has_holes: bool) -> Vec<&'static str> {
    if confidence == Confidence::Confirmed {
        return Vec::new();
    }
    let mut list: Vec<&'static str> = if has_holes { vec![unread::SETTLES] } else { Vec::new() };
    for finding in compared.findings.iter().filter(|f| f.is_open()) {
        for settles in &finding.would_settle {
            if !list.contains(settles) && list.len() < 6 {
                list.push(settles);
            }
        }
    }
    if list.len() == usize::from(has_holes) && compared.best.is_none() {
        list.extend(super::undetermined::ABOUT.settles);
    }
    list
}

fn next_steps(case: &Case<'_>, cause: RootCause) -> Vec<(bool, &'static str)> {
    /// Said first where no refresh was refused: a new login is for the case that this does not help.
    const WAIT: &str = "wait and try again before anything else: no refresh was refused, so the login may still be good";
    /// Where the client itself ended its login there is nothing to look for.
    const LOG_IN: &str = "log the failing client in: it had ended its login itself";
    let Some(about) = super::about(cause) else { return Vec::new() };
    let about_login = matches!(cause.mechanism(), Mechanism::Revoked | Mechanism::Undetermined);
    let wait = (about_login && case.refresh_left_open().is_some() && case.refresh_refused().is_none()).then_some((true, WAIT));
    let dos = about.dos.iter().map(|s| (true, *s));
    let again =
        (cause == RootCause::Undetermined && (own_ending(case).is_some() || said_logout(case).is_some())).then_some((true, LOG_IN));
    again.into_iter().chain(wait).chain(dos).chain(about.donts.iter().map(|s| (false, *s))).collect()
}

/// On what the order of naive times rests, for each program whose naive times are evidence.
fn zones(case: &Case<'_>, evidence: &[Evidenced]) -> Vec<String> {
    let weighed = evidence.iter().filter(|e| e.points.is_some() && e.item.at.is_some_and(|at| at.zone != Zone::Utc));
    let known = weighed.filter_map(|e| {
        let basis = case.known.zones.get(e.item.origin.source as usize).copied().flatten()?;
        // That the zone is not known is said of the incident as a whole.
        (basis != ZoneBasis::None).then_some(basis)
    });
    let bases: BTreeSet<ZoneBasis> = known.collect();
    bases.into_iter().map(|basis| format!("some times of the evidence are local: {}", basis.says())).collect()
}

fn notes(case: &Case<'_>, compared: &Compared) -> Vec<String> {
    let incident = case.incident;
    let mut notes: Vec<String> = Vec::new();
    if let Some((winner, _)) = compared.winner() {
        notes.extend(winner.cap_because.iter().map(|why| format!("not rated higher: {why}")));
    }
    if let Some(act) = own_ending(case).filter(|_| compared.best.is_none()) {
        let what =
            if act.kind == ActKind::Logout { "its own logout" } else { "a login of its own that was begun and not completed" };
        notes.push(format!("the client had no credential left after {what}: log in, nobody else ended this login"));
    } else if compared.best.is_none() && said_logout(case).is_some() {
        notes.push(
            "the client had no credential left after its own logout, which a kept terminal shows without a time: log in, nobody \
             else ended this login"
                .to_owned(),
        );
    } else if compared.best.is_none() && logged_out(case) {
        notes.push(
            "the client worked before, then sent its calls without any credential, and no login of its home is among the files: as \
             after a logout of its own; nothing on record shows another client's act"
                .to_owned(),
        );
    }
    let unanswered = incident.failures.iter().filter(|f| f.failure.class == ErrorClass::RefreshOutcomeUnknown).count();
    if unanswered > 0 {
        notes.push(format!(
            "{unanswered} refreshes were not answered (server error or no connection): the login may still be good, so wait and try again first"
        ));
    }
    // Where a log says how the refresh failed, that is said already.
    if case.refresh_left_open().is_some() && incident.first_where(ErrorClass::leaves_token_open).is_none() {
        notes.push(
            "a call was refused with 401 and the client got no new token, without a refusal of its refresh on record: the refresh \
             failed for now (server error, no connection or a block), so the login may still be good"
                .to_owned(),
        );
    }
    let refused = |class: ErrorClass| class.is_auth() && !class.is_consequence() && class != ErrorClass::RefreshBlockedLocally;
    if incident.first_of(ErrorClass::RefreshBlockedLocally).is_some() && incident.first_where(refused).is_none() {
        notes.push(
            "the client itself stopped its refresh before it was sent: the server refused nothing, and the token was not spent by \
             it; look at what its log says of the address it would not ask"
                .to_owned(),
        );
    }
    if incident.failed_turns == 0 {
        notes.push(
            "no failed turn is on record: some clients leave none when they find no usable credential before a turn".to_owned(),
        );
    }
    if incident.untranscribed > 0 {
        notes.push(format!(
            "failed turns that no transcript holds: {} of {}; logs, traces or tables of runs tell of them, and transcripts alone \
             under-count",
            incident.untranscribed, incident.failed_turns
        ));
    }
    if !incident.told.is_empty() {
        let (told, turns) = (incident.told.len(), incident.failed_turns);
        notes.push(format!("failed turns that a kept terminal alone shows, without a time: {told} of {turns}"));
    }
    if let Some(since) = incident.silent_since {
        notes.push(format!(
            "the failed turns are at least {}: from {} on the store of {} held no credential, and a turn is then refused before its \
             session begins; on the command line it leaves no record, so that transcripts and logs under-count",
            incident.failed_turns,
            day(since),
            incident.victim.client.title()
        ));
    }
    if !incident.first.is_certain() {
        notes.push("the failing client's times carry no zone and none could be inferred: state it with --tz-of".to_owned());
    }
    if incident.fallback.pinned {
        notes.push("a session pins its model, so its fallback chain is deliberately not used".to_owned());
    }
    if case.no_store() {
        notes.push("no credential store of the failing client was among the files".to_owned());
    }
    if incident.fallback.passed_over && !incident.victim.provider.is_chatgpt() && incident.victim.provider != Provider::Unknown {
        notes.push(
            "the ChatGPT login was not tried here: the client passed it over because of an earlier problem with its credential, \
             which is a matter of its own"
                .to_owned(),
        );
    }
    if compared.best.is_none() && compared.findings.iter().filter(|f| f.is_open() && f.score() > 0).count() > 1 {
        notes.push("two explanations stand too close together to choose".to_owned());
    }
    notes
}
