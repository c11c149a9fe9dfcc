#!/usr/bin/env bash
# Builds what is handed out into dist/: the wheel, the offline bundle and the standalone verifier.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/bundle.sh
scripts/verifier.sh
ls -l dist
