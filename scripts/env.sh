#!/usr/bin/env bash
# Builds .venv from the hashed requirement files; does nothing when it is up to date.
# Needs Python >= 3.11 with venv and pip, and a package index that pip can reach (or its cache).
# PYTHON=/path/to/python chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=requirements/dev.txt
mark=.venv/made-from

fits() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

choose_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "make env: no Python >= 3.11 with venv and pip found; install python3 and python3-venv, or set PYTHON" >&2
    return 1
}

# What the environment is made from: the pins, the project's own metadata, and the place where it stands.
want=$({ cat "$lock" pyproject.toml; pwd; } | sha256sum | cut -d' ' -f1)
if [ -x .venv/bin/python ] && [ "$(cat "$mark" 2>/dev/null)" = "$want" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

echo "make env: building .venv" >&2
rm -f "$mark"
if ! fits .venv/bin/python; then
    rm -rf .venv
    "$(choose_python)" -m venv .venv
fi
pip=(.venv/bin/python -m pip --disable-pip-version-check -qq install --no-deps --no-compile)
# Wheels only: no package runs code of its own while it is installed.
"${pip[@]}" --require-hashes --only-binary :all: --requirement "$lock"
"${pip[@]}" --no-build-isolation --no-index --editable .
# Byte code by all cores (pip uses one); of our own sources too, so that a node starts in a second even where Python may
# not write it. A package may carry files that are no Python of today.
.venv/bin/python -m compileall -q -j 0 "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" >/dev/null || true
.venv/bin/python -m compileall -q -j 0 src
echo "$want" >"$mark"
echo "make env: .venv is ready" >&2
