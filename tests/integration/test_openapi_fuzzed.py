"""The OpenAPI document held against a running server: what it allows and what it forbids is answered as it says.

No 5xx, no answer that the document does not know, nobody waits; a stream begins with its first frame.
"""

import asyncio
import contextlib
import itertools
import warnings
from collections.abc import Callable, Generator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.frames import FrameReader
from tests.support.person import Person
from tests.support.server import ServerProcess

EXAMPLES = 9
"""For each operation, of what it allows and as many of what it forbids."""
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
SECONDS = 20.0
"""Longest that an answer may take on a machine that is busy with other tests."""

CHECKS: list[Any] = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@schemathesis.serializer("application/zip")
def archive(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Any bytes: a real archive is the affair of other tests."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("fuzzed") / "data")
    asyncio.run(server.start())
    yield server
    server.clean_up()


@pytest.fixture(scope="module")
def schema(server: ServerProcess) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{server.url}/api/v1/openapi.json", headers=server.headers)


def check(case: schemathesis.Case, server: ServerProcess, broken: dict[str, str]) -> None:
    try:
        with requests.Session() as session:
            session.trust_env = False
            sent = case.as_transport_kwargs(base_url=server.url, headers=server.headers)
            with session.request(**sent, timeout=SECONDS, stream=True) as response:
                if response.headers.get("Content-Type", "").startswith("text/event-stream"):
                    assert response.status_code == 200
                    assert FrameReader().feed(next(response.iter_content(None)))[0].event == "hello"
                    return
                _ = response.content
                case.validate_response(response, checks=CHECKS)
    except (FailureGroup, Failure) as failures:
        for failure in getattr(failures, "exceptions", [failures]):
            broken.setdefault(f"{case.operation.label}: {failure.title}", f"{failure}\n{case.as_curl_command()}")


def test_every_operation_answers_as_its_document_says(server: ServerProcess, schema: schemathesis.BaseSchema) -> None:
    jobs = asyncio.run(some_jobs(server))
    broken: dict[str, str] = {}
    for found, mode in itertools.product(list(schema.get_all_operations()), MODES):
        with warnings.catch_warnings(), contextlib.suppress(Unsatisfiable):
            warnings.simplefilter("ignore")
            assert isinstance(found, Ok), found
            held(found.ok(), mode, jobs, lambda case: check(case, server, broken))()
    assert not broken, "\n\n".join(f"{what}\n{how}" for what, how in broken.items())
    assert "Traceback" not in server.log


def held(
    operation: schemathesis.APIOperation,
    mode: GenerationMode,
    jobs: list[str],
    hold: Callable[[schemathesis.Case], None],
) -> Callable[[], None]:
    """Something to hold an operation against, with many requests. Two in three that name a job name one of these:
    an id that was made up leads nowhere."""
    ids = itertools.cycle([None, *jobs])

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: schemathesis.Case) -> None:
        if "job_id" in case.path_parameters and (job_id := next(ids)):
            case.path_parameters["job_id"] = job_id
        hold(case)

    return run


async def some_jobs(server: ServerProcess) -> list[str]:
    """One that asks, one that is over."""
    async with server.client() as client:
        person = Person(client)
        over = await person.create(auto_approve=True)
        asks = (await person.waiting())["job_id"]
        await person.until_over(over)
    return [asks, over]
