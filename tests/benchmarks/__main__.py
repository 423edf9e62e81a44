"""`python -m tests.benchmarks [NAME…] [--json]`: progress on stderr, the result on stdout."""

import argparse
import importlib
import time

from tests.benchmarks.measuring import Comparison, as_json, as_text, machine, say

BENCHMARKS = ("first_paint", "keys", "load", "reading", "preview", "memory", "streams", "replay", "validate", "jobs")
"""Modules of this package. What imports most comes last, so that its heap is not in the way of the others."""


def main() -> None:
    """Run what was asked for, in the order above."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure against baselines of the same run."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all without one")
    parser.add_argument("--json", action="store_true", help="every round's values, for programs")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    about = machine()
    results: dict[str, list[Comparison]] = {}
    for name in BENCHMARKS:
        if given.names and name not in given.names:
            continue
        module = importlib.import_module(f"tests.benchmarks.{name}")
        say(f"{name}: {str(module.__doc__).splitlines()[0]}")
        began = time.monotonic()
        results[module.TITLE] = module.measure(say)
        say(f"{name}: {time.monotonic() - began:.0f} s")
    print((as_json if given.json else as_text)(about, results))


if __name__ == "__main__":
    main()
