//! The same archives by other programs: GNU tar, unzip and Python list and unpack what the
//! generators make, and every member must be the same in number, order, size and content.
//!
//! A program that is not installed is said on stderr, and at least one must be there.

use super::{Member, members};
use crate::make::hostile::tar::{EXTENDED, FILE, GLOBAL, LONG_LINK, LONG_NAME, Tar};
use crate::make::hostile::zip::{self, DEFLATED, STORED, Zip};
use crate::make::rng::Rng;
use std::path::Path;
use std::process::{Command, Stdio};

/// Lists files only: `crc size name-in-hex`, in order, links and folders left out.
const PYTHON: &str = r"
import sys, tarfile, zipfile, zlib
path = sys.argv[1]
def say(name, data):
    print(zlib.crc32(data), len(data), name.encode('utf-8', 'surrogateescape').hex())
if zipfile.is_zipfile(path):
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                say(info.filename, archive.open(info).read())
else:
    with tarfile.open(path, ignore_zeros=True) as archive:
        for info in archive:
            if info.isreg():
                say(info.name, archive.extractfile(info).read())
";

/// What Python finds.
fn python(path: &Path) -> Option<Vec<Member>> {
    let output = Command::new("python3").args(["-c", PYTHON]).arg(path).stderr(Stdio::inherit()).output().ok()?;
    assert!(output.status.success(), "python on {}", path.display());
    let line = |line: &str| {
        let mut words = line.split(' ');
        let (crc, size) = (words.next().unwrap().parse().unwrap(), words.next().unwrap().parse().unwrap());
        let hex = words.next().unwrap();
        let name: Vec<u8> = (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect();
        Member { name: String::from_utf8_lossy(&name).into_owned(), size, crc }
    };
    Some(String::from_utf8(output.stdout).unwrap().lines().map(line).collect())
}

/// The contents of all files, one after the other, as GNU tar or unzip unpacks them.
fn contents(program: &str, arguments: &[&str], path: &Path) -> Option<Member> {
    let output = Command::new(program).args(arguments).arg(path).stderr(Stdio::null()).output().ok()?;
    assert!(output.status.success(), "{program} on {}", path.display());
    Some(Member::of("", &output.stdout))
}

/// The numbers and names of entries that a program lists.
fn listed(program: &str, arguments: &[&str], path: &Path) -> Option<Vec<String>> {
    let output = Command::new(program).args(arguments).arg(path).stderr(Stdio::null()).output().ok()?;
    assert!(output.status.success(), "{program} on {}", path.display());
    Some(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// Is this GNU tar?
fn has_gnu_tar() -> bool {
    let said = Command::new("tar").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    said.starts_with(b"tar (GNU tar)")
}

/// Compare ours with every program there is. Returns how many there were.
fn compare(path: &Path, what: &str) -> usize {
    let ours = members(path);
    let mut programs = 0;
    let unmarked = |member: &Member| Member { name: member.name.split('#').next().unwrap().to_owned(), ..member.clone() };
    if let Some(theirs) = python(path) {
        let ours: Vec<Member> = ours.iter().map(unmarked).collect();
        assert_eq!(ours, theirs, "{what}: Python");
        programs += 1;
    }
    let all: (u64, Vec<String>) = (ours.iter().map(|m| m.size).sum(), ours.iter().map(|m| unmarked(m).name).collect());
    let is_zip = path.extension().is_some_and(|e| e == "zip");
    if !is_zip && has_gnu_tar() {
        let files = |name: &String| !name.ends_with('/') && !name.contains("link");
        let names = listed("tar", &["--ignore-zeros", "--quoting-style=literal", "-tf"], path).unwrap();
        assert_eq!(names.into_iter().filter(files).collect::<Vec<_>>(), all.1, "{what}: GNU tar");
        assert_eq!(contents("tar", &["--ignore-zeros", "-xOf"], path).unwrap().size, all.0, "{what}: GNU tar");
        programs += 1;
    }
    if let Some(theirs) = if is_zip { listed("unzip", &["-Z1"], path) } else { None } {
        assert_eq!(theirs.into_iter().filter(|name| !name.ends_with('/')).collect::<Vec<_>>(), all.1, "{what}: unzip");
        // Of several members of one name it unpacks one.
        if !ours.iter().any(|member| member.name.contains('#')) {
            assert_eq!(contents("unzip", &["-p"], path).unwrap().size, all.0, "{what}: unzip");
        }
        programs += 1;
    }
    programs
}

/// At least one program must have been there, and the rest are named.
fn judge(programs: usize, of: &[&str], archives: usize) {
    if programs < of.len() * archives {
        eprintln!("others: {programs} comparisons of {archives} archives; not all of {of:?} are installed");
    }
    assert!(programs >= archives, "none of {of:?} is installed: nothing was compared");
}

fn text(rng: &Rng) -> Vec<u8> {
    (0..rng.below(4000)).map(|_| if rng.below(40) == 0 { b'\n' } else { b' ' + rng.below(90) as u8 }).collect()
}

/// A name of some length, in two folders.
fn name(rng: &Rng, n: usize) -> String {
    format!("h{}/{}/{n}.txt", rng.below(3), "d".repeat(1 + rng.below(80) as usize))
}

/// Every shape of tar that is legal.
fn legal_tar(rng: &Rng) -> Tar {
    let mut tar = Tar::default();
    for n in 0..1 + rng.below(12) as usize {
        let (name, text) = (name(rng, n), text(rng));
        let long = name.repeat(1 + rng.below(4) as usize);
        let size = text.len().to_string();
        tar = match rng.below(9) {
            0 => tar.long(LONG_NAME, long.as_bytes()).file("short", &text),
            1 => tar.extended(EXTENDED, &[("path", long.as_bytes())]).file("short", &text),
            2 => {
                let fields = [("path", long.as_bytes()), ("size", size.as_bytes()), ("mtime", b"1767225600.5")];
                tar.extended(EXTENDED, &fields).entry(FILE, b"short", 0, &text)
            }
            3 => tar.extended(GLOBAL, &[("comment", b"of no concern")]).file(&name, &text),
            4 => tar.long(LONG_LINK, long.as_bytes()).special(b'2', "h/link"),
            5 => tar.special(*rng.pick(b"12346"), "h/link").special(b'5', "h/folder/"),
            6 => tar.file("h/same.txt", &text).file("h/same.txt", b"again\n"),
            7 => tar.file("h/empty.txt", b""),
            _ => tar.file(&name, &text),
        };
    }
    tar
}

#[test]
fn tars_as_others_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar");
    let mut programs = 0;
    for seed in 0..25 {
        let rng = Rng::new(seed);
        // Every third is two archives end to end.
        let mut bytes = legal_tar(&rng).done();
        if seed % 3 == 0 {
            bytes.extend(legal_tar(&rng).done());
        }
        std::fs::write(&path, bytes).unwrap();
        programs += compare(&path, &format!("seed {seed}"));
    }
    judge(programs, &["python3", "GNU tar"], 25);
}

#[test]
fn zips_as_others_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    let mut programs = 0;
    for seed in 0..25 {
        let rng = Rng::new(seed);
        let mut archive = Zip::default();
        for n in 0..1 + rng.below(12) as usize {
            let method = *rng.pick(&[STORED, DEFLATED]);
            let mut member = zip::Member::new(&name(&rng, n), method, &text(&rng));
            match rng.below(6) {
                0 => member.wide = true,
                1 => member.streamed = Some(true),
                2 if method == DEFLATED => (member.streamed, member.wide) = (Some(true), true),
                3 => member.mode = 0o100_644,
                4 => archive = archive.member(&zip::Member::folder("h/")),
                _ => {}
            }
            archive = archive.member(&member);
        }
        let bytes = if seed % 4 == 0 { archive.wide() } else { archive.done() };
        std::fs::write(&path, bytes).unwrap();
        programs += compare(&path, &format!("seed {seed}"));
    }
    judge(programs, &["python3", "unzip"], 25);
}

/// What these programs write themselves: long names, sparse files, streams.
#[test]
fn archives_that_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let (home, path) = (folder.path().join("home"), folder.path().join("out"));
    std::fs::create_dir_all(home.join("d".repeat(200))).unwrap();
    let rng = Rng::new(42);
    let mut want = Vec::new();
    for n in 0..20 {
        let name = if n % 2 == 0 { format!("{}/{n}.txt", "d".repeat(200)) } else { format!("{n}.txt") };
        let text = text(&rng);
        std::fs::write(home.join(&name), &text).unwrap();
        want.push(Member::of(&name, &text));
    }
    // A log that was cut to nothing under a program that wrote on.
    let hole = [vec![0; 2 << 20], b"{\"a\":1}\n".to_vec(), vec![0; 1 << 20], b"{\"b\":2}\n".to_vec()].concat();
    let file = std::fs::File::create(home.join("hole.log")).unwrap();
    file.set_len(hole.len() as u64).unwrap();
    for at in [2 << 20, (3 << 20) + 8] {
        std::os::unix::fs::FileExt::write_all_at(&file, &hole[at..at + 8], at as u64).unwrap();
    }
    want.push(Member::of("hole.log", &hole));
    want.sort();

    let tars: [&[&str]; 6] = [
        &["--format=gnu", "--sparse"],
        &["--format=posix", "--sparse", "--sparse-version=0.0"],
        &["--format=posix", "--sparse", "--sparse-version=0.1"],
        &["--format=posix", "--sparse", "--sparse-version=1.0"],
        &["--format=pax", "--gzip"],
        &["--format=oldgnu"],
    ];
    let mut tried = 0;
    for options in tars.into_iter().filter(|_| has_gnu_tar()) {
        let mut command = Command::new("tar");
        assert!(command.args(options).arg("-cf").arg(&path).arg("-C").arg(&home).arg(".").status().unwrap().success());
        let mut seen = members(&path);
        seen.iter_mut().for_each(|member| member.name = member.name.trim_start_matches("./").to_owned());
        seen.sort();
        assert_eq!(seen, want, "tar {options:?}");
        tried += 1;
    }
    for options in [&["-q", "-r"][..], &["-q", "-r", "-0"], &["-q", "-r", "-fz"], &["-q", "-r", "-Z", "bzip2"]] {
        let _ = std::fs::remove_file(&path);
        let file = std::fs::File::create(&path).unwrap();
        let Ok(status) = Command::new("zip").args(options).args(["-", "."]).current_dir(&home).stdout(file).status() else { break };
        if status.success() {
            let mut seen = members(&path);
            seen.sort();
            assert_eq!(seen, want, "zip {options:?}");
            tried += 1;
        }
    }
    if tried == 0 {
        eprintln!("others: neither GNU tar nor zip is installed; nothing they write was read");
    }
}
