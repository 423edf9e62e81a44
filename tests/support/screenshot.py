"""Draws the README's picture: the real dashboard on a real server, while the demo model writes. `make docs` runs it."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

import httpx

from skill_fleet_tui.app import Options, SkillFleetApp
from tests.support.server import eventually, running_server

COLUMNS, ROWS = 160, 45
SECONDS_PER_WORD: Final = "0.008"
PATIENCE_SECONDS: Final = 90.0

RULES: Final = """\
# Logging rules

- Use one logger per module: `logger = logging.getLogger(__name__)`.
- Never log a token, a password or a customer's address.
- Log the exception with `logger.exception`, once, where it is handled.
- Give every line the request's id, so that one search finds a whole request.
"""


async def draw() -> str:
    """The picture, as SVG: one job is being written, one asks about its draft, others asked, ended or failed."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        environment = {"SKILL_FLEET_DEMO_DELAY": SECONDS_PER_WORD}
        async with running_server(data_dir, environment=environment) as server, server.client() as api:
            await _create(api, "A skill for release notes. demo:clear", auto_approve=True)
            await _create(api, "A skill for database migrations. demo:clear demo:fail=find_taxonomy_path")
            await _create(api, "A skill for reviewing React hooks")
            shown = await _create(api, "A skill for Python logging the way our team does it", {"logging.md": RULES})
            for kind in ("clarify", "confirm"):
                await _accept(api, shown, kind)
            await _asked(api, shown, "preview")
            written = await _create(api, "A skill for Kubernetes rollbacks. demo:clear", auto_approve=True)
            app = SkillFleetApp(
                Options(url=server.url, token_file=data_dir / "token", data_dir=data_dir, job=shown)
            )  # fmt: skip
            async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
                await eventually(lambda: _is_written(app, written), within=PATIENCE_SECONDS, what="a job being written")
                await pilot.press("enter")
                app.beat(urgent=True)
                await pilot.pause()
                return app.export_screenshot(title="skill-fleet-tui")


async def _create(api: httpx.AsyncClient, task: str, sources: dict[str, str] | None = None, **rest: Any) -> str:
    named = [{"name": name, "text": text} for name, text in (sources or {}).items()]
    response = await api.post("jobs", json={"task_description": task, "sources": named, **rest})
    return response.raise_for_status().json()["job"]["job_id"]


async def _asked(api: httpx.AsyncClient, job_id: str, kind: str) -> dict[str, Any]:
    async def prompt() -> dict[str, Any] | None:
        response = await api.get(f"hitl/{job_id}/prompt")
        return response.json() if response.is_success and response.json()["kind"] == kind else None

    return await eventually(prompt, within=PATIENCE_SECONDS, what=f"the prompt {kind}")


async def _accept(api: httpx.AsyncClient, job_id: str, kind: str) -> None:
    prompt = await _asked(api, job_id, kind)
    answers = prompt["default"]["answers"]
    if kind == "clarify":
        answers = {question: answer if answer != "o1" else "o2" for question, answer in answers.items()}
    given = {"prompt_id": prompt["prompt_id"], "version": 1, "action": "proceed", "answers": answers}
    (await api.post(f"hitl/{job_id}/response", json=given)).raise_for_status()


def _is_written(app: SkillFleetApp, job_id: str) -> bool:
    """Whether a job is in the middle of its text, and everything of the selected one has come."""
    fleet = app.fleet
    if fleet is None or job_id not in fleet.jobs or fleet.current is None or fleet.current.history_missing:
        return False
    view = fleet.jobs[job_id].view
    return view.module == "write_skill" and not fleet.current.loading


def main(path: Path) -> None:
    """Draw the picture into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(asyncio.run(draw()), encoding="utf-8")
