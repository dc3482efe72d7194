"""Pictures of the pages of `scan`, `preflight` and `readiness`; `make docs` takes them before it builds the site.

They are taken only if a page has changed and a Chromium is installed; otherwise the stored pictures stay. `pngquant`,
if it is installed, makes them smaller.
"""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from auditor.cli.environment.demo import CAST
from auditor.cli.preflight.run import DEMO_ACCOUNT, DEMO_PROJECT
from tests.report.html.chromium import Tab, find_chromium, tab

TOP = Path(__file__).resolve().parent.parent
IMAGES = TOP / "docs" / "images"
MADE_FROM = IMAGES / "made-from.sha256"
_FINDINGS = frozenset({0, 1})
"""The exit codes of a command that made its page."""
OPEN_FIRST = "document.querySelector('#list details').open = true"


async def scroll_to(page: Tab, part: str) -> None:
    """Scroll one part of the page to the top of the window."""
    await page.run(f"document.getElementById('{part}').scrollIntoView({{behavior: 'instant'}})")


async def pictures(files: Mapping[str, Path], profile: Path) -> dict[str, bytes]:
    """Return the pictures by name: of the report on a desktop, light and dark, and a phone, and of the other pages."""
    async with tab(profile) as page:
        await page.look(width=1280, height=860)
        await page.open(files["report"])
        taken = {"report-summary": await page.look(width=1280, height=860)}
        await page.run(OPEN_FIRST)
        await scroll_to(page, "findings")
        taken["report-findings"] = await page.look(width=1280, height=860)
        await scroll_to(page, "map")
        height = await page.run("Math.ceil(document.querySelector('#map .words').getBoundingClientRect().bottom) + 20")
        taken["report-map-dark"] = await page.look(width=1280, height=height, dark=True)
        await page.look(width=390, height=844, phone=True)
        await page.run("document.querySelector('#summary h3').scrollIntoView({behavior: 'instant'})")
        taken["report-phone"] = await page.look(width=390, height=844, phone=True)
        await page.open(files["readiness"])
        taken["readiness"] = await page.look(width=1280, height=1180)
        await page.open(files["preflight"])
        taken["preflight-page"] = await page.look(width=900, height=1120)
        taken["preflight-phone"] = await page.look(width=390, height=844, phone=True, dark=True)
    return taken


def pages() -> dict[str, str]:
    """Return the pages that the pictures show, by name: all of the embedded environment."""
    accounts = (word for account in CAST for word in ("--account", account))
    return {
        "report": _page("scan", "--all-verdicts", "--fail-on", "never", *accounts),
        "readiness": _page("readiness", "--fail-on", "never"),
        "preflight": _page("preflight", "--project", DEMO_PROJECT, "--account", DEMO_ACCOUNT),
    }


def _page(command: str, *more: str) -> str:
    with TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        about = ("--snapshot", "fixtures/contoso.yaml", "--quiet", *more)
        run = [sys.executable, "-m", "auditor.cli.main", command, *about, "--format", "html", "--output", str(page)]
        done = subprocess.run(run, cwd=TOP, check=False)
        if done.returncode not in _FINDINGS:
            raise SystemExit(f"`{' '.join(run)}` ended with {done.returncode}")
        return page.read_text(encoding="utf-8")


def fingerprint(shown: Mapping[str, str]) -> str:
    """Return a digest of the pages and of this module; if it has changed, the pictures must be taken again."""
    return sha256(("".join(shown.values()) + Path(__file__).read_text(encoding="utf-8")).encode()).hexdigest()


def take(shown: Mapping[str, str]) -> None:
    """Take the pictures of the pages and store them with their fingerprint."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        files = {name: Path(folder) / f"{name}.html" for name in shown}
        for name, page in shown.items():
            files[name].write_text(page, encoding="utf-8")
        taken = asyncio.run(pictures(files, Path(folder) / "profile"))
    IMAGES.mkdir(exist_ok=True)
    for name, picture in taken.items():
        kept = IMAGES / f"{name}.png"
        kept.write_bytes(picture)
        if quant := shutil.which("pngquant"):
            subprocess.run([quant, "--force", "--ext", ".png", "--strip", "96", str(kept)], check=True)
    MADE_FROM.write_text(f"{fingerprint(shown)}\n", encoding="utf-8")


def main() -> int:
    """Take the pictures again if they no longer show the current pages."""
    shown = pages()
    if MADE_FROM.exists() and MADE_FROM.read_text(encoding="utf-8").strip() == fingerprint(shown):
        return 0
    if find_chromium() is None:
        print("the pictures in docs/images/ are older than the pages, and there is no Chromium to take them again")
        return 0
    take(shown)
    print("took the pictures in docs/images/ again")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
