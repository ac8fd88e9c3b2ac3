//! Which folder below a user's own one a record names, to be compared and never read: what a person typed enters no
//! event as text.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A folder by its path below a user's own folder, such as `.codex-work`; equal or not equal to another one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Below(u64);

impl Below {
    /// The mark of a path below the user's folder. Slashes at its ends do not count.
    pub fn of(path: &str) -> Below {
        let mut hasher = DefaultHasher::new();
        path.trim_matches('/').hash(&mut hasher);
        Below(hasher.finish())
    }

    /// Is this home the folder, where the record that names it stands in the home `beside` of the same user?
    pub fn is_home(self, home: &str, beside: &str) -> bool {
        match beside.rsplit_once('/').map_or("", |(user, _)| user) {
            "" => Below::of(home) == self,
            user => home.strip_prefix(user).is_some_and(|path| path.starts_with('/') && Below::of(path) == self),
        }
    }
}

impl std::fmt::Debug for Below {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Below(..)")
    }
}
