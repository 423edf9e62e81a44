"""Commands that another package brings: found by their entry points, imported only when one of them runs."""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final, cast

from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.client.errors import CannotStart
from skill_fleet_tui.client.local import INSTALL_HINT, server_installed

GROUP: Final = "skill_fleet.commands"

_Main = Callable[[Sequence[str]], int]


def run_brought(name: str, module: str, arguments: Sequence[str]) -> Exit:
    """Run a command of the group by its name, with arguments that are its own to read.

    `module` has its `main` in a source checkout that was installed before the entry point was there.

    Raises:
        CannotStart: If the server package, which brings it, is not installed.
    """
    if not server_installed():
        raise CannotStart(f"`skill-fleet {name}` comes with the server, which is not installed.", INSTALL_HINT)
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    main = found.load() if found else import_module(module).main
    return Exit(cast("_Main", main)(arguments))
