//! With which credential somebody worked: not with that of another home, whose own was left out; not with the login
//! where an API key paid; and with which one is in no file where a store was left out or shows a login made since.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::Answer as H;
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, KEY_MODEL, MarchOpenClaw, OpenClaw};
use super::super::super::stage::Stage;
use super::super::{Scenario, Verdict};
use super::outlived::{Story, refused};
use super::{OPEN, UNSEEN};

const CODEX_OPEN: Verdict = Verdict { victim: "codex", failed_turns: 2..=2, ..OPEN };
const CLAW_OPEN: Verdict = Verdict { victim: "openclaw", ..OPEN };

/// A second home of Codex, whose store was left out: it worked until an hour before, and was refused twice.
fn second_home(st: &Stage, home: &mut Home, at: i64) {
    let mut codex = CodexHome::new(st, ".codex-work", Era::V130);
    codex.thread(Front::Tui, &[(at - DAY, C::Done), (at - HOUR, C::Done)]);
    codex.thread(Front::Tui, &[(at, ALREADY_USED), (at + 14 * MINUTE, ALREADY_USED)]);
    codex.finish(home);
}

pub(super) const HOME_WITHOUT_STORE: Scenario = Scenario {
    name: "store-of-the-refused-home-withheld-beside-another-home",
    happened: "Hermes exchanged on the third day the pair that it had taken over from Codex, and the usual home of Codex holds that pair \
               still. Codex was refused three days later in a second home, with a login of its own. The store of that home was left out.",
    conclusion: "The only store of Codex is that of another home: which token was refused is in no file, and what Hermes exchanged says \
                 nothing of it. Open.",
    hours: 2,
    expected: &[CODEX_OPEN],
    play: |st, home| {
        let story = Story::new(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &story.login, &story.shared, story.shared.issued + 655);
        codex.thread(Front::Tui, &[(story.shared.issued + HOUR, C::Done), (story.past(-3 * DAY), C::Done)]);
        codex.finish(home);
        second_home(st, home, story.past(-4 * DAY));
        story.hermes(st, home, |hermes| {
            let next = story.login.mint(st, story.past(-5 * DAY));
            hermes.refreshed(&next, next.issued + 900);
            [3 * SECOND, DAY + HOUR].into_iter().for_each(|after| hermes.ask(next.issued + after, H::Done));
        });
    },
};

pub(super) const HOME_WITHOUT_STORE_AT_ONCE: Scenario = Scenario {
    name: "store-of-the-refused-home-withheld-beside-one-that-refreshed",
    happened: "Two homes of Codex share a login. One of them refreshed it three minutes before the other was refused, whose store was left out.",
    conclusion: "The newest pair of the login is that of the other home: it says neither that the refused home held it nor that a stranger \
                 spent its token. Open.",
    hours: 2,
    expected: &[CODEX_OPEN],
    play: |st, home| {
        let story = Story::new(st);
        let next = story.login.mint(st, story.past(-2 * MINUTE));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &story.login, &story.shared, story.shared.issued + 655);
        codex.store("auth.json", &story.login, &next, next.issued + 655);
        codex.thread(Front::Tui, &[(next.issued + 3 * SECOND, C::Done), (next.issued + HOUR, C::Done)]);
        codex.finish(home);
        second_home(st, home, story.past(70 * SECOND));
    },
};

pub(super) const PAID_WITH_A_KEY: Scenario = Scenario {
    name: "worked-past-the-end-with-an-api-key",
    happened: "OpenClaw holds the pair that Hermes was refused with, and has an API key of OpenAI beside it. It worked with the key alone when \
               the pair had ended.",
    conclusion: "Its messages name the interface that takes a key: that it worked past the end of the pair says nothing of the pair. Who \
                 spent the token is on no record.",
    hours: 2,
    expected: &[UNSEEN],
    play: |st, home| {
        let story = Story::new(st);
        let mut claw = OpenClaw::start(st, story.shared.issued + HOUR, KEY_MODEL);
        claw.store().own_login(&story.login, &story.shared, story.shared.issued + 610);
        let chat = claw.session();
        [-3 * DAY, 2 * HOUR, DAY].into_iter().for_each(|after| claw.ask(chat, story.past(after), O::Done));
        claw.finish(home);
        story.hermes(st, home, |hermes| refused(hermes, story.past(50 * SECOND)));
    },
};

/// Hermes took the pair over from Codex, and worked past the end of it; its store shows one of a week later. OpenClaw,
/// which held that pair too, is refused at a time.
fn contested(st: &Stage, home: &mut Home, story: &Story, at: i64) {
    story.hermes(st, home, |hermes| {
        [2 * HOUR, DAY].into_iter().for_each(|after| hermes.ask(story.past(after), H::Done));
        let now = story.login.mint(st, story.past(7 * DAY));
        hermes.refreshed(&now, now.issued + 900);
        hermes.ask(now.issued + 3 * SECOND, H::Done);
    });
    let mut claw = MarchOpenClaw::new(st, 1, &story.login, &story.shared, story.shared.issued + 812);
    claw.started(story.shared.issued + HOUR);
    claw.done(0, story.shared.issued + 2 * HOUR, false);
    [0, MINUTE, 2 * HOUR].into_iter().for_each(|after| claw.refused(0, at + after));
    claw.finish(home);
}

pub(super) const WITHHELD_RIVAL: Scenario = Scenario {
    name: "store-of-the-other-that-outworked-the-token-withheld",
    happened: "Codex, Hermes and OpenClaw share a pair. Both Codex and Hermes worked on when it had ended, and OpenClaw was refused. The store \
               of Codex was left out.",
    conclusion: "Hermes must have had another pair by then, and so must Codex: which of the two exchanged the token, and which took the result \
                 over, is on no record. That the store of Codex is missing clears it of nothing.",
    hours: 2,
    expected: &[CLAW_OPEN],
    play: |st, home| {
        let story = Story::new(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.thread(Front::Tui, &[(story.past(-DAY), C::Done), (story.past(3 * HOUR), C::Done)]);
        codex.finish(home);
        contested(st, home, &story, story.past(50 * MINUTE));
    },
};

pub(super) const RIVAL_LOGGED_IN_SINCE: Scenario = Scenario {
    name: "the-other-that-outworked-the-token-logged-in-since",
    happened: "The same, but OpenClaw was idle for four weeks before it was refused, and Codex, which had worked past the end of the pair, was \
               logged in anew five days after that.",
    conclusion: "The store of Codex shows the new login alone. With what Codex worked before that is in no file, as if the store were: open.",
    hours: 2,
    expected: &[CLAW_OPEN],
    play: |st, home| {
        let story = Story::new(st);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.thread(Front::Tui, &[(story.past(-DAY), C::Done), (story.past(3 * HOUR), C::Done)]);
        story.logged_in(st, &mut codex, story.past(5 * DAY));
        codex.finish(home);
        contested(st, home, &story, story.past(28 * DAY));
    },
};
