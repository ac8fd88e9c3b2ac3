//! The first hundred bytes of a database file: how large it says it is, and whether it is kept
//! with a write-ahead log. SQLite itself does not complain about everything that they show.

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Bytes of a page.
    pub(super) page: u64,
    /// Bytes at the end of each page that SQLite leaves to others.
    pub(super) reserved: u64,
    /// Pages of the database when it was last written as a whole; None where that is not known
    /// (a writer older than SQLite 3.7.0 changed the file since).
    pub(super) pages: Option<u64>,
    /// Changes go to a write-ahead log first.
    pub(super) logged: bool,
}

/// Length of the header.
pub(super) const LEN: usize = 100;
/// Where the number of pages stands in it.
pub(super) const PAGES: usize = 28;

impl Header {
    /// Read it. None for what is not a header, or too short.
    pub(super) fn of(bytes: &[u8]) -> Option<Header> {
        if bytes.len() < LEN || !bytes.starts_with(super::sniff::DATABASE) {
            return None;
        }
        let number = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        let page = match bytes.get(16..18)? {
            [0, 1] => 1 << 16,
            &[high, low] => Some(u64::from(u16::from_be_bytes([high, low]))).filter(|size| *size >= 512)?,
            _ => return None,
        };
        let known = number(24)? == number(92)?;
        let pages = number(PAGES).filter(|n| known && *n > 0).map(u64::from);
        let reserved = u64::from(*bytes.get(20)?);
        Some(Header { page, reserved, pages, logged: bytes.get(18) == Some(&2) || bytes.get(19) == Some(&2) })
    }

    /// Bytes that are missing from a file of `len` bytes.
    pub(super) fn missing(&self, len: u64) -> u64 {
        self.pages.map_or(0, |pages| pages.saturating_mul(self.page).saturating_sub(len))
    }

    /// Bytes of a file of `len` bytes that stand behind its last page.
    pub(super) fn behind(&self, len: u64) -> u64 {
        self.pages.map_or(0, |pages| len.saturating_sub(pages.saturating_mul(self.page)))
    }
}
