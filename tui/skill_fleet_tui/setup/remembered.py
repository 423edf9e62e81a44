"""What the dashboard remembers from one time to the next, in the platform's state directory.

None of it matters: a file that is broken is left aside and said once, one that cannot be written is not.
"""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

FILE: Final = "dashboard.json"
SERVERS_KEPT: Final = 32
"""Of so many servers the last job is kept."""


@dataclass
class Remembered:
    """Choices made in the dashboard itself."""

    theme: str = ""
    """The theme chosen last; empty while none was."""
    follow: bool = True
    """Whether the log follows its end."""
    list_columns: int = 0
    """How wide the job list is; 0 for what suits the terminal."""
    log_share: int = 0
    """How much of the rest the log has, in percent; 0 for what suits the terminal."""
    jobs: dict[str, str] = field(default_factory=dict)
    """The job selected last, by server."""
    typed: list[str] = field(default_factory=list)
    """Commands typed last, the newest at the end."""

    def select(self, server: str, job_id: str | None) -> None:
        """Keep which job is selected on a server."""
        if server and job_id:
            self.jobs.pop(server, None)
            self.jobs[server] = job_id
            while len(self.jobs) > SERVERS_KEPT:
                del self.jobs[next(iter(self.jobs))]


def state_path() -> Path:
    """Where it is kept."""
    from platformdirs import user_state_path

    return user_state_path("skill-fleet") / FILE


def load(path: Path) -> tuple[Remembered, str]:
    """What is remembered, and a sentence if the file is no good; nothing of such a file is used."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Remembered(), ""
    except (OSError, ValueError):
        held = None
    fresh = Remembered()
    if not isinstance(held, dict) or not all(
        _fits(held.get(name, value), value) for name, value in asdict(fresh).items()
    ):
        return fresh, f"What the dashboard remembered cannot be read and is left aside: {path}."
    known = {name: held[name] for name in asdict(fresh) if name in held}
    return Remembered(**known), ""


def save(remembered: Remembered, path: Path) -> None:
    """Replace the file as a whole."""
    import tempfile

    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=FILE)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(asdict(remembered), file, ensure_ascii=False, indent=1)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)


def _fits(value: Any, like: Any) -> bool:
    if type(value) is not type(like):
        return False
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(isinstance(one, str) for one in inside)
