#!/usr/bin/env bash
# Installs Spean from this folder, without a network. Run it as root for a service, as anybody with --only.
#
#   ./install.sh                   into /opt/spean/<version>-<bundle>, with user, folders and systemd units
#   ./install.sh --only FOLDER     only the program, into FOLDER (no user, no service)
#
# PYTHON=/path/to/python chooses the interpreter. Running it again, or a newer bundle, upgrades: the link
# /opt/spean/current moves only after everything else has worked, and the old version stays for going back.
set -euo pipefail
umask 022
cd "$(dirname "$0")"
version=$(cat VERSION)
tag=$(cat PYTHON_TAG)
machine=$(cat MACHINE)

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

case "${1:-}" in
    "") only="" ;;
    --only) only=${2:?"--only needs a folder"} ;;
    *) fail "unknown argument $1; see the head of this file" ;;
esac

echo "1. Checking the bundle against SHA256SUMS"
[ -z "$(find . -type f ! -name SHA256SUMS -printf '%P\n' | sort | comm -23 - <(cut -c67- SHA256SUMS | sort))" ] ||
    fail "the bundle holds a file that SHA256SUMS does not name"
sha256sum --check --strict --quiet SHA256SUMS || fail "a file was changed or damaged; get the bundle again"
[ "$(uname -s)-$(uname -m)" = "$machine" ] || fail "this bundle is for $machine, the machine is $(uname -s)-$(uname -m)"

fits() { "$1" -c "import sys, venv, ensurepip; sys.exit('cp%d%d' % sys.version_info[:2] != '$tag')" 2>/dev/null; }
python=""
for candidate in ${PYTHON:-} python3 "python3.${tag#cp3}" "/usr/bin/python3.${tag#cp3}"; do
    if fits "$candidate"; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "needs Python 3.${tag#cp3} with venv (packages python3 and python3-venv), or PYTHON=…"

bundle=$(sha256sum SHA256SUMS | cut -c1-12)
target=${only:-/opt/spean/$version-$bundle}
mark=$target/made-from
if [ -z "$only" ] && [ "$(id -u)" != 0 ]; then
    fail "run as root for a service, or with --only FOLDER for the program alone"
fi
if [ -e "$target" ] && [ ! -e "$target/pyvenv.cfg" ] && [ -n "$(ls -A "$target")" ]; then
    fail "$target is not empty and holds no Spean; name another folder"
fi

echo "2. Installing Spean $version into $target"
if [ "$(cat "$mark" 2>/dev/null)" != "$bundle" ]; then
    "$python" -m venv --clear "$target"
    pip=("$target/bin/python" -m pip --isolated --disable-pip-version-check -qq install --no-index --no-deps)
    "${pip[@]}" --find-links wheels --require-hashes --requirement requirements.txt
    "${pip[@]}" wheels/spean-*.whl
    mkdir -p "$target/share/doc/spean"
    cp -R docs/. "$target/share/doc/spean/"
    "$target/bin/spean" --help >/dev/null
    echo "$bundle" >"$mark"
fi

if [ -n "$only" ]; then
    echo "Done: $target/bin/spean"
    exit 0
fi

echo "3. User, folders and service"
getent group spean >/dev/null || groupadd --system spean
getent passwd spean >/dev/null ||
    useradd --system --gid spean --home-dir /var/lib/spean --shell /usr/sbin/nologin spean
install -d -m 0700 -o spean -g spean /var/lib/spean /var/backups/spean
install -d -m 0700 -o root -g root /etc/spean
install -m 0644 systemd/spean.service systemd/spean-backup.service systemd/spean-backup.timer /etc/systemd/system/
ln -sfn "$target" /opt/spean/current.new
mv -T /opt/spean/current.new /opt/spean/current
ln -sfn /opt/spean/current/bin/spean /usr/local/bin/spean
[ ! -d /run/systemd/system ] || systemctl daemon-reload

echo "Done. Next: docs/operations.md, from \"Make the node\"."
