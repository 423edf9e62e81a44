"""Serves the dashboard to a browser with textual-serve: each page is a dashboard of its own, in its own process."""

import asyncio
import secrets
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from textual_serve.server import Server

from skill_fleet_tui.web.guard import Guard

TITLE: Final = "Skill Fleet"
_HERE: Final = Path(__file__).parent


class CannotServe(Exception):
    """The address cannot be used; the message says why and what to do."""


class Page(Server):
    """textual-serve's server behind our guard, with a page that fetches nothing from elsewhere."""

    def __init__(self, command: str, host: str, port: int, guard: Guard) -> None:
        super().__init__(command, host, port, title=TITLE, templates_path=_HERE)
        self._guard = guard

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the address is said with its token once there is a port."""

    async def handle_index(self, request: web.Request) -> Any:
        """The page, at the address by which it was asked for."""
        import aiohttp_jinja2

        base = f"{request.scheme}://{request.host}"
        context = {
            "application": {"name": self.title},
            "config": {"static": {"url": f"{base}/static/"}},
            "app_websocket_url": f"{base.replace('http', 'ws', 1)}/ws",
            "font_size": 16,
        }
        return aiohttp_jinja2.render_template("page.html", request, context)

    async def make(self) -> web.Application:
        """The application, guarded."""
        app = await self._make_app()
        app.router.add_get("/page.js", _script)
        app.middlewares.append(self._guard.middleware())
        app.on_response_prepare.append(self._guard.sign)
        return app


async def _script(_: web.Request) -> web.FileResponse:
    return web.FileResponse(_HERE / "page.js")


async def serve(
    arguments: Sequence[str],
    *,
    host: str,
    port: int,
    said: Callable[[str], None],
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until a signal, or until `stop` is set.

    Args:
        arguments: For the dashboard of each page.
        host: Where to listen.
        port: Which port; 0 is any that is free.
        said: Told the address, with the token that opens it.
        stop: Ends it.

    Raises:
        CannotServe: If nobody can listen there.
    """
    token = secrets.token_urlsafe(24)
    page = Page(shlex.join([sys.executable, "-P", "-m", "skill_fleet_tui", *arguments]), host, port, Guard(token, host))
    runner = web.AppRunner(await page.make(), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    stop = stop or asyncio.Event()
    try:
        await web.TCPSite(runner, host, port).start()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
        bound = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        said(f"http://{shown}:{bound}/?token={token}")
        await stop.wait()
    except OSError as error:
        raise CannotServe(f"Nobody can listen on {host}:{port}: {error.strerror}. Try --web-port 0.") from None
    finally:
        await runner.cleanup()
