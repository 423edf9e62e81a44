"""The dashboard in a browser, as a program: the page's socket shows the screen, and a signal ends it all."""

import asyncio
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp


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
