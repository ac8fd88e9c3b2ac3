//! Stores that say less than they seem to: one that holds the shared pair to this day while its program works with
//! another one, one whose earlier pairs no file shows, and a pair that looks like one that was taken over though the
//! store that it might come from never changed.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::Answer as H;
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::Grant;
use super::super::{Scenario, Verdict};
use super::adopted::{refused_claw, synced};
use super::holders::six_digits;
use super::outlived::Story;
use super::{OPEN, PERHAPS_CODEX};

const OF_CODEX: Verdict = Verdict { victim: "codex", failed_turns: 2..=2, ..PERHAPS_CODEX };
const OF_CLAW: Verdict = Verdict { victim: "openclaw", failed_turns: 0..=3, ..OPEN };

/// Codex, which stores the shared pair to this day, and is refused with it some time after its end.
fn refused_codex(st: &Stage, home: &mut Home, story: &Story, after: i64) {
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json", &story.login, &story.shared, story.shared.issued + 701);
    codex.thread(Front::Tui, &[(story.shared.issued + 3 * HOUR, C::Done), (story.past(-7 * HOUR), C::Done)]);
    codex.thread(Front::Tui, &[(story.past(after), ALREADY_USED), (story.past(after + 11 * MINUTE), ALREADY_USED)]);
    codex.finish(home);
}

/// Hermes, which a snapshot shows with the shared pair, worked past its end; its store shows a pair of days later.
fn hermes_went_on(st: &Stage, home: &mut Home, story: &Story) {
    story.hermes(st, home, |hermes| {
        [17 * MINUTE, DAY, 3 * DAY].into_iter().for_each(|after| hermes.ask(story.past(after), H::Done));
        let now = story.login.mint(st, story.past(9 * DAY + 21 * HOUR));
        hermes.refreshed(&now, now.issued + 612);
        hermes.ask(now.issued + 4 * SECOND, H::Done);
    });
}

pub(super) const LOOKS_TAKEN: Scenario = Scenario {
    name: "looks-taken-over-though-codex-never-changed",
    happened: "A second home of Codex, on a removable disk, refreshed the pair that it shares with `~/.codex` and OpenClaw. OpenClaw took the \
               new pair over from there. The Codex of `~/.codex` was refused at the end of the shared one.",
    conclusion: "OpenClaw's store gives the end of the new pair as the token does, where its own refreshes count from the arrival. That the \
                 store of Codex among the files still holds the shared one does not make it an exchange of OpenClaw's: possible.",
    hours: 2,
    expected: &[Verdict { actor: Some("openclaw"), ..OF_CODEX }],
    play: |st, home| {
        let story = Story::new(st);
        let next = story.login.mint(st, story.past(-3 * MINUTE));
        synced(st, home, &story.login, (&story.shared, &next), None);
        refused_codex(st, home, &story, 41 * SECOND);
    },
};

pub(super) const WORKED_WITH_ANOTHER: Scenario = Scenario {
    name: "codex-worked-on-beyond-the-pair-that-it-stores",
    happened: "Codex, Hermes and OpenClaw shared a pair. Codex exchanged it, and Hermes took the result over and has refreshed since. The \
               file of Codex was put back from a backup weeks later. OpenClaw was refused half an hour after the end.",
    conclusion: "Hermes worked past the end of the shared pair, and so did Codex, though its file holds that pair to this day: each had \
                 another one, and which of them exchanged the token is on no record.",
    hours: 2,
    expected: &[OF_CLAW],
    play: |st, home| {
        let story = Story::new(st);
        hermes_went_on(st, home, &story);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &story.login, &story.shared, story.shared.issued + 655);
        codex.thread(Front::Tui, &[(story.shared.issued + DAY, C::Done)]);
        codex.thread(Front::Tui, &[2 * HOUR, DAY, 4 * DAY].map(|after| (story.past(after), C::Done)));
        codex.finish(home);
        let failed = story.past(32 * MINUTE);
        refused_claw(st, home, &story.login, &story.shared, [failed, failed + 9 * MINUTE, failed + 44 * MINUTE]);
    },
};

pub(super) const WORKED_WITH_A_BORROWED_ONE: Scenario = Scenario {
    name: "openclaw-worked-on-beyond-the-pair-that-it-stores",
    happened: "OpenClaw exchanged the pair that it shares with Codex and Hermes, could not store the result, and worked on; Hermes was given \
               that result by hand, and has refreshed since. Codex was refused five days later.",
    conclusion: "Hermes worked past the end of the shared pair. So did OpenClaw, with a pair that its store does not hold, and which it cannot \
                 have borrowed from the Codex among the files, that was idle. Either may have exchanged the token.",
    hours: 2,
    expected: &[Verdict { actor: Some("hermes"), ..OF_CODEX }],
    play: |st, home| {
        let story = Story::new(st);
        hermes_went_on(st, home, &story);
        let mut claw = OpenClaw::start(st, story.shared.issued + HOUR, CODEX_MODEL);
        claw.store().own_login(&story.login, &story.shared, story.shared.issued + 610);
        let chat = claw.session();
        [-3 * DAY, 2 * HOUR, DAY].into_iter().for_each(|after| claw.ask(chat, story.past(after), O::Done));
        claw.finish(home);
        refused_codex(st, home, &story, 5 * DAY);
    },
};

pub(super) const NO_EARLIER_COPY: Scenario = Scenario {
    name: "later-pair-of-a-store-without-an-earlier-copy",
    happened: "Codex, Hermes and OpenClaw shared a pair, of which no backup of Codex' store is left. Hermes worked past its end. Codex came by \
               a pair of that login two weeks later. OpenClaw, idle meanwhile, is refused after that.",
    conclusion: "Hermes must have come by another pair when the shared one ended. But Codex has one of the same login as well, and what it held \
                 before is in no file: it may have exchanged the token. Hermes is possible, no more.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", actor: Some("hermes"), failed_turns: 0..=3, ..PERHAPS_CODEX }],
    play: |st, home| {
        let story = Story::new(st);
        story.hermes(st, home, |hermes| {
            [2 * HOUR, DAY, 4 * DAY].into_iter().for_each(|after| hermes.ask(story.past(after), H::Done));
            let own = Grant::new(st, &story.account, story.past(11 * DAY));
            let pair = own.mint(st, story.past(11 * DAY) + SECOND);
            hermes.own_login(&own, &pair, pair.issued + SECOND);
            hermes.ask(pair.issued + HOUR, H::Done);
        });
        let now = story.login.mint(st, story.past(15 * DAY));
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &story.login, &now, now.issued + 690);
        codex.thread(Front::Tui, &[(now.issued + 4 * SECOND, C::Done)]);
        codex.finish(home);
        let failed = story.past(19 * DAY);
        refused_claw(st, home, &story.login, &story.shared, [failed, failed + MINUTE, failed + 2 * HOUR]);
    },
};

pub(super) const SIX_DIGITS_BESIDE_COPIES: Scenario = Scenario {
    name: "six-digits-beside-a-hermes-of-which-copies-are-left",
    happened: "Hermes of April 2026 refreshed the pair that it shares with Codex and OpenClaw, and wrote the new one into Codex' store. Codex \
               was idle on that day. The live store of Hermes was not packed, only a snapshot of the week before.",
    conclusion: "The stamp in Codex' store is of a form that Codex writes on some machines, and Hermes on all. Hermes was at work, held the \
                 shared pair, and what it held then is not among the files: Codex is possible, no more.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 0..=3, ..PERHAPS_CODEX }],
    play: |st, home| {
        let story = Story::new(st);
        let next = story.login.mint(st, story.past(-4 * MINUTE));
        story.hermes(st, home, |hermes| [5 * SECOND, DAY].into_iter().for_each(|after| hermes.ask(next.issued + after, H::Done)));
        home.keep(|path| path != ".hermes/auth.json");
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json", &story.login, &next, next.issued + 840);
        codex.thread(Front::Tui, &[(next.issued - 3 * DAY, C::Done), (next.issued + DAY, C::Done)]);
        codex.finish(home);
        home.change(".codex/auth.json", |text| six_digits(&text));
        let failed = story.past(38 * SECOND);
        refused_claw(st, home, &story.login, &story.shared, [failed, failed + 27 * MINUTE, failed + 3 * HOUR]);
    },
};
