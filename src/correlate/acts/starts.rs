//! The starts of logins that were completed. Codex 0.169 ends the old login and deletes its file when a new one is
//! begun, before the browser opens; the person there takes minutes, in which other holders are refused already.
//!
//! Apart from [`super::collect`], which joins the records of one login into one act: this is the one thing that a
//! login does before it is one. Of other programs nothing is known to happen at that point.

use super::act::{AGREE_MS, Act, ActKind, close};
use super::collect::SAME_LOGIN_MS;
use crate::event::Client;

/// The start of a login, as an act beside its completion.
pub(super) fn of(begun: &Act, done: &Act) -> Option<Act> {
    let is_codex = begun.client == Client::Codex && begun.at.ms <= done.at.ms;
    is_codex.then(|| Act { kind: ActKind::LoginBegun { done: done.at }, also: Vec::new(), ..begun.clone() })
}

/// Add them, each once: a shell and the program's own log may both state it. Each is given the credential that its
/// login brought, by which it is known to be the login that another token descends from.
pub(super) fn settle(acts: &mut Vec<Act>, mut starts: Vec<Act>) {
    starts.sort_by_key(|act| (act.at.ms, act.origin));
    let mut kept: Vec<Act> = Vec::new();
    for start in starts {
        let same = |a: &&mut Act| a.is_at(start.client, &start.home, start.host) && close(a.at, start.at, SAME_LOGIN_MS);
        match kept.iter_mut().rev().find(same) {
            Some(known) => known.also.push(start.origin),
            None => kept.push(start),
        }
    }
    for start in &mut kept {
        let ActKind::LoginBegun { done } = start.kind else { continue };
        let its = |a: &&Act| a.is_login() && a.is_at(start.client, &start.home, start.host) && close(a.at, done, AGREE_MS);
        start.held = acts.iter().find(its).and_then(|login| login.held);
        start.store = acts.iter().find(its).and_then(|login| login.store).or(start.store);
    }
    acts.append(&mut kept);
}
