"""The api-versions that are asked for, one after another, where a cloud does not have the newest."""

import re
from collections.abc import Sequence

from auditor.azure.errors import ReadFailed
from auditor.inventory.reads import may_be_absent, may_be_unregistered, says_no_such_type, says_not_registered

_REFUSED = re.compile(r"api version '[^']*'")
_VERSION = re.compile(r"\d{4}-\d\d-\d\d(?:-[a-z]+)?")


class NoSuchType(ReadFailed):
    """Resource Manager says that the cloud does not have a type, in none of the api-versions that were asked for."""

    @classmethod
    def of(cls, failure: ReadFailed) -> "NoSuchType":
        """Return the same failure as one that proves a type absent."""
        return cls(failure.status, failure.code, failure.message, failure.url, documented=True, enveloped=True)


class Attempts:
    """The attempts to read one list, newest api-version first; `version` is the one to ask for."""

    def __init__(self, what: str, versions: Sequence[str]) -> None:
        self.what = what
        self.version, *self._older = versions
        self.is_newest = True
        self._first: ReadFailed | None = None
        self._exists = not may_be_absent(what)

    def refused(self, failure: ReadFailed) -> None:
        """Choose the next version after a refusal of this one.

        Raises `NoSuchType` if no version is left and Azure named none that it has; otherwise the refusal, also one for
        any other reason. A type of which Azure names a version exists, even if it is none that is asked for here.
        """
        if not says_unknown(failure):
            raise failure
        self._first = self._first or failure
        self._choose(failure)

    def _choose(self, failure: ReadFailed) -> None:
        listed = listed_versions(failure.message) - {self.version.lower()}
        if listed:
            self._exists = True
            self._older = [one for one in self._older if one.lower() in listed]
        if not self._older:
            raise failure if self._exists or self._first is None else NoSuchType.of(self._first)
        self.version, *self._older = self._older
        self.is_newest = False


class AttemptsAtOne(Attempts):
    """The attempts to read one resource, which was listed, so that its type exists."""

    _OTHER_VERSION = frozenset({"noregisteredproviderfound", "invalidapiversionparameter", "invalidresourcetype"})

    def refused(self, failure: ReadFailed) -> None:
        """Choose the next version after a refusal of this one; raises the refusal if no version is left."""
        self._exists = True
        if not (failure.documented and 400 <= failure.status < 500 and failure.code.lower() in self._OTHER_VERSION):
            raise failure
        self._choose(failure)


def says_unknown(failure: ReadFailed) -> bool:
    """Return whether Resource Manager itself says that there is no such type or api-version.

    Only its exact codes with their statuses count, in its own form of an error: anything else may come from a proxy.
    """
    return failure.enveloped and says_no_such_type(failure.code, failure.status)


def says_unregistered(failure: ReadFailed, what: str, scope: str) -> bool:
    """Return whether Resource Manager itself says that the provider of a list is not registered in the subscription."""
    return failure.enveloped and says_not_registered(failure.code, failure.status) and may_be_unregistered(what, scope)


def listed_versions(message: str) -> frozenset[str]:
    """Return the api-versions (lower case) that a refusal names beside the one it refuses, in whatever words.

    A type of which Azure names any version exists.
    """
    return frozenset(_VERSION.findall(_REFUSED.sub("", message.lower())))
