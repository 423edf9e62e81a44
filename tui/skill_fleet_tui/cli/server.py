"""`serve`, `worker`, `db`, `doctor` and `config`: what the server's own program does, run as that program."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, NoReturn

from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.client.errors import CannotStart
from skill_fleet_tui.client.local import INSTALL_HINT, server_installed
from skill_fleet_tui.setup.configured import read_configured
from skill_fleet_tui.setup.settings import describe_configured

_CONFIG_SECONDS: Final = 30


def become(session: Session, command: str, arguments: Sequence[str]) -> NoReturn:
    """Become the server's own program, for a command whose flags are its to read. Does not return.

    Raises:
        CannotStart: If the server package, which brings it, is not installed.
    """
    if not server_installed():
        raise CannotStart(f"`skill-fleet {command}` comes with the server, which is not installed.", INSTALL_HINT)
    os.execve(sys.executable, _program(command, arguments), _environment(session))  # noqa: S606


def show_config(session: Session) -> Exit:
    """Show every setting, of the client and of the server if that is installed; secrets are masked."""
    client = [*session.settings.describe(), *describe_configured(read_configured(session.settings.config))]
    if session.json:
        own = {one.name: asdict(one) for one in client}
        session.document({"client": own, "server": _server_config(session, "--json")})
        return Exit.OK
    session.line("client", "bold")
    width = max(len(one.name) for one in client)
    for one in client:
        session.line(f"  {one.name:<{width}}  {one.value or '-'}  ({one.origin})")
    session.line("\nserver", "bold")
    said = _server_config(session)
    for line in (said or f"not installed. {INSTALL_HINT}").splitlines():
        session.line(f"  {line}")
    return Exit.OK


def _server_config(session: Session, *flags: str) -> Any:
    """The server's settings, as text or as decoded JSON; `None` if it is not installed."""
    if not server_installed():
        return None
    ran = subprocess.run(  # noqa: S603  our own program, and no shell
        _program("config", flags),
        env=_environment(session),
        capture_output=True,
        text=True,
        timeout=_CONFIG_SECONDS,
        check=False,
    )
    if ran.returncode:
        raise CannotStart(f"The server's settings cannot be read:\n{ran.stderr.strip()}")
    if "--json" in flags:
        return json.loads(ran.stdout)
    return ran.stdout.rstrip()


def _program(command: str, arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-P", "-m", "skill_fleet_server", command, *arguments]


def _environment(session: Session) -> dict[str, str]:
    """What our own flags mean for the server. A token does not belong on a command line, where everybody reads it."""
    given = {f"SKILL_FLEET_{name.upper()}": session.flags.get(name) for name in ("token", "data_dir", "config")}
    return {**os.environ, **{name: str(value) for name, value in given.items() if value}}
