//! Logs of three programs, as they fill up while little happens: records of a request that went well, chatter, and now and
//! then a failure. Each file goes on where the one before ended.

use super::pool::Pool;
use super::rng::Rng;
use super::{Asked, FIRST_MS, Out, Truth, iso, python, uuid};
use std::path::Path;

/// One request in so many failed.
const FAILS: u64 = 200;

/// What writes the records of a request: whether it failed.
type Request = fn(&Rng, &mut u64, &mut Out) -> bool;

/// Files of about the same size below `folder`.
fn files(folder: &Path, asked: &Asked, name: impl Fn(u64) -> String, request: Request) -> Truth {
    let (rng, mut ms, mut truth) = (Rng::new(asked.seed), FIRST_MS, Truth::default());
    for at in 0..asked.files {
        let mut out = Out::create(&folder.join(name(at)));
        while out.len() < asked.bytes / asked.files {
            truth.turns += 1;
            truth.failed += u64::from(request(&rng, &mut ms, &mut out));
        }
        out.close(&mut truth);
    }
    truth
}

/// The file logs of a gateway, under the names of days.
pub(super) fn gateway(folder: &Path, asked: &Asked) -> Truth {
    let name = |at: u64| format!("openclaw/openclaw-{}.log", &iso(FIRST_MS + at * 86_400_000)[..10]);
    files(folder, asked, name, |rng, ms, out| {
        let (run, trace) = (
            uuid(rng),
            format!(r#","traceId":"{:016x}{:016x}","spanId":"{:016x}","traceFlags":"01""#, rng.word(), rng.word(), rng.word()),
        );
        let mut say = |ms: u64, level: (u8, &str), subsystem: &str, data: &str, message: &str| {
            let place = if data.is_empty() { ("150", "14") } else { ("149", "51") };
            let args = if data.is_empty() { format!(r#""1":"{message}""#) } else { format!(r#""1":{data},"2":"{message}""#) };
            let time = iso(ms);
            out.line(&format!(
                r#"{{"0":"{{\"subsystem\":\"{subsystem}\"}}",{args},"_meta":{{"runtime":"node","runtimeVersion":"22.23.3","hostname":"unknown","name":"{{\"subsystem\":\"{subsystem}\"}}","parentNames":["openclaw"],"date":"{time}","logLevelId":{},"logLevelName":"{}","path":{{"fullFilePath":"file:///srv/lib/node_modules/openclaw/dist/subsystem-CxWoQXRD.js:{}:{}","fileName":"subsystem-CxWoQXRD.js","fileNameWithLine":"subsystem-CxWoQXRD.js:{}","fileColumn":"{}","fileLine":"{}","filePath":"lib/node_modules/openclaw/dist/subsystem-CxWoQXRD.js","filePathWithLine":"lib/node_modules/openclaw/dist/subsystem-CxWoQXRD.js:{}","method":"logToFile"}}}},"time":"{}+00:00","hostname":"box","message":"{message}"{trace}}}"#,
                level.0, level.1, place.0, place.1, place.0, place.1, place.0, place.0, &time[..23],
            ));
        };
        *ms += 200 + rng.below(3_000);
        say(
            *ms,
            (3, "INFO"),
            "gateway/ws",
            "",
            &format!(
                "⇄ res ✓ agent {}ms runId={run} conn={:08x}…{:04x} id={:08x}…{:04x}",
                50 + rng.below(90),
                rng.below(1 << 32),
                rng.below(1 << 16),
                rng.below(1 << 32),
                rng.below(1 << 16)
            ),
        );
        for _ in 0..2 + rng.below(5) {
            *ms += 20 + rng.below(900);
            let (subsystem, text) = match rng.below(4) {
                0 => ("gateway/channels/telegram", format!("message processed in {}ms", rng.below(900))),
                1 => ("agents/tools", format!("exec finished: exit 0 after {}ms, {} bytes", rng.below(9_000), rng.below(90_000))),
                2 => ("gateway/heartbeat", "tick".to_owned()),
                _ => ("gateway", Pool::words(rng, 12)),
            };
            say(*ms, (3, "INFO"), subsystem, "", &text);
        }
        let failed = rng.below(FAILS) == 0;
        if failed {
            let error = "The server had an error while processing your request.";
            let data = format!(
                r#"{{"event":"embedded_run_agent_end","tags":["error_handling","lifecycle","agent_end","assistant_error"],"runId":"{run}","isError":true,"error":"{error}","failoverReason":null,"model":"gpt-5.5","provider":"openai-codex","rawErrorPreview":"{error}","rawErrorHash":"sha256:ec9bec57de24","providerRuntimeFailureKind":"unclassified"}}"#
            );
            say(*ms + 5, (4, "WARN"), "agent/embedded", &data, "embedded run agent end");
        }
        failed
    })
}

/// The agent's log and its older segments.
pub(super) fn agent(folder: &Path, asked: &Asked) -> Truth {
    // The oldest segment has the highest number.
    let name = |at: u64| match asked.files - 1 - at {
        0 => "logs/agent.log".to_owned(),
        age => format!("logs/agent.log.{age}"),
    };
    files(folder, asked, name, |rng, ms, out| {
        let tag = format!("{}_{:08x}", python(*ms)[..19].replace(['-', ':'], "").replace(' ', "_"), rng.below(1 << 32));
        let mut say = |ms: u64, rest: &str| out.line(&format!("{} {rest}", python(ms)));
        let asks = "provider=openai-codex base_url=https://chatgpt.com/backend-api/codex model=gpt-5.4";
        let words = Pool::words(rng, 9);
        *ms += 500 + rng.below(20_000);
        say(*ms, &format!("INFO gateway.run: inbound message: platform=telegram user=anna chat=758836453 msg='{words}'"));
        say(
            *ms + 20,
            &format!(
                "INFO [{tag}] run_agent: conversation turn: session={tag} model=gpt-5.4 provider=openai-codex platform=telegram history=0 msg='{words}'"
            ),
        );
        for _ in 0..2 + rng.below(6) {
            let thread = rng.below(1 << 47);
            *ms += 100 + rng.below(4_000);
            say(
                *ms,
                &format!(
                    "INFO run_agent: OpenAI client created (codex_stream_request, shared=False) thread=Thread-4 (_call):{thread} {asks}"
                ),
            );
            *ms += 100 + rng.below(4_000);
            say(
                *ms,
                &format!(
                    "INFO [{tag}] run_agent: API call #1: model=gpt-5.4 provider=openai-codex in={} out=161 total=6792 latency=4.5s",
                    rng.below(90_000)
                ),
            );
            say(*ms + 5, &format!("INFO [{tag}] run_agent: tool terminal completed (0.53s, {} chars)", rng.below(9_000)));
            say(*ms + 9, &format!("INFO agent.model_metadata: {}", Pool::words(rng, 14)));
        }
        let failed = rng.below(FAILS) == 0;
        if failed {
            say(
                *ms + 15,
                &format!(
                    "ERROR [{tag}] root: API call failed after 3 retries. HTTP 503: Our servers are currently overloaded. Please try again later. | provider=openai-codex model=gpt-5.4 msgs=2 tokens=~1,260"
                ),
            );
        } else {
            say(
                *ms + 15,
                &format!(
                    "INFO [{tag}] run_agent: Turn ended: reason=text_response(finish_reason=stop) model=gpt-5.4 api_calls=1/90 budget=1/90 tool_turns=0 last_msg_role=assistant response_len=98 session={tag}"
                ),
            );
            say(
                *ms + 17,
                "INFO gateway.run: response ready: platform=telegram chat=758836453 time=5.0s api_calls=1 response=98 chars",
            );
        }
        failed
    })
}

/// The terminal program's log, and older ones of that name.
pub(super) fn tui(folder: &Path, asked: &Asked) -> Truth {
    let name = |at: u64| if at + 1 == asked.files { "log/codex-tui.log".to_owned() } else { format!("log/codex-tui.log.{at}") };
    files(folder, asked, name, |rng, ms, out| {
        let (thread, turn) = (uuid(rng), uuid(rng));
        let op = "user_input_with_turn_context";
        let spans = format!(
            "session_loop{{thread_id={thread}}}:submission_dispatch{{otel.name=\"op.dispatch.{op}\" submission.id=\"{turn}\" codex.op=\"{op}\"}}:turn{{otel.name=\"session_task.turn\" thread.id={thread} turn.id={turn} model=gpt-5.5 codex.turn.reasoning_effort=medium}}"
        );
        let mut say = |ms: u64, rest: &str| {
            let time = iso(ms);
            out.line(&format!("{}{:03}Z  INFO {rest}", &time[..23], ms % 997));
        };
        for _ in 0..4 + rng.below(12) {
            *ms += 30 + rng.below(6_000);
            match rng.below(5) {
                0 => say(
                    *ms,
                    &format!(
                        "{spans}: codex_core::stream_events_utils: ToolCall: exec_command {{\"cmd\":\"cargo test\",\"workdir\":\"/srv/work\"}} thread_id={thread}"
                    ),
                ),
                1 => say(
                    *ms,
                    &format!("{spans}:run_sampling_request{{cwd=/srv/work}}: codex_core::client: {}", Pool::words(rng, 10)),
                ),
                2 => say(
                    *ms,
                    &format!(
                        "{spans}: codex_otel::events::session_telemetry: event.name=\"codex.tool_result\" tool_name=exec_command duration_ms={} success=true",
                        rng.below(9_000)
                    ),
                ),
                3 => say(*ms, &format!("rmcp::transport::worker: {}", Pool::words(rng, 8))),
                _ => say(*ms, &format!("{spans}: codex_core::tasks: {}", Pool::words(rng, 16))),
            }
        }
        let failed = rng.below(FAILS) == 0;
        if failed {
            say(
                *ms + 690,
                &format!(
                    "{spans}: codex_core::session::turn: Turn error: stream disconnected before completion: error sending request"
                ),
            );
        }
        failed
    })
}
