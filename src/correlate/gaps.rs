//! What was not read of the files of a home, and when the missing part may have been written.
//!
//! It is apart because it is about what is not there: a verdict that rests on the record of a
//! program has to say where that record has holes. How long a hole reaches is judged kindly to
//! nobody: what has no time may belong to any time.

use super::sources::Span;
use crate::event::{Client, SkipReason, SourceKind};
use crate::evidence::{Evidence, SourceRecord};

/// Sources of one home that were not read whole, for the same reasons and at the same time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The program whose file it is; unknown for what was never opened.
    pub client: Client,
    /// Where it stands (private), and so whose record it is a part of.
    place: Place,
    /// Something that was missed may have been written after this, in ms; open when None.
    pub from: Option<i64>,
    /// And before this.
    pub to: Option<i64>,
    /// Why, in printing order.
    pub reasons: Vec<SkipReason>,
    /// How many sources.
    pub sources: u64,
    /// It may have held credentials, as a store or a whole home does.
    pub is_store: bool,
}

/// Where something that was not read stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// In this home or folder.
    In(String),
    /// In this folder; nobody knows what it is, so that it counts only where a home keeps its
    /// records.
    Unknown(String),
    /// In this folder, outside the homes of its program, any of which may have written it.
    Outside(String),
    /// An archive of this name: whatever home stands in it may miss something.
    Around(String),
}

/// Folders of homes in which the clients keep transcripts and logs.
const RECORDS: [&str; 4] = ["sessions", "archived_sessions", "logs", "log"];

/// Where clients keep homes and logs: the name of a folder, or how it begins.
const FOLDERS: [(&str, Client); 8] = [
    (".codex", Client::Codex),
    (".hermes", Client::Hermes),
    (".openclaw", Client::Openclaw),
    (".clawdbot", Client::Openclaw),
    ("openclaw", Client::Openclaw),
    ("clawdbot", Client::Openclaw),
    (".pi", Client::Pi),
    ("opencode", Client::Opencode),
];

/// Whose folder it is, by its name.
fn owner(folder: &str) -> Option<Client> {
    let is_of = |name: &str| folder.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.', '_']));
    FOLDERS.iter().find(|(name, _)| is_of(name)).map(|(_, client)| *client)
}

/// Is it a client's home?
fn is_home(folder: &str) -> bool {
    folder.starts_with('.') && owner(folder).is_some()
}

/// Does a client keep its logs, and nothing else, in this folder outside its home?
fn is_log_folder(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    !last.starts_with('.') && owner(last).is_some()
}

/// Does a client keep credentials in files of this name?
fn is_store_name(file: &str) -> bool {
    (file.starts_with("auth") && file.contains(".json"))
        || file == "state.db"
        || (file.starts_with("openclaw") && file.contains(".sqlite"))
}

/// What of `path` lies below `folder`; None when it is elsewhere.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Gap {
    /// Is it a gap in the record of this program in this home?
    pub fn is_of(&self, client: Client, home: &str) -> bool {
        match &self.place {
            Place::In(place) => below(place, home).is_some(),
            Place::Unknown(place) => below(place, home).is_some_and(|rest| rest.split('/').any(|part| RECORDS.contains(&part))),
            Place::Outside(place) => self.client == client.program() || below(place, home).is_some(),
            Place::Around(archive) => below(home, archive).is_some() || below(archive, home).is_some(),
        }
    }

    /// May what was missed have been written between these times, in ms?
    pub fn touches(&self, from: Option<i64>, to: Option<i64>) -> bool {
        let ends_before = |end: Option<i64>, start: Option<i64>| end.zip(start).is_some_and(|(end, start)| end < start);
        !ends_before(self.to, from) && !ends_before(to, self.from)
    }
}

/// All sources that were not read whole and may have held evidence. Equal ones are one gap, so that
/// a folder of unreadable files costs no more than a file.
pub(super) fn collect(evidence: &Evidence, spans: &[Span]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = evidence.sources.iter().zip(spans).filter_map(|(source, span)| gap(source, *span)).collect();
    gaps.sort_unstable();
    gaps.dedup_by(|later, first| {
        let same = Gap { sources: first.sources, ..later.clone() } == *first;
        first.sources += u64::from(same);
        same
    });
    gaps
}

fn gap(source: &SourceRecord, span: Span) -> Option<Gap> {
    let hidden = source.skipped.iter().filter(|(reason, skipped)| match reason {
        SkipReason::NulPadding => source.has_hole,
        _ => hides(**reason, skipped.bytes > 0),
    });
    let reasons: Vec<SkipReason> = hidden.map(|(reason, _)| *reason).collect();
    if reasons.is_empty() || source.kind == SourceKind::OwnReport {
        return None;
    }
    // What a cut took away comes after everything that is left; other holes may be anywhere.
    let is_tail = reasons.iter().all(|reason| at_end(*reason));
    let (from, to) = match span {
        Some((_, last)) if is_tail => (Some(last.lo), None),
        _ => (None, source.modified.filter(|at| !at.is_local() && source.records > 0).map(|at| at.ms)),
    };
    let (client, is_store) = match source.kind {
        SourceKind::Unrecognised => nameless(source),
        kind => (kind.client().program(), kind.is_store()),
    };
    let place = match (&source.home, source.kind) {
        (Some(home), _) => Place::In(home.clone()),
        (None, SourceKind::Archive) => Place::Around(source.name.parts().join("/")),
        // A folder that could not be listed is a home itself.
        (None, SourceKind::Unrecognised) if is_home(source.name.file()) => Place::In(source.name.parts().join("/")),
        (None, SourceKind::Unrecognised) if is_store => Place::In(source.name.folder()),
        (None, SourceKind::Unrecognised) if is_log_folder(&source.name.folder()) => Place::Outside(source.name.folder()),
        (None, SourceKind::Unrecognised) if reasons == [SkipReason::UnknownFormat] => Place::Unknown(source.name.folder()),
        (None, SourceKind::Unrecognised) => Place::In(source.name.folder()),
        (None, _) => Place::Outside(source.name.folder()),
    };
    Some(Gap { client, place, from, to, reasons, sources: 1, is_store })
}

/// Whose it may be that nobody recognised, and whether it may have held credentials: by the nearest
/// folder of a client, which may be what could not be opened.
fn nameless(source: &SourceRecord) -> (Client, bool) {
    let parts = source.name.parts();
    let client = parts.iter().rev().find_map(|part| owner(part));
    let may_hold = is_home(source.name.file()) || is_store_name(source.name.file());
    (client.unwrap_or(Client::Unknown), client.is_some() && may_hold)
}

/// May something that a report uses be behind this reason? Not behind links and devices inside
/// archives, and padding at the ends of a file. A database that stands without its log
/// is most often whole: it counts only where something was certainly lost.
fn hides(reason: SkipReason, lost: bool) -> bool {
    use SkipReason as R;
    let whole = reason == R::SqliteWalMissing && !lost;
    !whole && !matches!(reason, R::MemberNotRegular | R::NotRegular | R::NulPadding | R::GzipTrailing | R::TimeUnknown)
}

/// Does this reason take away the end of a source only?
fn at_end(reason: SkipReason) -> bool {
    use SkipReason as R;
    matches!(reason, R::TornTail | R::GzipTruncated | R::ZstdTruncated | R::ChangedWhileRead | R::BudgetDecompressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_is_not_there_hides_something_only_where_bytes_were_lost() {
        assert!(!hides(SkipReason::SqliteWalMissing, false) && hides(SkipReason::SqliteWalMissing, true));
        assert!(hides(SkipReason::TornTail, false) && !hides(SkipReason::NulPadding, true));
    }

    #[test]
    fn whose_record_it_is_a_part_of() {
        let of = |place: Place, client: Client, home: &str| {
            let gap =
                Gap { client: Client::Openclaw, place, from: None, to: None, reasons: Vec::new(), sources: 1, is_store: false };
            gap.is_of(client, home)
        };
        let (oc, cx) = (Client::Openclaw, Client::Codex);
        let inside = |path: &str| Place::In(path.to_owned());
        assert!(of(inside("h/.codex"), cx, "h/.codex") && of(inside("h/.codex/log"), cx, "h/.codex"));
        assert!(!of(inside("h/.codex"), cx, "h/.cod") && !of(inside("tmp"), cx, "h/.codex"));
        let unknown = |path: &str| Place::Unknown(path.to_owned());
        assert!(of(unknown("h/.codex/sessions/2026"), cx, "h/.codex") && of(unknown("h/.hermes/logs"), cx, "h/.hermes"));
        assert!(!of(unknown("h/.codex/skills"), cx, "h/.codex") && !of(unknown("logs/.codex"), cx, "logs/.codex"));
        let outside = || Place::Outside("tmp/openclaw".to_owned());
        assert!(of(outside(), oc, "h/.openclaw") && !of(outside(), cx, "h/.codex"));
        let archive = || Place::Around("h/b.tgz".to_owned());
        assert!(of(archive(), cx, "h/b.tgz/home/.codex") && of(archive(), cx, "h") && !of(archive(), cx, "h/.codex"));
    }

    #[test]
    fn a_gap_touches_what_it_may_reach() {
        let gap = |from, to| Gap {
            client: Client::Codex,
            place: Place::In("h/.codex".to_owned()),
            from,
            to,
            reasons: Vec::new(),
            sources: 1,
            is_store: false,
        };
        assert!(gap(None, None).touches(Some(10), Some(20)));
        assert!(gap(Some(15), None).touches(Some(10), Some(20)));
        assert!(!gap(Some(21), None).touches(Some(10), Some(20)));
        assert!(!gap(None, Some(9)).touches(Some(10), Some(20)));
        assert!(gap(None, Some(9)).touches(None, Some(20)));
    }
}
