//! Kinds of source and reasons for not using bytes: two closed lists whose words are printed.

use super::Client;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $client:ident, $file:literal;)*) => {
        /// What a source was recognised as.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SourceKind { $($(#[$doc])* $name,)* }

        impl SourceKind {
            /// Every kind, in printing order.
            pub const ALL: &'static [SourceKind] = &[$(SourceKind::$name,)*];

            /// The word of the report's coverage table.
            pub fn word(self) -> &'static str {
                match self { $(SourceKind::$name => $word,)* }
            }

            /// The program that writes such files.
            pub fn client(self) -> Client {
                match self { $(SourceKind::$name => Client::$client,)* }
            }

            /// Stem under which a file of this kind is printed when its own name may not be.
            pub fn stem(self) -> &'static str {
                match self { $(SourceKind::$name => $file,)* }
            }
        }
    };
}

kinds! {
    /// OpenClaw session transcript, JSONL v1 to v4, with its archived and repaired siblings.
    OpenclawSession = "openclaw-session", Openclaw, "session";
    /// OpenClaw gateway log, tslog JSON lines.
    OpenclawGatewayLog = "openclaw-gateway-log", Openclaw, "openclaw";
    /// OpenClaw gateway console text (journald, launchd).
    OpenclawConsole = "openclaw-console", Openclaw, "gateway";
    /// OpenClaw `auth-profiles.json`.
    OpenclawAuthProfiles = "openclaw-auth-profiles", Openclaw, "auth-profiles";
    /// OpenClaw `auth-state.json`.
    OpenclawAuthState = "openclaw-auth-state", Openclaw, "auth-state";
    /// OpenClaw `sessions.json`.
    OpenclawSessionIndex = "openclaw-session-index", Openclaw, "sessions";
    /// OpenClaw `openclaw.json`.
    OpenclawConfig = "openclaw-config", Openclaw, "openclaw";
    /// OpenClaw `logs/config-audit.jsonl`.
    OpenclawConfigAudit = "openclaw-config-audit", Openclaw, "config-audit";
    /// OpenClaw trajectory sidecar, or the events of a trajectory export.
    OpenclawTrajectory = "openclaw-trajectory", Openclaw, "trajectory";
    /// OpenClaw `cron/runs/<job>.jsonl`.
    OpenclawCronRuns = "openclaw-cron-runs", Openclaw, "job";
    /// OpenClaw `logs/stability/*.json`: what a process noted when it ended badly.
    OpenclawStability = "openclaw-stability", Openclaw, "stability";
    /// OpenClaw `gateway diagnostics export`: its members beside the log.
    OpenclawDiagnostics = "openclaw-diagnostics", Openclaw, "diagnostics";
    /// OpenClaw `locks/oauth-refresh/*.lock` that nobody released.
    OpenclawRefreshLock = "openclaw-refresh-lock", Openclaw, "refresh";
    /// OpenClaw `credentials/auth-profiles/<id>.json`: an encrypted Codex login.
    OpenclawSealedAuth = "openclaw-sealed-auth", Openclaw, "sealed";
    /// Other state that OpenClaw keeps and that says nothing about turns or credentials.
    OpenclawOther = "openclaw-other", Openclaw, "file";
    /// OpenClaw `openclaw-agent.sqlite`, one per agent (2026.5.30 on).
    OpenclawAgentDb = "openclaw-agent-db", Openclaw, "database";
    /// OpenClaw `state/openclaw.sqlite`.
    OpenclawStateDb = "openclaw-state-db", Openclaw, "database";
    /// Stand-alone pi session transcript.
    PiSession = "pi-session", Pi, "session";
    /// pi `auth.json`.
    PiAuth = "pi-auth", Pi, "auth";
    /// Codex rollout.
    CodexRollout = "codex-rollout", Codex, "rollout";
    /// Codex `auth.json` and its copies.
    CodexAuth = "codex-auth", Codex, "auth";
    /// Codex tracing text: `codex-tui.log`, daemon and exec stderr.
    CodexLog = "codex-log", Codex, "codex-tui";
    /// Codex `codex-login.log`.
    CodexLoginLog = "codex-login-log", Codex, "codex-login";
    /// VS Code extension log (`Codex.log`).
    CodexVscodeLog = "codex-vscode-log", CodexVscode, "Codex";
    /// `codex exec --json` capture.
    CodexExecCapture = "codex-exec-capture", CodexExec, "capture";
    /// Codex `logs_<n>.sqlite`.
    CodexLogsDb = "codex-logs-db", Codex, "database";
    /// Codex `state_<n>.sqlite`.
    CodexStateDb = "codex-state-db", Codex, "database";
    /// Codex `history.jsonl`: what was typed, and when.
    CodexHistory = "codex-history", Codex, "history";
    /// History of a shell (zsh, bash, fish), read for `codex login`, `codex logout` and a copy put in the
    /// place of the store only.
    ShellHistory = "shell-history", Codex, "shell-history";
    /// Other state that Codex keeps and that says nothing about turns or credentials.
    CodexOther = "codex-other", Codex, "file";
    /// Hermes `auth.json`, its snapshots and backup copies.
    HermesAuth = "hermes-auth", Hermes, "auth";
    /// Hermes `logs/*.log` and their segments.
    HermesLog = "hermes-log", Hermes, "agent";
    /// Hermes gateway transcript (`sessions/<id>.jsonl`, up to 0.14).
    HermesSession = "hermes-session", Hermes, "session";
    /// Hermes `session_<id>.json`.
    HermesSessionSnapshot = "hermes-session-snapshot", Hermes, "session";
    /// Hermes `request_dump_*.json`.
    HermesRequestDump = "hermes-request-dump", Hermes, "request_dump";
    /// Pasted Hermes text: `status`, `dump`, `debug share`, `auth list`.
    HermesText = "hermes-text", Hermes, "text";
    /// `hermes sessions export` JSONL.
    HermesExport = "hermes-export", Hermes, "export";
    /// Hermes `state.db` and its copies.
    HermesStateDb = "hermes-state-db", Hermes, "database";
    /// Hermes `cron/output/<job>/<time>.md`.
    HermesCronOutput = "hermes-cron-output", Hermes, "run";
    /// Hermes `gateway.lifecycle.json`, `gateway-exit-diag.log`, `gateway-starts.log`.
    HermesLifecycle = "hermes-lifecycle", Hermes, "gateway";
    /// Other state that Hermes keeps and that says nothing about turns or credentials.
    HermesOther = "hermes-other", Hermes, "file";
    /// opencode `auth.json`.
    OpencodeAuth = "opencode-auth", Opencode, "auth";
    /// opencode log.
    OpencodeLog = "opencode-log", Opencode, "opencode";
    /// A SQLite database of nobody we know.
    Sqlite = "sqlite", Unknown, "database";
    /// SQLite write-ahead log or shared memory beside a database.
    SqliteSide = "sqlite-side", Unknown, "database";
    /// A report of stopwhy's own.
    OwnReport = "stopwhy-report", Unknown, "report";
    /// An archive. Its members are sources of their own.
    Archive = "archive", Unknown, "archive";
    /// Nobody recognised it.
    Unrecognised = "unknown", Unknown, "file";
}

impl SourceKind {
    /// Is it text of lines, into which a client also puts what people, tools and models wrote, with their line
    /// ends? Such a line may be another program's. (Rows and objects keep what is quoted inside a field.)
    pub fn is_plain_log(self) -> bool {
        use SourceKind as K;
        matches!(self, K::OpenclawConsole | K::CodexLog | K::HermesLog | K::OpencodeLog)
    }

    /// Does a client write its conversations into such sources? What it leaves of a turn elsewhere
    /// (logs, traces, run tables) is not its transcript.
    pub fn is_transcript(self) -> bool {
        use SourceKind as K;
        matches!(
            self,
            K::OpenclawSession
                | K::PiSession
                | K::CodexRollout
                | K::HermesSession
                | K::HermesSessionSnapshot
                | K::HermesExport
                | K::HermesStateDb
        )
    }

    /// Does a client keep credentials in such sources?
    pub fn is_store(self) -> bool {
        use SourceKind as K;
        matches!(
            self,
            K::CodexAuth
                | K::HermesAuth
                | K::OpenclawAuthProfiles
                | K::OpenclawAgentDb
                | K::OpenclawStateDb
                | K::PiAuth
                | K::OpencodeAuth
        )
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $says:literal;)*) => {
        /// Why bytes, records or members were not used. The words are printed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SkipReason { $($(#[$doc])* $name,)* }

        impl SkipReason {
            /// Every reason.
            pub const ALL: &'static [SkipReason] = &[$(SkipReason::$name,)*];

            /// The word of the report's coverage table.
            pub fn word(self) -> &'static str {
                match self { $(SkipReason::$name => $word,)* }
            }

            /// What it means, for the coverage section.
            pub fn says(self) -> &'static str {
                match self { $(SkipReason::$name => $says,)* }
            }
        }
    };
}

reasons! {
    /// Not JSON where JSON was due.
    JsonSyntax = "json-syntax", "a record is not valid JSON";
    /// Nested deeper than the limit.
    JsonDepth = "json-depth", "a record is nested deeper than 128 levels";
    /// Raw control character inside a string.
    JsonControl = "json-control", "a record holds a raw control character";
    /// Last line without newline that does not parse.
    TornTail = "torn-tail", "the last record is cut off";
    /// NUL bytes where text was due.
    NulPadding = "nul-padding", "NUL padding, as a crash leaves it";
    /// A line longer than the limit.
    LineTooLong = "line-too-long", "a line, or a value of a database, is longer than the limit";
    /// A whole-file format larger than the limit.
    FileTooLarge = "file-too-large", "a file of this format is larger than the limit";
    /// FIFO, socket, device.
    NotRegular = "not-regular", "not a regular file, never opened";
    /// A symbolic link below a root.
    Symlink = "symlink", "a symbolic link, not followed";
    /// Another name of a file that was read.
    HardLink = "hard-link", "another name of a file that was read";
    /// No permission.
    Permission = "permission", "no permission to read";
    /// I/O error while reading.
    Io = "io", "the operating system could not read it to the end";
    /// Changed while it was read.
    ChangedWhileRead = "changed-while-read", "the file changed while it was read";
    /// A link or device inside an archive.
    MemberNotRegular = "member-not-regular", "an archive member that is a link or a device";
    /// Archive directory or header damaged or too large.
    ArchiveMetadata = "archive-metadata", "an archive's own records are damaged or too large";
    /// More members than the limit.
    ArchiveMembers = "archive-members", "an archive has more members than the limit";
    /// Nested deeper than the limit.
    ArchiveDepth = "archive-depth", "archives nested deeper than the limit";
    /// Decompressed size over the budget.
    BudgetDecompressed = "budget-decompressed", "the budget for decompressed bytes is used up";
    /// Gzip stream ends early.
    GzipTruncated = "gzip-truncated", "the gzip stream ends early; what came before it was read";
    /// Bytes after the last gzip member.
    GzipTrailing = "gzip-trailing", "bytes after the last gzip member";
    /// Zstandard stream damaged or cut.
    ZstdTruncated = "zstd-truncated", "the zstd stream ends early; what came before it was read";
    /// Zstandard window over the limit.
    ZstdWindow = "zstd-window", "the zstd window is larger than the limit";
    /// Bytes after the last Zstandard frame.
    ZstdTrailing = "zstd-trailing", "bytes after the last zstd frame";
    /// Xz stream damaged or cut.
    XzTruncated = "xz-truncated", "the xz stream ends early; what came before it was read";
    /// Bytes after the last xz stream.
    XzTrailing = "xz-trailing", "bytes after the last xz stream";
    /// Xz dictionary over the limit.
    XzMemory = "xz-memory", "the xz dictionary is larger than the limit";
    /// Bzip2 stream damaged or cut.
    Bzip2Truncated = "bzip2-truncated", "the bzip2 stream ends early; what came before it was read";
    /// Bytes after the last bzip2 stream.
    Bzip2Trailing = "bzip2-trailing", "bytes after the last bzip2 stream";
    /// Encrypted zip member.
    ZipEncrypted = "zip-encrypted", "an encrypted zip member";
    /// Zip method not supported.
    ZipMethod = "zip-method", "a zip member with a compression method that is not supported";
    /// Zip without its directory, or with a damaged one.
    ZipDirectory = "zip-directory", "a zip whose directory is missing or damaged; members were found by their own headers";
    /// Zip member that ends early.
    ZipTruncated = "zip-truncated", "a zip member ends early; what came before it was read";
    /// Zip member that is not what the archive says of it.
    ZipMismatch = "zip-mismatch", "a zip member is not what the archive says of it";
    /// Zip members that share bytes.
    ZipOverlap = "zip-overlap", "zip members that share bytes; each was read";
    /// Bytes of a zip outside all members.
    ZipUnclaimed = "zip-unclaimed", "bytes of a zip that belong to no member";
    /// A SQLite side file whose database is not there.
    SqliteAlone = "sqlite-alone", "what SQLite keeps beside a database, without the database";
    /// Bytes behind the last page of a database.
    SqliteTrailing = "sqlite-trailing", "bytes behind the last page of a SQLite store";
    /// A rollback journal beside a database.
    SqliteJournal = "sqlite-journal", "an unfinished change stood beside a SQLite store; it was not taken back";
    /// No private copy could be made: the folder for it cannot be made or written to.
    SqliteCopy = "sqlite-copy", "no private copy of a SQLite store could be made: the temporary folder (TMPDIR) cannot be written to";
    /// The same: its disk is full.
    SqliteDiskFull = "sqlite-disk-full", "no private copy of a SQLite store could be made: the disk of the temporary folder (TMPDIR) is full";
    /// The same: too much lies there already, or the database is larger than all of it may be.
    SqliteRoom = "sqlite-room", "no private copy of a SQLite store was made: what lies in the temporary folder at one time is limited to 8 GiB";
    /// Reading took more steps or memory than allowed.
    SqliteBudget = "sqlite-budget", "a SQLite store needs more steps or memory, or has more tables, than the limit";
    /// WAL missing beside a database.
    SqliteWalMissing = "sqlite-wal-missing", "a SQLite store without its write-ahead log; that rows stood only there cannot be excluded";
    /// Database cut.
    SqliteCut = "sqlite-cut", "a SQLite store, or its write-ahead log, that is cut off or damaged";
    /// Database with an unexpected schema.
    SqliteSchema = "sqlite-schema", "a SQLite store with an unexpected schema";
    /// An encrypted credential.
    Sealed = "sealed", "an encrypted credential, of which only the times can be read";
    /// A known format that this version lists but does not read.
    FormatNotRead = "format-not-read", "a known format that this version lists but does not read";
    /// A time that could not be read.
    TimeUnknown = "time-unknown", "a time stamp that cannot be read without guessing";
    /// Nobody recognised the file.
    UnknownFormat = "unknown-format", "no reader recognised the file";
    /// A reader gave up on the file in an unforeseen way.
    ReaderFailed = "reader-failed", "the reader stopped in an unforeseen way";
}
