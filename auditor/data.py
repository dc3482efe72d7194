"""Where the data that travels with migaudit lies: the rule book and the embedded environments."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def rules_dir() -> Path:
    """The folder of the built-in rule files, one YAML file a rule."""
    return _data_dir("rules")


def fixtures_dir() -> Path:
    """The folder of the embedded environments, each a snapshot."""
    return _data_dir("fixtures")


def _data_dir(name: str) -> Path:
    # An installed wheel carries the data inside the package; in a checkout they stand beside it.
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"this installation of migaudit lacks its `{name}` folder; install it again")
