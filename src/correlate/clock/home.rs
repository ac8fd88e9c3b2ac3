//! Whose clock a naive time is of: one program in one home on one machine keeps one.

use crate::correlate::hosts::{HostId, Hosts};
use crate::event::Client;
use crate::evidence::Evidence;

/// Offsets from UTC (ms), each from a naive time (ms) on.
pub(super) type Offsets = Vec<(i64, i64)>;

/// A program, the home of it, and the machine.
pub(super) type ProgramHome = (Client, Option<String>, Option<HostId>);

/// Whose source it is.
pub(super) fn program_home(evidence: &Evidence, hosts: &Hosts, source: usize) -> ProgramHome {
    let record = evidence.sources.get(source);
    let client = record.map_or(Client::Unknown, |record| record.kind.client().program());
    (client, record.and_then(|record| record.home.clone()), hosts.host(source as u32))
}
