//! One row, seen through the columns that were asked for.
//!
//! SQLite keeps a type per value, not per column, so every accessor says what it accepts. Text is
//! handed out as bytes: readers decide what they make of bytes that are no UTF-8.

use super::Column;
use crate::source::Line;
use rusqlite::types::ValueRef;
use std::borrow::Cow;

/// Most columns of a table whose ids, times and words are at hand at once. Those behind them are asked for again.
pub(super) const WORDS: usize = 16;

/// A row of a table.
pub struct Row<'r> {
    pub(super) values: &'r rusqlite::Row<'r>,
    /// Ids, times and words among the values of the first columns asked for.
    pub(super) words: &'r [Option<ValueRef<'r>>; WORDS],
    /// For each column asked for: it, and where its value stands in `values`.
    pub(super) columns: &'r [(&'static Column, usize)],
    pub(super) number: u64,
    /// Bytes of the values that were read.
    pub(super) read: u64,
    /// Bytes of values that were too long.
    pub(super) elided: u64,
    /// One of them was the record itself.
    pub(super) lost: bool,
    /// It is not as any program writes it.
    pub(super) damaged: bool,
}

impl<'r> Row<'r> {
    /// Its row id, or its position (from 1) in a table without row ids.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Bytes of its values: those that were read, and those passed over as too long.
    pub fn bytes(&self) -> (u64, u64) {
        (self.read, self.elided)
    }

    /// The record itself is too long to be read.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// It was never written as it is: it lacks a value that no row of its table can be without, or
    /// has NULs in an id or a word.
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    fn value(&self, column: &str) -> ValueRef<'r> {
        let Some(slot) = self.columns.iter().position(|(asked, _)| asked.names.first() == Some(&column)) else {
            return ValueRef::Null;
        };
        let word = self.words.get(slot).copied().flatten();
        word.or_else(|| self.values.get_ref(self.columns[slot].1).ok()).unwrap_or(ValueRef::Null)
    }

    /// A text or blob; None for anything else, and for a column that is not there.
    pub fn bytes_of(&self, column: &str) -> Option<&'r [u8]> {
        match self.value(column) {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A text that is valid UTF-8.
    pub fn text(&self, column: &str) -> Option<&'r str> {
        std::str::from_utf8(self.bytes_of(column)?).ok()
    }

    /// A text, with a mark in place of what is no UTF-8.
    pub fn lossy(&self, column: &str) -> Option<Cow<'r, str>> {
        self.bytes_of(column).map(String::from_utf8_lossy)
    }

    /// A whole number, also where it was stored as text or as a real without a fraction.
    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.value(column) {
            ValueRef::Integer(n) => Some(n),
            ValueRef::Real(n) if n.fract() == 0.0 && n.abs() < 9.0e15 => Some(n as i64),
            ValueRef::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number.
    pub fn real(&self, column: &str) -> Option<f64> {
        match self.value(column) {
            ValueRef::Integer(n) => Some(n as f64),
            ValueRef::Real(n) => Some(n).filter(|n| n.is_finite()),
            ValueRef::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        }
    }

    /// The row as a place, for [`super::super::Facts::origin`]; holds no bytes.
    pub fn place(&self) -> Line<'r> {
        self.line(&[])
    }

    /// A value of the row as a line of its own, for the reader of a line format.
    pub fn line(&self, bytes: &'r [u8]) -> Line<'r> {
        Line { number: self.number, byte: 0, bytes, torn: false }
    }
}
