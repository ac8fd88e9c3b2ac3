//! Near misses about what belongs together: a log's raw answer and the transcript that has the client's label
//! of it alone, a logout by way of a package runner, and a store that is out of sight.

use super::super::super::clock::{DAY, utc};
use super::super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::super::home::Home;
use super::super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::super::stage::Stage;
use super::super::super::token::Account;
use super::super::ended::{LOGOUT_TYPED, logout_typed};
use super::super::props::{SERVER_ERROR, reworded};
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, UNSEEN, codex_home, refused_hermes, shared_login};

/// What OpenClaw tells its user of any failed connection.
const LABEL: &str = "LLM request failed: DNS lookup for the provider endpoint failed.";

/// The page that it got, as far as its log keeps it.
const PAGE: &str = "403 <html><head><title>403 Forbidden</title></head>";

/// OpenClaw asks four times and fails in between. Its transcripts have the label of the failure and do not name
/// their runs; the gateway's log has the answer and the run.
fn labelled(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let renewed = login.mint(st, utc("2026-05-22 08:14:27"));
    let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &renewed)];
    codex_home(st, home, ".codex", &stores, &["2026-05-22 08:14:25", "2026-05-22 11:14:25"]);
    let mut claw = OpenClaw::start(st, utc("2026-05-22 05:20:00"), CODEX_MODEL);
    claw.store().bootstrapped_from_codex(&login, &shared);
    let chat = claw.session();
    let asked = [
        ("2026-05-22 07:12:40", O::Done),
        (FAILED, O::ServerError),
        ("2026-05-22 08:21:09", O::ServerError),
        ("2026-05-22 09:31:11", O::Done),
    ];
    asked.iter().for_each(|(at, answer)| claw.ask(chat, utc(at), *answer));
    claw.finish(home);
    let in_log = |path: &str| path.starts_with("tmp/openclaw/");
    reworded(home, |path| !in_log(path), SERVER_ERROR, LABEL);
    reworded(home, in_log, &format!("\"error\":\"{SERVER_ERROR}"), &format!("\"error\":\"{LABEL}"));
    reworded(home, in_log, SERVER_ERROR, PAGE);
    let transcripts: Vec<String> = home
        .files()
        .map(|(path, _)| path.to_owned())
        .filter(|path| path.contains("/sessions/") && path.contains(".jsonl"))
        .collect();
    let names_run = |line: &&str| line.contains("\"runId\"");
    for path in transcripts {
        home.change(&path, |text| text.lines().filter(|line| !names_run(line)).map(|line| format!("{line}\n")).collect());
    }
}

pub(super) const LABEL_AND_PAGE: Scenario = Scenario {
    name: "label-in-the-transcript-and-page-in-the-log",
    happened: "A page of the edge answered two requests of OpenClaw, 38 s apart, with 403. Its transcript calls both a failed DNS lookup and \
               names no run; its log has the page, and a run for each. Codex had refreshed the shared login six minutes before.",
    conclusion: "Two turns, each written down twice: the answer that the log kept says what happened, and the label does not. Nobody did \
                 anything to the login that they felt.",
    hours: 0,
    expected: &[Verdict {
        victim: "openclaw",
        mechanism: "not_token",
        root_cause: "edge_block",
        actor: None,
        confidence: ("likely", "confirmed"),
        failed_turns: 2..=2,
    }],
    play: labelled,
};

/// The logout of 28 May, typed in other words.
fn typed(st: &Stage, home: &mut Home, words: &str) {
    logout_typed(st, home, Era::V130, false);
    reworded(home, |path| path.ends_with("history"), "codex logout", words);
}

pub(super) const LOGOUT_BY_A_RUNNER: Scenario = Scenario {
    name: "logout-by-a-package-runner",
    happened: "The logout of 28 May, typed as `npx -y @openai/codex@0.130.0 logout`.",
    conclusion: "A runner of packages runs the same program in the same home: the logout is on record as if it had been typed by name.",
    hours: 2,
    expected: LOGOUT_TYPED.expected,
    play: |st, home| typed(st, home, "npx -y @openai/codex@0.130.0 logout"),
};

const ENDED: Verdict =
    Verdict { mechanism: "revoked", root_cause: "server_revocation", confidence: ("undetermined", "likely"), ..OPEN };

pub(super) const LOGOUT_SPOKEN_OF: Scenario = Scenario {
    name: "logout-that-is-spoken-of",
    happened: "The same files, but what was typed at 10:05:07 is a commit whose message has the command. Something else ended the login.",
    conclusion: "No act of Codex before the refusals is on record; two holders died within two minutes, and that is all.",
    hours: 2,
    expected: &[Verdict { victim: "openclaw", failed_turns: 3..=3, ..ENDED }, Verdict { failed_turns: 2..=2, ..ENDED }],
    play: |st, home| typed(st, home, "git commit -m 'docs; npx @openai/codex logout'"),
};

pub(super) const LOGOUT_OF_ROOT: Scenario = Scenario {
    name: "logout-by-another-user",
    happened: "The same files, but what was typed is `sudo npx @openai/codex logout`: it ran in the home of root, where no login was.",
    conclusion: "Which home it was for is not on record, and so it is no evidence against the Codex of this one.",
    hours: 2,
    expected: LOGOUT_SPOKEN_OF.expected,
    play: |st, home| typed(st, home, "sudo npx @openai/codex logout"),
};

pub(super) const KEYRING_OF_NO_ACCOUNT: Scenario = Scenario {
    name: "store-in-a-keyring-of-no-known-account",
    happened: "Hermes took its login over from Codex, which keeps its own in the system's keyring. Codex 0.130 worked before and after \
               Hermes was refused; no file of it names an account. Something that is not in these files had spent the token.",
    conclusion: "What Codex did with its login is out of sight: it cannot be named, and it cannot be ruled out either. Something without a \
                 record is possible, and no more.",
    hours: 2,
    expected: &[Verdict { confidence: ("undetermined", "possible"), ..UNSEEN }],
    play: |st, home| {
        let account = Account::new(st);
        let (login, shared) = shared_login(st, &account);
        let mut codex = CodexHome::new(st, ".codex", Era::V130);
        codex.keyring(&account, shared.issued - DAY);
        codex.thread(Front::Tui, &["2026-05-19 10:00:00", "2026-05-22 12:00:00"].map(|at| (utc(at), C::Done)));
        codex.finish(home);
        refused_hermes(st, home, &login, &shared, shared.issued + 731, true);
    },
};
