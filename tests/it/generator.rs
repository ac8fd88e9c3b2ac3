//! The generator keeps its own promises: what it writes is well formed, coherent, the same for
//! the same seed, and different only where it should be.

use crate::make::big::big_home;
use crate::make::home::{Home, Order};
use crate::make::scenarios::{SCENARIOS, SEED, scenario};
use crate::make::token::{Account, Grant, Style};
use crate::make::twin::twins;
use crate::make::{clock, stage::Stage};
use stopwhy::event::{Client, Mechanism};
use stopwhy::secret::{Claims, Kind, Vault};
use stopwhy::time::Stamp;

#[test]
fn every_json_file_is_json() {
    for scenario in SCENARIOS {
        let home = scenario.build(Style::Live, SEED);
        for (path, bytes) in home.files().filter(|(path, _)| ![".sqlite", ".db"].iter().any(|end| path.ends_with(end))) {
            let text = std::str::from_utf8(bytes).unwrap();
            let parse = |json: &str| serde_json::from_str::<serde_json::Value>(json).map(|_| ());
            let outcome = match path {
                p if p.contains(".jsonl") || p.contains("tmp/openclaw/") => text.lines().try_for_each(parse),
                p if p.ends_with(".json") || p.contains("auth.json") => parse(text),
                _ => Ok(()),
            };
            assert!(outcome.is_ok(), "{}: {path}: {outcome:?}", scenario.name);
        }
    }
}

#[test]
fn expected_verdicts_are_in_the_words_of_the_contract() {
    let clients = [Client::Hermes, Client::Openclaw, Client::Codex].map(Client::word);
    let all = [Mechanism::Consumed, Mechanism::Revoked, Mechanism::Expired, Mechanism::NotToken, Mechanism::Undetermined];
    let mechanisms = all.map(|m| serde_json::to_value(m).unwrap());
    let tiers = ["undetermined", "possible", "likely", "very_likely", "confirmed"];
    let tier = |word: &str| tiers.iter().position(|t| *t == word).unwrap();
    for scenario in SCENARIOS {
        for verdict in scenario.expected {
            assert!(clients.contains(&verdict.victim), "{verdict:?}");
            assert!(verdict.actor.is_none_or(|actor| clients.contains(&actor)), "{verdict:?}");
            assert!(mechanisms.contains(&verdict.mechanism.into()), "{verdict:?}");
            assert!(tier(verdict.confidence.0) <= tier(verdict.confidence.1), "{verdict:?}");
            assert!(!verdict.root_cause.is_empty() && !verdict.failed_turns.is_empty(), "{verdict:?}");
        }
    }
}

#[test]
fn the_committed_homes_stay_small() {
    let sizes: Vec<(usize, &str)> = SCENARIOS.iter().map(|s| (s.build(Style::Inert, SEED).size(), s.name)).collect();
    assert!(sizes.iter().map(|(size, _)| size).sum::<usize>() < 100_000 * sizes.len(), "{sizes:?}");
}

#[test]
fn tokens_say_who_and_when_in_both_styles() {
    let vault = Vault::new([1; 32]);
    for style in [Style::Inert, Style::Live] {
        let st = Stage::new(style, clock::Clock::utc(), 1, 1);
        let at = clock::utc("2026-05-22 07:41:52");
        let account = Account::new(&st);
        let grant = Grant::new(&st, &account, at - clock::DAY);
        let (first, second) = (grant.mint(&st, at + 431), grant.mint(&st, at + clock::DAY));
        let (claims, later) = (Claims::of(&first.access, &vault), Claims::of(&second.access, &vault));
        assert_eq!(claims.issued_at, Some(Stamp::utc(at)));
        assert_eq!(claims.expires_at, Some(Stamp::utc(at + 10 * clock::DAY)));
        assert_eq!(claims.login_time, Some(Stamp::utc(at - clock::DAY)));
        assert_eq!(claims.account, Some(vault.key(Kind::Account, &account.id)));
        assert!(claims.family.is_some() && claims.family == later.family);
        assert!(first.refresh != second.refresh && first.access != second.access);
    }
}

/// What must not depend on the cast: how many files there are, how long their names are, and the
/// length of every line (of a database, its own length).
fn shape(home: &Home) -> Vec<(usize, Vec<usize>)> {
    let lines = |bytes: &[u8]| bytes.split(|&b| b == b'\n').map(<[u8]>::len).collect();
    let shape = |path: &str, bytes: &[u8]| if path.ends_with(".sqlite") { vec![bytes.len()] } else { lines(bytes) };
    let mut shape: Vec<_> = home.files().map(|(path, bytes)| (path.len(), shape(path, bytes))).collect();
    shape.sort();
    shape
}

#[test]
fn twins_have_the_same_shape_and_other_secrets() {
    for scenario in SCENARIOS {
        for style in [Style::Inert, Style::Live] {
            let (one, other) = twins(scenario, style, 7);
            assert!(shape(&one) == shape(&other), "{}", scenario.name);
            assert!(one != other, "{}", scenario.name);
            assert_eq!(one, twins(scenario, style, 7).0, "{}", scenario.name);
        }
    }
}

#[test]
fn a_home_is_written_and_packed_whole() {
    let home = scenario("founding-relogin").build(Style::Live, 3);
    let folder = tempfile::tempdir().unwrap();
    home.write(folder.path(), Order::Shuffled(5));
    home.write(folder.path(), Order::Backward);
    for (path, bytes) in home.files() {
        assert_eq!(std::fs::read(folder.path().join(path)).unwrap(), bytes, "{path}");
    }
    let packed = home.tar_gz("bundle");
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
    assert_eq!(tar.entries().unwrap().count(), home.files().count());
    let zip = zip::ZipArchive::new(std::io::Cursor::new(home.zip("bundle"))).unwrap();
    assert_eq!(zip.len(), home.files().count());
}

#[test]
fn a_big_home_is_as_big_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let truth = big_home(folder.path(), 24 << 20, 11);
    assert!((24 << 20..27 << 20).contains(&truth.bytes), "{truth:?}");
    assert!(truth.failed > 0 && truth.decoys > 0 && truth.turns > truth.failed, "{truth:?}");
}

/// Not a test but the way to a home of any size, to measure time and memory with:
/// `STOPWHY_BIG_HOME=/tmp/big STOPWHY_BIG_MB=500 cargo test --test it big_home_on_disk -- --ignored`.
#[test]
#[ignore = "writes hundreds of megabytes to $STOPWHY_BIG_HOME"]
fn big_home_on_disk() {
    let Some(folder) = std::env::var_os("STOPWHY_BIG_HOME") else { return };
    let megabytes = std::env::var("STOPWHY_BIG_MB").map_or(500, |text| text.parse().unwrap());
    eprintln!("{:?}", big_home(folder.as_ref(), megabytes << 20, 11));
}
