//! The incidents of a report: what is printed of each of them, made when it is asked for.
//!
//! There may be thousands, what is printed of one takes more memory than the verdict that it is made of, and the Markdown
//! shows but as many as its budget holds. So what is kept is what correlation and verdicts have of them.

use super::ids::{Ids, stamp, store_id};
use super::model::*;
use super::pattern;
use crate::attribute::{CauseTime, Confidence, Evidenced, RootCause, Verdict};
use crate::correlate::{Correlated, Incident};
use crate::event::{Model, Origin};
use crate::evidence::Evidence;
use crate::secret;
use crate::time::rfc3339;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All incidents, by first failure.
#[derive(Clone)]
pub struct Incidents {
    pub(super) evidence: Arc<Evidence>,
    pub(super) known: Arc<Correlated>,
    /// One for each incident.
    pub(super) verdicts: Arc<[Verdict]>,
    pub(super) ids: Arc<Ids>,
    /// Fingerprints of incidents that an earlier report holds.
    pub(super) baseline: Arc<BTreeSet<String>>,
    /// Which redacted excerpt of the evidence is that of a place, if they are shown.
    pub(super) excerpts: Arc<BTreeMap<Origin, usize>>,
}

impl std::fmt::Debug for Incidents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Incidents {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl Incidents {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.verdicts.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.verdicts.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = IncidentJson> + '_ {
        self.judged().enumerate().map(|(at, (incident, verdict))| self.one(at, incident, verdict))
    }

    /// Of each of them how sure its verdict is, and whether an earlier report holds it.
    pub fn standings(&self) -> impl Iterator<Item = (Confidence, bool)> + '_ {
        let known = |(incident, verdict)| !self.baseline.is_empty() && self.baseline.contains(&fingerprint(incident, verdict));
        self.judged().map(move |judged| (judged.1.confidence, known(judged)))
    }

    fn judged(&self) -> impl Iterator<Item = (&Incident, &Verdict)> {
        self.known.incidents.iter().zip(&*self.verdicts)
    }

    fn one(&self, at: usize, incident: &Incident, verdict: &Verdict) -> IncidentJson {
        let ids = &self.ids;
        let fingerprint = fingerprint(incident, verdict);
        let models: BTreeSet<&Model> = incident.failures.iter().filter_map(|f| f.model.as_ref()).collect();
        let models: BTreeSet<String> = models.into_iter().map(|model| ids.model(model)).collect();
        IncidentJson {
            id: format!("I{}", at + 1),
            known: self.baseline.contains(&fingerprint),
            fingerprint,
            first_failure: rfc3339(incident.began().said()),
            last_failure: rfc3339(incident.last.said()),
            recovered_at: stamp(incident.recovered.map(|(when, _)| when)),
            failed_turns: incident.failed_turns,
            sessions: incident.sessions,
            victim: VictimJson {
                client: incident.victim.client.word().to_owned(),
                store: incident.store().map(store_id),
                host: incident.victim.host.and_then(|host| ids.host(host)),
                account: ids.account(incident.account()),
                provider: incident.victim.provider.word().to_owned(),
                models: models.into_iter().collect(),
            },
            mechanism: verdict.mechanism.word().to_owned(),
            root_cause: verdict.cause.word().to_owned(),
            actor: verdict.actor.map(|a| ActorJson {
                client: a.client.word().to_owned(),
                store: a.store.map(store_id),
                host: a.store.and_then(|store| ids.host_of(store)),
                candidates: verdict.candidates.iter().map(|c| c.word().to_owned()).collect(),
            }),
            confidence: verdict.confidence.word().to_owned(),
            involved: verdict.involved.map(|(client, confidence)| InvolvedJson {
                client: client.word().to_owned(),
                confidence: confidence.word().to_owned(),
            }),
            cause: cause(verdict.when, incident),
            pattern: incident.pattern.as_ref().map(|p| pattern::of(p, verdict, &self.known.acts)),
            transport_failures: incident.transport_failures,
            fallback: incident.fallback.usage.word().to_owned(),
            evidence: verdict.evidence.iter().enumerate().map(|(at, e)| self.item(at, e)).collect(),
            hypotheses: hypotheses(verdict),
            would_settle: verdict.would_settle.clone(),
            next_steps: verdict.next_steps.iter().map(|(act, says)| StepJson { act: *act, says: (*says).to_owned() }).collect(),
            notes: verdict.notes.clone(),
        }
    }

    fn item(&self, at: usize, e: &Evidenced) -> EvidenceJson {
        let origin = e.item.origin;
        let said = self.excerpts.get(&origin).and_then(|at| self.evidence.stated.excerpts.get(*at));
        EvidenceJson {
            id: format!("E{}", at + 1),
            kind: e.item.kind.word().to_owned(),
            stance: e.stance.word().to_owned(),
            at: stamp(e.item.at),
            zone: e.item.at.map_or("unknown", |w| w.zone.word()).to_owned(),
            source: self.ids.source(origin.source),
            line: origin.line,
            byte: origin.byte,
            grade: e.item.grade.map(|g| g.word().to_owned()),
            points: e.points,
            says: e.item.says.clone(),
            excerpt: said.map(|(_, excerpt)| excerpt.shown()),
        }
    }
}

/// Stable across runs and inputs: closed words only, no time, no path, no identity.
fn fingerprint(incident: &Incident, verdict: &Verdict) -> String {
    let words = [
        verdict.cause.word(),
        incident.victim.client.word(),
        verdict.actor.map_or("-", |a| a.client.word()),
        incident.victim.provider.word(),
        verdict.lead.map_or("-", |class| class.word()),
    ];
    secret::mark(&words.join("|"))
}

fn cause(when: CauseTime, incident: &Incident) -> CauseJson {
    CauseJson {
        at: stamp(when.at),
        after: stamp(when.after),
        before: stamp(when.before),
        // A refresh without an answer before it was no consequence of what spent the token.
        delay_s: when.at.map(|at| (incident.refused.ms - at.ms).div_euclid(1000)),
    }
}

fn hypotheses(verdict: &Verdict) -> Vec<HypothesisJson> {
    let listed = verdict.considered.iter().filter(|c| c.cause != RootCause::Undetermined);
    listed
        .map(|c| HypothesisJson {
            root_cause: c.cause.word(),
            actor: c.actor.map(|a| a.client.word()),
            status: c.status.word(),
            score: c.score,
            because: c.because.iter().map(|at| format!("E{}", at + 1)).collect(),
            says: c.says.clone(),
        })
        .collect()
}
