"""The dashboard in a browser, as a program: the screen is shown, a key gets through, and a signal ends it all."""

import asyncio
import itertools
import json
import shutil
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--remote-debugging-port=0",
)  # fmt: skip
UNTIL = """new Promise(done => {
    const look = () => document.body?.classList.contains("NAME") ? done(true) : setTimeout(look, 20);
    look();
})"""


class Page:
    """A page of a real browser, spoken to over its DevTools."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._numbers, self._session = socket, itertools.count(1), {}

    async def open(self, url: str) -> None:
        target = await self._do("Target.createTarget", url=url)
        attached = await self._do("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = {"sessionId": attached["sessionId"]}

    async def press(self, letter: str) -> None:
        code = letter.upper()
        key = {"key": letter, "text": letter, "code": f"Key{code}", "windowsVirtualKeyCode": ord(code)}
        for kind in ("keyDown", "keyUp"):
            await self._do("Input.dispatchKeyEvent", type=kind, **key)

    async def until_it_wears(self, name: str) -> None:
        """Until the page's body has a class; asked again where the page was left for another meanwhile."""
        while not await self._do("Runtime.evaluate", expression=UNTIL.replace("NAME", name), awaitPromise=True):
            pass

    async def _do(self, method: str, **given: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": given, **self._session})
        while (told := json.loads((await self._socket.receive()).data)).get("id") != number:
            pass
        return told.get("result", {})


@asynccontextmanager
async def browser_page(profile: Path) -> AsyncGenerator[Page]:
    assert CHROMIUM is not None
    program = await asyncio.create_subprocess_exec(
        CHROMIUM, *QUIET, f"--user-data-dir={profile}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert program.stderr is not None
    try:
        async for line in program.stderr:
            if line.startswith(b"DevTools listening on "):
                break
        async with aiohttp.ClientSession() as session, session.ws_connect(line.split()[-1].decode()) as socket:
            yield Page(socket)
    finally:
        program.kill()
        await program.wait()


async def test_the_page_is_the_dashboard_and_a_signal_ends_it(tmp_path: Path) -> None:
    arguments = ("--web", "--web-port", "0", "--replay", str(tmp_path / "nothing.jsonl"))
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "skill_fleet_tui", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    async with asyncio.timeout(60):
        address = (await program.stdout.readline()).decode().removeprefix("Open ").strip()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            (await browser.get(address)).close()
            async with browser.ws_connect(f"http://{urlsplit(address).netloc}/ws?width=100&height=30") as socket:
                shown = b""
                while b"cannot be read" not in shown:
                    message = await socket.receive()
                    assert message.type is aiohttp.WSMsgType.BINARY or message.type is aiohttp.WSMsgType.TEXT
                    shown += message.data if isinstance(message.data, bytes) else message.data.encode()
        program.send_signal(signal.SIGTERM)
        assert await program.wait() == 0
    assert b"Skill Fleet" in shown


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
async def test_a_key_that_is_pressed_in_a_browser_gets_to_the_dashboard(tmp_path: Path) -> None:
    arguments = ("--web", "--web-port", "0", "--replay", str(tmp_path / "nothing.jsonl"))
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "skill_fleet_tui", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    try:
        async with asyncio.timeout(90), browser_page(tmp_path / "profile") as page:
            address = (await program.stdout.readline()).decode().removeprefix("Open ").strip()
            await page.open(address)
            await page.until_it_wears("-first-byte")
            await page.press("q")
            await page.until_it_wears("-closed")
    finally:
        program.terminate()
        assert await program.wait() == 0
