"""What is seen of a log under folds, however its lines come."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common import events as ev
from skill_fleet_common.jobs import Phase
from skill_fleet_tui.store.line import LogLine
from skill_fleet_tui.store.log import JobLog
from skill_fleet_tui.store.outline import Folds, Outline
from tests.unit.store.builders import NOON, Log, clarify


def two_phases() -> Log:
    log = Log()
    log.created("a")
    log.phase("a", Phase.UNDERSTANDING)
    log.begins("a", "gather_requirements")
    log.again("a", "gather_requirements")
    log.thinks("a", "gather_requirements", "They say hooks.\nSo it is React.")
    log.ends("a", "gather_requirements", outputs={"topics": ["state"]})
    log.asks("a", clarify("a"))
    log.add(ev.PhaseEnd(job_id="a", phase=Phase.UNDERSTANDING, data=ev.PhaseEndData(duration_s=18.0)))
    log.phase("a", Phase.GENERATION)
    log.says("a", "Writing SKILL.md")
    log.writes("a")
    return log


def lines_of(log: Log) -> list[LogLine]:
    told = JobLog()
    told.add(log.of("a"))
    return list(told.lines)


def outlined(lines: list[LogLine], folds: Folds | None = None) -> Outline:
    outline = Outline(folds or Folds())
    outline.take(lines)
    return outline


def texts(outline: Outline) -> list[str]:
    return [entry.text for entry in outline.entries]


UNDERSTANDING, GENERATION = outlined(lines_of(two_phases())).phases


def test_a_modules_reasoning_stands_under_it_when_it_is_unfolded() -> None:
    seen = texts(outlined(lines_of(two_phases()), Folds(turned={"module gather_requirements"})))
    at = next(number for number, text in enumerate(seen) if text.startswith("✓ gather_requirements"))
    assert seen[at + 1 : at + 4] == ["They say hooks.", "So it is React.", "topics: ['state']"]


def test_reasoning_and_outputs_are_folded_until_they_are_asked_for() -> None:
    assert "They say hooks." not in texts(outlined(lines_of(two_phases())))


def test_a_heading_says_how_long_its_phase_took() -> None:
    outline = outlined(lines_of(two_phases()))
    assert outline.title(UNDERSTANDING, None) == "▾ Understanding · 18s"
    assert outline.title(GENERATION, NOON + timedelta(seconds=50)) == "▾ Generation · 41s so far"


def test_a_folded_phase_says_what_it_adds_up_to() -> None:
    outline = outlined(lines_of(two_phases()), Folds(phases={UNDERSTANDING}))
    assert outline.title(UNDERSTANDING, None) == "▸ Understanding · 18s · 1 module · 812 tok · 1 retry · 1 question"
    assert not [text for text in texts(outline) if "gather_requirements" in text]
    assert "Writing SKILL.md" in texts(outline)


def test_the_phase_at_work_can_be_folded_and_counts_on() -> None:
    lines = lines_of(two_phases())
    outline = outlined(lines[:-1], Folds(phases={GENERATION}))
    before = len(outline.entries)
    taken = outline.take(lines[-1:])
    assert len(outline.entries) == before
    assert taken.changed == {outline.numbers[GENERATION]}
    assert outline.title(GENERATION, None) == "▸ Generation · 1 file"


def test_a_phase_that_was_not_told_to_end_ends_when_the_next_begins() -> None:
    log = Log()
    log.created("a")
    log.phase("a", Phase.UNDERSTANDING)
    log.phase("a", Phase.GENERATION)
    outline = outlined(lines_of(log))
    assert outline.title(next(iter(outline.phases)), NOON) == "▾ Understanding · 1.0s"


def test_reasoning_of_a_module_that_never_ended_is_not_lost() -> None:
    log = Log()
    log.created("a")
    log.phase("a", Phase.UNDERSTANDING)
    log.thinks("a", "gather_requirements", "They say hooks.")
    log.phase("a", Phase.GENERATION)
    assert "They say hooks." in texts(outlined(lines_of(log), Folds(details=True)))


def test_a_folded_line_is_nearest_to_its_heading() -> None:
    lines = lines_of(two_phases())
    outline = outlined(lines, Folds(phases={UNDERSTANDING}))
    folded = next(number for number, line in enumerate(lines) if line.text.startswith("✓ gather"))
    assert outline.nearest(folded) == outline.numbers[UNDERSTANDING]
    assert outline.entries[outline.nearest(len(lines) - 1)] == lines[-1]


@given(
    st.lists(st.integers(1, 6), max_size=20),
    st.booleans(),
    st.sets(st.sampled_from([UNDERSTANDING, GENERATION])),
    st.booleans(),
)
def test_in_whatever_pieces_lines_come_the_same_is_seen(
    sizes: list[int], details: bool, phases: set[str], turned: bool
) -> None:
    folds = Folds(details, phases, {"module gather_requirements"} if turned else set())
    lines, pieces = lines_of(two_phases()), Outline(folds)
    at = 0
    for size in [*sizes, len(lines)]:
        pieces.take(lines[at : at + size])
        at += size
    whole = outlined(lines, folds)
    assert pieces.entries == whole.entries
    assert [pieces.title(key, None) for key in pieces.phases] == [whole.title(key, None) for key in whole.phases]


def test_folding_twice_is_not_folding() -> None:
    folds = Folds()
    for key in (UNDERSTANDING, "module gather_requirements"):
        folds.turn(key)
        folds.turn(key)
    assert folds == Folds()
