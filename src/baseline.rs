//! The two small files a user may add to a run: an earlier report as the baseline, and a layout
//! of their own. Read before the input, so that a mistake in them costs no scan.

use crate::say::{Complaint, io_cause, quoted};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Largest earlier report. A report of 100,000 sources has some 40 MB.
const BASELINE_LIMIT: u64 = 256 << 20;
/// Largest layout.
const TEMPLATE_LIMIT: u64 = 1 << 20;

/// What counts of an earlier report.
#[derive(Deserialize)]
struct Earlier {
    schema: String,
    incidents: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    fingerprint: String,
}

/// The fingerprints of the incidents that an earlier JSON report holds.
///
/// # Errors
/// When the file cannot be read or is no such report.
pub fn fingerprints(path: &Path) -> Result<BTreeSet<String>, Complaint> {
    let text = read(path, BASELINE_LIMIT)?;
    let no_report = |cause: &str| complaint(path, cause, "give a report that was written with -o json=FILE");
    let earlier: Earlier = serde_json::from_str(&text).map_err(|_| no_report("it is no JSON report of stopwhy"))?;
    if earlier.schema != crate::report::SCHEMA {
        return Err(no_report("it is a JSON report of another version of the format"));
    }
    Ok(earlier.incidents.into_iter().map(|known| known.fingerprint).collect())
}

/// The text of a layout.
///
/// # Errors
/// When the file cannot be read.
pub fn template(path: &Path) -> Result<String, Complaint> {
    read(path, TEMPLATE_LIMIT)
}

fn read(path: &Path, limit: u64) -> Result<String, Complaint> {
    let mut bytes = Vec::new();
    let cut = |error: std::io::Error| complaint(path, &io_cause(&error), "");
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)).map_err(cut)?;
    if bytes.len() as u64 > limit {
        return Err(complaint(path, &format!("it has more than {limit} bytes"), ""));
    }
    String::from_utf8(bytes).map_err(|_| complaint(path, "it is not UTF-8 text", ""))
}

fn complaint(path: &Path, cause: &str, way_out: &str) -> Complaint {
    Complaint::new(quoted(path.as_os_str()), cause, way_out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn known(text: &str) -> Result<Vec<String>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        fingerprints(file.path()).map(|set| set.into_iter().collect()).map_err(|c| c.cause)
    }

    #[test]
    fn a_baseline_is_an_earlier_report() {
        let report = |schema: &str| {
            format!(
                r#"{{"schema":"{schema}","more":[{{}}],"incidents":[{{"id":"I1","fingerprint":"k7x"}},{{"fingerprint":"a2"}}]}}"#
            )
        };
        assert_eq!(known(&report("stopwhy.report/1")), Ok(vec!["a2".to_owned(), "k7x".to_owned()]));
        assert!(known(&report("stopwhy.report/2")).is_err_and(|cause| cause.contains("another version")));
        for bad in ["", "{}", "[]", r#"{"schema":"stopwhy.report/1"}"#, "# Markdown"] {
            assert!(known(bad).is_err_and(|cause| cause.contains("no JSON report")), "{bad}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_said() {
        let missing = fingerprints(Path::new("none/at/all.json")).unwrap_err();
        assert_eq!(missing.to_string(), "none/at/all.json: no such file or folder");
    }
}
