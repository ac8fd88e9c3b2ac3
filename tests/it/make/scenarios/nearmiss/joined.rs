//! Near misses about logs of Hermes that somebody put one behind the other before they were sent: the last lines of
//! each, and all segments from the newest on. The refusals stand in the older, shorter part, behind a newer one,
//! where quoted lines of another machine's log would stand, too.

use super::super::super::clock::{DAY, HOUR, utc};
use super::super::super::hermes::{Answer as H, Hermes, Version};
use super::super::super::home::Home;
use super::super::super::stage::Stage;
use super::super::super::token::Account;
use super::super::{Scenario, Verdict};
use super::{FAILED, OPEN, codex_home, shared_login};

/// Hermes was refused on 22 May, as Codex had spent the shared token; it took the renewed pair over on the next day,
/// and has worked since.
fn refused_and_well_again(st: &Stage, home: &mut Home) {
    let account = Account::new(st);
    let (login, shared) = shared_login(st, &account);
    let renewed = login.mint(st, utc("2026-05-21 19:14:27"));
    let stores = [("auth.json.bak", &login, &shared), ("auth.json", &login, &renewed)];
    codex_home(st, home, ".codex", &stores, &["2026-05-21 19:14:25", "2026-05-22 07:14:25"]);
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
    hermes.imported_from_codex(&login, &shared, shared.issued + 41_000_000);
    for (at, answer) in
        [("2026-05-18 06:12:10", H::Done), (FAILED, H::AlreadyConsumed), ("2026-05-22 08:47:05", H::AlreadyConsumed)]
    {
        hermes.ask(utc(at), answer);
    }
    hermes.imported_from_codex(&login, &renewed, utc("2026-05-23 09:02:00"));
    for at in ["2026-05-23 09:05:31", "2026-05-24 10:16:02", "2026-05-24 11:43:27"] {
        hermes.ask(utc(at), H::Done);
    }
    hermes.finish(home);
}

/// A log that was taken from the home, from a moment on.
fn taken(st: &Stage, home: &Home, log: &str, since: &str) -> String {
    let path = format!(".hermes/logs/{log}");
    let text = home.files().find(|(known, _)| *known == path).map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
    let since = st.clock.python_log(utc(since));
    text.unwrap().lines().skip_while(|line| *line < since.as_str()).map(|line| format!("{line}\n")).collect()
}

/// In the place of all logs, this text.
fn sent(home: &mut Home, name: &str, text: String) {
    home.keep(|path| !path.starts_with(".hermes/logs/") && !path.starts_with(".hermes/sessions/"));
    home.put(format!(".hermes/logs/{name}"), text, utc(FAILED) + 3 * DAY);
}

pub(super) const TAILS: Scenario = Scenario {
    name: "last-lines-of-each-log",
    happened: "Codex had spent the shared token and Hermes was refused twice; it took the new pair over on the next day. Two days later the last \
               lines of each of its logs were sent, in one text.",
    conclusion: "The header of `tail` begins another log: that its lines are older than those above says nothing against them. The \
                 token was spent; which one Hermes presented then, its store does not show any more.",
    hours: 0,
    expected: &[Verdict { failed_turns: 0..=0, ..OPEN }],
    play: |st, home| {
        refused_and_well_again(st, home);
        let (agent, errors) =
            (taken(st, home, "agent.log", "2026-05-24 11:00:00"), taken(st, home, "errors.log", "2026-05-22 00:00:00"));
        sent(home, "last-lines.txt", format!("==> agent.log <==\n{agent}\n==> errors.log <==\n{errors}"));
    },
};

pub(super) const SEGMENTS: Scenario = Scenario {
    name: "newest-segment-first",
    happened: "The same, and the segments of `errors.log` were sent as the shell lists them: the newest first, which ends with the gateway's \
               word that it was stopped.",
    conclusion: "A gateway that stops tells of nothing but itself, and the older segment behind that is the log's own: the token was spent, and \
                 which one Hermes presented is open.",
    hours: 0,
    expected: &[Verdict { failed_turns: 0..=0, ..OPEN }],
    play: |st, home| {
        refused_and_well_again(st, home);
        let errors = taken(st, home, "errors.log", "2026-05-22 00:00:00");
        let stopped = format!(
            "{} WARNING gateway.run: Shutdown context: signal=SIGTERM under_systemd=yes parent_pid=1 parent_name=systemd\n",
            st.clock.python_log(utc(FAILED) + 2 * DAY + 5 * HOUR)
        );
        sent(home, "all-errors.log", stopped + &errors);
    },
};
