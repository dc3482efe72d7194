"""The bill of materials of a release in CycloneDX, in `dist/`: `make sbom`.

It lists what `requirements/runtime.txt` pins, each package with the digests of its files, and gives the same bytes each
time. Which package needs which is not in a lock, so it is not in the bill either.
"""

import json
import subprocess
import sys
from pathlib import Path

from auditor import __version__

TOP = Path(__file__).resolve().parent.parent
LOCK = TOP / "requirements" / "runtime.txt"


def sbom() -> str:
    """Return the bill as JSON; raises `CalledProcessError` if it cannot be made or is not valid."""
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", str(LOCK), "--output-reproducible"]
    command += ["--pyproject", str(TOP / "pyproject.toml"), "--spec-version", "1.6", "--output-format", "JSON"]
    made = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    bill = json.loads(made)
    bill["metadata"]["component"]["version"] = __version__  # pyproject.toml takes it from the package
    return json.dumps(bill, indent=2, sort_keys=True) + "\n"


def main() -> int:
    """Write the bill beside the archives."""
    path = TOP / "dist" / f"migaudit-{__version__}.cdx.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(sbom(), encoding="utf-8")
    print(f"wrote {path.relative_to(TOP)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
