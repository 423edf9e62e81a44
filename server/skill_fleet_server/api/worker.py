"""What a worker answers to whoever watches it: `/healthz`, `/readyz` and `/metrics`, and nothing else.

Nothing can be changed here, and `/metrics` takes the tokens that a server takes. So, unlike a server, a worker goes by
any name.
"""

import asyncio
import secrets
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from skill_fleet_common import __version__
from skill_fleet_common.api import Health
from skill_fleet_server.api import problems
from skill_fleet_server.api.auth import Reader, Throttle
from skill_fleet_server.api.health import healthz, readiness
from skill_fleet_server.api.passage import Activity, Passage
from skill_fleet_server.errors import SkillFleetError
from skill_fleet_server.metrics import CONTENT_TYPE, exposition, of_process
from skill_fleet_server.services import Services


class NotRunning(SkillFleetError):
    """The worker has no numbers yet, or none any more."""

    status = 503
    code = "not_running"
    title = "The worker does not run now"


def create_worker_app(stop: asyncio.Event, *, token: str | None) -> FastAPI:
    """The application of a worker, from before its services are open until after they have closed.

    Whoever opens them sets `state.services`.

    Args:
        stop: Set when the worker is to end.
        token: Which `/metrics` takes beside those that were made for somebody; `None` for those alone.
    """
    app = FastAPI(title="Skill Fleet worker", version=__version__, openapi_url=None)
    app.state.services = None
    app.state.stop = stop
    app.state.token = token or secrets.token_urlsafe()  # nobody's
    app.state.throttle = Throttle()
    problems.install(app)
    app.add_api_route("/healthz", healthz)
    app.add_api_route("/readyz", _readyz)
    app.add_api_route("/metrics", _metrics, response_class=Response)
    app.add_middleware(Passage, activity=Activity())
    return app


def _state(request: Request) -> str:
    """`ok`, or why there is nothing to be had of the worker's parts."""
    if request.app.state.stop.is_set():
        return "The worker is stopping."
    return "ok" if request.app.state.services is not None else "The worker is starting."


State = Annotated[str, Depends(_state)]


def _open(request: Request, state: State) -> Services:
    if state != "ok":
        raise NotRunning(state)
    return request.app.state.services


async def _readyz(request: Request, state: State, response: Response) -> Health:
    checks = {"worker": state}
    if state == "ok":
        checks |= await request.app.state.services.ready()
    return readiness(checks, response)


async def _metrics(parts: Annotated[Services, Depends(_open)], _by: Reader) -> Response:
    """Jobs at work here, commits, modules, models, the heartbeat. All counts begin with the process."""
    at_work = await parts.log.snapshot(jobs=parts.engine.at_work, finished=0)
    text = exposition(of_process(at_work.views, parts.runner.breakers(), parts.silent_s))
    return Response(text, headers={"Content-Type": CONTENT_TYPE})
