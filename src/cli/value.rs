//! Words of single options: outputs, times and zones. Each parser answers with plain data or
//! with one sentence, `cause; way out`, that holds nothing of what was typed.

use super::Template;
use crate::attribute::RootCause;
use crate::output::{Format, Output, Target};
use crate::plan::{Bound, HostRule, ZoneAsked, ZoneRule};
use crate::time::{self, Stamp};
use std::path::{Path, PathBuf};

/// Formats this version writes.
const FORMATS: &[(&str, Format)] = &[("md", Format::Markdown), ("json", Format::Json)];
/// Formats that are words of the contract and are not written yet.
const LATER_FORMATS: &[&str] = &["html", "text"];
/// Templates that are words of the contract and do not exist yet.
const LATER_TEMPLATES: &[&str] = &["hermes", "openclaw", "codex"];

const DAY_MS: i64 = 86_400_000;

/// `--format`.
pub(super) fn format(word: &str) -> Result<Format, String> {
    match FORMATS.iter().find(|(name, _)| *name == word) {
        Some((_, format)) => Ok(*format),
        None if LATER_FORMATS.contains(&word) => {
            Err("this version does not write that format yet; it writes md and json".to_owned())
        }
        None => Err("no such format; this version writes md and json".to_owned()),
    }
}

/// `--output` as it was typed: the format is settled once `--format` is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OutputAsked {
    format: Option<Format>,
    target: Target,
}

impl OutputAsked {
    /// The output, written as `otherwise` where neither a word nor an extension says how.
    pub(super) fn or(self, otherwise: Option<Format>) -> Output {
        Output { format: self.format.or(otherwise).unwrap_or_default(), target: self.target }
    }
}

/// `[FORMAT=]FILE`.
pub(super) fn output(text: &str) -> Result<OutputAsked, String> {
    let (stated, file) = match text.split_once('=') {
        Some((word, file)) if FORMATS.iter().any(|(name, _)| *name == word) || LATER_FORMATS.contains(&word) => {
            (Some(format(word)?), file)
        }
        Some((word, _)) if !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            return Err("what stands before '=' is no format; write md=FILE or json=FILE".to_owned());
        }
        _ => (None, text),
    };
    match file {
        "" => Err("no file is named; write md=FILE, json=FILE or FILE".to_owned()),
        "-" | "/dev/stdout" => Ok(OutputAsked { format: stated, target: Target::Stdout }),
        _ => {
            let format = if stated.is_some() { stated } else { by_extension(file)? };
            Ok(OutputAsked { format, target: Target::File(PathBuf::from(file)) })
        }
    }
}

fn by_extension(file: &str) -> Result<Option<Format>, String> {
    let extension = Path::new(file).extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    match extension.as_str() {
        "md" | "markdown" => Ok(Some(Format::Markdown)),
        "json" => Ok(Some(Format::Json)),
        "html" | "htm" => Err("this version does not write html yet; write md=FILE or json=FILE".to_owned()),
        _ => Ok(None),
    }
}

/// `--since`: a date is the start of that day.
pub(super) fn since(text: &str) -> Result<Bound, String> {
    bound(text, 0)
}

/// `--until`: a date is the end of that day.
pub(super) fn until(text: &str) -> Result<Bound, String> {
    bound(text, DAY_MS - 1)
}

/// A time, a date (UTC, moved by `in_day_ms`), or a span before the newest event.
fn bound(text: &str, in_day_ms: i64) -> Result<Bound, String> {
    let text = text.trim();
    if let Some(ms) = span(text) {
        return Ok(Bound::BeforeNewest(ms));
    }
    if text.len() == "2026-05-10".len()
        && let Some(day) = Stamp::parse(&format!("{text}T00:00:00Z"))
    {
        return Ok(Bound::At(day.ms + in_day_ms));
    }
    match Stamp::parse(text) {
        Some(stamp) if stamp.is_local() => Err("a time without a zone; add Z or an offset such as +02:00".to_owned()),
        Some(stamp) => Ok(Bound::At(stamp.ms)),
        None => Err("not a time; write 2026-05-10T06:15:00Z, 2026-05-10, or a span before the newest event: 36h, 7d".to_owned()),
    }
}

/// `90s`, `30m`, `36h`, `7d`, `2w`, in ms.
fn span(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => DAY_MS,
        'w' => 7 * DAY_MS,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    let only_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if only_digits { digits.parse::<i64>().ok()?.checked_mul(unit) } else { None }
}

/// `--tz-of GLOB=ZONE`.
pub(super) fn zone_rule(text: &str) -> Result<ZoneRule, String> {
    let Some((glob, zone)) = text.rsplit_once('=').filter(|(glob, _)| !glob.is_empty()) else {
        return Err("not of the form GLOB=ZONE; write for example '.hermes=Europe/Berlin' or '*.log=+02:00'".to_owned());
    };
    let zone = match time::parse_offset(zone) {
        Some(seconds) => ZoneAsked::Offset(seconds),
        None if jiff::tz::TimeZone::get(zone).is_ok() => ZoneAsked::Named(zone.to_owned()),
        None => return Err("no such zone; write an IANA name such as Europe/Berlin, or an offset such as +02:00".to_owned()),
    };
    Ok(ZoneRule { glob: glob.to_owned(), zone })
}

/// `--host-of`.
pub(super) fn host_rule(text: &str) -> Result<HostRule, String> {
    match text.rsplit_once('=').filter(|(glob, name)| !glob.is_empty() && !name.is_empty()) {
        Some((glob, name)) => Ok(HostRule { glob: glob.to_owned(), name: name.to_owned() }),
        None => Err("not of the form GLOB=NAME; write for example 'vps/**=vps'".to_owned()),
    }
}

/// `--max-bytes`.
pub(super) fn max_units(text: &str) -> Result<usize, String> {
    number(text, super::MIN_UNITS, 1 << 30)
}

/// `--threads`.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    number(text, 0, 1024)
}

fn number(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.parse::<usize>().ok().filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| format!("not a whole number from {least} to {most}"))
}

/// `--template`.
pub(super) fn template(word: &str) -> Result<Template, String> {
    match word {
        "generic" => Ok(Template::Generic),
        _ if LATER_TEMPLATES.contains(&word) => Err("this version does not have that template yet; it has generic".to_owned()),
        "" => Err("no template is named; write generic or a FILE".to_owned()),
        _ => Ok(Template::File(PathBuf::from(word))),
    }
}

/// A root cause; a hyphen is easily typed where the report has an underscore.
pub(super) fn root_cause(word: &str) -> Result<RootCause, String> {
    let words = || RootCause::ALL.iter().map(|cause| cause.word()).collect::<Vec<_>>().join(", ");
    let named = RootCause::named(&word.trim().to_ascii_lowercase().replace('-', "_"));
    named.ok_or_else(|| format!("no such root cause; they are {}", words()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn asked(text: &str, otherwise: Option<Format>) -> Result<Output, String> {
        output(text).map(|o| o.or(otherwise))
    }

    fn to(format: Format, file: &str) -> Result<Output, String> {
        Ok(Output { format, target: Target::File(PathBuf::from(file)) })
    }

    #[test]
    fn an_output_is_a_format_and_a_file() {
        use Format::{Json, Markdown};
        assert_eq!(asked("md=a/report.txt", None), to(Markdown, "a/report.txt"));
        assert_eq!(asked("json=report", Some(Markdown)), to(Json, "report"));
        assert_eq!(asked("json=a=b.md", None), to(Json, "a=b.md"));
        assert_eq!(asked("report.JSON", Some(Markdown)), to(Json, "report.JSON"));
        assert_eq!(asked("report.md", Some(Json)), to(Markdown, "report.md"));
        assert_eq!(asked("report", Some(Json)), to(Json, "report"));
        assert_eq!(asked("report", None), to(Markdown, "report"));
        assert_eq!(asked("./a=b.md", None), to(Markdown, "./a=b.md"));
        for stdout in ["-", "/dev/stdout"] {
            assert_eq!(asked(stdout, Some(Json)), Ok(Output { format: Json, target: Target::Stdout }));
        }
        assert_eq!(asked("json=-", None), Ok(Output { format: Json, target: Target::Stdout }));
        for bad in ["", "md=", "html=x", "text=x", "x.html", "yaml=x"] {
            assert!(output(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn later_formats_and_templates_say_so() {
        for later in ["html", "text"] {
            assert!(format(later).unwrap_err().contains("yet"), "{later}");
        }
        assert!(!format("yaml").unwrap_err().contains("yet"));
        assert_eq!(template("generic"), Ok(Template::Generic));
        assert_eq!(template("./hermes"), Ok(Template::File(PathBuf::from("./hermes"))));
        for later in LATER_TEMPLATES {
            assert!(template(later).unwrap_err().contains("generic"), "{later}");
        }
    }

    #[test]
    fn a_bound_is_a_time_a_date_or_a_span() {
        let at = |text: &str| Ok(Bound::At(Stamp::parse(text).unwrap().ms));
        assert_eq!(since("2026-05-10T06:15:00Z"), at("2026-05-10T06:15:00Z"));
        assert_eq!(since("2026-05-10T08:15:00+02:00"), at("2026-05-10T06:15:00Z"));
        assert_eq!(since("2026-05-10"), at("2026-05-10T00:00:00Z"));
        assert_eq!(until("2026-05-10"), at("2026-05-10T23:59:59.999Z"));
        for (text, ms) in
            [("90s", 90_000), ("30m", 1_800_000), ("36h", 129_600_000), ("7d", 7 * DAY_MS), ("2w", 14 * DAY_MS), ("0d", 0)]
        {
            assert_eq!((since(text), until(text)), (Ok(Bound::BeforeNewest(ms)), Ok(Bound::BeforeNewest(ms))), "{text}");
        }
        let huge = format!("{}w", i64::MAX);
        for bad in ["", "d", "-3d", "7", "7 d", "7D", "1d12h", "yesterday", "2026-02-30", "2026-05-10T06:15:00", "٣d", "7é", &huge]
        {
            assert!(since(bad).is_err(), "{bad}");
        }
        assert!(since("2026-05-10T06:15:00").unwrap_err().contains("zone"));
    }

    #[test]
    fn a_zone_is_an_offset_or_a_name() {
        let rule = |glob: &str, zone| Ok(ZoneRule { glob: glob.to_owned(), zone });
        assert_eq!(zone_rule("*.log=+05:30"), rule("*.log", ZoneAsked::Offset(19_800)));
        assert_eq!(zone_rule("*.log=Z"), rule("*.log", ZoneAsked::Offset(0)));
        assert_eq!(zone_rule("a=b/*=Europe/Berlin"), rule("a=b/*", ZoneAsked::Named("Europe/Berlin".to_owned())));
        for bad in ["*.log", "=Europe/Berlin", "*.log=", "*.log=Mars/Base", "*.log=+25:00", "*.log=+2"] {
            assert!(zone_rule(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts() {
        let rule = |glob: &str, name: &str| Ok(HostRule { glob: glob.to_owned(), name: name.to_owned() });
        assert_eq!(host_rule("vps/**=vps"), rule("vps/**", "vps"));
        assert_eq!(host_rule("a=b/*=my box"), rule("a=b/*", "my box"));
        for bad in ["vps", "=vps", "vps/**="] {
            assert!(host_rule(bad).is_err(), "{bad}");
        }
    }
}
