"""The contents of YAML files in a form that is read quickly: `rules/prepared.json`, which `make generate` writes.

Each value stands under a digest of the very bytes that it was made from. A YAML file that was changed has another
digest and is read itself, so the prepared form can be missing or old, but never wrong.
"""

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import msgspec

from auditor.data import rules_dir

FILE = "prepared.json"

T = TypeVar("T")


def yaml_value(path: Path, type_: type[T]) -> T:
    """Return the content of a YAML file as a value of a type; raises `OSError` and `msgspec.DecodeError`."""
    raw = path.read_bytes()
    value = prepared(digest(raw), type_)
    if value is not None:
        return value
    import msgspec.yaml

    return msgspec.yaml.decode(raw, type=type_)


def prepared(key: str, type_: type[T]) -> T | None:
    """Return the prepared value under a digest, or None where there is none."""
    raw = _values().get(key)
    return None if raw is None else msgspec.json.decode(raw, type=type_)


def digest(*parts: bytes) -> str:
    """Return the digest under which the value that is made from `parts` is prepared."""
    return blake2b(b"\0".join(parts), digest_size=16).hexdigest()


@cache
def _values() -> dict[str, msgspec.Raw]:
    try:
        raw = (rules_dir() / FILE).read_bytes()
    except FileNotFoundError:
        return {}
    return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
