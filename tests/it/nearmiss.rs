//! Every near miss is read as an expert would read it: built in a temporary folder, not committed. What must
//! hold of it when its home is disturbed, or something is taken out of it, is in `proof`.

use crate::incidents::unlike_the_expert;
use crate::make::home::Order;
use crate::make::scenarios::{NEAR_MISSES, SEED};
use crate::make::token::Style;
use crate::pipeline::run;

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
