//! Evidence by the million events, made without a file: turns of two clients on one account, of which a quarter failed, with
//! the log that repeats each failure in its own ways. What correlation and verdicts are tested and measured on.

use std::sync::Arc;
use stopwhy::event::{
    Asked, Client, ErrorClass, Event, EventKind, Failure, Level, Origin, PackedTurn, Provider, Section, SourceKind, Stop,
    StoreState, StoreTrouble, Taken, TransportFailure, TroubleKind, Turn,
};
use stopwhy::evidence::{Evidence, SourceRecord};
use stopwhy::secret::{Key, Kind, Vault};
use stopwhy::source::Name;
use stopwhy::time::Stamp;

const START: i64 = 1_778_393_700_000;

/// How failures lie among the turns.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// The last quarter of the turns failed.
    Block,
    /// Every fourth turn failed.
    Flapping,
}

struct Load {
    vault: Vault,
    evidence: Evidence,
    /// What the last turn was asked.
    asked: Option<Arc<Asked>>,
}

impl Load {
    fn new() -> Load {
        Load { vault: Vault::new([7; 32]), evidence: Evidence::default(), asked: None }
    }

    fn source(&mut self, path: &str, kind: SourceKind, home: &str) -> u32 {
        let record = SourceRecord::new(Name::of_text(path), kind, Some(home.to_owned()), None);
        self.evidence.sources.push(record);
        self.evidence.sources.len() as u32 - 1
    }

    fn key(&self, kind: Kind, text: &str) -> Key {
        self.vault.key(kind, text)
    }

    fn push(&mut self, source: u32, at: Stamp, kind: EventKind) {
        let origin = self.next(source);
        self.evidence.stated.events.push(Event { at: Some(at), origin, kind });
    }

    fn turn(&mut self, source: u32, at: Stamp, turn: Turn) {
        let turn = PackedTurn::of(Some(at), self.next(source), turn, &mut self.asked);
        self.evidence.stated.turns.push(turn);
    }

    /// Where the next fact stands.
    fn next(&self, source: u32) -> Origin {
        let line = self.evidence.stated.len() as u64 + 1;
        Origin { source, line, byte: line }
    }

    fn store(&mut self, source: u32, token: &str, at: i64) {
        let state = StoreState {
            section: Section::Only,
            taken: Taken::Current,
            agent: None,
            account: Some(self.key(Kind::Account, "account")),
            family: Some(self.key(Kind::Session, "family")),
            login_time: None,
            access: Some(self.key(Kind::Token, &format!("access {token}"))),
            refresh: Some(self.key(Kind::Token, token)),
            has_stand_in: false,
            issued_at: Some(Stamp::utc(at)),
            expires_at: Some(Stamp::utc(at + 864_000_000)),
            refreshed_at: Some(Stamp::utc(at)),
            written_at: None,
            writer: None,
            imported: false,
            came: None,
            fenced: None,
        };
        self.push(source, Stamp::utc(at), EventKind::Store(Box::new(state)));
    }

    /// One client's turns, each a minute after the one before, and a log that repeats the failures.
    fn turns(&mut self, file: u32, log: Option<u32>, client: Client, count: usize, shape: Shape, class: ErrorClass) {
        // Short failures lie so far apart that no two are one incident.
        let step = if let Shape::Flapping = shape { 240_000 } else { 60_000 };
        for n in 0..count {
            let failed = match shape {
                Shape::Block => n >= count - count / 4,
                Shape::Flapping => n % 4 == 3,
            };
            let ms = START + step * n as i64;
            let at = if client == Client::Hermes { Stamp::local(ms + 7_200_000) } else { Stamp::utc(ms) };
            let failure = failed.then_some(Failure { class, level: Level::Resource });
            let session = (n % 3 > 0 || client != Client::Hermes).then(|| self.key(Kind::Session, &format!("{}", n / 50)));
            let turn = Turn {
                session,
                id: (client != Client::Hermes).then(|| self.key(Kind::Turn, &format!("{client:?} {n}"))),
                run: None,
                started: Some(Stamp { ms: at.ms - 2_000, ..at }),
                stop: if failed { Stop::Error } else { Stop::Stop },
                provider: Provider::OpenaiCodex,
                model: None,
                failure,
                labelled: None,
                transport: None,
                account: None,
                resident: false,
            };
            self.turn(file, at, turn.clone());
            if let (Some(log), Some(failure)) = (log, failure) {
                if client != Client::Codex {
                    self.turn(log, at, Turn { id: None, session: None, ..turn });
                }
                let call = TransportFailure { failure, phase: stopwhy::event::Phase::Unknown, fell_back: false, at: None };
                self.push(log, at, EventKind::Transport(call));
                self.push(log, at, EventKind::Refused { failure, account: None, process: None, session: None, agent: None });
                let trouble = StoreTrouble { kind: TroubleKind::Exhausted, section: None, failure: Some(failure), until: None };
                self.push(log, Stamp::utc(ms), EventKind::Trouble(trouble));
            }
        }
    }
}

/// Kinds of a client's store, of its conversations, and of its log.
pub type Kinds = (SourceKind, SourceKind, Option<SourceKind>);

pub const OPENCLAW: Kinds = (SourceKind::OpenclawAuthProfiles, SourceKind::OpenclawSession, Some(SourceKind::OpenclawConsole));
pub const CODEX: Kinds = (SourceKind::CodexAuth, SourceKind::CodexRollout, Some(SourceKind::CodexLog));
pub const HERMES: Kinds = (SourceKind::HermesAuth, SourceKind::HermesSession, Some(SourceKind::HermesLog));

/// So many turns, of which a tenth is another client's that worked on the same account.
pub fn bulk(kinds: Kinds, client: Client, shape: Shape, class: ErrorClass, turns: usize) -> Evidence {
    let mut load = Load::new();
    let home = "h/.victim";
    let store = load.source("h/.victim/auth.json", kinds.0, home);
    let file = load.source("h/.victim/sessions/one.jsonl", kinds.1, home);
    let log = kinds.2.map(|kind| load.source("h/.victim/logs/one.log", kind, home));
    load.store(store, "old", START - 3_600_000);
    let (sibling, client_of_sibling) =
        if client == Client::Codex { (SourceKind::HermesAuth, Client::Hermes) } else { (SourceKind::CodexAuth, Client::Codex) };
    let other = load.source("h/.sibling/auth.json", sibling, "h/.sibling");
    load.store(other, "new", START + 60_000 * (turns as i64 / 200));
    let kind = if client == Client::Codex { SourceKind::HermesSession } else { SourceKind::CodexRollout };
    let talk = load.source("h/.sibling/sessions/two.jsonl", kind, "h/.sibling");
    load.turns(file, log, client, turns - turns / 10, shape, class);
    load.turns(talk, None, client_of_sibling, turns / 10, shape, ErrorClass::Overloaded);
    load.evidence
}
