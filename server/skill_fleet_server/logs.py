"""The server's log: structlog for our own messages, and everybody else's through the same renderer, on stderr."""

import logging
import logging.config
import sys
from typing import Any, Final, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_QUIET: Final = {"uvicorn": "WARNING", "uvicorn.access": "WARNING", "httpx": "WARNING", "alembic": "WARNING"}
"""Loggers whose everyday messages say nothing that ours do not."""

_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160)) if chr(code) not in "\n\t"}


def configure(level: str, style: Literal["console", "json"]) -> None:
    """Set up logging for the process; may be called again."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(style)],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    _adopt_engine(handler)
    root.setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)


def _adopt_engine(handler: logging.Handler) -> None:
    """DBOS gives its logger a handler of its own only where there is none."""
    logger = logging.getLogger("dbos")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.filters[:] = [_is_news]


def _is_news(record: logging.LogRecord) -> bool:
    """That the engine cannot start is said by `process`, in one line instead of a page."""
    return "failed to launch" not in str(record.msg)


def _renderers(style: Literal["console", "json"]) -> list[Processor]:
    if style == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    return [plain, _harmless]


def _harmless(_logger: WrappedLogger, _method: str, rendered: EventDict | str | Any) -> str:
    """Text from models and people may be in a message: show its control characters instead of obeying them."""
    return str(rendered).translate(_CONTROL)
