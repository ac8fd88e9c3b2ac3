//! Everything in a home that is a name, an id or free text. All of it is drawn here, from a seed
//! of its own and with lengths that do not depend on that seed, so that the same scenario with
//! another cast differs in nothing but secrets, names and words.

use super::rng::{HEX, Rng};

const USERS: &[&str] = &["marlow", "corvin", "ysolde", "tamsin", "odalys", "benoit", "rufina", "hollis"];
const HOSTS: &[&str] = &["acorn", "birch", "cedar", "dune7", "ember", "fjord", "glade", "heron"];
const PEOPLE: &[&str] = &["Marlow", "Corvin", "Ysolde", "Tamsin", "Odalys", "Benoit", "Rufina", "Hollis"];
const PROJECTS: &[&str] = &["lantern", "meadows", "orchard", "pebbles", "quarter", "saffron", "thistle", "walnuts"];
const AGENTS: &[&str] =
    &["badger", "curlew", "dipper", "falcon", "gannet", "jackal", "magpie", "osprey", "plover", "rabbit", "turtle", "weasel"];

/// Words by length, from two letters to nine; the index is the length less two.
const WORDS: &[&[&str]] = &[
    &["of", "to", "in", "we", "it", "on", "at", "by"],
    &["the", "two", "new", "old", "car", "map", "tea", "box"],
    &["page", "note", "week", "list", "mail", "door", "rain", "plan"],
    &["paper", "green", "table", "seven", "light", "river", "photo", "month"],
    &["garden", "winter", "letter", "bridge", "number", "street", "summer", "kitten"],
    &["kitchen", "picture", "evening", "library", "morning", "journey", "village", "blanket"],
    &["calendar", "mountain", "birthday", "saturday", "painting", "notebook", "medicine", "sandwich"],
    &["breakfast", "orchestra", "wednesday", "telephone", "butterfly", "cathedral", "vegetable", "newspaper"],
];

/// Names of people, machines and projects that any cast may have.
pub fn names() -> impl Iterator<Item = &'static str> {
    [USERS, HOSTS, PEOPLE, PROJECTS].into_iter().flatten().copied()
}

/// The people, machines and ids of one home.
#[derive(Clone, Debug)]
pub struct Cast {
    rng: Rng,
    /// Login name on the machine.
    pub user: &'static str,
    /// Host name.
    pub host: String,
    /// Who writes to the bot.
    pub person: &'static str,
    /// Their chat, as the messenger numbers it.
    pub chat: String,
    /// The folder people work in.
    pub project: &'static str,
}

impl Cast {
    /// The cast of `seed`.
    pub fn new(seed: u64) -> Cast {
        let rng = Rng::new(seed);
        let (user, person, project) = (*rng.pick(USERS), *rng.pick(PEOPLE), *rng.pick(PROJECTS));
        let host = format!("{}-box", rng.pick(HOSTS));
        let chat = format!("7{}", rng.text("123456789", 8));
        Cast { rng, user, host, person, chat, project }
    }

    /// The stream that secrets and ids are drawn from.
    pub fn rng(&self) -> &Rng {
        &self.rng
    }

    /// The user's home folder.
    pub fn home(&self) -> String {
        format!("/home/{}", self.user)
    }

    /// The folder people work in.
    pub fn work(&self) -> String {
        format!("/home/{}/work/{}", self.user, self.project)
    }

    /// So many hexadecimal digits.
    pub fn hex(&self, length: usize) -> String {
        self.rng.text(HEX, length)
    }

    /// A random UUID (version 4).
    pub fn uuid(&self) -> String {
        format!("{}-{}-4{}-{}{}-{}", self.hex(8), self.hex(4), self.hex(3), self.rng.text("89ab", 1), self.hex(3), self.hex(12))
    }

    /// A UUID of version 7, made at `ms`.
    pub fn uuid7(&self, ms: i64) -> String {
        let time = format!("{ms:012x}");
        let variant = self.rng.text("89ab", 1);
        format!("{}-{}-7{}-{variant}{}-{}", &time[..8], &time[8..], self.hex(3), self.hex(3), self.hex(12))
    }

    /// So many different names of agents, all of one length.
    pub fn agents(&self, count: usize) -> Vec<&'static str> {
        let first = self.rng.below(AGENTS.len() as u64) as usize;
        AGENTS.iter().cycle().skip(first).take(count).copied().collect()
    }

    /// A line of words. `shape` decides how many letters each has, the cast which word it is.
    pub fn words(&self, shape: &Rng, count: usize) -> String {
        let words = (0..count).map(|_| *self.rng.pick(shape.pick::<&[&str]>(WORDS)));
        words.collect::<Vec<_>>().join(" ")
    }
}
