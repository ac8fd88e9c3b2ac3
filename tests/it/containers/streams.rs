//! Compressed streams: stitched, cut, trailing, with windows that nobody can afford.

use super::{STORE, read, reasons, store};
use crate::make::hostile::streams::{FORMATS, pack};
use crate::make::rng::Rng;
use liblzma::stream::{Check, Filters, LzmaOptions, Stream};
use std::io::Write;

/// What a format says of a stream that is cut, and of what follows the last.
fn words(format: &str) -> (&'static str, &'static str) {
    match format {
        "gz" => ("gzip-truncated", "gzip-trailing"),
        "zst" => ("zstd-truncated", "zstd-trailing"),
        "xz" => ("xz-truncated", "xz-trailing"),
        _ => ("bzip2-truncated", "bzip2-trailing"),
    }
}

fn name(format: &str) -> String {
    format!("auth.json.{format}")
}

#[test]
fn stitched_streams_are_one_file() {
    let text = store();
    for format in FORMATS {
        for seed in 0..10 {
            // Cut the text anywhere, pack the pieces, some of them empty.
            let rng = Rng::new(seed);
            let mut ends: Vec<usize> = (0..rng.below(6)).map(|_| rng.below(text.len() as u64) as usize).collect();
            ends.extend([0, text.len()]);
            ends.sort_unstable();
            let packed: Vec<u8> = ends.windows(2).flat_map(|two| pack(format, &text[two[0]..two[1]])).collect();
            let evidence = read(&name(format), &packed);
            assert_eq!((evidence.stated.len(), reasons(&evidence)), (1, vec![]), "{format}, seed {seed}");
            assert_eq!(evidence.sources[0].bytes_in, text.len() as u64);
        }
    }
}

#[test]
fn what_follows_and_what_is_missing_is_said() {
    let text = store();
    let rng = Rng::new(5);
    for format in FORMATS {
        let (cut, trailing) = words(format);
        let packed = pack(format, &text);
        let tail: Vec<u8> = (0..1 + rng.below(3000)).map(|_| b'a' + rng.below(20) as u8).collect();
        let evidence = read(&name(format), &[&packed[..], &tail].concat());
        assert_eq!((evidence.stated.len(), reasons(&evidence)), (1, vec![(trailing, 1, tail.len() as u64)]), "{format}");
        // The last bytes hold sums only, so all of the text is there; but zstd has no sums unless
        // asked, and this text is one block.
        let evidence = read(&name(format), &packed[..packed.len() - 1]);
        assert_eq!((evidence.stated.len(), reasons(&evidence)), (usize::from(*format != "zst"), vec![(cut, 1, 0)]), "{format}");
        // A second stream of which only the start is there.
        let evidence = read(&name(format), &[&packed[..], &packed[..3]].concat());
        assert_eq!((evidence.stated.len(), reasons(&evidence)), (1, vec![(cut, 1, 0)]), "{format}");
    }
}

#[test]
fn a_budget_ends_what_has_no_end_and_says_so() {
    use crate::make::hostile::streams::repeated_gz;
    use stopwhy::plan::Root;
    use stopwhy::source::{self, Budget, Found, Meter, Row};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("endless.gz");
    // Unit, and what of 8 MiB for a source is read of it: short lines cost as if they were long.
    for (unit, read) in [(vec![0; 1 << 20], 8 << 20), (b"{}\n".repeat(1 << 18), 200 << 10), (b"x".repeat(1 << 20), 8 << 20)] {
        repeated_gz(b"", &unit, 64, &mut std::fs::File::create(&path).unwrap());
        let budget = Budget::new(8 << 20, 1 << 30);
        let inputs = source::discover(&[Root::Path(path.clone())]).unwrap();
        source::read(&inputs[0], &budget, &Meter::new(), &mut |found| {
            let Found::Source(stream) = found else { panic!("not a source") };
            let mut bytes = 0;
            stream.lines(1 << 20, |row| match row {
                Row::Line { len, .. } | Row::Skipped(_, len) => bytes += len,
            });
            let (given, troubles) = stream.finish();
            let said: Vec<&str> = troubles.iter().map(|trouble| trouble.reason.word()).collect();
            assert_eq!((given, said), (bytes, vec!["budget-decompressed"]));
            assert!(given <= read + (512 << 10) && given + (512 << 10) > read, "{given} for {read}");
        });
        assert!(budget.left() < (1 << 30) - (7 << 20), "{} left: the run pays, too", budget.left());
    }
}

#[test]
fn skippable_frames_and_tiny_frames_are_frames() {
    let text = store();
    let rng = Rng::new(9);
    let mut packed = Vec::new();
    for piece in text.chunks(7) {
        if rng.below(4) == 0 {
            let junk = vec![0xee; rng.below(300) as usize];
            packed.extend([0x50 + rng.below(16) as u8, 0x2a, 0x4d, 0x18]);
            packed.extend((junk.len() as u32).to_le_bytes());
            packed.extend(junk);
        }
        packed.extend(pack("zst", piece));
    }
    let evidence = read(&name("zst"), &packed);
    assert_eq!((evidence.stated.len(), reasons(&evidence)), (1, vec![]));
}

#[test]
fn windows_and_dictionaries_over_the_limit_are_named() {
    let text = store();
    let zst = |log: u32| {
        let mut packer = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        packer.window_log(log).unwrap();
        packer.write_all(&text).unwrap();
        packer.finish().unwrap()
    };
    let xz = |size: u32| {
        let mut options = LzmaOptions::new_preset(0).unwrap();
        options.dict_size(size);
        let stream = Stream::new_stream_encoder(Filters::new().lzma2(&options), Check::Crc64).unwrap();
        let mut packer = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
        packer.write_all(&text).unwrap();
        packer.finish().unwrap()
    };
    let seen = |format: &str, packed: &[u8]| {
        let evidence = read(&name(format), packed);
        (evidence.stated.len(), reasons(&evidence))
    };
    assert_eq!(seen("zst", &zst(27)), (1, vec![]));
    assert_eq!(seen("zst", &zst(28)), (0, vec![("zstd-window", 1, 0)]));
    assert_eq!(seen("xz", &xz(128 << 20)), (1, vec![]));
    assert_eq!(seen("xz", &xz(160 << 20)), (0, vec![("xz-memory", 1, 0)]));
    // Further in, less is allowed, because all layers are open at once.
    assert_eq!(seen("zst", &pack("gz", &zst(27))), (0, vec![("zstd-window", 1, 0)]));
    assert_eq!(seen("xz", &pack("gz", &xz(64 << 20))), (1, vec![]));
    let deep = ["gz", "zst", "xz", "bz2", "gz", "zst", "xz"].iter().fold(text.clone(), |bytes, format| pack(format, &bytes));
    assert_eq!(seen("xz", &deep), (1, vec![]));
}

#[test]
fn the_same_store_at_any_depth_gives_the_same_events() {
    use crate::make::hostile::tar::Tar;
    use crate::make::hostile::zip::{DEFLATED, Member, Zip};
    let text = store();
    let mut packed = text.clone();
    let mut inner = STORE.to_owned();
    for depth in 1..=5u64 {
        packed = match depth % 2 {
            0 => Tar::default().file(&inner, &packed).done(),
            _ => Zip::of(&[Member::new(&inner, DEFLATED, &packed)]),
        };
        let evidence = read("bundle", &packed);
        let archives = evidence.sources.iter().filter(|s| s.members.is_some()).count() as u64;
        if depth <= 4 {
            assert_eq!((evidence.stated.len(), archives, reasons(&evidence)), (1, depth, vec![]), "depth {depth}");
        } else {
            let [(word, 1, bytes)] = reasons(&evidence)[..] else { panic!("{:#?}", evidence.sources) };
            assert_eq!((evidence.stated.len(), archives, word), (0, 4, "archive-depth"));
            assert!(bytes > 0 && bytes < packed.len() as u64 + 10_000, "{bytes}");
        }
        inner = format!("{depth}.{}", FORMATS[depth as usize % 4]);
        packed = pack(FORMATS[depth as usize % 4], &packed);
    }
}
