"""Traces: sent when asked for, with what happened in them and nothing that anybody said."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.fleet import TOKEN
from tests.support.person import Person
from tests.support.server import running_server


@contextmanager
def collector() -> Generator[tuple[str, list[bytes]]]:
    """Takes traces as an OpenTelemetry collector does; what came, as it came."""
    taken: list[bytes] = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", taken
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("variable", ["SKILL_FLEET_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"])
async def test_requests_modules_and_model_calls_are_traced_and_nothing_private_is(
    tmp_path: Path, variable: str
) -> None:
    with collector() as (address, taken):
        environment = {"SKILL_FLEET_TOKEN": TOKEN, variable: address}
        async with running_server(tmp_path / "data", environment=environment) as server:
            async with server.client() as client:
                person = Person(client)
                job = await person.create("a skill about unicorns", auto_approve=True)
                await person.until_over(job)
                await client.get("jobs", params={"q": "whispered"})
            assert await server.stop() == 0
    sent = b"".join(taken)
    for part in ("POST /", "GET /", "module ", "model demo/offline", job, "request_id", "skill-fleet-server"):
        assert part.encode() in sent, part
    for part in ("unicorns", "whispered", TOKEN):
        assert part.encode() not in sent, part


async def test_a_collector_that_is_away_costs_nothing_but_traces(tmp_path: Path) -> None:
    environment = {"SKILL_FLEET_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    async with running_server(tmp_path / "data", environment=environment) as server:
        async with server.client() as client:
            assert (await client.get("jobs")).status_code == 200
        assert await server.stop() == 0
