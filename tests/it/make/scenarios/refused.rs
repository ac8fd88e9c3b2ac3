//! Scenarios in which a login was refused and nothing had happened to it: by a provider that refused
//! everybody, by another service, or by what a new version of the client sent.

use super::super::clock::utc;
use super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::openclaw::Answer as O;
use super::super::stage::Stage;
use super::super::token::{Account, Grant};
use super::props::{INVALIDATED, UNAUTHORIZED, claw, codex_beside, hermes_beside, reworded};
use super::{Scenario, Verdict};

/// A 401 that gives no reason, after Codex' retries.
pub(super) const BARE_401: C = C::Failed("exceeded retry limit, last status: 401 Unauthorized", "other");
/// What the API says to a call without a credential.
pub(super) const NO_BEARER: C =
    C::Failed("unexpected status 401 Unauthorized: Missing bearer or basic authentication in header", "other");

const NOT_THE_TOKEN: Verdict = Verdict {
    victim: "codex",
    mechanism: "not_token",
    root_cause: "provider_auth_outage",
    actor: None,
    confidence: ("likely", "very_likely"),
    failed_turns: 2..=2,
};

/// Everybody is refused.
pub(super) const AUTH_OUTAGE: Scenario = Scenario {
    name: "everybody-refused",
    happened: "On 20 November from about 13:10 to 13:40 UTC the model service answered every call with 401 and no reason. OpenClaw on one \
               account and Codex 0.169 on another failed; both worked again by themselves, with the tokens they had. A second \
               Codex home, on a login of its own on OpenClaw's account, had renewed at 13:08.",
    conclusion: "Two accounts that have nothing to do with each other are refused in the same half hour, and the same tokens work again \
                 without any login: the provider. One account alone would not show it, and the renewal next door is another login.",
    hours: 1,
    expected: &[Verdict { victim: "openclaw", ..NOT_THE_TOKEN }, NOT_THE_TOKEN],
    play: |st, home| {
        let (account, other) = (Account::new(st), Account::new(st));
        let turns = [
            ("2026-11-20 12:40:02", O::Done),
            ("2026-11-20 13:11:44", O::Invalidated),
            ("2026-11-20 13:22:10", O::Invalidated),
            ("2026-11-20 13:47:30", O::Done),
        ];
        claw(st, home, &account, "2026-11-14 09:10:20", &turns);
        reworded(home, |_| true, INVALIDATED, UNAUTHORIZED);
        let login = Grant::new(st, &other, utc("2026-11-02 18:02:00"));
        let mut codex = CodexHome::new(st, ".codex-two", Era::V169);
        codex.store("auth.json", &login, &login.mint(st, utc("2026-11-15 08:08:21")), utc("2026-11-15 08:08:21.870"));
        let turns = [
            ("2026-11-20 12:58:20", C::Done),
            ("2026-11-20 13:14:30", BARE_401),
            ("2026-11-20 13:27:02", BARE_401),
            ("2026-11-20 13:52:44", C::Done),
        ];
        codex.thread(Front::Tui, &turns.map(|(at, answer)| (utc(at), answer)));
        codex.finish(home);
        codex_beside(st, home, &account, "2026-11-20 13:08:12");
    },
};

/// Where the turns of Hermes go instead of the Codex backend.
const BACKEND: &str = "https://chatgpt.com/backend-api/codex";
/// The sentence of Hermes about a spent refresh token of its Codex login.
const CONSUMED: &str = "Codex refresh token was already consumed by another client (e.g. Codex CLI or VS Code extension). \
    Run `codex` in your terminal to generate fresh tokens, then run `hermes auth` to re-authenticate.";

/// The home of Hermes asks Nous Portal, whose login is refused as used; its Codex login is well.
pub(super) fn on_nous(st: &Stage, home: &mut Home, account: &Account, turns: &[(&str, H)]) {
    let own = Grant::new(st, account, utc(turns[0].0) - 86_400_000);
    let pair = own.mint(st, utc(turns[0].0) - 86_400_000);
    let mut asked = Home::default();
    let mut hermes = Hermes::start(st, Version::V013, utc(turns[0].0) - 3_600_000);
    hermes.own_login(&own, &pair, pair.issued + 640);
    for (number, (at, answer)) in turns.iter().enumerate() {
        hermes.ask(utc(at), *answer);
        // The store as it was before the refusals, and the record that tells the zone.
        if number == 0 {
            hermes.snapshot(utc(at) + 600_000, "weekly");
        }
    }
    hermes.finish(&mut asked);
    for (old, new) in [
        (CONSUMED, "Nous Portal refused the refresh token: refresh token reuse detected. Run `hermes model` to re-authenticate."),
        ("provider=openai-codex", "provider=nous"),
        ("provider: openai-codex", "provider: nous"),
        (BACKEND, "https://inference-api.nousresearch.com/v1"),
        ("gpt-5.4", "hermes-4"),
    ] {
        reworded(&mut asked, |path| !path.ends_with("auth.json"), old, new);
    }
    // The pool of the Codex login never heard of it.
    let mut well = Home::default();
    let mut hermes = Hermes::start(st, Version::V013, utc(turns[0].0) - 3_600_000);
    hermes.own_login(&own, &pair, pair.issued + 640);
    hermes.finish(&mut well);
    well.keep(|path| path.ends_with("auth.json"));
    asked.merge(well);
    home.merge(asked);
}

/// The refresh token of another service.
pub(super) const OTHER_SERVICE: Scenario = Scenario {
    name: "login-of-another-service",
    happened: "Hermes 0.13 asked its models of Nous Portal. On 26 May a health check had spent the Portal's refresh token and dropped \
               the answer, and from 08:20 UTC on every turn was refused as reuse. The Codex login in the same store was well; \
               Codex had renewed a login of its own on that account at 08:19.",
    conclusion: "The sentence speaks of a reused refresh token and names Nous Portal. It is that service's login; nothing was said of the \
                 ChatGPT login, and the renewal a minute before concerns neither.",
    hours: 2,
    expected: &[Verdict {
        victim: "hermes",
        mechanism: "not_token",
        root_cause: "other_oauth",
        actor: None,
        confidence: ("likely", "very_likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        let turns = [
            ("2026-05-26 06:12:10", H::Done),
            ("2026-05-26 08:20:31", H::AlreadyConsumed),
            ("2026-05-26 08:24:05", H::AlreadyConsumed),
            ("2026-05-26 09:40:33", H::AlreadyConsumed),
        ];
        on_nous(st, home, &account, &turns);
        codex_beside(st, home, &account, "2026-05-26 08:19:20");
    },
};

/// A version that sends no credential.
pub(super) const REGRESSION: Scenario = Scenario {
    name: "version-without-a-bearer",
    happened: "Codex 0.130 worked on the morning of 20 November. After an upgrade to 0.169 at 09:30 UTC every call went out without a \
               credential; going back to 0.130 at 11:00 cured it, with the same login. Hermes had renewed a login of its own at \
               09:28.",
    conclusion: "The store was not touched, the earlier version works before and after with the same pair, and the later one never did. \
                 The version is the only thing that changed on record.",
    hours: 1,
    expected: &[Verdict {
        victim: "codex",
        mechanism: "not_token",
        root_cause: "client_regression",
        actor: None,
        confidence: ("likely", "likely"),
        failed_turns: 3..=3,
    }],
    play: |st, home| {
        let account = Account::new(st);
        upgraded(st, home, &account, NO_BEARER, true);
        hermes_beside(st, home, &account, "2026-11-20 09:28:31");
    },
};

/// Codex 0.130 until nine, 0.169 from half past nine on, and 0.130 again at eleven.
pub(super) fn upgraded(st: &Stage, home: &mut Home, account: &Account, refused: C, back: bool) {
    let login = Grant::new(st, account, utc("2026-11-01 10:00:00"));
    let mut codex = CodexHome::new(st, ".codex", Era::V130);
    codex.store("auth.json", &login, &login.mint(st, utc("2026-11-14 08:00:21")), utc("2026-11-14 08:00:21.640"));
    codex.thread(Front::Vscode, &[(utc("2026-11-19 14:02:10"), C::Done), (utc("2026-11-20 08:55:40"), C::Done)]);
    if back {
        codex.thread(Front::Vscode, &[(utc("2026-11-20 11:02:25"), C::Done), (utc("2026-11-20 12:30:08"), C::Done)]);
    }
    codex.finish(home);
    let mut codex = CodexHome::new(st, ".codex", Era::V169);
    let turns = ["2026-11-20 09:32:15", "2026-11-20 09:40:51"].map(|at| (utc(at), refused));
    codex.thread(Front::Vscode, &turns);
    codex.thread(Front::Vscode, &[(utc("2026-11-20 10:20:40"), refused)]);
    codex.finish(home);
}
