"""Who may ask: the bearer token, and the names by which this server may be addressed."""

import hmac
import ipaddress
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from skill_fleet_common.access import Role
from skill_fleet_server.access.principal import ROOT, Principal
from skill_fleet_server.api.problems import Forbidden, HostNotAllowed, Unauthorized, response_to
from skill_fleet_server.errors import TooMany
from skill_fleet_server.services import Services

_bearer = HTTPBearer(auto_error=False, description="The token of `SKILL_FLEET_TOKEN`, or of the file `token`.")


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own, reachable from nowhere else."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Throttle:
    """Slows down who guesses tokens. This machine's own programs are let alone: whoever is here can read the file."""

    def __init__(self, *, failures: int = 30, within_s: float = 60.0) -> None:
        self._failures = failures
        self._within_s = within_s
        self._times: dict[str, deque[float]] = {}

    def check(self, address: str) -> None:
        """Refuse an address that has failed too often.

        Raises:
            TooMany: Until its failures are old enough.
        """
        times = self._times.get(address)
        if times is None:
            return
        now = time.monotonic()
        while times and times[0] < now - self._within_s:
            times.popleft()
        if not times:
            del self._times[address]
        elif len(times) >= self._failures:
            wait = math.ceil(times[0] + self._within_s - now)
            raise TooMany(
                "Too many wrong tokens came from your address. Wait, and check the token.", retry_after_s=wait
            )

    def failed(self, address: str) -> None:
        """Note a wrong token."""
        if not is_loopback(address):
            self._times.setdefault(address, deque(maxlen=self._failures)).append(time.monotonic())


async def principal(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:  # fmt: skip
    """Who asks.

    Raises:
        Unauthorized: If the token is missing, wrong or expired.
        TooMany: If wrong ones came from there too often.
    """
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else ""
    throttle.check(address)
    if given is None:
        raise Unauthorized("Send the header `Authorization: Bearer <token>`. Tokens are never taken from a URL.")
    expected: str = request.app.state.token
    if hmac.compare_digest(given.credentials.encode(), expected.encode()):
        return ROOT
    services: Services = request.app.state.services
    if (known := await services.tokens.identify(given.credentials)) is not None:
        if known.is_expired:
            raise Unauthorized(
                f"The token {known.name} has expired. Have an administrator make another: `skill-fleet tokens remove "
                f"{known.name}`, then `skill-fleet tokens add {known.name}`."
            )
        request.state.credentials = given.credentials
        return known
    throttle.failed(address)
    raise Unauthorized(
        "This is not the server's token, nor one that is known here. It is SKILL_FLEET_TOKEN, or in the file "
        "`token` of the server's data directory; others are made with `skill-fleet tokens add`."
    )


def _needs(role: Role) -> Callable[..., Awaitable[Principal]]:
    async def allowed(who: Annotated[Principal, Depends(principal)]) -> Principal:
        if not who.role.may(role):
            raise Forbidden(
                f"The token {who.name} has the role {who.role}; this takes the role {role}. Ask who runs the server."
            )
        return who

    return allowed


Reader = Annotated[Principal, Depends(principal)]
"""Anybody with a token."""
Answerer = Annotated[Principal, Depends(_needs(Role.ANSWERER))]
Author = Annotated[Principal, Depends(_needs(Role.OWNER))]
"""Who may create, and change what is kept."""
Admin = Annotated[Principal, Depends(_needs(Role.ADMIN))]


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
