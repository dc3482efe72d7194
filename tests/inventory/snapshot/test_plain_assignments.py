"""A line that is taken as a plain role assignment gives the record that any other line of the same body gives."""

import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.data import demo_file
from auditor.inventory.snapshot import jsonl
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.plain_assignments import plain_assignment
from auditor.inventory.snapshot.records import arm_record, canonical
from auditor.inventory.snapshot.secrets import SECRET_KEYS

ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
ID = f"/subscriptions/s/providers/{ASSIGNMENT}/1"
PROPERTIES = {"condition": None, "principalId": "p", "principalType": "User", "roleDefinitionId": "/r", "scope": "/"}
PLAIN = {"id": ID, "name": "1", "properties": PROPERTIES, "type": ASSIGNMENT}


def line(body: object) -> bytes:
    return b'{"arm":%b}\n' % msgspec.json.encode(body, order="sorted")


def with_property(**more: object) -> bytes:
    return line(PLAIN | {"properties": PROPERTIES | more})


def test_a_plain_assignment_is_taken() -> None:
    assert plain_assignment(line(PLAIN)) == arm_record(PLAIN)


@pytest.mark.parametrize("name", sorted({"description", "updatedBy", "conditionVersion"}))
def test_known_properties_may_be_null_a_text_or_absent(name: str) -> None:
    for value in (None, "", "letters like ä and 日"):
        assert plain_assignment(with_property(**{name: value})) is not None
    assert plain_assignment(with_property(**{name: 1})) is None


@pytest.mark.parametrize(
    "odd",
    [
        with_property(unknown=None),
        with_property(description="SharedAccessSignature sr=x"),
        with_property(description="sharedaccessSIGNATURE"),
        with_property(description="-----BEGIN RSA PRIVATE KEY-----"),
        with_property(description="AccountKey=x"),
        with_property(description='{"token":"x"}'),
        with_property(principalId=["p"]),
        line(PLAIN | {"id": ""}),
        line(PLAIN | {"id": 1}),
        line(PLAIN | {"type": ASSIGNMENT.lower()}),
        line(PLAIN | {"properties": None}),
        line({"id": ID, "type": ASSIGNMENT}),
        line(PLAIN)[:-1],
        line(PLAIN).replace(b'"s":', b'"s": ').replace(b'{"arm":', b'{ "arm":'),
        line(PLAIN).replace(b"}}\n", b'},"state":"deleted"}\n'),
        line(PLAIN).replace(b'"condition":null', b'"condition":null,"condition":null'),
        line(PLAIN).replace(b'"name":"1"', b'"name":"\\u0031"'),
        line(PLAIN).replace(b'"name":"1"', b'"name":"\xff"'),
        b'{"arm":' * 10_000 + line(PLAIN),
        b'"type":"Microsoft.Authorization/roleAssignments"}}\n',
    ],
)
def test_any_other_line_is_not(odd: bytes) -> None:
    assert plain_assignment(odd) is None


_TEXTS = st.sampled_from(
    ("a", "", "ä", "\x7f", "\u2028", "\ud83d\ude00", "?sig=x", "Pwd=x", "SharedAccessSignature", "BEGIN PRIVATE KEY")
)
_NAMES = st.sampled_from((*PROPERTIES, "description", "createdOn", "unknown", "Scope", *sorted(SECRET_KEYS)))
_BODIES = st.fixed_dictionaries(
    {"id": st.just(ID) | _TEXTS, "type": st.just(ASSIGNMENT) | _TEXTS},
    optional={
        "name": _TEXTS,
        "properties": st.dictionaries(_NAMES, st.none() | _TEXTS | st.integers() | st.dictionaries(_NAMES, _TEXTS)),
        "token": _TEXTS,
    },
)
_WRITERS: tuple[Callable[[object], str], ...] = (
    json.dumps,
    lambda body: json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
)


@given(_BODIES, st.sampled_from(_WRITERS))
def test_what_is_taken_is_the_record_of_its_body(body: dict[str, object], write: Callable[[object], str]) -> None:
    text = write(body)
    taken = plain_assignment(f'{{"arm":{text}}}\n'.encode(errors="surrogatepass"))
    assert taken is None or (taken.id, taken.type, taken.body) == (body["id"], body["type"], canonical(body))


def test_the_demo_is_read_alike() -> None:
    held = load(demo_file())
    lines = [one for one in jsonl.lines(held) if b'"Microsoft.Authorization/roleAssignments"}}' in one]
    assert sum(plain_assignment(one) is not None for one in lines) > len(lines) / 2
