//! Hermes' log files: local time without a zone, one record in up to three files.

use super::super::home::Home;
use super::super::stage::Stage;

/// Where the home stands.
pub(super) const ROOT: &str = ".hermes";

/// One record.
struct Record {
    at: i64,
    level: &'static str,
    tag: Option<String>,
    logger: &'static str,
    text: String,
}

/// Does a record belong into a file?
type Belongs = fn(&Record) -> bool;

/// All records of a home.
#[derive(Default)]
pub(super) struct Log {
    records: Vec<Record>,
}

impl Log {
    /// A record without a session tag.
    pub(super) fn info(&mut self, at: i64, logger: &'static str, text: impl Into<String>) {
        self.records.push(Record { at, level: "INFO", tag: None, logger, text: text.into() });
    }

    /// A record at any level, tagged with a session if there is one.
    pub(super) fn put(&mut self, at: i64, level: &'static str, tag: Option<&str>, logger: &'static str, text: impl Into<String>) {
        self.records.push(Record { at, level, tag: tag.map(str::to_owned), logger, text: text.into() });
    }

    /// `agent.log` has everything, `errors.log` what is a warning or worse, `gateway.log` what
    /// the gateway's loggers say.
    pub(super) fn finish(mut self, st: &Stage, home: &mut Home) {
        self.records.sort_by_key(|record| record.at);
        let files: [(&str, Belongs); 3] = [
            ("agent.log", |_| true),
            ("errors.log", |record| record.level != "INFO"),
            ("gateway.log", |record| record.logger.starts_with("gateway")),
        ];
        for (file, belongs) in files {
            let records: Vec<&Record> = self.records.iter().filter(|r| belongs(r)).collect();
            if let Some(last) = records.last() {
                let text: String = records.iter().map(|r| line(st, r)).collect();
                home.put(format!("{ROOT}/logs/{file}"), text, last.at);
            }
        }
    }
}

fn line(st: &Stage, record: &Record) -> String {
    let tag = record.tag.as_ref().map_or_else(String::new, |tag| format!(" [{tag}]"));
    format!("{} {}{tag} {}: {}\n", st.clock.python_log(record.at), record.level, record.logger, record.text)
}
