"""Pictures of the pages of `scan` and `readiness` for the docs; `make docs` takes them before it builds the site.

They are taken only if a page has changed and a Chromium is installed; otherwise the stored pictures stay. `pngquant`,
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


async def pictures(report: Path, readiness: Path, profile: Path) -> dict[str, bytes]:
    """Return the pictures by name: of the report on a desktop, light and dark, and a phone, and of readiness."""
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
        await page.open(readiness)
        taken["readiness"] = await page.look(width=1280, height=1180)
    return taken


def report_page() -> str:
    """Return the report that the pictures show: the embedded environment with all verdicts."""
    accounts = (word for account in CAST for word in ("--account", account))
    return _page("scan", "--all-verdicts", *accounts)


def readiness_page() -> str:
    """Return the page of the readiness of its machines."""
    return _page("readiness")


def _page(command: str, *more: str) -> str:
    with TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        about = ("--snapshot", "fixtures/contoso.yaml", "--quiet", "--fail-on", "never", *more)
        run = [sys.executable, "-m", "auditor.cli.main", command, *about, "--format", "html", "--output", str(page)]
        subprocess.run(run, cwd=TOP, check=True)
        return page.read_text(encoding="utf-8")


def fingerprint(report: str, readiness: str) -> str:
    """Return a digest of the pages and of this module; if it has changed, the pictures must be taken again."""
    return sha256((report + readiness + Path(__file__).read_text(encoding="utf-8")).encode()).hexdigest()


def take(report: str, readiness: str) -> None:
    """Take the pictures of the pages and store them with their fingerprint."""
    with TemporaryDirectory() as folder:
        files = (Path(folder) / "report.html", Path(folder) / "readiness.html")
        for file, page in zip(files, (report, readiness), strict=True):
            file.write_text(page, encoding="utf-8")
        taken = asyncio.run(pictures(*files, Path(folder) / "profile"))
    IMAGES.mkdir(exist_ok=True)
    for name, picture in taken.items():
        kept = IMAGES / f"{name}.png"
        kept.write_bytes(picture)
        if quant := shutil.which("pngquant"):
            subprocess.run([quant, "--force", "--ext", ".png", "--strip", "96", str(kept)], check=True)
    MADE_FROM.write_text(f"{fingerprint(report, readiness)}\n", encoding="utf-8")


def main() -> int:
    """Take the pictures again if they no longer show the current pages."""
    pages = report_page(), readiness_page()
    if MADE_FROM.exists() and MADE_FROM.read_text(encoding="utf-8").strip() == fingerprint(*pages):
        return 0
    if find_chromium() is None:
        print("the pictures in docs/images/ are older than the pages, and there is no Chromium to take them again")
        return 0
    take(*pages)
    print("took the pictures in docs/images/ again")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
