//! `undetermined`: what it means when no explanation stands out, and what helps.

use super::About;

pub(super) const ABOUT: About = About {
    line: "The files show that turns failed, not why or by whose act.",
    means: "Either the failures say too little (no code, no store, no log), or two explanations stand too close together, or the \
            verdict would change under an admissible reading of a clock. A guess would be worse than no answer.",
    needs: &["turns that failed, or a credential that was refused"],
    supports: &[
        "the only statement is a client's own sentence, a bare 401 or `invalid_grant`",
        "two explanations stand within 6 points of each other",
        "the act comes before the first failure under one reading of a local clock and after it under another",
        "the store that may have spent the token is out of sight, or shows only a later rotation",
        "both a refresh and a login of the other client lie in the time in question, and no claim of the tokens tells them apart",
    ],
    excludes: &["one explanation that has 6 points or more and is 6 ahead of the next"],
    controls: &[
        "a success with the same token later takes every lasting cause away",
        "a success of another client on the login after the first failure speaks for a spent token and against a revocation",
        "what ended it (waiting, a restart, another store's credential, a login) often tells more than the failures do",
    ],
    timeline: "turns fail → what the files hold fits more than one cause, or none → the report says what happened, and not who did it",
    versions: &[
        "Hermes (0.13, 0.19) logs no line of a refresh that works ahead of a token's end",
        "Codex 0.169 logs no code for a refresh that is refused",
        "OpenClaw 2026.5 leaves no transcript of a turn whose refresh was refused",
    ],
    repairs: &[],
    dos: &["collect what is listed under \"what would settle it\" and run again"],
    donts: &["do not name a culprit from these files"],
    settles: &[
        "the failing client's log of the time of the first failure, with the raw answer of the server",
        "auth files of all clients on the account, with their backups",
    ],
};
