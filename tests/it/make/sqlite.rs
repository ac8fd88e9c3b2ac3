//! Databases as clients leave them, built row by row. The same rows give the same bytes: pages
//! are small, the file is packed, and the version of the library that wrote it is taken out.

use rusqlite::Connection;
use rusqlite::types::Value;
use std::fs;
use std::path::Path;

/// Where the header names the library's version, and what stands there instead: 3.45.1.
const WRITER: std::ops::Range<usize> = 96..100;
const VERSION: [u8; 4] = 3_045_001_u32.to_be_bytes();

/// A database that is being filled.
#[derive(Clone, Debug)]
pub struct Database {
    schema: &'static str,
    rows: Vec<(&'static str, Vec<(&'static str, Value)>)>,
}

impl Database {
    /// An empty one with these tables.
    pub fn new(schema: &'static str) -> Database {
        Database { schema, rows: Vec::new() }
    }

    /// A row, by column; the others are null.
    pub fn row<const N: usize>(&mut self, table: &'static str, values: [(&'static str, Value); N]) {
        self.rows.push((table, values.into()));
    }

    /// The file, with everything in it.
    pub fn bytes(&self) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let connection = self.open(&path);
        self.insert(&connection, 0);
        connection.execute_batch("VACUUM").unwrap();
        drop(connection);
        without_version(fs::read(path).unwrap())
    }

    /// The file and its write-ahead log, which alone holds all rows but the first `kept`.
    pub fn logged(&self, kept: usize) -> (Vec<u8>, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let connection = self.open(&path);
        let some = Database { schema: self.schema, rows: self.rows[..kept].to_vec() };
        some.insert(&connection, 0);
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        self.insert(&connection, kept);
        let read = |end: &str| fs::read(folder.path().join(format!("x{end}"))).unwrap();
        (read(""), read("-wal"))
    }

    fn open(&self, path: &Path) -> Connection {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "page_size", 1024).unwrap();
        connection.execute_batch(self.schema).unwrap();
        connection
    }

    fn insert(&self, connection: &Connection, from: usize) {
        connection.execute_batch("BEGIN").unwrap();
        for (table, values) in &self.rows[from..] {
            let columns: Vec<&str> = values.iter().map(|(column, _)| *column).collect();
            let marks = vec!["?"; columns.len()].join(", ");
            let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", columns.join(", "));
            connection.execute(&sql, rusqlite::params_from_iter(values.iter().map(|(_, value)| value))).unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// The database that statements make.
pub fn of_statements(sql: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "page_size", 1024).unwrap();
    connection.execute_batch(sql).unwrap();
    connection.execute_batch("VACUUM").unwrap();
    drop(connection);
    without_version(fs::read(path).unwrap())
}

fn without_version(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[WRITER].copy_from_slice(&VERSION);
    bytes
}

/// A text.
pub fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// A number.
pub fn int(number: i64) -> Value {
    Value::Integer(number)
}
