"""Pictures of the report page for docs/reports.md; `make docs` takes them before it builds the site.

They are taken only if the page has changed and a Chromium is installed; otherwise the stored pictures stay. `pngquant`,
if it is installed, makes them smaller.
"""

import asyncio
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from auditor.cli.environment.demo import CAST
from tests.report.html.chromium import Tab, find_chromium, tab

TOP = Path(__file__).resolve().parent.parent
IMAGES = TOP / "docs" / "images"
MADE_FROM = IMAGES / "made-from.sha256"
OPEN_FIRST = "document.querySelector('#list details').open = true"


async def scroll_to(page: Tab, part: str) -> None:
    """Scroll one part of the page to the top of the window."""
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
        height = await page.run("Math.ceil(document.querySelector('#map .words').getBoundingClientRect().bottom) + 20")
        taken["report-map-dark"] = await page.look(width=1280, height=height, dark=True)
        await page.look(width=390, height=844, phone=True)
        await scroll_to(page, "findings")
        taken["report-phone"] = await page.look(width=390, height=844, phone=True)
    return taken


def page() -> str:
    """Return the report that the pictures show: the embedded environment with all verdicts."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        scan = ["scan", "--snapshot", "fixtures/contoso.yaml", "--quiet", "--fail-on", "never", "--all-verdicts"]
        scan += [word for account in CAST for word in ("--account", account)]
        command = [sys.executable, "-m", "auditor.cli.main", *scan, "--format", f"html={report}"]
        subprocess.run(command, cwd=TOP, check=True)
        return report.read_text(encoding="utf-8")


def fingerprint(report: str) -> str:
    """Return a digest of the page and of this module; if it has changed, the pictures must be taken again."""
    return sha256((report + Path(__file__).read_text(encoding="utf-8")).encode()).hexdigest()


def take(report: str) -> None:
    """Take the pictures of a report and store them with its fingerprint."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(report, encoding="utf-8")
        taken = asyncio.run(pictures(file, Path(folder) / "profile"))
    IMAGES.mkdir(exist_ok=True)
    for name, picture in taken.items():
        kept = IMAGES / f"{name}.png"
        kept.write_bytes(picture)
        if quant := shutil.which("pngquant"):
            subprocess.run([quant, "--force", "--ext", ".png", "--strip", "96", str(kept)], check=True)
    MADE_FROM.write_text(f"{fingerprint(report)}\n", encoding="utf-8")


def main() -> int:
    """Take the pictures again if they no longer show the current report."""
    report = page()
    if MADE_FROM.exists() and MADE_FROM.read_text(encoding="utf-8").strip() == fingerprint(report):
        return 0
    if find_chromium() is None:
        print(
            "the pictures in docs/images/ are older than the report page, and there is no Chromium to take them again"
        )
        return 0
    take(report)
    print("took the pictures in docs/images/ again")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
