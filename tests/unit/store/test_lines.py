"""Lines of a log are held tightly, and read as they were told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_tui.store.line import LineKind, LogLine
from skill_fleet_tui.store.lines import Lines
from skill_fleet_tui.store.tally import Tally
from tests.unit.store.builders import NOON

LINES = st.builds(
    LogLine,
    st.sampled_from(LineKind),
    st.text(max_size=12),
    st.sampled_from([None, NOON]),
    st.sampled_from(["", "generation"]),
    st.sampled_from(["", "write_skill"]),
    st.sampled_from([None, Tally(modules=1)]),
)
EVENTS = st.lists(st.lists(LINES, max_size=4), max_size=8)


def held(events: list[list[LogLine]], seqs: list[int]) -> Lines:
    lines = Lines()
    for seq, told in zip(seqs, events, strict=True):
        lines.extend(seq, told)
    return lines


@given(EVENTS)
def test_lines_read_as_they_were_told(events: list[list[LogLine]]) -> None:
    told = [line for lines in events for line in lines]
    lines = held(events, [*range(1, len(events) + 1)])
    assert list(lines) == told
    assert len(lines) == len(told)
    assert [lines[at] for at in range(-len(told), len(told))] == [*told, *told]
    assert lines[1:-1] == told[1:-1]


@given(EVENTS, st.data())
def test_a_line_keeps_its_name_when_others_come_before_it(events: list[list[LogLine]], data: st.DataObject) -> None:
    seqs = [*range(1, len(events) + 1)]
    here = data.draw(st.lists(st.sampled_from(seqs), unique=True).map(sorted)) if seqs else []
    some, whole = held([events[seq - 1] for seq in here], here), held(events, seqs)
    for number, line in enumerate(some):
        there = whole.number(some.name(number))
        assert whole[there] == line
        assert whole.name(there) == some.name(number)


def test_a_line_that_is_not_here_any_more_stands_where_it_would() -> None:
    line = LogLine(LineKind.PROGRESS, "said")
    lines = held([[line], [line, line]], [1, 5])
    assert lines.number((3, 0)) == 1
    assert lines.number((9, 2)) == len(lines)


def test_there_is_no_line_beyond_the_end() -> None:
    with pytest.raises(IndexError):
        Lines()[0]
