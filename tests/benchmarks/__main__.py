"""`python -m tests.benchmarks [NAME…] [--json]`: progress on stderr, the result on stdout."""

import argparse
import importlib
import sys
import time
import traceback

from tests.benchmarks.measuring import NotMeasured, Result, as_json, as_text, machine, say

GROUPS = {
    "dashboard": ("first_paint", "keys", "load", "reading", "preview", "memory"),
    "server": ("streams", "replay", "validate"),
    "fleet": ("workers", "databases", "viewers", "stalled", "take_over", "appends"),
    "work": ("jobs",),
}
"""Modules of this package. What imports most into this process comes last, so that its heap is not in the way of the
others."""
BENCHMARKS = tuple(name for names in GROUPS.values() for name in names)

EXIT_NOT_ALL = 1


def main() -> int:
    """Run what was asked for, in the order above; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure against baselines of the same run."
    )
    known = f"{', '.join(BENCHMARKS)}; or a group of them: {', '.join(GROUPS)}"
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {known}; all without one")
    parser.add_argument("--json", action="store_true", help="every round's values, for programs")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHMARKS) - set(GROUPS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {known}")
    wanted = {part for name in given.names for part in GROUPS.get(name, (name,))}
    about = machine()
    results = dict(_measured(name) for name in BENCHMARKS if name in wanted or not wanted)
    print((as_json if given.json else as_text)(about, results))
    return EXIT_NOT_ALL if any(isinstance(result, NotMeasured) for result in results.values()) else 0


def _measured(name: str) -> tuple[str, Result]:
    """One benchmark's title and result. One that fails is no reason not to run the others."""
    title, began = name, time.monotonic()
    try:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        title = module.TITLE
        say(f"{name}: {str(module.__doc__).splitlines()[0]}")
        result: Result = module.measure(say)
    except Exception as error:
        say("".join(traceback.format_exception(error)))
        result = NotMeasured(_sentence(error))
    say(f"{name}: {time.monotonic() - began:.0f} s")
    return title, result


def _sentence(error: Exception) -> str:
    """What went wrong, in a line; of several things the first."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    said = " ".join(str(error).split())[:160]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
