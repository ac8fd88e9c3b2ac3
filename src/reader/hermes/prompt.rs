//! Turns that a kept terminal shows and that failed before they began: a command that asks the agent,
//! and below it the sentence that no credential could be resolved.
//!
//! From 0.15 on a store that gave its pair up holds none (`tokens: {}`), and such a turn then leaves no
//! session, no message and no log record: what the terminal showed is all there is. Earlier versions log
//! that their pool was empty, so that the same turn may stand in a log too; correlation puts the two
//! together by their number, since a terminal gives no time.

use super::session::is_session_id;
use super::words::credential_error;
use crate::event::{EventKind, Origin, Provider, Stop, Turn};
use crate::reader::Facts;
use crate::secret::Kind;

/// Beginnings of the sentence (0.10 to 0.19); the words after it may stand on the next line.
const REFUSED: [&str; 5] = [
    "Codex auth is missing ",
    "Codex auth state is missing ",
    "No Codex credentials stored",
    "Codex refresh token was already consumed",
    "Codex token refresh failed",
];

/// Is this line such a sentence, at its very beginning?
pub(super) fn is_refusal(line: &str) -> bool {
    REFUSED.iter().any(|start| line.starts_with(start))
}

/// What a command prints of its session when it is over: then the sentence was the model's.
const IN_SESSION: [&str; 3] = ["session_id: ", "Session: ", "Resume this session with:"];

/// The command that a terminal is at.
#[derive(Default)]
pub(super) struct Prompt {
    asks: bool,
    /// The sentence that it printed.
    refused: Option<(Origin, String)>,
}

impl Prompt {
    /// Takes the next line; true when it is a prompt with a command of Hermes, or such a sentence.
    pub(super) fn line(&mut self, line: &str, origin: Origin, facts: &mut Facts<'_>) -> bool {
        if let Some(arguments) = typed(line) {
            self.finish(facts);
            self.asks = asks(arguments);
            return true;
        }
        if let Some(named) = IN_SESSION.iter().find_map(|start| line.strip_prefix(start)) {
            self.refused = None;
            let id = named.trim();
            if is_session_id(id) {
                // Whose terminal it was: a session of this name stands in one home.
                let session = Some(facts.key(Kind::Session, id));
                facts.push(None, origin, EventKind::Active { session });
                return true;
            }
        }
        // One command, one turn.
        let ends = is_refusal(line) && std::mem::take(&mut self.asks);
        if ends {
            self.refused = Some((origin, line.to_owned()));
        }
        ends
    }

    /// The command is over.
    pub(super) fn finish(&mut self, facts: &mut Facts<'_>) {
        let Some((origin, words)) = self.refused.take() else { return };
        let turn = Turn {
            session: None,
            id: None,
            run: None,
            started: None,
            stop: Stop::Error,
            provider: Provider::OpenaiCodex,
            model: None,
            failure: Some(credential_error(&words)),
            labelled: None,
            transport: None,
            account: None,
            resident: false,
        };
        facts.turn(None, origin, turn, &words);
    }
}

/// What follows `hermes` on the line of a prompt: `$ hermes chat`, `me@host:~/x$ hermes`, `❯ hermes -c`.
fn typed(line: &str) -> Option<&str> {
    const NAME: &str = "hermes";
    line.match_indices(NAME).find_map(|(at, _)| {
        let (before, after) = (line.get(..at)?, line.get(at + NAME.len()..)?);
        let sign = before.trim_end().chars().next_back();
        let is_prompt = before.ends_with(' ') && sign.is_some_and(|sign| "$%#>❯➜»".contains(sign));
        (is_prompt && (after.is_empty() || after.starts_with(' '))).then(|| after.trim_start())
    })
}

/// Does a command with these arguments ask the agent? Without a subcommand it does, too.
fn asks(arguments: &str) -> bool {
    let first = arguments.split_ascii_whitespace().next();
    first.is_none_or(|word| word == "chat" || word.starts_with('-'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::read_file;
    use crate::event::{ErrorClass, PackedTurn};

    fn failed(text: &str) -> Vec<(u64, Option<ErrorClass>)> {
        let of = |turn: &PackedTurn| (turn.origin().line, turn.failure.map(|failure| failure.class));
        read_file("pasted.txt", text.as_bytes()).1.turns.iter().map(of).collect()
    }

    #[test]
    fn each_asking_command_that_was_refused_is_a_turn() {
        let missing =
            "Codex auth is missing access_token. Run `hermes auth` to re-authenticate. Run\n`hermes model` to re-authenticate.\n";
        let text = format!(
            "$ hermes chat -q \"x\" -Q\n{missing}hermes@hermes:~/work$ hermes\n\n{missing}{missing}❯ hermes -c\n{missing}$ hermes auth status openai-codex\n{missing}"
        );
        let none = Some(ErrorClass::NoCredential);
        assert_eq!(failed(&text), [(2, none), (6, none), (11, none)]);
        let reused = "$ hermes chat -q x\nCodex refresh token was already consumed by another client (x).\n";
        assert_eq!(failed(reused), [(2, Some(ErrorClass::RefreshTokenReused))]);
    }

    #[test]
    fn words_without_a_command_or_inside_a_line_are_nothing() {
        let missing = "Codex auth is missing access_token.\n";
        for text in [
            missing.to_owned(),
            format!("$ hermes chat -q x\nsaid: {missing}"),
            format!("$ hermes status\n{missing}"),
            format!("run hermes chat\n{missing}"),
            format!("$ hermes chat -q x -Q\n{missing}\nsession_id: 20260510_064050_aaaaaa\n"),
            format!("$ hermesx chat\n{missing}"),
        ] {
            assert_eq!(failed(&format!("◆ Auth Providers\n\n{text}")), [], "{text}");
        }
    }
}
