//! What a visitor sees of some bytes, for tests: read from a pipe and from a file.

#![allow(clippy::unwrap_used)]

use super::blocks::Blocks;

use super::bytes::Pipe;
use super::read::{Place, Reading};
use super::{Budget, Found, Meter, Name, Row, Trouble, Troubles, discover, read};
use crate::event::SkipReason;
use crate::plan::Root;

pub(crate) const TEXT: &[u8] = b"{\"a\":1}\n{\"b\":2}\r\n{\"c\":3}\n";

/// What a visitor saw: name, lines (None for what was refused), bytes, troubles.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) lines: Option<Vec<String>>,
    pub(crate) bytes: u64,
    pub(crate) troubles: Troubles,
}

/// Run and see. What is handed out is counted against what archives say they have; an archive
/// shows only if something was wrong with it, or it holds nothing.
pub(crate) fn collect(run: impl FnOnce(&mut dyn FnMut(Found<'_, '_>))) -> Vec<Seen> {
    let (mut seen, mut handed) = (Vec::new(), [0u64; 16]);
    run(&mut |found| match found {
        Found::Archive(closed) => {
            let depth = usize::from(closed.depth);
            assert_eq!(closed.members.due(), std::mem::take(&mut handed[depth + 1]), "{:?}", closed.members);
            handed[depth] += 1;
            if !closed.troubles.is_empty() || closed.members.due() == 0 {
                seen.push(Seen { bytes: closed.troubles.bytes(), ..Seen::nothing(&closed.name, closed.troubles) });
            }
        }
        Found::Refused(refused) => {
            handed[usize::from(refused.depth)] += 1;
            seen.push(Seen { bytes: refused.troubles.bytes(), ..Seen::nothing(&refused.name, refused.troubles) });
        }
        Found::Source(stream) => {
            handed[usize::from(stream.depth())] += 1;
            let mut lines = Vec::new();
            stream.lines(1 << 20, |row| {
                if let Row::Line { line, .. } = row {
                    lines.push(String::from_utf8_lossy(line.bytes).into_owned());
                }
            });
            let (bytes, troubles) = stream.finish();
            seen.push(Seen { lines: Some(lines), bytes, ..Seen::nothing(stream.name(), troubles) });
        }
    });
    seen
}

impl Seen {
    fn nothing(name: &Name, troubles: Troubles) -> Seen {
        Seen { name: name.private().to_owned(), lines: None, bytes: 0, troubles }
    }
}

/// From a pipe.
pub(crate) fn piped_with(bytes: &[u8], budget: &Budget) -> Vec<Seen> {
    let meter = Meter::new();
    let seen = collect(|visit| {
        Reading::new(budget, &meter, visit).open(Blocks::new(Pipe::new(bytes, &meter)), Place::new(Name::of_text("x")));
    });
    assert!(budget.was_hit() || meter.read() == bytes.len() as u64, "{} of {}", meter.read(), bytes.len());
    seen
}

pub(crate) fn piped(bytes: &[u8]) -> Vec<Seen> {
    piped_with(bytes, &Budget::default())
}

/// From a file.
pub(crate) fn on_disk(bytes: &[u8]) -> Vec<Seen> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x");
    std::fs::write(&path, bytes).unwrap();
    let inputs = discover(&[Root::Path(path.clone())]).unwrap();
    let (budget, meter) = (Budget::default(), Meter::new());
    let mut seen = collect(|visit| inputs.iter().for_each(|input| read(input, &budget, &meter, visit)));
    assert_eq!(meter.read(), bytes.len() as u64);
    let prefix = Name::of_path(&path);
    seen.iter_mut().for_each(|one| one.name = one.name.replace(prefix.private(), "x"));
    seen
}

pub(crate) fn both(bytes: &[u8]) -> Vec<Seen> {
    let seen = piped(bytes);
    assert_eq!(on_disk(bytes), seen);
    seen
}

pub(crate) fn good(name: &str, text: &[u8]) -> Seen {
    let lines = String::from_utf8_lossy(text).lines().map(str::to_owned).collect();
    Seen { name: name.to_owned(), lines: Some(lines), bytes: text.len() as u64, troubles: Troubles::default() }
}

pub(crate) fn refused(name: &str, reason: SkipReason, count: u64, bytes: u64) -> Seen {
    let mut troubles = Troubles::default();
    troubles.add(Trouble { reason, count, bytes });
    Seen { name: name.to_owned(), lines: None, bytes, troubles }
}
