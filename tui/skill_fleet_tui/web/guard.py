"""Who may see the dashboard in a browser: who has the token, at an address that is really ours.

A page of another site can make a browser send requests here. It does not know the token, its `Origin` gives it away,
and a name that it has pointed at this machine is not one of ours (DNS rebinding).
"""

import hmac
import ipaddress
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self' {socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Nothing is fetched from elsewhere, and nobody else's page shows ours in itself."""


class Guard:
    """Lets requests through that have the token, and nobody else's.

    Args:
        token: What the address that is shown to the person ends with. A cookie has it from then on.
        host: Where we listen.
    """

    def __init__(self, token: str, host: str) -> None:
        self._token, self._host = token, host

    def middleware(self) -> Middleware:
        """As aiohttp wants it."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self.is_ours(request.host) or not self._same_origin(request):
                raise web.HTTPForbidden(text="This is not an address of the dashboard.")
            if request.path == "/" and self._is_token(request.query.get("token", "")):
                return self._come_in(request)
            if not self._is_token(request.cookies.get(cookie_of(request), "")):
                raise web.HTTPForbidden(
                    text="The token is missing. Open the whole address that skill-fleet-tui --web shows."
                )
            return await handler(request)

        return guard

    async def sign(self, request: web.Request, response: web.StreamResponse) -> None:
        """Put the headers on an answer."""
        for name, value in HEADERS.items():
            response.headers[name] = value.format(socket=f"ws://{request.host} wss://{request.host}")

    def is_ours(self, host: str) -> bool:
        """Whether a `Host` header, or that of an origin, names this machine and not a name of somebody else's."""
        name = urlsplit(f"//{host}").hostname or ""
        if name in LOOPBACK or name == self._host:
            return True
        if self._host in LOOPBACK:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _same_origin(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc == request.host

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _come_in(self, request: web.Request) -> web.Response:
        """To the page, without the token in its address, where a shoulder or a history would keep it."""
        answer = web.Response(status=303, headers={"Location": "/"})
        answer.set_cookie(cookie_of(request), self._token, httponly=True, samesite="Strict", path="/")
        return answer


def cookie_of(request: web.Request) -> str:
    """The cookie's name: browsers keep one jar for all ports of a machine."""
    return f"skill-fleet-{urlsplit(f'//{request.host}').port or 80}"
