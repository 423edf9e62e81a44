"""Ten jobs on a real server: what was recorded of them looks, when it is played, as it did live."""

from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from skill_fleet_tui.app import Options, SkillFleetApp
from tests.support.recording import recorded, ten_jobs
from tests.support.server import eventually, running_server
from tests.unit.dashboard.stage import screen_text

SIZE = (140, 40)


async def test_a_recording_looks_as_it_did_live(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    async with running_server(tmp_path / "data") as server:
        given = Options(url=server.url, token_file=server.data_dir / "token")
        live = SkillFleetApp(given, wall=lambda: _last_told(live) or datetime.now(UTC))
        async with live.run_test(size=SIZE, notifications=True) as pilot:
            await eventually(lambda: live.fleet is not None and live.fleet.connection.link == "live", what="live")
            ids = await ten_jobs(server)
            path.write_text(await recorded(server, ids))
            was = [await _looks(live, pilot, job_id) for job_id in ids]
    played = SkillFleetApp(Options(replay=path))
    async with played.run_test(size=SIZE, notifications=True) as pilot:
        await eventually(lambda: played.fleet is not None and len(played.fleet.jobs) == len(ids), what="ten jobs")
        for job_id, looked in zip(ids, was, strict=True):
            assert await _looks(played, pilot, job_id) == looked


async def _looks(app: SkillFleetApp, pilot: Pilot[None], job_id: str) -> str:
    """The log and the question of a job; the top line says where it comes from, and the list how long ago it was."""
    fleet = app.fleet
    assert fleet is not None
    app.go_to(job_id)
    await eventually(lambda: _is_whole(app, job_id), what="the job's past")
    await pilot.press("tab", "z")
    await pilot.pause()
    app.beat(urgent=True)
    await pilot.pause()
    shown = screen_text(app).split("\n", 1)[1]
    await pilot.press("escape", "escape")
    return shown


def _last_told(app: SkillFleetApp) -> datetime | None:
    """A recording stands still at the last thing in it; so does the clock of the live one."""
    return app.fleet.told_at if app.fleet is not None else None


def _is_whole(app: SkillFleetApp, job_id: str) -> bool:
    job = app.fleet.jobs.get(job_id) if app.fleet is not None else None
    return job is not None and not job.history_missing and not job.loading
