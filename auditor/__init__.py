"""migaudit: tells why an Azure Migrate appliance will not register, and what a deleted project left behind.

As a library: `load` or `collect` a snapshot, `audit` it, ask `result.access`, and `plan` a clean-up.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.access.verdicts import AccessAnswer as AccessAnswer
    from auditor.access.verdicts import AccessVerdict as AccessVerdict
    from auditor.access.who_can import WhoCan as WhoCan
    from auditor.audit.findings import Coverage as Coverage
    from auditor.audit.findings import Finding as Finding
    from auditor.audit.findings import Severity as Severity
    from auditor.audit.findings import Verdict as Verdict
    from auditor.audit.rules.mistakes import BadRule as BadRule
    from auditor.azure.errors import SignInFailed as SignInFailed
    from auditor.azure.errors import UnknownCloud as UnknownCloud
    from auditor.azure.errors import Unreachable as Unreachable
    from auditor.cleanup.plan import CleanupPlan as CleanupPlan
    from auditor.collect.request import BadRequest as BadRequest
    from auditor.inventory.arm_id import MalformedArmId as MalformedArmId
    from auditor.inventory.snapshot.files import BadSnapshot as BadSnapshot
    from auditor.inventory.snapshot.snapshot import Snapshot as Snapshot
    from auditor.library.facade import audit as audit
    from auditor.library.facade import collect as collect
    from auditor.library.facade import load as load
    from auditor.library.facade import plan as plan
    from auditor.library.facade import save as save
    from auditor.library.result import Result as Result

__version__ = "0.1.0"

_HOME = {
    "AccessAnswer": "auditor.access.verdicts",
    "AccessVerdict": "auditor.access.verdicts",
    "BadRequest": "auditor.collect.request",
    "BadRule": "auditor.audit.rules.mistakes",
    "BadSnapshot": "auditor.inventory.snapshot.files",
    "CleanupPlan": "auditor.cleanup.plan",
    "Coverage": "auditor.audit.findings",
    "Finding": "auditor.audit.findings",
    "MalformedArmId": "auditor.inventory.arm_id",
    "Result": "auditor.library.result",
    "Severity": "auditor.audit.findings",
    "SignInFailed": "auditor.azure.errors",
    "Snapshot": "auditor.inventory.snapshot.snapshot",
    "UnknownCloud": "auditor.azure.errors",
    "Unreachable": "auditor.azure.errors",
    "Verdict": "auditor.audit.findings",
    "WhoCan": "auditor.access.who_can",
    "audit": "auditor.library.facade",
    "collect": "auditor.library.facade",
    "load": "auditor.library.facade",
    "plan": "auditor.library.facade",
    "save": "auditor.library.facade",
}
"""The module of each name of the library, imported when the name is used: commands load only what they need."""

__all__ = ["__version__", *_HOME]  # noqa: PLE0604 - the names are texts


class _Library(ModuleType):
    """This package: `audit` and `collect` are its functions, although sub-packages are called so too."""

    def __getattr__(self, name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module `auditor` has no attribute `{name}`")
        return getattr(import_module(_HOME[name]), name)

    def __setattr__(self, name: str, value: object) -> None:
        # Python sets each sub-package that is imported as an attribute. Imports find it without that.
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted(__all__)


sys.modules[__name__].__class__ = _Library
