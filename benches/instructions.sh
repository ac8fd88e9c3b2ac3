#!/usr/bin/env bash
# How much work a report is, on any machine: instructions that `stopwhy report` carries out for 1000 bytes of input, counted
# by callgrind on small corpora from a fixed seed, beside the figures in `instructions.txt`. Fails when one is exceeded by
# more than 4 in a hundred; counts of the same program differ by less than one. Time is no part of it, so a busy
# machine does not matter; the compiler does, and whether the processor has AVX2 (valgrind knows nothing wider).
#
#   benches/instructions.sh            compares
#   benches/instructions.sh --bless    writes the figures anew
set -euo pipefail
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
figures=benches/instructions.txt
room=4

if ! command -v valgrind > /dev/null; then
  echo "valgrind is not installed: nothing was counted" >&2
  exit 1
fi
cargo build --release
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Built as the tests are, so that the dependencies are not built once more.
make() { cargo test --quiet --bench corpus -- "$1" "$work/$1" "${@:2}" > /dev/null; }

# Instructions for 1000 bytes of a corpus.
count() {
  local log="$work/log" bytes instructions
  valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$log" \
    "$target/release/stopwhy" report -q -j1 -f json "$work/$1" > "$work/report.json"
  instructions="$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log")"
  bytes="$(sed -n 's/^ *"bytes": \([0-9]*\).*/\1/p' "$work/$1.truth.json")"
  # A run that read nothing would be a fast one.
  if [ -z "$instructions" ] || [ "$(sed -n 's/^ *"bytes": \([0-9]*\).*/\1/p' "$work/report.json" | head -n 1)" != "$bytes" ]; then
    echo "$1: not counted, or not read in full" >&2
    exit 1
  fi
  echo $((instructions * 1000 / bytes))
}

make transcripts --bytes 12M --files 20
make rollouts --bytes 8M --files 8
make gateway-log --bytes 4M --files 2
make agent-log --bytes 2M --files 2
make tui-log --bytes 4M --files 2
make codex-store --rows 10K
make hermes-store --rows 5K
make turns --turns 10K --incidents 10 --files 4

failed=0
{
  echo "# Instructions for 1000 bytes of input, by corpus. Written by benches/instructions.sh --bless."
  for corpus in transcripts rollouts gateway-log agent-log tui-log codex-store hermes-store turns; do
    echo "$corpus $(count "$corpus")"
  done
} > "$work/figures"

if [ "${1:-}" = "--bless" ]; then
  cp "$work/figures" "$figures"
  cat "$figures"
  exit 0
fi
while read -r corpus now; do
  [ "$corpus" != "#" ] || continue
  then="$(sed -n "s/^$corpus //p" "$figures")"
  if [ -z "$then" ] || [ $((now * 100)) -gt $((then * (100 + room))) ]; then
    echo "$corpus: $now instructions for 1000 bytes, ${then:-no figure} in $figures" >&2
    failed=1
  else
    echo "$corpus: $now instructions for 1000 bytes ($then)"
  fi
done < "$work/figures"
exit "$failed"
