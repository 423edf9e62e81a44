"""The ASGI application: routers, middleware, and the streams that live as long as it does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.types import Scope

from skill_fleet_common import __version__, limits
from skill_fleet_server.api import descriptions, events, health, hitl, jobs, library, problems, skills, taxonomy, tokens
from skill_fleet_server.api.auth import HostCheck, Throttle
from skill_fleet_server.api.passage import Activity, BodyLimit, Passage
from skill_fleet_server.events.streams import Streams
from skill_fleet_server.services import Services

API = "/api/v1"


def create_app(
    services: Services,
    *,
    token: str,
    streams: Streams | None = None,
    activity: Activity | None = None,
) -> FastAPI:
    """The application over running services.

    Args:
        services: Already open; closing them is the caller's.
        token: What clients authenticate with.
        streams: Given by a caller that wants to stop them; their wake-ups run with the app's lifespan.
        activity: Given by a caller that wants to know of it.
    """
    streams = streams or Streams(
        services.log, services.live, model=services.models.default, demo=services.models.is_demo
    )
    activity = activity or Activity()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        async with streams.running():
            yield

    app = FastAPI(
        title="Skill Fleet",
        version=__version__,
        lifespan=lifespan,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    app.state.streams = streams
    app.state.activity = activity
    app.state.token = token
    app.state.throttle = Throttle()
    app.state.sever = _leave
    problems.install(app)
    api = APIRouter(prefix=API)
    for noun in (jobs, events, hitl, skills, library, taxonomy, tokens, health):
        api.include_router(noun.router)
    app.include_router(api)
    app.include_router(health.router, include_in_schema=False)
    descriptions.describe(app)
    app.add_middleware(BodyLimit, larger={f"{API}/library/import": limits.IMPORT_BYTES})
    app.add_middleware(HostCheck, allowed=[services.settings.host, *services.settings.allowed_hosts])
    app.add_middleware(Passage, activity=activity)
    return app


def _leave(_scope: Scope) -> None:
    """What a server without access to its connections can do about one that takes nothing: `state.sever`'s default."""
