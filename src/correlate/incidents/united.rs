//! The incidents of a pattern as one: what both programs met is counted together, and the victim is the one
//! that failed first.
//!
//! Apart from the search for patterns, which looks at failures before anything stands beside them; here
//! finished incidents are added up.

use super::assemble::distinct_sessions;
use super::failing::FailureSeen;
use super::incident::Incident;
use super::pattern::Pattern;
use crate::event::Origin;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Put the incidents of each pattern together. One that belongs to two patterns counts in the first.
pub(in crate::correlate) fn unite(incidents: Vec<Incident>, patterns: Vec<Pattern>) -> Vec<Incident> {
    if patterns.is_empty() {
        return incidents;
    }
    let mut of: BTreeMap<Origin, usize> = BTreeMap::new();
    for (index, origin) in patterns.iter().enumerate().flat_map(|(index, p)| p.members.iter().map(move |origin| (index, *origin))) {
        of.entry(origin).or_insert(index);
    }
    let mut united: Vec<Incident> = Vec::new();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    // They come by first failure, so that the first one of a pattern is its victim's.
    for mut incident in incidents {
        let index = incident.failures.first().and_then(|f| of.get(&f.origin)).copied();
        match index.and_then(|index| Some((index, patterns.get(index)?))) {
            None => united.push(incident),
            Some((index, pattern)) => match places.get(&index).and_then(|&place| united.get_mut(place)) {
                Some(known) => known.absorb(incident),
                None => {
                    incident.pattern = Some(pattern.clone());
                    incident.otherwise.clear();
                    places.insert(index, united.len());
                    united.push(incident);
                }
            },
        }
    }
    united
}

impl Incident {
    /// Take in a later incident of the same pattern: what was counted is added up, how it ended is how the
    /// later one ended.
    fn absorb(&mut self, later: Incident) {
        self.failed_turns += later.failed_turns;
        self.untranscribed += later.untranscribed;
        self.transport_failures += later.transport_failures;
        self.transcribing |= later.transcribing;
        self.told.extend(later.told);
        in_order(Arc::make_mut(&mut self.failures), Arc::unwrap_or_clone(later.failures));
        // A conversation may have failed in several turns of the row.
        self.sessions = distinct_sessions(&self.failures);
        in_order(&mut self.refused_calls, later.refused_calls);
        self.silent_since = self.silent_since.or(later.silent_since);
        if later.last.ms >= self.last.ms {
            self.last = later.last;
            // What worked again was the program that failed last.
            let same = later.victim.client == self.victim.client && later.victim.home == self.victim.home;
            self.next_good = later.next_good.filter(|_| same);
            self.recovered = later.recovered;
        }
        self.recovered = self.recovered.filter(|(at, _)| at.ms > self.last.ms);
        (self.same_token_worked, self.token_alive) = (false, None);
    }
}

/// Add failures, by time.
fn in_order(failures: &mut Vec<FailureSeen>, more: Vec<FailureSeen>) {
    failures.extend(more);
    failures.sort_by_key(|f| f.at.ms);
}
