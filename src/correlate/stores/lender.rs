//! From which store of Codex another program takes its login over: no program names a path where it says that it did.
//! It looks into the folder that Codex uses unless it is told otherwise, beside its own home. Where any file shows that
//! folder it is the one, though its store be left out: another home is not given what was copied from there.
//!
//! Apart from [`super::store`], since it takes all of them to tell, and homes without one.

use super::collect::Stores;
use super::store::{Store, StoreId};
use crate::correlate::hosts::{HostId, differ};
use crate::event::{Client, SourceKind};
use crate::evidence::Evidence;
use std::collections::BTreeSet;

/// The homes of Codex that have the usual name and of which there is any file, each with its machine.
#[derive(Clone, Debug, Default)]
pub struct UsualHomes(BTreeSet<(String, Option<HostId>)>);

impl UsualHomes {
    /// Collect them.
    pub(in crate::correlate) fn of(evidence: &Evidence, stores: &Stores) -> UsualHomes {
        let of_codex = |kind: SourceKind| kind.client().program() == Client::Codex && kind != SourceKind::CodexExecCapture;
        let sources = evidence.sources.iter().filter(|source| source.home.is_some() && of_codex(source.kind));
        let homes = sources.filter_map(|source| Some((stores.home_of(source)?, stores.host(source))));
        UsualHomes(homes.filter(|(home, _)| is_usual(Some(home))).collect())
    }

    /// The one that stands beside the home of a store.
    pub fn beside(&self, by: &Store) -> Option<&str> {
        let beside = parent(by.home.as_deref())?;
        let is_beside = |home: &str| parent(Some(home)) == Some(beside);
        self.0.iter().find(|(home, host)| is_beside(home) && !differ(*host, by.host)).map(|(home, _)| home.as_str())
    }
}

/// The one of the usual home beside its own; where no file shows that, the only one on its machine, else the only one in
/// such a folder.
pub fn lender(stores: &[Store], usual: &UsualHomes, by: &Store) -> Option<StoreId> {
    let near = || stores.iter().enumerate().filter(|(_, store)| store.client == Client::Codex && !differ(store.host, by.host));
    if let Some(home) = usual.beside(by) {
        return near().find(|(_, store)| store.home.as_deref() == Some(home)).map(|(id, _)| id);
    }
    let only = |fits: &dyn Fn(&Store) -> bool| {
        let (first, store) = near().find(|(_, store)| fits(store))?;
        near().filter(|(_, other)| fits(other)).all(|(_, other)| other.home == store.home).then_some(first)
    };
    only(&|_| true).or_else(|| only(&|store| is_usual(store.home.as_deref())))
}

/// Is it the folder in which Codex keeps its login, unless it is told otherwise?
pub fn is_usual(home: Option<&str>) -> bool {
    home.is_some_and(|home| home.rsplit('/').next() == Some(".codex"))
}

/// The folder that a home stands in.
fn parent(home: Option<&str>) -> Option<&str> {
    home.map(|home| home.rsplit_once('/').map_or("", |(parent, _)| parent))
}
