#!/usr/bin/env bash
# Installs migaudit from the folder above this one into the environment FOLDER, with the pinned versions alone.
# Usage: install.sh FOLDER. PYTHON names another Python than python3.
set -euo pipefail

folder=${1:?"usage: install.sh FOLDER"}
clone=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"${PYTHON:-python3}" -m venv "$folder"
[[ -x $folder/bin/python ]] || {
    echo "install.sh needs Linux or macOS; for Windows see docs/windows.md" >&2
    exit 2
}
pip() { "$folder/bin/python" -I -m pip --disable-pip-version-check --no-input install --quiet --no-deps --no-compile "$@"; }
pip --require-hashes --only-binary :all: -r "$clone/requirements/pip.txt"
pip --require-hashes --only-binary :all: -r "$clone/requirements/runtime.txt" -r "$clone/requirements/build.txt"
pip --no-build-isolation --no-index "$clone"
