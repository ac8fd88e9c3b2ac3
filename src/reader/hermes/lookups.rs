//! Gateway turns that failed before they began: the credential could not be resolved.
//!
//! Such a turn leaves no `conversation turn:` record. What is left is, in this order, the inbound
//! message of a chat, `Primary provider auth failed: …` (0.12 and later; its session tag is that
//! of an earlier turn, it names no chat), and `response ready: … api_calls=0` of the chat. All
//! three stand in `agent.log` and in `gateway.log`, so the turn's id is made from the last one.

use super::record::field;
use crate::event::{Failure, Origin, Provider, Stop, Turn};
use crate::reader::Facts;
use crate::secret::Kind;
use crate::time::Stamp;

/// Most chats and refusals that are remembered.
const MOST: usize = 256;
/// A refusal this old belongs to no response that still comes.
const OLDEST_MS: i64 = 600_000;

/// A refusal that no response has claimed yet.
struct Refusal {
    at: Stamp,
    failure: Failure,
    provider: Provider,
    words: String,
}

/// Chats that wait for a response, and refusals that wait for their chat.
#[derive(Default)]
pub(super) struct Lookups {
    waiting: Vec<(String, Stamp)>,
    refusals: Vec<Refusal>,
}

impl Lookups {
    /// A chat sent a message. The user's name stands before the chat and may hold anything, the
    /// message behind it too.
    pub(super) fn inbound(&mut self, message: &str, at: Stamp) {
        let head = message.split_once(" msg=").map_or(message, |(head, _)| head);
        let Some((_, chat)) = head.rsplit_once(" chat=") else { return };
        self.waiting.retain(|(waiting, _)| waiting != chat.trim());
        if self.waiting.len() >= MOST {
            self.waiting.remove(0);
        }
        self.waiting.push((chat.trim().to_owned(), at));
    }

    /// The primary provider was refused, for a chat the record does not name.
    pub(super) fn refused(&mut self, at: Stamp, failure: Failure, provider: Provider, words: &str) {
        self.refusals.retain(|refusal| at.ms.saturating_sub(refusal.at.ms) <= OLDEST_MS);
        if self.refusals.len() < MOST {
            self.refusals.push(Refusal { at, failure, provider, words: words.to_owned() });
        }
    }

    /// Another provider steps in for the newest refusal: no turn failed by it.
    pub(super) fn stepped_in(&mut self) {
        self.refusals.pop();
    }

    /// A chat has its response: without a model call and with a refusal since its message, the
    /// turn failed.
    pub(super) fn ready(&mut self, message: &str, at: Stamp, origin: Origin, facts: &mut Facts<'_>) {
        let Some((_, rest)) = message.split_once(" chat=") else { return };
        let chat = [" session=", " time="].iter().fold(rest, |chat, end| chat.split_once(end).map_or(chat, |(head, _)| head));
        let started = self.waiting.iter().position(|(waiting, _)| waiting == chat).map(|place| self.waiting.remove(place).1);
        if field(rest, "api_calls") != Some("0") {
            return;
        }
        let since = started.map_or(at.ms.saturating_sub(OLDEST_MS), |stamp| stamp.ms);
        let Some(place) = self.refusals.iter().position(|refusal| (since..=at.ms).contains(&refusal.at.ms)) else { return };
        let refusal = self.refusals.remove(place);
        let turn = Turn {
            session: None,
            id: Some(facts.key(Kind::Turn, &format!("lookup {chat} {}", at.ms))),
            run: None,
            started,
            stop: Stop::Error,
            provider: refusal.provider,
            model: None,
            failure: Some(refusal.failure),
            labelled: None,
            transport: None,
            account: None,
            resident: true,
        };
        facts.turn(Some(at), origin, turn, &refusal.words);
    }
}
