"""YAML contains the values of JSON only, and nothing is guessed."""

import pytest

from auditor.inventory.snapshot.plain_yaml import BadYaml, composed


def built(text: str) -> object:
    with composed(text.encode()) as (loader, root):
        return None if root is None else loader.construct_object(root, deep=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ("1e308", 1e308),
        ("-0.5", -0.5),
        ("!!float 3", 3.0),
        ("!!str 3", "3"),
        (".inf", ".inf"),
        ("0x1F", "0x1F"),
        ("1:30", "1:30"),
        ("yes", "yes"),
        ("TRUE", True),
        ("~", None),
        ("!!null", None),
        ("\ufeffa", "a"),
        ("", None),
    ],
)
def test_a_value_is_what_json_would_have(text: str, value: object) -> None:
    assert built(text) == value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("18446744073709551616", "no integer of 64 bits"),
        ("-9223372036854775809", "no integer of 64 bits"),
        ("9" * 5000, "no integer of 64 bits"),
        ("!!int x", "no integer"),
        ("!!int ''", "no integer"),
        ("!!int 0x1F", "no integer"),
        ("1e999", "no finite number"),
        ("!!float .inf", "no finite number"),
        ("!!float .nan", "no finite number"),
        ("!!float ''", "no finite number"),
        ("!!bool maybe", "neither `true` nor `false`"),
        ("!!null something", "not `null`"),
        ("!!map [1]", "expected a mapping"),
        ("!!seq {a: 1}", "expected a sequence"),
        ("!!set {a}", "could not determine a constructor"),
        ("!!timestamp 2026-11-23", "could not determine a constructor"),
        ("!!python/name:os.system ''", "could not determine a constructor"),
        ("{a: 1, a: 2}", "stands twice"),
        ('"\\uD800"', ""),
        ("\x00", "not allowed"),
        ("*nowhere", "undefined alias"),
    ],
)
def test_what_json_cannot_hold_is_refused_with_its_line(value: str, said: str) -> None:
    with pytest.raises(BadYaml) as bad:
        built(f"a:\n- 1\n- {value}\n")
    assert (bad.value.line, said in bad.value.reason) == (3, True), bad.value.reason


def test_other_encodings_are_refused() -> None:
    for text in ("a: 1\n".encode("utf-16"), b"a: \xff\n", b"a: \xed\xa0\x80\n"):
        with pytest.raises(BadYaml, match="not UTF-8") as bad, composed(text):
            pass
        assert bad.value.line == 1
