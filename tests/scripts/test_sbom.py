"""The bill of materials: valid CycloneDX, every pinned package in it, the same bytes each time."""

import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from auditor import __version__
from scripts.pins import pins
from scripts.sbom import LOCK, sbom


@pytest.mark.untraced
def test_it_lists_every_pinned_package_with_the_digests_of_its_files() -> None:
    text = sbom()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert (bill["metadata"]["component"]["name"], bill["metadata"]["component"]["version"]) == (
        "migaudit",
        __version__,
    )
    listed = {(one["name"], one["version"]) for one in bill["components"]}
    pinned = {(one.name, specifier.version) for one in pins(LOCK) for specifier in one.specifier}
    assert listed == pinned
    for one in bill["components"]:
        (files,) = one["externalReferences"]
        assert all(digest["alg"] == "SHA-256" for digest in files["hashes"])
    assert "timestamp" not in bill["metadata"]
    assert "serialNumber" not in bill
