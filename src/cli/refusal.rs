//! What clap could not understand, in one line of our own: clap repeats what was typed as it
//! is, and that may hold control characters or the commands of a CI runner.

use super::Stop;
use crate::say::{Complaint, quoted};
use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::error::Error as _;
use std::ffi::OsStr;

/// Help to show, or what is wrong. `see` says where to read on.
pub(super) fn stop(error: &Error, see: &str) -> Stop {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Help(error.render().to_string()),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            Stop::Usage(error.render().to_string())
        }
        kind => Stop::Error(complaint(kind, error, see)),
    }
}

fn complaint(kind: ErrorKind, error: &Error, see: &str) -> Complaint {
    let text = |kind| error.get(kind).map(words).unwrap_or_default();
    let option = text(ContextKind::InvalidArg);
    // "--since <T>" is what the help calls it; the value's name says nothing here.
    let option = option.split_once(" <").map_or(option.as_str(), |(name, _)| name);
    let value = text(ContextKind::InvalidValue);
    // A word without an option ("<ROOT_CAUSE>") speaks for itself.
    let both = if option.starts_with('<') { value.clone() } else { format!("{option} {value}").trim_end().to_owned() };
    let or_see = |similar: String| if similar.is_empty() { see.to_owned() } else { format!("a similar one is {similar}") };
    match kind {
        ErrorKind::UnknownArgument if !option.starts_with('-') => Complaint::new(option, "one word too many", see),
        ErrorKind::UnknownArgument => Complaint::new(option, "no such option", or_see(text(ContextKind::SuggestedArg))),
        ErrorKind::InvalidSubcommand => {
            Complaint::new(text(ContextKind::InvalidSubcommand), "no such command", or_see(text(ContextKind::SuggestedSubcommand)))
        }
        ErrorKind::MissingRequiredArgument => Complaint::new(option, "missing", see),
        ErrorKind::InvalidValue if value.is_empty() => Complaint::new(option, "a value is missing", see),
        ErrorKind::InvalidValue => {
            Complaint::new(both, "not one of its words", format!("they are {}", text(ContextKind::ValidValue)))
        }
        ErrorKind::ValueValidation => {
            Complaint::new(both, error.source().map_or_else(|| "not valid".to_owned(), ToString::to_string), "")
        }
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg);
            let other = other.trim_end_matches("...");
            if other == option || other.is_empty() {
                Complaint::new(option, "given more than once", "leave one out")
            } else {
                Complaint::new(option, format!("does not go together with {other}"), "leave one out")
            }
        }
        ErrorKind::InvalidUtf8 => Complaint::new("command line", "a word is not valid UTF-8", "only a PATH may be"),
        _ => Complaint::new("command line", "not understood", see),
    }
}

/// A context of the error as text that is safe to show.
fn words(value: &ContextValue) -> String {
    let quoted = |text: &str| quoted(OsStr::new(text));
    match value {
        ContextValue::String(text) => quoted(text),
        ContextValue::Strings(list) => list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "),
        ContextValue::StyledStr(text) => quoted(&text.to_string()),
        ContextValue::StyledStrs(list) => list.iter().map(|text| quoted(&text.to_string())).collect::<Vec<_>>().join(", "),
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
