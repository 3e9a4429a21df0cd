#!/bin/sh
# Makes a virtual environment, or says in one line what is missing for it. Usage: make_venv.sh PYTHON FOLDER
set -eu
python=$1
folder=$2

if ! command -v "$python" >/dev/null 2>&1; then
    echo "culti: no $python here; install Python 3.11 or newer (Debian: apt install python3 python3-venv)" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "culti: $("$python" --version) is too old; install Python 3.11 or newer and run: make PYTHON=python3.12 ..." >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    echo "culti: $python has no venv module; install it (Debian: apt install python3-venv)" >&2
    exit 1
fi
"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade pip
