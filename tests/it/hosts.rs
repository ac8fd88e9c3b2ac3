//! Several machines: one root for each and one root with `--host-of` come to the same, what counts as a
//! machine, how a verdict says that it depends on a clock, and that no name of a machine gets out.

use crate::make::home::{Home, Order};
use crate::make::scenarios::{NEAR_MISSES, SCENARIOS, SEED, Scenario};
use crate::make::token::Style;
use crate::pipeline::{MACHINES, Run, Summary, plan, run_plan};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use stopwhy::plan::HostRule;

fn rows() -> impl Iterator<Item = &'static Scenario> {
    SCENARIOS.iter().chain(NEAR_MISSES)
}

fn named(name: &str) -> &'static Scenario {
    rows().find(|scenario| scenario.name == name).unwrap()
}

fn is_of_several(home: &Home) -> bool {
    MACHINES.iter().all(|machine| home.files().any(|(path, _)| path.starts_with(machine)))
}

/// Victim, verdict, machines of victim and actor, first failure.
type Said = (String, Summary, [Option<String>; 2], String);

fn said(run: &Run) -> Vec<Said> {
    let one = |(i, verdict): (&stopwhy::report::IncidentJson, Summary)| {
        let hosts = [i.victim.host.clone(), i.actor.as_ref().and_then(|actor| actor.host.clone())];
        (i.victim.client.clone(), verdict, hosts, i.first_failure.clone())
    };
    run.incidents.iter().zip(run.summaries()).map(one).collect()
}

/// Read these paths, with these statements about machines and no others.
fn read(paths: &[PathBuf], hosts: &[(&str, &str)], private: bool) -> Run {
    let rule = |(glob, name): &(&str, &str)| HostRule { glob: (*glob).to_owned(), name: (*name).to_owned() };
    let mut plan = plan(paths, 2);
    (plan.hosts, plan.private) = (hosts.iter().map(rule).collect(), private);
    run_plan(&plan)
}

fn machines(folder: &Path) -> [PathBuf; 2] {
    MACHINES.map(|machine| folder.join(machine))
}

#[test]
fn a_root_for_each_machine_and_a_statement_for_each_come_to_the_same() {
    let scratch = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for scenario in rows() {
        let home = scenario.build(Style::Inert, SEED);
        if !is_of_several(&home) {
            continue;
        }
        seen += 1;
        let folder = scratch.path().join(scenario.name);
        home.write(&folder, Order::Forward);
        let [a, b] = machines(&folder);
        let roots = read(&[a.clone(), b.clone()], &[], false);
        let backward = read(&[b, a], &[], false);
        let stated = read(std::slice::from_ref(&folder), &[("host-a/**", "my laptop"), ("host-b/**", "my server")], false);
        let one_stated = read(&[folder], &[("host-b/**", "my server")], false);
        assert!(said(&roots).iter().all(|(.., hosts, _)| hosts[0].is_some()), "{}: {:?}", scenario.name, said(&roots));
        for (what, other) in [("backward", &backward), ("stated", &stated), ("one stated", &one_stated)] {
            assert_eq!(said(other), said(&roots), "{}: {what}", scenario.name);
        }
        assert!(roots.json == backward.json, "{}: the order of the roots shows", scenario.name);
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn packed_machines_are_the_same_machines() {
    let scratch = tempfile::tempdir().unwrap();
    let home = named("hosts-founding").build(Style::Inert, SEED);
    let folder = scratch.path().join("plain");
    home.write(&folder, Order::Forward);
    let plain = said(&read(&machines(&folder), &[], false));
    let packed = MACHINES.map(|machine| {
        let mut one = named("hosts-founding").build(Style::Inert, SEED);
        one.keep(|path| path.starts_with(machine));
        let file = scratch.path().join(format!("{machine}.tar.gz"));
        std::fs::write(&file, one.tar_gz("bundle")).unwrap();
        file
    });
    assert_eq!(said(&read(&packed, &[], false)), plain);
    // The machine's folder and a bundle of it are one machine, and nothing happened twice.
    let [a, b] = machines(&folder);
    assert_eq!(said(&read(&[a, b, packed[0].clone(), packed[1].clone()], &[], false)), plain);
}

#[test]
fn homes_named_one_by_one_are_one_machine() {
    let scratch = tempfile::tempdir().unwrap();
    named("founding-consumed").build(Style::Inert, SEED).write(scratch.path(), Order::Forward);
    let paths = [".codex", ".hermes", ".openclaw"].map(|home| scratch.path().join(home));
    let whole = said(&read(&[scratch.path().to_owned()], &[], false));
    let apart = read(&paths, &[], false);
    assert_eq!(said(&apart), whole);
    assert!(apart.report.stores.iter().all(|store| store.host.is_none()));
    // A user who says that they are two machines is believed.
    let stated = read(&paths, &[(".codex", "desk"), (".hermes", "shelf"), (".openclaw", "shelf")], false);
    let hosts: Vec<_> = stated.report.stores.iter().map(|s| (s.client.as_str(), s.host.as_deref().unwrap())).collect();
    assert!(hosts.iter().any(|(client, host)| *client == "codex" && hosts.iter().any(|(c, h)| *c == "hermes" && h != host)));
}

/// Each home of `folder` (empty: of all of it) in an archive of its own, below its own name only.
fn packed_homes(home: &Home, folder: &str, homes: &[&str], scratch: &Path) -> Vec<PathBuf> {
    let pack = |name: &&str| {
        let top = format!("{folder}{name}/");
        let mut one = home.clone();
        one.keep(|path| path.starts_with(&top));
        let file = scratch.join(format!("{}{}.tar.gz", folder.replace('/', "-"), name.trim_start_matches('.')));
        std::fs::write(&file, one.moved(|path| path[top.len()..].to_owned()).tar_gz(name)).unwrap();
        file
    };
    homes.iter().map(pack).collect()
}

#[test]
fn homes_packed_one_by_one_are_one_machine() {
    let scratch = tempfile::tempdir().unwrap();
    let home = named("founding-consumed").build(Style::Inert, SEED);
    let folder = scratch.path().join("plain");
    home.write(&folder, Order::Forward);
    let homes = [".codex", ".hermes", ".openclaw"];
    let apart = read(&packed_homes(&home, "", &homes, scratch.path()), &[], false);
    assert!(apart.report.stores.iter().all(|store| store.host.is_none()));
    assert_eq!(said(&apart), said(&read(&homes.map(|home| folder.join(home)), &[], false)));
}

#[test]
fn homes_of_one_program_packed_apart_are_two_machines() {
    let scratch = tempfile::tempdir().unwrap();
    let home = named("login-copied-to-a-second-machine").build(Style::Inert, SEED);
    home.write(&scratch.path().join("plain"), Order::Forward);
    let plain = said(&read(&machines(&scratch.path().join("plain")), &[], false));
    let pack = |machine: &str| packed_homes(&home, &format!("{machine}/"), &[".codex"], scratch.path());
    let packed: Vec<PathBuf> = MACHINES.iter().flat_map(|machine| pack(machine)).collect();
    assert_eq!(said(&read(&packed, &[], false)), plain);
}

/// Everything of one machine of a scenario, without a folder around it, in an archive of this name.
fn packed(home: &Home, machine: &str, file: PathBuf) -> PathBuf {
    let mut one = home.clone();
    let top = format!("{machine}/");
    one.keep(|path| path.starts_with(&top));
    std::fs::write(&file, one.moved(|path| path[top.len()..].to_owned()).tar_gz(".")).unwrap();
    file
}

/// The only home of a machine of a scenario, `.codex`.
fn only_home(home: &Home, machine: &str) -> Option<String> {
    let inside = home.files().filter_map(|(path, _)| path.strip_prefix(machine)?.strip_prefix('/')?.split_once('/'));
    let homes: BTreeSet<&str> = inside.map(|(top, _)| top).collect();
    (homes.len() == 1).then(|| homes.first().map(|top| (*top).to_owned())).flatten()
}

#[test]
fn a_machine_with_one_home_is_a_machine_in_an_archive_as_well() {
    let scratch = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for scenario in rows() {
        let home = scenario.build(Style::Inert, SEED);
        let (true, Some(_), Some(_)) = (is_of_several(&home), only_home(&home, MACHINES[0]), only_home(&home, MACHINES[1])) else {
            continue;
        };
        seen += 1;
        let folder = scratch.path().join(scenario.name);
        home.write(&folder.join("plain"), Order::Forward);
        let plain = said(&read(&machines(&folder.join("plain")), &[], false));
        let archives = MACHINES.map(|machine| packed(&home, machine, folder.join(format!("{}.tgz", &machine[5..]))));
        assert_eq!(said(&read(&archives, &[], false)), plain, "{}", scenario.name);
    }
    assert!(seen >= 8, "{seen}");
}

/// Archives that are named after their homes may be of one machine, and their times are no times of one clock for that.
#[test]
fn homes_of_two_machines_packed_by_their_names_convict_nobody_by_the_clock() {
    let scratch = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for scenario in rows() {
        let home = scenario.build(Style::Inert, SEED);
        let tops = MACHINES.map(|machine| only_home(&home, machine));
        let [Some(a), Some(b)] = &tops else { continue };
        if a == b || !is_of_several(&home) {
            continue;
        }
        seen += 1;
        let folder = scratch.path().join(scenario.name);
        home.write(&folder.join("plain"), Order::Forward);
        let plain = read(&machines(&folder.join("plain")), &[], false);
        let named = [(0, a), (1, b)].map(|(at, top)| packed(&home, MACHINES[at], folder.join(format!("{top}.tgz"))));
        let read = read(&named, &[], false);
        let verdicts = |run: &Run| -> Vec<Summary> { run.summaries() };
        assert_eq!(verdicts(&read), verdicts(&plain), "{}", scenario.name);
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn one_word_makes_one_machine() {
    let scratch = tempfile::tempdir().unwrap();
    named("hosts-founding").build(Style::Inert, SEED).write(scratch.path(), Order::Forward);
    let run = read(&machines(scratch.path()), &[("**", "one box")], false);
    assert!(run.report.stores.iter().all(|store| store.host.is_none()) && !run.json.contains("host-1"));
}

#[test]
fn the_user_s_words_for_machines_stay_private() {
    let scratch = tempfile::tempdir().unwrap();
    named("hosts-founding").build(Style::Inert, SEED).write(scratch.path(), Order::Forward);
    let stated = [("host-a/**", "Marlows-Laptop"), ("host-b/**", "vps.marlow.example")];
    let shared = read(&[scratch.path().to_owned()], &stated, false);
    for text in [&shared.json, &shared.markdown] {
        assert!(!text.contains("Marlow") && !text.contains("marlow"));
        assert!(text.contains("host-1") && text.contains("host-2"));
    }
    let private = read(&[scratch.path().to_owned()], &stated, true);
    assert!(
        private.report.notes.iter().any(|note| note.contains("is the machine stated as Marlows-Laptop")),
        "{:?}",
        private.report.notes
    );
}

#[test]
fn the_sentence_says_on_which_machine() {
    let scratch = tempfile::tempdir().unwrap();
    named("hosts-founding").build(Style::Inert, SEED).write(scratch.path(), Order::Forward);
    let run = read(&machines(scratch.path()), &[], false);
    let incident = &run.incidents[0];
    let (victim, actor) = (incident.victim.host.as_deref().unwrap(), incident.actor.as_ref().unwrap().host.as_deref().unwrap());
    assert_ne!(victim, actor);
    let says = format!("Codex on {actor} refreshed the login it shares with Hermes on {victim}");
    assert!(run.markdown.contains(&says), "{says}");
    let sources: Vec<_> = run.report.coverage.sources.iter().map(|source| source.host).collect();
    assert!(sources.iter().all(Option::is_some), "{sources:?}");
}

/// The incidents of a scenario, read as the machines that its home is of.
fn incidents(name: &str) -> Vec<stopwhy::report::IncidentJson> {
    let scratch = tempfile::tempdir().unwrap();
    let home = named(name).build(Style::Inert, SEED);
    home.write(scratch.path(), Order::Forward);
    let roots = if is_of_several(&home) { machines(scratch.path()).to_vec() } else { vec![scratch.path().to_owned()] };
    read(&roots, &[], false).incidents
}

#[test]
fn a_verdict_that_depends_on_a_clock_names_the_fact() {
    for (name, fact) in [
        ("clocks-not-measured", "the clock skew between host-1 and host-2"),
        ("zone-unknown-and-the-verdict-depends-on-it", "the zone of the local times of Hermes's logs: state it with --tz-of"),
    ] {
        let list = incidents(name);
        let [incident] = list.as_slice() else { panic!("{name}: {} incidents", list.len()) };
        assert_eq!(incident.would_settle.first().map(String::as_str), Some(fact), "{name}");
        let notes = incident.notes.join("\n");
        assert!(notes.contains("`sibling_relogin` by Codex") && notes.contains("the verdict depends on it"), "{name}: {notes}");
    }
}

#[test]
fn a_verdict_that_holds_under_all_readings_says_so() {
    let list = incidents("zone-unknown-and-the-verdict-does-not-depend-on-it");
    assert!(list[0].notes.iter().any(|note| note.contains("the same under all of")), "{:?}", list[0].notes);
    // The second of two logins, which comes before the refusal in some zones only, had nothing of Hermes' left to end.
    assert_eq!((list[0].cause.at.as_deref(), list[0].cause.after.as_deref()), (Some("2026-05-20T14:00:30.014Z"), None));
    assert!(!list[0].notes.iter().any(|note| note.contains("came after the first failure")), "{:?}", list[0].notes);
}

#[test]
fn the_zone_settles_what_depends_on_it() {
    let scratch = tempfile::tempdir().unwrap();
    named("zone-unknown-and-the-verdict-depends-on-it").build(Style::Inert, SEED).write(scratch.path(), Order::Forward);
    let cause = |seconds: i32| {
        let mut plan = plan(&[scratch.path().to_owned()], 2);
        let zone = stopwhy::plan::ZoneAsked::Offset(seconds);
        plan.zones = vec![stopwhy::plan::ZoneRule { glob: ".hermes".to_owned(), zone }];
        run_plan(&plan).incidents[0].root_cause.clone()
    };
    assert_eq!((cause(0), cause(7200)), ("sibling_relogin".to_owned(), "server_revocation".to_owned()));
}

#[test]
fn a_clock_that_is_off_is_said_and_times_stay_as_written() {
    let list = incidents("clock-of-the-server-ahead");
    assert_eq!(list[0].first_failure.get(..16), Some("2026-05-22T08:20"));
    let notes = list[0].notes.join("\n");
    assert!(notes.contains("was about 7 min 0 s ahead of that of the login service"), "{notes}");
    let wrong = incidents("clock-wrong");
    assert_eq!(wrong[0].first_failure.get(..13), Some("2026-05-22T08"));
    assert!(wrong[0].evidence.iter().any(|e| e.stance == "for" && e.says.contains("behind that of the login service")));
    let right = incidents("expired-by-a-clock-that-is-right");
    let ruled = right[0].hypotheses.iter().find(|h| h.root_cause == "clock_wrong").unwrap();
    assert_eq!((ruled.status, ruled.says.contains("agreed with that of the login service")), ("ruled_out", true));
}

#[test]
fn a_copy_that_somebody_kept_is_no_machine() {
    let scratch = tempfile::tempdir().unwrap();
    let build = || named("founding-consumed").build(Style::Inert, SEED);
    let (desk, kept) = (scratch.path().join("desk"), scratch.path().join("kept"));
    build().write(&desk, Order::Forward);
    let alone = said(&read(std::slice::from_ref(&desk), &[], false));
    // Stores without a conversation, and a whole home with all of them.
    for copied in [".codex/auth.json", ".codex/"] {
        let mut copy = build();
        copy.keep(|path| path.starts_with(copied));
        copy.write(&kept, Order::Forward);
        let both = read(&[desk.clone(), kept.clone()], &[], false);
        assert!(both.report.stores.iter().all(|store| store.host.is_none()), "{copied}");
        assert_eq!(said(&both), alone, "{copied}");
    }
}
