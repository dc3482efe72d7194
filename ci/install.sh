#!/usr/bin/env bash
# Installs migaudit from the folder above this one into the environment FOLDER, with the pinned versions alone.
# Usage: install.sh FOLDER. PYTHON names another Python than python3.
set -euo pipefail

clone=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"${PYTHON:-python3}" -m venv "$1"
pip() { "$1" -I -m pip --disable-pip-version-check --no-input install --quiet --no-deps --no-compile "${@:2}"; }
pip "$1/bin/python" --require-hashes --only-binary :all: -r "$clone/requirements/pip.txt"
pip "$1/bin/python" --require-hashes --only-binary :all: \
    -r "$clone/requirements/runtime.txt" -r "$clone/requirements/build.txt"
pip "$1/bin/python" --no-build-isolation --no-index "$clone"
