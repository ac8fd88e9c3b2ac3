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

/// An agent of OpenClaw whose store is not among the files, while those of other agents of its home are: what it
/// met and did says nothing of theirs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnreadAgent {
    /// The one whose records stand in a folder of this name (private).
    Of(String),
    /// One that a line of a log names.
    Named,
}

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
        if of_program.iter().any(|&id| self.is_of_another_home(id, source)) {
            return None;
        }
        let live: Vec<StoreId> = of_program.iter().copied().filter(|&id| self.list[id].live).collect();
        let place = |id: StoreId| (&self.list[id].home, &self.list[id].folder);
        let one_file = live.windows(2).all(|w| place(w[0]) == place(w[1]));
        let found = match (of_program.as_slice(), live.first()) {
            ([only], _) => Some(*only),
            (_, Some(&first)) if one_file => Some(self.main_of(first)),
            _ => None,
        };
        found.filter(|&id| may_serve(&self.list[id], source))
    }

    /// Is it known that the store is of another home of the program than the record, so that this one had a store of
    /// its own, which is not among the files? What was kept in a folder that is no home may be of any, and a profile of
    /// Hermes uses the login of its root.
    fn is_of_another_home(&self, id: StoreId, source: &SourceRecord) -> bool {
        let store = &self.list[id];
        let Some((own, other)) = self.twins.home(source).zip(store.home.as_ref()).filter(|(own, other)| own != *other) else {
            return false;
        };
        let is_root = store.client == Client::Hermes && own.starts_with(&format!("{other}/profiles/"));
        // A home by its name, or by what stands in it where the program puts it.
        let known = is_program_folder(&own) || own != source.name.folder();
        known && !is_root && (is_program_folder(other) || self.twins.lives(store.client, Some(other)))
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
        let sole = own.iter().all(|&id| self.list[id].is_beside(&self.list[first]));
        (sole && !self.is_of_any(home.is_some(), first)).then(|| self.main_of(first))
    }

    /// Every home has an agent `main`: may a record of no known home that names it be of another home than this
    /// store's, whose own store was not read?
    fn is_of_any(&self, is_home_known: bool, id: StoreId) -> bool {
        let main = &self.list[id];
        let elsewhere = |s: &Store| s.client == main.client && s.live && s.home != main.home && may_be_one(s.host, main.host);
        !is_home_known && agent_folder(&main.folder) == Some(MAIN_AGENT) && self.list.iter().any(elsewhere)
    }

    /// The agent of OpenClaw that a record is of, where its store is not among the files.
    pub(in crate::correlate) fn unread_agent(&self, source: &SourceRecord) -> Option<UnreadAgent> {
        let folder = source.name.folder();
        let agent = agent_folder(&folder).filter(|_| source.kind.client().program() == Client::Openclaw)?;
        let others = self.are_of_others(source, |store| agent_folder(&store.folder) == Some(agent));
        others.then(|| UnreadAgent::Of(agent.to_owned()))
    }

    /// The same of an event: of the agent that it names, else of the one in whose folder it stands.
    pub(in crate::correlate) fn unread_agent_of(&self, event: &Event, source: &SourceRecord) -> Option<UnreadAgent> {
        let EventKind::Refused { agent: Some(agent), .. } = event.kind else { return self.unread_agent(source) };
        let others = self.are_of_others(source, |store| self.agents.get(&store.folder) == Some(&agent));
        others.then_some(UnreadAgent::Named)
    }

    /// Is this source of another place than the store, so that it may have had one of its own that is not among the
    /// files: of a profile of Hermes, or of an agent of OpenClaw, that uses the store of another one?
    pub(in crate::correlate) fn is_borrowed(&self, id: StoreId, source: &SourceRecord) -> bool {
        let (store, folder) = (&self.list[id], source.name.folder());
        let homes = self.home_of(source).zip(store.home.clone()).filter(|_| store.client == Client::Hermes);
        let agents = agent_folder(&folder).zip(agent_folder(&store.folder)).filter(|_| store.client == Client::Openclaw);
        homes.is_some_and(|(its, home)| its.starts_with(&format!("{home}/profiles/")))
            || agents.is_some_and(|(its, own)| its != own)
    }

    /// Does an event name an agent that has no store of its own among the files, so that it is taken to have used this
    /// one?
    pub(in crate::correlate) fn is_of_other_agent(&self, event: &Event, id: StoreId) -> bool {
        let EventKind::Refused { agent: Some(agent), .. } = event.kind else { return false };
        self.agents.get(&self.list[id].folder).is_some_and(|own| *own != agent)
    }

    /// Has the home of this source stores, and is each of another agent than the one that is meant, and of none
    /// whose login that one may use?
    fn are_of_others(&self, source: &SourceRecord, is_its: impl Fn(&Store) -> bool) -> bool {
        let (client, home, host) = (source.kind.client().program(), self.home_of(source), self.host(source));
        let at_home = |s: &&Store| s.client == client && home.is_some() && s.home == home && may_be_one(s.host, host);
        let mut stores = self.list.iter().filter(at_home).peekable();
        let of_other = |store: &Store| agent_folder(&store.folder).is_some_and(|id| id != MAIN_AGENT) && !is_its(store);
        stores.peek().is_some() && stores.all(of_other)
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
        own.or(named.first().copied().filter(|&id| named.len() == 1 && !self.is_of_another_home(id, source)))
    }

    /// Of several stores in one home, the one in the record's own agent folder; else the only file's.
    fn nearest(&self, ids: &[StoreId], source: &SourceRecord) -> Option<StoreId> {
        let folder = source.name.folder();
        let agent = agent_folder(&folder);
        let mine: Vec<StoreId> = match &agent {
            Some(agent) => ids.iter().copied().filter(|&id| agent_folder(&self.list[id].folder) == Some(*agent)).collect(),
            None => ids.iter().copied().filter(|&id| self.list[id].live).collect(),
        };
        let only = || ids.first().filter(|&&id| ids.len() == 1 && may_serve(&self.list[id], source));
        let first = *mine.first().or_else(only)?;
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

/// Is it the folder of a program by its name, `~/.codex`, `~/.pi/agent`, `~/.hermes/profiles/work`, and no place where
/// somebody put files together?
fn is_program_folder(home: &str) -> bool {
    let root = home.rsplit_once("/profiles/").map_or(home, |(root, _)| root);
    let root = root.strip_suffix("/agent").unwrap_or(root);
    root.rsplit('/').next().is_some_and(|last| last.starts_with('.')) || root.ends_with("/share/opencode")
}

/// May a record of this source have been made with that store? An agent of OpenClaw has a store of its own, or
/// reads through to that of the agent `main`: never to another agent's, whatever else is among the files.
fn may_serve(store: &Store, source: &SourceRecord) -> bool {
    let (own, folder) = (agent_folder(&store.folder), source.name.folder());
    let pair = agent_folder(&folder).zip(own).filter(|_| store.client == Client::Openclaw);
    pair.is_none_or(|(agent, own)| agent == own || own == MAIN_AGENT)
}

/// The `<id>` of a path inside an OpenClaw agent, `…/agents/<id>/…`.
pub(in crate::correlate) fn agent_folder(folder: &str) -> Option<&str> {
    let parts: Vec<&str> = folder.split('/').collect();
    let at = parts.iter().rposition(|p| *p == "agents")?;
    parts.get(at + 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_known_by_the_names_of_their_folders() {
        for home in ["home/u/.codex", ".codex-work", "u/.pi/agent", "u/.hermes/profiles/otter", "u/.local/share/opencode"] {
            assert!(is_program_folder(home), "{home}");
        }
        for folder in ["", "bundle", "bundle/codex", "bundle.tgz", "u/.codex/backups"] {
            assert!(!is_program_folder(folder), "{folder}");
        }
    }
}
