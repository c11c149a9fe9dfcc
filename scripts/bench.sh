#!/usr/bin/env bash
# Runs every measurement under bench/ in turn, or those named as arguments: scripts/bench.sh intake exchange
set -uo pipefail
cd "$(dirname "$0")/.."
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
    for file in bench/[a-z]*.py; do
        [ -e "$file" ] && names+=("$(basename "$file" .py)")
    done
fi
if [ ${#names[@]} -eq 0 ]; then
    echo "make bench: bench/ holds no measurement yet" >&2
    exit 1
fi
failed=()
for name in "${names[@]}"; do
    echo "== bench/$name.py"
    .venv/bin/python "bench/$name.py" || failed+=("$name")
done
[ ${#failed[@]} -eq 0 ] || { echo "make bench: failed: ${failed[*]}" >&2; exit 1; }
