//! One incident as hypotheses see it: questions about its facts that more than one of them asks. How a
//! fact is said is in [`super::wording`].

use super::confidence::Confidence;
use super::finding::{Finding, Item, ItemKind};
use super::times::day;
use crate::correlate::{
    Act, ActKind, Bare, Correlated, FailureSeen, Gap, Group, Held, HostId, Incident, Moved, Recovery, Relation, Sibling, Store,
    TurnSeen, When,
};
use crate::event::{Client, ErrorClass, Provider};

/// An incident and the tables it points into.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// The tables.
    pub known: &'a Correlated,
    /// Acts whose place in time is not sure, as the present reading of the clocks has them.
    pub moved: &'a [Moved],
}

impl<'a> Case<'a> {
    /// An act by its index.
    pub fn act(&self, index: usize) -> &'a Act {
        self.moved.iter().find(|(at, _)| *at == index).map_or(&self.known.acts[index], |(_, act)| act)
    }

    /// An act at the time that its record gives, whatever the present reading makes of it: a reading sets acts
    /// against the victim's own times, not against those of others.
    pub fn as_stated<'b>(&self, act: &'b Act) -> &'b Act
    where
        'a: 'b,
    {
        let moved = self.moved.iter().find(|(_, moved)| moved.origin == act.origin && moved.kind == act.kind);
        moved.and_then(|(index, _)| self.known.acts.get(*index)).unwrap_or(act)
    }

    /// All acts.
    pub fn acts(&self) -> impl DoubleEndedIterator<Item = &'a Act> + use<'a> {
        let case = *self;
        (0..case.known.acts.len()).map(move |index| case.act(index))
    }

    /// What a client is called where the machine matters: `Codex on host-2`, beside a victim on another one.
    pub fn called(&self, client: Client, host: Option<HostId>) -> String {
        match host.filter(|host| self.incident.victim.host.is_some_and(|victim| victim != *host)) {
            Some(host) => format!("{} on {}", client.title(), self.known.hosts.title(host)),
            None => client.title().to_owned(),
        }
    }

    /// What a sibling is called.
    pub fn who(&self, sibling: &Sibling) -> String {
        self.called(sibling.client, self.store(sibling).host)
    }

    /// The store of a sibling.
    pub fn store(&self, sibling: &Sibling) -> &'a Store {
        &self.known.stores[sibling.store]
    }

    /// Siblings that stand beside the victim's program: other programs, and its own on other machines.
    pub fn others(&self) -> impl Iterator<Item = &'a Sibling> + use<'a> {
        self.incident.siblings.iter().filter(|s| !s.same_program || s.other_host)
    }

    /// Siblings of other programs that may share the account.
    pub fn other_programs(&self) -> impl Iterator<Item = &'a Sibling> + use<'a> {
        self.incident.siblings.iter().filter(|s| !s.same_program)
    }

    /// Stores of the victim's own program on other machines.
    pub fn copies_elsewhere(&self) -> impl Iterator<Item = &'a Sibling> + use<'a> {
        self.incident.siblings.iter().filter(|s| s.same_program && s.other_host)
    }

    /// Other stores of the victim's own program, on its machine: agents and profiles of one program are
    /// "self", a copy of its login on another machine is another holder.
    pub fn own_others(&self) -> impl Iterator<Item = &'a Sibling> + use<'a> {
        self.incident.siblings.iter().filter(|s| s.same_program && !s.other_host)
    }

    /// The first refusal that says the refresh token had been used.
    pub fn reused(&self) -> Option<&'a FailureSeen> {
        self.incident.first_of(ErrorClass::RefreshTokenReused)
    }

    /// The first refused refresh whose reason is not on disk.
    pub fn refused_unnamed(&self) -> Option<&'a FailureSeen> {
        self.incident
            .first_where(|c| matches!(c, ErrorClass::InvalidGrant | ErrorClass::RefreshRefused | ErrorClass::RefreshNotValidated))
    }

    /// The time in question, in ms: from the moment the victim got the credential it held, or last
    /// worked, to its first failure.
    pub fn interval(&self) -> (Option<i64>, Option<i64>) {
        let incident = self.incident;
        let got = incident.held.as_ref().and_then(|held| held.since.or(held.issued_at));
        let since = got.or(incident.last_good.map(|good| good.at));
        (since.map(|when| when.lo), Some(incident.refused.hi))
    }

    /// Stores of programs other than the victim's that could not be read whole and may reach into the time
    /// in question: what is not on record may stand there.
    pub fn unread_stores(&self) -> impl Iterator<Item = &'a Gap> {
        let ((from, to), victim) = (self.interval(), self.incident.victim.client);
        let is_other = move |gap: &&Gap| gap.client != Client::Unknown && gap.client != victim;
        self.known.gaps.iter().filter(move |gap| gap.is_store && is_other(gap) && gap.touches(from, to))
    }

    /// A home of another program, or of another machine, from which no store was read.
    pub fn bare_home(&self) -> Option<&'a Bare> {
        let victim = &self.incident.victim;
        let elsewhere = |bare: &Bare| bare.host.zip(victim.host).is_some_and(|(a, b)| a != b);
        self.known.bare.iter().find(|bare| bare.client != victim.client || elsewhere(bare))
    }

    /// Allow a cause that is inferred from what is not on record no more than a guess where a store of
    /// another program is out of sight.
    pub fn mind_unread(&self, finding: &mut Finding) {
        if self.unread_stores().next().is_some() {
            finding.cap(Confidence::Possible, "a credential store of another program could not be read whole");
        }
        if let Some(bare) = self.bare_home() {
            let says =
                format!("a home of {} is among the files, and no credential store of it", self.called(bare.client, bare.host));
            let item = self.item(ItemKind::Store, None, bare.origin, says);
            finding.limit(
                Confidence::Possible,
                "which login another program has is out of view: its store is not among the files",
                Some(item),
            );
            finding.would_settle.push(
                "the credential store (`auth.json`, `auth-profiles.json`) of the other program whose home is among the files",
            );
        }
    }

    /// Out for want of the words that a cause needs, or, where no words at all are on record, left open
    /// with nothing in its favour.
    pub fn lacks(&self, mut finding: Finding, why: &'static str) -> Finding {
        if !self.incident.is_mute() {
            return finding.out(why, None);
        }
        finding.cap(Confidence::Undetermined, "the files do not say why the turns failed");
        finding
    }

    /// The same for what is said of the refresh token: a refusal whose reason is not on disk leaves it
    /// open as well.
    pub fn lacks_refusal(&self, mut finding: Finding, why: &'static str) -> Finding {
        if self.reused().is_some() || self.refused_unnamed().is_none() {
            return self.lacks(finding, why);
        }
        finding.cap(Confidence::Undetermined, "a refresh was refused, and the server's reason is not in the files");
        finding
    }

    /// The first statement of the server that the grant or session was ended: to a turn or a refresh,
    /// else to another call that the program made with its login meanwhile.
    pub fn revoked(&self) -> Option<&'a FailureSeen> {
        let incident = self.incident;
        let beside = || incident.refused_calls.iter().find(|f| f.failure.class.is_revocation());
        incident.first_where(ErrorClass::is_revocation).or_else(beside)
    }

    /// Did the client meet a revoked access token and leave nothing of what its refresh met? Hermes up
    /// to 0.14 refreshes at once, and when that is refused, as already used or otherwise, keeps the
    /// code of the model call alone; its tokens then stay as they were.
    pub fn refresh_untold(&self) -> Option<&'a FailureSeen> {
        let incident = self.incident;
        let told = incident.first_where(|c| c.is_refresh() && c != ErrorClass::RefreshRefused).is_some();
        let moved = || incident.own_acts.iter().map(|&i| self.act(i)).any(|a| a.is_rotation() && a.at.ms >= incident.first.ms);
        self.revoked().filter(|_| incident.victim.client == Client::Hermes && !told && !moved())
    }

    /// The first sign that a refresh failed without a word about the token.
    pub fn refresh_left_open(&self) -> Option<&'a FailureSeen> {
        self.incident.failures.iter().find(|f| f.dated && (f.failure.class.leaves_token_open() || f.not_renewed))
    }

    /// The first refresh that failed with a word about the token, or that the client itself stopped.
    pub fn refresh_refused(&self) -> Option<&'a FailureSeen> {
        self.incident.first_where(|c| c.is_refresh() && !c.leaves_token_open())
    }

    /// Why nothing can have spent the victim's refresh token, if that shows.
    pub fn not_spent(&self) -> Option<(&'static str, Item)> {
        let index = self.incident.token_alive?;
        Some(("the same refresh token was exchanged later by its own holder: it was not spent", self.acted(self.act(index))))
    }

    /// Why nothing can have ended the victim's session for good, if that shows.
    pub fn not_ended(&self) -> Option<(&'static str, Option<Item>)> {
        let worked = self.incident.same_token_worked;
        let good = self.incident.next_good.as_ref().filter(|_| worked)?;
        let item = self.success(good, self.incident.victim.client, "worked again later with the same access token");
        Some(("the same access token worked again later: its session had not been ended", Some(item)))
    }

    /// Did the victim work again with nothing done to its credential on record, while it is not
    /// known which token it held, or only a copy of its store shows it? Then a revocation for good is
    /// no more than a guess.
    pub fn may_have_passed(&self) -> bool {
        let live = self.incident.victim.store.is_some_and(|id| self.known.stores[id].live);
        (self.incident.held.is_none() || !live || self.incident.gave_way)
            && matches!(self.incident.recovered, Some((_, Recovery::ByItself | Recovery::Restart)))
    }

    /// Could this store have spent the victim's refresh token between possession and first failure,
    /// as far as its own record goes? The act that would have done it.
    pub fn may_have_spent(&self, sibling: &Sibling) -> Option<usize> {
        let related = sibling.account != Relation::Different && sibling.family != Relation::Different;
        let in_time = |&index: &usize| {
            let act = self.act(index);
            !self.incident.refused.surely_before(act.at) && !self.before_possession(act.at)
        };
        sibling.spent.filter(in_time).or(sibling.first_rotation).or(sibling.last_rotation).filter(|_| related)
    }

    /// Was this done before the victim came to hold its token, whatever the clocks?
    pub fn before_possession(&self, at: When) -> bool {
        /// Clocks of two machines differ by no more, as a rule.
        const SKEW_MS: i64 = 5 * 60_000;
        let since = self.incident.held.as_ref().filter(|held| !held.dated_by_file).and_then(|held| held.since);
        let clear = |since: When| at.hi.saturating_add(SKEW_MS) < since.lo;
        since.is_some_and(|since| since.is_certain() && at.is_certain() && clear(since))
    }

    /// Does this store hold a pair of the victim's login that was issued after the victim's own?
    pub fn holds_newer(&self, sibling: &Sibling) -> bool {
        let issued = |h: &Held| h.issued_at.or(h.since).map(|w| w.ms);
        let Some(held) = self.incident.held.as_ref().filter(|_| sibling.account != Relation::Different) else { return false };
        let newer = |h: &Held| {
            h.same_family(held) == Some(true) && !h.same_tokens(held) && issued(h).zip(issued(held)).is_some_and(|(a, b)| a > b)
        };
        self.store(sibling).held.iter().any(newer)
    }

    /// Did the failure come when the victim's own access token ended?
    pub fn at_expiry(&self) -> Option<Item> {
        /// Clients refresh 0 to 5 minutes before the end, and the first turn after it comes when it comes.
        const NEAR_MS: i64 = 15 * 60_000;
        let held = self.incident.held.as_ref()?;
        let end = held.expires_at?;
        let near = (end.ms - self.incident.first.ms).abs() <= NEAR_MS;
        let who = self.incident.victim.client.title();
        near.then(|| {
            self.item(
                ItemKind::Store,
                Some(end),
                held.origin,
                format!("{who} access token ends {}, when a refresh is due", day(end)),
            )
        })
    }

    /// Had the victim's access token ended at this time, as far as the token itself says, under every
    /// admissible reading of the time?
    pub fn had_ended(&self, at: When) -> bool {
        /// Clocks of a client and its server differ by no more, as a rule.
        const SKEW_MS: i64 = 5 * 60_000;
        let end = self.incident.held.as_ref().and_then(|held| held.expires_at);
        end.is_some_and(|end| end.ms <= at.lo.saturating_add(SKEW_MS))
    }

    /// Is what was refused the login of another service? Then nothing of it is about the ChatGPT login.
    pub fn is_of_another_service(&self) -> bool {
        let provider = self.incident.victim.provider;
        let named = !provider.is_chatgpt() && provider != Provider::Unknown;
        named && self.incident.group == Some(Group::Auth)
    }

    /// Is there no store at all among the files that the victim's login may have come from? Only a
    /// ChatGPT login has one, so that nothing is missing where another provider failed.
    pub fn no_store(&self) -> bool {
        let victim = &self.incident.victim;
        let may_be_its = |store: &Store| {
            let home = store.home.is_none() || victim.home.is_none() || store.home == victim.home;
            let home = home && (store.host.is_none() || victim.host.is_none() || store.host == victim.host);
            store.client == victim.client && home
        };
        let about_login = victim.provider.is_chatgpt() || victim.provider == Provider::Unknown;
        let unknown = self.incident.held.is_none() && victim.store.is_none();
        unknown && about_login && !self.known.stores.iter().any(may_be_its)
    }

    /// Is an act of the sibling possible between the victim's possession and its first failure,
    /// under every admissible reading of the clocks?
    pub fn surely_inside(&self, act: &Act) -> bool {
        let since = self.incident.held.as_ref().and_then(|h| h.since);
        let dated = self.incident.held.as_ref().is_some_and(|h| !h.dated_by_file);
        act.at.surely_before(self.incident.refused) && dated && since.is_some_and(|s| s.surely_before(act.at))
    }

    /// Is a sibling's token file gone from a home that is otherwise there, and no login or logout on record
    /// that explains it, whenever that was?
    pub fn store_is_gone(&self, sibling: &Sibling) -> bool {
        let store = self.store(sibling);
        let end = self.known.acts.last().map(|act| When::exact(act.at.ms.saturating_add(1), act.at.zone));
        let explained = |held: &Held| {
            let tables = (self.known.stores.as_slice(), self.known.acts.as_slice());
            end.and_then(|end| self.known.lives.changed(tables, (sibling.store, held), end, Act::is_ending)).is_some()
        };
        let gone = !store.live && sibling.family == Relation::Same;
        gone && !store.newest().is_some_and(explained) && self.last_ran(sibling).is_some()
    }

    /// Was its program in daily use in that home when the victim's login died, and not since? A token file that
    /// is gone from a home of which nothing is known of that time may have gone at any time; one that its
    /// program worked without is elsewhere, or was left out.
    pub fn is_about(&self, sibling: &Sibling) -> bool {
        const DAY_MS: i64 = 24 * 60 * 60_000;
        let since = self.incident.last_good.map_or(self.incident.first, |good| good.at);
        self.last_ran(sibling)
            .and_then(|ran| ran.at)
            .is_some_and(|at| at.hi >= since.lo.saturating_sub(DAY_MS) && !self.incident.first.surely_before(at))
    }

    /// When a sibling's program last ran in its home, which shows that the home is there.
    pub fn last_ran(&self, sibling: &Sibling) -> Option<Item> {
        let store = self.store(sibling);
        let turn = self.known.turns.iter().rev().find(|t| {
            t.setting.site.client == store.client && t.setting.site.home.is_some() && t.setting.site.home == store.home
        })?;
        let says = format!("{} last ran in the home that its token file is gone from", sibling.client.title());
        Some(self.item(ItemKind::Control, Some(turn.at()), turn.origin(), says))
    }

    /// Do a refresh and a login of a sibling both lie in the time in question, while nothing says from which
    /// login the victim's token descends, and the refusals fit either? Then which of the two it was is open.
    pub fn is_split(&self, sibling: &Sibling) -> bool {
        let refreshed = self.may_have_spent(sibling).is_some() && sibling.family == Relation::Unknown;
        let logged_in = || sibling.endings.iter().any(|&i| self.act(i).is_login());
        let spent = || self.reused().is_some() || self.refused_unnamed().is_some() || self.refresh_untold().is_some();
        refreshed && self.same_account(sibling) && logged_in() && self.revoked().is_some() && spent()
    }

    /// The victim's own login right before its first failure, where nothing is known to have worked with it
    /// and nothing else was done to it since.
    pub fn unproved_login(&self) -> Option<&'a Act> {
        let (victim, first) = (&self.incident.victim, self.incident.first);
        // Another credential of the same home is another login.
        let at_home = |a: &&Act| a.store.is_none() && a.home == victim.home && a.host == victim.host;
        let own = |a: &&Act| a.client == victim.client && (a.store == victim.store || at_home(a));
        let changes = |a: &&Act| a.is_login() || a.is_rotation() || matches!(a.kind, ActKind::Adopted { .. });
        let before = self.known.acts.partition_point(|a| a.at.ms < first.ms);
        let last = self.known.acts.get(..before)?.iter().rev().filter(own).find(changes)?;
        let worked = self.incident.last_good.is_some_and(|good| !good.at.surely_before(last.at));
        (last.is_login() && last.is_sure_login() && last.at.surely_before(first) && !worked).then_some(last)
    }

    /// Where each session that failed had a turn before this time, such a turn: its process may go on with what it
    /// had read by then.
    pub fn sessions_began_before(&self, at: When) -> Option<&'a TurnSeen> {
        /// Turns that are looked at.
        const MOST: usize = 4_096;
        let turns = &self.known.turns;
        let end = turns.partition_point(|turn| turn.at().ms < at.ms);
        let early = turns.get(end.saturating_sub(MOST)..end).unwrap_or_default();
        let begun = |session| early.iter().find(|turn| turn.setting.asked.session == Some(session) && turn.at().surely_before(at));
        let failed = self.incident.failures.iter().filter(|f| f.is_turn).take(MOST / 64);
        let found: Option<Vec<&TurnSeen>> = failed.map(|f| begun(f.session?)).collect();
        found?.into_iter().next()
    }

    /// Is the account of a sibling known to be the victim's?
    pub fn same_account(&self, sibling: &Sibling) -> bool {
        sibling.account == Relation::Same
    }
}
