//! `undetermined`: what it means when no explanation stands out, and what helps.

use super::About;

pub(super) const ABOUT: About = About {
    line: "The files show that turns failed, not why or by whose act.",
    means: "Either the failures say too little (no code, no store, no log), or two explanations stand too close together, or the \
            verdict would change under an admissible reading of a clock. A guess would be worse than no answer.",
    needs: &[],
    supports: &[],
    excludes: &[],
    controls: &[],
    timeline: "",
    versions: &[],
    repairs: &[],
    dos: &["collect what is listed under \"what would settle it\" and run again"],
    donts: &["do not name a culprit from these files"],
    settles: &[
        "the failing client's log of the time of the first failure, with the raw answer of the server",
        "auth files of all clients on the account, with their backups",
    ],
};
