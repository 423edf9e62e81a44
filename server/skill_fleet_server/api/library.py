"""`/library`: the library as a whole. Apart from `/skills`, where every word is a skill's name."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from skill_fleet_common.library import Budget, ExportFormat, ImportReport, Promotions, Routing, SkillDetail, Trash
from skill_fleet_server.api.auth import Author, Reader
from skill_fleet_server.api.context import Parts
from skill_fleet_server.api.descriptions import problems
from skill_fleet_server.errors import Invalid
from skill_fleet_server.library import changes, exploring, exporting, importing

router = APIRouter(prefix="/library", tags=["library"])

_ZIP: Final = "application/zip"
_ZIP_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}
_ARCHIVE_NAMES: Final = {"zip": "skills", "marketplace": "marketplace"}
_SPOOLED_BYTES: Final = 4 * 1024 * 1024
"""More than this of a request is kept on disk."""


@router.get("/route", summary="See where a query leads", responses=problems(422))
async def route_query(
    parts: Parts,
    _by: Reader,
    q: Annotated[str, Query(max_length=2_000, description="What a user might type.")],
    limit: Annotated[int, Query(ge=1, le=100)] = exploring.RANKED,
) -> Routing:
    """Which skill would be picked by its words (BM25 over names and descriptions), and which words decide."""
    return await asyncio.to_thread(exploring.route, parts.library.catalog, q, limit=limit)


@router.get("/budget", summary="See what all descriptions take", responses=problems())
async def read_budget(parts: Parts, _by: Reader) -> Budget:
    """Characters that the library takes in each client's list of skills, and the client's limit."""
    return await asyncio.to_thread(exploring.listing_budget, parts.library.catalog)


@router.get("/promotions", summary="See what became of drafts", responses=problems())
async def read_promotions(parts: Parts, _by: Reader) -> Promotions:
    """Which job's draft is, or was, which skill of the library."""
    return Promotions(jobs=await asyncio.to_thread(exploring.promotions, parts.library.catalog))


@router.get("/trash", summary="List what was removed", responses=problems())
async def list_trash(parts: Parts, _by: Reader) -> Trash:
    """Skills that were removed and can be restored, newest first."""
    return Trash(removed=await asyncio.to_thread(changes.trash, parts.library))


@router.post(
    "/trash/{trash_id}/restore", summary="Restore a removed skill", responses=problems(404, 409, 422, 503)
)  # fmt: skip
async def restore_skill(
    trash_id: Annotated[str, Path(min_length=1, max_length=200)], parts: Parts, _by: Author
) -> SkillDetail:
    """Put it back where it was, with its revisions and aliases."""
    name = await asyncio.to_thread(changes.restore, parts.library, trash_id)
    return await asyncio.to_thread(parts.library.detail, name)


@router.post(
    "/import",
    summary="Import skills from a zip",
    openapi_extra=_ZIP_BODY,
    responses=problems(400, 409, 413, 422, 503),
)
async def import_skills(
    request: Request,
    parts: Parts,
    by: Author,
    dry_run: Annotated[bool, Query(description="Only say what would become of each skill.")] = False,
    repair: Annotated[bool, Query(description="Take those, too, that rules can put right.")] = False,
    category: Annotated[str, Query(max_length=200, description="For skills that do not say theirs.")] = "",
) -> ImportReport:
    """The body is a zip with skills in any folders. All that pass are taken, or none; nothing in it is executed."""
    asked = {"category": category, "repair": repair}
    async with _received(request) as file:
        if dry_run:
            return await asyncio.to_thread(importing.preview_import, parts.library, file, **asked)
        return await asyncio.to_thread(importing.import_skills, parts.library, file, **asked, by=by.name)


@router.get(
    "/export",
    summary="Export skills",
    response_class=Response,
    responses={200: {"description": "What was asked for", "content": {_ZIP: {}, "text/plain": {}}}}
    | problems(404, 409, 422),
)
async def export_skills(
    parts: Parts,
    _by: Reader,
    name: Annotated[list[str], Query(max_length=500, description="Only this skill; repeat it for several.")] = [],  # noqa: B006 - FastAPI copies it
    category: Annotated[str, Query(max_length=200, description="Only below this category.")] = "",
    format: Annotated[ExportFormat, Query(description="What to make.")] = "zip",  # noqa: A002 - the parameter's name
    root: Annotated[str, Query(max_length=1_000, description="`xml` only: the folder that holds the skills.")] = "",
) -> Response:
    """`zip`: a folder per skill; `skill`: one for an upload; `xml`: `<available_skills>`; `marketplace`: plugins."""
    places = await asyncio.to_thread(exporting.chosen, parts.library, name, category.strip("/"))
    if format == "xml":
        return PlainTextResponse(await asyncio.to_thread(exporting.available_skills, places, root=root))
    if format == "skill" and len(places) != 1:
        raise Invalid("A .skill holds one skill; name one.")
    if format == "marketplace":
        file = await asyncio.to_thread(exporting.marketplace, parts.library, places)
    else:
        file = await asyncio.to_thread(exporting.zipped, places)
    called = f"{places[0].directory.name}.skill" if format == "skill" else f"{_ARCHIVE_NAMES[format]}.zip"
    return StreamingResponse(exporting.pieces(file), media_type=_ZIP, headers=_named(called))


def _named(file_name: str) -> dict[str, str]:
    plain = "".join(character for character in file_name if character.isascii() and character not in '"\\\r\n')
    return {"Content-Disposition": f'attachment; filename="{plain}"', "X-Content-Type-Options": "nosniff"}


@asynccontextmanager
async def _received(request: Request) -> AsyncGenerator[IO[bytes]]:
    """The body as a file, as far as it is large on disk."""
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED_BYTES) as file:
        async for piece in request.stream():
            # A write to disk is short; a thread per piece would cost more.
            file.write(piece)
        file.seek(0)
        yield file
