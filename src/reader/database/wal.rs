//! Is a write-ahead log in order? SQLite applies the frames up to the first that does not fit and
//! says nothing of the rest, so the rest is counted here.
//!
//! A log begins with a header of 32 bytes; each frame is a header of 24 bytes and one page. All
//! frames of one round bear the two salts of the header, and a checksum that runs on from frame to
//! frame. Behind them may stand frames of an earlier round, with other salts: those are stale and
//! in order. (SQLite file format, "WAL-mode file format".)

use super::header::Header;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

/// What a log is to the database beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// It belongs to it, but for so many bytes at its end that are damaged or cut.
    Own {
        /// Bytes that SQLite will not apply though they are of this round.
        damaged: u64,
    },
    /// The database uses no log, or has pages of another size: this is another one's.
    Foreign,
}

/// First bytes of a log; the last bit says in which order its checksums read words.
const MAGIC: u32 = 0x377f_0682;
const HEADER: usize = 32;
const FRAME: usize = 24;
/// Largest page.
const PAGE: u32 = 1 << 16;

/// Look at the copy of a log that is to stand beside the copy of a database.
///
/// # Errors
/// When either cannot be read.
pub fn examine(database: &Path, log: &Path) -> io::Result<Log> {
    let mut start = Vec::new();
    File::open(database)?.take(super::header::LEN as u64).read_to_end(&mut start)?;
    // A database too short to say is refused later, for that.
    let header = Header::of(&start);
    let mut file = File::open(log)?;
    let len = file.metadata()?.len();
    let pages = page_of(&mut file)?;
    file.rewind()?;
    let differs = |header: &Header| pages.is_some_and(|page| u64::from(page) != header.page);
    if header.is_some_and(|header| !header.logged || differs(&header)) {
        return Ok(Log::Foreign);
    }
    Ok(Log::Own { damaged: len.saturating_sub(in_order(&mut BufReader::with_capacity(1 << 18, file), len)?) })
}

/// Bytes of a page of a log, as its header says; None where it has no header that is in order.
fn page_of(log: &mut impl Read) -> io::Result<Option<u32>> {
    let mut header = [0; HEADER];
    Ok(if fill(log, &mut header)? { page(&header) } else { None })
}

/// The same, of a header. The log has larger pages written out, the database writes 1 for 65536.
fn page(header: &[u8; HEADER]) -> Option<u32> {
    let word = |at: usize| be(header, at);
    let sum = checksum((0, 0), header.get(..24).unwrap_or_default(), word(0) & 1 == 1);
    let page = word(8);
    let fits = word(0) & !1 == MAGIC && page.is_power_of_two() && (512..=PAGE).contains(&page);
    (fits && sum == (word(24), word(28))).then_some(page)
}

/// Length of the part of a log that is in order: valid frames, and stale ones behind them.
fn in_order(log: &mut impl Read, len: u64) -> io::Result<u64> {
    let mut header = [0; HEADER];
    if len == 0 || !fill(log, &mut header)? {
        return Ok(0);
    }
    let Some(page) = page(&header) else { return Ok(0) };
    let big = be(&header, 0) & 1 == 1;
    let mut sum = (be(&header, 24), be(&header, 28));
    let salts = header.get(16..24).unwrap_or_default();
    let mut frame = vec![0; FRAME + page as usize];
    let (mut good, mut stale) = (HEADER as u64, false);
    while fill(log, &mut frame)? {
        let (head, content) = frame.split_at(FRAME);
        match head.get(8..16) == Some(salts) {
            false => stale = true,
            // Of this round, behind a frame that is not: that one is damaged.
            true if stale => return Ok(good),
            true => {
                sum = checksum(checksum(sum, head.get(..8).unwrap_or_default(), big), content, big);
                if sum != (be(head, 16), be(head, 20)) {
                    return Ok(good);
                }
                good += frame.len() as u64;
            }
        }
    }
    let partial = (len - HEADER as u64) % frame.len() as u64;
    // What is left of a last frame stands at the start of the buffer.
    let cut = partial > 0 && !stale && (partial < 16 || frame.get(8..16) == Some(salts));
    Ok(if cut { good } else { len })
}

/// Fill `room`; false at the end, with what there was at its start.
fn fill(from: &mut impl Read, room: &mut [u8]) -> io::Result<bool> {
    let mut at = 0;
    while let Some(rest) = room.get_mut(at..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => return Ok(false),
            Ok(n) => at += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn be(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// The running checksum of a log over more bytes, a multiple of eight.
fn checksum(sum: (u32, u32), bytes: &[u8], big: bool) -> (u32, u32) {
    bytes.as_chunks::<8>().0.iter().fold(sum, |(first, second), pair| {
        let [a, b, c, d, e, f, g, h] = *pair;
        let word = |bytes: [u8; 4]| if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        let first = first.wrapping_add(word([a, b, c, d])).wrapping_add(second);
        (first, second.wrapping_add(word([e, f, g, h])).wrapping_add(first))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rusqlite::Connection;
    use std::fs;

    /// A live database and its log of ten commits, in a folder of its own.
    fn live() -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let writer = Connection::open(folder.path().join("x.db")).unwrap();
        writer
            .execute_batch("PRAGMA page_size=1024; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x);")
            .unwrap();
        (0..10).for_each(|n| assert_eq!(writer.execute("INSERT INTO t VALUES (?1)", [n]).unwrap(), 1));
        (folder, writer)
    }

    fn damaged(log: &[u8]) -> u64 {
        log.len() as u64 - in_order(&mut &log[..], log.len() as u64).unwrap()
    }

    #[test]
    fn a_log_in_order_has_no_damage_and_a_stale_tail_is_none() {
        let (folder, writer) = live();
        let path = folder.path().join("x.db-wal");
        assert_eq!(damaged(&fs::read(&path).unwrap()), 0);
        assert_eq!(damaged(b""), 0);
        // The next round overwrites the log from its start.
        writer.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
        assert_eq!(writer.execute("INSERT INTO t VALUES (11)", []).unwrap(), 1);
        let log = fs::read(&path).unwrap();
        assert!(log.len() > 8 * (FRAME + 1024), "old frames stand behind the new");
        assert_eq!(damaged(&log), 0);
    }

    #[test]
    fn every_cut_and_every_flip_is_noticed() {
        let (folder, _writer) = live();
        let log = fs::read(folder.path().join("x.db-wal")).unwrap();
        let frame = FRAME + 1024;
        for cut in (1..log.len()).step_by(61) {
            let rest = if cut < HEADER { cut } else { (cut - HEADER) % frame };
            assert_eq!(damaged(&log[..cut]), rest as u64, "cut at {cut}");
        }
        for at in (0..log.len()).step_by(97) {
            let mut bytes = log.clone();
            bytes[at] ^= 0x10;
            let before = if at < HEADER { 0 } else { HEADER + (at - HEADER) / frame * frame };
            assert_eq!(damaged(&bytes), (log.len() - before) as u64, "flip at {at}");
        }
    }

    #[test]
    fn a_database_without_a_log_has_a_foreign_one() {
        let (folder, _writer) = live();
        let other = folder.path().join("y.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE t(x)").unwrap();
        let log = folder.path().join("x.db-wal");
        assert_eq!(examine(&other, &log).unwrap(), Log::Foreign);
        assert_eq!(examine(&folder.path().join("x.db"), &log).unwrap(), Log::Own { damaged: 0 });
    }

    #[test]
    fn a_log_of_pages_of_another_size_is_a_foreign_one() {
        let (folder, _writer) = live();
        let at = |name: &str| folder.path().join(name);
        let made = |name: &str, page: u32| {
            let writer = Connection::open(at(name)).unwrap();
            let sql = format!("PRAGMA page_size={page}; PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1);");
            writer.execute_batch(&sql).unwrap();
            writer
        };
        for (name, page) in [("small.db", 512), ("large.db", 65_536)] {
            let _writer = made(name, page);
            let own = at(&format!("{name}-wal"));
            assert_eq!(examine(&at(name), &at("x.db-wal")).unwrap(), Log::Foreign, "{page}");
            assert_eq!(examine(&at("x.db"), &own).unwrap(), Log::Foreign, "{page}");
            assert_eq!(examine(&at(name), &own).unwrap(), Log::Own { damaged: 0 }, "{page}");
            // All of a database may be in its log; and a log may say nothing.
            fs::write(at("empty.db"), b"").unwrap();
            assert_eq!(examine(&at("empty.db"), &own).unwrap(), Log::Own { damaged: 0 }, "{page}");
            fs::write(at("empty.db-wal"), b"").unwrap();
            assert_eq!(examine(&at(name), &at("empty.db-wal")).unwrap(), Log::Own { damaged: 0 }, "{page}");
            fs::write(at("zeros.db-wal"), [0; 4096]).unwrap();
            assert_eq!(examine(&at(name), &at("zeros.db-wal")).unwrap(), Log::Own { damaged: 4096 }, "{page}");
        }
    }
}
