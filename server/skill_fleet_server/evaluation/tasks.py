"""The file of tasks: what an agent is asked to do, and how one can tell from its reply that it was done."""

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from skill_fleet_server.errors import Invalid

BYTES: Final = 1_000_000
"""Largest file of tasks."""
TASKS: Final = 500


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"This is not a regular expression: {error}.") from None
    return text


Pattern = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_pattern)]
Words = Annotated[str, Field(min_length=1, max_length=2_000)]


class Check(BaseModel):
    """One thing that must hold of a reply; exactly one of these is given."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    contains: Words | None = None
    """These words are in it, whatever their case."""
    lacks: Words | None = None
    """They are not."""
    matches: Pattern | None = None
    """This regular expression is found in it."""
    avoids: Pattern | None = None
    """It is not found."""
    at_most_words: int | None = Field(default=None, ge=1)
    """It is no longer than this."""
    parses: Literal["python", "json", "yaml"] | None = None
    """It has at least one fence of that language, or is such a text itself, and all of them can be read."""
    judged: Words | None = None
    """A model finds that this holds, and quotes what shows it; only for what no code can check."""

    @model_validator(mode="after")
    def _is_one(self) -> "Check":
        if len(self.model_fields_set) != 1:
            raise ValueError(f"Give exactly one of {', '.join(type(self).model_fields)}.")
        return self

    @property
    def said(self) -> str:
        """The check in words, for the report."""
        (name,) = self.model_fields_set
        return f"{name.replace('_', ' ')}: {getattr(self, name)}"


class Task(BaseModel):
    """One task."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    prompt: str = Field(min_length=1, max_length=50_000)
    """What a user would type."""
    checks: list[Check] = Field(min_length=1)
    """All of them must hold for a run to pass."""


class Tasks(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    tasks: list[Task] = Field(min_length=1, max_length=TASKS)

    @model_validator(mode="after")
    def _have_names_of_their_own(self) -> "Tasks":
        ids = [task.id for task in self.tasks]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"Two tasks are called {', '.join(twice)}.")
        return self


def load_tasks(path: Path) -> list[Task]:
    """The tasks of a YAML file.

    Raises:
        Invalid: If it cannot be read or does not fit; says where and what to do.
    """
    try:
        if path.stat().st_size > BYTES:
            raise Invalid(f"{path} is larger than {BYTES:,} bytes; split it.")
        read: Any = YAML(typ="safe", pure=True, plug_ins=[]).load(path.read_text("utf-8"))
    except (YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"{path} cannot be read as YAML: {' '.join(str(error).split())[:200]}.") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror or type(error).__name__}.") from None
    try:
        return Tasks.model_validate(read).tasks
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise Invalid(f"{path}, {place}: {first['msg'].removeprefix('Value error, ')}") from None
