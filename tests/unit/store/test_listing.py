"""The list: what needs a person on top, forks under their origin, and only what the filter says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common.jobs import Phase
from skill_fleet_tui.store.fleet import FleetState
from skill_fleet_tui.store.listing import TERMS, Entry, JobFilter, arranged
from tests.unit.store.builders import Log, clarify, preview, snapshot


def fleet_of(log: Log) -> FleetState:
    fleet = FleetState(clock=lambda: 0.0)
    for frame in [*snapshot(log, 0, []), *log.events]:
        fleet.apply(frame)
    return fleet


def family() -> Log:
    """`a` failed, was retried as `b`, which failed and was retried as `c`; `z` has nothing to do with them."""
    log = Log()
    log.created("a")
    log.failed("a")
    log.created("z")
    log.created("b", forked_from="a")
    log.failed("b")
    log.created("c", forked_from="b")
    return log


def test_forks_hang_on_the_job_they_came_from() -> None:
    assert arranged(fleet_of(family()).jobs) == [Entry("a"), Entry("b", "└ "), Entry("c", "  └ "), Entry("z")]


def test_several_forks_of_one_job_are_in_the_order_they_were_made() -> None:
    log = family()
    log.created("d", forked_from="a")
    rows = arranged(fleet_of(log).jobs)
    assert rows == [Entry("a"), Entry("b", "├ "), Entry("c", "│ └ "), Entry("d", "└ "), Entry("z")]


def test_a_family_stands_where_its_most_urgent_job_would() -> None:
    log = family()
    log.asks("z", clarify("z"))
    assert [row.job_id for row in arranged(fleet_of(log).jobs)] == ["z", "a", "b", "c"]
    log.asks("c", clarify("c"))
    assert [row.job_id for row in arranged(fleet_of(log).jobs)] == ["a", "b", "c", "z"]


def test_a_fork_whose_origin_is_not_listed_hangs_on_the_next_one_above_or_stands_alone() -> None:
    log = family()
    log.says("b", "named", name="middle")
    jobs = fleet_of(log).jobs
    assert arranged(jobs, JobFilter("!middle state:failed")) == [Entry("a")]
    assert arranged(jobs, JobFilter("!middle tests")) == [Entry("a"), Entry("c", "└ "), Entry("z")]
    assert arranged(jobs, JobFilter("middle")) == [Entry("b")]


@given(st.lists(st.integers(0, 9), min_size=10, max_size=10))
def test_every_job_is_listed_once_whatever_it_claims_to_come_from(origins: list[int]) -> None:
    log = Log()
    for number, origin in enumerate(origins):
        log.created(f"j{number}", forked_from=f"j{origin}")
    rows = arranged(fleet_of(log).jobs)
    assert sorted(row.job_id for row in rows) == [f"j{number}" for number in range(10)]


def test_a_long_chain_of_retries_is_listed() -> None:
    log = Log()
    log.created("j0")
    for number in range(1, 1_200):
        log.created(f"j{number}", forked_from=f"j{number - 1}")
    fleet = FleetState()
    for event in log.events:
        fleet.apply(event)
    rows = arranged(fleet.jobs)
    assert len(rows) == 1_200
    assert {row.lead for row in rows[3:]} == {"    └ "}


def several() -> FleetState:
    log = Log()
    log.created("asks", "React hooks", sources=[{"name": "Guide.md", "characters": 3, "lines": 1}])
    log.phase("asks", Phase.GENERATION)
    log.asks("asks", preview("asks"))
    log.created("runs", "Database migrations")
    log.phase("runs", Phase.GENERATION)
    log.created("plans", "Database backups")
    log.phase("plans", Phase.UNDERSTANDING)
    log.created("failed", "Kubernetes rollbacks")
    log.failed("failed")
    log.created("done", "Release notes")
    log.completed("done", "release-notes")
    return fleet_of(log)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", {"asks", "runs", "plans", "failed", "done"}),
        ("database", {"runs", "plans"}),
        ("DATA gener", {"runs"}),
        ("state:asks", {"asks"}),
        ("asks", {"asks"}),
        ("preview", {"asks"}),
        ("guide.md", {"asks"}),
        ("state:running", {"runs", "plans"}),
        ("state:run", {"runs", "plans"}),
        ("phase:generation", {"asks", "runs"}),
        ("phase:gen !state:asks", {"runs"}),
        ("!database !state:done", {"asks", "failed"}),
        ("state:unread", {"asks", "failed", "done"}),
        ("state:", {"asks", "runs", "plans", "failed", "done"}),
        ("!", {"asks", "runs", "plans", "failed", "done"}),
        ("owner:me", set()),
        ("nothing-like-it", set()),
    ],
)
def test_filter(typed: str, found: set[str]) -> None:
    fleet = several()
    assert {row.job_id for row in arranged(fleet.jobs, JobFilter(typed))} == found


@pytest.mark.parametrize("term", TERMS)
def test_every_term_that_is_offered_is_understood(term: str) -> None:
    listed = {row.job_id for row in arranged(several().jobs, JobFilter(term))}
    others = {row.job_id for row in arranged(several().jobs, JobFilter(f"!{term}"))}
    assert listed | others == set(several().jobs)
    assert not listed & others
