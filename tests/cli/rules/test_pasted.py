"""What the single argument of `explain` and `why` means: a file that exists is read, one that does not is named."""

from pathlib import Path

import pytest

from auditor.cli.failures import UsageFailed
from auditor.cli.rules.pasted import asked_text

ID = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv.json"


def test_a_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    file = tmp_path / "the error.of today"
    file.write_text("60052", encoding="utf-8")
    assert asked_text((str(file),)) == "60052"


@pytest.mark.parametrize("name", ["error.json", "portal.HAR", "my notes.txt"])
def test_a_file_that_does_not_exist_is_no_text(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageFailed, match="there is no file"):
        asked_text((str(tmp_path / name),))


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(UsageFailed, match="is a folder"):
        asked_text((str(tmp_path),))


@pytest.mark.parametrize(
    "text", ["60052", "portal.azure.com", ID, "60052/60030", "see C:\\logs\\error.json", "x/y.json"]
)
def test_other_words_are_the_text(text: str) -> None:
    assert asked_text((text,)) == text
