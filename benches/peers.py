#!/usr/bin/env python3
"""Measures `stopwhy` beside other tools on the same files, and prints tables.

    python3 benches/peers.py [table] [--readme]    the figures of the README; with --readme, written into it
    python3 benches/peers.py scaling [--readme]    how time and memory grow; takes ten minutes, 25 GB of
                                                   disk and 12 GB of memory

Both build what they need, make their corpora from a seed (`cargo bench --bench corpus` lists them) below
`target/peers`, or below --work, and delete each when it is done with (--keep leaves them). --only WORD takes the
sections whose names hold it, --scale 0.1 makes all corpora a tenth as big, --runs 9 takes more pairs.

Every figure is the median of runs on a warm cache, taken in pairs: `stopwhy`, the other, `stopwhy`, the other, so that
a busy machine is busy for both; a ratio is the median of the pairs' ratios. Seconds are those of the whole command,
from its start to its end. Memory is the peak of the process. Every answer is compared with what the generator
knows, and both must be right for a row to say so. A tool that is not installed is said and left out.
"""
import argparse
import collections
import glob
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# The job of the rivals: of all answers in a folder of transcripts, how many ended in which way, per provider and model.
FILTER = (
    'select(.type=="message" and .message.role=="assistant")'
    ' | [.message.provider, .message.model, .message.stopReason] | join("|")'
)
COLUMNS = "{'type':'VARCHAR','message':'STRUCT(role VARCHAR, provider VARCHAR, model VARCHAR, stopReason VARCHAR)'}"
DUCKDB = """
import duckdb, sys
c = duckdb.connect(); c.execute("set threads=%s" % sys.argv[2]); c.execute("set preserve_insertion_order=false"); c.execute("set enable_progress_bar=false")
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
# Of the modes that answer right the fastest: lines that cannot hold an answer are passed over by three needles, of
# which two are for escaped letters. `JSONEachRow` loses the keys that are written with escapes.
CLICKHOUSE = (
    "select concat(JSONExtractString(line,'message','provider'),'|',JSONExtractString(line,'message','model'),'|',"
    "JSONExtractString(line,'message','stopReason')) k, count() from file('%s/*.jsonl','LineAsString','line String')"
    " where multiSearchAny(line, ['\"assistant\"', '\\\\u006', '\\\\u007'])"
    " and JSONExtractString(line,'type')='message' and JSONExtractString(line,'message','role')='assistant'"
    " group by k settings max_threads=%s format TSV"
)
CHDB = "import chdb, sys; print(chdb.query(sys.argv[1], 'TSV'))"

# The columns that `stopwhy` reads of each store.
SELECTS = {
    "codex-store": ["select id, ts, ts_nanos, level, target, feedback_log_body, thread_id, process_uuid, estimated_bytes from logs"],
    "hermes-store": [
        "select rowid, version from schema_version",
        "select id, model, model_config, parent_session_id, started_at, ended_at, end_reason, billing_provider, billing_base_url"
        " from sessions",
        "select id, session_id, role, content, timestamp, finish_reason, observed, active, compacted from messages",
    ],
}

# Starts a command and tells wall and CPU seconds, peak KiB and exit code. A process of its own, as small as it gets: a
# child's peak memory is never below that of the process it was forked from.
RUNNER = """
import os, sys, time
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
null = os.open(os.devnull, os.O_RDWR)
files = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
begun = time.monotonic()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=files)
_, status, usage = os.wait4(child, 0)
print(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""

Run = collections.namedtuple("Run", "wall cpu mib text")


def run(command, keeps_output=True):
    """Run a command once."""
    with tempfile.NamedTemporaryFile() as out:
        path = out.name if keeps_output else os.devnull
        told = subprocess.run([sys.executable, "-S", "-E", "-c", RUNNER, path, *command], capture_output=True, text=True)
        if told.returncode != 0:
            sys.exit(f"{command[0]} did not start: {told.stderr}")
        wall, cpu, kib, code = told.stdout.split()
        text = out.read().decode(errors="replace")
    # `rg` ends with 1 where it finds nothing.
    if code != "0" and (code, os.path.basename(command[0])) != ("1", "rg"):
        sys.exit(f"{' '.join(command)[:300]} ended with {code}")
    return Run(float(wall), float(cpu), float(kib) / 1024, text)


def pairs(ours, theirs, runs):
    """Both in turn, after one run of each that does not count."""
    keeps = [not command[0].endswith("sqlite3") for command in (ours, theirs)]
    first = run(theirs, keeps[1])
    run(ours, keeps[0])
    # Half a minute a run is precise enough with fewer of them.
    runs = runs if first.wall < 10 else min(runs, 3)
    return [(run(ours, keeps[0]), run(theirs, keeps[1])) for _ in range(runs)]


def middle(runs, field):
    return statistics.median(getattr(one, field) for one in runs)


class Bench:
    """What is asked, where things lie, and what came out."""

    def __init__(self, args):
        self.args = args
        self.work = os.path.abspath(args.work)
        self.made = {}
        self.load = os.getloadavg()[0]
        os.makedirs(self.work, exist_ok=True)
        self.corpus = args.corpus or build()
        self.stopwhy = os.path.abspath(args.stopwhy or os.path.join(os.path.dirname(self.corpus), "../stopwhy"))
        if not os.path.exists(self.stopwhy):
            sys.exit(f"{self.stopwhy} is missing")

    def make(self, name, kind, **numbers):
        """A corpus, made once, and what is in it."""
        folder = os.path.join(self.work, name)
        if folder not in self.made:
            options = [text for key, number in numbers.items() for text in (f"--{key}", str(int(number)))]
            say(f"making {name}")
            subprocess.run([self.corpus, kind, folder, *options], check=True, stdout=subprocess.DEVNULL)
            os.sync()  # else it is still being written while others are measured
            self.made[folder] = json.load(open(f"{folder}.truth.json"))
        return folder, self.made[folder]

    def pack(self, name, form):
        """A packed copy of a corpus."""
        folder, packed = os.path.join(self.work, name), os.path.join(self.work, f"{name}-{form}")
        if packed not in self.made:
            say(f"packing {name} as {form}")
            subprocess.run([self.corpus, "pack", form, folder, packed], check=True)
            os.sync()
            self.made[packed] = self.made[folder]
        return packed, self.made[packed]

    def drop(self, *names):
        for name in names:
            folder = os.path.join(self.work, name)
            self.made.pop(folder, None)
            if not self.args.keep:
                shutil.rmtree(folder, ignore_errors=True)
                if os.path.exists(f"{folder}.truth.json"):
                    os.remove(f"{folder}.truth.json")

    def report(self, folder, threads, form="md"):
        return [self.stopwhy, "report", "-q", "-f", form, "-j", str(threads), folder]

    def is_right(self, folder, truth):
        """Does the report on a corpus say what its generator knows?"""
        told = json.loads(run(self.report(folder, 2, "json")).text)
        totals, sources = told["totals"], told["coverage"]["sources"]
        wanted = [(totals["failed_turns"], truth["failed"])]
        if truth["lines"] and not truth["rows"]:
            wanted.append((sum(source["records"] for source in sources), truth["lines"]))
        if truth["rows"] and not truth["lines"]:
            wanted.append((sum(source["records"] for source in sources), truth["rows"]))
        if truth["counts"] and truth["kind"] == "transcripts":
            wanted.append((counted(told), truth["counts"]))
        if truth["kind"] in ("transcripts", "rollouts", "turns", "hermes-store", "agent-log"):
            wanted.append((totals["turns"], truth["turns"]))
        if truth["incidents"]:
            wanted.append((len(told["incidents"]), truth["incidents"]))
        if truth["kind"] == "home":
            wanted.append((truth["files"] <= len(sources), True))
        wrong = [f"{ours} for {theirs}" for ours, theirs in wanted if ours != theirs]
        if wrong:
            say(f"{folder}: stopwhy says {'; '.join(wrong)[:300]}")
        return not wrong


def say(text):
    print(text, file=sys.stderr, flush=True)


NAMES = {
    "transcripts": "transcripts",
    "rollouts": "Codex rollouts",
    "gateway-log": "gateway logs",
    "agent-log": "Hermes' agent logs",
    "tui-log": "`codex-tui.log`",
    "codex-store": "Codex' log database",
    "hermes-store": "Hermes' state database",
    "home": "a small home",
}


def title(truth):
    """What a corpus is called in a table."""
    size = f"{truth['bytes'] / 1e9:.1f} GB" if truth["bytes"] > 2e8 else f"{truth['bytes'] / 1e6:.0f} MB"
    count = f"{truth['rows']:,} rows" if truth["rows"] and not truth["lines"] else f"{truth['files']} file" + "s" * (truth["files"] > 1)
    return f"{NAMES[truth['kind']]}, {size}, {count}"


def build():
    """Build what makes the corpora, and `stopwhy` with it; gives the former."""
    say("building")
    command = ["cargo", "bench", "--locked", "--bench", "corpus", "--no-run", "--message-format", "json"]
    told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    made = [json.loads(line) for line in told.splitlines()]
    return next(one["executable"] for one in made if one.get("target", {}).get("name") == "corpus" and one.get("executable"))


def counted(told):
    """Answers by provider, model and stop, in the words of the transcript."""
    words = {"tool_use": "toolUse"}
    rows = told["totals"]["by_model"]
    return {f"{r['provider']}|{r['model']}|{words.get(r['stop'], r['stop'])}": r["turns"] for r in rows}


def lines(text):
    """Counts of tools that print a line for each answer."""
    return dict(collections.Counter(text.split("\n")[:-1]))


def numbered(text):
    """Counts of tools that print a number and a name."""
    return {name: int(n) for n, name in (line.split(None, 1) for line in text.splitlines() if line.strip())}


def tabbed(text):
    """Counts of tools that print a name and a number."""
    return {name: int(n) for name, n in (line.split("\t") for line in text.splitlines() if line.strip())}


def summed(text):
    """The sum of what `rg -c` prints for each file."""
    return sum(int(line.rsplit(":", 1)[-1]) for line in text.splitlines())


MISSING = []


def there(tool, module=None):
    """Is a tool installed, or a module of this Python? What is not is said once."""
    found = importlib.util.find_spec(module) is not None if module else shutil.which(tool) is not None
    if not found and tool not in MISSING:
        MISSING.append(tool)
        say(f"not installed: {tool}")
    return found


def row(bench, cells, ours, theirs, check, right, goal, rival):
    """A line of a table: `cells` are the corpus, the threads and the peer's name."""
    measured = pairs(ours, theirs, bench.args.runs)
    mine, its = [a for a, _ in measured], [b for _, b in measured]
    ratios = [b.wall / a.wall if rival else a.wall / b.wall for a, b in measured]
    answer = "right" if right else "WRONG"
    if check is not None and right:
        answer = "both right" if check(its[0].text) else "the peer's is WRONG"
    ratio = statistics.median(ratios)
    met = (ratio >= goal if rival else ratio <= goal) if goal else None
    print_row(
        *cells, f"{middle(mine, 'wall'):.3f}", f"{middle(its, 'wall'):.3f}", f"**{ratio:.2f}**",
        f"{min(ratios):.2f}–{max(ratios):.2f}", f"{'≥' if rival else '≤'} {goal}" + ("" if met else ", missed"),
        f"{middle(mine, 'mib'):.0f}", f"{middle(its, 'mib'):.0f}", answer,
    )


TABLE = []


def print_row(*cells):
    TABLE.append("| " + " | ".join(map(str, cells)) + " |")
    print(TABLE[-1], flush=True)


def head(title, *columns):
    TABLE.extend(["", title, ""])
    print("\n".join(TABLE[-3:]))
    print_row(*columns)
    print_row(*["---"] * len(columns))


PAIRED = ["ratio", "from–to", "goal", "MiB", "MiB of the other", "answers"]


def rg(threads, needle, folder):
    return ["rg", f"-j{threads}", "--no-ignore", "--hidden", "-c", needle, folder]


def floors(bench):
    """Beside what passes over the same bytes and understands nothing."""
    size = bench.args.scale * (1 << 30)
    head(
        "How many times as long as something that looks at the same bytes and understands nothing (lower is better):",
        "corpus", "threads", "beside", "`stopwhy report`, s", "the other, s", *PAIRED,
    )
    for name, kind, needle, goal, numbers in (
        ("many", "transcripts", '"stopReason":"error"', 1.75, {"bytes": 2 * size, "files": 400}),
        ("one", "transcripts", '"stopReason":"error"', 1.75, {"bytes": size, "files": 1, "seed": 2}),
        ("rollouts", "rollouts", '"type":"task_complete"', 1.5, {"bytes": size, "files": 40}),
    ):
        folder, truth = bench.make(name, kind, **numbers)
        right = bench.is_right(folder, truth)
        # The string in rollouts is an answer: it stands once in each turn.
        check = (lambda text, truth=truth: summed(text) == truth["turns"]) if kind == "rollouts" else None
        for threads in (1, 2):
            if there("rg"):
                row(bench, (title(truth), threads, f"`rg -c '{needle}'`"), bench.report(folder, threads), rg(threads, needle, folder), check, right, goal, False)
    bench.drop("rollouts", "one")
    # A quarter of the bytes: packing takes a while.
    folder, truth = bench.make("some", "transcripts", bytes=size / 2, files=100, seed=3)
    for form, library in (("gz", "flate2"), ("zst", "zstd")):
        packed, _ = bench.pack("some", form)
        right = bench.is_right(packed, truth)
        for threads in (1, 2):
            discard = [bench.corpus, "discard", packed, "--threads", str(threads)]
            check = lambda text: int(text) == truth["bytes"]
            cells = (f"{title(truth)}, {form}", threads, f"decompressing with `{library}`")
            row(bench, cells, bench.report(packed, threads), discard, check, right, 1.25, False)
        bench.drop(f"some-{form}")
    bench.drop("some")
    for kind in ("codex-store", "hermes-store"):
        if there("sqlite3"):
            folder, truth = bench.make(kind, kind, rows=1e6 * bench.args.scale)
            database = glob.glob(f"{folder}/*")[0]
            count = "select " + " + ".join(f"(select count(*) from ({text}))" for text in SELECTS[kind])
            rows = int(subprocess.run(["sqlite3", database, count], capture_output=True, text=True, check=True).stdout)
            shell = ["sqlite3", database, ";".join(SELECTS[kind])]
            cells = (title(truth), 1, "the same columns in the `sqlite3` shell")
            row(bench, cells, bench.report(folder, 1), shell, lambda _: rows == truth["rows"], bench.is_right(folder, truth), 2, False)
            bench.drop(kind)


def rivals(bench):
    """Beside tools that give the same answer."""
    head(
        "How many times as long others take for the counts per provider, model and outcome, which are a part of the report (higher is better):",
        "corpus", "threads", "the other", "`stopwhy report -f json`, s", "the other, s", *PAIRED,
    )
    folder, truth = bench.make("many", "transcripts", bytes=2 * bench.args.scale * (1 << 30), files=400)
    right = bench.is_right(folder, truth)
    files = sorted(glob.glob(f"{folder}/*.jsonl"))
    python = lambda code, *args: [sys.executable, "-c", code, *args]
    for name, module, goal, counts, threads, command in (
        ("DuckDB, with a schema", "duckdb", 4, numbered, (1, 2), lambda n: python(DUCKDB, folder, str(n))),
        ("polars, streaming", "polars", 6, numbered, (1, 2), lambda n: python(POLARS, folder, str(n))),
        ("ClickHouse (chdb)", "chdb", 5, tabbed, (1, 2), lambda n: python(CHDB, CLICKHOUSE % (folder, n))),
        ("clickhouse", None, 5, tabbed, (1, 2), lambda n: ["clickhouse", "local", "--query", CLICKHOUSE % (folder, n)]),
        ("jq", None, 35, lines, (1,), lambda _: ["jq", "-r", FILTER, *files]),
        ("jaq", None, 14, lines, (1,), lambda _: ["jaq", "-r", FILTER, *files]),
    ):
        if there(module or name, module):
            for count in threads:
                check = lambda text: counts(text) == truth["counts"]
                row(bench, (title(truth), count, name), bench.report(folder, count, "json"), command(count), check, right, goal, True)


def alone(bench):
    """Its own speed, by kind of source, and what a second thread is worth."""
    size = bench.args.scale * (1 << 30)
    head(
        "Its own speed (GB are 10^9 bytes of text):",
        "corpus", "1 thread, s", "GB/s", "MiB", "2 threads, s", "GB/s", "MiB", "times as fast", "answer",
    )
    for name, kind, goal, numbers in (
        ("many", "transcripts", "", {"bytes": 2 * size, "files": 400}),
        ("one", "transcripts", " (goal: 1.7 times as fast)", {"bytes": size, "files": 1, "seed": 2}),
        ("rollouts", "rollouts", "", {"bytes": size, "files": 40}),
        ("gateway-log", "gateway-log", " (goal: 1 GB/s)", {"bytes": size, "files": 16}),
        ("agent-log", "agent-log", " (goal: 1 GB/s)", {"bytes": size, "files": 16}),
        ("tui-log", "tui-log", " (goal: 1 GB/s)", {"bytes": size, "files": 16}),
        ("home", "home", " (goal: 0.060 s)", {}),
    ):
        folder, truth = bench.make(name, kind, **numbers)
        right = bench.is_right(folder, truth)
        runs = pairs(bench.report(folder, 1), bench.report(folder, 2), bench.args.runs * (3 if kind == "home" else 1))
        cells = [title(truth) + goal]
        for side in zip(*runs):
            wall = middle(side, "wall")
            cells += [f"{wall:.3f}", f"{truth['bytes'] / wall / 1e9:.2f}", f"{middle(side, 'mib'):.0f}"]
        print_row(*cells, f"**{statistics.median(a.wall / b.wall for a, b in runs):.2f}**", "right" if right else "WRONG")
        if name != "many":
            bench.drop(name)


def scaled(bench, what, per, cases):
    """One table: each case is a corpus, and `per` the number in its truth that grows. What a further one of it costs is
    the difference to the case before: it stays the same where nothing grows faster than the input."""
    kept = "turn" if per == "byte" else per
    head(what, f"{per}s", "bytes", "turns", "seconds", "CPU s", "MiB", f"CPU ns per further {per}", f"bytes of memory per further {kept}", "answer")
    before = None
    for name, kind, numbers in cases:
        numbers = {key: max(1, int(number * bench.args.scale)) for key, number in numbers.items()}
        folder, truth = bench.make(name, kind, **numbers)
        right = bench.is_right(folder, truth)
        runs = [run(bench.report(folder, 1)) for _ in range(3 if truth["bytes"] < 3e9 else 1)]
        wall, cpu, mib = (middle(runs, field) for field in ("wall", "cpu", "mib"))
        count, held = truth[f"{per}s"], truth[f"{kept}s"]
        further = ("–", "–")
        if before:
            cost, weight = (cpu - before[2]) * 1e9 / (count - before[0]), (mib - before[3]) * (1 << 20) / (held - before[1])
            further = (f"{cost:,.2f}" if cost < 10 else f"{cost:,.0f}", f"{weight:,.0f}")
        before = (count, held, cpu, mib)
        print_row(
            f"{count:,}", f"{truth['bytes']:,}", f"{truth['turns']:,}", f"{wall:.3f}", f"{cpu:.3f}", f"{mib:.0f}", *further,
            "right" if right else "WRONG",
        )
        bench.drop(name)


def scaling(bench):
    """How time and memory grow."""
    giga = 1 << 30
    for name, what, per, cases in (
        (
            "bytes", "By bytes: transcripts, one thread (a turn is some 12 KB):", "byte",
            [(f"bytes-{n}", "transcripts", {"bytes": n * giga, "files": 20 * n}) for n in (0.25, 1, 2, 4, 16, 20)],
        ),
        (
            "files", "By files: transcripts of some 10 KB each, one thread:", "file",
            [(f"files-{n}", "transcripts", {"files": n, "bytes": 5_000 * n}) for n in (10**2, 10**3, 10**4, 10**5)],
        ),
        (
            "incidents", "By incidents: of 40 turns each, one thread:", "incident",
            [(f"incidents-{n}", "turns", {"incidents": n, "turns": 40 * n, "files": n / 10}) for n in (10, 10**2, 10**3, 10**4)],
        ),
        (
            "turns", "By turns of one account: a quarter failed, in ten incidents, one thread:", "turn",
            [(f"turns-{n}", "turns", {"turns": n, "incidents": 10, "files": n / 10_000}) for n in (10**4, 10**5, 10**6, 10**7)],
        ),
    ):
        if not bench.args.only or bench.args.only in name:
            scaled(bench, what, per, cases)


def table(bench):
    """The figures of the README."""
    for name, part in (("rivals", rivals), ("floors", floors), ("alone", alone)):
        if not bench.args.only or bench.args.only in name:
            part(bench)
    bench.drop(*[os.path.basename(folder) for folder in bench.made])


def machine(bench):
    """The machine and the versions, as one paragraph."""
    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    memory = int(re.search(r"MemTotal:\s*(\d+)", open("/proc/meminfo").read())[1]) / (1 << 20)
    first = lambda command: subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.split("\n")[0].strip()
    versions = [first([bench.stopwhy, "--version"]), first(["rustc", "--version"]).split(" (")[0]]
    versions += [re.sub(r" \(.*| -.*", "", first([tool, "--version"])) for tool in ("rg", "jq", "jaq") if shutil.which(tool)]
    versions += ["sqlite3 " + first(["sqlite3", "--version"]).split()[0]] if shutil.which("sqlite3") else []
    versions += [f"{m} {importlib.metadata.version(m)}" for m in ("duckdb", "polars", "chdb") if importlib.util.find_spec(m)]
    kernel = platform.release().split("-")[0]
    missing = f" Not installed, so not measured: {', '.join(MISSING)}." if MISSING else ""
    load = " to ".join(f"{load:.1f}" for load in (bench.load, os.getloadavg()[0]))
    return (
        f"Measured on {cpu[1] if cpu else platform.processor()} ({platform.machine()}), {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {kernel}; {', '.join(versions)}; medians of {bench.args.runs} pairs; "
        f"load average from {load} (that of an idle machine begins near 0, and the runs add 1 or 2).{missing}"
    )


def into_readme(mark, text):
    """Write a block of the README anew."""
    path = os.path.join(ROOT, "README.md")
    readme = open(path).read()
    start, end = f"<!-- {mark}: made by benches/peers.py -->\n", f"<!-- end of {mark} -->\n"
    before, rest = readme.split(start)
    open(path, "w").write(before + start + text + end + rest.split(end)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("table", "scaling"), default="table")
    parser.add_argument("--work", default=os.path.join(ROOT, "target/peers"), help="where the corpora are made")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", help="sections whose names hold this")
    parser.add_argument("--keep", action="store_true", help="leave the corpora")
    parser.add_argument("--readme", action="store_true", help="write the tables into the README")
    parser.add_argument("--stopwhy", help="the program, if it is another than the one that is built")
    parser.add_argument("--corpus", help="what makes the corpora, if it is built already")
    args = parser.parse_args()
    bench = Bench(args)
    {"table": table, "scaling": scaling}[args.what](bench)
    about = machine(bench)
    print(f"\n{about}")
    if args.readme:
        into_readme("speed" if args.what == "table" else "scaling", "\n".join([about, *TABLE]).strip() + "\n")


if __name__ == "__main__":
    main()
