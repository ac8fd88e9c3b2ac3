//! Every near miss is read as an expert would read it: built in a temporary folder, not committed.

use crate::incidents::differs;
use crate::make::home::Order;
use crate::make::scenarios::{NEAR_MISSES, SEED};
use crate::make::token::Style;
use crate::pipeline::run;

#[test]
fn no_near_miss_is_hit() {
    let scratch = tempfile::tempdir().unwrap();
    let keep = std::env::var_os("STOPWHY_KEEP");
    let mut wrong = Vec::new();
    for scenario in NEAR_MISSES {
        let folder = scratch.path().join(scenario.name);
        scenario.build(Style::Inert, SEED).write(&folder, Order::Forward);
        let run = run(&folder);
        if let Some(keep) = &keep {
            let kept = std::path::Path::new(keep).join(scenario.name);
            scenario.build(Style::Inert, SEED).write(&kept, Order::Forward);
            std::fs::write(kept.join("../").join(format!("{}.md", scenario.name)), &run.markdown).unwrap();
        }
        let found = &run.report.incidents;
        if found.len() != scenario.expected.len() {
            wrong.push(format!(
                "{}: {} incidents instead of {}: {:?}",
                scenario.name,
                found.len(),
                scenario.expected.len(),
                run.summaries()
            ));
            continue;
        }
        for (incident, want) in found.iter().zip(scenario.expected) {
            if let Some(why) = differs(incident, want) {
                wrong.push(format!("{}: {why}: {:?}", scenario.name, run.summaries()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
