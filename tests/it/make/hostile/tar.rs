//! Tar, record by record: long names, extended headers and sizes that say what one likes.

/// Size of a record.
pub const RECORD: usize = 512;

/// Kinds of entries, as the header has them.
pub const FILE: u8 = b'0';
pub const LONG_NAME: u8 = b'L';
pub const LONG_LINK: u8 = b'K';
pub const EXTENDED: u8 = b'x';
pub const GLOBAL: u8 = b'g';

/// An archive in the making.
#[derive(Clone, Debug, Default)]
pub struct Tar(Vec<u8>);

impl Tar {
    /// A header with its sum, and `stored` padded to whole records. The size in the header is
    /// `size`, whatever is stored.
    pub fn entry(mut self, kind: u8, name: &[u8], size: u64, stored: &[u8]) -> Tar {
        self.0.extend(header(kind, name, size));
        self.0.extend(stored);
        self.0.resize(self.0.len().next_multiple_of(RECORD), 0);
        self
    }

    /// An ordinary file.
    pub fn file(self, name: &str, text: &[u8]) -> Tar {
        self.entry(FILE, name.as_bytes(), text.len() as u64, text)
    }

    /// A link, folder or device.
    pub fn special(self, kind: u8, name: &str) -> Tar {
        self.entry(kind, name.as_bytes(), 0, b"")
    }

    /// A long name (GNU), which ends in NUL.
    pub fn long(self, kind: u8, text: &[u8]) -> Tar {
        self.entry(kind, b"././@LongLink", text.len() as u64 + 1, &[text, b"\0"].concat())
    }

    /// An extended header.
    pub fn extended(self, kind: u8, fields: &[(&str, &[u8])]) -> Tar {
        let body: Vec<u8> = fields.iter().flat_map(|(key, value)| field(key, value)).collect();
        self.entry(kind, b"PaxHeaders/x", body.len() as u64, &body)
    }

    /// What is there so far, put behind.
    pub fn raw(mut self, bytes: &[u8]) -> Tar {
        self.0.extend(bytes);
        self
    }

    /// With the mark of the end.
    pub fn done(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 2 * RECORD, 0);
        self.0
    }

    /// Without it.
    pub fn cut(self) -> Vec<u8> {
        self.0
    }
}

/// A header in the form of ustar. A size that does not fit into octal digits is binary.
pub fn header(kind: u8, name: &[u8], size: u64) -> [u8; RECORD] {
    let mut header = [0; RECORD];
    let name = &name[..name.len().min(100)];
    header[..name.len()].copy_from_slice(name);
    header[100..108].copy_from_slice(b"0000644\0");
    header[108..116].copy_from_slice(b"0000000\0");
    header[116..124].copy_from_slice(b"0000000\0");
    if size < 1 << 33 {
        header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    } else {
        header[124] = 0x80;
        header[128..136].copy_from_slice(&size.to_be_bytes());
    }
    header[136..148].copy_from_slice(b"15145400000\0");
    header[156] = kind;
    if matches!(kind, b'1' | b'2') {
        header[157..168].copy_from_slice(b"/etc/passwd");
    }
    header[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut header);
    header
}

/// Put the right sum into a header.
pub fn seal(header: &mut [u8; RECORD]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// `LENGTH KEY=VALUE\n`, where the length counts itself.
pub fn field(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = 1 + key.len() + 1 + value.len() + 1;
    let length = (1..20).map(|digits| rest + digits).find(|all| all.to_string().len() + rest == *all).unwrap();
    [length.to_string().as_bytes(), b" ", key.as_bytes(), b"=", value, b"\n"].concat()
}
