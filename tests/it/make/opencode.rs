//! An opencode home: its store, and the one line its log has for an attempt to refresh.

use super::clock::{Clock, SECOND};
use super::home::Home;
use super::json::obj;
use super::stage::Stage;
use super::token::{Grant, Pair};

/// The data folder.
const ROOT: &str = ".local/share/opencode";

/// A home whose last refresh was answered at `arrived`; its process started at `started`.
pub fn opencode(st: &Stage, home: &mut Home, grant: &Grant, pair: &Pair, started: i64, arrived: i64) {
    let login = obj! {
        "type": "oauth", "refresh": &pair.refresh, "access": &pair.access,
        "expires": arrived + (pair.expires - pair.issued), "accountId": &grant.account.id,
    };
    home.put(format!("{ROOT}/auth.json"), obj! { "openai": login }.pretty(), arrived);
    let line = |at: i64, since: i64, text: &str| format!("INFO  {} +{since}ms {text}\n", Clock::utc().print(at, "%FT%T"));
    let log = [
        line(started, 0, &format!("service=default version=1.1.20 args=[] cwd={} opencode", st.cast.work())),
        line(arrived - SECOND, arrived - SECOND - started, "service=plugin.codex refreshing codex access token"),
        line(arrived + SECOND, 2 * SECOND, "service=session.prompt step=0 loop"),
    ];
    home.put(Clock::utc().print(started, &format!("{ROOT}/log/%FT%H%M%S.log")), log.concat(), arrived + SECOND);
}
