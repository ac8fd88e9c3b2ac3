//! A home in memory: paths and bytes, written to a folder in any order and with any file times,
//! or packed as an archive.

use super::rng::Rng;
use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// A file of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Content {
    bytes: Vec<u8>,
    modified: i64,
}

/// In which order files are written.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// By path.
    Forward,
    /// By path, last first.
    Backward,
    /// As this seed has it.
    Shuffled(u64),
}

/// The files of a home, by relative path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    files: BTreeMap<String, Content>,
}

impl Home {
    /// Put a file, last written at `modified` (ms); it may replace one.
    pub fn put(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>, modified: i64) {
        self.files.insert(path.into(), Content { bytes: bytes.into(), modified });
    }

    /// Take over the files of another home.
    pub fn merge(&mut self, other: Home) {
        self.files.extend(other.files);
    }

    /// Take over the home of one machine of several, below a folder of its own.
    pub fn merge_host(&mut self, folder: &str, machine: impl FnOnce(&mut Home)) {
        let mut own = Home::default();
        machine(&mut own);
        self.merge(own.moved(|path| format!("{folder}/{path}")));
    }

    /// Change the text of a file that is there.
    pub fn change(&mut self, path: &str, change: impl FnOnce(String) -> String) {
        let content = self.files.get_mut(path).unwrap();
        content.bytes = change(String::from_utf8(std::mem::take(&mut content.bytes)).unwrap()).into_bytes();
    }

    /// Change the bytes of every file.
    pub fn change_all(&mut self, change: impl Fn(&[u8]) -> Vec<u8>) {
        self.files.values_mut().for_each(|content| content.bytes = change(&content.bytes));
    }

    /// Keep only the files whose path fits.
    pub fn keep(&mut self, fits: impl Fn(&str) -> bool) {
        self.files.retain(|path, _| fits(path));
    }

    /// The same files under other paths.
    pub fn moved(self, path: impl Fn(&str) -> String) -> Home {
        Home { files: self.files.into_iter().map(|(old, content)| (path(&old), content)).collect() }
    }

    /// Give every file another time.
    pub fn retime(&mut self, mut time: impl FnMut(&str) -> i64) {
        self.files.iter_mut().for_each(|(path, content)| content.modified = time(path));
    }

    /// Paths and bytes, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_str(), content.bytes.as_slice()))
    }

    /// Paths of the files that are text.
    pub fn texts(&self) -> Vec<String> {
        let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0);
        self.files().filter(|(_, bytes)| is_text(bytes)).map(|(path, _)| path.to_owned()).collect()
    }

    /// All bytes together.
    pub fn size(&self) -> usize {
        self.files().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Write everything below `folder`, each file with its time.
    pub fn write(&self, folder: &Path, order: Order) {
        for (path, content) in self.ordered(order) {
            let place = folder.join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            let mut file = File::create(&place).unwrap();
            file.write_all(&content.bytes).unwrap();
            let time = UNIX_EPOCH + Duration::from_millis(content.modified as u64);
            file.set_times(FileTimes::new().set_modified(time)).unwrap();
        }
    }

    fn ordered(&self, order: Order) -> Vec<(&String, &Content)> {
        let mut files: Vec<_> = self.files.iter().collect();
        match order {
            Order::Forward => {}
            Order::Backward => files.reverse(),
            Order::Shuffled(seed) => {
                let rng = Rng::new(seed);
                (1..files.len()).rev().for_each(|at| files.swap(at, rng.below(at as u64 + 1) as usize));
            }
        }
        files
    }

    /// The home as a `.tar.gz`, below a folder `top`.
    pub fn tar_gz(&self, top: &str) -> Vec<u8> {
        let packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(packer);
        for (path, content) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.bytes.len() as u64);
            header.set_mode(0o600);
            header.set_mtime(content.modified as u64 / 1000);
            tar.append_data(&mut header, format!("{top}/{path}"), content.bytes.as_slice()).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    /// The home as a `.zip`, below a folder `top`.
    pub fn zip(&self, top: &str) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        for (path, content) in &self.files {
            zip.start_file(format!("{top}/{path}"), options).unwrap();
            zip.write_all(&content.bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}
