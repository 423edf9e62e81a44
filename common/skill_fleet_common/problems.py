"""Errors as the wire carries them: RFC 9457 `application/problem+json`."""

from typing import Any

from pydantic import BaseModel, ConfigDict

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """What is wrong with one field of what was sent, and what to do."""

    field: str
    """A dotted path, such as `sources.0.text`."""
    message: str


class Problem(BaseModel):
    """Why a request was refused. Members beyond these depend on `code` and are kept."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str = ""
    """A stable word for programs, such as `already_answered`."""
    errors: list[FieldError] = []

    def extra(self, name: str) -> Any:
        """A member that only some problems have, such as `prompt` or `answer`; `None` when absent."""
        return (self.model_extra or {}).get(name)
