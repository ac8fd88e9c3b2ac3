//! Containers that no honest tool writes, and some that honest tools do write and others misread:
//! made byte by byte, so that nothing about them is decided by the crates that read them.

pub mod streams;
pub mod tar;
pub mod zip;
