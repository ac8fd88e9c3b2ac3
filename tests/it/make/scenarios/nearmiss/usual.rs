//! From which home of Codex another program took a pair over, where the store of the usual home was left out. Hermes
//! imported the pair of Codex and exchanged it as it ended; Codex is refused a minute later in a second home, which has
//! a login of its own. The shortcut takes the home that was refused for the lender, since it is the one that is seen.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::Answer as H;
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::Grant;
use super::super::{Scenario, Verdict};
use super::OPEN;
use super::outlived::Story;

const CODEX_OPEN: Verdict = Verdict { victim: "codex", failed_turns: 2..=2, ..OPEN };

/// What is left of the two homes of Codex.
struct Left {
    /// Turns of the usual home.
    usual: bool,
    /// The store of the second home, which was logged in anew since.
    second: bool,
}

fn play(st: &Stage, home: &mut Home, left: Left) {
    let story = Story::new(st);
    let refused = story.past(70 * SECOND);
    if left.usual {
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.thread(Front::Tui, &[(story.shared.issued + HOUR, C::Done), (story.past(-3 * DAY), C::Done)]);
        codex.finish(home);
    }
    let mut codex = CodexHome::new(st, ".codex-work", Era::V130);
    codex.thread(Front::Tui, &[(refused - DAY, C::Done), (refused - HOUR, C::Done)]);
    codex.thread(Front::Tui, &[(refused, ALREADY_USED), (refused + 14 * MINUTE, ALREADY_USED)]);
    if left.second {
        let again = Grant::new(st, &story.account, refused + HOUR);
        let now = again.mint(st, refused + HOUR + 4 * SECOND);
        codex.store("auth.json", &again, &now, now.issued + 14);
    }
    codex.finish(home);
    story.hermes(st, home, |hermes| {
        let next = story.login.mint(st, story.past(-2 * MINUTE));
        hermes.refreshed(&next, next.issued + 900);
        [3 * SECOND, HOUR, DAY].into_iter().for_each(|after| hermes.ask(next.issued + after, H::Done));
    });
}

pub(super) const WITHHELD: Scenario = Scenario {
    name: "store-of-the-usual-home-withheld-another-home-refused",
    happened: "Hermes exchanged the pair that it had taken over from Codex as that ended. A minute later Codex was refused in a second home, \
               with a login of its own. Neither store of Codex is among the files; rollouts of both homes are.",
    conclusion: "Hermes takes over what stands in the usual home, and rollouts show that there is one: what it exchanged says nothing of the \
                 second home, whose login no record shows. Open.",
    hours: 2,
    expected: &[CODEX_OPEN],
    play: |st, home| play(st, home, Left { usual: true, second: false }),
};

pub(super) const WITHHELD_LOGGED_IN_SINCE: Scenario = Scenario {
    name: "store-of-the-usual-home-withheld-another-home-logged-in-since",
    happened: "The same, but the store of the second home is there, with a login that was made after the refusals.",
    conclusion: "That it is the only store of Codex among the files does not make it the one that Hermes took the pair from. Open.",
    hours: 2,
    expected: &[CODEX_OPEN],
    play: |st, home| play(st, home, Left { usual: true, second: true }),
};

pub(super) const UNUSUAL_ALONE: Scenario = Scenario {
    name: "store-of-an-unusual-home-withheld",
    happened: "The same, but no file of the usual home is there at all, and no store of the second one.",
    conclusion: "That Hermes took the pair over from Codex names no folder, and Codex looks into this one only where it is told to: no record \
                 ties it to the pair. Open.",
    hours: 2,
    expected: &[CODEX_OPEN],
    play: |st, home| play(st, home, Left { usual: false, second: false }),
};
