"""Every error as problem+json: the one border at which errors become HTTP."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from skill_fleet_common.problems import MEDIA_TYPE, FieldError, Problem
from skill_fleet_server.errors import SkillFleetError, StorageUnavailable, TooMany

_log = structlog.get_logger(__name__)

_DETAILS: Final = {
    404: "There is nothing at this address. The API is described at /api/v1/openapi.json.",
    405: "This address does not take this method; the header Allow names those it does.",
}

_LOCATIONS: Final = {"body", "query", "path", "header"}

_MESSAGES: Final = {
    "missing": "This field is required.",
    "model_attributes_type": "Send a JSON object, with Content-Type: application/json.",
    "extra_forbidden": "There is no such field.",
    "string_unicode": "This is not valid Unicode text.",
}


class Unauthorized(SkillFleetError):
    """The token is missing or wrong."""

    status = 401
    code = "unauthorized"
    title = "A token is needed"


class Forbidden(SkillFleetError):
    """The token is good, but not for this."""

    status = 403
    code = "forbidden"
    title = "This token may not do that"


class BadRequest(SkillFleetError):
    """The request cannot be read as what it claims to be."""

    status = 400
    code = "bad_request"
    title = "The request cannot be read"


class HostNotAllowed(SkillFleetError):
    """The request was addressed to a name that is not this server's."""

    status = 400
    code = "host_not_allowed"
    title = "This server does not go by that name"


class BodyTooLarge(SkillFleetError):
    """The request's body is over the limit."""

    status = 413
    code = "too_large"
    title = "The request is too large"


def problem_response(
    status: int,
    *,
    title: str,
    detail: str = "",
    code: str = "",
    errors: Sequence[FieldError] = (),
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as a response."""
    problem = Problem(title=title, status=status, detail=detail, code=code, errors=list(errors), **(extra or {}))
    return Response(problem.model_dump_json(), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def response_to(error: SkillFleetError) -> Response:
    """One of our errors as a response."""
    headers = {"WWW-Authenticate": 'Bearer realm="skill-fleet"'} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "1"
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after_s)
    return problem_response(
        error.status,
        title=error.title,
        detail=error.detail,
        code=error.code,
        errors=error.errors,
        extra=error.extra,
        headers=headers,
    )


def unexpected() -> Response:
    """The response to an error of our own making. What it was is in the log alone."""
    return problem_response(
        500,
        title=SkillFleetError.title,
        detail="This is an error of the server; its log, at the request id of this response, says more.",
        code=SkillFleetError.code,
    )


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""
    app.add_exception_handler(SkillFleetError, _ours)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _storage)


async def _ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SkillFleetError)
    return response_to(error)


async def _storage(_request: Request, error: Exception) -> Response:
    _log.error("storage_failed", error=str(getattr(error, "orig", error)))
    return response_to(StorageUnavailable("The database refused the request; the server's log says why. Try again."))


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return problem_response(
        status,
        title=status.phrase,
        detail=_DETAILS.get(status, error.detail),
        code=BodyTooLarge.code if status == BodyTooLarge.status else status.name.lower(),
        headers=error.headers,
    )


async def _validation(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        where = next(one for one in found if one["type"] == "json_invalid")
        reason = where.get("ctx", {}).get("error", "")
        detail = f"The body is not JSON: {reason} at character {where['loc'][-1]}."
        return problem_response(400, title="The body is not JSON", detail=detail, code="malformed_json")
    errors = [FieldError(field=_field(one["loc"]), message=_message(one)) for one in found]
    return problem_response(
        422,
        title="The request does not fit",
        detail=" ".join(f"{one.field}: {one.message}" for one in errors),
        code="invalid",
        errors=errors,
    )


def _field(location: Sequence[Any]) -> str:
    """A dotted path within what was sent."""
    parts = [str(part) for part in location]
    if parts and parts[0] in _LOCATIONS:
        parts = parts[1:] or parts
    return ".".join(parts)


def _message(error: Mapping[str, Any]) -> str:
    message = _MESSAGES.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
    return message if message.endswith((".", "!", "?")) else f"{message}."
