"""Everything a person can do: the one registry behind bindings, bottom line, palette, typed commands and help.

A new command is one entry here and one `action_…` method of a part of its screens. May import Textual's
bindings; knows no widget and no screen.
"""

from typing import Final

from textual.binding import Binding

from skill_fleet_tui.commands.command import EVERYWHERE, JOBS, Command
from skill_fleet_tui.commands.keymap import KeyMap
from skill_fleet_tui.commands.library import LIBRARY_COMMANDS

_READ: Final = ("jobs", "log", "preview")
"""Every pane of the jobs but the question: letters are choices there."""
_TO_READ: Final = ("log", "preview", "text", "about")
"""Panes with something to read."""

COMMANDS: Final = (
    # --- jobs -----------------------------------------------------------------------------------------
    Command(
        id="job.create", keys="c", action="create", label="create", group="Jobs", rank=2, argument="TEXT", panes=_READ,
        help="Describe a new skill and start a job.",
    ),
    Command(
        id="job.previous", keys="left_square_bracket", action="job(-1)", label="previous job", group="Jobs",
        needs="job", help="Select the job above.",
    ),
    Command(
        id="job.next", keys="right_square_bracket", action="job(1)", label="next job", group="Jobs", needs="job",
        help="Select the job below.",
    ),
    Command(
        id="job.open", keys="ctrl+o", action="open", label="go to job", group="Jobs", needs="job", typed="open",
        argument="JOB", help="Go to a job by some letters of its name, task or id.",
    ),
    Command(
        id="job.filter", keys="slash", action="filter", label="filter", group="Jobs", needs="job", rank=9,
        panes=_READ, reading="find", argument="WORDS",
        help="List only jobs that match words, state:asks, phase:generation; in the log and the preview: find words.",
    ),
    Command(
        id="job.retry", keys="r", action="retry", label="retry", group="Jobs", needs="retry", rank=3,
        screens=EVERYWHERE,
        help="Retry a failed job from where it failed; offline: connect now.",
    ),
    Command(
        id="job.cancel", keys="X", action="cancel", label="cancel", group="Jobs", needs="alive",
        help="Cancel the selected job. Asks once more.",
    ),
    Command(
        id="job.fork", keys="B", action="fork", label="fork", group="Jobs", needs="steps", argument="STEP",
        help="Begin a job that shares this one's steps up to one of them, and goes another way from there.",
    ),
    Command(
        id="job.origin", keys="O", action="origin", label="go to origin", group="Jobs", needs="origin", typed="origin",
        help="Go to the job that this one was forked from, or tries again.",
    ),
    # --- questions ------------------------------------------------------------------------------------
    Command(
        id="question.next", keys="n", action="next_question", label="next question", group="Questions",
        needs="questions", rank=1, screens=EVERYWHERE,
        help="Go to the next question of any job, and answer it.",
    ),
    Command(
        id="question.answer", keys="enter", action="answer", label="answer", group="Questions", needs="question",
        argument="TEXT",
        help="Answer the selected job's question.",
    ),
    # --- views ----------------------------------------------------------------------------------------
    Command(
        id="view.pane", keys="tab", action="pane(1)", label="next pane", group="Views", screens=EVERYWHERE,
        help="Go to the next pane.",
    ),
    Command(
        id="view.pane-back", keys="shift+tab", action="pane(-1)", label="previous pane", group="Views",
        screens=EVERYWHERE,
        help="Go to the pane before.",
    ),
    Command(
        id="view.follow", keys="space", action="follow", label="follow", group="Views", needs="job", rank=5,
        panes=("log",),
        help="Follow the end of the log, or stay here.",
    ),
    Command(
        id="view.matches", keys="ampersand", action="matches", label="only matches", group="Views", needs="job",
        help="Show only the lines of the log that have the words looked for, under their headings; or all of it again.",
    ),
    Command(
        id="view.narrower", keys="H,ctrl+left", action="border(-1)", label="border left", group="Views",
        help="Move the border beside the pane to the left.",
    ),
    Command(
        id="view.wider", keys="L,ctrl+right", action="border(1)", label="border right", group="Views",
        help="Move the border beside the pane to the right.",
    ),
    Command(
        id="view.zoom", keys="z", action="zoom", label="zoom", group="Views", needs="job", rank=8,
        screens=EVERYWHERE,
        help="Give the pane the whole screen, or take it back.",
    ),
    Command(
        id="view.details", keys="t", action="details", label="thinking", group="Views", needs="job",
        help="Unfold or fold the models' reasoning and outputs.",
    ),
    Command(
        id="view.copy", keys="y", action="copy", label="copy", group="Views", needs="job",
        help="Copy what the mouse selected, else where the draft is, else the job's id.",
    ),
    Command(
        id="view.timeline", keys="T", action="timeline", label="timeline", group="Views", needs="job", rank=7,
        panes=("log",),
        help="What took how long, what waited, what it cost: the job's timeline, or its log again.",
    ),
    Command(
        id="view.pager", keys="o", action="pager", label="pager", group="Views", needs="job", rank=6,
        panes=("log",), help="Read the whole log in your pager ($PAGER). In the preview the key opens a source.",
    ),
    Command(
        id="view.export", keys="x", action="export", label="export", group="Views",
        help="Save the log as text, the job's events as JSON lines, or the screen as a picture.",
    ),
    # --- the preview ----------------------------------------------------------------------------------
    Command(
        id="view.rendered", keys="p", action="rendered", label="source", group="Preview", needs="files",
        screens=EVERYWHERE,
        help="Show Markdown rendered, or as source.",
    ),
    Command(
        id="view.file", keys="f", action="file(1)", label="next file", group="Preview", needs="files",
        screens=EVERYWHERE,
        help="Show the next file of the skill.",
    ),
    Command(
        id="view.file-back", keys="F", action="file(-1)", label="file before", group="Preview", needs="files",
        screens=EVERYWHERE,
        help="Show the file before.",
    ),
    Command(
        id="view.compare", keys="d", action="compare", label="what changed", group="Preview", needs="files",
        rank=5, panes=("preview", "text"),
        screens=EVERYWHERE,
        help="Show what the revision changed, or the file again.",
    ),
    Command(
        id="view.older", keys="comma", action="revision(-1)", label="older", group="Preview", needs="files",
        screens=EVERYWHERE,
        help="Show an older revision.",
    ),
    Command(
        id="view.newer", keys="full_stop", action="revision(1)", label="newer", group="Preview", needs="files",
        screens=EVERYWHERE,
        help="Show a newer revision.",
    ),
    Command(
        id="view.compared-older", keys="less_than_sign", action="compared(-1)", label="compare older", group="Preview",
        needs="files", screens=EVERYWHERE,
        help="Compare with an older revision.",
    ),
    Command(
        id="view.compared-newer", keys="greater_than_sign", action="compared(1)", label="compare newer",
        group="Preview", needs="files", screens=EVERYWHERE,
        help="Compare with a newer revision.",
    ),
    Command(
        id="view.mark", keys="m", action="mark(1)", label="next mark", group="Preview", needs="files", rank=5,
        panes=("preview",),
        help="Go to the next instruction, and say where it comes from.",
    ),
    Command(
        id="view.mark-back", keys="M", action="mark(-1)", label="mark before", group="Preview", needs="files",
        help="Go to the instruction before.",
    ),
    Command(
        id="view.source", keys="o", action="open_source", label="source", typed="open-source", group="Preview",
        needs="files", rank=6, panes=("preview",), only_there=True,
        help="In the preview: open the source that the instruction comes from, or go back to the skill.",
    ),
    # --- the library ----------------------------------------------------------------------------------
    *LIBRARY_COMMANDS,
    # --- the program ----------------------------------------------------------------------------------
    Command(
        id="screen.jobs", keys="1", action="show_jobs", label="jobs", group="Program", screens=EVERYWHERE,
        needs="elsewhere", rank=2, help="Go to the jobs.",
    ),
    Command(
        id="screen.skills", keys="2", action="show_skills", label="skills", group="Program", screens=EVERYWHERE,
        needs="home", rank=11, help="Go to the library: the skills that are kept.",
    ),
    Command(
        id="app.command", keys="colon", action="command", label="command", group="Program", rank=10,
        screens=EVERYWHERE,
        help="Type a command, such as /create or /theme; tab completes it.",
    ),
    Command(
        id="app.palette", keys="ctrl+p", action="palette", label="palette", group="Program",
        screens=EVERYWHERE,
        help="Find a command or a job by some letters.",
    ),
    Command(
        id="app.theme", keys="", action="theme", label="theme", group="Program", argument="NAME",
        screens=EVERYWHERE,
        help="Choose the colours.",
    ),
    Command(
        id="app.connect", keys="", action="connect", label="connect", group="Program", argument="NAME|URL",
        screens=EVERYWHERE,
        help="Talk to another server: one of the settings file, an address, or local.",
    ),
    Command(id="app.help", keys="question_mark,f1", action="help", label="help", group="Program", rank=4,
            screens=EVERYWHERE,
        help="Every key."),
    Command(
        id="app.back", keys="escape", action="back", label="back", group="Program",
        screens=EVERYWHERE,
        help="One step back: from the question, the selection, the search, the timeline, the zoom, the filter.",
    ),
    Command(
        id="app.quit", keys="q", action="quit", label="quit", group="Program", rank=12, typed="exit",
        screens=EVERYWHERE,
        help="Leave. Jobs go on in the background.",
    ),
)  # fmt: skip

MORE_KEYS: Final = (
    ("1 … 9", "Take that choice; letters shown beside a choice take it too."),
    ("e", "Edit a file of the draft, or write an answer of your own, in your editor ($VISUAL, $EDITOR)."),
    ("c v", "Cut instructions from the draft; vouch for those that only the model says."),
    ("y u", "Copy what can no longer be sent; take back what does not get through."),
    ("r X", "Ask for a revision, or cancel the job (asks once more), where the question offers it."),
)
"""Keys of the question panel that no binding has: which there are depends on the question."""

_PRIORITY: Final = frozenset({"view.pane", "view.pane-back"})
"""Keys that Textual would take for itself."""


def bindings(screen: str) -> list[Binding]:
    """The registry as Textual's bindings of a screen, each with its id."""
    return [
        Binding(
            command.keys, command.action, command.label, show=False, id=command.id, priority=command.id in _PRIORITY
        )
        for command in COMMANDS
        if command.keys and not command.only_there and screen in command.screens
    ]


def bindings_in(pane: str) -> list[Binding]:
    """Those that the widget in a pane has instead of the screen."""
    return [
        Binding(command.keys, f"screen.{command.action}", command.label, show=False, id=command.id)
        for command in COMMANDS
        if command.only_there and pane in command.panes
    ]


def offered(possible: frozenset[str], screen: str) -> list[Command]:
    """The commands of a screen that something is there for."""
    return [
        command
        for command in COMMANDS
        if screen in command.screens and (not command.needs or command.needs in possible)
    ]


WHILE_FINDING: Final = (("⏎", "go to what was found"), ("esc", "end"))
"""The bottom line while words are typed to find something: every letter is one of theirs."""


def bottom_line(
    possible: frozenset[str], keys: KeyMap, pane: str = "jobs", screen: str = JOBS
) -> list[tuple[str, str]]:  # fmt: skip
    """Key and label of what can be done now, the most useful first.

    Args:
        possible: What is there for commands to work on.
        keys: Those that hold.
        pane: Which has the keys.
        screen: Whose pane that is.
    """
    here = [one for one in offered(possible, screen) if one.rank and (not one.panes or pane in one.panes)]
    return [
        (keys.first(one.id, one.keys), one.reading if one.reading and pane in _TO_READ else one.label)
        for one in sorted(here, key=lambda one: one.rank)
    ]


def welcome(keys: KeyMap) -> tuple[tuple[str, str], ...]:
    """What the program is for and what to press first, said while there is no job: key and sentence."""
    shown = {command.id: keys.first(command.id, command.keys) for command in COMMANDS}
    return (
        ("", "Skill Fleet writes agent skills from what you know, and asks the rest."),
        (shown["job.create"], "Describe a skill in your own words, with files to make it from."),
        (
            shown["app.help"],
            f"Show every key. {shown['app.command']} takes commands, {shown['app.quit']} leaves.",
        ),
    )
