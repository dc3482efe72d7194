"""The archives of a release, in `dist/`: `make dist`.

The source archive is made from the tree, the wheel from the source archive alone. Both are made by the backend that
`requirements/build.txt` pins, which was installed with its hashes; nothing is fetched. The same tree gives the same
bytes, whatever the time, the user's mask of modes and the folder are.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

TOP = Path(__file__).resolve().parent.parent
SUMS = "SHA256SUMS"
_BUILD = ("-m", "build", "--no-isolation")


class NotTheSame(Exception):
    """The archives do not hold what the tree holds."""


class NotBuilt(Exception):
    """The backend failed; the text is what it said."""


def build(tree: Path, folder: Path) -> tuple[Path, Path]:
    """Write the source archive, the wheel and their digests into `folder`; return the first two.

    Raises `NotTheSame` if the wheel from the source archive differs from the one from the tree, and `NotBuilt` if the
    backend fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made:
        source = _made(tree, Path(made) / "source", "--sdist")
        with tarfile.open(source) as archive:
            archive.extractall(made, filter="data")
        wheel = _made(Path(made) / source.name.removesuffix(".tar.gz"), Path(made) / "wheel", "--wheel")
        other = _made(tree, Path(made) / "other", "--wheel")
        if wheel.read_bytes() != other.read_bytes():
            raise NotTheSame("the wheel from the source archive is not the wheel from the tree")
        kept = Path(shutil.copy(source, folder)), Path(shutil.copy(wheel, folder))
    lines = (f"{sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in kept)
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    return kept


def _made(tree: Path, folder: Path, kind: str) -> Path:
    """Return the archive that the backend makes; its settings for the time are those of the backend alone."""
    env = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    command = [sys.executable, *_BUILD, kind, "--outdir", str(folder), str(tree)]
    ended = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", check=False)
    if ended.returncode != 0:
        raise NotBuilt(ended.stderr)
    (archive,) = folder.iterdir()
    return archive


def check_committed(tree: Path, source: Path) -> None:
    """Raise `NotTheSame` if the source archive holds a file that is not committed."""
    if foreign := _names(source) - _committed(tree):
        raise NotTheSame(f"not committed, but in the source archive: {', '.join(sorted(foreign))}")


def _names(source: Path) -> set[str]:
    """Return the names of the files in a source archive, as in the tree; without the metadata that is added."""
    with tarfile.open(source) as archive:
        return {one.name.partition("/")[2] for one in archive if one.isfile()} - {"PKG-INFO"}


def _committed(tree: Path) -> set[str]:
    """Return the names of the committed files; where the tree is no clone, of all of its files."""
    if not (tree / ".git").exists():
        return {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    command = ["git", "-C", str(tree), "ls-files", "-z"]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    return set(said.split("\0"))


def main() -> int:
    """Build the archives and print their digests; return 1 if they cannot be built as they must."""
    try:
        source, _ = build(TOP, TOP / "dist")
        check_committed(TOP, source)
    except (NotTheSame, NotBuilt) as failed:
        print(failed, file=sys.stderr)
        return 1
    print((TOP / "dist" / SUMS).read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
