//! Holders of a token that went on working when it had ended: who came by a pair before whom, what a store does not
//! show of it to this day or since a login, and what a copy tells of a store that shows nothing.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, MarchOpenClaw, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::{OPEN, PERHAPS_CODEX, UNSEEN, shared_login};

const CODEX_LIKELY: Verdict = Verdict { confidence: ("likely", "likely"), ..PERHAPS_CODEX };
const PERHAPS_UNSEEN: Verdict = Verdict { confidence: ("possible", "possible"), ..UNSEEN };
const OF_CODEX: Verdict = Verdict { victim: "codex", actor: Some("hermes"), ..CODEX_LIKELY };

/// A pair that several programs hold.
pub(super) struct Story {
    pub(super) account: Account,
    pub(super) login: Grant,
    pub(super) shared: Pair,
}

impl Story {
    pub(super) fn new(st: &Stage) -> Story {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        Story { account, login, shared }
    }

    /// So long after the shared pair had ended.
    pub(super) fn past(&self, after: i64) -> i64 {
        self.shared.expires + after
    }

    /// Hermes took the pair over from Codex, and a snapshot shows that; what it did when that had ended is told by
    /// `more`.
    pub(super) fn hermes(&self, st: &Stage, home: &mut Home, more: impl FnOnce(&mut Hermes<'_>)) {
        let since = self.shared.issued + 26 * HOUR;
        let mut hermes = Hermes::start(st, Version::V013, since);
        hermes.imported_from_codex(&self.login, &self.shared, since + 48 * SECOND);
        hermes.ask(since + 2 * MINUTE, H::Done);
        hermes.snapshot(since + 2 * DAY, "weekly");
        hermes.ask(since + 4 * DAY, H::Done);
        more(&mut hermes);
        hermes.finish(home);
    }

    /// Codex was logged in anew at a time, and its store shows that login alone.
    pub(super) fn logged_in(&self, st: &Stage, codex: &mut CodexHome<'_>, at: i64) {
        let again = Grant::new(st, &self.account, at - 20 * SECOND);
        let now = again.mint(st, at);
        codex.login(at - 20 * SECOND, at);
        codex.store("auth.json", &again, &now, at + 14);
        codex.thread(Front::Tui, &[(at + MINUTE, C::Done)]);
    }
}

/// Three refusals from a time on.
pub(super) fn refused(hermes: &mut Hermes<'_>, at: i64) {
    [0, 13 * MINUTE, 5 * HOUR].into_iter().for_each(|after| hermes.ask(at + after, H::AlreadyConsumed));
}

/// Hermes worked past the end of the pair that it shared, and was given a login of its own three weeks later. Codex
/// has the pair in a backup, and one of four weeks later; OpenClaw, idle meanwhile, is refused after that.
fn late(st: &Stage, home: &mut Home, codex_works: bool) {
    let story = Story::new(st);
    story.hermes(st, home, |hermes| {
        [2 * HOUR, DAY, 4 * DAY].into_iter().for_each(|after| hermes.ask(story.past(after), H::Done));
        let own = Grant::new(st, &story.account, story.past(21 * DAY));
        let pair = own.mint(st, story.past(21 * DAY) + SECOND);
        hermes.own_login(&own, &pair, pair.issued + SECOND);
        hermes.ask(pair.issued + HOUR, H::Done);
    });
    let now = story.login.mint(st, story.past(28 * DAY));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &story.login, &story.shared, story.shared.issued + 720);
    codex.store("auth.json", &story.login, &now, now.issued + 690);
    let before: &[i64] = if codex_works { &[3 * HOUR, 2 * DAY] } else { &[] };
    let turns = before.iter().map(|after| (story.past(*after), C::Done)).chain([(now.issued + 4 * SECOND, C::Done)]);
    codex.thread(Front::Tui, &turns.collect::<Vec<_>>());
    codex.finish(home);
    let mut claw = MarchOpenClaw::new(st, 1, &story.login, &story.shared, story.shared.issued + 812);
    claw.started(story.shared.issued + HOUR);
    claw.done(0, story.shared.issued + 2 * HOUR, false);
    [0, MINUTE, 2 * HOUR].into_iter().for_each(|after| claw.refused(0, story.past(35 * DAY) + after));
    claw.finish(home);
}

pub(super) const LATE_PAIR: Scenario = Scenario {
    name: "pair-issued-after-another-had-outworked-the-token",
    happened: "Codex, Hermes and OpenClaw share a pair. Hermes exchanged it when that ended, worked on for days, and was given a login of \
               its own weeks later. The store of Codex, idle meanwhile, goes from the shared pair to one of four weeks later. OpenClaw is \
               refused after that.",
    conclusion: "A token is exchanged once, and Hermes worked with another pair weeks before that of Codex was issued: what Codex exchanged \
                 then was a later generation, though the chain in its store has no gap. But Codex had come by one: either of the two \
                 exchanged the token, and the other took the result over. Open.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", ..OPEN }],
    play: |st, home| late(st, home, false),
};

pub(super) const BOTH_OUTWORKED: Scenario = Scenario {
    name: "two-holders-had-outworked-the-token",
    happened: "As before, but Codex worked past the end of the shared pair as well.",
    conclusion: "Both had another pair by then, and one of them took it over from the other: which of the two exchanged the token is on no \
                 record.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", ..OPEN }],
    play: |st, home| late(st, home, true),
};

pub(super) const HOLDS_IT_STILL: Scenario = Scenario {
    name: "holder-that-outworked-what-it-stores",
    happened: "Codex could not write its store. It refreshed the pair that it shares with Hermes when that ended, and worked on from memory \
               for four days. Hermes was refused at that end.",
    conclusion: "The store of Codex holds the spent token to this day, and Codex worked for days when that had ended and Hermes had been \
                 told that it was used: it had exchanged it. Where the result is, is not on record: possible.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| {
        let story = Story::new(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &story.login, &story.shared, story.shared.issued + 655);
        let turns = [2 * HOUR, 2 * DAY, 4 * DAY].map(|after| (story.past(after), C::Done));
        codex.thread(Front::Tui, &[(story.shared.issued + DAY, C::Done)]);
        codex.thread(Front::Tui, &turns);
        codex.finish(home);
        story.hermes(st, home, |hermes| refused(hermes, story.past(50 * SECOND)));
    },
};

pub(super) const BORROWED: Scenario = Scenario {
    name: "holder-that-may-have-borrowed",
    happened: "OpenClaw stores the pair that it shares with Hermes, and works on when that has ended with what Codex has, which it borrows \
               without a word in its log. The store of Codex, which exchanged the token, is not among the files.",
    conclusion: "OpenClaw worked with a pair that its store does not hold. It may have refreshed, or have borrowed from Codex, which was at \
                 work then too: open.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let story = Story::new(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.thread(Front::Tui, &[(story.past(-MINUTE), C::Done), (story.past(HOUR), C::Done)]);
        codex.finish(home);
        let mut claw = OpenClaw::start(st, story.shared.issued + HOUR, CODEX_MODEL);
        claw.store().own_login(&story.login, &story.shared, story.shared.issued + 610);
        let chat = claw.session();
        [-3 * DAY, 2 * HOUR, DAY].into_iter().for_each(|after| claw.ask(chat, story.past(after), O::Done));
        claw.finish(home);
        story.hermes(st, home, |hermes| refused(hermes, story.past(50 * SECOND)));
    },
};

pub(super) const LOGIN_SINCE: Scenario = Scenario {
    name: "logged-in-anew-after-it-had-outworked-the-token",
    happened: "Codex exchanged the pair that Hermes had copied from it, and Hermes was refused at its end. Codex worked on for five days, and \
               two weeks later was logged in anew; its store shows that login alone.",
    conclusion: "Hermes' copy says that the token was Codex' own. Codex worked for days when that had ended, and a login of two weeks later \
                 explains none of it: it had exchanged the token. Likely, as the pair itself is overwritten.",
    hours: 2,
    expected: &[CODEX_LIKELY],
    play: |st, home| {
        let story = Story::new(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.thread(Front::Tui, &[(story.past(3 * HOUR), C::Done), (story.past(5 * DAY), C::Done)]);
        story.logged_in(st, &mut codex, story.past(19 * DAY));
        codex.finish(home);
        story.hermes(st, home, |hermes| refused(hermes, story.past(35 * SECOND)));
    },
};

pub(super) const LOGIN_BEFORE: Scenario = Scenario {
    name: "logged-in-anew-before-it-worked",
    happened: "As before, but Codex was logged in anew an hour after Hermes was refused, and worked since.",
    conclusion: "That login explains what Codex did after it. What Codex did with the token before is on no record: something unseen is \
                 possible, and so is Codex.",
    hours: 2,
    expected: &[PERHAPS_UNSEEN],
    play: |st, home| {
        let story = Story::new(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        story.logged_in(st, &mut codex, story.past(HOUR));
        codex.thread(Front::Tui, &[(story.past(3 * HOUR), C::Done), (story.past(5 * DAY), C::Done)]);
        codex.finish(home);
        story.hermes(st, home, |hermes| refused(hermes, story.past(35 * SECOND)));
    },
};

/// Hermes exchanged two minutes before its end the pair that it had copied from Codex. A thread of Codex is refused
/// at that end, and Codex is logged in anew a day later.
fn copied(st: &Stage, home: &mut Home, another_works: bool) {
    let story = Story::new(st);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.thread(Front::Tui, &[(story.shared.issued + DAY, C::Done), (story.past(-2 * HOUR), C::Done)]);
    codex.thread(Front::Tui, &[45 * SECOND, 4 * MINUTE, 20 * MINUTE].map(|after| (story.past(after), ALREADY_USED)));
    if another_works {
        codex.thread(Front::Tui, &[(story.past(32 * MINUTE), C::Done), (story.past(HOUR), C::Done)]);
    }
    story.logged_in(st, &mut codex, story.past(DAY));
    codex.finish(home);
    story.hermes(st, home, |hermes| {
        let next = story.login.mint(st, story.past(-2 * MINUTE));
        hermes.refreshed(&next, next.issued + 900);
        [3 * SECOND, 30 * MINUTE, 3 * DAY].into_iter().for_each(|after| hermes.ask(next.issued + after, H::Done));
    });
}

pub(super) const COPY_TELLS: Scenario = Scenario {
    name: "copy-tells-what-the-victim-held",
    happened: "Hermes exchanged the pair that it had copied from Codex. Codex was refused as that ended, and was logged in anew, so that \
               its store shows the new login alone.",
    conclusion: "What Codex held is in no store of its own. That of Hermes has the pair that it had copied from Codex, and right after it the \
                 one that it exchanged it for; Codex was refused as the copied one ended, so that it held it still. Likely Hermes.",
    hours: 2,
    expected: &[OF_CODEX],
    play: |st, home| copied(st, home, false),
};

pub(super) const COPY_AND_ANOTHER_THREAD: Scenario = Scenario {
    name: "another-thread-outworked-the-copied-pair",
    happened: "As before, but another thread of Codex worked half an hour after the copied pair had ended.",
    conclusion: "One process of Codex had another pair by then, so that it may have exchanged the token itself: open.",
    hours: 2,
    expected: &[Verdict { victim: "codex", ..OPEN }],
    play: |st, home| copied(st, home, true),
};

pub(super) const ON_A_LOAN: Scenario = Scenario {
    name: "worked-on-a-credential-that-it-borrowed",
    happened: "OpenClaw stores a pair that something unseen exchanged. When its own had ended it borrowed what Codex had, by its log, and \
               worked on for two days; then Codex was gone, and OpenClaw was refused with its own.",
    conclusion: "It worked past the end of the pair that it stores, and its log says with what: no refresh of its own went unstored. Who \
                 spent its token is on no record.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", ..PERHAPS_UNSEEN }],
    play: |st, home| {
        let story = Story::new(st);
        let mut claw = MarchOpenClaw::new(st, 1, &story.login, &story.shared, story.shared.issued + 812);
        claw.started(story.shared.issued + HOUR);
        claw.done(0, story.shared.issued + 2 * HOUR, false);
        for after in [HOUR, 2 * DAY] {
            claw.borrowed(story.past(after) - SECOND);
            claw.done(0, story.past(after), false);
        }
        [0, MINUTE, 2 * HOUR].into_iter().for_each(|after| claw.refused(0, story.past(3 * DAY) + after));
        claw.finish(home);
    },
};
