"""Takes the pictures of the report page that docs/reports.md shows: `python -m scripts.report_pictures`.

It needs a Chromium, and makes the pictures small where there is a `pngquant`.
"""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.report.chromium import Tab, find_chromium, tab

TOP = Path(__file__).resolve().parent.parent
IMAGES = TOP / "docs" / "images"
OPEN_FIRST = "document.querySelector('#list details').open = true"


async def scroll_to(page: Tab, part: str) -> None:
    """Bring one part of the page to the top of the window."""
    await page.run(f"document.getElementById('{part}').scrollIntoView({{behavior: 'instant'}})")


async def pictures(report: Path, profile: Path) -> dict[str, bytes]:
    """Return the pictures by name: desktop light and dark, and a phone."""
    async with tab(profile) as page:
        await page.look(width=1280, height=860)
        await page.open(report)
        taken = {"report-summary": await page.look(width=1280, height=860)}
        await page.run(OPEN_FIRST)
        await scroll_to(page, "findings")
        taken["report-findings"] = await page.look(width=1280, height=860)
        await scroll_to(page, "map")
        taken["report-map-dark"] = await page.look(width=1280, height=980, dark=True)
        await page.look(width=390, height=844, phone=True)
        await scroll_to(page, "findings")
        taken["report-phone"] = await page.look(width=390, height=844, phone=True)
    return taken


def main() -> int:
    """Scan the embedded environment, open its report, and write the pictures."""
    if find_chromium() is None:
        print("no Chromium here; Debian has it as the package `chromium`", file=sys.stderr)
        return 1
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        scan = ["-m", "auditor.cli.main", "scan", "--demo", "--quiet", "--fail-on", "never", "--all-verdicts"]
        subprocess.run([sys.executable, *scan, "--format", f"html={report}"], cwd=TOP, check=True)
        taken = asyncio.run(pictures(report, Path(folder) / "profile"))
    IMAGES.mkdir(exist_ok=True)
    for name, picture in taken.items():
        file = IMAGES / f"{name}.png"
        file.write_bytes(picture)
        if quant := shutil.which("pngquant"):
            subprocess.run([quant, "--force", "--ext", ".png", "--strip", "96", str(file)], check=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
