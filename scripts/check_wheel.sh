#!/bin/sh
# Builds the wheel and runs its command outside this folder. Usage: check_wheel.sh PYTHON
# The new environment borrows the dependencies of the one that PYTHON belongs to: they are tested there.
set -eu
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

"$python" -m build --wheel --outdir "$place" . >"$place/log" 2>&1 || { cat "$place/log" >&2; exit 1; }
"$python" -m zipfile --list "$place"/*.whl >"$place/list"
for file in flows/cli.py export/templates/report.html.j2 samples/demo.py baselines/tiny/tiny.pt baselines/tiny/tiny.json baselines/tiny/tiny.pt.sha256; do
    grep -q "^$file " "$place/list" || { echo "culti: the wheel lacks $file" >&2; exit 1; }
done
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$place/site" "$place"/*.whl
cd "$place"
PYTHONPATH="$place/site" "$python" -c '
import pathlib, sys
import flows.cli
assert pathlib.Path(flows.cli.__file__).is_relative_to(sys.argv[1]), flows.cli.__file__
sys.exit(flows.cli.main(["doctor"]))' "$place/site" >/dev/null
echo "wheel: built, installed, its command runs"
