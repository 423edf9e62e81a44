"""Who may ask: the bearer token, and the names by which this server may be addressed."""

import hmac
import ipaddress
from collections.abc import Iterable
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from skill_fleet_server.api.problems import HostNotAllowed, Unauthorized, response_to

OWNER: Final = "owner"
"""Name of the one principal there is: whoever has the token."""

_bearer = HTTPBearer(auto_error=False, description="The token of `SKILL_FLEET_TOKEN`, or of the file `token`.")


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own, reachable from nowhere else."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def principal(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> str:  # fmt: skip
    """The name of who asks.

    Raises:
        Unauthorized: If the token is missing or wrong.
    """
    expected: str = request.app.state.token
    if given is None:
        raise Unauthorized("Send the header `Authorization: Bearer <token>`. Tokens are never taken from a URL.")
    if not hmac.compare_digest(given.credentials.encode(), expected.encode()):
        raise Unauthorized("This is not the server's token. It is in the file `token` of its data directory.")
    return OWNER


Principal = Annotated[str, Depends(principal)]


class HostCheck:
    """Refuses requests addressed to other names than ours: a page in a browser may not reach us by a name of its own.

    (DNS rebinding: a foreign name that is made to resolve to a loopback address.)
    """

    def __init__(self, app: ASGIApp, *, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = {name.casefold() for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and not self._is_ours(Headers(scope=scope).get("host", "")):
            error = HostNotAllowed(
                "Address the server by the name it is set up with, or add this one to allowed_hosts."
            )
            await response_to(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, header: str) -> bool:
        host = _without_port(header).casefold()
        return "*" in self._allowed or host in self._allowed or is_loopback(host)


def _without_port(header: str) -> str:
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]
