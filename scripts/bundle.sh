#!/usr/bin/env bash
# Makes dist/spean-<version>-<python>-<machine>.tar.gz: the wheel, every dependency and install.sh, to be carried to a
# machine without a network. For the interpreter and machine that run it. The same commit gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/env.sh
python=.venv/bin/python

version=$($python -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
tag=$($python -c 'import sys; print("cp%d%d" % sys.version_info[:2])')
machine=$(uname -s)-$(uname -m)
name=spean-$version-$tag-$machine
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1772586000)
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p dist "$work/$name/wheels"
$python -m hatchling build --target wheel --clean >/dev/null 2>&1 || $python -m hatchling build --target wheel
cp dist/spean-"$version"-*.whl "$work/$name/wheels/"
$python -m pip --disable-pip-version-check -qq download --no-deps --require-hashes --only-binary :all: \
    --requirement requirements/node.txt --dest "$work/$name/wheels"

cp requirements/node.txt "$work/$name/requirements.txt"
cp packaging/install.sh LICENSE README.md "$work/$name/"
cp -R packaging/systemd docs "$work/$name/"
echo "$version" >"$work/$name/VERSION"
echo "$tag" >"$work/$name/PYTHON_TAG"
echo "$machine" >"$work/$name/MACHINE"
(cd "$work/$name" && find . -type f ! -name SHA256SUMS -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum >"$work/sums")
mv "$work/sums" "$work/$name/SHA256SUMS"

find "$work/$name" -exec chmod u=rwX,go=rX {} +
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$work" -cf - "$name" |
    gzip -n -6 >"dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256")
