"""The folders of the data that is shipped with migaudit: the rules, the embedded environments, the schemas."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def rules_dir() -> Path:
    """Return the folder of the built-in rules, one YAML file per rule."""
    return _data_dir("rules")


def fixtures_dir() -> Path:
    """Return the folder of the embedded environments, each a snapshot."""
    return _data_dir("fixtures")


def demo_file() -> Path:
    """Return the snapshot of the environment that `--demo` shows and a rehearsal uses."""
    return fixtures_dir() / "contoso.yaml"


def schemas_dir() -> Path:
    """Return the folder of the JSON Schemas of everything that migaudit writes or reads as JSON."""
    return _data_dir("schemas", in_checkout="docs/schemas")


def _data_dir(name: str, in_checkout: str | None = None) -> Path:
    # In an installed wheel the data is inside the package, in a checkout beside it.
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / (in_checkout or name)):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"this installation of migaudit lacks its `{name}` folder; install it again")
