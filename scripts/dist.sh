#!/usr/bin/env bash
# Builds what is handed out: the wheel and the offline bundle (scripts/bundle.sh), and dist/spean-verify.pyz, which
# checks one evidence file and needs only Python and the package cryptography.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/bundle.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/spean"
cp src/spean/__init__.py "$work/spean/"
cp -R src/spean/core src/spean/ledger "$work/spean/"
find "$work" -name __pycache__ -type d -prune -exec rm -rf {} +
.venv/bin/python -m zipapp "$work" --main spean.ledger.verify_file:main --python '/usr/bin/env python3' --output dist/spean-verify.pyz
ls -l dist
