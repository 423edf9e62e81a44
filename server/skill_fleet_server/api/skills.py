"""`/skills` and `/drafts`: the skills of the library, and how a draft becomes one of them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status

from skill_fleet_common.evidence import SkillEvidence, SkillRouting, unquoted
from skill_fleet_common.library import Move, Promote, Removed, Rename, SkillDetail, SkillPage, Unpromoted
from skill_fleet_server.api.auth import Author, Reader
from skill_fleet_server.api.context import JobId, Parts
from skill_fleet_server.api.descriptions import problems
from skill_fleet_server.errors import NotFound
from skill_fleet_server.library import changes, exploring, promotion

router = APIRouter(tags=["skills"])

SkillName = Annotated[
    str, Path(min_length=1, max_length=200, description="The skill's name, or a name it had before.")
]  # fmt: skip
Revision = Annotated[int | None, Query(ge=1, le=2**31, description="As it was then; as it is now if left out.")]

_AS_IS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


@router.get("/skills", summary="List skills of the library", responses=problems(422))
async def list_skills(
    parts: Parts,
    _by: Reader,
    category: Annotated[str, Query(max_length=200, description="Only in this category, or below it.")] = "",
    q: Annotated[str, Query(max_length=500, description="Only those that share words with this, best first.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,6}$", description="`next` of the page before.")] = None,
) -> SkillPage:
    """A page of skills by taxonomy path and name; `next` is the `cursor` of the page after it."""
    offset = int(cursor or 0)
    found = exploring.page
    return await asyncio.to_thread(
        found, parts.library.catalog, category=category.strip("/"), q=q, offset=offset, limit=limit
    )  # fmt: skip


@router.get("/skills/{name}", summary="Read a skill of the library", responses=problems(404, 409, 422))
async def read_skill(name: SkillName, parts: Parts, _by: Reader) -> SkillDetail:
    """SKILL.md, files, findings, measures, revisions. Asked for by a former name, `resolved_from` says so."""
    return await asyncio.to_thread(parts.library.detail, name)


@router.get(
    "/skills/{name}/files/{path:path}",
    response_class=Response,
    summary="Read a file of a skill of the library",
    responses={200: {"description": "The file's bytes", "content": {"application/octet-stream": {}}}}
    | problems(404, 409, 422),
)
async def read_skill_file(name: SkillName, path: str, parts: Parts, _by: Reader, revision: Revision = None) -> Response:
    """One file, now or at an earlier revision, as bytes. `path` is the name it has in the skill's `files`."""
    contents = await asyncio.to_thread(parts.library.contents, name, revision)
    if path not in contents.files:
        raise NotFound(f"{name} has no file {path[:200]!r}{f' at revision {revision}' if revision else ''}.")
    return Response(contents.files[path], media_type="application/octet-stream", headers=_AS_IS)


@router.get(
    "/skills/{name}/evidence",
    summary="Read what is known of how a skill came about",
    responses=problems(404, 409, 422),
)
async def read_evidence(name: SkillName, parts: Parts, by: Reader, revision: Revision = None) -> SkillEvidence:
    """Its test queries, and where each instruction comes from, as the job left them; `kept` is false without them.

    Words of sources are quoted to those alone who may see every job.
    """
    found = await asyncio.to_thread(parts.library.evidence, name, revision)
    return unquoted(found) if by.own_only else found


@router.get(
    "/skills/{name}/routing", summary="See where a skill's test queries lead", responses=problems(404, 409, 422)
)  # fmt: skip
async def read_routing(name: SkillName, parts: Parts, _by: Reader) -> SkillRouting:
    """By their words (BM25) among the skills that the library has now: which reach it, and which a neighbour."""
    return await asyncio.to_thread(exploring.lead_queries, parts.library, name)


@router.post(
    "/drafts/{job_id}/promote",
    status_code=status.HTTP_201_CREATED,
    summary="Promote a job's draft",
    responses=problems(400, 404, 409, 422, 503),
)
async def promote_draft(job_id: JobId, parts: Parts, by: Author, body: Promote | None = None) -> SkillDetail:
    """Check a draft and move it into the library. Sent again, it finds the skill that was made of it.

    409 says what is in the way: `name_taken`, or `not_promotable` with `findings` or `overlaps`.
    """
    name = await asyncio.to_thread(promotion.promote, parts.library, job_id, body or Promote(), by=by.name)
    return await asyncio.to_thread(parts.library.detail, name)


@router.post(
    "/skills/{name}/unpromote", summary="Take a promotion back", responses=problems(404, 409, 422, 503)
)  # fmt: skip
async def unpromote_skill(name: SkillName, parts: Parts, _by: Author) -> Unpromoted:
    """The skill is the job's draft again. A revision that the promotion replaced is the skill again."""
    return await asyncio.to_thread(promotion.unpromote, parts.library, name)


@router.post(
    "/skills/{name}/move", summary="Move a skill to another category", responses=problems(400, 404, 409, 422, 503)
)  # fmt: skip
async def move_skill(name: SkillName, body: Move, parts: Parts, by: Author) -> SkillDetail:
    """The path it had stays as an alias."""
    actual = await asyncio.to_thread(changes.move, parts.library, name, body.taxonomy_path, by=by.name)
    return await asyncio.to_thread(parts.library.detail, actual)


@router.post("/skills/{name}/rename", summary="Rename a skill", responses=problems(400, 404, 409, 422, 503))
async def rename_skill(name: SkillName, body: Rename, parts: Parts, by: Author) -> SkillDetail:
    """Folder and frontmatter. The name it had stays as an alias."""
    actual = await asyncio.to_thread(changes.rename, parts.library, name, body.name, by=by.name)
    return await asyncio.to_thread(parts.library.detail, actual)


@router.delete("/skills/{name}", summary="Remove a skill", responses=problems(404, 409, 422, 503))
async def remove_skill(name: SkillName, parts: Parts, by: Author) -> Removed:
    """It can be restored under the `trash_id` of the answer."""
    return await asyncio.to_thread(changes.remove, parts.library, name, by=by.name)
