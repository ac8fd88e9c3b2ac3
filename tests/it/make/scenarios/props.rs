//! What several scenarios change in a home after its builder has written it: the words of a failure that
//! the builders know only one form of, lines among those of a log, and homes on logins of their own that
//! stand beside as baits. Apart from the builders, since no client leaves these by a rule of its own.

use super::super::clock::{DAY, utc};
use super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::openclaw::{Answer as O, CODEX_MODEL, OpenClaw};
use super::super::stage::Stage;
use super::super::token::{Account, Grant};

/// The words of `O::ServerError`, everywhere.
pub const SERVER_ERROR: &str = "The server had an error while processing your request.";
/// The words of `O::Invalidated` and `H::Invalidated`, everywhere.
pub const INVALIDATED: &str = "Your authentication token has been invalidated. Please try signing in again.";
/// The body of a 401 that gives no reason, as it stands inside a JSON text.
pub const UNAUTHORIZED: &str = "{\\\"detail\\\":\\\"Unauthorized\\\"}";
/// A page of the edge, as it stands inside a JSON text.
pub const BLOCK_PAGE: &str = "<!DOCTYPE html><html lang=\\\"en-US\\\"><head><title>Just a moment...</title></head><body>cf-mitigated: challenge</body></html>";

/// Other words in every file whose path fits.
pub fn reworded(home: &mut Home, fits: impl Fn(&str) -> bool, old: &str, new: &str) {
    let is_text = |path: &str| !path.ends_with(".db") && !path.ends_with(".sqlite");
    let paths: Vec<String> = home.files().map(|(path, _)| path.to_owned()).filter(|path| fits(path) && is_text(path)).collect();
    for path in paths {
        home.change(&path, |text| text.replace(old, new));
    }
}

/// Lines put where their time belongs in a log whose records are single lines that begin with it.
pub fn logged(home: &mut Home, path: &str, lines: &[String]) {
    home.change(path, |text| {
        let mut all: Vec<&str> = text.lines().chain(lines.iter().map(String::as_str)).collect();
        all.sort_by_key(|line| line.chars().take(23).collect::<String>());
        all.iter().map(|line| format!("{line}\n")).collect()
    });
}

/// An OpenClaw home on a login of its own that was renewed at `renewed`, with one conversation.
pub fn claw(st: &Stage, home: &mut Home, account: &Account, renewed: &str, turns: &[(&str, O)]) {
    let own = Grant::new(st, account, utc(renewed) - 3 * DAY);
    let mut claw = OpenClaw::start(st, utc(turns[0].0) - 2 * 60 * 60_000, CODEX_MODEL);
    claw.store().own_login(&own, &own.mint(st, utc(renewed)), utc(renewed) + 840);
    let chat = claw.session();
    turns.iter().for_each(|(at, answer)| claw.ask(chat, utc(at), *answer));
    claw.finish(home);
}

/// The bait of most stories: Codex 0.130 on a login of its own on the same account, renewed at `renewed`.
pub fn codex_beside(st: &Stage, home: &mut Home, account: &Account, renewed: &str) {
    let own = Grant::new(st, account, utc(renewed) - 17 * DAY);
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json.bak", &own, &own.mint(st, utc(renewed) - 10 * DAY), utc(renewed) - 10 * DAY + 731);
    codex.store("auth.json", &own, &own.mint(st, utc(renewed)), utc(renewed) + 731);
    codex.thread(Front::Tui, &[(utc(renewed) - 1_900, C::Done), (utc(renewed) + 6 * 60 * 60_000, C::Done)]);
    codex.finish(home);
}

/// The same for Codex' own stories: Hermes 0.13 on a login of its own on the account, renewed at `renewed`.
pub fn hermes_beside(st: &Stage, home: &mut Home, account: &Account, renewed: &str) {
    let own = Grant::new(st, account, utc(renewed) - 13 * DAY);
    let mut hermes = Hermes::start(st, Version::V013, utc(renewed) - 2 * DAY);
    hermes.own_login(&own, &own.mint(st, utc(renewed) - 9 * DAY), utc(renewed) - 9 * DAY + 402);
    hermes.ask(utc(renewed) - DAY, H::Done);
    hermes.snapshot(utc(renewed) - DAY + 600_000, "weekly");
    hermes.refreshed(&own.mint(st, utc(renewed)), utc(renewed) + 402);
    hermes.ask(utc(renewed) - 300, H::Done);
    hermes.ask(utc(renewed) + 5 * 60 * 60_000, H::Done);
    hermes.finish(home);
}
