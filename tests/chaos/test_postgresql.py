"""Five runs of chaos on two servers and two workers with PostgreSQL.

A failure prints its seed; `make chaos CHAOS_SEED=n` plays it again.
"""

from pathlib import Path

import pytest

from tests.chaos.run import run


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_happens_nothing_is_lost_doubled_or_stuck(seed: int, tmp_path: Path) -> None:
    outcome = await run("postgresql", seed, tmp_path)
    assert not outcome.broken, f"CHAOS_SEED={seed}\n{outcome.line}"
