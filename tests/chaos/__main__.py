"""`python -m tests.chaos --seeds 200`: the long run. A line for each seed, a total at the end, 1 if anything broke.

`CHAOS_SEED` plays one seed again.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import get_args

from tests.chaos.bench import Kind
from tests.chaos.run import run_alone


def main() -> int:
    """Run the seeds, some at a time."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many, on each database")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first of them")
    parser.add_argument("--only", choices=get_args(Kind), help="on this database alone")
    parser.add_argument("--at-once", type=int, default=1, help="how many runs at a time")
    parser.add_argument("--keep", type=Path, help="where what the processes wrote is kept of runs that broke something")
    asked = parser.parse_args()
    given = os.environ.get("CHAOS_SEED")
    seeds = [int(given)] if given else range(asked.first, asked.first + asked.seeds)
    kinds: list[Kind] = [asked.only] if asked.only else list(get_args(Kind))
    began = time.monotonic()
    total: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    # Processes of their own: each has a PostgreSQL, which it may restart as it likes.
    with ProcessPoolExecutor(asked.at_once, multiprocessing.get_context("spawn")) as pool:
        for done in as_completed(pool.submit(run_alone, kind, seed, asked.keep) for seed in seeds for kind in kinds):
            outcome = done.result()
            print(outcome.line, flush=True)
            struck += Counter(outcome.strikes)
            total += Counter(
                runs=1, broken=bool(outcome.broken), strikes=len(outcome.strikes), cuts=outcome.cuts,
                events=outcome.events, answers=outcome.answers, connections=outcome.connections,
            )  # fmt: skip
    print(", ".join(f"{count} {name}" for name, count in struck.most_common()))
    print(", ".join(f"{count} {name}" for name, count in total.items()), f"in {time.monotonic() - began:.0f} s")
    return 1 if total["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
