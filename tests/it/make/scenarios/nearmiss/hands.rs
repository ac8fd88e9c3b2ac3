//! By whose hand a token was exchanged that several programs hold: what a log says of another program's store,
//! and attempts of which no result is on record.

use super::super::super::clock::{DAY, HOUR, MINUTE, SECOND, utc};
use super::super::super::codex::{ALREADY_USED, Answer as C, CodexHome, Era, Front, Rows};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::opencode::opencode;
use super::super::super::stage::Stage;
use super::super::super::token::{Account, Grant, Pair};
use super::super::props::{logged, reworded};
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, PERHAPS_CODEX, codex_home, refused_hermes, shared_login};

const OPENCLAW: Verdict = Verdict { actor: Some("openclaw"), confidence: ("likely", "very_likely"), ..PERHAPS_CODEX };

/// OpenClaw 2026.4.14 of the same home, which says something of its credentials at a time.
fn openclaw(st: &Stage, home: &mut Home, (login, pair): (&Grant, &Pair), at: i64, (level, text): (&str, &str)) {
    let mut openclaw = OpenClaw::start(st, at - HOUR, CODEX_MODEL);
    openclaw.store().own_login(login, pair, pair.issued + 610);
    openclaw.said(at, level, text);
    let session = openclaw.session();
    for after in [MINUTE, DAY] {
        openclaw.ask(session, at + after, O::Done);
    }
    openclaw.finish(home);
    reworded(home, |path| path.ends_with("openclaw.json"), "2026.5.7", "2026.4.14");
}

const WROTE_BACK: &str = "wrote refreshed credentials to codex cli file";

/// Codex' store goes from the shared pair to that of 17 May, which OpenClaw says it wrote there.
fn written_back(st: &Stage, home: &mut Home, is_stamped: bool) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let (written, now) = (login.mint(st, utc("2026-05-17 14:10:00")), login.mint(st, utc("2026-05-20 06:30:00")));
    let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &written)];
    codex_home(st, home, ".codex", &stores, &["2026-05-17 15:00:00", "2026-05-22 12:00:00"]);
    if is_stamped {
        home.change(".codex/auth.json", |text| three_digits(&text));
    }
    openclaw(st, home, (&login, &now), written.issued + 950, ("INFO", WROTE_BACK));
    refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
}

/// `last_refresh` as JavaScript writes it.
fn three_digits(text: &str) -> String {
    let at = text.find("\"last_refresh\": \"").unwrap() + "\"last_refresh\": \"2026-05-17T14:10:00.123".len();
    format!("{}{}", &text[..at], &text[at + 6..])
}

pub(super) const REFRESHED_AGAIN_SINCE: Scenario = Scenario {
    name: "wrote-back-and-refreshed-again",
    happened: "OpenClaw 2026.4.14 refreshed the login that it shares with Codex and Hermes on 17 May, wrote the pair back into Codex' store, \
               and refreshed once more on 20 May. Its own store shows its latest pair alone.",
    conclusion: "Codex' store has the chain, and OpenClaw's log says by whose hand, as do the three digits of the stamp: OpenClaw exchanged \
                 the token on 17 May. What its store holds since makes no difference.",
    hours: 2,
    expected: &[OPENCLAW],
    play: |st, home| written_back(st, home, true),
};

pub(super) const WRITER_WITHOUT_STORE: Scenario = Scenario {
    name: "wrote-back-and-its-store-is-missing",
    happened: "As before, but of OpenClaw nothing is left except its log.",
    conclusion: "Its log still says that it refreshed and wrote the pair that Codex' store shows. Its own store would add \
                 nothing to that.",
    hours: 2,
    expected: &[OPENCLAW],
    play: |st, home| {
        written_back(st, home, true);
        home.keep(|path| !path.starts_with(".openclaw/"));
    },
};

pub(super) const OWN_STAMP: Scenario = Scenario {
    name: "wrote-back-and-the-stamp-is-codex-s",
    happened: "As in the first of these, but the pair in Codex' store bears a stamp of nine digits: by the log OpenClaw wrote it, by the stamp \
               Codex.",
    conclusion: "The two records contradict each other: nobody can be named.",
    hours: 2,
    expected: &[OPEN],
    play: |st, home| written_back(st, home, false),
};

pub(super) const TRIED_BY_ANOTHER: Scenario = Scenario {
    name: "unanswered-beside-a-refresh-that-was-lost",
    happened: "OpenClaw, Codex 0.169 and Hermes hold one pair. On 20 May OpenClaw refreshed it and could not write the result; the day after \
               a refresh of Codex met a 503.",
    conclusion: "OpenClaw's refresh worked, so that Codex' attempt came too late to spend anything. Codex' own failed turns leave open what \
                 became of its token.",
    hours: 2,
    expected: &[
        Verdict { victim: "codex", mechanism: "undetermined", failed_turns: 0..=0, ..OPEN },
        Verdict { confidence: ("likely", "likely"), ..OPENCLAW },
    ],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let lost = ("WARN", "failed to persist refreshed codex credentials back to Codex storage");
        openclaw(st, home, (&login, &shared), utc("2026-05-20 16:45:10.250"), lost);
        let mut codex = CodexHome::new(st, ".codex", Era::V169);
        codex.store("auth.json", &login, &shared, shared.issued + 914);
        codex.thread(Front::Tui, &[(utc("2026-05-19 11:20:00"), C::Done)]);
        let mut rows = Rows::of(st, Front::Tui, utc("2026-05-21 09:10:00"));
        rows.failed(utc("2026-05-21 09:12:30.417"), "503 Service Unavailable");
        codex.logs(rows);
        codex.finish(home);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};

/// opencode holds the pair that Codex was refused with, and its log has this behind what it says of its start.
fn opencode_beside(st: &Stage, home: &mut Home, lines: &[(&str, &str)]) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    codex.store("auth.json", &login, &shared, shared.issued + 914);
    codex.thread(Front::Tui, &[(utc("2026-05-19 11:20:00"), C::Done)]);
    codex.thread(Front::Tui, &[(utc(FAILED), ALREADY_USED), (utc(FAILED) + HOUR, ALREADY_USED)]);
    codex.finish(home);
    opencode(st, home, &login, &shared, shared.issued - 30 * SECOND, shared.issued + 606);
    let path = home.files().map(|(path, _)| path.to_owned()).find(|path| path.contains("opencode/log/")).unwrap();
    let lines: Vec<String> = lines.iter().map(|(level, rest)| format!("{level:<5} {rest}")).collect();
    logged(home, &path, &lines);
}

const BEGUN: (&str, &str) = ("INFO", "2026-05-21T19:31:07 +412ms service=plugin.codex refreshing codex access token");

pub(super) const BEGUN_NEXT_DOOR: Scenario = Scenario {
    name: "refresh-begun-next-door",
    happened: "Codex and opencode hold one pair. opencode began a refresh on 21 May and never stored a result; Codex was refused on the 22nd.",
    conclusion: "opencode's log has the attempt and no failure of it, and it never says that one worked. No other record shows a use of the \
                 token: opencode is possible, and no more.",
    hours: 2,
    expected: &[Verdict { victim: "codex", actor: Some("opencode"), failed_turns: 2..=2, ..PERHAPS_CODEX }],
    play: |st, home| opencode_beside(st, home, &[BEGUN]),
};

pub(super) const BEGUN_AND_REFUSED: Scenario = Scenario {
    name: "refresh-begun-next-door-and-refused",
    happened: "As before, but opencode's refresh was refused: something unseen had spent the token by then.",
    conclusion: "An attempt that was refused spent nothing. Neither holder did it.",
    hours: 2,
    expected: &[
        Verdict { victim: "opencode", mechanism: "undetermined", failed_turns: 0..=0, ..OPEN },
        Verdict { victim: "codex", failed_turns: 2..=2, ..super::UNSEEN },
    ],
    play: |st, home| {
        let refused =
            "2026-05-21T19:31:08 +611ms service=session.processor providerID=openai error=Token refresh failed: 401 stack";
        opencode_beside(st, home, &[BEGUN, ("ERROR", refused)]);
    },
};
