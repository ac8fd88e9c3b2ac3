//! Scenarios of more than one machine, each in a folder of its own, and of a machine whose clock is wrong.

use super::super::clock::{DAY, HOUR, utc};
use super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::{Scenario, Verdict};

/// The seed issue over two machines (C1, A1).
pub(super) const FOUNDING: Scenario = Scenario {
    name: "hosts-founding",
    happened: "A laptop (`host-a`) and a rented server (`host-b`). On 12 May `auth.json` of Codex was copied from the one to the other, \
               where Hermes 0.13 imported it. On 22 May both access tokens ended at 07:41:09 UTC; Codex on the laptop refreshed at \
               07:41:52, and Hermes on the server met `refresh_token_reused` from 08:20:31 on.",
    conclusion: "A backup of `~/.codex/auth.json` on the laptop holds the refresh token that Hermes on the server still holds, the \
                 current one its successor of the same login session. It was issued 39 minutes before the first refusal: more than \
                 two machines' clocks are apart, and the server's own was never measured. Codex on the laptop spent the token.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("codex"),
        confidence: ("very_likely", "confirmed"),
        failed_turns: 4..=4,
    }],
    play: founding,
};

fn founding(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-04-08 18:03:11"));
    let shared = login.mint(st, utc("2026-05-12 07:41:09"));
    let newer = login.mint(st, utc("2026-05-22 07:41:52"));
    home.merge_host("host-a", |laptop| {
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &login, &shared, utc("2026-05-12 07:41:10.204"));
        codex.store("auth.json", &login, &newer, utc("2026-05-22 07:41:53.118"));
        codex.thread(Front::Tui, &[(utc("2026-05-21 13:20:04"), C::Done), (utc("2026-05-21 13:31:47"), C::DoneWithCommand)]);
        codex.thread(Front::Tui, &[(utc("2026-05-22 07:41:50.302"), C::Done), (utc("2026-05-22 09:34:12"), C::Done)]);
        codex.finish(laptop);
    });
    home.merge_host("host-b", |server| {
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
        hermes.imported_from_codex(&login, &shared, utc("2026-05-12 19:05:31.402"));
        hermes.ask(utc("2026-05-18 06:12:10"), H::Done);
        hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
        for (at, answer) in [
            ("2026-05-20 07:15:33", H::DoneWithTool),
            ("2026-05-22 06:55:40", H::Done),
            ("2026-05-22 08:20:31", H::AlreadyConsumed),
            ("2026-05-22 08:47:05", H::AlreadyConsumed),
            ("2026-05-22 14:15:09", H::AlreadyConsumed),
            ("2026-05-23 06:02:11", H::AlreadyConsumed),
        ] {
            hermes.ask(utc(at), answer);
        }
        hermes.finish(server);
    });
}

/// A logout on one machine ends the login on all (E1, E2).
pub(super) const LOGOUT: Scenario = Scenario {
    name: "hosts-logout",
    happened: "Codex 0.130 on a laptop (`host-a`), and Hermes 0.13 on a server (`host-b`) that had imported a copy of its login on \
               24 May. On 28 May at 10:05 UTC the owner ran `codex logout` on the laptop, which the shell there has on record. \
               Hermes was refused with `token_invalidated` from its next message at 10:29 on.",
    conclusion: "The shell of the laptop has the logout between the server's last success and its first refusal, the token file is \
                 gone from a home that is otherwise there, and its backup holds the very pair that Hermes holds. 24 minutes lie \
                 between the two, far more than the clocks of two machines are apart. The logout on the laptop ended the login of \
                 the server.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "revoked",
        root_cause: "sibling_logout",
        actor: Some("codex"),
        confidence: ("likely", "confirmed"),
        failed_turns: 3..=3,
    }],
    play: logout,
};

fn logout(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-05-13 11:40:08"));
    let shared = login.mint(st, utc("2026-05-23 11:41:30"));
    home.merge_host("host-a", |laptop| {
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.store("auth.json.bak", &login, &shared, utc("2026-05-23 11:41:30.977"));
        codex.thread(Front::Tui, &[(utc("2026-05-27 16:02:13"), C::Done), (utc("2026-05-28 09:40:50"), C::Done)]);
        codex.finish(laptop);
        let at = utc("2026-05-28 10:05:04");
        laptop.put(".zsh_history", format!(": {}:0;git status\n: {}:1;codex logout\n", at / 1000 - 71, at / 1000), at);
    });
    home.merge_host("host-b", |server| {
        let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-25 06:00:00"));
        hermes.imported_from_codex(&login, &shared, utc("2026-05-24 08:10:19.233"));
        hermes.ask(utc("2026-05-25 06:30:45"), H::Done);
        hermes.snapshot(utc("2026-05-25 06:40:12.451"), "weekly");
        for (at, answer) in [
            ("2026-05-27 19:11:20", H::DoneWithTool),
            ("2026-05-28 09:52:33", H::Done),
            ("2026-05-28 10:29:12", H::Invalidated),
            ("2026-05-28 11:45:06", H::Invalidated),
            ("2026-05-28 15:20:27", H::Invalidated),
        ] {
            hermes.ask(utc(at), answer);
        }
        hermes.finish(server);
    });
}

/// By how much the clock of the virtual machine was behind.
const BEHIND: i64 = HOUR;

/// A clock that stood still (D5 without its lost refresh; §3.3).
pub(super) const CLOCK_WRONG: Scenario = Scenario {
    name: "clock-wrong",
    happened: "A virtual machine was suspended on 20 May and woke up with its clock an hour behind. OpenClaw 2026.5.7 on it has a \
               login of its own, whose access token ended on 22 May at 09:00:33 UTC; its clock then said 08:00. It renews five minutes \
               before the end by its clock and at no other time, so that every turn from 09:10 on (08:10 by its clock) was refused \
               with `token_expired`. Two homes of Codex on the machine, on logins of their own, had refreshed on 21 May.",
    conclusion: "Both homes of Codex have a `last_refresh` that is an hour before their token's own issue time: the machine's clock is an \
                 hour behind. OpenClaw's token ends after the refusals by that clock and before them by the server's, and OpenClaw \
                 did not renew it. Nobody spent or revoked anything; the clock is wrong, as far as stamps can show.",
    hours: 2,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "expired",
        root_cause: "clock_wrong",
        actor: None,
        confidence: ("possible", "likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| suspended(st, home, BEHIND),
};

/// The machine of [`CLOCK_WRONG`], with a clock that is so many ms behind.
pub(super) fn suspended(st: &Stage, home: &mut Home, behind: i64) {
    let account = Account::new(st);
    let says = |at: &str| utc(at) - behind;
    for (folder, first) in [(".codex", "2026-05-21 07:12:20"), (".codex-work", "2026-05-21 16:40:02")] {
        let login = Grant::new(st, &Account::new(st), utc("2026-05-02 10:11:12"));
        let mut codex = CodexHome::new(st, folder, Era::V130);
        codex.store("auth.json", &login, &login.mint(st, utc(first)), says(first) + 870);
        codex.thread(Front::Tui, &[(says(first) - 1_400, C::Done), (says("2026-05-22 08:30:00"), C::Done)]);
        codex.finish(home);
    }
    let own = Grant::new(st, &account, utc("2026-05-12 09:00:10"));
    let pair = own.mint(st, utc("2026-05-22 09:00:33") - 10 * DAY);
    let mut claw = OpenClaw::start(st, says("2026-05-21 05:20:00"), CODEX_MODEL);
    claw.store().own_login(&own, &pair, pair.issued + 640);
    let chat = claw.session();
    for (at, answer) in [
        ("2026-05-21 09:41:22", O::Done),
        ("2026-05-21 18:12:40", O::DoneWithTool),
        ("2026-05-22 08:45:03", O::Done),
        ("2026-05-22 09:10:30", O::Expired),
        ("2026-05-22 09:19:50", O::Expired),
        ("2026-05-22 09:31:11", O::Expired),
    ] {
        claw.ask(chat, says(at), answer);
    }
    claw.finish(home);
}
