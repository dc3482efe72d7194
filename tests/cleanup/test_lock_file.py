import subprocess
import sys
from pathlib import Path

import pytest

from auditor.cleanup.lock_file import AlreadyRunning, alone

_HOLD = (
    "import sys; from pathlib import Path; from auditor.cleanup.lock_file import alone\n"
    "with alone(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
)


def test_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "plan.lock"
    with alone(path), pytest.raises(AlreadyRunning), alone(path):
        raise AssertionError
    assert not path.exists()
    with alone(path):
        assert path.exists()


def test_a_holder_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "plan.lock"
    for _ in range(2):  # the second takes the lock over from the first
        holder = subprocess.Popen(
            [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning, match=str(holder.pid)), alone(path):
            raise AssertionError
        holder.kill()
        holder.communicate()
        assert path.exists()
    with alone(path):
        pass
    assert not path.exists()
