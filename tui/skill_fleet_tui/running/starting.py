"""The dashboard comes to life after the first paint: what needs httpx and pydantic is imported here, not before."""

from typing import TYPE_CHECKING

from skill_fleet_tui import collector
from skill_fleet_tui.client.errors import ClientError
from skill_fleet_tui.running.session import Session
from skill_fleet_tui.setup.settings import SettingsError, load_settings, read_token
from skill_fleet_tui.store.connection import Link

if TYPE_CHECKING:
    from skill_fleet_tui.app import SkillFleetApp
    from skill_fleet_tui.store.fleet import FleetState


async def live_on(app: "SkillFleetApp", fleet: "FleetState") -> None:
    """Play a recorded log, or talk to a server until cancelled. What stands in the way is said in the status line."""
    options = app.options
    try:
        if options.replay is not None:
            from skill_fleet_tui.running.replay import replay

            await replay(options.replay, fleet)
            return
        token = read_token(options.token_file) if options.token_file else None
        settings = load_settings(url=options.url, token=token, data_dir=options.data_dir)
    except (ClientError, SettingsError) as error:
        fleet.connection.become(Link.STOPPED, str(error))
        return
    finally:
        collector.resume()
    app.session = Session(fleet, settings, lambda said, wrong: app.toast(said, wrong=wrong), app.come_to)
    if options.job:
        fleet.wanted.add(options.job)
    await app.session.run()
