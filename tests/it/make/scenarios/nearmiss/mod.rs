//! Near misses: homes in which the wrong answer lies close at hand. Each differs in one point from
//! a case with a culprit, or holds a bait; they are built and read in a temporary folder only.

mod adopted;
mod afar;
mod anew;
mod bait;
mod bare;
mod bounds;
mod clocks;
mod counting;
mod echoes;
mod ended;
mod entries;
mod expiry;
mod fences;
mod generations;
mod hands;
mod holders;
mod hosts;
mod hours;
mod idle;
mod in_turn;
mod joined;
mod joins;
mod kept;
mod lanes;
mod lender;
mod line;
mod lives;
mod marks;
mod mended;
mod named;
mod one_hand;
mod order;
mod otherwise;
mod outlived;
mod ownhand;
mod parted;
mod pasted;
mod purses;
mod quoted;
mod readings;
mod refreshes;
mod repairs;
mod roles;
mod services;
mod sightless;
mod sisters;
mod unable;
mod under_way;
mod untied;
mod usual;
mod withheld;
mod zones;

/// The case that two near misses differ from in one point.
pub(super) use expiry::EXPIRED_IN_TIME;

use super::super::clock::{DAY, HOUR, utc};
use super::super::codex::{Answer as C, CodexHome, Era, Front};
use super::super::hermes::{Answer as H, Hermes, Version};
use super::super::home::Home;
use super::super::stage::Stage;
use super::super::token::{Account, Grant, Pair};
use super::{Scenario, Verdict};

/// All near misses.
pub const NEAR_MISSES: &[Scenario] = &[
    order::BEFORE_POSSESSION,
    order::OLDER_GENERATION,
    order::AFTER_THE_FAILURE,
    order::OTHER_ACCOUNT,
    order::OTHER_LOGIN,
    order::MOVED_TO_ANOTHER_LOGIN,
    order::ADRIFT,
    order::ADRIFT_REPAIRED,
    order::LOGIN_AFTER,
    order::LOGIN_DAYS_BEFORE,
    order::OWN_LOGIN_SINCE,
    order::STILL_ALIVE,
    order::INVALIDATED_AFTER_ROTATION,
    order::UNANSWERED_BEFORE,
    order::UNANSWERED_UNDERWAY,
    holders::BOTH_DEAD,
    holders::TWO_SIBLINGS,
    holders::TWO_SIBLINGS_ONE_SILENT,
    holders::FAMILY_UNTOLD,
    holders::ONE_BROWSER,
    holders::REVOKED_BESIDE,
    holders::COPIED_HOME,
    holders::COPIED_HOME_UNSEEN,
    holders::TWO_PROCESSES,
    holders::TWO_PROCESSES_HOURS_APART,
    holders::ONE_PROCESS,
    holders::ONE_REFUSAL,
    holders::SIX_PROFILES,
    holders::WRITTEN_BY_ANOTHER,
    holders::WRITTEN_BACK,
    holders::STORE_LEFT_OUT,
    holders::POOL_OF_TWO,
    holders::POOL_OF_TWO_ACCOUNTS,
    entries::POOL_OTHER_OLDER,
    entries::POOL_OTHER_NEWER,
    entries::POOL_OTHER_ALIKE,
    named::AT_ANOTHER_HOUR,
    named::OF_ANOTHER_DAY,
    entries::PROFILES_UNNAMED,
    entries::PROFILES_OTHER_NAMED,
    entries::PROFILES_SHARED_NAMED,
    entries::AGENTS_OF_TWO_ACCOUNTS,
    entries::AGENTS_OF_TWO_LOGINS,
    lanes::LANE_OF_THE_COPY,
    lanes::LANE_OF_THE_SHARED,
    lanes::LANE_OF_THE_OTHER,
    bait::TRANSIENT,
    bait::QUOTED,
    bait::OTHER_SERVICES,
    bait::FORKED,
    bait::LIMIT_THEN_REUSE,
    bait::LIMIT_OF_THE_FALLBACK,
    bait::TWO_PROVIDERS,
    bait::NO_WORD,
    bait::CLOSED_ALONE,
    bait::POOL_ONLY,
    hosts::COPIED,
    hosts::CI_COPY,
    hosts::SECOND_DEVICE,
    hosts::SKEWED_VICTIM,
    hosts::SKEWED_CULPRIT,
    hosts::UNMEASURED,
    hosts::UNRELATED,
    hosts::IN_STEP,
    readings::FLIPS,
    readings::HOLDS,
    refreshes::LOGIN_OUTLASTED,
    refreshes::LOGOUT_OUTLASTED,
    refreshes::OTHER_LOGIN_OUTLASTED,
    refreshes::CALLS_OUTLASTED,
    refreshes::CALL_BEHIND_THE_REFRESH,
    refreshes::EACH_DAY,
    refreshes::EACH_DAY_SHARED,
    refreshes::TWO_LOGINS_AT_ONCE,
    refreshes::TWO_ACCOUNTS_AT_ONCE,
    refreshes::TOLD_BEFORE_THE_LOGIN,
    refreshes::TOLD_BEFORE_THE_LOGIN_NO_COPY,
    refreshes::LANES_OF_A_VERSION,
    sisters::MINUTES,
    sisters::HALF_AN_HOUR,
    clocks::SLOW_REPAIR,
    clocks::SLOW_LOGOUT,
    clocks::SLOW_AND_LONG_BEFORE,
    clocks::LEFT_OVER,
    clocks::AHEAD_REPAIR,
    clocks::AHEAD_UNLOGGED,
    clocks::PUT_FORWARD,
    clocks::SET_TO_REPAIR,
    expiry::IDLE_AND_USED,
    expiry::RAN_OUT_IN_USE,
    expiry::RENEWED_NEXT_DOOR,
    expiry::NEW_PROCESS_FAILS,
    expiry::NEW_PROCESS_FAILS_OTHERWISE,
    expiry::EXPIRED_EARLY,
    services::OTHER_ACCOUNT_JUST_NOW,
    services::QUOTA_READER,
    services::MODELS_REFUSED,
    services::ONCE_REFUSED,
    services::ONE_ACCOUNT_REFUSED,
    services::RENEWED_MEANWHILE,
    services::SOCKET_REFUSED,
    services::MASS_REVOCATION,
    services::PORTAL_AND_CODEX,
    services::TOOL_SERVER,
    services::PREWARM,
    services::QUOTED,
    otherwise::OVERLOADED_UNDERWAY,
    otherwise::OWN_WAY,
    otherwise::BENCHED,
    otherwise::BEFORE_THE_RESET,
    otherwise::CALLED_RATE_LIMIT,
    otherwise::LABEL_ALONE,
    otherwise::UPGRADED_AND_SPENT,
    otherwise::ROLLED_BACK,
    otherwise::WORKED_SINCE,
    otherwise::APP_AND_TERMINAL,
    ownhand::SIBLING_AFTER_THE_TIMEOUT,
    ownhand::BLOCKED_BEFORE,
    ownhand::ANSWERED_SINCE,
    ownhand::WRITTEN_AFTER_ALL,
    ownhand::NEWER_ELSEWHERE,
    ownhand::STORE_CHANGED_SINCE,
    ownhand::PUT_BACK_TO_REPAIR,
    ownhand::DEAD_ON_ARRIVAL,
    ownhand::COPY_OF_ANOTHER_LOGIN,
    ownhand::VICTIM_HOLDS_THE_NEWEST,
    generations::BETWEEN,
    generations::BETWEEN_ON_ANOTHER_MACHINE,
    generations::OWN_BETWEEN,
    generations::LONG_BEFORE,
    generations::BEFORE_ITS_LOGIN,
    generations::HIDDEN_BY_A_LOGIN,
    generations::LOST_NEXT_DOOR,
    generations::UNANSWERED_NEXT_DOOR,
    generations::LOGGED_AND_PUT_BACK,
    generations::PAST_ITS_END,
    generations::STORE_NOT_COLLECTED,
    generations::IMPORTED_ELSEWHERE,
    generations::OUT_OF_LINE,
    hands::REFRESHED_AGAIN_SINCE,
    hands::WRITER_WITHOUT_STORE,
    hands::OWN_STAMP,
    hands::TRIED_BY_ANOTHER,
    hands::BEGUN_NEXT_DOOR,
    hands::BEGUN_AND_REFUSED,
    sightless::LOGGED_IN_BETWEEN,
    sightless::LOGIN_TYPED_BETWEEN,
    sightless::COPY_ALONE,
    sightless::COPY_ALONE_AND_A_LOGIN,
    sightless::STAND_INS,
    sightless::STAND_INS_UNTOLD,
    line::PUT_BACK_BESIDE,
    line::PUT_BACK_ON_ONE,
    line::OLD_GATEWAY,
    line::TAKEN_OVER,
    line::AGENT_UNREAD,
    line::MACHINE_UNREAD,
    line::SIX_DIGITS_ALONE,
    roles::HERMES_WITH_BAITS,
    roles::SWITCHED_ACCOUNTS,
    roles::IDLE_PROFILE,
    roles::LATER_GENERATION,
    roles::SECOND_SPAWN,
    roles::METER,
    roles::FORCED_REFRESH,
    roles::SINGLETON_AND_POOL,
    roles::OVERWRITTEN,
    roles::OVERWRITTEN_BY_A_LOGIN,
    ended::WINNER_LIVES,
    ended::REVOKED_LATER,
    ended::WORKED_ONCE,
    ended::LOGOUT_OF_ANOTHER,
    ended::OLD_LOGOUT,
    ended::OLDER_SESSION_LIVES,
    ended::ABANDONED_BY_OLD,
    ended::ROTATION_OF_ANOTHER_LOGIN,
    ended::MASS,
    ended::SOON_AGAIN,
    ended::SECOND_LOGIN_ADDED,
    ended::OTHER_WORKSPACE,
    ended::REFRESH_OR_LOGIN,
    super::ended::LOGOUT_TYPED,
    super::ended::VAULT_REPLAY,
    super::in_turn::ADOPTIONS,
    super::in_turn::VAULT,
    in_turn::TWICE,
    in_turn::THRICE,
    in_turn::TWO_ACCOUNTS,
    in_turn::THIRD_CAUSE,
    in_turn::DAILY,
    lives::REPAIRED_BY_LOGIN,
    lives::REPAIRED_BY_LOGOUT,
    lives::LIVED_ON,
    lives::FILE_UNTOUCHED,
    lives::OTHER_HOME,
    lives::SECOND_LOGOUT,
    lives::LOGOUT_SINCE,
    lives::STORE_NOT_GIVEN,
    lives::OWN_LOGOUT,
    lives::SEPARATE_LOGINS,
    lives::STALE_SESSION,
    lives::DAILY_COPY,
    counting::LABELS_BEFORE,
    counting::LIMIT_BEFORE,
    counting::OUT_OF_USE_BEFORE,
    counting::TOLD_TWICE,
    counting::ONE_STALE_WINDOW,
    counting::ONE_MODEL,
    counting::FIRST_LOGIN,
    counting::SERVER_AFTER_A_LIMIT,
    under_way::ENDED_AT_THE_START,
    under_way::NOT_ENDED_AT_THE_START,
    under_way::BEGUN_AFTER,
    under_way::BOTH_BY_THE_START,
    one_hand::NOTHING_LEFT,
    one_hand::NO_HOME,
    one_hand::LOGOUT_THEN_LOGIN,
    one_hand::LOGOUT_THEN_LOGIN_NO_COPY,
    one_hand::IDLE_LOGOUT_THEN_LOGIN,
    one_hand::LOGIN_THEN_LOGOUT,
    repairs::OTHERS_TOO,
    repairs::OTHERS_BEFORE,
    repairs::NO_REASON_KEPT,
    repairs::LONG_GONE,
    repairs::BOTH_TOLD,
    hours::REPAIR_IN_SUMMER,
    hours::TOLD_AGAIN,
    hours::NOTED_IN_UTC,
    zones::CONTAINER,
    zones::LATER_REFUSAL,
    zones::OLDER_TERMINAL,
    zones::OTHER_ACCOUNT,
    zones::SECOND_HOME,
    lender::TAKEN_OVER,
    usual::WITHHELD,
    usual::WITHHELD_LOGGED_IN_SINCE,
    usual::UNUSUAL_ALONE,
    unable::LOGOUT_BESIDE,
    unable::OTHER_HOME,
    unable::GONE,
    unable::LEFT_OUT,
    unable::SEPARATE,
    unable::REPAIRED_BY_TWO,
    unable::BEGUN_DAYS_AGO,
    unable::EXPIRED_BEFORE,
    untied::SECOND_HOME,
    untied::NEW_PROGRAM,
    mended::TOLD_REVOKED,
    mended::NO_WORD,
    mended::TOLD_USED,
    mended::TOLD_USED_AND_COPIED,
    mended::LIVED_ON_SINCE,
    mended::LOGIN_BETWEEN,
    mended::TYPED_BETWEEN,
    mended::LOGOUT_OF_ANOTHER,
    mended::BOTH_SINCE,
    mended::GIVEN_ANEW,
    echoes::TOOL_NAMED_LIKE_A_CODE,
    echoes::FUNCTION_REFUSED,
    echoes::LIMIT_OF_A_NAME,
    echoes::PAGE_WITH_A_SENTENCE,
    echoes::SERVERS_OWN_CONNECTION,
    echoes::TIMED_OUT_PAGE,
    echoes::REASON_UNKNOWN_TO_CODEX,
    echoes::NOT_VALIDATED,
    echoes::SERVER_OF_TOOLS,
    echoes::SERVER_OF_CODEX,
    echoes::HOOK,
    echoes::PAGE_WITH_A_CODE,
    quoted::TOOL_OUTPUT,
    quoted::TRACEBACK,
    quoted::AHEAD,
    quoted::SCRIPT_OUTPUT,
    quoted::OWN_RECORDS,
    pasted::CONSOLE_ANSWER,
    pasted::CONSOLE_OWN,
    pasted::CONSOLE_BUSY,
    pasted::EXEC_OUTPUT,
    pasted::EXEC_RUNS,
    pasted::EXEC_OWN,
    pasted::CODE_FOREIGN,
    pasted::CODE_OWN,
    pasted::HERMES_AHEAD,
    pasted::HERMES_NEAR,
    pasted::HERMES_RENEWED,
    joined::TAILS,
    joined::SEGMENTS,
    idle::UNSEEN,
    idle::IN_USE_ELSEWHERE,
    idle::END_UNKNOWN,
    joins::LABEL_AND_PAGE,
    joins::LOGOUT_BY_A_RUNNER,
    joins::LOGOUT_SPOKEN_OF,
    joins::LOGOUT_OF_ROOT,
    joins::KEYRING_OF_NO_ACCOUNT,
    anew::ONLY_THE_NEW_ONE,
    anew::ALWAYS_ITS_OWN,
    anew::REPAIRED_SINCE,
    anew::TWO_LOGINS,
    anew::CHANGED_UNTOLD,
    bounds::ANSWERED_SINCE,
    bounds::ANSWERED_SINCE_THE_LOGOUT,
    bounds::SILENT_SINCE,
    bounds::ANSWERED_ELSEWHERE,
    bounds::REFRESHED_SINCE,
    bounds::PASSWORD_BEFORE,
    bounds::PASSWORD_AFTER,
    bounds::LOGGED_AND_REFRESHED,
    parted::OWN_LOGIN_WITHHELD,
    parted::ENDED_WITHHELD,
    parted::EARLY_WITHHELD,
    parted::WORKED_PAST,
    parted::UNKEPT,
    parted::OVERWRITTEN_SINCE,
    parted::OVERWRITTEN_SINCE_NO_BACKUP,
    outlived::LATE_PAIR,
    outlived::BOTH_OUTWORKED,
    outlived::HOLDS_IT_STILL,
    outlived::BORROWED,
    outlived::LOGIN_SINCE,
    outlived::LOGIN_BEFORE,
    outlived::COPY_TELLS,
    outlived::COPY_AND_ANOTHER_THREAD,
    outlived::ON_A_LOAN,
    kept::LOOKS_TAKEN,
    kept::WORKED_WITH_ANOTHER,
    kept::WORKED_WITH_A_BORROWED_ONE,
    kept::NO_EARLIER_COPY,
    kept::SIX_DIGITS_BESIDE_COPIES,
    purses::HOME_WITHOUT_STORE,
    purses::HOME_WITHOUT_STORE_AT_ONCE,
    purses::PAID_WITH_A_KEY,
    purses::WITHHELD_RIVAL,
    purses::RIVAL_LOGGED_IN_SINCE,
    fences::TOKEN_OF_CODEX,
    fences::TOKEN_OF_NOBODY,
    adopted::SYNCED,
    adopted::SYNCED_UNTOLD,
    adopted::RECOVERED,
    adopted::WORKED_WITH_ANOTHERS,
    adopted::TAKEN_OVER_BEFORE,
    adopted::SYNCHRONIZED_HOME,
    adopted::SYNCHRONIZED_AT_REST,
    marks::DEAD_AND_PASSED_ON,
    marks::END_BY_THE_HOUR,
    marks::STAMPED_LATE,
    marks::STAMPED_A_LITTLE_LATE,
    marks::ID_TOKEN_LEFT,
    marks::FOREIGN_HAND_AND_COPY,
    withheld::STORE_OF_MAIN,
    withheld::REFUSED_IN_THE_LOG,
    withheld::STORE_OF_THE_REFUSED,
    withheld::COPY_OF_ITS_OWN,
    withheld::STORE_OF_A_PROFILE,
    withheld::SNAPSHOT_OF_A_PROFILE,
    bare::NOTHING_ELSE,
    bare::WITHOUT_STORE_OR_TURNS,
    bare::PAID_BY_ANOTHER,
    bare::ON_ANOTHER_MACHINE,
    afar::STORE_READ,
    afar::STORE_WITHHELD,
    afar::WITHHELD_AND_OWN_CODEX,
    afar::WITHIN_THE_SLACK,
];

/// Nobody can be named: the token was spent, and the files do not show by whom.
const UNSEEN: Verdict = Verdict {
    victim: "hermes",
    mechanism: "consumed",
    root_cause: "unrecorded_consumer",
    actor: None,
    confidence: ("possible", "likely"),
    failed_turns: 3..=3,
};

/// The files leave it open.
const OPEN: Verdict = Verdict {
    victim: "hermes",
    mechanism: "consumed",
    root_cause: "undetermined",
    actor: None,
    confidence: ("undetermined", "undetermined"),
    failed_turns: 3..=3,
};

/// Possible, and no more.
const PERHAPS_CODEX: Verdict = Verdict {
    victim: "hermes",
    mechanism: "consumed",
    root_cause: "sibling_refresh",
    actor: Some("codex"),
    confidence: ("possible", "possible"),
    failed_turns: 3..=3,
};

/// The first refusal of Hermes in most of these stories.
const FAILED: &str = "2026-05-22 08:20:31";

/// Hermes 0.13 holds a pair since `since`, works until 22 May and is refused three times.
fn refused_hermes(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair, since: i64, imported: bool) {
    hermes_with(st, home, login, pair, since, imported, H::AlreadyConsumed);
}

fn hermes_with(st: &Stage, home: &mut Home, login: &Grant, pair: &Pair, since: i64, imported: bool, answer: H) {
    let mut hermes = Hermes::start(st, Version::V013, utc("2026-05-18 05:41:00"));
    if imported {
        hermes.imported_from_codex(login, pair, since)
    } else {
        hermes.own_login(login, pair, since)
    }
    hermes.ask(utc("2026-05-18 06:12:10"), H::Done);
    hermes.snapshot(utc("2026-05-19 05:44:10.870"), "weekly");
    hermes.ask(utc("2026-05-21 17:22:08"), H::DoneWithTool);
    hermes.ask(utc("2026-05-22 06:55:40"), H::Done);
    for at in [FAILED, "2026-05-22 08:47:05", "2026-05-22 19:40:33"] {
        hermes.ask(utc(at), answer);
    }
    hermes.finish(home);
}

/// Answers of the terminal program of Codex, one thread.
fn codex_answers(codex: &mut CodexHome, times: &[&str]) {
    let turns: Vec<(i64, C)> = times.iter().map(|at| (utc(at), C::Done)).collect();
    codex.thread(Front::Tui, &turns);
}

/// A login of 12 May, shared, whose access token ends on 22 May at 08:20:09.
fn shared_login(st: &Stage, account: &Account) -> (Grant, Pair) {
    let login = Grant::new(st, account, utc("2026-04-08 18:03:11"));
    let pair = login.mint(st, utc(FAILED) - 10 * DAY - 22_000);
    (login, pair)
}

/// A Codex home with a store now and copies before, each named with its time.
fn codex_home(st: &Stage, home: &mut Home, folder: &'static str, stores: &[(&str, &Grant, &Pair)], answers: &[&str]) {
    let mut codex = CodexHome::new(st, folder, Era::V130);
    for (name, grant, pair) in stores {
        codex.store(name, grant, pair, pair.issued + 914);
    }
    codex_answers(&mut codex, answers);
    codex.finish(home);
}

/// So many hours after a time.
fn later(at: &str, hours: i64) -> i64 {
    utc(at) + hours * HOUR
}
