"""`skill-fleet-tui`: opens the dashboard. Imports no more than the first paint needs."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from skill_fleet_tui import collector


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the dashboard until somebody leaves it, and say how to come back."""
    given = parser().parse_args(arguments)
    if given.web:
        sys.exit(_serve(given))
    collector.pause()
    from skill_fleet_tui.app import Options, SkillFleetApp
    from skill_fleet_tui.setup.configured import read_configured
    from skill_fleet_tui.setup.remembered import state_path
    from skill_fleet_tui.terminal.leaving import farewell, say

    configured = read_configured(config_path())
    app = SkillFleetApp(
        Options(
            url=given.server,
            token_file=given.token_file,
            data_dir=given.data_dir,
            job=given.job,
            replay=given.replay,
            theme=given.theme,
        ),
        configured=configured,
        state=None if given.replay else state_path(),
    )
    app.run(mouse=configured.settings.mouse and not given.no_mouse)
    # In a browser there is no terminal to say it to, and what is printed would be taken for the screen's.
    if not app.is_web and (said := farewell(app)):
        say(said)
    if app.return_code:
        sys.exit(app.return_code)


def _serve(given: argparse.Namespace) -> int:
    """Serve the dashboard to a browser; the exit code."""
    import asyncio

    try:
        from skill_fleet_tui.web.serving import CannotServe, serve
    except ImportError:
        print('The browser needs one more package: pip install "skill-fleet[web]"', file=sys.stderr)  # noqa: T201
        return 1

    def said(address: str) -> None:
        print(f"Open {address}\nEnd with ^c.", flush=True)  # noqa: T201

    try:
        asyncio.run(serve(_for_each_page(given), host=given.web_host, port=given.web_port, said=said))
    except CannotServe as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _for_each_page(given: argparse.Namespace) -> list[str]:
    """The flags that the dashboard of each page gets too."""
    flags = ("server", "token_file", "data_dir", "job", "replay", "theme")
    passed = [(f"--{name.replace('_', '-')}", str(getattr(given, name))) for name in flags if getattr(given, name)]
    return [part for flag in passed for part in flag]


def config_path() -> Path:
    """Where the settings file is."""
    if named := os.environ.get("SKILL_FLEET_CONFIG"):
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("skill-fleet") / "config.toml"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="skill-fleet-tui",
        description="Watch skills being written, and answer their questions. Starts a local server if none runs.",
    )
    made.add_argument(
        "--server",
        "--url",
        metavar="URL|NAME",
        help="the server's address, or its name in the settings file; without it this machine's is found or started",
    )
    made.add_argument("--token-file", type=Path, metavar="FILE", help="a file with the server's token")
    made.add_argument("--data-dir", type=Path, metavar="DIR", help="where the local server keeps its data")
    made.add_argument("--job", metavar="ID", help="begin with this job selected")
    made.add_argument(
        "--replay", type=Path, metavar="FILE", help="play a recorded log (JSON lines) instead of a server"
    )
    made.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    made.add_argument("--theme", metavar="NAME", help="colours, such as textual-dark, textual-light or ansi-dark")
    made.add_argument("--web", action="store_true", help="serve the dashboard to a browser on this machine")
    made.add_argument("--web-host", metavar="HOST", default="127.0.0.1", help="listen there instead of on this machine")
    made.add_argument(
        "--web-port", metavar="PORT", type=int, default=8766, help="listen at this port; 0 is any free one"
    )
    return made


if __name__ == "__main__":
    main()
