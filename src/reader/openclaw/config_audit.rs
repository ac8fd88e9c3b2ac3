//! `logs/config-audit.jsonl`: who wrote the configuration, with the command line (2026.5.7).
//!
//! `models auth login` writes its profile into the configuration, so its command line dates a
//! login by a person. A login that changes nothing may leave no line. 2026.9.6
//! keeps these lines in `diagnostic_events` of its database.

use super::{reasons, skipped};
use crate::event::EventKind;
use crate::reader::json::{self, Members};
use crate::reader::{Context, Facts, Outcome, Reader, Sniff};
use crate::source::{Head, Line};
use crate::time::Stamp;

const LINE: [&str; 6] = ["ts", "source", "event", "pid", "argv", "errorCode"];

pub(super) fn sniff(head: &Head<'_>) -> Sniff {
    let first = head.first_line().map(|(line, _)| json::text(line));
    let ours = first.is_some_and(|text| Members::of(&text, &LINE).is_ok_and(|line| is_audit(&line)));
    if ours { Sniff::Yes } else { Sniff::No }
}

fn is_audit(line: &Members<'_, 6>) -> bool {
    line.text("source").as_deref() == Some("config-io") && line.text("event").is_some_and(|event| event.starts_with("config."))
}

pub(super) fn open(_: &Context<'_>) -> Box<dyn Reader> {
    Box::new(Audit::default())
}

#[derive(Default)]
pub(super) struct Audit {
    /// Process of the last login: one login may write more than once.
    process: Option<u64>,
}

impl Reader for Audit {
    fn line(&mut self, line: &Line<'_>, facts: &mut Facts<'_>) -> Outcome {
        if line.bytes.trim_ascii().is_empty() {
            return Outcome::Used;
        }
        let text = json::text(line.bytes);
        let members = match Members::of(&text, &LINE) {
            Ok(members) => members,
            Err(reason) => return skipped(line, reason),
        };
        if !is_audit(&members) {
            return Outcome::Unknown;
        }
        let argv: Vec<_> = members.items("argv").into_iter().filter_map(json::string).collect();
        let wrote = members.text("event").as_deref() == Some("config.write") && members.raw("errorCode").is_none();
        let process = members.number("pid").map(|pid| pid as u64);
        if wrote && is_login(&argv) && (process.is_none() || process != self.process) {
            self.process = process;
            let at = members.text("ts").and_then(|ts| Stamp::parse(&ts));
            facts.push(at, facts.origin(line), EventKind::Login { done: true });
        }
        Outcome::Used
    }
}

/// `models auth login`, for the ChatGPT login or for a provider that is not named.
fn is_login<S: AsRef<str>>(argv: &[S]) -> bool {
    let words: Vec<&str> = argv.iter().map(AsRef::as_ref).collect();
    let after = words.windows(3).position(|three| three == ["models", "auth", "login"]).map(|at| &words[at + 3..]);
    after.is_some_and(|options| provider(options).is_none_or(reasons::is_chatgpt))
}

/// `--provider X` or `--provider=X`.
fn provider<'a>(options: &[&'a str]) -> Option<&'a str> {
    let joined = options.iter().find_map(|option| option.strip_prefix("--provider="));
    joined.or_else(|| options.windows(2).find(|pair| pair[0] == "--provider").map(|pair| pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_login_to_chatgpt_counts() {
        let argv = |tail: &str| ["node", "openclaw.mjs"].into_iter().chain(tail.split(' ')).map(str::to_owned).collect::<Vec<_>>();
        for good in
            ["models auth login", "models auth login --provider openai-codex", "models auth login --agent main --provider=openai"]
        {
            assert!(is_login(&argv(good)), "{good}");
        }
        for bad in ["models auth login --provider anthropic", "models auth", "gateway run", "models auth login-github-copilot"] {
            assert!(!is_login(&argv(bad)), "{bad}");
        }
    }
}
