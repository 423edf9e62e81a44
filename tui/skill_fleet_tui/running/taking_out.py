"""What leaves the library for this machine: skills copied to an agent's folder, and saved in the forms of an export."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from skill_fleet_tui.client.agents import Client, Scope, folder_for
from skill_fleet_tui.client.errors import UsageProblem
from skill_fleet_tui.client.installing import Installed
from skill_fleet_tui.client.installing import install as install_archive
from skill_fleet_tui.running.librarian import Desk, Task

if TYPE_CHECKING:
    from skill_fleet_common.library import ExportFormat
    from skill_fleet_tui.app import SkillFleetApp

FORMS: Final = {
    "skill": "this skill as NAME.skill, for an upload",
    "zip": "every skill as skills.zip, a folder each",
    "xml": "every skill as <available_skills>, for a system prompt",
    "marketplace": "every skill as plugins of a marketplace, in a zip",
}
"""What an export makes."""

_NAMES: Final = {"zip": "skills.zip", "xml": "available_skills.xml", "marketplace": "marketplace.zip"}


def agents() -> list[tuple[str, Path]]:
    """What can be typed to install, and the folder that it means."""
    return [
        (f"{client.value}{' home' if scope is Scope.HOME else ''}", folder_for(client, scope))
        for client in Client
        for scope in Scope
    ]


def install(name: str, wish: str) -> Task:
    """Copy a skill to where an agent looks for skills.

    Args:
        name: The skill's.
        wish: The agent, and `home` for every project of this person.
    """

    async def work(at: Desk) -> None:
        folder = dict(agents()).get(" ".join(wish.lower().removesuffix(" project").split()))
        if folder is None:
            known = ", ".join(client.value for client in Client)
            raise UsageProblem(f"There is no agent {wish}.", f"There are {known}; each with home or without.")
        archive = await at.client.export([name])
        done = await asyncio.to_thread(install_archive, archive, folder)
        at.library.refusal = ""
        at.say(f"{name} {_became(done)} {folder.expanduser().absolute() / name}. Agents load it when a session begins.")

    return work


def _became(done: Installed) -> str:
    return "is updated in" if done.updated else "is in place already:" if done.unchanged else "is installed in"


def export(app: "SkillFleetApp", name: str, form: str) -> Task:
    """Save a skill, or all of them, in the current directory; in a browser it is a download."""

    async def work(at: Desk) -> None:
        if form not in FORMS:
            raise UsageProblem(f"There is no form {form}.", f"There are {', '.join(FORMS)}.")
        content = await at.client.export([name] if form == "skill" else (), form=cast("ExportFormat", form))
        file_name = _NAMES.get(form) or f"{name}.skill"
        at.library.refusal = ""
        if app.is_web:
            app.deliver_binary(BytesIO(content), save_filename=file_name)
            return
        from skill_fleet_tui.terminal.exporting import NotSaved, save_new

        try:
            at.say(f"Saved {await asyncio.to_thread(save_new, Path.cwd(), file_name, content)}")
        except NotSaved as error:
            raise UsageProblem(str(error), "Start the dashboard in a directory that you may write.") from error

    return work
