#!/usr/bin/env bash
# Installs the system programs that tests use (PostgreSQL's server, strace) where it may; otherwise says what is
# missing and which tests will be skipped. Never fails for a missing program: the tests that need it skip aloud.
set -uo pipefail

has_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_strace() { command -v strace >/dev/null; }

missing=()
has_postgres || missing+=(postgresql)
has_strace || missing+=(strace)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "make test: installing ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null ||
        echo "make test: apt-get could not install ${missing[*]}" >&2
fi

has_postgres || echo "make test: NO POSTGRESQL SERVER (initdb); tests on PostgreSQL are SKIPPED. Install the package postgresql." >&2
has_strace || echo "make test: NO STRACE; tests of crash points are SKIPPED. Install the package strace." >&2
exit 0
