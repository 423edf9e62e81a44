"""The dashboard in a browser: who gets in, and that nothing is fetched from elsewhere."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp
import pytest

from skill_fleet_tui.__main__ import _for_each_page, parser
from skill_fleet_tui.web.guard import Guard
from skill_fleet_tui.web.serving import CannotServe, serve


@asynccontextmanager
async def served(*arguments: str) -> AsyncGenerator[tuple[str, aiohttp.ClientSession]]:
    """A dashboard that is served, and a browser that keeps cookies."""
    stop, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(arguments, host="127.0.0.1", port=0, said=address.set_result, stop=stop))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        yield await address, browser
    stop.set()
    await task


def base(address: str) -> str:
    return f"http://{urlsplit(address).netloc}"


async def test_without_the_token_there_is_no_page_no_script_and_no_socket() -> None:
    async with served() as (address, browser):
        for path in ("/", "/?token=wrong", "/static/js/textual.js", "/page.js", "/ws", "/download/x"):
            async with browser.get(f"{base(address)}{path}", allow_redirects=False) as answer:
                assert answer.status == 403, path


async def test_the_address_that_is_shown_opens_the_page_and_leaves_no_token_in_it() -> None:
    async with served() as (address, browser), browser.get(address) as answer:
        page = await answer.text()
        assert answer.status == 200
        assert "token" not in str(answer.url)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        elsewhere = [url for url in re.findall(r"https?://[^\"')]+|//[^\"')]+", page) if base(address) not in url]
        assert [url for url in elsewhere if urlsplit(address).netloc not in url] == []


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
async def test_another_site_does_not_get_in_even_with_the_token(headers: dict[str, str]) -> None:
    async with served() as (address, browser), browser.get(address, headers=headers) as answer:
        assert answer.status == 403


async def test_a_port_that_is_taken_is_said() -> None:
    async with served() as (address, _):
        with pytest.raises(CannotServe, match="Try --web-port 0"):
            await serve([], host="127.0.0.1", port=urlsplit(address).port or 0, said=lambda _: None)


def test_only_names_of_this_machine_are_ours() -> None:
    at_home = Guard("t", "127.0.0.1")
    assert all(at_home.is_ours(host) for host in ("127.0.0.1:1", "localhost:1", "[::1]:1"))
    assert not any(at_home.is_ours(host) for host in ("evil.example:1", "10.0.0.2:1", "127.0.0.1.evil.example", ""))
    for_others = Guard("t", "0.0.0.0")
    assert for_others.is_ours("10.0.0.2:8766")
    assert not for_others.is_ours("evil.example:8766")


def test_the_flags_go_on_to_each_page() -> None:
    given = parser().parse_args(["--web", "--server", "work", "--theme", "nord", "--web-port", "0"])
    assert _for_each_page(given) == ["--server", "work", "--theme", "nord"]
