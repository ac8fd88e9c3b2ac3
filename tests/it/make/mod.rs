//! Invented homes in the image of what the real clients write: the inputs of the integration
//! tests and of the committed fixtures. Everything follows from a seed.

pub mod big;
pub mod cast;
pub mod clock;
pub mod codex;
pub mod disturb;
pub mod hermes;
pub mod home;
pub mod hostile;
pub mod json;
pub mod openclaw;
pub mod opencode;
pub mod rng;
pub mod scenarios;
pub mod sqlite;
pub mod stage;
pub mod token;
pub mod traffic;
pub mod twin;
