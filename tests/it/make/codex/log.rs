//! Tracing text of Codex: the login log, the terminal program's log of 0.130, and the stderr of
//! the background server of 0.169 with its colours.

use super::super::clock::iso_us;

/// Whether a log is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    /// Text only.
    Plain,
    /// ANSI codes around time, level and target, as the background server leaves them.
    Coloured,
}

/// Records of one target, each a time and `<level> <target>: <message>`.
pub(super) fn codex_log(records: &[(i64, String)], paint: Paint) -> String {
    records.iter().map(|(at, record)| line(*at, record, paint)).collect()
}

fn line(at: i64, record: &str, paint: Paint) -> String {
    let (level, rest) = record.split_once(' ').unwrap();
    match paint {
        Paint::Plain => format!("{} {level:>5} {rest}\n", iso_us(at)),
        Paint::Coloured => {
            let (target, message) = rest.split_once(": ").unwrap();
            let (dim, red, plain) = ("\u{1b}[2m", "\u{1b}[31m", "\u{1b}[0m");
            let message = message.replace("status=", "\u{1b}[3mstatus\u{1b}[0m\u{1b}[2m=\u{1b}[0m");
            format!("{dim}{}{plain} {red}{level:>5}{plain} {dim}{target}{plain}{dim}:{plain} {message}\n", iso_us(at))
        }
    }
}

/// Why a turn failed, as the terminal program of 0.130 logs it inside its spans.
pub(super) fn turn_error(thread: &str, turn: &str, sentence: &str) -> String {
    let op = "user_input_with_turn_context";
    format!(
        "INFO session_loop{{thread_id={thread}}}:submission_dispatch{{otel.name=\"op.dispatch.{op}\" \
         submission.id=\"{turn}\" codex.op=\"{op}\"}}:turn{{otel.name=\"session_task.turn\" thread.id={thread} \
         turn.id={turn} model=gpt-5.5 codex.turn.reasoning_effort=medium}}: codex_core::session::turn: Turn error: {sentence}"
    )
}

/// A refused refresh, as the background server of 0.169 logs it: no code, then the sentence.
pub(super) fn refusal(at: i64, sentence: &str) -> [(i64, String); 2] {
    let target = "ERROR codex_login::auth::manager: Failed to refresh token";
    [(at, format!("{target} status=401 Unauthorized")), (at, format!("{target}: {sentence}"))]
}

/// The first line of a browser login.
const BEGUN: &str = "INFO codex_cli::login: starting browser login flow";

/// `log/codex-login.log` of a browser login that went no further.
pub(super) fn login_begun(at: i64) -> String {
    codex_log(&[(at, BEGUN.to_owned())], Paint::Plain)
}

/// `log/codex-login.log` of one browser login of 0.130.
pub(super) fn login(at: i64, done: i64) -> String {
    let issuer = "issuer=https://auth.openai.com/ token_endpoint=https://auth.openai.com/oauth/token";
    let records = [
        (at, BEGUN.to_owned()),
        (
            done - 160,
            "INFO codex_login::server: received login callback path=/auth/callback has_code=true has_state=true \
             has_error=false state_valid=true"
                .to_owned(),
        ),
        (
            done - 155,
            format!(
                "INFO codex_login::server: starting oauth token exchange {issuer} redirect_uri=http://localhost:1455/auth/callback"
            ),
        ),
        (done, "INFO codex_login::server: oauth token exchange succeeded status=200 OK".to_owned()),
    ];
    codex_log(&records, Paint::Plain)
}
