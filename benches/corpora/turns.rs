//! Short turns of one account: what correlation and verdicts are measured on, since next to no bytes stand around them.
//! Turns come a minute apart in blocks, one for each incident; the last quarter of each block failed (all but its last
//! turn, which shows that it was over), and two days lie between one block and the next.

use super::rng::Rng;
use super::{Asked, FIRST_MS, Out, Truth, iso};
use std::path::Path;

const GAP_MS: u64 = 2 * 86_400_000;
const STEP_MS: u64 = 60_000;

/// Transcripts in a folder of their own, each going on where the one before ended.
pub(super) fn make(folder: &Path, asked: &Asked) -> Truth {
    let (rng, mut truth, mut ms) = (Rng::new(asked.seed), Truth::default(), FIRST_MS);
    let block = (asked.turns / asked.incidents).max(4);
    let per_file = asked.turns.div_ceil(asked.files);
    let (mut out, mut incidents) = (None::<Out>, 0);
    for turn in 0..block * asked.incidents {
        if turn % per_file == 0 {
            if let Some(full) = out.take() {
                full.close(&mut truth);
            }
            let id = super::uuid(&rng);
            let mut next = Out::create(&folder.join(format!("{id}.jsonl")));
            next.line(&format!(r#"{{"type":"session","version":3,"id":"{id}","timestamp":"{}","cwd":"/srv/work"}}"#, iso(ms)));
            out = Some(next);
        }
        let at = turn % block;
        ms += if at == 0 && turn > 0 { GAP_MS } else { STEP_MS };
        let failed = at >= block - (block / 4).max(2) && at + 1 < block;
        incidents += u64::from(at + 1 == block);
        let (stop, error) = if failed { ("error", r#","errorMessage":"fetch failed""#) } else { ("stop", "") };
        out.as_mut().unwrap().line(&format!(
            r#"{{"type":"message","id":"{:08x}","parentId":"{:08x}","timestamp":"{}","message":{{"role":"assistant","content":[],"api":"openai-codex-responses","provider":"openai-codex","model":"gpt-5.5","usage":{{"input":900,"output":90}},"stopReason":"{stop}","timestamp":{}{error}}}}}"#,
            turn + 1,
            turn,
            iso(ms),
            ms - 2_000
        ));
        truth.turns += 1;
        truth.failed += u64::from(failed);
    }
    if let Some(last) = out {
        last.close(&mut truth);
    }
    truth.incidents = incidents;
    truth
}
