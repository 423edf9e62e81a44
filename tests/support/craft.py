"""A library with something in it, and jobs that are given something to work from."""

from pathlib import Path
from typing import Any

from skill_fleet_server.quality import skill_md
from tests.support.person import Person

BODY = "# Log lines\n\n## Steps\n\n1. Bind the request id to the logger.\n2. Write one event per line.\n"
DESCRIPTION = "Writes structured Python logging lines. Use when Python logging is added to a payment service."
GUIDE = "# Logging rules\n\n- Use structlog with bound loggers.\n- Every line carries a request id.\n"
CHAT = "User: add a log line\nAssistant: I used print.\nUser: No. Never use print in a service.\nAssistant: Done.\n"
TASK = "structured Python logging for a payment service"


def keep_skill(data_dir: Path, path: str, name: str, description: str = DESCRIPTION, body: str = BODY) -> None:
    """A skill of the library."""
    directory = data_dir / "library" / path / name
    directory.mkdir(parents=True)
    metadata = {"owner": "payments"}
    (directory / "SKILL.md").write_text(
        skill_md(name, description, body, metadata=metadata, license="MIT", allowed_tools="Bash Read")
    )


def text_of(prompt: dict[str, Any]) -> str:
    """SKILL.md as a prompt shows it."""
    return next(file for file in prompt["files"] if file["path"] == "SKILL.md")["text"]


async def grounded_job(person: Person, *checkpoints: str) -> str:
    """A job about logging with a guide and a transcript, in which nothing is ambiguous."""
    sources = [{"name": "guide.md", "text": GUIDE}, {"name": "chat.md", "text": CHAT}]
    return await person.create(f"{TASK} demo:clear", sources=sources, checkpoints=list(checkpoints))
