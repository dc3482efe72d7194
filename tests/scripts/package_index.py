"""A package index in a folder, with generated packages, to test a lock against newer releases in an index."""

import shutil
import zipfile
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True)
class Index:
    """A folder that pip can use as an index."""

    folder: Path

    @property
    def url(self) -> str:
        """Return the address of the index."""
        return self.folder.as_uri()

    def publish(self, name: str, version: str, *metadata: str, text: str = "") -> str:
        """Add a wheel with one module and return its pin for a lock; `metadata` are further lines of its METADATA.

        If the module has a function `main`, it is also a command of this name.
        """
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        info = f"{name}-{version}.dist-info"
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata]
        files = {
            f"{name}.py": text or f"version = {version!r}\n",
            f"{info}/METADATA": "\n".join(lines) + "\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        if "def main(" in text:
            files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{name} = {name}:main\n"
        digests = {file: urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=") for file, text in files.items()}
        record = [f"{file},sha256={digests[file].decode()},{len(text)}" for file, text in files.items()]
        files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
        wheel = home / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for file, content in files.items():
                archive.writestr(zipfile.ZipInfo(file), content)
        self._list(home)
        return f"{name}=={version} \\\n    --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}\n"

    def add(self, name: str, wheel: Path) -> None:
        """Add an existing wheel."""
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(wheel, home)
        self._list(home)

    def _list(self, home: Path) -> None:
        listed = "".join(f'<a href="{one.name}">{one.name}</a>\n' for one in sorted(home.glob("*.whl")))
        (home / "index.html").write_text(listed, encoding="utf-8")
