//! What the other records of a machine say of its zone: those of other programs that hold both clocks, and the names
//! of Codex rollouts.
//!
//! An offset that was inferred from one happening may have been inferred from two. One that the rest of the machine
//! does not keep is not certain: the program may run in a container with a zone of its own, and it may not.
//!
//! Apart from [`super::zone`], which weighs the ways to know a zone.

use super::home::{Offsets, ProgramHome};
use super::spells::Spells;
use crate::correlate::hosts::{HostId, Hosts};
use crate::event::{Origin, SourceKind};
use crate::evidence::Evidence;
use crate::time::Stamp;
use std::collections::BTreeMap;

const QUARTER_MS: i64 = 15 * 60 * 1000;
/// A rollout is named within this time of the moment its id was made.
const NAMED_MS: i64 = 15_000;

/// What is told of each machine.
#[derive(Default)]
pub(super) struct Fellows(BTreeMap<Option<HostId>, Fellow>);

#[derive(Default)]
struct Fellow {
    spells: Spells,
    /// Where the first of the rollouts is.
    first: Option<Origin>,
}

impl Fellows {
    /// By what the records of programs tell, and by the names of rollouts.
    pub(super) fn of<'a>(
        evidence: &Evidence,
        hosts: &Hosts,
        told: impl Iterator<Item = (&'a ProgramHome, &'a Offsets)>,
    ) -> Fellows {
        let mut all: BTreeMap<Option<HostId>, (Offsets, Option<Origin>)> = BTreeMap::new();
        for ((_, _, host), offsets) in told {
            all.entry(*host).or_default().0.extend(offsets);
        }
        for (index, source) in evidence.sources.iter().enumerate().filter(|(_, s)| s.kind == SourceKind::CodexRollout) {
            let (Some(named), Ok(source)) = (named(source.name.private()), u32::try_from(index)) else { continue };
            let (offsets, first) = all.entry(hosts.host(source)).or_default();
            offsets.push(named);
            first.get_or_insert(Origin { source, line: 0, byte: 0 });
        }
        let fellow = |(offsets, first)| Fellow { spells: Spells::of(offsets), first };
        Fellows(all.into_iter().map(|(host, told)| (host, fellow(told))).collect())
    }

    /// Does the rest of the machine keep another zone than this home, by what was inferred of it?
    pub(super) fn contradict(&self, (_, _, host): &ProgramHome, inferred: &Offsets) -> bool {
        let Some(fellow) = self.0.get(host) else { return false };
        inferred.iter().any(|(wall, offset)| {
            let admissible = fellow.spells.offsets(*wall);
            !admissible.is_empty() && !admissible.contains(offset)
        })
    }

    /// A record that says so, where a rollout does.
    pub(super) fn teller(&self, (_, _, host): &ProgramHome) -> Option<Origin> {
        self.0.get(host)?.first
    }
}

/// `rollout-2026-08-07T16-30-50-<id>`: the local time at which the conversation began, and an id of version 7, which
/// begins with the milliseconds since the epoch (Codex 0.98 to 0.169 write both). Gives the local time and how far it
/// is ahead, in ms.
fn named(path: &str) -> Option<(i64, i64)> {
    let (_, name) = path.rsplit_once("rollout-")?;
    let (wall, id) = (name.get(..19)?, name.get(20..56)?);
    let (day, time) = wall.split_once('T')?;
    let wall = Stamp::parse(&format!("{day}T{}", time.replace('-', ":")))?.ms;
    let digits: String = id.chars().filter(|c| *c != '-').collect();
    let made = i64::from_str_radix(digits.get(..12).filter(|_| digits.get(12..13) == Some("7"))?, 16).ok()?;
    let ahead = wall.checked_sub(made)?;
    let offset = ahead.checked_add(QUARTER_MS / 2)?.div_euclid(QUARTER_MS) * QUARTER_MS;
    let is_offset = (ahead - offset).abs() <= NAMED_MS && (-12 * 4..=14 * 4).contains(&(offset / QUARTER_MS));
    is_offset.then_some((wall, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_rollout_holds_two_clocks() {
        // The id was made at 2026-11-22 16:46:39.402 UTC.
        let name = |wall: &str, id: &str| format!("home/.codex/sessions/2026/11/22/rollout-{wall}-{id}.jsonl");
        let id = "01a20427-142a-76d1-ac60-81d41347dbcc";
        let hour = 3_600_000;
        let offset = |wall: &str, id: &str| named(&name(wall, id)).map(|(_, offset)| offset);
        assert_eq!(offset("2026-11-22T17-46-39", id), Some(hour));
        assert_eq!(offset("2026-11-22T10-46-38", id), Some(-6 * hour));
        assert_eq!(offset("2026-11-22T17-50-39", id), None, "minutes apart: not of one moment");
        assert_eq!(offset("2026-11-22T17-46-39", &id.replace("-76d1", "-46d1")), None, "an id without a time");
        assert_eq!(named("rollout-\u{e9}026-11-22T17-46-39"), None);
    }
}
