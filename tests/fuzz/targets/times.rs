//! Fuzz target: see `tests/it/oracle`.

#![no_main]

#[allow(dead_code)]
#[path = "../../it/oracle/mod.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| oracle::times(data));
