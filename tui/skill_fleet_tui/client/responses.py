"""What a server's responses mean: a model, or an error that says what to do. What is decoded is cleaned here."""

import json
from typing import TypeVar

import httpx
from pydantic import BaseModel

from skill_fleet_common import __version__
from skill_fleet_common.problems import Problem
from skill_fleet_tui.client.errors import NotUnderstood, Refused, Unauthorized, Unreachable
from skill_fleet_tui.text.clean import clean_json

_Model = TypeVar("_Model", bound=BaseModel)


def decoded(response: httpx.Response, model: type[_Model], wrap: str = "") -> _Model:
    """A response's body, clean.

    Raises:
        NotUnderstood: If it is not what was asked for.
    """
    try:
        value = clean_json(json.loads(response.content))
        return model.model_validate({wrap: value} if wrap else value)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(
            f"The answer of {response.request.url.copy_with(query=None)} was not understood.",
            f"Is this a Skill Fleet server, of a version near {__version__}?",
        ) from error


def refusal(response: httpx.Response) -> Refused:
    """The error that a response which is no success stands for."""
    try:
        problem = Problem.model_validate(clean_json(json.loads(response.content)))
    except (ValueError, RecursionError):
        title = f"The server answered {response.status_code} {response.reason_phrase}".rstrip()
        problem = Problem(title=title, status=response.status_code)
    problem = problem.model_copy(update={"status": response.status_code})
    kind = Unauthorized if response.status_code in (401, 403) else Refused
    return kind(problem, retry_after=_retry_after(response))


def _retry_after(response: httpx.Response) -> float | None:
    said = response.headers.get("retry-after", "").strip()
    return float(said) if said.isascii() and said.isdigit() else None


def unreachable(url: str, error: httpx.HTTPError) -> Unreachable:
    """The error that a failed request stands for."""
    detail = str(error).strip().rstrip(".")
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return Unreachable(f"No server answers at {url}{f': {detail}' if detail else ''}.")
        case httpx.TimeoutException():
            return Unreachable(f"The server at {url} has gone silent.")
        case httpx.TransportError():
            return Unreachable(f"The connection to {url} was cut.")
        case _:
            return Unreachable(f"The server at {url} cannot be used: {detail}.")
