"""What every command shares: settings, output, the way to a server, and how an error ends the program."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer
from pydantic import BaseModel
from rich.console import Console

from skill_fleet_tui.cli.exits import Exit, exit_for_error
from skill_fleet_tui.client.errors import ClientError, UsageProblem
from skill_fleet_tui.setup.settings import ClientSettings, SettingsError, load_settings
from skill_fleet_tui.text.clean import clean

if TYPE_CHECKING:  # httpx is imported when the first request is near
    from skill_fleet_tui.client.api import ApiClient
    from skill_fleet_tui.client.local import Connection

_T = TypeVar("_T")


def plain_console(*, stderr: bool = False) -> Console:
    """A console to which text is text: no markup, no emoji names, no guessing at what to colour."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


@dataclass
class Session:
    """One run of the program."""

    flags: dict[str, Any]
    json: bool = False
    """Output for programs: JSON on stdout, nothing else there."""
    job_id: str = ""
    """The job that goes on if the program is interrupted."""
    data_dir: Path | None = None
    """Where drafts are, once a server of this machine was found."""
    out: Console = field(default_factory=plain_console)
    err: Console = field(default_factory=lambda: plain_console(stderr=True))

    @cached_property
    def settings(self) -> ClientSettings:
        """The client's settings."""
        try:
            return load_settings(**self.flags)
        except SettingsError as error:
            raise UsageProblem(str(error)) from error

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits at a terminal and wants to be asked."""
        return not self.json and sys.stdin.isatty() and sys.stdout.isatty()

    def line(self, text: str = "", style: str | None = None) -> None:
        """A line on stdout, for people."""
        if style:
            self.out.print(clean(text), style=style)
        else:
            typer.echo(clean(text))  # Rich would expand tabs

    def note(self, text: str, style: str | None = None) -> None:
        """A line on stderr: about the work, not its result."""
        self.err.print(clean(text), style=style)

    def document(self, value: Any) -> None:
        """One line of JSON on stdout."""
        dumped = value.model_dump(mode="json", exclude_none=True) if isinstance(value, BaseModel) else value
        sys.stdout.write(json.dumps(dumped, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def request(self, work: "Callable[[ApiClient], Awaitable[_T]]") -> _T:
        """Find or start the server and do some work with an `ApiClient`.

        Raises:
            ClientError: If the server cannot be reached, or refuses.
        """
        return asyncio.run(self._request(work))

    async def _request(self, work: "Callable[[ApiClient], Awaitable[_T]]") -> _T:
        from skill_fleet_tui.client.api import ApiClient

        found = await self._find(as_set=True)
        async with ApiClient(found.url, found.token) as api:
            return await work(api)

    async def relocate(self, api: "ApiClient") -> None:
        """Find the server again after it was lost; a local one is started again, and listens elsewhere."""
        found = await self._find()
        api.point_at(found.url, found.token)

    async def _find(self, *, as_set: bool = False) -> "Connection":
        from skill_fleet_tui.client.local import find_or_start

        found = await find_or_start(
            self.settings, on_progress=lambda text: self.note(text, "dim"), as_set=as_set
        )  # fmt: skip
        self.data_dir = found.data_dir
        return found

    def run(self, command: "Command") -> NoReturn:
        """Run a command and leave with its exit code. Errors become a sentence on stderr."""
        try:
            code = command(self)
        except ClientError as error:
            self._say(error)
            code = exit_for_error(error)
        except BrokenPipeError:
            # Who read our output has had enough. What is still buffered must not complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = Exit.FAILED
        except KeyboardInterrupt:
            code = Exit.INTERRUPTED
            if self.job_id:
                self.note(f"\nThe job goes on. Come back with: skill-fleet watch {self.job_id}")
        raise typer.Exit(code)

    def _say(self, error: ClientError) -> None:
        if self.json:
            said = {"error": {"message": error.message, "hint": error.hint, "code": exit_for_error(error).name.lower()}}
            sys.stderr.write(json.dumps(said, ensure_ascii=False) + "\n")
            return
        self.note(error.message, "red")
        if error.hint:
            self.note(error.hint)


Command = Callable[[Session], Exit]
"""What a command does once its flags are read."""
