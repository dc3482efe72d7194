"""The folders of the data that is shipped with migaudit: the rules and the embedded environments."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def rules_dir() -> Path:
    """Return the folder of the built-in rules, one YAML file per rule."""
    return _data_dir("rules")


def fixtures_dir() -> Path:
    """Return the folder of the embedded environments, each a snapshot."""
    return _data_dir("fixtures")


def _data_dir(name: str) -> Path:
    # In an installed wheel the data is inside the package, in a checkout beside it.
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"this installation of migaudit lacks its `{name}` folder; install it again")
