#!/usr/bin/env bash
# Installs the system programs that tests use (PostgreSQL's server, strace, Chromium) where it may; otherwise says what
# is missing and which tests will be skipped. Never fails for a missing program: the tests that need it skip aloud.
set -uo pipefail

has_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_strace() { command -v strace >/dev/null; }
has_chromium() {  # the headless shell is the same engine without windows: a third of the CPU time
    command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null ||
        command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}

missing=()
has_postgres || missing+=(postgresql)
has_strace || missing+=(strace)
has_chromium || missing+=(chromium-headless-shell)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "make test: installing ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null
    # One by one: a package that this system does not have must not keep the others away.
    for package in "${missing[@]}"; do
        apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
            echo "make test: apt-get could not install $package" >&2
    done
    # An older Debian has only the whole browser.
    has_chromium || apt-get install -y -qq --no-install-recommends chromium >/dev/null || true
fi

has_postgres || echo "make test: NO POSTGRESQL SERVER (initdb); tests on PostgreSQL are SKIPPED. Install the package postgresql." >&2
has_strace || echo "make test: NO STRACE; tests of crash points are SKIPPED. Install the package strace." >&2
has_chromium || echo "make test: NO CHROMIUM; tests of pages in a browser are SKIPPED. Install the package chromium." >&2
exit 0
