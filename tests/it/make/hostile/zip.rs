//! Zip, field by field: members whose own header, directory record and bytes need not agree.

use flate2::Crc;
use std::io::Write;

/// The ways of packing that are used here.
pub const STORED: u16 = 0;
pub const DEFLATED: u16 = 8;

/// A member: what its own header says, what the directory says, and what is there.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: Vec<u8>,
    /// Name in its own header, where that is another.
    pub local_name: Option<Vec<u8>>,
    pub flags: u16,
    pub method: u16,
    pub packed: Vec<u8>,
    pub crc: u32,
    pub size: u64,
    /// Unix mode; 0 for none.
    pub mode: u16,
    /// Written as a stream: sizes stand behind the bytes, with or without a mark.
    pub streamed: Option<bool>,
    /// Wide sizes, in an extra field.
    pub wide: bool,
}

impl Member {
    /// An honest member.
    pub fn new(name: &str, method: u16, text: &[u8]) -> Member {
        let mut crc = Crc::new();
        crc.update(text);
        Member {
            name: name.as_bytes().to_vec(),
            local_name: None,
            flags: 0,
            method,
            packed: if method == DEFLATED { deflate(text) } else { text.to_vec() },
            crc: crc.sum(),
            size: text.len() as u64,
            mode: 0,
            streamed: None,
            wide: false,
        }
    }

    /// A folder.
    pub fn folder(name: &str) -> Member {
        Member::new(name, STORED, b"")
    }

    fn flags(&self) -> u16 {
        self.flags | if self.streamed.is_some() { 8 } else { 0 }
    }

    /// Sizes, and the extra field that holds them if they are wide.
    fn sizes(&self) -> ([u8; 8], Vec<u8>) {
        let narrow = |n: u64| if self.wide { u32::MAX } else { u32::try_from(n).unwrap_or(u32::MAX) }.to_le_bytes();
        let packed = self.packed.len() as u64;
        let pair = [narrow(packed), narrow(self.size)].concat().try_into().unwrap();
        let extra = [&b"\x01\0\x10\0"[..], &self.size.to_le_bytes(), &packed.to_le_bytes()].concat();
        (pair, if self.wide { extra } else { Vec::new() })
    }

    fn local(&self) -> Vec<u8> {
        let name = self.local_name.as_ref().unwrap_or(&self.name);
        let (mut sizes, extra) = self.sizes();
        let mut crc = self.crc.to_le_bytes();
        if self.streamed.is_some() && !self.wide {
            (sizes, crc) = ([0; 8], [0; 4]);
        }
        let lengths = [(name.len() as u16).to_le_bytes(), (extra.len() as u16).to_le_bytes()].concat();
        let mut bytes = [&b"PK\x03\x04\x2d\0"[..], &self.flags().to_le_bytes(), &self.method.to_le_bytes()].concat();
        bytes.extend([&b"\0\x18\x22\x5c"[..], &crc, &sizes, &lengths, name, &extra, &self.packed].concat());
        if let Some(marked) = self.streamed {
            let width = if self.wide { 8 } else { 4 };
            bytes.extend(if marked { &b"PK\x07\x08"[..] } else { b"" });
            bytes.extend(self.crc.to_le_bytes());
            bytes.extend(&(self.packed.len() as u64).to_le_bytes()[..width]);
            bytes.extend(&self.size.to_le_bytes()[..width]);
        }
        bytes
    }

    fn record(&self, at: u64) -> Vec<u8> {
        let (sizes, extra) = self.sizes();
        let lengths = [(self.name.len() as u16).to_le_bytes(), (extra.len() as u16).to_le_bytes()].concat();
        let mut bytes = [&b"PK\x01\x02\x2d\x03\x2d\0"[..], &self.flags().to_le_bytes(), &self.method.to_le_bytes()].concat();
        bytes.extend([&b"\0\x18\x22\x5c"[..], &self.crc.to_le_bytes(), &sizes, &lengths].concat());
        bytes.extend([0; 8]);
        bytes.extend(self.mode.to_le_bytes());
        bytes.extend(&at.to_le_bytes()[..4]);
        bytes.extend([&self.name[..], &extra].concat());
        bytes
    }
}

/// An archive in the making.
#[derive(Clone, Debug, Default)]
pub struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    records: u64,
}

impl Zip {
    /// An archive of honest members.
    pub fn of(members: &[Member]) -> Vec<u8> {
        members.iter().fold(Zip::default(), |zip, member| zip.member(member)).done()
    }

    /// Add a member and its record.
    pub fn member(self, member: &Member) -> Zip {
        let at = self.bytes.len() as u64;
        self.hidden(member).record(member, at)
    }

    /// Add a member that the directory does not know.
    pub fn hidden(mut self, member: &Member) -> Zip {
        self.bytes.extend(member.local());
        self
    }

    /// Add a record that leads to `at`.
    pub fn record(mut self, member: &Member, at: u64) -> Zip {
        self.directory.extend(member.record(at));
        self.records += 1;
        self
    }

    /// Add bytes that belong to nothing.
    pub fn raw(mut self, bytes: &[u8]) -> Zip {
        self.bytes.extend(bytes);
        self
    }

    /// With the directory and its end.
    pub fn done(self) -> Vec<u8> {
        let records = self.records;
        self.declaring(records)
    }

    /// The same, with another number of records in the end record (modulo 65,536).
    pub fn declaring(self, records: u64) -> Vec<u8> {
        let at = self.bytes.len() as u32;
        let count = (records as u16).to_le_bytes();
        let end = [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &(self.directory.len() as u32).to_le_bytes(), &at.to_le_bytes()];
        [self.bytes, self.directory, end.concat(), vec![0; 2]].concat()
    }

    /// The same with a wide end record, as archives of more than 65,534 members have.
    pub fn wide(self) -> Vec<u8> {
        let (at, size) = (self.bytes.len() as u64, self.directory.len() as u64);
        let mut bytes = [self.bytes, self.directory].concat();
        let end = bytes.len() as u64;
        bytes.extend(b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0");
        [self.records, self.records, size, at].into_iter().for_each(|n| bytes.extend(n.to_le_bytes()));
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend(end.to_le_bytes());
        bytes.extend(b"\x01\0\0\0PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
        bytes
    }
}

/// Raw deflate.
pub fn deflate(text: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}
