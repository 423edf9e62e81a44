"""However the frames come, the same log gives the same store."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common import events as ev
from skill_fleet_common.jobs import JobStatus, Phase
from skill_fleet_tui.store.fleet import Edge, FleetState
from skill_fleet_tui.store.listing import arranged
from tests.unit.store.builders import NOON, Log, clarify, hello, preview, snapshot, sync, token


def two_jobs() -> Log:
    log = Log()
    log.created("a", "React hooks\nas our team writes them")
    log.phase("a", Phase.UNDERSTANDING)
    log.begins("a", "gather_requirements")
    log.created("b", "Database migrations", forked_from="a")
    log.again("a", "gather_requirements")
    log.thinks("a", "gather_requirements", "They say hooks.\nSo it is React.")
    log.ends("a", "gather_requirements", outputs={"topics": ["state", "effects"]})
    log.asks("a", clarify("a"))
    log.says("b", "reading the sources", 0.1)
    log.resolved("a", clarify("a"), answers={"version": "19", "strict": True})
    log.says("a", "planning", 0.4, name="react-hooks")
    log.writes("a")
    log.failed("b")
    log.completed("a", "react-hooks")
    return log


def seen(fleet: FleetState) -> dict[str, object]:
    return {
        job.id: (job.view, job.log.lines, job.log.whole_to, job.timeline.chart(NOON)) for job in fleet.jobs.values()
    } | {"order": arranged(fleet.jobs)}


def there_all_the_time(log: Log) -> FleetState:
    fleet = FleetState(clock=lambda: 0.0)
    for frame in [*snapshot(log, 0, []), *log.events]:
        fleet.apply(frame)
    return fleet


CONNECTIONS = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14), st.booleans()), max_size=4)
"""Of each: how far it was delivered, where its cursor stood when it was cut, whether that cursor was honoured."""


@given(st.integers(0, 14), CONNECTIONS, st.permutations(["a", "b"]), st.integers(1, 6))
def test_joining_late_reconnecting_and_paging_give_what_a_dashboard_there_all_the_time_has(
    joined: int, connections: list[tuple[int, int, bool]], opened: list[str], page: int
) -> None:
    log = two_jobs()
    fleet = FleetState(clock=lambda: 0.0)
    frames: list[ev.Frame] = snapshot(log, joined, ["a", "b"])
    reached = cursor = joined
    for reach, back, honoured in [*connections, (len(log.events), 0, True)]:
        reached = max(reached, reach)
        frames += [event for event in log.events if cursor < event.pos <= reached]
        cursor = min(max(back, joined), reached) if honoured else reached
        frames += [hello("resumed")] if honoured else snapshot(log, reached, ["a", "b"])
    for frame in frames:
        fleet.apply(frame)
    for job_id in opened:
        past = log.of(job_id)
        for first in range(0, len(past), page):
            fleet.add_history(job_id, past[first : first + page])
    assert seen(fleet) == seen(there_all_the_time(log))


@given(st.lists(st.integers(0, 13), max_size=20))
def test_events_that_come_again_change_nothing(again: list[int]) -> None:
    log = two_jobs()
    fleet = there_all_the_time(log)
    before, unread = seen(fleet), {job.id: job.unread for job in fleet.jobs.values()}
    fleet.take_edges()
    for index in again:
        fleet.apply(log.events[index])
    assert seen(fleet) == before
    assert {job.id: job.unread for job in fleet.jobs.values()} == unread
    assert fleet.take_edges() == []


def test_a_reset_replaces_everything() -> None:
    log = two_jobs()
    fleet = there_all_the_time(log)
    other = Log()
    other.created("a", "Another history")
    reset = ev.Reset(data=ev.ResetData(reason="epoch", requested="e1.9", oldest=0, head=2))
    for frame in [hello("reset", epoch="e2"), reset, *snapshot(other, 2, ["a"])[1:]]:
        fleet.apply(frame)
    fleet.add_history("a", other.of("a"))
    assert list(fleet.jobs) == ["a"]
    assert fleet.jobs["a"].view.task_description == "Another history"
    assert [line.text for line in fleet.jobs["a"].log.lines] == ["Created", "Another history"]


def test_a_snapshot_that_is_cut_off_leaves_what_was_known() -> None:
    log = two_jobs()
    fleet = there_all_the_time(log)
    for frame in snapshot(log, 8, ["a", "b"])[:2]:
        fleet.apply(frame)
    assert fleet.jobs["a"].view.status is JobStatus.COMPLETED


def test_events_of_a_job_that_is_not_known_ask_for_its_view() -> None:
    log = two_jobs()
    fleet = FleetState()
    fleet.apply(log.of("a")[3])
    assert fleet.wanted == {"a"}
    fleet.adopt(log.view("a"))
    assert fleet.wanted == set()
    assert fleet.jobs["a"].history_missing


def test_a_job_that_was_asked_for_is_selected_once_its_view_is_here() -> None:
    log = two_jobs()
    fleet = FleetState()
    fleet.selected = "a"
    fleet.wanted.add("a")
    for frame in snapshot(log, 14, ["b"]):
        fleet.apply(frame)
    assert fleet.current is None
    fleet.adopt(log.view("a"))
    assert fleet.current is fleet.jobs["a"]


def test_the_history_of_a_job_met_in_a_snapshot_is_missing_until_it_is_paged() -> None:
    log = two_jobs()
    fleet = FleetState()
    for frame in snapshot(log, 8, ["a"]):
        fleet.apply(frame)
    assert fleet.jobs["a"].history_missing
    fleet.add_history("a", [event for event in log.of("a") if event.pos <= 8])
    assert not fleet.jobs["a"].history_missing


def test_jobs_that_ask_come_first_then_those_that_run_then_the_others_newest_first() -> None:
    log = Log()
    for job in "abcd":
        log.created(job)
    log.failed("d")
    log.asks("b", clarify("b"))
    fleet = there_all_the_time(log)
    assert fleet.order() == ["b", "c", "a", "d"]


def test_the_next_question_is_of_the_next_job_that_asks() -> None:
    log = Log()
    for job in "abc":
        log.created(job)
    fleet = there_all_the_time(log)
    assert fleet.next_question() is None
    log.asks("a", clarify("a"))
    log.asks("c", clarify("c"))
    fleet = there_all_the_time(log)
    assert fleet.next_question() == "c"
    fleet.select("c")
    assert fleet.next_question() == "a"
    fleet.select("a")
    assert fleet.next_question() == "c"


def test_a_job_that_is_not_looked_at_is_marked_until_it_is() -> None:
    log = Log()
    log.created("a")
    log.created("b")
    fleet = there_all_the_time(log)
    fleet.select("a")
    log.says("b", "nothing to look up for")
    fleet.apply(log.events[-1])
    assert not fleet.jobs["b"].unread
    log.asks("b", clarify("b"))
    fleet.apply(log.events[-1])
    assert fleet.jobs["b"].unread
    assert Edge("hitl_pause", "b") in fleet.take_edges()
    fleet.select("b")
    assert not fleet.jobs["b"].unread


def test_a_question_answered_elsewhere_is_gone_and_what_was_typed_stays() -> None:
    log = Log()
    log.created("a")
    log.asks("a", clarify("a"))
    fleet = there_all_the_time(log)
    draft = fleet.draft(fleet.jobs["a"].view.prompt)
    draft.texts["question:words"] = "loader"
    log.resolved("a", clarify("a"), by="ann")
    fleet.apply(log.events[-1])
    assert fleet.jobs["a"].view.prompt is None
    assert fleet.drafts["a.clarify.1"] is draft


def typing(log: Log) -> FleetState:
    """Somebody types an answer to `a`'s question."""
    log.created("a")
    log.created("b")
    log.asks("a", clarify("a"))
    fleet = there_all_the_time(log)
    fleet.draft(clarify("a")).texts["question:words"] = "loader"
    fleet.take_edges()
    return fleet


def shown(fleet: FleetState) -> str:
    asked = fleet.question(fleet.jobs["a"])
    return asked.prompt_id if asked is not None else ""


def test_an_answer_in_vain_is_shown_until_it_was_read_and_only_then_the_next_question() -> None:
    log = Log()
    fleet = typing(log)
    log.resolved("a", clarify("a"), by="ann")
    log.asks("a", preview("a"))
    for event in log.events[-2:]:
        fleet.apply(event)
    assert shown(fleet) == "a.clarify.1"
    assert fleet.drafts["a.clarify.1"].notice == "Answered elsewhere by ann: proceed."
    fleet.dismiss(fleet.jobs["a"])
    assert shown(fleet) == "a.preview.1"


def test_an_answer_on_its_way_is_shown_until_it_is_known_what_became_of_it() -> None:
    log = Log()
    fleet = typing(log)
    draft = fleet.drafts["a.clarify.1"]
    draft.sending = True
    log.resolved("a", clarify("a"))
    fleet.apply(log.events[-1])
    assert shown(fleet) == "a.clarify.1"
    draft.sending, draft.accepted = False, True
    assert shown(fleet) == ""


@pytest.mark.parametrize("ends", [True, False])
def test_a_question_that_a_snapshot_no_longer_has_leaves_what_was_typed(ends: bool) -> None:
    log = Log()
    fleet = typing(log)
    if ends:
        log.failed("a")
    else:
        log.resolved("a", clarify("a"))
    for frame in snapshot(log, len(log.events), ["a", "b"]):
        fleet.apply(frame)
    assert shown(fleet) == "a.clarify.1"
    assert fleet.drafts["a.clarify.1"].closed
    assert fleet.drafts["a.clarify.1"].typed == "loader"


def test_what_was_missed_while_the_connection_was_away_is_news_and_what_was_known_is_not() -> None:
    log = Log()
    fleet = typing(log)
    fleet.select("a")
    for frame in snapshot(log, len(log.events), ["a", "b"]):
        fleet.apply(frame)
    assert fleet.take_edges() == []
    assert not fleet.jobs["b"].unread
    log.asks("b", clarify("b"))
    log.created("c")
    log.asks("c", clarify("c"))
    for frame in snapshot(log, len(log.events), ["a", "b", "c"]):
        fleet.apply(frame)
    assert fleet.take_edges() == [Edge("hitl_pause", "b"), Edge("hitl_pause", "c")]
    assert fleet.jobs["b"].unread
    assert fleet.jobs["c"].unread


class TestTextInFlight:
    def fleet(self) -> tuple[Log, FleetState]:
        log = Log()
        log.created("a")
        log.begins("a", "write_skill", Phase.GENERATION)
        return log, there_all_the_time(log)

    def text(self, fleet: FleetState) -> str | None:
        document = fleet.jobs["a"].document()
        return document.text if document and not document.gap else None

    def test_pieces_are_put_together(self) -> None:
        _, fleet = self.fleet()
        for frame in (token("# Re"), token("act", 4), token("act", 4), token("t hooks", 6)):
            fleet.apply(frame)
        assert self.text(fleet) == "# React hooks"

    def test_after_a_gap_the_text_waits_to_be_sent_whole(self) -> None:
        _, fleet = self.fleet()
        fleet.apply(token("# Re"))
        fleet.apply(token("hooks", 8))
        assert self.text(fleet) is None
        fleet.apply(token(" and", 13))
        fleet.apply(sync("# React hooks and"))
        fleet.apply(token(" more", 17))
        assert self.text(fleet) == "# React hooks and more"

    def test_a_new_generation_voids_the_old_one_and_late_pieces_of_the_old_count_for_nothing(self) -> None:
        _, fleet = self.fleet()
        for frame in (token("old"), token("new", gen=2), token(" text", 3, gen=1), token("er", 3, gen=2)):
            fleet.apply(frame)
        assert self.text(fleet) == "newer"

    def test_another_attempt_voids_the_text(self) -> None:
        log, fleet = self.fleet()
        fleet.apply(token("old"))
        log.again("a", "write_skill")
        fleet.apply(log.events[-1])
        fleet.apply(token("late", 3))
        assert fleet.jobs["a"].document() is None
        fleet.apply(token("new", gen=2))
        assert self.text(fleet) == "new"

    def test_a_restarted_step_counts_its_generations_anew(self) -> None:
        log, fleet = self.fleet()
        fleet.apply(token("old", gen=7))
        log.again("a", "write_skill", code="restarted")
        fleet.apply(log.events[-1])
        fleet.apply(token("new", gen=1))
        assert self.text(fleet) == "new"

    def test_a_new_connection_sends_it_whole_whatever_its_generation(self) -> None:
        _, fleet = self.fleet()
        fleet.apply(token("# Rea", gen=4))
        fleet.apply(hello("resumed"))
        fleet.apply(token("t", 7, gen=1))
        assert self.text(fleet) is None
        fleet.apply(sync("# React", gen=1))
        assert self.text(fleet) == "# React"

    def test_when_the_module_ends_its_text_stays_and_is_no_longer_being_written(self) -> None:
        log, fleet = self.fleet()
        fleet.apply(token("# React"))
        log.ends("a", "write_skill", Phase.GENERATION)
        fleet.apply(log.events[-1])
        assert self.text(fleet) == "# React"
        assert fleet.jobs["a"].live.of_step("write_skill") == []

    @pytest.mark.parametrize("late", [token("!", 7), token("# Other", gen=2), sync("# Other", gen=2)])
    def test_text_that_comes_after_the_module_has_ended_counts_for_nothing(self, late: ev.Token | ev.TokenSync) -> None:
        log, fleet = self.fleet()
        fleet.apply(token("# React"))
        log.ends("a", "write_skill", Phase.GENERATION)
        fleet.apply(log.events[-1])
        fleet.apply(late)
        assert self.text(fleet) == "# React"
        assert fleet.jobs["a"].live.of_step("write_skill") == []

    def test_a_module_that_begins_again_writes_again(self) -> None:
        log, fleet = self.fleet()
        log.ends("a", "write_skill", Phase.GENERATION)
        log.begins("a", "write_skill", Phase.GENERATION)
        for event in log.events[-2:]:
            fleet.apply(event)
        fleet.apply(sync("# React"))
        assert self.text(fleet) == "# React"
        assert len(fleet.jobs["a"].live.of_step("write_skill")) == 1

    def test_a_job_that_is_over_writes_nothing(self) -> None:
        log, fleet = self.fleet()
        log.completed("a")
        fleet.apply(log.events[-1])
        fleet.apply(sync("# React"))
        fleet.apply(token("# Meant for", module="refine_skill", field="refined"))
        assert fleet.jobs["a"].document() is None

    def test_a_view_that_was_sent_whole_says_which_modules_write(self) -> None:
        log, fleet = self.fleet()
        log.ends("a", "write_skill", Phase.GENERATION)
        fleet.apply(log.events[-1])
        log.begins("a", "write_skill", Phase.GENERATION)
        fleet.adopt(log.view("a"))  # the module's beginning itself was missed
        fleet.apply(sync("# React"))
        assert self.text(fleet) == "# React"

    def test_a_job_that_is_met_late_takes_no_text_of_modules_that_have_ended(self) -> None:
        log, _ = self.fleet()
        log.ends("a", "write_skill", Phase.GENERATION)
        fleet = FleetState()
        fleet.adopt(log.view("a"))
        fleet.apply(sync("# React"))
        assert fleet.jobs["a"].document() is None

    @given(st.text(min_size=1, max_size=40), st.data())
    def test_however_it_is_cut_the_text_is_the_text(self, text: str, data: st.DataObject) -> None:
        _, fleet = self.fleet()
        cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)) | {0, len(text)})
        for start, end in pairwise(cuts):
            for _ in range(data.draw(st.integers(1, 2))):
                fleet.apply(token(text[start:end], start))
        assert self.text(fleet) == text
