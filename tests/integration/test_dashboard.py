"""The real dashboard on a real server process: from a sentence to a skill, by keyboard alone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from skill_fleet_common.jobs import JobStatus
from skill_fleet_tui.app import Options, SkillFleetApp
from skill_fleet_tui.screens.fork import ForkScreen, Points
from skill_fleet_tui.store.fleet import FleetState
from skill_fleet_tui.store.job import JobState
from skill_fleet_tui.store.story import LogLine
from skill_fleet_tui.widgets.prompt_panel import PromptPanel
from tests.support.server import ServerProcess, eventually, running_server
from tests.unit.dashboard.stage import screen_text

WHOLE_JOB_SECONDS = 60.0


@asynccontextmanager
async def dashboard(server: ServerProcess) -> AsyncGenerator[tuple[SkillFleetApp, Pilot[None]]]:
    app = SkillFleetApp(Options(url=server.url, token_file=server.data_dir / "token"))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await eventually(
            lambda: app.fleet is not None and app.fleet.connection.link == "live", what="a live connection"
        )
        yield app, pilot


def fleet(app: SkillFleetApp) -> FleetState:
    assert app.fleet is not None
    return app.fleet


def only_job(app: SkillFleetApp) -> JobState | None:
    return next(iter(fleet(app).jobs.values()), None)


async def create(app: SkillFleetApp, pilot: Pilot[None], *words: str) -> None:
    await pilot.press("c")
    await pilot.pause()
    for word in words:
        await pilot.press(*word, "space")
    await pilot.press("ctrl+s")
    await eventually(lambda: only_job(app), what="the job")


async def answer_what_is_asked(app: SkillFleetApp, pilot: Pilot[None]) -> str:
    """Take the first choice everywhere, type a word where a text is asked; returns the prompt's kind."""
    panel = app.screen.query_one(PromptPanel)
    await eventually(lambda: panel.form is not None or _over(app), within=WHOLE_JOB_SECONDS, what="a question")
    if panel.form is None:
        return ""
    form = panel.form
    await pilot.press("n")
    for _ in range(12):
        kind = form.step.kind
        await pilot.press(*{"text": ("o", "k", "enter"), "multi": ("space", "enter"), "choice": ("enter",)}[str(kind)])
        if form.draft.sending or form.draft.accepted or panel.form is not form:
            break
    await eventually(lambda: form.draft.accepted, what="the answer to be taken")
    await eventually(lambda: panel.form is not form, what="the question to go")
    return str(form.prompt.kind)


def _over(app: SkillFleetApp) -> bool:
    job = only_job(app)
    return job is not None and job.view.status.is_terminal


async def log_of_a_dashboard_that_comes_late(server: ServerProcess) -> list[LogLine]:
    async with dashboard(server) as (app, _):
        job = await eventually(lambda: only_job(app), what="the job")
        await eventually(lambda: not job.history_missing and not job.loading, what="the job's past")
        return list(job.log.lines)


async def test_a_job_is_created_answered_and_finished_from_the_keyboard(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server:
        async with dashboard(server) as (app, pilot):
            await create(app, pilot, "Python", "logging", "as", "we", "do")
            kinds = [await answer_what_is_asked(app, pilot)]
            while kinds[-1]:
                kinds.append(await answer_what_is_asked(app, pilot))
            job = only_job(app)
            assert job is not None
            assert job.view.status is JobStatus.COMPLETED, job.view.error
            assert {"clarify", "confirm", "preview", "validate"} <= set(kinds)
            watched = list(job.log.lines)
        assert await log_of_a_dashboard_that_comes_late(server) == watched


async def test_a_server_that_is_killed_and_started_again_changes_nothing_in_the_log(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server:
        async with dashboard(server) as (app, pilot):
            await create(app, pilot, "Database", "migrations")
            panel = app.screen.query_one(PromptPanel)
            await eventually(lambda: panel.form is not None, within=WHOLE_JOB_SECONDS, what="a question")
            await server.restart()
            await eventually(lambda: fleet(app).connection.link == "live", within=20, what="the connection")
            await answer_what_is_asked(app, pilot)
            await eventually(lambda: panel.form is not None, within=WHOLE_JOB_SECONDS, what="the next question")
            job = only_job(app)
            assert job is not None
            watched = list(job.log.lines)
        assert await log_of_a_dashboard_that_comes_late(server) == watched


async def test_a_finished_job_is_forked_at_a_question_and_asks_it_again(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server, dashboard(server) as (app, pilot):
        await create(app, pilot, "Python", "logging", "demo:clear")
        while await answer_what_is_asked(app, pilot):
            pass
        first = only_job(app)
        assert first is not None
        await pilot.press(*":fork ask/confirm.1", "enter")
        screen = await eventually(lambda: app.screen if isinstance(app.screen, ForkScreen) else None, what="the screen")
        await eventually(lambda: screen.query_one(Points).option_count, what="the steps")
        assert "Shared: " in screen_text(app)

        await pilot.press("ctrl+s")

        await eventually(lambda: fleet(app).selected not in (None, first.id), what="the fork")
        fork = fleet(app).jobs[fleet(app).selected or ""]
        assert (fork.view.forked_from, fork.view.fork_step) == (first.id, "ask/confirm.1")
        await eventually(lambda: fork.view.prompt, within=WHOLE_JOB_SECONDS, what="the question")
        assert fork.view.prompt is not None
        assert str(fork.view.prompt.kind) == "confirm"
        shared = [run for run in fork.view.modules if run.replayed]
        assert {"gather_requirements", "synthesize_plan"} <= {run.step for run in shared}
        assert fork.view.usage.calls == 0
        await eventually(lambda: any("forked from job" in line.text for line in fork.log.lines), what="its first lines")
        await pilot.press("O")
        assert fleet(app).selected == first.id
