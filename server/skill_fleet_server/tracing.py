"""Traces for OpenTelemetry, when somebody wants them: a span for each request, each module that runs, each model call.

Nothing of OpenTelemetry is imported, or needed, otherwise. Attributes are names, numbers and ids; never what a person,
a model or a file says, and never a header or a query, which may hold a token.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from skill_fleet_server.errors import CannotStart

STANDARD_VARIABLE: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""Where OpenTelemetry's own programs look for the collector."""

_SEND_S: Final = 2
_HINT: Final = "pip install 'skill-fleet[otel]'"

Attribute = str | int | float | bool

_tracer: Any = None


class Span:
    """Takes what becomes known only while something runs."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def note(self, **attributes: Attribute) -> None:
        """Add attributes."""
        if self._span is not None:
            self._span.set_attributes(_named(attributes))

    def rename(self, name: str) -> None:
        """Give it a better name."""
        if self._span is not None:
            self._span.update_name(name)

    def fail(self, kind: str) -> None:
        """It went wrong, in this way."""
        if self._span is not None:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_status(Status(StatusCode.ERROR, kind))


_UNSEEN: Final = Span()


@contextmanager
def span(name: str, **attributes: Attribute) -> Generator[Span]:
    """A span, below the one that is open here. An error is noted by its kind alone: what it says may be private."""
    if _tracer is None:
        yield _UNSEEN
        return
    with _tracer.start_as_current_span(
        name, attributes=_named(attributes), record_exception=False, set_status_on_exception=False
    ) as open_:
        noted = Span(open_)
        try:
            yield noted
        except BaseException as error:
            noted.fail(type(error).__name__)
            raise


@contextmanager
def started(endpoint: str | None, *, process: str, version: str) -> Generator[None]:
    """Send spans for as long as the context is open, if there is somebody to send them to.

    Args:
        endpoint: The collector's address for OTLP over HTTP; `None` for what the standard variable says.
        process: Names this kind of process.
        version: Of the program.

    Raises:
        CannotStart: If OpenTelemetry is not installed.
    """
    global _tracer
    endpoint = endpoint or os.environ.get(STANDARD_VARIABLE)
    if not endpoint:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise CannotStart(f"SKILL_FLEET_OTLP_ENDPOINT or {STANDARD_VARIABLE} asks for traces: {_HINT}.") from None
    resource = Resource({"service.name": f"skill-fleet-{process}", "service.version": version})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_SEND_S)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("skill-fleet")
    try:
        yield
    finally:
        _tracer = None
        # A collector that is away must not keep the program from ending.
        provider.force_flush(_SEND_S * 1_000)
        provider.shutdown()


def _named(attributes: dict[str, Attribute]) -> dict[str, Attribute]:
    return {name.replace("__", "."): value for name, value in attributes.items()}
