"""migaudit: tells why an Azure Migrate appliance will not register, and what a deleted project left behind.

As a library: `load` or `collect` a snapshot, `audit` it, ask `result.access`, and `plan` a clean-up.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.library.names import *  # noqa: F403 - every name of the library

    __all__: list[str]

__version__ = "0.1.0"

_CALLED_LIKE_PACKAGES = frozenset({"audit", "collect"})


class _Library(ModuleType):
    """This package, which loads `library/names.py` when a program uses a name of it: commands load only what they need.

    `audit` and `collect` are functions, although sub-packages are called so too.
    """

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return dir(self)
        names = {} if name.startswith("_") else _names()
        if name not in names:
            raise AttributeError(f"module `auditor` has no attribute `{name}`")
        return names[name]

    def __setattr__(self, name: str, value: object) -> None:
        # Python sets each sub-package that is imported as an attribute. Imports find it without that.
        if not (name in _CALLED_LIKE_PACKAGES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted(["__version__", *_names()])


def _names() -> dict[str, Any]:
    every = vars(import_module("auditor.library.names"))
    return {name: value for name, value in every.items() if not name.startswith("_")}


sys.modules[__name__].__class__ = _Library
