#!/usr/bin/env bash
# Regenerates requirements/*.txt: every package pinned with the hashes of all its files, and no address of any index.
# Needs uv on the PATH (or UV=/path/to/uv); the Makefile and the bundle need only pip.
# Pass --upgrade to move to newest versions; without it the pins stay and only what is missing is added.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}

lock() {  # lock OUT [uv arguments…]
    local out=requirements/$1.txt
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --no-annotate --output-file "$out" pyproject.toml "$@"
}

lock dev --all-extras --group dev "$@"
# The smaller sets take their versions from dev.txt, so what ships is what was tested.
lock node --all-extras --constraint requirements/dev.txt
lock base --constraint requirements/dev.txt
if grep -nE 'https?://|file:|find-links|index-url| @ |^-e' requirements/*.txt; then
    echo "lock.sh: an address got into a requirement file" >&2
    exit 1
fi
wc -l requirements/*.txt
