//! Scenarios in which Codex keeps its login in the keyring, so that its log database alone can say
//! whether it refreshed: a log that shows it, one that covers the time and shows nothing, and one
//! whose older rows were dropped.

use super::super::clock::{HOUR, MINUTE, utc};
use super::super::codex::{Answer as C, CodexHome, Era, Front, Rows};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::{Scenario, Verdict};

/// The log proves the refresh that no store shows.
pub(super) const REFRESH: Scenario = Scenario {
    name: "logged-refresh-keyring",
    happened: "Hermes 0.13 had imported the Codex login on 16 May. Codex 0.169 keeps it in the keyring. On 22 May at 07:41:52 UTC \
               the server of the VS Code extension refreshed it; Hermes met `refresh_token_reused` at 08:20:31 and ever after.",
    conclusion: "No file of Codex holds a token. Its log database shows the refresh, in one process, of the account that both use, \
                 between Hermes' import and its first refusal, and Hermes' store is marked as copied from Codex: consumed by a \
                 refresh of Codex, and the process is that of the extension.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "sibling_refresh",
        actor: Some("codex"),
        confidence: ("likely", "confirmed"),
        failed_turns: 4..=4,
    }],
    play: |st, home| play(st, home, Some(utc("2026-05-22 07:41:52.204")), 40 * MINUTE),
};

/// The log covers the time and shows no refresh.
pub(super) const SILENT: Scenario = Scenario {
    name: "logged-silence-keyring",
    happened: "As before, but a usage meter that is not in these files spent the refresh token. The server of the VS Code extension \
               ran all the time, from before Hermes' import on, and did not refresh.",
    conclusion: "The token was spent. Codex' login is out of sight in the keyring, but its one process is covered from before the \
                 import to after the first refusal, nothing was dropped, and no refresh is in it: Codex did not do it, and who \
                 did left no record.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "unrecorded_consumer",
        actor: None,
        confidence: ("likely", "likely"),
        failed_turns: 4..=4,
    }],
    play: |st, home| play(st, home, None, 40 * MINUTE),
};

/// The same, with a log of which the older rows were dropped.
pub(super) const PRUNED: Scenario = Scenario {
    name: "logged-pruned-keyring",
    happened: "As before; the server of the extension was busy, so that its log keeps the last day and a half.",
    conclusion: "The token was spent. What Codex did with its login between the import and that time was not kept, so its silence \
                 says nothing: it is as open as a consumer that left no record.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "consumed",
        root_cause: "undetermined",
        actor: None,
        confidence: ("undetermined", "undetermined"),
        failed_turns: 4..=4,
    }],
    play: |st, home| play(st, home, None, 2 * MINUTE),
};

fn play(st: &Stage, home: &mut Home, refresh: Option<i64>, every: i64) {
    let account = Account::new(st);
    let login = Grant::new(st, &account, utc("2026-04-08 18:03:11"));
    let shared = login.mint(st, utc("2026-05-16 07:41:09"));

    let (start, end) = (utc("2026-05-16 05:30:00"), utc("2026-05-23 06:10:00"));
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.keyring(&account, start);
    for turn in ["2026-05-17 09:12:30", "2026-05-20 14:25:36", "2026-05-22 09:10:31", "2026-05-23 05:55:00"] {
        codex.thread(Front::Vscode, &[(utc(turn), C::Done)]);
    }
    let mut rows = Rows::of(st, Front::Vscode, start);
    rows.beats(start + HOUR, end, every);
    if let Some(at) = refresh {
        rows.refreshed(at, &account);
    }
    codex.logs(rows);
    codex.finish(home);

    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-16 19:00:00"));
    hermes.imported_from_codex(&login, &shared, utc("2026-05-16 19:05:31.402"));
    for (at, answer) in [
        ("2026-05-18 06:12:10", H::Done),
        ("2026-05-20 07:15:33", H::DoneWithTool),
        ("2026-05-22 06:55:40", H::Done),
        ("2026-05-22 08:20:31", H::AlreadyConsumed),
        ("2026-05-22 08:21:50", H::AlreadyConsumed),
        ("2026-05-22 14:15:09", H::AlreadyConsumed),
        ("2026-05-23 06:02:11", H::AlreadyConsumed),
    ] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);
}
