//! What is worth knowing and belongs to no incident, in sentences.

use crate::correlate::{Correlated, Mended, Unfelt};
use crate::time::rfc3339;

/// One sentence each.
pub(super) fn list(known: &Correlated) -> Vec<String> {
    known.unfelt.iter().map(refused).collect()
}

/// A dead grant that was not felt.
fn refused(unfelt: &Unfelt) -> String {
    let first = rfc3339(unfelt.first.ms);
    let when = match unfelt.times {
        1 => format!("at {first}"),
        times => format!("{times} times from {first} to {}", rfc3339(unfelt.last.ms)),
    };
    let how = match unfelt.mended {
        Mended::No => {
            "its access token still worked, and no new login is on record: once that token ends, turns fail until there is one"
                .to_owned()
        }
        Mended::Adopted(from) => format!("it took over the credential of {}", from.title()),
        Mended::Renewed => "its store holds a newer token since".to_owned(),
    };
    format!("{}: {}, {when}; no turn failed by it: {how}", unfelt.client.title(), unfelt.class.says())
}
