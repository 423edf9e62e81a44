"""Everything a person can do on the main screen: the one registry behind bindings, bottom line, palette and help.

May import Textual's bindings; knows no widget and no screen.
"""

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding


@dataclass(frozen=True)
class Command:
    """Something a person can do."""

    id: str
    keys: str
    """As Textual writes them, separated by commas."""
    action: str
    """Of the main screen."""
    label: str
    """Two words at most, for the bottom line."""
    help: str
    """A sentence, for the help screen and the palette."""
    group: str
    shown: str
    """The key as people read it."""
    needs: str = ""
    """What must be there for it: `job`, `question`, `questions`, `failed`, `alive`, `files`; empty for nothing."""
    rank: int = 0
    """Place in the bottom line, from 1; 0 stays out of it."""


COMMANDS: Final = (
    Command("job.create", "c", "create", "create", "Describe a new skill and start a job.", "Jobs", "c", rank=2),
    Command(
        "question.next",
        "n",
        "next_question",
        "next question",
        "Go to the next question of any job, and answer it.",
        "Questions",
        "n",
        "questions",
        rank=1,
    ),
    Command(
        "question.answer",
        "enter",
        "answer",
        "answer",
        "Answer the selected job's question.",
        "Questions",
        "⏎",
        "question",
    ),
    Command(
        "job.previous", "left_square_bracket", "job(-1)", "previous job", "Select the job above.", "Jobs", "[", "job"
    ),
    Command("job.next", "right_square_bracket", "job(1)", "next job", "Select the job below.", "Jobs", "]", "job"),
    Command(
        "job.filter",
        "slash",
        "filter",
        "filter",
        "List only jobs that match words, state:asks, phase:generation; in the log and the preview: find words.",
        "Jobs",
        "/",
        "job",
        rank=6,
    ),
    Command(
        "job.retry",
        "r",
        "retry",
        "retry",
        "Retry a failed job from where it failed; offline: connect now.",
        "Jobs",
        "r",
        "retry",
        rank=3,
    ),
    Command("job.cancel", "x", "cancel", "cancel", "Cancel the selected job. Asks once more.", "Jobs", "x", "alive"),
    Command("view.pane", "tab", "pane(1)", "next pane", "Go to the next pane.", "Views", "tab"),
    Command("view.pane-back", "shift+tab", "pane(-1)", "previous pane", "Go to the pane before.", "Views", "⇧tab"),
    Command(
        "view.follow",
        "space",
        "follow",
        "follow",
        "Follow the end of the log, or stay here.",
        "Views",
        "space",
        "job",
        rank=5,
    ),
    Command("view.zoom", "z", "zoom", "zoom", "Give the pane the whole screen, or take it back.", "Views", "z", rank=4),
    Command(
        "view.details",
        "t",
        "details",
        "thinking",
        "Unfold or fold the models' reasoning and outputs.",
        "Views",
        "t",
        "job",
    ),
    Command("view.rendered", "p", "rendered", "source", "Preview rendered, or as source.", "Views", "p", "files"),
    Command("view.file", "f", "next_file", "next file", "Preview the next file of the skill.", "Views", "f", "files"),
    Command(
        "view.copy",
        "y",
        "copy",
        "copy",
        "Copy what the mouse selected, else where the draft is, else the job's id.",
        "Views",
        "y",
        "job",
    ),
    Command(
        "app.palette", "colon,ctrl+p", "palette", "commands", "Every command, by name.", "Program", ":  ^p", rank=7
    ),
    Command("app.help", "question_mark,f1", "help", "help", "Every key.", "Program", "?", rank=8),
    Command(
        "app.back",
        "escape",
        "back",
        "back",
        "One step back: from the question, the selection, the search, the zoom, the filter.",
        "Program",
        "esc",
    ),
    Command("app.quit", "q", "quit", "quit", "Leave. Jobs go on in the background.", "Program", "q", rank=9),
)

VIEW_KEYS: Final = (
    ("j k ↑ ↓", "Move in the list, or scroll the pane that has the focus."),
    ("g G", "To the first or the last; G follows the log."),
    ("pgup pgdn", "A page back or on."),
    ("n N", "While something is looked for: the next match, the one before."),
)
"""Keys of the panes themselves, for the help screen."""

ANSWER_KEYS: Final = (
    ("1 … 9", "Take that choice; letters shown beside a choice take it too."),
    ("space", "Take or leave a choice, where several can be taken."),
    ("⏎", "Take the highlighted choice, or send what was typed."),
    ("^j", "A new line in a text."),
    ("^g", "Write a text in your editor ($VISUAL, $EDITOR)."),
    ("←", "One question back."),
    ("r  x", "Ask for a revision, or cancel the job (asks once more), where the question offers it."),
    ("esc", "Answer later: what you typed is kept."),
)
"""Keys of the question panel, for the help screen."""


def bindings() -> list[Binding]:
    """The registry as Textual's bindings, each with its id."""
    return [
        Binding(
            command.keys, command.action, command.label, show=False, id=command.id, priority=command.id in _PRIORITY
        )
        for command in COMMANDS
    ]


_PRIORITY: Final = frozenset({"view.pane", "view.pane-back"})
"""Keys that Textual would take for itself."""


def bottom_line(possible: frozenset[str]) -> list[tuple[str, str]]:
    """Key and label of what can be done now, the most useful first."""
    offered = [command for command in COMMANDS if command.rank and (not command.needs or command.needs in possible)]
    return [(command.shown.split()[0], command.label) for command in sorted(offered, key=lambda command: command.rank)]
