"""A network namespace in which the names of Azure are those of this machine, for tools whose addresses are fixed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HOSTS = ("management.azure.com", "login.microsoftonline.com", "graph.microsoft.com", "api.loganalytics.io")
"""The names of the public cloud that the tools ask; nothing else can be reached from inside."""
_INSIDE = "MIGAUDIT_BENCH_NAMESPACE"


def is_inside() -> bool:
    """Return whether this process runs in the namespace."""
    return bool(os.environ.get(_INSIDE))


def enter(module: str, arguments: Sequence[str], folder: Path) -> int:
    """Run `python -m module arguments` in a namespace of its own and return its exit status.

    The rest of the machine keeps its network and its file of hosts. Raises `SystemExit` where that is not possible.
    """
    if sys.platform != "linux" or not all(map(shutil.which, ("unshare", "ip", "mount"))):
        raise SystemExit("this needs Linux with `unshare`, `mount` and `ip` (packages util-linux and iproute2)")
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(HOSTS)}\n", encoding="utf-8")
    prepare = f'ip link set lo up && mount --bind {hosts} /etc/hosts && exec "$@"'
    # As another user than root, the namespace has a root of its own.
    root = [] if os.geteuid() == 0 else ["--map-root-user"]
    inside = ["unshare", *root, "--net", "--mount", "sh", "-c", prepare, "sh", sys.executable, "-m", module, *arguments]
    return subprocess.run(inside, check=False, env={**os.environ, _INSIDE: "1"}).returncode
