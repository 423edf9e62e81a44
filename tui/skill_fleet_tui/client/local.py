"""Finds the server of this machine, or starts one: a child that outlives us while it has work.

A running server says where it is in `server.json` of its data directory, beside its `token`.
"""

import asyncio
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import httpx

from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.environment import STARTED_WITH, fingerprint
from skill_fleet_tui.client.errors import CannotStart, ClientError
from skill_fleet_tui.setup.settings import ClientSettings
from skill_fleet_tui.text.clean import clean

START_SECONDS: Final = 30.0
"""How long a server may take to start."""
STOP_SECONDS: Final = 5.0
"""How long a server may take to stop."""
POLL_SECONDS: Final = 0.1
HEALTH_SECONDS: Final = 3.0
IDLE_SECONDS: Final = 60
"""A server we started ends when for so long no client is there and no job runs."""
LOG_LINES: Final = 8
EXIT_DATA_DIR_IN_USE: Final = 3
"""With which a server leaves when another one has the data directory."""
INSTALL_HINT: Final = 'Install the server with: pip install "skill-fleet[server]"'

_SERVER_PACKAGES: Final = ("skill_fleet_server", "fastapi", "sqlmodel", "dbos", "dspy")


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a server is, and the key to it."""

    url: str
    token: str
    started: bool = False
    """Whether it was started just now, by us."""
    data_dir: Path | None = None
    """Where a server of this machine keeps drafts; `None` for one that was named by its address."""


_children: list[subprocess.Popen[bytes]] = []
"""Servers started by this process: who starts a process has to wait for its end."""


async def find_or_start(
    settings: ClientSettings,
    *,
    on_progress: Callable[[str], None] = lambda _: None,
    start: bool = True,
    as_set: bool = False,
) -> Connection:
    """The server the settings name, the one of the data directory, or a new one there.

    Call it again when a local server is gone: it is started again.

    Args:
        settings: Whom to talk to, and where a local server lives.
        on_progress: Told in a few words what is being waited for.
        start: Whether a server may be started.
        as_set: Whether a server that a client had started with other settings than our environment's is replaced.
            Its jobs go on in the new one.

    Raises:
        CannotStart: If no server is there and none could be started; with what the server said.
    """
    if settings.url:
        return Connection(settings.url, await asyncio.to_thread(_token_for, settings.url, settings))
    found = await _running(settings)
    if found and not (as_set and start and await _stopped_for_other_settings(settings, on_progress)):
        return found
    if not start:
        raise CannotStart(f"No server runs on {settings.data_dir}.", "Start one with: skill-fleet serve")
    if not server_installed():
        raise CannotStart("No server is running here and the server is not installed.", INSTALL_HINT)
    on_progress("Starting a local server…")
    return await _start(settings, on_progress)


def server_installed() -> bool:
    """Whether this Python can run the server."""
    return all(importlib.util.find_spec(name) for name in _SERVER_PACKAGES)


async def _start(settings: ClientSettings, on_progress: Callable[[str], None]) -> Connection:
    loop = asyncio.get_running_loop()
    log = settings.data_dir / "server.log"
    child, log_start = await asyncio.to_thread(_spawn, settings.data_dir, log)
    began = loop.time()
    told = 0
    while (waited := loop.time() - began) < START_SECONDS:
        exited = child.poll()
        if found := await _running(settings):
            return replace(found, started=exited is None)
        # The one that holds the data directory was started at the same time and will answer soon.
        if exited not in (None, EXIT_DATA_DIR_IN_USE):
            raise await asyncio.to_thread(_failure, "could not start", log, log_start)
        if int(waited) > told:
            told = int(waited)
            on_progress(f"Starting a local server… {told} s")
        await asyncio.sleep(POLL_SECONDS)
    what = f"did not answer within {START_SECONDS:.0f} seconds"
    raise await asyncio.to_thread(_failure, what, log, log_start)


async def _running(settings: ClientSettings) -> Connection | None:
    """The server that lives on the data directory, if one answers there."""
    url = await asyncio.to_thread(_announced_url, settings.data_dir)
    if url is None:
        return None
    try:
        async with asyncio.timeout(HEALTH_SECONDS), ApiClient(url) as api:
            await api.health()
    except (ClientError, TimeoutError):
        return None
    return Connection(url, await asyncio.to_thread(_token_for, url, settings), data_dir=settings.data_dir)


async def _stopped_for_other_settings(settings: ClientSettings, on_progress: Callable[[str], None]) -> bool:
    """Stop a server that a client started with other settings; false if it may stay."""
    announced = await asyncio.to_thread(_announced, settings.data_dir)
    wanted = fingerprint(os.environ)
    if announced is None or not wanted or announced.started_with in ("", wanted):
        return False
    on_progress("Starting the local server again with the new settings…")
    with suppress(ProcessLookupError):
        os.kill(announced.pid, signal.SIGTERM)
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            while await asyncio.to_thread(_announced, settings.data_dir) == announced:  # noqa: ASYNC110 - another process
                await asyncio.sleep(POLL_SECONDS)
    return True


@dataclass(frozen=True, slots=True)
class _Announced:
    """What a running server says of itself in its data directory."""

    url: str
    pid: int
    started_with: str
    """Fingerprint of the environment a client started it with; empty for one that a person started."""


def _announced(data_dir: Path) -> _Announced | None:
    try:
        said = json.loads((data_dir / "server.json").read_text(encoding="utf-8"))
        return _Announced(str(said["url"]), int(said["pid"]), str(said.get("started_with", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _announced_url(data_dir: Path) -> str | None:
    announced = _announced(data_dir)
    return announced.url if announced else None


def _token_for(url: str, settings: ClientSettings) -> str:
    if settings.token:
        return settings.token.get_secret_value()
    # The token of a data directory opens the server that lives there, and is told to no other.
    announced = _announced_url(settings.data_dir)
    if announced is None or httpx.URL(announced) != httpx.URL(url.rstrip("/")):
        return ""
    try:
        return (settings.data_dir / "token").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _spawn(data_dir: Path, log: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server, and say where in the log its words begin."""
    _children[:] = [child for child in _children if child.poll() is None]
    # -P: a file in the current directory must not pass for the server.
    command = [sys.executable, "-P", "-m", "skill_fleet_server", "serve"]
    command += ["--port", "0", "--data-dir", str(data_dir), "--exit-when-idle", str(IDLE_SECONDS)]
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
            child = subprocess.Popen(  # noqa: S603  our own program, and no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=os.environ | {STARTED_WITH: fingerprint(os.environ) or "nothing"},
            )
            _children.append(child)
            return child, output.tell()
    except OSError as error:
        raise CannotStart(
            f"A local server cannot be started on {data_dir}: {error.strerror}.",
            "Choose another directory with SKILL_FLEET_DATA_DIR.",
        ) from error


def _failure(what: str, log: Path, start: int) -> CannotStart:
    """What happened to the server we started, with the last it said."""
    try:
        with log.open("rb") as output:
            output.seek(start)
            lines = output.read().decode(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    said = clean("\n".join(lines[-LOG_LINES:])) or "It said nothing."
    return CannotStart(f"The local server {what}:\n{said}", f"All it said is in {log}.")
