"""What a command is: an entry of the `registry`. Knows no widget and no screen."""

from dataclasses import dataclass
from typing import Final

JOBS: Final = "jobs"
SKILLS: Final = "skills"
EVERYWHERE: Final = (JOBS, SKILLS)
"""The screens."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """Something a person can do."""

    id: str
    keys: str
    """As Textual writes them, separated by commas; empty for what is only typed."""
    action: str
    """Of its screens: `action_<action>`."""
    label: str
    """Two words at most, for the bottom line."""
    help: str
    """A sentence, for the help screen and the palette."""
    group: str
    needs: str = ""
    """What must be there for it, as `possible` names it; empty for nothing."""
    rank: int = 0
    """Place in the bottom line, from 1; 0 stays out of it."""
    panes: tuple[str, ...] = ()
    """Panes in which the bottom line offers it; none for all of them."""
    only_there: bool = False
    """Whether its key is bound by the widget in its pane: elsewhere the key means something else."""
    reading: str = ""
    """The label where there is something to read: in the log, the preview, a skill."""
    typed: str = ""
    """Its name in the command line; without one, its label."""
    argument: str = ""
    """What may be typed after the name, for people. Its screens have a `typed_<action>` for it."""
    screens: tuple[str, ...] = (JOBS,)
    """Where it works."""

    @property
    def name(self) -> str:
        """Its name in the command line, without the slash."""
        return self.typed or self.label.replace(" ", "-")
