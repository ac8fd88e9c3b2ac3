//! Events as text lines, so that a reader's fixture can say what it expects. Keys become
//! ordinals per file (`session#1`, `token#2`): equal keys, equal ordinals.

use std::collections::BTreeMap;
use stopwhy::event::{
    Event, EventKind, Failure, Model, Origin, PackedTurn, Section, Stated, StoreState, TransportFailure, Turn, Worked,
};
use stopwhy::secret::Key;
use stopwhy::time::{self, Clock, Stamp};

/// One line per event, call that worked and turn, in the order of their places as far as each list keeps to it.
pub fn describe(stated: &Stated) -> String {
    let mut ordinals = Ordinals::default();
    let (mut events, mut turns) = (stated.events.iter().peekable(), stated.turns.iter().peekable());
    let mut worked = stated.worked.iter().peekable();
    let mut lines = String::new();
    loop {
        // Of what stands at one place an event comes first, a turn last.
        let heads = [
            events.peek().map(|event: &&Event| (event.origin, 0)),
            worked.peek().map(|worked: &&Worked| (worked.origin(), 1)),
            turns.peek().map(|turn: &&PackedTurn| (turn.origin(), 2)),
        ];
        let next = heads.into_iter().flatten().min().map(|(_, list)| list);
        if let Some(event) = events.next_if(|_| next == Some(0)) {
            lines += &line(event.at, event.origin, &kind(&event.kind, &mut ordinals));
        } else if let Some(worked) = worked.next_if(|_| next == Some(1)) {
            lines += &line(worked.at(), worked.origin(), &format!("worked {}", ordinals.name("session", worked.session)));
        } else if let Some(turn) = turns.next() {
            lines += &line(turn.at(), turn.origin(), &self::turn(&turn.turn(), &mut ordinals));
        } else {
            return lines;
        }
    }
}

fn line(stamp: Option<Stamp>, origin: Origin, said: &str) -> String {
    format!("{}:{} {} {said}\n", origin.line, origin.byte, at(stamp))
}

#[derive(Default)]
struct Ordinals(BTreeMap<&'static str, BTreeMap<Key, usize>>);

impl Ordinals {
    fn name(&mut self, word: &'static str, key: Option<Key>) -> String {
        let Some(key) = key else { return format!("{word}=-") };
        let given = self.0.entry(word).or_default();
        let next = given.len() + 1;
        format!("{word}#{}", given.entry(key).or_insert(next))
    }
}

fn at(stamp: Option<Stamp>) -> String {
    stamp.map_or("-".to_owned(), |s| {
        let text = time::rfc3339(s.ms);
        match s.clock {
            Clock::Utc => text,
            Clock::Offset => format!("{text}(offset)"),
            Clock::Local => format!("{}(local)", text.trim_end_matches('Z')),
        }
    })
}

fn failure(f: Option<Failure>) -> String {
    f.map_or("ok".to_owned(), |f| format!("{}/{:?}", f.class.word(), f.level))
}

fn kind(kind: &EventKind, o: &mut Ordinals) -> String {
    match kind {
        EventKind::Transport(t) => format!("transport {}", transport(t)),
        EventKind::Refused { failure: f, account, process, session, .. } => format!(
            "refused {} {} {} {}",
            failure(Some(*f)),
            o.name("account", *account),
            o.name("process", *process),
            o.name("session", *session)
        ),
        EventKind::Refreshed { account, process } => {
            format!("refreshed {} {}", o.name("account", *account), o.name("process", *process))
        }
        EventKind::RefreshStarted { process } => format!("refresh-started {}", o.name("process", *process)),
        EventKind::Covered { process, client, since, whole } => {
            format!("covered {} {} since {} whole={whole}", o.name("process", *process), client.word(), at(Some(*since)))
        }
        EventKind::Active { session } => format!("active {}", o.name("session", *session)),
        EventKind::SessionOf { session, account } => {
            format!("session-of {} {}", o.name("session", *session), o.name("account", Some(*account)))
        }
        EventKind::KeptElsewhere => "kept-elsewhere".to_owned(),
        EventKind::Locked { .. } => "locked".to_owned(),
        EventKind::Store(s) => store(s, o),
        EventKind::Trouble(t) => {
            let section = t.section.map_or("section=-".to_owned(), |s| self::section(s, o));
            format!("trouble {:?} {section} {} until {}", t.kind, failure(t.failure), at(t.until))
        }
        EventKind::Login { done } => format!("login done={done}"),
        EventKind::Logout => "logout".to_owned(),
        EventKind::Elsewhere { logout, .. } => format!("elsewhere logout={logout}"),
        EventKind::Adopted { from, cause } => format!("adopted from {} because {}", from.word(), cause.map_or("-", |c| c.word())),
        EventKind::WroteBack { to } => format!("wrote-back to {}", to.word()),
        EventKind::FoundRotated => "found-rotated".to_owned(),
        EventKind::Fallback(f) => format!(
            "fallback {} {} configured={:?} answered={} exhausted={}",
            o.name("run", f.run),
            o.name("session", f.session),
            f.configured,
            f.answered,
            f.exhausted
        ),
        EventKind::Pinned => "pinned".to_owned(),
        EventKind::FallbackConfigured(is) => format!("fallback-configured {is}"),
        EventKind::RanBack { by_ms } => format!("ran-back {by_ms}"),
        EventKind::ZoneAnchor { offset_s } => format!("zone-anchor {offset_s}"),
        EventKind::Started { version } => format!("started {}", version.as_ref().map_or("-", |v| v.as_str())),
        EventKind::WrittenBy { client, version } => {
            format!("written-by {} {}", client.word(), version.as_ref().map_or("-", |v| v.as_str()))
        }
        EventKind::Rewritten => "rewritten".to_owned(),
        EventKind::WriteFailed => "write-failed".to_owned(),
        EventKind::Restored => "restored".to_owned(),
    }
}

fn turn(t: &Turn, o: &mut Ordinals) -> String {
    let model = match &t.model {
        None => "-".to_owned(),
        Some(Model::Listed(name)) => name.to_string(),
        Some(Model::Unlisted(key)) => o.name("model", Some(*key)),
    };
    format!(
        "turn {} {} {} {} started={} {} {} model={model} {} {}{}",
        t.stop.word(),
        failure(t.failure),
        o.name("session", t.session),
        o.name("turn", t.id),
        at(t.started),
        o.name("run", t.run),
        t.provider.word(),
        o.name("account", t.account),
        if t.transport.is_some() { "transport " } else { "" },
        t.transport.as_ref().map(transport).unwrap_or_default(),
    )
}

fn transport(t: &TransportFailure) -> String {
    format!("{} {:?} fell_back={} at={}", failure(Some(t.failure)), t.phase, t.fell_back, at(t.at))
}

fn section(s: Section, o: &mut Ordinals) -> String {
    match s {
        Section::Only => "only".to_owned(),
        Section::Singleton => "singleton".to_owned(),
        Section::Pool(key) => format!("pool/{}", o.name("section", Some(key))),
        Section::Profile(key) => format!("profile/{}", o.name("section", Some(key))),
    }
}

fn store(s: &StoreState, o: &mut Ordinals) -> String {
    // The file's own time is left out: a checkout sets it anew.
    format!(
        "store {} {:?} {} {} login={} access:{} refresh:{} issued={} expires={} refreshed={} writer={:?} imported={} fenced={:?}",
        section(s.section, o),
        s.taken,
        o.name("account", s.account),
        o.name("family", s.family),
        at(s.login_time),
        o.name("token", s.access),
        o.name("token", s.refresh),
        at(s.issued_at),
        at(s.expires_at),
        at(s.refreshed_at),
        s.writer,
        s.imported,
        s.fenced,
    )
}
