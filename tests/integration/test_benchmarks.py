"""`make bench` where something is missing."""

import os
import subprocess
import sys


def test_a_benchmark_that_cannot_run_says_so_in_its_place_and_the_next_one_is_tried() -> None:
    nowhere = {"SKILL_FLEET_TEST_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "appends", "viewers"],
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    lines = ran.stdout.splitlines()
    for title in ("Fleet: 200 viewers at 100 events/s", "Fleet: appending under the lock, PostgreSQL"):
        assert lines[lines.index(title) + 1].startswith("  not measured: OperationalError: connection failed")


def test_a_benchmark_that_does_not_exist_is_refused_with_those_that_do() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "flet"], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 2
    assert "there is no benchmark flet" in ran.stderr
    assert "or a group of them: dashboard, server, fleet, work" in " ".join(ran.stderr.split())
