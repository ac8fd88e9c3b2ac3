//! Every near miss is read as an expert would read it: built in a temporary folder, not committed. What must
//! hold of it when its home is disturbed, or something is taken out of it, is in `proof`.

use crate::incidents::unlike_the_expert;
use crate::make::home::Order;
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED};
use crate::make::token::Style;
use crate::pipeline::run;
use std::path::Path;

#[test]
fn no_near_miss_is_hit() {
    let scratch = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for scenario in NEAR_MISSES {
        let folder = scratch.path().join(scenario.name);
        scenario.build(Style::Inert, SEED).write(&folder, Order::Forward);
        wrong.extend(unlike_the_expert(scenario, &run(&folder)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Not a test but the way to look at homes that are not committed: every scenario, below a folder.
/// `STOPWHY_HOMES=/tmp/homes cargo test --test it homes_on_disk -- --ignored`.
#[test]
#[ignore = "writes all homes below $STOPWHY_HOMES"]
fn homes_on_disk() {
    let Some(folder) = std::env::var_os("STOPWHY_HOMES") else { return };
    for scenario in SCENARIOS.iter().chain(NEAR_MISSES) {
        scenario.build(Style::Inert, SEED).write(&Path::new(&folder).join(scenario.name), Order::Forward);
    }
}
