//! A victim that had left the pair behind by which another client would be convicted, and one whose own refresh
//! went unstored. What is not among the files must not say more than the whole of them would.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::{OPEN, PERHAPS_CODEX, UNSEEN, shared_login};

/// A pair that Hermes took over from Codex, and its own store, `auth.json`, which a careful user leaves out.
struct Story {
    account: Account,
    login: Grant,
    shared: Pair,
}

impl Story {
    fn new(st: &Stage) -> Story {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        Story { account, login, shared }
    }

    /// Codex exchanged the shared pair so long before its end, and works on.
    fn codex(&self, st: &Stage, home: &mut Home, before_end: i64) {
        let next = self.login.mint(st, self.shared.expires - before_end);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &self.login, &self.shared, self.shared.issued + 650);
        codex.store("auth.json", &self.login, &next, next.issued + 710);
        codex.thread(Front::Tui, &[(next.issued + 5 * SECOND, C::Done), (self.shared.expires + 6 * DAY, C::Done)]);
        codex.finish(home);
    }

    /// Hermes with a snapshot of the day after its import; what it holds at last is told by `more`.
    fn hermes(&self, st: &Stage, home: &mut Home, more: impl FnOnce(&mut Hermes<'_>)) {
        let since = self.shared.issued + 20 * HOUR;
        let mut hermes = Hermes::start(st, Version::V013, since);
        hermes.imported_from_codex(&self.login, &self.shared, since + 35 * SECOND);
        hermes.ask(since + MINUTE, H::Done);
        hermes.snapshot(since + DAY, "weekly");
        hermes.ask(since + 5 * DAY, H::Done);
        more(&mut hermes);
        hermes.finish(home);
    }
}

/// Three refusals from a time on.
fn refused(hermes: &mut Hermes<'_>, at: i64) {
    [0, 11 * MINUTE, 7 * HOUR].into_iter().for_each(|after| hermes.ask(at + after, H::AlreadyConsumed));
}

/// The live store of Hermes is not passed on.
fn withhold(home: &mut Home) {
    home.keep(|path| path != ".hermes/auth.json");
}

pub(super) const OWN_LOGIN_WITHHELD: Scenario = Scenario {
    name: "own-login-since-in-a-store-that-was-withheld",
    happened: "Hermes took over the pair of Codex, which Codex exchanged in time. The day before that pair ended Hermes was given a login \
               of its own, and worked with it for three more days, until something unseen spent its token. Whoever packed the files left \
               its `auth.json` out, and an older snapshot of it in.",
    conclusion: "Hermes answered days after the end of the pair that the snapshot shows: it had another one by then, and what Codex had \
                 exchanged before did it no harm. What it was refused with is in no file: undetermined.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let story = Story::new(st);
        story.codex(st, home, 2 * DAY);
        story.hermes(st, home, |hermes| {
            let own = Grant::new(st, &story.account, story.shared.expires - DAY);
            let pair = own.mint(st, story.shared.expires - DAY + SECOND);
            hermes.own_login(&own, &pair, pair.issued + SECOND);
            [HOUR, DAY, 3 * DAY].into_iter().for_each(|after| hermes.ask(story.shared.expires + after, H::Done));
            refused(hermes, story.shared.expires + 4 * DAY);
        });
        withhold(home);
    },
};

pub(super) const ENDED_WITHHELD: Scenario = Scenario {
    name: "refused-when-a-pair-in-a-snapshot-ended",
    happened: "Codex exchanged the pair that Hermes had taken over, and Hermes was refused at its end. Its `auth.json` was left out; a \
               snapshot has that pair.",
    conclusion: "That Hermes still held the pair of the snapshot is inferred from when it had to refresh: very likely Codex.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "very_likely"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let story = Story::new(st);
        story.codex(st, home, 2 * DAY);
        story.hermes(st, home, |hermes| refused(hermes, story.shared.expires + 40 * SECOND));
        withhold(home);
    },
};

pub(super) const EARLY_WITHHELD: Scenario = Scenario {
    name: "refused-before-the-end-of-a-pair-in-a-snapshot",
    happened: "As before, but Hermes was refused more than a day before the end of that pair.",
    conclusion: "Nothing was due of the pair in the snapshot: Hermes may have held another one by then. Likely at most.",
    hours: 2,
    expected: &[Verdict { confidence: ("possible", "likely"), ..PERHAPS_CODEX }],
    play: |st, home| {
        let story = Story::new(st);
        story.codex(st, home, 4 * DAY);
        story.hermes(st, home, |hermes| refused(hermes, story.shared.expires - 30 * HOUR));
        withhold(home);
    },
};

pub(super) const WORKED_PAST: Scenario = Scenario {
    name: "worked-past-the-end-of-the-pair-it-holds-again",
    happened: "Codex exchanged the pair that it shares with Hermes. Hermes took the new one over, worked on, and its store was put back \
               to a backup from before. Of all that its store shows the old pair alone.",
    conclusion: "Hermes worked when the pair in its store had ended, with one that no file shows. That it was refused with the old one, \
                 and by what Codex had done to that, is possible and no more.",
    hours: 2,
    expected: &[PERHAPS_CODEX],
    play: |st, home| {
        let story = Story::new(st);
        story.codex(st, home, 2 * DAY);
        story.hermes(st, home, |hermes| {
            [2 * HOUR, DAY].into_iter().for_each(|after| hermes.ask(story.shared.expires + after, H::Done));
            refused(hermes, story.shared.expires + 2 * DAY);
        });
    },
};

pub(super) const UNKEPT: Scenario = Scenario {
    name: "own-refresh-that-left-no-record",
    happened: "Hermes, alone on its login, refreshed when its token ended, and could not write the result. It went on with that in memory \
               for four days, was restarted, read its store and was refused.",
    conclusion: "It was answered when the pair in its store had ended, and nobody else holds the login: its own refresh was not kept. \
                 What became of the result is not on record.",
    hours: 2,
    expected: &[Verdict { root_cause: "writeback_lost", actor: Some("hermes"), confidence: ("possible", "likely"), ..UNSEEN }],
    play: |st, home| {
        let story = Story::new(st);
        let mut hermes = Hermes::start(st, Version::V013, story.shared.issued + MINUTE);
        hermes.own_login(&story.login, &story.shared, story.shared.issued + 2 * MINUTE);
        hermes.ask(story.shared.issued + 3 * MINUTE, H::Done);
        hermes.ask(story.shared.issued + 6 * DAY, H::Done);
        [90 * MINUTE, DAY, 3 * DAY].into_iter().for_each(|after| hermes.ask(story.shared.expires + after, H::Done));
        hermes.restarted(story.shared.expires + 4 * DAY);
        refused(&mut hermes, story.shared.expires + 4 * DAY + 9 * MINUTE);
        hermes.finish(home);
    },
};

/// Codex exchanged the shared pair two days before its end and the next one days after Hermes had been refused; its
/// store keeps the last one, and it works daily.
fn twice(st: &Stage, home: &mut Home, backup: bool) {
    let story = Story::new(st);
    let last = story.login.mint(st, story.shared.expires + 7 * DAY);
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    if backup {
        codex.store("auth.json.bak", &story.login, &story.shared, story.shared.issued + 650);
    }
    codex.store("auth.json", &story.login, &last, last.issued + 710);
    let daily: Vec<(i64, C)> = (1..9).map(|day| (story.shared.expires + day * DAY + HOUR, C::Done)).collect();
    codex.thread(Front::Tui, &daily);
    codex.finish(home);
    story.hermes(st, home, |hermes| refused(hermes, story.shared.expires + 25 * SECOND));
}

const CODEX_LIKELY: Verdict = Verdict { confidence: ("likely", "likely"), ..PERHAPS_CODEX };

pub(super) const OVERWRITTEN_SINCE: Scenario = Scenario {
    name: "exchanged-again-after-the-refusal",
    happened: "Codex exchanged the pair that it shares with Hermes, which was refused at its end, and exchanged its own once more a week \
               later. The files were packed after that; a backup has the shared pair.",
    conclusion: "After the refusal nobody could exchange the shared pair, and Codex worked on past its end in the same login: it had \
                 exchanged it before. When is not on record, and it was not the refresh that its store shows.",
    hours: 2,
    expected: &[CODEX_LIKELY],
    play: |st, home| twice(st, home, true),
};

pub(super) const OVERWRITTEN_SINCE_NO_BACKUP: Scenario = Scenario {
    name: "exchanged-again-after-the-refusal-no-backup",
    happened: "As before, without the backup.",
    conclusion: "Codex worked when every pair from before that of Hermes had ended, and holds a later one of that login: likely.",
    hours: 2,
    expected: &[CODEX_LIKELY],
    play: |st, home| twice(st, home, false),
};
