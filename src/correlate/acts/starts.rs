//! The starts of logins that were completed. Codex 0.169 ends the old login and deletes its file when a new one is
//! begun, before the browser opens; the person there takes minutes, in which other holders are refused already.
//!
//! Apart from [`super::collect`], which joins the records of one login into one act: this is the one thing that a
//! login does before it is one. Of other programs nothing is known to happen at that point.

use super::act::{AGREE_MS, ARRIVAL_MS, Act, ActKind, close};
use super::collect::SAME_LOGIN_MS;
use super::refreshes;
use crate::correlate::clock::When;
use crate::correlate::stores::Store;
use crate::event::Client;

/// The start of a login, as an act beside its completion.
pub(super) fn of(begun: &Act, done: &Act, list: &[Store]) -> Option<Act> {
    let at = dated(begun.at, done.at, refreshes::stored(done, list));
    let is_codex = begun.client == Client::Codex && at.ms <= done.at.ms;
    is_codex.then(|| Act { at, kind: ActKind::LoginBegun { done: done.at }, also: Vec::new(), ..begun.clone() })
}

/// When it was begun. Where the login service's clock dates the login, and the machine's own stands elsewhere or may
/// do so, the start came as long before it as the machine has it before its own stamp of the new pair: how long a login took
/// is known however far that clock was off.
fn dated(begun: When, done: When, stored: When) -> When {
    let is_sure = begun.is_point() && begun.keeper.slack <= done.keeper.slack;
    if stored.ms < begun.ms || (is_sure && stored.ms.abs_diff(done.ms) < ARRIVAL_MS.unsigned_abs()) {
        return begun;
    }
    let back = |ms: i64| ms.saturating_sub(stored.ms.saturating_sub(begun.ms));
    When { ms: back(done.ms), lo: back(done.lo), hi: back(done.hi), ..done }
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
