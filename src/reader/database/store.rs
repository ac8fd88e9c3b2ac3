//! The private copy of a database, opened so that its contents can be read and can do nothing.
//!
//! A database is a program as much as a file: views, triggers, generated columns and virtual
//! tables run when it is queried. So the connection is read-only and defensive, trusts no
//! schema, and asks before every statement whether it does more than read plain columns of plain
//! tables; it stops after a number of steps, and memory, schema and statements are bounded.
//! What is opened is always a copy in the private folder (see [`crate::source::Copy`]), with its
//! write-ahead log beside it, so that SQLite applies the log without touching the evidence.

use super::header::{self, Header};
use super::reason::reason;
use super::row::WORDS;
use super::{Row, Table, damage, lost};
use crate::event::SkipReason;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Steps of SQLite's machine between two looks at the budget.
const STRIDE: u32 = 10_000;
/// Steps for one table: some ten million rows, well under a minute.
const STEPS: u64 = 1_000_000_000;
/// Memory of all of SQLite together.
const MEMORY: u64 = 256 << 20;
/// Longest value or row that SQLite loads.
const VALUE: i32 = 128 << 20;
/// Most tables, indexes, views and triggers of a schema (OpenClaw 2026.9 has about 250).
const OBJECTS: i32 = 20_000;

/// An open copy.
pub struct Store {
    connection: Connection,
    schema: Schema,
    steps: Arc<AtomicU64>,
    logged: bool,
    missing: u64,
    behind: u64,
}

/// The plain tables of a database and their columns.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    tables: Vec<Plain>,
}

#[derive(Clone, Debug)]
struct Plain {
    name: String,
    columns: Vec<Field>,
    has_row_ids: bool,
    /// It has columns that are computed when they are read.
    computes: bool,
}

/// A column that a table has.
#[derive(Clone, Debug)]
struct Field {
    name: String,
    /// Declared so that no row can be without it.
    never_null: bool,
}

impl Schema {
    /// Is there a plain table of this name, with all of these columns?
    pub fn has(&self, table: &str, columns: &[&str]) -> bool {
        self.table(table).is_some_and(|plain| columns.iter().all(|column| plain.has(column)))
    }

    /// True when there is no table at all.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    fn table(&self, name: &str) -> Option<&Plain> {
        self.tables.iter().find(|plain| plain.name.eq_ignore_ascii_case(name))
    }
}

impl Plain {
    fn has(&self, column: &str) -> bool {
        self.field(column).is_some()
    }

    fn field(&self, column: &str) -> Option<&Field> {
        self.columns.iter().find(|field| field.name.eq_ignore_ascii_case(column))
    }

    /// The columns to order by; none where one of them is not there.
    fn ordering(&self, table: &Table) -> &'static [&'static str] {
        if table.order.iter().all(|name| self.has(name)) { table.order } else { &[] }
    }
}

/// How the reading of a table ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The database has no such table, or one without the columns that are needed.
    Absent,
    /// At its last row.
    Whole,
    /// Before its last row.
    Short(SkipReason),
}

impl Store {
    /// Open the copy at `path`.
    ///
    /// # Errors
    /// The reason why nothing of it can be read.
    pub fn open(path: &Path) -> Result<Store, SkipReason> {
        let (header, len) = mend(path)?;
        let missing = header.missing(len);
        let opened = match Store::connect(path) {
            // Perhaps for a table that is on the missing pages.
            Err(SkipReason::SqliteCut) if missing > 0 => {
                let file = OpenOptions::new().read(true).write(true).open(path);
                file.and_then(|mut file| lost::leave_out(&mut file, header)).map_err(|_| SkipReason::SqliteCut)?;
                Store::connect(path)
            }
            opened => opened,
        };
        let (connection, schema, steps) = opened?;
        Ok(Store { connection, schema, steps, logged: header.logged, missing, behind: header.behind(len) })
    }

    fn connect(path: &Path) -> Result<(Connection, Schema, Arc<AtomicU64>), SkipReason> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let mut connection = Connection::open_with_flags(path, flags).map_err(|error| reason(&error))?;
        let steps = Arc::new(AtomicU64::new(0));
        shut(&mut connection, &steps).map_err(|error| reason(&error))?;
        let schema = schema(&connection).map_err(|error| reason(&error))?;
        Ok((connection, schema, steps))
    }

    /// Its tables.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Does it keep its changes in a write-ahead log first?
    pub fn is_logged(&self) -> bool {
        self.logged
    }

    /// Bytes that its header counts and the file does not have.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Bytes behind the last page that its header counts. A log may yet add pages there.
    pub fn behind(&self) -> u64 {
        self.behind
    }

    /// Is the list of its tables damaged, so that some may be missing from it?
    pub fn is_schema_damaged(&self) -> bool {
        self.steps.store(0, Relaxed);
        matches!(damage::look(&self.connection, "sqlite_schema"), Some(SkipReason::SqliteCut))
    }

    /// Hand out the rows of `table`, in its order. Rows of a damaged page may be missing or come
    /// twice without an error, so the table is looked over when it is read.
    pub fn rows(&self, table: &'static Table, each: &mut dyn FnMut(&Row<'_>)) -> Ended {
        let Some(plain) = self.schema.table(table.name) else { return Ended::Absent };
        let mut columns = Vec::new();
        for column in table.columns {
            match column.names.iter().find(|name| plain.has(name)) {
                Some(name) => columns.push((column, *name)),
                None if column.needed => return Ended::Absent,
                None => {}
            }
        }
        self.steps.store(0, Relaxed);
        match self.select(table, plain, &columns, each) {
            Ok(()) => self.damage(plain).map_or(Ended::Whole, Ended::Short),
            Err(error) => Ended::Short(reason(&error)),
        }
    }

    /// What is wrong with a table that was read to its end. Of a cut database that is known; and
    /// computed columns are a program that would run.
    fn damage(&self, plain: &Plain) -> Option<SkipReason> {
        if self.missing > 0 || plain.computes {
            return None;
        }
        self.steps.store(0, Relaxed);
        damage::look(&self.connection, &plain.name)
    }

    /// Is this statement refused before it runs?
    #[cfg(test)]
    pub(super) fn refuses(&self, sql: &str) -> bool {
        self.connection.prepare(sql).is_err()
    }

    fn select(&self, table: &Table, plain: &Plain, columns: &[Asked<'_>], each: Each<'_>) -> rusqlite::Result<()> {
        let mut sql = query(table, plain, columns);
        if self.missing > 0 && plain.has_row_ids {
            return self.salvage(table, plain, (&sql, columns), each);
        }
        let _ = write!(sql, "{}", order(table, plain));
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let (mut position, slots) = (0, Slots::of(columns, plain));
        while let Some(values) = rows.next()? {
            position += 1;
            hand_out(values, position, &slots, each)?;
        }
        Ok(())
    }

    /// The rows of a table of a cut database: of those up to the first that is lost, one by one,
    /// every one that is there in full. Indexes lead astray, they may be lost themselves.
    fn salvage(&self, table: &Table, plain: &Plain, (sql, columns): (&str, &[Asked<'_>]), each: Each<'_>) -> rusqlite::Result<()> {
        let name = quoted(table.name);
        let mut ids = self.connection.prepare(&format!("SELECT _rowid_ FROM main.{name} NOT INDEXED"))?;
        let (mut ids, mut there, mut ended) = (ids.query([])?, 0, Ok(()));
        loop {
            match ids.next() {
                Ok(Some(_)) => there += 1,
                Ok(None) => break,
                Err(error) => {
                    ended = Err(error);
                    break;
                }
            }
        }
        let order = order(table, plain);
        let named: String = plain.ordering(table).iter().map(|name| format!(", {}", quoted(name))).collect();
        // With an order of its own the inner query ends where it should, and not behind it.
        let readable = format!("SELECT _rowid_ AS id_{named} FROM main.{name} NOT INDEXED ORDER BY _rowid_ LIMIT ?1");
        let ordered = format!("SELECT id_ FROM ({readable}){order}");
        let mut ordered = self.connection.prepare(&ordered)?;
        let mut values = self.connection.prepare(&format!("{sql} NOT INDEXED WHERE _rowid_ = ?1"))?;
        let mut ordered = ordered.query([there])?;
        let slots = Slots::of(columns, plain);
        while let Some(row) = ordered.next()? {
            let mut found = values.query([row.get::<_, i64>(0)?])?;
            match found.next() {
                Ok(row) => row.map_or(Ok(()), |row| hand_out(row, 0, &slots, each))?,
                Err(error) if reason(&error) == SkipReason::SqliteCut => ended = Err(error),
                Err(error) => return Err(error),
            }
        }
        ended
    }
}

/// A column that is asked for, and what this database calls it.
type Asked<'n> = (&'static super::Column, &'n str);
type Each<'e> = &'e mut dyn FnMut(&Row<'_>);

/// Where the values of columns stand in a row: two per column, how long it is, and itself.
struct Slots {
    columns: Vec<(&'static super::Column, usize)>,
    /// Where those stand that no row can be without.
    filled: Vec<usize>,
}

impl Slots {
    fn of(columns: &[Asked<'_>], plain: &Plain) -> Slots {
        let places = || columns.iter().enumerate().map(|(at, (column, name))| (*column, *name, 2 * at + 2));
        let is_filled = |name: &str| plain.field(name).is_some_and(|field| field.never_null);
        Slots {
            columns: places().map(|(column, _, at)| (column, at)).collect(),
            filled: places().filter(|(_, name, _)| is_filled(name)).map(|(.., at)| at).collect(),
        }
    }
}

/// Hand out one row; it is at this position if it has no id.
fn hand_out(values: &rusqlite::Row<'_>, position: u64, slots: &Slots, each: Each<'_>) -> rusqlite::Result<()> {
    let id = values.get_ref(0)?.as_i64().ok().and_then(|id| u64::try_from(id).ok());
    let (mut read, mut elided, mut lost, mut damaged) = (0, 0, false, false);
    let mut words = [None; WORDS];
    for (slot, (column, at)) in slots.columns.iter().enumerate() {
        let len = values.get_ref(at - 1)?;
        damaged |= len == ValueRef::Null && slots.filled.contains(at);
        let len = len.as_i64().ok().and_then(|len| u64::try_from(len).ok()).unwrap_or(0);
        if len > u64::from(column.limit) {
            (elided, lost) = (elided + len, lost || column.document);
        } else {
            read += len;
        }
        if column.is_short() {
            let word = values.get_ref(*at).ok();
            // No client writes a NUL into an id or a word; a page that was overwritten has them.
            damaged |= matches!(word, Some(ValueRef::Text(text)) if memchr::memchr(0, text).is_some());
            if let Some(place) = words.get_mut(slot) {
                *place = word;
            }
        }
    }
    each(&Row { values, words: &words, columns: &slots.columns, number: id.unwrap_or(position), read, elided, lost, damaged });
    Ok(())
}

/// The statement for a table. A value over its limit is never loaded: SQLite knows its length
/// from the row's header.
fn query(table: &Table, plain: &Plain, columns: &[Asked<'_>]) -> String {
    let mut sql = String::from(if plain.has_row_ids { "SELECT _rowid_" } else { "SELECT NULL" });
    for (column, name) in columns {
        let _ = write!(sql, ", octet_length({0}), CASE WHEN octet_length({0}) <= {1} THEN {0} END", quoted(name), column.limit);
    }
    let _ = write!(sql, " FROM main.{}", quoted(table.name));
    sql
}

/// The end of a statement, for the table's order.
fn order(table: &Table, plain: &Plain) -> String {
    let names: Vec<String> = plain.ordering(table).iter().map(|name| quoted(name)).collect();
    if names.is_empty() { String::new() } else { format!(" ORDER BY {}", names.join(", ")) }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Look at the header of the copy; gives it, and the length that the file had. SQLite refuses a
/// file that is shorter than its header says as a whole; with the count taken out, it reads the
/// pages that are there. It would read a page that is cut as if the rest were zeros, so that goes,
/// too.
fn mend(path: &Path) -> Result<(Header, u64), SkipReason> {
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(|_| SkipReason::Io)?;
    let mut bytes = [0; header::LEN];
    file.read_exact(&mut bytes).map_err(|_| SkipReason::SqliteCut)?;
    let len = file.metadata().map_err(|_| SkipReason::Io)?.len();
    let header = Header::of(&bytes).ok_or(SkipReason::SqliteCut)?;
    if header.missing(len) > 0 {
        file.set_len(len - len % header.page).map_err(|_| SkipReason::Io)?;
        file.seek(SeekFrom::Start(header::PAGES as u64)).and_then(|_| file.write_all(&[0; 4])).map_err(|_| SkipReason::Io)?;
    }
    Ok((header, len))
}

/// Take from a connection everything but reading.
fn shut(connection: &mut Connection, steps: &Arc<AtomicU64>) -> rusqlite::Result<()> {
    use DbConfig as C;
    let on = [C::SQLITE_DBCONFIG_DEFENSIVE, C::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE];
    let off = [
        C::SQLITE_DBCONFIG_TRUSTED_SCHEMA,
        C::SQLITE_DBCONFIG_ENABLE_VIEW,
        C::SQLITE_DBCONFIG_ENABLE_TRIGGER,
        C::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
        C::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE,
        C::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE,
    ];
    for (names, value) in [(&on[..], true), (&off[..], false)] {
        for name in names {
            connection.set_db_config(*name, value)?;
        }
    }
    let limits = [
        (Limit::SQLITE_LIMIT_LENGTH, VALUE),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_PARSER_DEPTH, 100),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        (Limit::SQLITE_LIMIT_SCHEMA, OBJECTS),
    ];
    for (limit, value) in limits {
        connection.set_limit(limit, value)?;
    }
    let settings = [
        ("temp_store", 2),
        ("mmap_size", 0),
        ("cell_size_check", 1),
        ("query_only", 1),
        ("cache_size", -4096),
        // They would be evaluated row by row when a table is looked over.
        ("ignore_check_constraints", 1),
    ];
    for (name, value) in settings {
        connection.pragma_update(None, name, value)?;
    }
    connection.pragma_update(None, "hard_heap_limit", MEMORY as i64)?;
    let taken = Arc::clone(steps);
    let stride = u64::from(STRIDE);
    connection.progress_handler(STRIDE as i32, Some(move || taken.fetch_add(stride, Relaxed) > STEPS))?;
    connection.authorizer(Some(allowed))
}

/// Reading plain columns, listing tables and looking one over is all that is ever needed.
fn allowed(context: AuthContext<'_>) -> Authorization {
    let plain = match context.action {
        AuthAction::Select | AuthAction::Read { .. } => true,
        AuthAction::Function { function_name } => function_name.eq_ignore_ascii_case("octet_length"),
        AuthAction::Pragma { pragma_name, .. } => ["table_list", "table_xinfo", damage::LOOK].contains(&pragma_name),
        _ => false,
    };
    if plain && context.accessor.is_none() { Authorization::Allow } else { Authorization::Deny }
}

/// The plain tables: no views, no virtual tables nor what they keep their content in, nothing of
/// SQLite's own; their columns without the generated ones.
fn schema(connection: &Connection) -> rusqlite::Result<Schema> {
    let mut listed = Vec::new();
    connection.pragma_query(None, "table_list", |row| {
        let (place, kind): (String, String) = (row.get("schema")?, row.get("type")?);
        let (name, without_row_ids): (String, bool) = (row.get("name")?, row.get("wr")?);
        if place == "main" && kind == "table" && !name.starts_with("sqlite_") {
            listed.push((name, !without_row_ids));
        }
        Ok(())
    })?;
    let mut tables = Vec::new();
    for (name, has_row_ids) in listed {
        let (mut columns, mut computes) = (Vec::new(), false);
        connection.pragma(None, "table_xinfo", &name, |row| {
            match row.get::<_, i64>("hidden")? {
                0 => columns.push(Field { name: row.get("name")?, never_null: row.get("notnull")? }),
                _ => computes = true,
            }
            Ok(())
        })?;
        tables.push(Plain { name, columns, has_row_ids, computes });
    }
    Ok(Schema { tables })
}
