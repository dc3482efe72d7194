"""Injected faults: rules that say which requests go wrong, in which way, and how often (docs/emulator.md).

A fault file (YAML or JSON) contains `faults`, a list of rules, and optionally `seed`, and `limits`: the budgets of
requests, with the fields of `QuotaSizes`; those that are not given are as Azure publishes them. The first rule that
matches a request and is due applies. The fields of a rule are

- which requests: `method`, and `path`, a regular expression searched in path and query, ignoring case;
- which fault: `wrong`, the name of an answer in `wrong_answers` or, for Resource Graph, in `wrong_rows`;
  or `status` with `code`, `message`, `body`, `headers`;
  or `cut` (0 to 1: the share of the true body that is sent before the connection closes), `reset` (the connection
  closes without an answer), `hang` (no answer is ever sent). `delay_ms` waits before any of these, or on its own.
  `headers` without `status` are added to the true answer. With `carried_out`, the request is carried out before its
  answer is replaced. `questions` turns the deletion or recovery of a workspace into an operation: the answer is 202,
  and the operation ends after that many status requests (negative: never), in failure with `fails`;
- how often: `skip` (the number of requests that pass first), `times` (the number of faults after that), `every` (3:
  every third request), `probability` (decided by `seed`, the request and its count, so that a run can be repeated);
  `each_url` counts each URL separately.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta
from yaml.nodes import MappingNode, Node, SequenceNode

from auditor.emulator.exchange import HttpResponse, error_body
from auditor.emulator.resource_graph.wrong_rows import WRONG_ROWS
from auditor.emulator.throttling.quota_sizes import QuotaSizes
from auditor.emulator.wrong_answers import WRONG
from auditor.files import content, why
from auditor.inventory.snapshot.plain_yaml import BadYaml, PlainLoader, composed, line_of
from auditor.nearest import no_such

EVERY_WRONG = {**WRONG, **WRONG_ROWS}
"""Every wrong answer that a rule can name."""
LARGEST_FILE = 1024 * 1024
"""Most bytes of a fault file; a larger one is not read."""


class BadFaults(ValueError):
    """The error for unusable faults, with the reason."""


class FaultRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule; the module docstring explains the fields."""

    path: str = ""
    method: str | None = None
    wrong: str | None = None
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    code: str = "InternalServerError"
    message: str = "injected fault"
    body: str | None = None
    headers: dict[str, str] = {}
    cut: Annotated[float, Meta(ge=0, le=1)] | None = None
    reset: bool = False
    hang: bool = False
    delay_ms: Annotated[float, Meta(ge=0)] = 0
    carried_out: bool = False
    questions: int | None = None
    fails: bool = False
    skip: Annotated[int, Meta(ge=0)] = 0
    times: Annotated[int, Meta(ge=0)] | None = None
    every: Annotated[int, Meta(ge=1)] = 1
    probability: Annotated[float, Meta(ge=0, le=1)] = 1.0
    each_url: bool = False

    def __post_init__(self) -> None:
        """Raise `ValueError` if no wrong answer has the name `wrong`."""
        if self.wrong is not None and self.wrong not in EVERY_WRONG:
            raise ValueError(no_such("wrong answer", self.wrong, EVERY_WRONG))

    def altered(self, response: HttpResponse, target: str) -> HttpResponse:
        """Return the response to a request for `target` as this rule alters it; `cut` is applied by the server."""
        if self.reset:
            return HttpResponse(0, dropped=True)
        if self.wrong is not None:
            return EVERY_WRONG[self.wrong](response, target)
        if self.status is None:
            return HttpResponse(
                response.status,
                response.body,
                {**response.headers, **self.headers},
                response.content_type,
                response.dropped,
            )
        body = self.body.encode() if self.body is not None else msgspec.json.encode(error_body(self.code, self.message))
        return HttpResponse(self.status, body, self.headers)

    def replaces_answer(self, method: str) -> bool:
        """Return whether the request need not be carried out; a write that gets a wrong answer is not, by default."""
        unwanted_write = self.wrong is not None and method in {"PUT", "PATCH", "DELETE"}
        return not self.carried_out and (self.reset or self.hang or self.status is not None or unwanted_write)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    faults: list[FaultRule] = []
    seed: int = 0
    limits: QuotaSizes | None = None


@dataclass(slots=True, eq=False)
class Faults:
    """The rules of one run, how often each was tried and applied, and the budgets that requests have."""

    rules: Sequence[FaultRule] = ()
    seed: int = 0
    limits: QuotaSizes | None = None
    _counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    _struck: Counter[int] = field(default_factory=Counter)
    _patterns: list[re.Pattern[str]] = field(init=False)

    def __post_init__(self) -> None:
        try:
            self._patterns = [re.compile(rule.path, re.IGNORECASE) for rule in self.rules]
        except re.error as broken:
            raise BadFaults(f"`{broken.pattern!s}` is no regular expression: {broken}") from broken
        except (OverflowError, RecursionError) as broken:
            raise BadFaults(f"a `path` is too large a regular expression: {broken}") from broken

    def change(self, rules: Sequence[FaultRule]) -> None:
        """Apply these rules, and no others, from now on; raises `BadFaults`."""
        self.rules = rules
        self.__post_init__()

    def next(self, method: str, target: str) -> FaultRule | None:
        """Return the rule that applies to this request, if any, and count the request."""
        for number, (rule, pattern) in enumerate(zip(self.rules, self._patterns, strict=True)):
            if (rule.method is not None and rule.method.upper() != method) or not pattern.search(target):
                continue
            key = (number, target if rule.each_url else "")
            self._counts[key] += 1
            if self._is_due(rule, number, target, self._counts[key] - rule.skip):
                self._struck[number] += 1
                return rule
        return None

    def struck(self, number: int = 0) -> int:
        """Return the number of requests to which rule `number` (from 0) has applied so far."""
        return self._struck[number]

    def _is_due(self, rule: FaultRule, number: int, target: str, count: int) -> bool:
        if count < 1 or count % rule.every:
            return False
        if rule.times is not None and count // rule.every > rule.times:
            return False
        return rule.probability >= 1 or self._draw(number, target, count) < rule.probability

    def _draw(self, number: int, target: str, count: int) -> float:
        """Return a number from 0 to 1 that depends on the seed, the rule and the request only."""
        digest = hashlib.blake2b(f"{self.seed}|{number}|{target}|{count}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64


NO_FAULTS = Faults()
"""No rules."""


def load_faults(path: Path) -> Faults:
    """Return the faults in a file; raises `BadFaults` with the path and, where it is known, the line."""
    try:
        with composed(content(path, LARGEST_FILE)) as (loader, root):
            return _faults(loader, root)
    except OSError as failed:
        raise BadFaults(f"{path}: the faults cannot be read: {why(failed)}") from failed
    except BadYaml as broken:
        raise BadFaults(f"{path}:{broken.line or 1}: no fault rules: {broken.reason}") from broken


def _faults(loader: PlainLoader, root: Node | None) -> Faults:
    document = None if root is None else loader.construct_object(root, deep=True)
    if isinstance(document, list):
        document = {"faults": document}
    number = 0
    try:
        described = msgspec.convert(document, _File)
        for number, rule in enumerate(described.faults):  # noqa: B007 - the handler below needs the number
            Faults([rule])
    except msgspec.ValidationError as invalid:
        found = _RULE.search(str(invalid))
        raise BadYaml(_line(root, int(found[1]) if found else None), str(invalid)) from invalid
    except BadFaults as bad:
        raise BadYaml(_line(root, number), str(bad)) from bad
    return Faults(described.faults, described.seed, described.limits)


_RULE = re.compile(r"`\$\.faults\[(\d+)\]")
"""The number of the rule in an error message of msgspec."""


def _line(root: Node | None, number: int | None) -> int:
    """Return the line of rule `number` (from 0); without a number, the line of the document."""
    rules = root
    if isinstance(root, MappingNode):
        rules = next((node for key, node in root.value if key.value == "faults"), root)
    if number is not None and isinstance(rules, SequenceNode):
        return line_of(rules.value[number])
    return line_of(root) if root is not None else 1


def faults_of(rules: Sequence[Mapping[str, object]], seed: int = 0) -> Faults:
    """Return the faults for rules given as mappings; raises `BadFaults`."""
    try:
        return Faults(msgspec.convert(list(rules), list[FaultRule]), seed)
    except msgspec.ValidationError as broken:
        raise BadFaults(str(broken)) from broken
