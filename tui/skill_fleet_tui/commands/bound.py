"""Every binding there is, by where it works: for the help, the reference page, and the check of a person's own keys.

Imports every widget and screen that has keys, so it is imported only when one of those is wanted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from textual.binding import Binding

from skill_fleet_tui.commands.command import EVERYWHERE, JOBS, SKILLS, Command
from skill_fleet_tui.commands.keymap import KeyMap
from skill_fleet_tui.commands.registry import COMMANDS
from skill_fleet_tui.screens.command import CommandScreen
from skill_fleet_tui.screens.confirm import ConfirmScreen
from skill_fleet_tui.screens.create import CreateScreen
from skill_fleet_tui.screens.export import ExportScreen
from skill_fleet_tui.screens.fork import ForkScreen, Points
from skill_fleet_tui.screens.help import HelpScreen
from skill_fleet_tui.screens.importing import ImportScreen
from skill_fleet_tui.screens.promoting import PromoteScreen
from skill_fleet_tui.widgets.answer_text import AnswerText
from skill_fleet_tui.widgets.choice_list import ChoiceList
from skill_fleet_tui.widgets.find_line import FindLine
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.line_view import LineView
from skill_fleet_tui.widgets.log_view import LogView
from skill_fleet_tui.widgets.prompt_panel import PromptPanel
from skill_fleet_tui.widgets.skill_list import SkillList

_HOLDERS: Final[tuple[tuple[str, tuple[type, ...]], ...]] = (
    ("In the list", (JobList,)),
    ("In the log and the preview", (LineView,)),
    ("In the log", (LogView,)),
    ("In the list of skills", (SkillList,)),
    ("In a question", (PromptPanel, ChoiceList, AnswerText)),
    ("In the command line", (CommandScreen,)),
    ("While words are typed to find something", (FindLine,)),
    ("While describing a skill", (CreateScreen,)),
    ("When forking a job", (ForkScreen, Points)),
    ("In the help", (HelpScreen,)),
    ("When saving to a file", (ExportScreen,)),
    ("When asked once more", (ConfirmScreen,)),
    ("When promoting a draft", (PromoteScreen,)),
    ("When importing skills", (ImportScreen,)),
)

PANES: Final = {
    "In the list": (JOBS,), "In the log and the preview": EVERYWHERE, "In the log": (JOBS,),
    "In the list of skills": (SKILLS,),
}  # fmt: skip
"""Places whose keys go before those of the screen around them, and on which screens they are."""


@dataclass(frozen=True)
class Bound:
    """A binding."""

    id: str
    keys: str
    help: str
    place: str
    """Where it works: a command's group, or the name of a part of the screen."""
    holders: tuple[type, ...] = ()
    """The widgets and screens that have it; none for a command."""
    typed: str = ""
    """How a command is typed: `/theme NAME`."""
    screens: tuple[str, ...] = EVERYWHERE
    """On which screens it works."""

    def shown(self, keys: KeyMap) -> str:
        """Its keys as people read them; how it is typed, where it has none."""
        return keys.shown(self.id, self.keys) or self.typed


def everything_bound() -> list[Bound]:
    """The commands, then the keys of each part of the screen."""
    found = [Bound(one.id, one.keys, one.help, one.group, typed=_typed(one), screens=one.screens) for one in COMMANDS]
    for place, holders in _HOLDERS:
        told: dict[str, Bound] = {}
        for holder in holders:
            for binding in _own(holder):
                if any(binding.id == one.id for one in found):
                    continue
                bound = Bound(
                    binding.id or "", binding.key, _said(binding), place, holders, screens=PANES.get(place, EVERYWHERE)
                )
                told.setdefault(bound.id, bound)
        found += told.values()
    return found


def _typed(command: Command) -> str:
    return f"/{command.name} {command.argument}".rstrip()


def _own(holder: type) -> Iterator[Binding]:
    """What our own classes bind: what Textual's bind for editing text is left as it is."""
    for ancestor in holder.__mro__:
        if ancestor.__module__.startswith("skill_fleet_tui"):
            held: Any = ancestor.__dict__.get("BINDINGS", ())
            yield from (one for one in held if isinstance(one, Binding))


def _said(binding: Binding) -> str:
    return binding.tooltip or f"{binding.description}."
