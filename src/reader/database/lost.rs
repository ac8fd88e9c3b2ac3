//! The schema of a cut database, without what was lost: so that the tables that are there can be
//! read.
//!
//! SQLite refuses a database as a whole when its schema names a table or an index that begins on a
//! page which is not there, as almost every cut leaves it. In the private copy such a table is
//! given no page (it then reads as damaged, by itself), and such an index is taken off the list.
//! The schema is a tree of pages like any other table, kept from page 1 on; its records are
//! (type, name, table, first page, text). (SQLite file format, "B-tree Pages", "Record Format".)

use super::header::{self, Header};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// First bytes of pages of a table: those that lead to others, and those that hold records.
const INNER: u8 = 5;
const LEAF: u8 = 13;
/// Length of their headers, behind which a list of cells stands; in that of an inner page, where
/// its last page is named.
const INNER_HEADER: usize = 12;
const LEAF_HEADER: usize = 8;
const LAST: usize = 8;
/// Most pages of a schema that are looked at.
const MOST: usize = 20_000;
/// Which value of a record is the first page of a table or index.
const ROOT: usize = 3;

/// Change the schema in the copy `file`, which holds whole pages, to name nothing beyond its end.
pub(super) fn leave_out(file: &mut File, header: Header) -> io::Result<()> {
    let there = file.metadata()?.len() / header.page;
    let mut next = vec![1];
    for _ in 0..MOST {
        let Some(number) = next.pop() else { break };
        let place = SeekFrom::Start((number - 1) * header.page);
        let mut bytes = vec![0; usize::try_from(header.page).unwrap_or(0)];
        file.seek(place)?;
        file.read_exact(&mut bytes)?;
        let mut page = Page { bytes, start: if number == 1 { header::LEN } else { 0 }, usable: header.page - header.reserved };
        match page.byte(page.start) {
            Some(INNER) => next.extend(page.leave_out_pages(there)),
            Some(LEAF) => page.leave_out_objects(there),
            _ => continue,
        }
        file.seek(place)?;
        file.write_all(&page.bytes)?;
    }
    Ok(())
}

/// A page of the schema.
struct Page {
    bytes: Vec<u8>,
    /// Where its header stands; on the first page behind that of the file.
    start: usize,
    usable: u64,
}

impl Page {
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn number(&self, at: usize, width: usize) -> Option<u64> {
        Some(self.bytes.get(at..at.checked_add(width)?)?.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    /// A number of one to nine bytes, and where it ends.
    fn varint(&self, at: usize) -> Option<(u64, usize)> {
        let mut number = 0u64;
        for width in 0..8 {
            let byte = self.byte(at + width)?;
            number = number << 7 | u64::from(byte & 0x7f);
            if byte < 0x80 {
                return Some((number, at + width + 1));
            }
        }
        Some((number << 8 | u64::from(self.byte(at + 8)?), at + 9))
    }

    /// Where the cells stand, from a list of pointers that begins `behind` the page's header.
    fn cells(&self, behind: usize) -> Vec<usize> {
        let count = self.number(self.start + 3, 2).unwrap_or(0) as usize;
        (0..count).map_while(|at| Some(self.number(self.start + behind + 2 * at, 2)? as usize)).collect()
    }

    /// Take what leads beyond `there` off this page; the pages that it still leads to.
    fn leave_out_pages(&mut self, there: u64) -> Vec<u64> {
        let is_there = |page: &u64| (1..=there).contains(page);
        let cells = self.cells(INNER_HEADER).into_iter().filter_map(|cell| Some((cell, self.number(cell, 4).filter(is_there)?)));
        let mut kept: Vec<(usize, u64)> = cells.collect();
        let mut pages: Vec<u64> = kept.iter().map(|(_, page)| *page).collect();
        match self.number(self.start + LAST, 4).filter(is_there) {
            Some(last) => pages.push(last),
            // The last page is named apart from the others.
            None => {
                let last = kept.pop().map_or(0, |(_, page)| page as u32);
                self.put(self.start + LAST, &last.to_be_bytes());
            }
        }
        self.list(INNER_HEADER, kept.into_iter().map(|(cell, _)| cell).collect());
        pages
    }

    /// Take what begins on a page beyond `there` off this page.
    fn leave_out_objects(&mut self, there: u64) {
        let mut kept: Vec<usize> = Vec::new();
        for cell in self.cells(LEAF_HEADER) {
            match self.root(cell).filter(|root| self.number(root.at, root.width).is_some_and(|page| page > there)) {
                Some(root) if !root.of_table => {}
                Some(root) => {
                    self.put(root.at, &vec![0; root.width]);
                    kept.push(cell);
                }
                None => kept.push(cell),
            }
        }
        self.list(LEAF_HEADER, kept);
    }

    /// Make these all the cells there are.
    fn list(&mut self, behind: usize, cells: Vec<usize>) {
        self.put(self.start + 3, &(cells.len() as u16).to_be_bytes());
        for (at, cell) in cells.into_iter().enumerate() {
            self.put(self.start + behind + 2 * at, &(cell as u16).to_be_bytes());
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    /// Where the record in a cell says on which page its object begins.
    fn root(&self, cell: usize) -> Option<Root> {
        let (payload, at) = self.varint(cell)?;
        let (_, record) = self.varint(at)?;
        let end = record.checked_add(usize::try_from(self.local(payload)).ok()?)?;
        let (len, mut at) = self.varint(record)?;
        let first = record.checked_add(usize::try_from(len).ok()?)?;
        let mut value = first;
        for _ in 0..ROOT {
            let (kind, behind) = self.varint(at)?;
            (value, at) = (value.checked_add(width(kind)?)?, behind);
        }
        let width = width(self.varint(at)?.0).filter(|width| (1..=8).contains(width))?;
        // `table` or `index`, in any of three encodings.
        let of_table = self.bytes.get(first..value)?.iter().find(|byte| **byte != 0) == Some(&b't');
        (value + width <= end).then_some(Root { at: value, width, of_table })
    }

    /// How many bytes of a record of `payload` bytes stand on its own page.
    fn local(&self, payload: u64) -> u64 {
        let (most, least) = (self.usable.saturating_sub(35), (self.usable.saturating_sub(12) * 32 / 255).saturating_sub(23));
        if payload <= most {
            return payload;
        }
        let some = least + (payload - least) % self.usable.saturating_sub(4).max(1);
        if some <= most { some } else { least }
    }
}

/// The first page of an object, as its record has it.
struct Root {
    at: usize,
    width: usize,
    of_table: bool,
}

/// Bytes of a value of this type.
fn width(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => Some(kind as usize),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from((kind - 12) / 2).ok(),
    }
}
