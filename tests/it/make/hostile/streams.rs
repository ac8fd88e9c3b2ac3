//! Compressed streams: the same bytes packed by each format, and streams that repeat themselves
//! for as long as one likes.

use std::io::Write;

/// The formats, by the suffix of their files.
pub const FORMATS: &[&str] = &["gz", "zst", "xz", "bz2"];

/// `bytes` as one stream of a format.
pub fn pack(format: &str, bytes: &[u8]) -> Vec<u8> {
    match format {
        "gz" => {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        "zst" => zstd::encode_all(bytes, 1).unwrap(),
        "xz" => {
            let mut packer = liblzma::write::XzEncoder::new(Vec::new(), 0);
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        "bz2" => {
            let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        other => panic!("no format {other}"),
    }
}

/// One gzip member of `head` and `count` times `unit`, in about a thousandth of that. Its deflate
/// stream is flushed after each unit, so that what one unit packs to can be repeated; its sums
/// are those of nothing.
pub fn repeated_gz(head: &[u8], unit: &[u8], count: u64, out: &mut dyn Write) {
    let pack = |text: &[u8]| {
        let mut packer = flate2::Compress::new(flate2::Compression::best(), false);
        let mut packed = Vec::with_capacity(text.len() + 1000);
        // A full flush ends on a whole byte, and what follows refers to nothing before it.
        packer.compress_vec(text, &mut packed, flate2::FlushCompress::Full).unwrap();
        assert_eq!(packer.total_in(), text.len() as u64);
        packed
    };
    out.write_all(b"\x1f\x8b\x08\0\0\0\0\0\0\xff").unwrap();
    out.write_all(&pack(head)).unwrap();
    let packed = pack(unit);
    (0..count).for_each(|_| out.write_all(&packed).unwrap());
    out.write_all(b"\x03\0").unwrap();
    out.write_all(&[0; 8]).unwrap();
}
