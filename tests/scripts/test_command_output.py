from scripts.command_output import filled

PAGE = "# Title\n\n<!-- help:begin -->\nwhat it printed last year\n<!-- help:end -->\n\nThe rest.\n"


def test_a_block_holds_what_the_command_prints_today() -> None:
    page = filled(PAGE)
    assert page.startswith("# Title\n\n<!-- help:begin -->\n```console\n$ migaudit --help\n")
    assert "scan" in page
    assert "last year" not in page
    assert page.endswith("\n```\n<!-- help:end -->\n\nThe rest.\n")


def test_filling_twice_changes_nothing() -> None:
    assert filled(filled(PAGE)) == filled(PAGE)


def test_a_page_without_blocks_stays_as_it_is() -> None:
    assert filled("# Title\n\n<!-- a comment -->\n") == "# Title\n\n<!-- a comment -->\n"
