//! The shell's side of stopwhy.
fn main() {}
