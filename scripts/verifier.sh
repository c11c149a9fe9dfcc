#!/usr/bin/env bash
# Makes spean-verify.pyz (or the file named as argument): the program that checks one evidence file. It needs only
# Python and the package cryptography.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-dist/spean-verify.pyz}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/spean" "$(dirname "$out")"
cp src/spean/__init__.py "$work/spean/"
cp -R src/spean/core src/spean/ledger "$work/spean/"
find "$work" -name __pycache__ -type d -prune -exec rm -rf {} +
cat >"$work/__main__.py" <<'PYTHON'
import sys

from spean.ledger.verify_file import main

# The exit status is the verdict: zipapp's own entry point would drop it.
sys.exit(main())
PYTHON
.venv/bin/python -m zipapp "$work" --python '/usr/bin/env python3' --compress --output "$out"
