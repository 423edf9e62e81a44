"""Ten runs of chaos on one server with SQLite.

A failure prints its seed; `make chaos CHAOS_SEED=n` plays it again.
"""

from pathlib import Path

import pytest

from tests.chaos.run import run


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_happens_nothing_is_lost_doubled_or_stuck(seed: int, tmp_path: Path) -> None:
    outcome = await run("sqlite", seed, tmp_path)
    assert not outcome.broken, f"CHAOS_SEED={seed}\n{outcome.line}"
