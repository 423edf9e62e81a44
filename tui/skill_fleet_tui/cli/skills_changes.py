"""`skills promote, unpromote, move, rename, remove, restore`: change the library, and say how to take it back."""

from collections.abc import Iterator

from skill_fleet_common.library import Promote, Removed, SkillDetail
from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import Refused, UsageProblem
from skill_fleet_tui.client.skills import SkillsClient
from skill_fleet_tui.text.clean import clean_line


def promote(session: Session, job_id: str, wish: Promote) -> Exit:
    """Move a job's draft into the library."""

    async def send(api: ApiClient) -> SkillDetail:
        client = SkillsClient(api)
        return await client.promote(job_id, await _as_revision(session, api, client, job_id, wish))

    try:
        skill: SkillDetail = session.request(send)
    except Refused as error:
        if not session.json:
            for line in _in_the_way(error):
                session.note(line)
        error.hint = _hint(error, job_id)
        raise
    if session.json:
        session.document(skill)
        return Exit.OK
    session.line(f"{skill.name} is in the library: {skill.taxonomy_path}/{skill.name}")
    session.note(f"Install it with: skill-fleet skills install {skill.name} --for claude", "dim")
    session.note(f"Take it back with: skill-fleet skills unpromote {skill.name}", "dim")
    return Exit.OK


async def _as_revision(
    session: Session, api: ApiClient, client: SkillsClient, job_id: str, wish: Promote
) -> Promote:  # fmt: skip
    """A draft that extends a skill becomes its next revision, unless another name was given; says so."""
    try:
        job = await api.job(job_id)
    except Refused:
        # Forgotten: its draft may be there still, and what is wrong otherwise the promotion says.
        return wish
    extends = job.result.extends if job.result is not None and job.promoted is None else ""
    if not extends or wish.name not in (None, extends):
        return wish
    now = await client.name_now(extends)
    if not now:
        session.note(f"It extends {extends}, which the library has no more. It becomes a new skill.")
        return wish
    was = f" (it was {extends} when the job began)" if now != extends else ""
    session.note(f"It becomes the next revision of {now}{was}.")
    return wish.model_copy(update={"replace": True, "name": now})


def unpromote(session: Session, name: str) -> Exit:
    """Make a skill its job's draft again."""
    undone = session.request(lambda api: SkillsClient(api).unpromote(name))
    if session.json:
        session.document(undone)
        return Exit.OK
    session.line(f"{undone.name} is a draft again: {undone.draft_path}")
    session.note(f"Promote it again with: skill-fleet skills promote {undone.job_id}", "dim")
    return Exit.OK


def move(session: Session, name: str, category: str) -> Exit:
    """Put a skill into another category."""
    skill = session.request(lambda api: SkillsClient(api).move(name, category))
    return _changed(session, skill, f"{skill.name} is in {skill.taxonomy_path} now.")


def rename(session: Session, name: str, new_name: str) -> Exit:
    """Call a skill something else."""
    skill = session.request(lambda api: SkillsClient(api).rename(name, new_name))
    return _changed(session, skill, f"{name} is called {skill.name} now; {name} leads to it still.")


def remove(session: Session, name: str) -> Exit:
    """Take a skill out of the library."""
    removed = session.request(lambda api: SkillsClient(api).remove(name))
    if session.json:
        session.document(removed)
        return Exit.OK
    session.line(f"{removed.name} is removed.")
    session.note(f"Restore it with: skill-fleet skills restore {removed.name}", "dim")
    return Exit.OK


def list_trash(session: Session) -> Exit:
    """List what was removed."""
    removed = session.request(lambda api: SkillsClient(api).trash())
    if session.json:
        session.document({"removed": [each.model_dump(mode="json") for each in removed]})
    elif not removed:
        session.note("Nothing was removed.")
    for each in removed if not session.json else []:
        at = each.removed_at.astimezone().strftime("%Y-%m-%d %H:%M")
        session.line("\t".join([each.name, each.taxonomy_path, at, each.trash_id]))
    return Exit.OK


def restore(session: Session, which: str) -> Exit:
    """Put a removed skill back: that of a trash id, or the last one of a name."""
    removed: list[Removed] = session.request(lambda api: SkillsClient(api).trash())
    found = next((each for each in removed if which in (each.trash_id, each.name)), None)
    if found is None:
        raise UsageProblem(f"Nothing called {which} was removed.", "See what was: skill-fleet skills restore")
    skill = session.request(lambda api: SkillsClient(api).restore(found.trash_id))
    return _changed(session, skill, f"{skill.name} is back in {skill.taxonomy_path}.")


def _changed(session: Session, skill: SkillDetail, said: str) -> Exit:
    if session.json:
        session.document(skill)
    else:
        session.line(said)
    return Exit.OK


def _in_the_way(error: Refused) -> Iterator[str]:
    """What rules found, one line each."""
    found = error.problem.extra("findings")  # noqa: S610  not Django's
    for finding in found or []:
        where = f"{finding.get('path', '')}:{finding.get('line') or 1}"
        said = f"  {finding.get('rule', '')}  {where}  {finding.get('message', '')}  {finding.get('fix', '')}"
        yield clean_line(said).rstrip()


def _hint(error: Refused, job_id: str) -> str:
    again = f"skill-fleet skills promote {job_id}"
    match error.problem.code:
        case "name_taken":
            return f"{again} --name OTHER, or {again} --replace"
        case "not_promotable":
            return f"{again} --force takes it as it is."
        case _:
            return error.hint
