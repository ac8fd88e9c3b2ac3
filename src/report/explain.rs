//! `stopwhy explain`: the text of a root cause, the same that the report uses.

use crate::attribute::{RootCause, about};

/// What a root cause means; None for a word that is not one.
pub fn explain(word: &str) -> Option<String> {
    let cause = RootCause::named(word)?;
    let Some(about) = about(cause) else {
        return Some(format!(
            "{word}\n\nA word of the report format that this version does not decide yet.\nIncidents of this kind come out as `undetermined` or under the nearest cause that is decided.\n"
        ));
    };
    let mut text = format!("{word} (mechanism: {})\n\n{}\n\n{}\n", cause.mechanism().word(), about.line, about.means);
    let mut list = |title: &str, items: &[&str]| {
        if !items.is_empty() {
            text.push_str(&format!("\n{title}\n"));
            items.iter().for_each(|i| text.push_str(&format!("  - {i}\n")));
        }
    };
    list("It needs", about.needs);
    list("It is supported by", about.supports);
    list("It is excluded by", about.excludes);
    list("Controls", about.controls);
    if !about.timeline.is_empty() {
        list("How it goes", &[about.timeline]);
    }
    list("Versions that matter", about.versions);
    list("Do", &[about.repairs, about.dos].concat());
    list("Do not", about.donts);
    list("What would settle an open case", about.settles);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_text_and_other_words_have_none() {
        for cause in RootCause::ALL {
            assert!(explain(cause.word()).is_some_and(|t| t.len() > 80), "{}", cause.word());
        }
        assert_eq!(explain("aliens"), None);
    }
}
