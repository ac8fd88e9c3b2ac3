//! Marks that a store gives a pair of how it came there, where they say less than they seem to: an end that is not
//! counted from the arrival, a stamp that comes late, an `id_token` from before, a hand that is not the store's own.
//! And a pair that was passed on, where the refused token had been dead before.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::{Scenario, Verdict};
use super::adopted::{STORE, moved_on, refused_claw, synced};
use super::{OPEN, codex_home, refused_hermes, shared_login};

const OPEN_CLAW: Verdict = Verdict { victim: "openclaw", failed_turns: 0..=3, ..OPEN };

pub(super) const DEAD_AND_PASSED_ON: Scenario = Scenario {
    name: "copy-of-a-pair-whose-successor-was-passed-on",
    happened: "Codex refreshed on 13 May, and OpenClaw took the new pair over from it that afternoon. On 15 May a backup of the older pair was \
               put into Hermes' store, which worked until that access token ended.",
    conclusion: "The token had been exchanged two days before Hermes came to hold it. That OpenClaw had the next pair from Codex tells \
                 whose that was, and no more: Hermes presented a copy that was dead already.",
    hours: 2,
    expected: &[Verdict { root_cause: "stale_copy_replay", actor: Some("hermes"), confidence: ("likely", "likely"), ..OPEN }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let next = login.mint(st, utc("2026-05-13 09:50:12"));
        synced(st, home, &login, (&shared, &next), Some(next.issued + 4 * HOUR));
        let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &next)];
        codex_home(st, home, ".codex", &stores, &["2026-05-13 09:50:13", "2026-05-16 10:00:00"]);
        refused_hermes(st, home, &login, &shared, utc("2026-05-15 12:31:40"), true);
    },
};

/// The end that OpenClaw's store gives, other than the token's.
fn ends(home: &mut Home, pair: &Pair, end: i64) {
    home.change(STORE, |text| text.replace(&pair.expires.to_string(), &end.to_string()));
}

pub(super) const END_BY_THE_HOUR: Scenario = Scenario {
    name: "imported-with-an-end-of-an-hour",
    happened: "Codex, OpenClaw and Hermes shared one pair. Codex refreshed on 19 May and OpenClaw took the new pair over; it could not read \
               when that ends, and noted an hour from the time of Codex' file. No log tells of it, and Codex has refreshed again since.",
    conclusion: "A refresh of OpenClaw's own gives the life of the token, counted from the arrival. An end nine days before the token's is \
                 that of an import: which of the two exchanged the shared token is open.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let next = login.mint(st, utc("2026-05-19 13:41:07"));
        synced(st, home, &login, (&shared, &next), None);
        ends(home, &next, next.issued + HOUR + 702);
        moved_on(st, home, &login, &next);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};

/// Hermes holds the shared pair and the next one, which its store dates so long after the issue, as it does the
/// shared one; OpenClaw is refused.
fn stamped(st: &Stage, home: &mut Home, (before, after): (i64, i64)) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let next = login.mint(st, utc("2026-05-19 04:12:33"));
    let mut hermes = Hermes::start(st, Version::V019, shared.issued + HOUR);
    hermes.own_login(&login, &shared, shared.issued + before);
    hermes.ask(shared.issued + 3 * HOUR, H::Done);
    hermes.snapshot(shared.issued + 4 * HOUR + 870, "weekly");
    hermes.refreshed(&next, next.issued + after);
    hermes.ask(next.issued + after + HOUR, H::Done);
    hermes.finish(home);
    let failed = shared.expires + 40 * SECOND;
    refused_claw(st, home, &login, &shared, [failed, failed + 31 * MINUTE, failed + 4 * HOUR]);
}

pub(super) const STAMPED_LATE: Scenario = Scenario {
    name: "stamped-hours-after-the-issue",
    happened: "OpenClaw was refused when the shared token ended. Hermes' store shows the next pair, of three days before, which it dates five hours after its issue; \
               a snapshot the shared one, dated nine minutes after that. Nothing was read of Codex, from where it had both.",
    conclusion: "A program stamps what it receives on arrival, and what it takes over when it does. No record shows how its clock stood: \
                 that Hermes exchanged the token is possible, and no more.",
    hours: 2,
    expected: &[Verdict {
        root_cause: "sibling_refresh",
        actor: Some("hermes"),
        confidence: ("undetermined", "possible"),
        ..OPEN_CLAW
    }],
    play: |st, home| stamped(st, home, (9 * MINUTE, 5 * HOUR)),
};

pub(super) const STAMPED_A_LITTLE_LATE: Scenario = Scenario {
    name: "stamped-some-seconds-after-the-issue",
    happened: "As before, but the store dates the next pair 47 seconds after its issue, and had dated the shared one within half a second.",
    conclusion: "The clock was right, and no answer takes that long: Hermes may have taken over what another program had received.",
    hours: 2,
    expected: &[OPEN_CLAW],
    play: |st, home| stamped(st, home, (480, 47 * SECOND)),
};

/// Codex' store holds the next pair, with a stamp of so many digits, and the `id_token` of `id`.
fn written(st: &Stage, home: &mut Home, login: &Grant, (next, id): (&Pair, &Pair), digits: usize) {
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json", login, next, next.issued + 914);
    codex.thread(Front::Tui, &[(next.issued - 3 * DAY, C::Done), (next.issued + DAY, C::Done)]);
    codex.finish(home);
    home.change(".codex/auth.json", |text| {
        let text = text.replace(&next.id, &id.id);
        let at = text.find("\"last_refresh\"").unwrap();
        let dot = at + text[at..].find('.').unwrap();
        let end = dot + text[dot..].find('Z').unwrap();
        format!("{}{}", &text[..=dot + digits], &text[end..])
    });
}

pub(super) const ID_TOKEN_LEFT: Scenario = Scenario {
    name: "written-back-with-the-old-id-token",
    happened: "Hermes of April 2026 refreshed the login that it shares with Codex and OpenClaw, and wrote access and refresh token back into \
               Codex' store. Codex was idle then. Of Hermes nothing was read.",
    conclusion: "The stamp in Codex' store has six digits, and the `id_token` beside the new access token is from the answer before: Codex \
                 stores all three. Somebody else wrote there, and who is on no record.",
    hours: 2,
    expected: &[OPEN_CLAW],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let next = login.mint(st, shared.expires - 2 * MINUTE);
        written(st, home, &login, (&next, &shared), 6);
        let failed = shared.expires + 40 * SECOND;
        refused_claw(st, home, &login, &shared, [failed, failed + 31 * MINUTE, failed + 4 * HOUR]);
    },
};

pub(super) const FOREIGN_HAND_AND_COPY: Scenario = Scenario {
    name: "taken-over-from-what-another-hand-wrote",
    happened: "A script refreshed the login in Codex' store two minutes before its end. Hermes took the new pair over from there half a minute \
               later, by its log; OpenClaw was refused.",
    conclusion: "Three digits behind the second are not Codex', and Hermes says itself whose pair it took: neither exchanged the token, \
                 by what is on record. Who did is open.",
    hours: 2,
    expected: &[OPEN_CLAW],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let next = login.mint(st, shared.expires - 2 * MINUTE);
        let mut hermes = Hermes::start(st, Version::V019, shared.issued + HOUR);
        hermes.imported_from_codex(&login, &shared, shared.issued + 2 * HOUR);
        hermes.ask(shared.issued + 3 * HOUR, H::Done);
        hermes.snapshot(shared.issued + 4 * HOUR + 870, "weekly");
        hermes.recovered_from_codex(&login, &next, next.issued + 31 * SECOND + 312);
        hermes.ask(next.issued + HOUR, H::Done);
        hermes.finish(home);
        written(st, home, &login, (&next, &next), 3);
        let failed = shared.expires + 40 * SECOND;
        refused_claw(st, home, &login, &shared, [failed, failed + 31 * MINUTE, failed + 4 * HOUR]);
    },
};
