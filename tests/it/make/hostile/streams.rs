//! Compressed streams: the same bytes packed by each format, and streams that are all zeros
//! however long.

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

/// One gzip member of `count` times `unit` bytes of NUL, in about a thousandth of that. Its
/// deflate stream is one piece, flushed after each unit, so that the pieces can be repeated; its
/// sums are those of nothing.
pub fn zeros_gz(unit: usize, count: u64, out: &mut impl Write) {
    let mut packer = flate2::Compress::new(flate2::Compression::best(), false);
    let zeros = vec![0; unit];
    let mut piece = |flush| {
        let mut packed = Vec::with_capacity(unit / 500 + 1000);
        packer.compress_vec(&zeros, &mut packed, flush).unwrap();
        packed
    };
    // A full flush forgets what was before, so the second piece can follow itself.
    let (first, second) = (piece(flate2::FlushCompress::Full), piece(flate2::FlushCompress::Full));
    out.write_all(b"\x1f\x8b\x08\0\0\0\0\0\0\xff").unwrap();
    out.write_all(&first).unwrap();
    for _ in 1..count {
        out.write_all(&second).unwrap();
    }
    out.write_all(b"\x03\0").unwrap();
    out.write_all(&[0; 8]).unwrap();
}
