"""A headless Chromium that is driven over its own protocol: what a page logs, what it asks for, how it looks."""

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """The path of a Chromium, or None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """One open page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.logged: list[str] = []
        self.requests: list[str] = []
        self._next = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()

    async def listen(self) -> None:
        """Take what the browser tells, until it closes."""
        async for message in self.socket:
            told = json.loads(message.data)
            if "id" in told:
                self._waiting.pop(told["id"]).set_result(told)
            else:
                self._heard(told["method"], told["params"])

    def _heard(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Runtime.exceptionThrown":
            self.logged.append(str(params["exceptionDetails"]))
        elif method in {"Runtime.consoleAPICalled", "Log.entryAdded", "Page.javascriptDialogOpening"}:
            self.logged.append(str(params))

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The browser's answer to one command."""
        self._next += 1
        future = self._waiting[self._next] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": self._next, "method": method, "params": params})
        told = await asyncio.wait_for(future, 60)
        assert "error" not in told, told
        answer: dict[str, Any] = told["result"]
        return answer

    async def open(self, page: Path) -> None:
        """Open a file and wait until it is loaded."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.call(f"{domain}.enable")
        self._loaded.clear()
        await self.call("Page.navigate", url=page.as_uri())
        await asyncio.wait_for(self._loaded.wait(), 60)

    async def run(self, script: str) -> Any:
        """What an expression in the page comes to."""
        told = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release a key, given its name and its Windows code."""
        for kind in ("keyDown", "keyUp"):
            held = {"text": text} if text and kind == "keyDown" else {}
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **held)

    async def printed(self) -> bytes:
        """The page as it is printed, as PDF."""
        told = await self.call("Page.printToPDF", printBackground=False)
        return base64.b64decode(told["data"])

    async def look(self, *, width: int, height: int, dark: bool = False, phone: bool = False) -> bytes:
        """A picture of what is visible, as PNG."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        told = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(told["data"])


@asynccontextmanager
async def tab(profile: Path) -> AsyncIterator[Tab]:
    """A browser with one empty page; it ends with the block."""
    program = find_chromium()
    assert program is not None
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    options = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", "--disable-gpu"]
    options += ["--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        program, *options, *sandbox, "about:blank", stdout=quiet, stderr=quiet
    )
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(await _address(session, profile, process), max_msg_size=0) as socket,
        ):
            page = Tab(socket)
            listening = asyncio.create_task(page.listen())
            yield page
            listening.cancel()
    finally:
        process.terminate()
        await process.wait()


async def _address(session: aiohttp.ClientSession, profile: Path, browser: asyncio.subprocess.Process) -> str:
    file = profile / "DevToolsActivePort"
    while browser.returncode is None:
        if file.exists() and file.read_text().count("\n"):
            port = file.read_text().splitlines()[0]
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [one for one in await answer.json() if one["type"] == "page"]
            if pages:
                return str(pages[0]["webSocketDebuggerUrl"])
        await asyncio.sleep(0.1)
    raise AssertionError(f"the browser ended with {browser.returncode} before it could be used")
