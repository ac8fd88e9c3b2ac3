//! Homes disturbed: local clocks moved, what tells a zone taken out, lines woven in, lines and files taken
//! out. Each is something that copying, editing or another machine does to real files.

use super::clock::HOUR;
use super::home::Home;
use jiff::Span;
use jiff::civil::DateTime;
use regex::{Captures, Regex, bytes};
use std::collections::BTreeSet;

/// Half an hour in milliseconds.
const HALF_HOUR: i64 = HOUR / 2;

/// A wall-clock time to the second, its fraction, and a zone where one follows.
fn stamps() -> Regex {
    Regex::new(r"\b(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2})([.,]\d+)?(Z|[+-]\d{2}:?\d{2})?").unwrap()
}

/// Every naive time moved by so many half hours, ids that Hermes makes of its clock included, in files,
/// rows and names. A time with a zone stays.
pub fn moved_clock(home: &mut Home, half_hours: i64) {
    let (stamps, by) = (stamps(), Span::new().milliseconds(half_hours * HALF_HOUR));
    let ids = bytes::Regex::new(r"(\d{8}_\d{6})(_[0-9a-f]{6,8})").unwrap();
    let moved_id = |hit: &bytes::Captures<'_>| -> Vec<u8> {
        let wall = std::str::from_utf8(&hit[1]).ok().and_then(|text| DateTime::strptime("%Y%m%d_%H%M%S", text).ok());
        let moved = wall.and_then(|wall| wall.checked_add(by).ok()).map(|wall| wall.strftime("%Y%m%d_%H%M%S").to_string());
        moved.map_or_else(|| hit[0].to_vec(), |text| [text.as_bytes(), &hit[2]].concat())
    };
    // They are of one length and keep their order, so that even a database stays whole.
    home.change_all(|bytes| ids.replace_all(bytes, moved_id).into_owned());
    *home = std::mem::take(home).moved(|path| String::from_utf8(ids.replace_all(path.as_bytes(), moved_id).into_owned()).unwrap());
    let moved = |hit: &Captures<'_>| -> String {
        match (hit.get(3), hit[1].parse::<DateTime>()) {
            (None, Ok(wall)) => {
                let separator = &hit[1][10..11];
                let moved = wall.checked_add(by).unwrap().strftime(&format!("%F{separator}%T")).to_string();
                format!("{moved}{}", hit.get(2).map_or("", |fraction| fraction.as_str()))
            }
            _ => hit[0].to_owned(),
        }
    };
    // opencode's log is UTC in any zone, though it does not say so.
    for path in home.texts().into_iter().filter(|path| !path.contains("opencode/log/")) {
        home.change(&path, |text| stamps.replace_all(&text, moved).into_owned());
    }
}

/// Without the lines of Hermes that hold both clocks, and without the setting that names the zone.
pub fn without_zone(home: &mut Home) {
    let tells = |line: &str| line.contains("State snapshot created:") || line.trim_start().starts_with("timezone:");
    for path in home.texts() {
        home.change(&path, |text| text.split_inclusive('\n').filter(|line| !tells(line)).collect());
    }
}

/// Lines of a file left out, counted from 1; a file of which nothing is named goes as a whole.
pub fn without_lines(home: &mut Home, path: &str, lines: &BTreeSet<u64>) {
    let texts = home.texts();
    if lines.contains(&0) || !texts.iter().any(|text| text == path) {
        home.keep(|file| file != path);
        return;
    }
    let keeps = |(number, line): (u64, &'_ str)| (!lines.contains(&number)).then(|| line.to_owned());
    home.change(path, |text| (1..).zip(text.split_inclusive('\n')).filter_map(keeps).collect());
}

/// The records of two logs in order of their times. A record is a line and what follows it without a time;
/// neither log is sorted in itself.
pub fn woven(ours: &str, theirs: &str) -> String {
    let (ours, theirs) = (records(ours), records(theirs));
    let mut theirs = theirs.into_iter().peekable();
    let mut text = String::new();
    for (time, record) in ours {
        while theirs.peek().is_some_and(|(other, _)| !time.is_empty() && *other < time) {
            text.extend(theirs.next().map(|(_, record)| record));
        }
        text.push_str(&record);
    }
    text.extend(theirs.map(|(_, record)| record));
    text
}

/// Time and text of each record.
fn records(text: &str) -> Vec<(String, String)> {
    let stamp = Regex::new(r#"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}[.,]?\d*|"time":"([^"]+)""#).unwrap();
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let time = stamp.captures(line).map(|hit| hit.get(1).or(hit.get(0)).map_or("", |t| t.as_str()).to_owned());
        match (time, found.last_mut()) {
            (None, Some((_, record))) => record.push_str(line),
            (time, _) => found.push((time.unwrap_or_default(), line.to_owned())),
        }
    }
    found
}

/// So many half hours, as people write it.
pub fn hours(half_hours: i64) -> String {
    format!("{}{:02}:{:02}", if half_hours < 0 { '-' } else { '+' }, half_hours.abs() / 2, half_hours.abs() % 2 * 30)
}

#[test]
fn naive_times_move_and_others_stay() {
    let mut home = Home::default();
    home.put(
        "20260531_234000_0a1b2c3d.log",
        "2026-05-31 23:40:00,158 INFO x\n{\"t\": \"2026-05-31T23:40:00.158402\"} 2026-05-31T23:40:00Z 2026-05-31 23:40:00+02:00\n",
        0,
    );
    moved_clock(&mut home, 3);
    let (path, text) = home.files().next().map(|(path, bytes)| (path, String::from_utf8(bytes.to_vec()).unwrap())).unwrap();
    assert_eq!(path, "20260601_011000_0a1b2c3d.log");
    let want =
        "2026-06-01 01:10:00,158 INFO x\n{\"t\": \"2026-06-01T01:10:00.158402\"} 2026-05-31T23:40:00Z 2026-05-31 23:40:00+02:00\n";
    assert_eq!(text, want);
    assert_eq!((hours(11), hours(-6)), ("+05:30".to_owned(), "-03:00".to_owned()));
}

#[test]
fn records_are_woven_by_time() {
    let woven =
        woven("2026-01-01 10:00:00,1 a\n more\n2026-01-01 12:00:00,1 b\n", "2026-01-01 11:00:00,1 x\n2026-01-01 13:00:00,1 y\n");
    let first: Vec<&str> = woven.lines().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(first, ["a", "more", "x", "b", "y"]);
}
