"""`python -m tests.chaos --seeds 200`: the long run. A line for each seed, a total at the end, 1 if anything broke.

`CHAOS_SEED` plays one seed again.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import get_args

from tests.chaos.bench import Kind
from tests.chaos.run import run


def main() -> int:
    """Run the seeds one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many, on each database")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first of them")
    parser.add_argument("--only", choices=get_args(Kind), help="on this database alone")
    parser.add_argument("--keep", type=Path, help="where what the processes wrote is kept of runs that broke something")
    asked = parser.parse_args()
    given = os.environ.get("CHAOS_SEED")
    seeds = [int(given)] if given else range(asked.first, asked.first + asked.seeds)
    kinds: list[Kind] = [asked.only] if asked.only else list(get_args(Kind))
    total: Counter[str] = Counter()
    for seed in seeds:
        for kind in kinds:
            with tempfile.TemporaryDirectory(prefix="sf-chaos-", ignore_cleanup_errors=True) as directory:
                outcome = asyncio.run(run(kind, seed, Path(directory)))
                if outcome.broken and asked.keep is not None:
                    shutil.copytree(directory, asked.keep / f"{kind}-{seed}", dirs_exist_ok=True)
            print(outcome.line, flush=True)
            total += Counter(
                runs=1, broken=bool(outcome.broken), strikes=len(outcome.strikes), cuts=outcome.cuts,
                events=outcome.events, answers=outcome.answers, connections=outcome.connections,
            )  # fmt: skip
    print(", ".join(f"{count} {name}" for name, count in total.items()))
    return 1 if total["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
