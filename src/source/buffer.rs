//! The memory of a buffer, which a thread uses again for the next source.
//!
//! It is apart from [`super::blocks`] because of what it saves: a home has tens of thousands of small files, and memory
//! that was never touched costs more than reading such a file into it. What a buffer held before is still in it; its
//! owner shows nothing but what was filled since.

use super::bytes::BLOCK;
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// Most buffers that a thread keeps: those of a file, and of what is packed in it.
const KEPT: usize = 4;

thread_local! {
    static KEPT_HERE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Some bytes, a block of them or more.
pub(super) struct Buffer(Vec<u8>);

impl Buffer {
    /// A block of bytes, of any content.
    pub(super) fn new() -> Buffer {
        Buffer(KEPT_HERE.with_borrow_mut(Vec::pop).unwrap_or_else(|| vec![0; BLOCK]))
    }

    /// Make it at least this long.
    pub(super) fn grow(&mut self, len: usize) {
        if len > self.0.len() {
            self.0.resize(len, 0);
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for Buffer {
    /// One that has grown goes: a line of megabytes is rare, and the memory is wanted elsewhere.
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.0);
        if bytes.len() == BLOCK {
            // The thread may be at its end.
            let _ = KEPT_HERE.try_with(|kept| {
                let mut kept = kept.borrow_mut();
                if kept.len() < KEPT {
                    kept.push(bytes);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_used_again_and_more_than_that_is_not() {
        let mut first = Buffer::new();
        first[0] = 7;
        drop(first);
        let mut again = Buffer::new();
        assert_eq!((again[0], again.len()), (7, BLOCK));
        again.grow(BLOCK + 1);
        again.grow(3);
        assert_eq!(again.len(), BLOCK + 1);
        drop(again);
        assert_eq!(Buffer::new()[0], 0);
    }
}
