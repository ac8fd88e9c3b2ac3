//! The programs whose files are read, by the names that the report prints.

use serde::Serialize;

/// A client: the program that wrote a source or holds a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// NousResearch Hermes Agent.
    Hermes,
    /// OpenClaw (and its older names).
    Openclaw,
    /// Stand-alone pi coding agent.
    Pi,
    /// The holder of a CODEX_HOME, front end not separable.
    Codex,
    /// Codex CLI (the terminal program).
    CodexCli,
    /// `codex exec`.
    CodexExec,
    /// The VS Code extension.
    CodexVscode,
    /// Codex Desktop.
    CodexDesktop,
    /// opencode.
    Opencode,
    /// A program that the files do not name.
    Unknown,
}

impl Client {
    /// The program family: all front ends of Codex share one home, one store, one login, and
    /// count as one program (`self` to each other).
    pub fn program(self) -> Client {
        match self {
            Client::CodexCli | Client::CodexExec | Client::CodexVscode | Client::CodexDesktop => Client::Codex,
            other => other,
        }
    }

    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Client::Hermes => "hermes",
            Client::Openclaw => "openclaw",
            Client::Pi => "pi",
            Client::Codex => "codex",
            Client::CodexCli => "codex-cli",
            Client::CodexExec => "codex-exec",
            Client::CodexVscode => "codex-vscode",
            Client::CodexDesktop => "codex-desktop",
            Client::Opencode => "opencode",
            Client::Unknown => "unknown",
        }
    }

    /// The name as a person writes it.
    pub fn title(self) -> &'static str {
        match self {
            Client::Hermes => "Hermes",
            Client::Openclaw => "OpenClaw",
            Client::Pi => "pi",
            Client::Codex => "Codex",
            Client::CodexCli => "Codex CLI",
            Client::CodexExec => "codex exec",
            Client::CodexVscode => "the Codex extension for VS Code",
            Client::CodexDesktop => "Codex Desktop",
            Client::Opencode => "opencode",
            Client::Unknown => "an unknown client",
        }
    }
}
