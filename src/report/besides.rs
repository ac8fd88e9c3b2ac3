//! What is worth knowing and belongs to no incident, in sentences.

use crate::correlate::{Correlated, Mended, Refused, Unfelt};
use crate::event::ErrorClass;
use crate::secret;
use crate::time::rfc3339;
use std::collections::BTreeMap;

/// One sentence each. What the user calls a machine is said in private only.
pub(super) fn list(known: &Correlated, private: bool) -> Vec<String> {
    let named = |(title, name): (String, &str)| format!("{title} is the machine stated as {}", secret::visible(name));
    let hosts = known.hosts.stated().into_iter().filter(|_| private).map(named);
    hosts.chain(known.unfelt.iter().map(said)).collect()
}

fn said(unfelt: &Unfelt) -> String {
    match &unfelt.what {
        Refused::Refresh(class) => refresh(unfelt, *class),
        Refused::Calls(words) => calls(unfelt, words),
    }
}

/// A dead grant that was not felt.
fn refresh(unfelt: &Unfelt, class: ErrorClass) -> String {
    let first = rfc3339(unfelt.first.said());
    let when = match unfelt.times {
        1 => format!("at {first}"),
        times => format!("{times} times from {first} to {}", rfc3339(unfelt.last.said())),
    };
    let how = match unfelt.mended {
        Mended::No | Mended::WentOn => {
            "its access token still worked, and no new login is on record: once that token ends, turns fail until there is one"
                .to_owned()
        }
        Mended::Adopted(from) => format!("it took over the credential of {}", from.title()),
        Mended::Renewed => "its store holds a newer token since".to_owned(),
    };
    format!("{}: {}, {when}; no turn failed by it: {how}", unfelt.client.title(), class.says())
}

/// Calls that were refused with the credential while no turn stayed failed.
fn calls(unfelt: &Unfelt, words: &BTreeMap<ErrorClass, u64>) -> String {
    let (first, last) = (rfc3339(unfelt.first.said()), rfc3339(unfelt.last.said()));
    let (count, when) = match unfelt.times {
        1 => ("1 call was".to_owned(), format!("at {first}")),
        times => (format!("{times} calls were"), format!("from {first} to {last}")),
    };
    let code = |(class, times): (&ErrorClass, &u64)| {
        let code = match class {
            ErrorClass::Unauthorized | ErrorClass::NotRenewed => "no code on record".to_owned(),
            class => format!("`{}`", class.word()),
        };
        // How often needs no saying where that is all.
        if *times == unfelt.times { code } else { format!("{code} ×{times}") }
    };
    let codes: Vec<String> = words.iter().map(code).collect();
    let how = match unfelt.mended {
        Mended::No => "nothing that mended it is on record".to_owned(),
        Mended::Adopted(from) => format!("it took over the credential of {}", from.title()),
        Mended::Renewed => "it renewed its credential".to_owned(),
        Mended::WentOn => "a later turn worked, and nothing done to the credential is on record".to_owned(),
    };
    let (who, codes) = (unfelt.client.title(), codes.join(", "));
    format!("{who}: {count} refused with 401 ({codes}), {when}; no turn stayed failed by it: {how}")
}
