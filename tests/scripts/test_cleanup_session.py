from datetime import timedelta

from scripts.cleanup_session import STEPS, _block, _on_the_day
from scripts.drift import DOCS


def test_every_step_stands_on_the_page_and_the_page_has_no_other() -> None:
    page = (DOCS / "cleanup.md").read_text(encoding="utf-8")
    assert page.count("<!-- cleanup-") == 2 * len(STEPS)
    assert all(f"<!-- {name}:begin -->" in page for name in STEPS)


def test_what_depends_on_the_day_is_told_as_of_the_day_of_the_world() -> None:
    from datetime import UTC, datetime

    today = datetime.now(UTC).date()
    shift = timedelta(days=30)
    told = f"made {today} 06:17 UTC, deleted on {today.day} {today:%B %Y}, created 2001-01-31T00:00:00Z"
    text = f"{told}, api-version=2022-10-01"
    day = today - shift
    assert _on_the_day(text, shift) == (
        f"made {day} 10:00 UTC, deleted on {day.day} {day:%B %Y}, created 2001-01-01T00:00:00Z, api-version=2022-10-01"
    )


def test_a_long_output_is_cut() -> None:
    step = STEPS["cleanup-show"]
    assert _block(step, "line\n" * 100, timedelta(0)).count("line") == step.shown
