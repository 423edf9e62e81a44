"""Work that is timed, counted and traced in one go. May be imported by whatever does such work."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from skill_fleet_common.jobs import Usage
from skill_fleet_server import instruments
from skill_fleet_server.tracing import span


@contextmanager
def observed_step(job_id: str, module: str, step: str) -> Generator[Callable[[str], None]]:
    """A module that runs, all its attempts included. Call what is given with the outcome: `ok`, or a failure's code."""
    began, outcome = time.monotonic(), "interrupted"
    with span(f"module {module}", job_id=job_id, step=step) as noted:

        def ended(how: str) -> None:
            nonlocal outcome
            outcome = how
            noted.note(outcome=how)
            if how != "ok":
                noted.fail(how)

        try:
            yield ended
        finally:
            instruments.STEP_SECONDS.labels(module, outcome).observe(time.monotonic() - began)


@contextmanager
def observed_call(model: str, module: str, attempt: int, usages: Callable[[], Sequence[Usage]]) -> Generator[None]:
    """An attempt with a model. `usages` tells afterwards what it took."""
    began, outcome = time.monotonic(), "ok"
    with span(f"model {model}", model=model, module=module, attempt=attempt) as noted:
        try:
            yield
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            used = sum(usages(), Usage())
            instruments.MODEL_SECONDS.labels(model, outcome).observe(time.monotonic() - began)
            instruments.MODEL_TOKENS.labels(model, "input").inc(used.input_tokens)
            instruments.MODEL_TOKENS.labels(model, "output").inc(used.output_tokens)
            instruments.MODEL_COST.labels(model).inc(used.cost)
            noted.note(input_tokens=used.input_tokens, output_tokens=used.output_tokens)
