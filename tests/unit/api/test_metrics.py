"""Metrics are text that Prometheus reads."""

from collections.abc import Iterable

from prometheus_client.metrics_core import Metric

from skill_fleet_server.fleet.census import Member
from skill_fleet_server.metrics import exposition, of_fleet, of_process


def told(*found: Iterable[Metric]) -> list[str]:
    return exposition(*found).decode().splitlines()


def test_a_model_that_is_left_alone_is_told_from_one_that_is_tried() -> None:
    lines = told(of_process([], {"a/one": "closed", "a/two": "opened", "a/three": "half-opened"}, None))
    assert 'skill_fleet_breaker_open{model="a/one"} 0.0' in lines
    assert 'skill_fleet_breaker_open{model="a/two"} 1.0' in lines
    assert 'skill_fleet_breaker_open{model="a/three"} 0.0' in lines


def test_a_process_that_is_alone_has_no_heartbeat_and_no_members() -> None:
    lines = told(of_process([], {}, None), of_fleet([], []))
    assert not [line for line in lines if line.startswith(("skill_fleet_heartbeat", "skill_fleet_members{"))]
    assert "skill_fleet_heartbeat_age_seconds 2.5" in told(of_process([], {}, 2.5))


def test_the_dead_are_no_members_any_more() -> None:
    members = [Member("one", "1", True, True), Member("two", "1", True, False), Member("three", "1", False, True)]
    lines = told(of_fleet([], members))
    assert 'skill_fleet_members{works="true"} 1.0' in lines
    assert 'skill_fleet_members{works="false"} 1.0' in lines
