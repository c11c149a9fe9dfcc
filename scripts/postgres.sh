#!/bin/sh
# Private temporary PostgreSQL server for tests: prints its URL, then "ready"; runs until its input closes.
#
#   scripts/postgres.sh            run a server; it ends, and its folder goes, when standard input ends
#   scripts/postgres.sh --find     only say where the server's programs are
#
# The server listens on a Unix socket in a folder of its own, has no password and never syncs (tests only).
# As root it runs as the system user "postgres"; when root and missing, Debian's package is installed.
set -eu

find_bin() {
    for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn) /usr/local/pgsql/bin; do
        if [ -x "$folder/initdb" ]; then echo "$folder"; return 0; fi
    done
    if command -v initdb >/dev/null 2>&1; then dirname "$(command -v initdb)"; return 0; fi
    return 1
}

bin=$(find_bin) || {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        # Debian's package would start a cluster of its own at once; we want only its programs.
        mkdir -p /etc/postgresql-common
        [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
        export DEBIAN_FRONTEND=noninteractive
        (apt-get install -y -q postgresql || { apt-get update -q && apt-get install -y -q postgresql; }) >&2
    fi
    bin=$(find_bin) || { echo "PostgreSQL is not installed: apt-get install postgresql" >&2; exit 3; }
}
if [ "${1:-}" = --find ]; then echo "$bin"; exit 0; fi

folder=$(mktemp -d -t spean-pg.XXXXXX)
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as() { (cd "$folder" && runuser -u postgres -- "$@"); }
else
    as() { "$@"; }
fi
finish() {
    as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

as "$bin/initdb" -D "$folder/data" -U spean -A trust -E UTF8 --locale=C -N >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 4; }
as "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/server.log" -o \
    "-c listen_addresses='' -c unix_socket_directories=$folder -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60" \
    start >/dev/null 2>&1 || { cat "$folder/server.log" >&2; exit 5; }
chmod 755 "$folder"
echo "postgresql+psycopg://spean@/postgres?host=$folder"
echo "ready"
cat >/dev/null
