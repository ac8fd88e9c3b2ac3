//! A logout of which a shell tells and nothing else, and a logout and a login of one home in a row, which are no
//! rivals: whichever ended the login, it was that program.
//!
//! The stories of [`super::lives`]: Codex and Hermes share the login of 8 June, Hermes answers on 10 June at 09:10
//! and is refused at 09:35.

use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::home::Home;
use super::super::super::openclaw::Answer as O;
use super::super::super::stage::Stage;
use super::super::super::token::Grant;
use super::super::{Scenario, Verdict};
use super::lives::{LOGOUT, claw, codex, hermes, login, on, typed};
use super::under_way::LOGIN;

/// As a guess.
const fn perhaps(verdict: Verdict) -> Verdict {
    Verdict { confidence: ("possible", "possible"), ..verdict }
}

pub(super) const NOTHING_LEFT: Scenario = Scenario {
    name: "logout-that-left-no-store",
    happened: "`codex logout` (0.130) was typed at 09:32:40 and deleted `~/.codex/auth.json`; nobody kept a copy. OpenClaw was refused at \
               09:34 and Hermes at 09:35.",
    conclusion: "The home is there and has lost its login three minutes before. Of which account that was no file says: possible.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 1..=1, ..perhaps(LOGOUT) }, perhaps(LOGOUT)],
    play: |st, home| {
        let (_, old, pair) = login(st);
        codex(st, home, Era::V130, &[], &[&[(on("08:40:00"), C::Done)]]);
        typed(home, &[(on("09:32:40"), "codex logout")]);
        claw(st, home, &old, &pair, &[("09:11:00", O::Done), ("09:34:00", O::Invalidated)]);
        hermes(st, home, &old, &pair);
    },
};

pub(super) const NO_HOME: Scenario = Scenario {
    name: "logout-in-a-home-that-was-not-given",
    happened: "As `logout-that-left-no-store`, and the folder of Codex was not passed on.",
    conclusion: "The logout is on record all the same: that the server did it by itself is no more than as possible.",
    hours: 2,
    expected: &[perhaps(LOGOUT)],
    play: |st, home| {
        let (_, old, pair) = login(st);
        typed(home, &[(on("09:32:40"), "codex logout")]);
        hermes(st, home, &old, &pair);
    },
};

/// Codex was logged out at the one time and completed a login at the other, in whichever order.
fn in_row(st: &Stage, home: &mut Home, era: Era, times: (&str, &str), has_copy: bool) {
    let ((account, old, pair), (logout, done)) = (&login(st), (on(times.0), on(times.1)));
    let new = Grant::new(st, account, done - 6_000);
    let mut codex = CodexHome::new(st, ".codex", era);
    if has_copy {
        codex.store("auth.json.bak", old, pair, pair.issued + 402);
    }
    codex.thread(Front::Tui, &[(on("08:40:00"), C::Done)]);
    codex.login(done - 24_000, done + 300);
    if logout < done {
        codex.store("auth.json", &new, &new.mint(st, done), done + 402);
        codex.thread(Front::Tui, &[(on("09:40:00"), C::Done), (on("11:33:00"), C::Done)]);
    }
    codex.finish(home);
    typed(home, &[(logout, "codex logout")]);
    hermes(st, home, old, pair);
}

pub(super) const LOGOUT_THEN_LOGIN: Scenario = Scenario {
    name: "logout-and-login-in-a-row",
    happened: "`codex logout` (0.130) was typed at 09:33:05, as its message asks for, and Codex logged in anew at 09:33:50.",
    conclusion: "0.130 revokes at logout and not at login, and after its logout it held nothing of that login. Both are acts of one \
                 program, so that the second takes nothing from the first.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "very_likely"), ..LOGOUT }],
    play: |st, home| in_row(st, home, Era::V130, ("09:33:05", "09:33:50"), true),
};

pub(super) const LOGOUT_THEN_LOGIN_NO_COPY: Scenario = Scenario {
    name: "logout-and-login-in-a-row-and-no-copy",
    happened: "As `logout-and-login-in-a-row`, with Codex 0.169, and nobody kept a copy of the old store.",
    conclusion: "0.169 revokes at both. The logout came first, and left nothing for the login to revoke. That Hermes held the very login of \
                 that home no claim says: likely.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "likely"), ..LOGOUT }],
    play: |st, home| in_row(st, home, Era::V169, ("09:33:05", "09:33:50"), false),
};

pub(super) const IDLE_LOGOUT_THEN_LOGIN: Scenario = Scenario {
    name: "harmless-logout-and-login-in-a-row",
    happened: "As `logout-and-login-in-a-row`, with Codex 0.98.",
    conclusion: "0.98 revokes nothing, at logout or at login. What is left is that the provider ends the account's older login with a new \
                 one: possible.",
    hours: 2,
    expected: &[perhaps(LOGIN)],
    play: |st, home| in_row(st, home, Era::V098, ("09:33:05", "09:33:50"), true),
};

pub(super) const LOGIN_THEN_LOGOUT: Scenario = Scenario {
    name: "login-and-logout-in-a-row",
    happened: "Codex 0.169 was logged in anew at 09:31:10; `codex logout` was typed at 09:32:20, because that was the wrong workspace.",
    conclusion: "The login had ended the shared one; the logout ended what the login had brought.",
    hours: 2,
    expected: &[Verdict { confidence: ("likely", "very_likely"), ..LOGIN }],
    play: |st, home| in_row(st, home, Era::V169, ("09:32:20", "09:31:10"), true),
};
