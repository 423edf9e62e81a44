"""What the OpenAPI document says beyond what FastAPI reads off the endpoints: problems, and the stream's frames."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from skill_fleet_common import __version__
from skill_fleet_common.events import EVENT
from skill_fleet_common.problems import MEDIA_TYPE, Problem

_ABOUT: Final = """\
Creates agent skills with the people who know. A job runs from a sentence to a skill, asks on the way, and tells
everything that happens on one stream of events.
"""

_PROBLEM_REFERENCE: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

_PROBLEMS: Final = {
    400: "The request cannot be read",
    401: "The token is missing or wrong",
    403: "This token may not do that",
    404: "There is no such thing",
    409: "The state of things does not allow it; the problem says what won",
    410: "Too late",
    413: "The body is too large",
    422: "The request does not fit; `errors` says where",
    429: "Too many; `Retry-After` says when to ask again",
    503: "The database cannot be used now; nothing of the request was kept",
}

STREAM_RESPONSE: Final[dict[str, Any]] = {
    "description": (
        "Server-sent events. Each frame's `data` is one `Event`, on one line; `event` repeats its `type`. Only frames "
        "after which it is safe to resume have an `id`, `<epoch>.<pos>`, to be sent back as `Last-Event-ID`."
    ),
    "content": {"text/event-stream": {"schema": {"$ref": "#/components/schemas/Event"}}},
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problem responses for an endpoint. That of a missing token comes with all."""
    return {code: {"description": _PROBLEMS[code], "content": _PROBLEM_REFERENCE} for code in (401, *statuses)}


def describe(app: FastAPI) -> None:
    """Give the app its OpenAPI document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title="Skill Fleet", version=__version__, description=_ABOUT, routes=app.routes)
    schemas: dict[str, Any] = made.setdefault("components", {}).setdefault("schemas", {})
    for adapter, name in ((EVENT, "Event"), (TypeAdapter(Problem), "Problem")):
        schema = adapter.json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        for part, definition in schema.pop("$defs", {}).items():
            schemas.setdefault(part, definition)
        schemas[name] = schema
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    for operation in (operation for path in made["paths"].values() for operation in path.values()):
        if "422" in operation["responses"]:
            operation["responses"]["422"] = problems(422)[422]
        # What comes before the endpoint: a body that cannot be read, a token that may not, too much of everything.
        before = [*((400, 413) if "requestBody" in operation else ()), *((403, 429) if _is_closed(operation) else ())]
        for code in before:
            operation["responses"].setdefault(str(code), problems(code)[code])
    return made


def _is_closed(operation: dict[str, Any]) -> bool:
    """Whether it takes a token."""
    return "401" in operation["responses"]
