"""Records ten jobs on a real server with the demo model: `python -m tests.support.recording` writes the fixture anew.

The recording is what `skill-fleet events JOB --json` prints of every job, in the order in which it happened.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any, Final

import httpx

from skill_fleet_common.jobs import JobStatus
from tests.support.server import ServerProcess, eventually, running_server

TEN_JOBS: Final = Path(__file__).parents[1] / "recordings" / "ten_jobs.jsonl"
PATIENCE_SECONDS: Final = 90.0

_RULES: Final = "# Logging\n\n- Use one logger per module.\n- Never log a token, a password or an address.\n"
_SOURCES: Final = [{"name": "logging.md", "text": _RULES}]

JOBS: Final[tuple[dict[str, Any], ...]] = (
    {"task_description": "A skill for release notes from our changelog. demo:clear", "auto_approve": True},
    {"task_description": "A skill for database migrations. demo:clear demo:fail=find_taxonomy_path"},
    {"task_description": "A skill for reviewing React hooks"},
    {"task_description": "A skill for Python logging. demo:structure demo:clear", "sources": _SOURCES},
    {"task_description": "A skill for incident reports after an outage"},
    {"task_description": "A skill for SQL reviews. demo:clear", "checkpoints": ["preview"], "sources": _SOURCES},
    {"task_description": "A skill for terraform modules. demo:clear", "checkpoints": ["confirm"]},
    {"task_description": "A skill for accessible forms. demo:clear", "checkpoints": ["validate"]},
    {"task_description": "A skill for shell scripts. demo:clear demo:fail=gather_requirements"},
    {"task_description": "A skill for API errors. demo:clear", "checkpoints": ["confirm"]},
)
"""Two fail, one is done, seven ask, of every kind."""


async def ten_jobs(server: ServerProcess) -> list[str]:
    """Start the jobs and wait until each asks or is over; returns their ids."""
    async with server.client() as api:
        ids = []
        for job in JOBS:
            created = (await api.post("jobs", json=job)).raise_for_status()
            ids.append(created.json()["job"]["job_id"])
        await eventually(lambda: _all_rest(api, ids), within=PATIENCE_SECONDS, what="ten jobs that rest", every=0.2)
        return ids


async def recorded(server: ServerProcess, ids: list[str]) -> str:
    """Everything that happened to the jobs, as JSON lines."""
    events: list[dict[str, Any]] = []
    async with server.client() as api:
        for job_id in ids:
            events += await _events(api, job_id)
    return "".join(f"{json.dumps(event)}\n" for event in sorted(events, key=lambda event: event["pos"]))


async def _events(api: httpx.AsyncClient, job_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more, after = True, 0
    while more:
        given = await api.get(f"jobs/{job_id}/events", params={"after": after}, headers={"Accept": "application/json"})
        page = given.raise_for_status().json()
        found += page["events"]
        more, after = page["more"], page["after"]
    return found


async def _all_rest(api: httpx.AsyncClient, ids: list[str]) -> bool:
    jobs = [(await api.get(f"jobs/{job_id}")).raise_for_status().json() for job_id in ids]
    return all(job["prompt"] or JobStatus(job["status"]).is_terminal for job in jobs)


async def main() -> None:
    """Write the fixture."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_server(Path(folder) / "data") as server:
            text = await recorded(server, await ten_jobs(server))
    TEN_JOBS.parent.mkdir(exist_ok=True)
    TEN_JOBS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
