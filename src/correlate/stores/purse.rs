//! Which store paid: from a record, by its home and its folder, to the store whose credential it was
//! made with. Where the files leave that open, nobody is taken, and never a store of another machine.

use super::collect::Stores;
use super::store::{Store, StoreId};
use crate::correlate::hosts::may_be_one;
use crate::event::{Client, Event, EventKind, Section};
use crate::evidence::SourceRecord;
use crate::secret::Key;

/// The agent of OpenClaw whose store the others read through to.
const MAIN_AGENT: &str = "main";

impl Stores {
    /// The store that a record of `source` was made with. None when the files leave it open.
    pub(in crate::correlate) fn of_source(&self, source: &SourceRecord) -> Option<StoreId> {
        let client = source.kind.client().program();
        let host = self.host(source);
        let of_program: Vec<StoreId> = self.ids(|s| s.client == client && may_be_one(s.host, host));
        if let Some(home) = &self.home_of(source) {
            let at_home: Vec<StoreId> =
                of_program.iter().copied().filter(|&id| self.list[id].home.as_ref() == Some(home)).collect();
            if let Some(id) = self.nearest(&at_home, source).or_else(|| self.of_root(client, home, source)) {
                return Some(id);
            }
        }
        let live: Vec<StoreId> = of_program.iter().copied().filter(|&id| self.list[id].live).collect();
        let place = |id: StoreId| (&self.list[id].home, &self.list[id].folder);
        let one_file = live.windows(2).all(|w| place(w[0]) == place(w[1]));
        match (of_program.as_slice(), live.first()) {
            ([only], _) => Some(*only),
            (_, Some(&first)) if one_file => Some(self.main_of(first)),
            _ => None,
        }
    }

    /// The store that an event of `source` is about: that of the agent it names, else the record's.
    pub(in crate::correlate) fn of_event(&self, event: &Event, source: &SourceRecord) -> Option<StoreId> {
        let agent = if let EventKind::Refused { agent, .. } = event.kind { agent } else { None };
        agent.map_or_else(|| self.of_source(source), |agent| self.of_agent(source, agent))
    }

    /// The store of an agent that a record names: its own, of the record's home where that is known. One that
    /// has none reads through to that of the agent `main` (OpenClaw 2026.4.29 and later; copies of its login
    /// before that), never to another agent's.
    fn of_agent(&self, source: &SourceRecord, agent: Key) -> Option<StoreId> {
        let (client, home, host) = (source.kind.client().program(), self.home_of(source), self.host(source));
        let near = |s: &Store| s.client == client && may_be_one(s.host, host) && (home.is_none() || s.home == home);
        let own = self.ids(|s| near(s) && s.live && self.agents.get(&s.folder) == Some(&agent));
        let Some(&first) = own.first() else {
            let of_other = |id: &StoreId| agent_folder(&self.list[*id].folder).is_some_and(|id| id != MAIN_AGENT);
            return self.of_source(source).filter(|id| !of_other(id));
        };
        own.iter().all(|&id| self.list[id].is_beside(&self.list[first])).then(|| self.main_of(first))
    }

    /// A profile of Hermes without a login of its own uses that of the home it stands in (0.13 on).
    fn of_root(&self, client: Client, home: &str, source: &SourceRecord) -> Option<StoreId> {
        let (root, profile) = home.rsplit_once("/profiles/")?;
        if client != Client::Hermes || profile.contains('/') {
            return None;
        }
        self.nearest(&self.ids(|s| s.client == client && s.home.as_deref() == Some(root)), source)
    }

    /// The store of a named section: of the record's own home, else the only one of that name.
    pub(in crate::correlate) fn of_section(&self, source: &SourceRecord, section: Section) -> Option<StoreId> {
        let client = source.kind.client().program();
        let home = self.twins.home(source);
        let host = self.host(source);
        let named = self.ids(|s| s.client == client && s.is_section(section) && may_be_one(s.host, host));
        // Agents of one home may give their entries the same name.
        let folder = source.name.folder();
        let agent = |id: &StoreId| agent_folder(&self.list[*id].folder) == agent_folder(&folder);
        let at_home: Vec<StoreId> = named.iter().copied().filter(|&id| self.list[id].home == home).collect();
        let own = at_home.iter().copied().find(agent).or(at_home.first().copied());
        own.or(named.first().copied().filter(|_| named.len() == 1))
    }

    /// Of several stores in one home, the one in the record's own agent folder; else the only file's.
    fn nearest(&self, ids: &[StoreId], source: &SourceRecord) -> Option<StoreId> {
        let folder = source.name.folder();
        let agent = agent_folder(&folder);
        let mine: Vec<StoreId> = match &agent {
            Some(agent) => ids.iter().copied().filter(|&id| agent_folder(&self.list[id].folder) == Some(*agent)).collect(),
            None => ids.iter().copied().filter(|&id| self.list[id].live).collect(),
        };
        let first = *mine.first().or(ids.first().filter(|_| ids.len() == 1))?;
        let one_file = mine.iter().all(|&id| self.list[id].folder == self.list[first].folder);
        one_file.then(|| self.main_of(first))
    }

    /// The store that stands for all sections of one file: a file is one program's one purse,
    /// whichever entry a turn was paid from.
    pub(in crate::correlate) fn main_of(&self, id: StoreId) -> StoreId {
        let store = &self.list[id];
        let same_file = |s: &Store| s.client == store.client && s.is_beside(store) && s.live == store.live;
        let all = self.ids(same_file);
        let singleton = all.iter().copied().find(|&i| self.list[i].section == Section::Singleton);
        singleton.or(all.first().copied()).unwrap_or(id)
    }

    /// Live entries of the file of this store, itself among them.
    pub(in crate::correlate) fn entries(&self, id: StoreId) -> Vec<StoreId> {
        let store = &self.list[id];
        self.ids(|s| s.client == store.client && s.is_beside(store) && s.live && store.live)
    }

    /// Does the file of this store hold another live credential, which may pay for a turn as well?
    pub(in crate::correlate) fn has_spare(&self, id: StoreId) -> bool {
        let store = &self.list[id];
        let same_file = |s: &Store| s.client == store.client && s.is_beside(store) && s.live;
        let spare = |&other: &StoreId| {
            let pair = self.list[other].newest().zip(store.newest());
            other != id && pair.is_some_and(|(a, b)| !a.same_tokens(b))
        };
        self.ids(same_file).iter().any(spare)
    }

    /// The home of a source; for files kept outside any home (OpenClaw's log in /tmp, VS Code's
    /// folder) the one home that the program has, if it has just one.
    pub(in crate::correlate) fn home_of(&self, source: &SourceRecord) -> Option<String> {
        if source.home.is_some() {
            return self.twins.home(source);
        }
        let client = source.kind.client().program();
        let host = self.host(source);
        let here = |s: &&Store| s.client == client && s.live && may_be_one(s.host, host);
        let mut homes: Vec<&String> = self.list.iter().filter(here).filter_map(|s| s.home.as_ref()).collect();
        homes.sort_unstable();
        homes.dedup();
        match homes.as_slice() {
            [only] => Some((*only).clone()),
            _ => None,
        }
    }

    fn ids(&self, fits: impl Fn(&Store) -> bool) -> Vec<StoreId> {
        (0..self.list.len()).filter(|&id| fits(&self.list[id])).collect()
    }
}

/// The `<id>` of a path inside an OpenClaw agent, `…/agents/<id>/…`.
pub(in crate::correlate) fn agent_folder(folder: &str) -> Option<&str> {
    let parts: Vec<&str> = folder.split('/').collect();
    let at = parts.iter().rposition(|p| *p == "agents")?;
    parts.get(at + 1).copied()
}
