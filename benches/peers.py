#!/usr/bin/env python3
"""Measures `stopwhy` beside other tools on one job, and prints a table.

    cargo build --release && cargo bench --bench corpus -- CORPUS --bytes 2G --files 400 --seed 1
    python3 benches/peers.py CORPUS [--runs 5] [--threads 1,2]

The job: of all answers in a folder of transcripts, how many ended in which way, per provider and model. Each tool
runs it on the same files, warm, in turn with `stopwhy` (pair by pair, so that a busy machine is busy for both), and its
counts are compared with those that the generator of the corpus kept. `stopwhy report` does the whole of its own work
as well: incidents, verdicts and the report. A tool that is not installed is said and left out. `rg` counts lines with
a string, which is no answer, and is here as the speed at which bytes can be looked at.
"""
import argparse
import collections
import glob
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

FILTER = (
    'select(.type=="message" and .message.role=="assistant")'
    ' | [.message.provider, .message.model, .message.stopReason] | join("|")'
)
COLUMNS = "{'type':'VARCHAR','message':'STRUCT(role VARCHAR, provider VARCHAR, model VARCHAR, stopReason VARCHAR)'}"
DUCKDB = """
import duckdb, sys
c = duckdb.connect(); c.execute("set threads=%s" % sys.argv[2]); c.execute("set preserve_insertion_order=false")
q = "select message.provider||'|'||message.model||'|'||message.stopReason, count(*) from read_ndjson('%s/*.jsonl', columns=COLUMNS) where type='message' and message.role='assistant' group by 1"
for k, n in c.execute(q % sys.argv[1]).fetchall(): print(n, k)
""".replace("COLUMNS", COLUMNS)
POLARS = """
import os, sys
os.environ["POLARS_MAX_THREADS"] = sys.argv[2]
import polars as pl
s = {"type": pl.String, "message": pl.Struct({k: pl.String for k in ("role", "provider", "model", "stopReason")})}
f = pl.scan_ndjson(sys.argv[1] + "/*.jsonl", schema=s).filter((pl.col("type") == "message") & (pl.col("message").struct.field("role") == "assistant"))
f = f.select(pl.concat_str([pl.col("message").struct.field(k) for k in ("provider", "model", "stopReason")], separator="|").alias("k"))
for k, n in f.group_by("k").len().collect(engine="streaming").rows(): print(n, k)
"""
CLICKHOUSE = (
    "select concat(JSONExtractString(json,'message','provider'),'|',JSONExtractString(json,'message','model'),'|',"
    "JSONExtractString(json,'message','stopReason')) k, count() from file('%s/*.jsonl','JSONAsString','json String')"
    " where JSONExtractString(json,'type')='message' and JSONExtractString(json,'message','role')='assistant'"
    " group by k settings max_threads=%s format TSV"
)
# What has no more than one thread is measured beside one.
ONE_THREAD = ("jq", "jaq")
CHDB = "import chdb, sys; print(chdb.query(sys.argv[1], 'TSV'))"


def run(command):
    """Wall and CPU seconds, peak memory in MiB, and what it printed."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    # `rg` ends with 1 where it finds nothing.
    if child.returncode != 0 and (child.returncode, os.path.basename(command[0])) != (1, "rg"):
        sys.exit(f"{command[0]} ended with {child.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def lines(text):
    """Counts of tools that print a line for each answer."""
    return dict(collections.Counter(text.split("\n")[:-1]))


def numbered(text):
    """Counts of tools that print a number and a name."""
    return {name: int(n) for n, name in (line.split(None, 1) for line in text.splitlines() if line.strip())}


def tabbed(text):
    return {name: int(n) for name, n in (line.split("\t") for line in text.splitlines() if line.strip())}


def ours(text):
    words = {"tool_use": "toolUse"}
    rows = json.loads(text)["totals"]["by_model"]
    return {f"{r['provider']}|{r['model']}|{words.get(r['stop'], r['stop'])}": r["turns"] for r in rows}


def peers(folder, threads):
    """Name, command, how to read what it prints (None: no answer), for those that are installed."""
    files = sorted(glob.glob(f"{folder}/*.jsonl"))
    python = lambda code, *args: [sys.executable, "-c", code, *args]
    has = lambda module: importlib.util.find_spec(module) is not None
    sql = CLICKHOUSE % (os.path.abspath(folder), threads)
    rows = [
        ("rg (a string)", shutil.which("rg"), ["rg", f"-j{threads}", "--no-ignore", "-c", '"stopReason":"error"', folder], None),
        ("jq", shutil.which("jq"), ["jq", "-r", FILTER, *files], lines),
        ("jaq", shutil.which("jaq"), ["jaq", "-r", FILTER, *files], lines),
        ("DuckDB, with a schema", has("duckdb"), python(DUCKDB, folder, str(threads)), numbered),
        ("polars, streaming", has("polars"), python(POLARS, folder, str(threads)), numbered),
        ("ClickHouse local", shutil.which("clickhouse"), ["clickhouse", "local", "--query", sql], tabbed),
        ("ClickHouse (chdb)", has("chdb"), python(CHDB, sql), tabbed),
    ]
    for name, there, command, read in rows:
        if not there:
            print(f"not installed: {name}", file=sys.stderr)
        elif threads == 1 or name not in ONE_THREAD:
            yield name, command, read


def version(name, command):
    if command[0] == sys.executable:
        module = next(m for m in ("duckdb", "polars", "chdb") if f"import {m}" in command[2])
        return importlib.import_module("importlib.metadata").version(module)
    return subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout.split("\n")[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--stopwhy", default="target/release/stopwhy")
    args = parser.parse_args()
    folder = args.folder.rstrip("/")
    truth = json.load(open(f"{folder}.truth.json"))
    print(f"{platform.machine()}, {os.cpu_count()} cores; {truth['bytes'] / 1e9:.2f} GB, {truth['lines']} lines; median of {args.runs}\n")
    print("| tool | threads | seconds | CPU s | MiB | times stopwhy | answer |")
    print("|---|---|---|---|---|---|---|")
    for threads in map(int, args.threads.split(",")):
        own = [args.stopwhy, "report", "-q", "-f", "json", "-j", str(threads), folder]
        run(own)
        table, mine = [], []
        for name, command, read in peers(folder, threads):
            run(command)
            pairs = [(run(own), run(command)) for _ in range(args.runs)]
            mine += [a for a, _ in pairs]
            middle = [statistics.median(b[i] for _, b in pairs) for i in range(3)]
            ratio = statistics.median(b[0] / a[0] for a, b in pairs)
            answer = "none" if read is None else "right" if read(pairs[0][1][3]) == truth["counts"] else "WRONG"
            table.append((f"{name} {version(name, command)}", *middle, f"{ratio:.2f}", answer))
        mine = mine or [run(own) for _ in range(args.runs)]
        middle = [statistics.median(m[i] for m in mine) for i in range(3)]
        answer = "right" if ours(mine[0][3]) == truth["counts"] else "WRONG"
        table.insert(0, ("stopwhy report", *middle, "1", answer))
        for name, wall, cpu, memory, ratio, answer in table:
            print(f"| {name} | {threads} | {wall:.2f} | {cpu:.2f} | {memory:.0f} | {ratio} | {answer} |")


if __name__ == "__main__":
    main()
