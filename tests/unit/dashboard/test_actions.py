"""One registry: what is bound is in the help, and nothing is bound twice."""

import pytest

from skill_fleet_tui.__main__ import parser
from skill_fleet_tui.commands.command import JOBS, SKILLS
from skill_fleet_tui.commands.keymap import KeyMap
from skill_fleet_tui.commands.registry import COMMANDS, bindings, bottom_line
from skill_fleet_tui.screens.help import help_lines
from skill_fleet_tui.screens.main import MainScreen
from skill_fleet_tui.screens.skills import SkillsScreen
from skill_fleet_tui.terminal.leaving import farewell
from skill_fleet_tui.tick import FAST_SECONDS, SSH_BEATS, Tick, tick_for
from tests.unit.dashboard import scenes


def test_every_command_has_an_id_a_key_of_its_own_and_an_action_of_the_screen() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)
    for kind, screen in {JOBS: MainScreen, SKILLS: SkillsScreen}.items():
        keys = [key for binding in bindings(kind) for key in binding.key.split(",")]
        here = [command for command in COMMANDS if kind in command.screens]
        assert len(keys) == len(set(keys))
        assert len({command.name for command in here}) == len(here)
        assert all(binding.id for binding in bindings(kind))
        for command in here:
            name = command.action.partition("(")[0]
            assert hasattr(screen, f"action_{name}"), (kind, command.id)
            assert hasattr(screen, f"typed_{name}") or not command.argument, (kind, command.id)


def test_the_help_says_every_command() -> None:
    told = {line.text for line in help_lines(KeyMap())}
    assert {command.help for command in COMMANDS} <= told


def test_the_bottom_line_offers_what_is_possible() -> None:
    assert ("n", "next question") not in bottom_line(frozenset(), KeyMap())
    assert bottom_line(frozenset({"questions"}), KeyMap())[0] == ("n", "next question")


@pytest.mark.parametrize(
    ("pane", "offered"),
    [("jobs", ("/", "filter")), ("log", ("/", "find")), ("log", ("o", "pager")), ("preview", ("o", "source"))],
)
def test_the_bottom_line_says_what_keys_mean_where_they_are(pane: str, offered: tuple[str, str]) -> None:
    said = bottom_line(frozenset({"job", "files"}), KeyMap(), pane)
    assert offered in said
    assert len({key for key, _ in said}) == len(said)


def test_no_key_needs_a_terminal_of_a_certain_kind() -> None:
    keys = [key for command in COMMANDS for key in command.keys.split(",")]
    assert not [key for key in keys if "ctrl+shift" in key or key in ("ctrl+enter", "ctrl+h", "ctrl+i", "ctrl+m")]


def test_a_slow_line_gets_fewer_beats() -> None:
    assert tick_for({}).fast == FAST_SECONDS
    assert tick_for({"SSH_CONNECTION": "1"}).fast == 1 / SSH_BEATS


def test_how_many_beats_is_a_setting() -> None:
    assert tick_for({"SSH_TTY": "/dev/pts/1"}, ssh_beats=4).fast == 1 / 4


def test_the_list_is_brought_up_to_date_four_times_a_second_or_at_once() -> None:
    tick = Tick()
    beats = [tick.is_slow(number / 30, urgent=False) for number in range(31)]
    assert sum(beats) in (4, 5)
    assert tick.is_slow(31 / 30, urgent=True)


def test_who_leaves_is_told_how_to_come_back() -> None:
    assert farewell(scenes.live()) == "3 jobs go on in the background.\nCome back with: skill-fleet-tui --job writes"
    assert farewell(scenes.empty()) == ""


def test_the_command_line() -> None:
    given = parser().parse_args(["--url", "http://x", "--job", "1", "--no-mouse", "--theme", "ansi-dark"])
    assert (given.server, given.job, given.no_mouse, given.theme) == ("http://x", "1", True, "ansi-dark")
