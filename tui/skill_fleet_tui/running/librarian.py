"""What the dashboard asks the server about the library, and what becomes of it in the store. Knows no widget."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from skill_fleet_common.library import Promote, Promoted, SkillDetail
from skill_fleet_tui.client.errors import ClientError, Refused
from skill_fleet_tui.client.skills import SkillsClient
from skill_fleet_tui.store.library import LibraryState, Undo

if TYPE_CHECKING:
    from skill_fleet_tui.app import SkillFleetApp
    from skill_fleet_tui.store.files import FileRef
    from skill_fleet_tui.store.fleet import FleetState

NOT_FOUND: Final = 404
NO_SERVER: Final = "There is no connection to the server."


@dataclass
class Desk:
    """What a task works with."""

    client: SkillsClient
    library: LibraryState
    say: Callable[[str], None]
    fleet: "FleetState | None" = None


Task = Callable[[Desk], Awaitable[None]]


def desk(app: "SkillFleetApp") -> Desk:
    """What there is to work with.

    Raises:
        ClientError: If there is no connection.
    """
    api = app.session.api if app.session is not None else None
    library = app.open_library()
    if api is None or library is None:
        raise ClientError(NO_SERVER, "Wait for it, or press r to try again.")
    return Desk(SkillsClient(api), library, app.toast, app.fleet)


async def attempted(app: "SkillFleetApp", task: Task, *, changes: bool) -> None:
    """Do a task. A change that is refused is said, and why stays to be read beside the skill."""
    try:
        await task(desk(app))
    except ClientError as error:
        said = said_of(error)
        if app.library is not None and changes:
            app.library.refusal = said
        elif app.library is not None and not app.library.loaded:
            app.library.trouble = said
        if app.library is not None:
            app.library.touch()
        if changes:
            app.toast(said, wrong=True)
    app.beat(urgent=True)


def said_of(error: ClientError) -> str:
    """What went wrong, and what to do."""
    return f"{error.message} {error.hint}".strip()


# --- reading ------------------------------------------------------------------------------------------


async def read_library(at: Desk) -> None:
    """Everything there is."""
    library = at.library
    library.loading = True
    library.touch()
    try:
        skills = await at.client.all()
        library.take(skills, await at.client.taxonomy(), await at.client.trash())
        _promoted(library, at.fleet, await at.client.promotions())
    except ClientError as error:
        library.trouble = said_of(error)
    finally:
        library.loading = False
        library.touch()


def read_promotions(fleet: "FleetState") -> Task:
    """What the drafts of the jobs have become."""

    async def work(at: Desk) -> None:
        # A server from before it knew says so, and then nothing is known.
        with suppress(ClientError):
            _promoted(at.library, fleet, await at.client.promotions())

    return work


def _promoted(library: LibraryState, fleet: "FleetState | None", known: dict[str, Promoted]) -> None:
    library.promoted = known
    library.touch()
    for job in fleet.jobs.values() if fleet is not None else ():
        if job.promoted != known.get(job.id):
            job.promoted = known.get(job.id)
            job.version += 1


def read_skill(name: str) -> Task:
    """All that is known of a skill."""

    async def work(at: Desk) -> None:
        try:
            at.library.keep(await at.client.skill(name))
        except ClientError as error:
            at.library.detail_problems[name] = said_of(error)
            at.library.touch()

    return work


def read_evidence(name: str, revision: int, *, newest: bool) -> Task:
    """How a revision came about; of the newest also where its test queries lead."""

    async def work(at: Desk) -> None:
        at.library.asked_evidence.add((name, revision))
        evidence = await at.client.evidence(name, revision)
        at.library.keep_evidence(evidence, await at.client.routing(name) if newest else None)

    return work


def read_text(ref: "FileRef", *, newest: bool) -> Task:
    """The text of a file at a revision; of the newest as it is on disk now."""

    async def work(at: Desk) -> None:
        try:
            text = await at.client.text(ref.job_id, ref.path, None if newest else ref.revision)
        except Refused as refused:
            if refused.status == NOT_FOUND:
                at.library.keep_text(ref, "")
            else:
                at.library.text_problems[ref] = refused.message
        except ClientError as error:
            at.library.text_problems[ref] = said_of(error)
        else:
            at.library.keep_text(ref, text)
        finally:
            at.library.asked.discard(ref)
        at.library.touch()

    return work


def read_routing(query: str, *, rests: float = 0.0) -> Task:
    """Where a query leads.

    Args:
        query: What a user might say.
        rests: Seconds to wait before: who types on asks something else by then, and this is cancelled.
    """

    async def work(at: Desk) -> None:
        await asyncio.sleep(rests)
        at.library.answer(await at.client.route(query))

    return work


async def read_budget(at: Desk) -> None:
    """What all descriptions take."""
    at.library.budget = await at.client.budget()
    at.library.touch()


# --- changing -----------------------------------------------------------------------------------------


async def promote(at: Desk, job_id: str, wish: Promote) -> SkillDetail:
    """Keep a job's draft.

    Raises:
        ClientError: If the server does not, with what is in the way.
    """
    skill = await at.client.promote(job_id, wish)
    at.library.undo = Undo("promote", skill.name, job_id, f"makes {skill.name} a draft again")
    await _settle(at, skill.name)
    return skill


def move(name: str, category: str) -> Task:
    """Put a skill into another category."""

    async def work(at: Desk) -> None:
        before = next((each.taxonomy_path for each in at.library.skills if each.name == name), "")
        skill = await at.client.move(name, category)
        at.library.undo = Undo("move", skill.name, before, f"puts {skill.name} back into {before}") if before else None
        await _settle(at, skill.name)
        at.say(f"{skill.name} is in {skill.taxonomy_path} now. The old path leads to it still; u takes it back.")

    return work


def rename(name: str, new: str) -> Task:
    """Call a skill something else."""

    async def work(at: Desk) -> None:
        skill = await at.client.rename(name, new)
        at.library.undo = Undo("rename", skill.name, name, f"calls {skill.name} {name} again")
        await _settle(at, skill.name)
        at.say(f"{name} is called {skill.name} now. The old name leads to it still; u takes it back.")

    return work


def remove(name: str) -> Task:
    """Take a skill out of the library."""

    async def work(at: Desk) -> None:
        removed = await at.client.remove(name)
        for by in (1, -1):
            if at.library.selected == name:
                at.library.move(by)
        at.library.undo = Undo("remove", removed.trash_id, removed.name, f"puts {removed.name} back")
        await _settle(at, "")
        at.say(f"{removed.name} is removed. u puts it back now, U whenever you like.")

    return work


def restore(trash_id: str) -> Task:
    """Put a removed skill back."""

    async def work(at: Desk) -> None:
        skill = await at.client.restore(trash_id)
        at.library.undo = Undo("restore", skill.name, "", f"removes {skill.name} again")
        await _settle(at, skill.name)
        at.say(f"{skill.name} is back in {skill.taxonomy_path}.")

    return work


def imported(names: Sequence[str]) -> Task:
    """Read the library after skills were brought into it."""

    async def work(at: Desk) -> None:
        at.library.undo = Undo("import", "", "", f"removes {_skills(len(names))} again", tuple(names))
        await read_library(at)
        at.say(f"Took {_skills(len(names))} into the library. u takes them out again.")

    return work


def undo(library: LibraryState) -> Task:
    """Take the last change back, once."""
    last, library.undo = library.undo, None

    async def work(at: Desk) -> None:
        if last is None:
            at.say("There is nothing to take back: the library was not changed from here.")
            return
        try:
            at.say(await _undone(at, last))
        except ClientError:
            at.library.undo = last
            raise

    return work


async def _undone(at: Desk, last: Undo) -> str:
    match last.change:
        case "promote":
            made = await at.client.unpromote(last.name)
            await _settle(at, "")
            return f"{made.name} is a draft again: {made.draft_path}. P promotes it once more."
        case "move":
            skill = await at.client.move(last.name, last.back)
        case "rename":
            skill = await at.client.rename(last.name, last.back)
        case "remove":
            skill = await at.client.restore(last.name)
        case "import":
            for name in last.taken:
                await _removed(at, name)
            await _settle(at, "")
            return f"{_skills(len(last.taken))} taken out again. U puts them back."
        case _:
            removed = await at.client.remove(last.name)
            await _settle(at, "")
            return f"{removed.name} is removed again."
    await _settle(at, skill.name)
    return f"{skill.name} is in {skill.taxonomy_path} again."


async def _removed(at: Desk, name: str) -> None:
    try:
        await at.client.remove(name)
    except Refused as refused:
        if refused.status != NOT_FOUND:  # somebody else removed it
            raise


def _skills(count: int) -> str:
    return "1 skill" if count == 1 else f"{count} skills"


async def _settle(at: Desk, name: str) -> None:
    """After a change: the library as it is now, with a skill selected."""
    at.library.refusal = ""
    if name:
        at.library.select(name)
    await read_library(at)
