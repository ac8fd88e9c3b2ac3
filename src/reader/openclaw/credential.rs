//! One stored credential as a [`StoreState`]: the shape that OpenClaw's profiles and pi share.
//!
//! `{"type":"oauth","access":<JWT>,"refresh":<opaque>,"expires":<ms>,"accountId"?}`. There is no
//! time of the last refresh and no writer in it; the access token's own claims date it.

use crate::event::{Coming, Fence, Origin, Section, StoreState, Taken};
use crate::reader::json::Members;
use crate::reader::{Context, Facts};
use crate::secret::{Claims, Key, Kind};
use crate::source::Name;
use crate::time::Stamp;

/// What an inert credential begins with, which OpenClaw writes during and after a refresh that
/// failed (2026.9.6): `openclaw-oauth-refresh-fence:v1:<claim>:[failed:]access:<digest>`, and `refresh`
/// likewise, with `expires` 1. It is no token and no time; the digest is of the token that stood there.
const FENCE: &str = "openclaw-oauth-refresh-fence:";

const MEMBERS: [&str; 11] =
    ["type", "mode", "provider", "access", "refresh", "expires", "accountId", "idToken", "managedBy", "key", "token"];

/// Where a store's text stands, and what that place says of it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// File or row.
    pub(super) origin: Origin,
    /// Live, or a copy from before.
    pub(super) taken: Taken,
    /// The agent in whose folder it stands.
    pub(super) agent: Option<Key>,
    /// When it was last written.
    pub(super) written_at: Option<Stamp>,
    /// That time is kept for the credentials alone, as databases do. Up to 2026.5.2x every turn
    /// rewrites the file.
    pub(super) own_time: bool,
}

impl Place {
    /// A file.
    pub(super) fn of_file(taken: Taken, context: &Context<'_>, facts: &Facts<'_>) -> Place {
        let agent = agent(context.name, facts);
        Place { origin: facts.whole(), taken, agent, written_at: context.modified, own_time: false }
    }
}

/// The agent in whose folder a store stands.
pub(super) fn agent(name: &Name, facts: &Facts<'_>) -> Option<Key> {
    name.below("agents").map(|id| facts.key(Kind::Agent, id))
}

/// A row is written this soon after its token was issued (2026.9.6: 26 ms after it arrived).
const AT_ONCE_MS: u64 = 120_000;

/// A credential of a store.
pub(super) struct Credential<'a>(Members<'a, 11>);

impl<'a> Credential<'a> {
    /// The credential that `raw` is, if it is an object.
    pub(super) fn of(raw: &'a str) -> Option<Credential<'a>> {
        Members::of(raw, &MEMBERS).ok().map(Credential)
    }

    /// The provider it names.
    pub(super) fn provider(&self) -> Option<String> {
        self.0.text("provider").map(|word| word.into_owned())
    }

    /// Is it a login, not a key? (`mode` is the older name of `type`.)
    pub(super) fn is_login(&self) -> bool {
        match self.0.text("type").or_else(|| self.0.text("mode")).as_deref() {
            Some(word) => word == "oauth",
            None => self.0.raw("refresh").is_some(),
        }
    }

    /// Let the last gate know every secret in it.
    pub(super) fn learn(&self, facts: &mut Facts<'_>) {
        for member in ["access", "refresh", "idToken"] {
            self.secret(member, facts);
        }
        for member in ["key", "token"] {
            if let Some(text) = self.0.text(member).filter(|text| is_secret(text)) {
                facts.token(&text);
            }
        }
    }

    /// The state of the store's section, which the profile `id` is where there are profiles. Call for a login only.
    pub(super) fn state(&self, id: Option<&str>, section: Section, place: Place, facts: &mut Facts<'_>) -> StoreState {
        let claims = self.claims(facts);
        // Another profile's change moves the time of the row as well; the token's own time tells.
        let at_once = |written: &Stamp| claims.issued_at.is_some_and(|issued| written.ms.abs_diff(issued.ms) <= AT_ONCE_MS);
        let account = self.0.text("accountId").filter(|id| !id.trim().is_empty()).map(|id| facts.key(Kind::Account, &id));
        StoreState {
            section,
            taken: place.taken,
            agent: place.agent,
            account: account.or(claims.account),
            family: claims.family,
            login_time: claims.login_time,
            access: self.secret("access", facts),
            refresh: self.refresh(facts),
            has_stand_in: false,
            issued_at: claims.issued_at,
            expires_at: claims.expires_at.or_else(|| self.0.number("expires").and_then(Stamp::epoch)),
            refreshed_at: place.written_at.filter(|_| place.own_time).filter(at_once),
            written_at: place.written_at,
            writer: None,
            imported: self.is_managed(),
            came: claims.issued_at.zip(claims.expires_at).and_then(|(issued, end)| self.came(issued, end)),
            fenced: self.fenced(id, facts),
        }
    }

    /// Is it marked as another program's?
    fn is_managed(&self) -> bool {
        self.0.text("managedBy").as_deref() == Some("codex-cli")
    }

    /// A login or refresh of its own gives as the end the time of its arrival and the life of the token, to the
    /// millisecond (2026.5.7). A pair that was taken over ends when the token says so, or, where that could not be read,
    /// an hour after the file that it was taken from was written: long before the token does, which no exchange gives
    /// by a clock that is right. The mark of an import alone says nothing: what is refreshed in such an entry keeps it
    /// (2026.4.14).
    fn came(&self, issued: Stamp, end: Stamp) -> Option<Coming> {
        // What is no time at all ends it before it began.
        let said = Stamp::epoch(self.0.number("expires")?).map_or(0, |said| said.ms);
        coming(said, (issued.ms, end.ms), self.is_managed())
    }

    /// The access token's claims; the id token's where the access token is opaque.
    fn claims(&self, facts: &Facts<'_>) -> Claims {
        let of = |member: &str| self.0.text(member).map(|token| facts.claims(&token)).unwrap_or_default();
        let access = of("access");
        if access == Claims::default() { Claims { issued_at: None, expires_at: None, ..of("idToken") } } else { access }
    }

    fn refresh(&self, facts: &mut Facts<'_>) -> Option<Key> {
        let token = self.0.text("refresh").filter(|token| !token.starts_with(FENCE))?;
        facts.refresh_token(&token)
    }

    fn fenced(&self, id: Option<&str>, facts: &mut Facts<'_>) -> Option<Fence> {
        let failed = self.fence()?;
        let text = self.0.text("refresh").filter(|text| text.starts_with(FENCE));
        let digest = text.as_deref().and_then(|text| text.rsplit_once(":refresh:")).map(|(_, digest)| digest);
        let whose = id.zip(self.provider());
        let key = digest.zip(whose).map(|(digest, (id, provider))| facts.fence(id, &provider, digest));
        Some(Fence { failed, digest: key })
    }

    fn secret(&self, member: &str, facts: &mut Facts<'_>) -> Option<Key> {
        let token = self.0.text(member).filter(|token| !token.starts_with(FENCE))?;
        facts.token(&token)
    }

    /// The fence, if there is one: whether it says that a refresh failed.
    pub(super) fn fence(&self) -> Option<bool> {
        let fences = ["access", "refresh"].into_iter().filter_map(|member| self.0.text(member));
        fences.filter(|text| text.starts_with(FENCE)).map(|text| text.contains(":failed:")).max()
    }
}

/// What the end that a profile gives says of its pair, which was issued and ends at these times.
fn coming(said: i64, (issued, end): (i64, i64), managed: bool) -> Option<Coming> {
    /// The answer is there within this time.
    const ARRIVAL_MS: u64 = 60_000;
    let late = said.saturating_sub(end);
    // No clock is behind by half of the token's life.
    let early = end.saturating_sub(said) > end.saturating_sub(issued) / 2;
    match late {
        _ if managed && (late == 0 || early) => Some(Coming::Taken),
        0 => Some(Coming::PerhapsTaken),
        _ if late.unsigned_abs() <= ARRIVAL_MS => Some(Coming::Exchanged),
        _ if late < 0 => Some(Coming::PerhapsTaken),
        _ => managed.then_some(Coming::PerhapsTaken),
    }
}

/// Stores also hold plain words in place of a key (`codex-app-server`, `ollama-local`), which may
/// well stand in a report.
fn is_secret(text: &str) -> bool {
    text.len() >= 12 && text.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_is_not_counted_from_the_arrival_is_no_exchange() {
        const DAY: i64 = 86_400_000;
        let of = |late: i64, managed| coming(20 * DAY + late, (10 * DAY, 20 * DAY), managed);
        let hour = 3_600_000 - 10 * DAY;
        assert_eq!([of(640, false), of(640, true), of(-188, false)], [Some(Coming::Exchanged); 3]);
        assert_eq!([of(0, true), of(hour, true), of(-20 * DAY, true)], [Some(Coming::Taken); 3]);
        assert_eq!([of(0, false), of(hour, false), of(-90_000, true)], [Some(Coming::PerhapsTaken); 3]);
        assert_eq!([of(600_000, false), of(600_000, true)], [None, Some(Coming::PerhapsTaken)]);
    }
}
