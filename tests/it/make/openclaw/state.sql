-- Tables of state/openclaw.sqlite (2026.9.6, schema 18) that the scenarios fill.
CREATE TABLE schema_meta (
  meta_key TEXT NOT NULL PRIMARY KEY, role TEXT NOT NULL, schema_version INTEGER NOT NULL, agent_id TEXT, app_version TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE config_machine_state (
  state_key TEXT NOT NULL PRIMARY KEY, value_json TEXT NOT NULL, updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE gateway_boot_lifecycle (boot_id TEXT NOT NULL PRIMARY KEY, pid INTEGER NOT NULL, started_at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE task_runs (
  task_id TEXT NOT NULL PRIMARY KEY, runtime TEXT NOT NULL, run_id TEXT, status TEXT NOT NULL, started_at INTEGER,
  ended_at INTEGER, error TEXT
) STRICT;
CREATE TABLE audit_events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, occurred_at INTEGER NOT NULL, kind TEXT NOT NULL, action TEXT NOT NULL,
  status TEXT NOT NULL, error_code TEXT, session_id TEXT, run_id TEXT
) STRICT;
