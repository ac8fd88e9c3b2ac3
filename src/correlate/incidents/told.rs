//! Failed turns without a time, counted with the incident that they belong to.
//!
//! It comes after everything else, since what has no time decides no order: such a turn makes no
//! incident, begins and ends none, and is no evidence of anything but itself.

use super::failing::Group;
use super::incident::Incident;
use crate::correlate::turns::{Tie, Told};

/// Count them with the newest incident of their home, as far as there is one.
pub(in crate::correlate) fn count_told(incidents: &mut [Incident], told: &[Told]) {
    for told in told {
        let fits = |incident: &&mut Incident| {
            let whose =
                incident.victim.client == told.turn.setting.site.client && incident.victim.home == told.turn.setting.site.home;
            let about_login = matches!(incident.group, None | Some(Group::Auth));
            let silent = told.tie == Tie::Named || incident.silent_since.is_some();
            whose && about_login && silent && told.turn.is_failed()
        };
        if let Some(incident) = incidents.iter_mut().filter(fits).max_by_key(|incident| incident.last.ms) {
            incident.told.push(told.turn.origin());
            incident.failed_turns += 1;
            incident.untranscribed += u64::from(incident.transcribing);
        }
    }
}
