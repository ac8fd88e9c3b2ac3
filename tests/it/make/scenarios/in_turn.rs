//! Scenarios in which two clients on one account shut each other out in turn.

use super::super::clock::{HOUR, MINUTE, SECOND, utc};
use super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front, LIMIT_HIT, WAS_REVOKED};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::stage::Stage;
use super::super::token::{Account, Grant, Pair};
use super::{Scenario, Verdict};

/// Each login ends the other's.
pub(super) const LOGINS: Scenario = Scenario {
    name: "logins-in-turn",
    happened: "Hermes 0.13 and Codex 0.169 each have a login of their own on one account, and each new login ended the other's: Codex \
               logged in on 3 November at 08:00, Hermes was refused at 09:10 and logged in at 12:00, Codex was refused at 14:00 and logged \
               in on the 4th at 08:00, Hermes was refused at 09:10 and logged in at 12:00, Codex was refused at 14:00.",
    conclusion: "Four times a login of one is followed by the first failure of the other, which had worked until then, and each then logs \
                 in itself. One matter, not four: neither is at fault alone, and another login makes the next turn.",
    hours: 1,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "revoked",
        root_cause: "auth_ping_pong",
        actor: None,
        confidence: ("likely", "very_likely"),
        failed_turns: 8..=8,
    }],
    play: |st, home| in_turn(st, home, &Story { days: 2, ..PLAIN }),
};

/// What differs between the stories of two clients that log in in turn.
pub(super) struct Story {
    /// How many days it goes on, with two logins and two failures each.
    pub days: i64,
    /// The last day ends before Codex fails.
    pub cut: bool,
    /// Each has an account of its own.
    pub accounts: bool,
    /// The failures are those of a limit.
    pub limited: bool,
}

/// Nothing out of the way.
pub(super) const PLAIN: Story = Story { days: 2, cut: false, accounts: false, limited: false };

/// Codex logs in at 08:00 each day, Hermes at 12:00; Hermes fails at 09:10, Codex at 14:00.
pub(super) fn in_turn(st: &Stage, home: &mut Home, story: &Story) {
    let account = Account::new(st);
    let other = if story.accounts { Account::new(st) } else { account.clone() };
    let login = |account: &Account, done: i64| {
        let grant = Grant::new(st, account, done - 6 * SECOND);
        let pair = grant.mint(st, done);
        (grant, pair, done)
    };
    let (begin, day) = (utc("2026-11-03 00:00:00"), 24 * HOUR);
    let mornings: Vec<i64> = (0..story.days).map(|n| begin + n * day + 8 * HOUR + 17 * SECOND).collect();
    let noons: Vec<i64> = mornings.iter().map(|at| at + 4 * HOUR + 3 * MINUTE).collect();
    let stays = |at: i64| story.cut && mornings.last().is_some_and(|last| at >= *last);

    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    let first = login(&account, begin - 5 * day);
    codex.store("auth.json.bak", &first.0, &first.1, first.2 + 312);
    codex.logins(&mornings.iter().map(|done| (done - 26 * SECOND, *done)).collect::<Vec<_>>());
    let newest = login(&account, mornings[mornings.len() - 1]);
    codex.store("auth.json", &newest.0, &newest.1, newest.2 + 312);
    let refused = if story.limited { LIMIT_HIT } else { WAS_REVOKED };
    for done in &mornings {
        codex.thread(Front::Tui, &[(done + MINUTE, C::Done), (done + 3 * HOUR, C::Done)]);
        if !stays(*done) {
            codex.thread(Front::Tui, &[(done + 6 * HOUR, refused), (done + 6 * HOUR + 9 * MINUTE, refused)]);
        }
    }
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, begin - 2 * day);
    let own = login(&other, begin - 2 * day + HOUR);
    hermes.own_login(&own.0, &own.1, own.2 + 480);
    hermes.ask(begin - day + 9 * HOUR, H::Done);
    for (done, noon) in mornings.iter().zip(&noons) {
        hermes.ask(done - HOUR, H::Done);
        let answer = if story.limited { H::UsageLimit(done + 2 * HOUR) } else { H::Invalidated };
        [70, 95].into_iter().for_each(|minutes| hermes.ask(done + minutes * MINUTE, answer));
        hermes.snapshot(noon - 10 * MINUTE + 117, "before-login");
        if !stays(*done) {
            let own = login(&other, *noon);
            hermes.own_login(&own.0, &own.1, own.2 + 480);
            hermes.ask(noon + 2 * MINUTE, H::Done);
        }
    }
    hermes.finish(home);
}

/// One takes over, the other logs in.
pub(super) const ADOPTIONS: Scenario = Scenario {
    name: "adoption-and-login-in-turn",
    happened: "Hermes 0.19 heals itself: when its refresh is refused it takes over the pair of `~/.codex/auth.json`, and refreshes that \
               one later. Codex 0.169 then finds its refresh token used and is logged in anew, which ends the login that Hermes uses; \
               Hermes heals itself again. Three times from 9 to 11 November; no turn of Hermes failed.",
    conclusion: "Hermes' log has three adoptions, each followed within hours by Codex' refusal (\"already used\"); Codex' login log has \
                 three logins, the last two each followed by Hermes' next adoption. What Hermes refreshes is what Codex still holds: the \
                 refresh token is spent in turn.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "consumed",
        root_cause: "auth_ping_pong",
        actor: None,
        confidence: ("likely", "very_likely"),
        failed_turns: 6..=6,
    }],
    play: adoptions,
};

fn adoptions(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let day = |n: i64| utc("2026-11-09 00:00:00") + n * 24 * HOUR;
    let logins: Vec<(Grant, Pair)> = (0..3)
        .map(|n| {
            let grant = Grant::new(st, &account, day(n) + 7 * HOUR);
            let pair = grant.mint(st, day(n) + 7 * HOUR + 8 * SECOND);
            (grant, pair)
        })
        .collect();

    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.logins(&logins.iter().map(|(_, pair)| (pair.issued - 31 * SECOND, pair.issued + 120)).collect::<Vec<_>>());
    for (name, (grant, pair)) in ["auth.json.bak1", "auth.json.bak2", "auth.json"].into_iter().zip(&logins) {
        codex.store(name, grant, pair, pair.issued + 140);
    }
    for (_, pair) in &logins {
        codex.thread(Front::Tui, &[(pair.issued + MINUTE, C::Done), (pair.issued + HOUR, C::Done)]);
        codex.thread(Front::Tui, &[(pair.issued + 8 * HOUR, ALREADY_USED), (pair.issued + 9 * HOUR, ALREADY_USED)]);
    }
    codex.finish(home);

    let own = Grant::new(st, &account, day(-9));
    let mut hermes = Hermes::start(st, Version::G019, day(-9) + HOUR);
    hermes.own_login(&own, &own.mint(st, day(-9) + 4 * SECOND), day(-9) + 4 * SECOND + 731);
    hermes.ask(day(-8) + 10 * HOUR, H::Done);
    hermes.snapshot(day(-8) + 11 * HOUR + 219, "weekly");
    for (n, (grant, pair)) in logins.iter().enumerate() {
        let taken = day(n as i64) + 10 * HOUR;
        hermes.recovered_from_codex(grant, pair, taken);
        hermes.ask(taken + SECOND, H::Done);
        hermes.snapshot(taken + 10 * MINUTE + 219, "taken-over");
        let newer = grant.mint(st, taken + 2 * HOUR);
        hermes.refreshed(&newer, taken + 2 * HOUR + 417);
        hermes.ask(taken + 2 * HOUR + SECOND, H::Done);
        hermes.snapshot(taken + 3 * HOUR + 219, "refreshed");
    }
    hermes.finish(home);
}

/// Something outside puts pairs into both stores.
pub(super) const VAULT: Scenario = Scenario {
    name: "vault-switch-in-turn",
    happened: "An account switcher keeps one login for Hermes 0.13 and Codex 0.169 and puts the pair that it saw last into the store of the \
               program that is started next. Each refreshes what it was given, which leaves the other with a used refresh token: Hermes \
               was refused on 20 October, Codex on the 21st, Hermes on the 22nd, Codex on the 23rd.",
    conclusion: "One login session, four rotations in turn, each followed by the other's refusal (\"already used\"). After its refusal each \
                 program had a good pair of that login again without a login or an adoption of its own on record: something outside both \
                 puts pairs into their stores.",
    hours: 1,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "auth_ping_pong",
        actor: None,
        confidence: ("likely", "very_likely"),
        failed_turns: 8..=8,
    }],
    play: vault,
};

fn vault(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let day = |n: i64| utc("2026-10-20 00:00:00") + n * 24 * HOUR;
    let login = Grant::new(st, &account, day(-12));
    let first = login.mint(st, day(-9));
    // Codex refreshes on the even days, Hermes on the odd ones.
    let pairs: Vec<Pair> = (0..4).map(|n| login.mint(st, day(n) + 8 * HOUR)).collect();

    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json.bak1", &login, &first, first.issued + 612);
    codex.store("auth.json.bak2", &login, &pairs[0], pairs[0].issued + 612);
    codex.store("auth.json", &login, &pairs[2], pairs[2].issued + 612);
    for n in [0, 2] {
        codex.thread(Front::Tui, &[(day(n) + 8 * HOUR + SECOND, C::Done), (day(n) + 17 * HOUR, C::Done)]);
        codex.thread(Front::Tui, &[(day(n + 1) + 15 * HOUR, ALREADY_USED), (day(n + 1) + 16 * HOUR, ALREADY_USED)]);
    }
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, day(-9) + HOUR);
    hermes.imported_from_codex(&login, &first, day(-9) + 2 * HOUR);
    hermes.ask(day(-1) + 10 * HOUR, H::Done);
    for n in [0, 2] {
        [9, 11].into_iter().for_each(|hour| hermes.ask(day(n) + hour * HOUR, H::AlreadyConsumed));
        hermes.snapshot(day(n) + 12 * HOUR + 219, "refused");
        let newer = &pairs[n as usize + 1];
        hermes.imported_from_codex(&login, newer, newer.issued + 417);
        hermes.ask(newer.issued + SECOND, H::Done);
        hermes.snapshot(newer.issued + HOUR + 219, "works");
    }
    hermes.finish(home);
}
