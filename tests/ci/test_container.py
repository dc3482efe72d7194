"""The image: no privileges, no tools, nothing to write to; and its steps, carried out where no engine is."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.dist import build
from tests.ci.container import TOP, instructions, may_mount, stages


def test_the_last_stage_has_no_privileges_and_no_tools() -> None:
    build_stage, last = stages()
    assert last.user == "65532:65532"
    assert json.loads(last.entry) == ["migaudit"]
    assert last.steps == ['mkdir -p "$(dirname /opt/migaudit)" && cp -a "$ROOT/build/opt/migaudit" /opt/migaudit']
    assert "pip uninstall" in build_stage.steps[1]
    assert not [step for step in build_stage.steps if "apt" in step or "curl" in step]


def test_every_package_is_pinned_and_the_base_can_be() -> None:
    pinned = [value for name, value in instructions() if name == "RUN" and "pip install" in value]
    assert len(pinned) == 1
    for command in pinned[0].split("pip install")[1:]:
        assert "--no-deps" in command
        assert "--require-hashes" in command or "--no-index" in command
    assert [value for name, value in instructions() if name == "FROM"] == ["${BASE} AS build", "${BASE}"]


def test_the_context_holds_nothing_but_what_is_copied() -> None:
    ignored = (TOP / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored == ["*", "!dist/*.whl", "!requirements/*.txt"]


RUN_AS = (
    "exec setpriv --reuid {user} --regid {group} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all"
    " --reset-env env -i {variables} "
)
JOURNEY = """\
set -euo pipefail
test ! -w . && test ! -w /opt/migaudit && test ! -w "$(command -v migaudit)"
! python -c 'import pip' 2>/dev/null
migaudit scan --demo --fail-on never --format table --format html=/tmp/r.html | grep -c 60052 >/dev/null
grep -q '<!DOCTYPE html>' /tmp/r.html && rm /tmp/r.html
migaudit completion bash | grep -q _migaudit_completion
migaudit emulate /opt/migaudit/lib/python3*/site-packages/auditor/_data/fixtures/fabrikam.yaml >/tmp/line &
for _ in $(seq 100); do grep -q arm /tmp/line && break; sleep 0.1; done
grep -q '"arm"' /tmp/line && kill $! && wait $!
rm /tmp/line
find /tmp -mindepth 1
"""


@pytest.mark.conformance
@pytest.mark.skipif(not may_mount(), reason="needs root, namespaces and a Python of the system")
def test_its_steps_give_a_migaudit_that_runs_without_any_right(tmp_path: Path) -> None:
    """Needs a network for the package index. Nothing but the test's folder changes: `/opt` is another one inside."""
    context, root = tmp_path / "context", tmp_path / "root"
    build(TOP, context / "dist")
    shutil.copytree(TOP / "requirements", context / "requirements")
    first, last = stages()
    script = ["set -euo pipefail", "mount --make-rprivate /", f"export CONTEXT={context} ROOT={root}"]
    for stage in (first, last):
        (root / stage.name / "opt").mkdir(parents=True)
        script += [f"mount --bind $ROOT/{stage.name}/opt /opt", *(f"( {step}\n)" for step in stage.steps)]
    user, _, group = last.user.partition(":")
    variables = " ".join(f"{name}={value}" for name, value in last.variables.items())
    journey = tmp_path / "journey.sh"
    journey.write_text(JOURNEY, encoding="utf-8")
    script += [
        "du -sm /opt/migaudit | cut -f1",
        f"exec 3<{journey}",
        "mount -t tmpfs -o mode=1777 tmpfs /tmp",
        "mount -o remount,ro,bind /opt",
        "mount -o remount,ro,bind /",
        f"cd {last.folder}",
        RUN_AS.format(user=user, group=group, variables=variables) + "bash /dev/fd/3",
    ]
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    kept.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    ended = subprocess.run(
        ["unshare", "--mount", "bash", "-c", "\n".join(script)],
        cwd="/",
        env={**kept, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1].isdigit(), ended.stdout  # its size; nothing was left behind in /tmp
