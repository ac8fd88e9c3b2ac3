//! How a zip writes numbers, extra fields and times, wherever they stand.

use super::super::modified as plausible;
use crate::time::Stamp;
use std::io::{Read, Seek, SeekFrom};

/// The extra field with wide numbers (zip64), and the one with times in UTC (Info-ZIP).
pub(super) const WIDE: u64 = 1;
const TIMES: u64 = 0x5455;

/// Take the wide numbers of a zip64 field for those that do not fit, which stand there in this
/// order.
pub(super) fn wide(field: &[u8], numbers: &mut [&mut u64]) {
    let narrow = numbers.iter_mut().filter(|number| ***number == 0xffff_ffff);
    narrow.enumerate().for_each(|(at, narrow)| **narrow = number(field, 8 * at, 8));
}

/// The modification time: Info-ZIP's in UTC, where its flag is set, or the one of DOS.
pub(super) fn modified(date: u64, time: u64, extra: &[u8]) -> Option<Stamp> {
    let exact = fields(extra).find(|(id, field)| *id == TIMES && field.len() >= 5 && field[0] & 1 != 0);
    let seconds = exact.map(|(_, field)| i64::from(number(field, 1, 4) as u32 as i32));
    seconds.and_then(|seconds| plausible(seconds * 1000)).or_else(|| dos_time(date, time))
}

/// The extra fields: id and content.
pub(super) fn fields(mut extra: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        let (head, rest) = extra.split_at_checked(4)?;
        let (field, rest) = rest.split_at_checked(number(head, 2, 2) as usize)?;
        extra = rest;
        Some((number(head, 0, 2), field))
    })
}

/// The packed local time of DOS, which has no zone.
fn dos_time(date: u64, time: u64) -> Option<Stamp> {
    let (year, month, day) = (1980 + (date >> 9), date >> 5 & 15, date & 31);
    let (hour, minute, second) = (time >> 11, time >> 5 & 63, (time & 31) * 2);
    Stamp::parse(&format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}

/// A little-endian number; 0 where the bytes end before it.
pub(super) fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    bytes.get(at..at + width).map_or(0, |field| field.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
}

pub(super) fn read_at(file: &mut (impl Read + Seek), at: u64, len: usize) -> Option<Vec<u8>> {
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut bytes = vec![0; len];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}
