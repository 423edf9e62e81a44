"""`serve`, `worker` and `config`: what the server's own program does, run as that program."""

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
    """Become the server's own program, as `serve` or `worker`. Does not return."""
    if not server_installed():
        raise CannotStart("The server is not installed.", INSTALL_HINT)
    os.execve(sys.executable, [sys.executable, *_server_arguments(session, command, arguments)], _environment(session))  # noqa: S606


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
        [sys.executable, *_server_arguments(session, "config", flags)],
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


def _server_arguments(session: Session, command: str, arguments: Sequence[str]) -> list[str]:
    """What the program's own flags mean for the server comes first: later flags win."""
    paths = [
        part
        for name in ("data_dir", "config")
        if session.flags.get(name)
        for part in (f"--{name.replace('_', '-')}", str(session.flags[name]))
    ]
    return ["-P", "-m", "skill_fleet_server", command, *paths, *arguments]


def _environment(session: Session) -> dict[str, str]:
    # A token does not belong on a command line, where every process can read it.
    token = session.flags.get("token")
    return {**os.environ, **({"SKILL_FLEET_TOKEN": token} if token else {})}
