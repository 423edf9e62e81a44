"""`/library`: the library as a whole. Apart from `/skills`, where every word is a skill's name."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query

from skill_fleet_common.library import Budget, Routing, SkillDetail, Trash
from skill_fleet_server.api.auth import Principal
from skill_fleet_server.api.context import Parts
from skill_fleet_server.api.descriptions import problems
from skill_fleet_server.library import changes, exploring

router = APIRouter(prefix="/library", tags=["library"])


@router.get("/route", summary="See where a query leads", responses=problems(422))
async def route_query(
    parts: Parts,
    _by: Principal,
    q: Annotated[str, Query(max_length=2_000, description="What a user might type.")],
    limit: Annotated[int, Query(ge=1, le=100)] = exploring.RANKED,
) -> Routing:
    """Which skill would be picked by its words (BM25 over names and descriptions), and which words decide."""
    return await asyncio.to_thread(exploring.route, parts.library.catalog, q, limit=limit)


@router.get("/budget", summary="See what all descriptions take", responses=problems())
async def read_budget(parts: Parts, _by: Principal) -> Budget:
    """Characters that the library takes in each client's list of skills, and the client's limit."""
    return await asyncio.to_thread(exploring.listing_budget, parts.library.catalog)


@router.get("/trash", summary="List what was removed", responses=problems())
async def list_trash(parts: Parts, _by: Principal) -> Trash:
    """Skills that were removed and can be restored, newest first."""
    return Trash(removed=await asyncio.to_thread(changes.trash, parts.library))


@router.post(
    "/trash/{trash_id}/restore", summary="Restore a removed skill", responses=problems(404, 409, 422, 503)
)  # fmt: skip
async def restore_skill(
    trash_id: Annotated[str, Path(min_length=1, max_length=200)], parts: Parts, _by: Principal
) -> SkillDetail:
    """Put it back where it was, with its revisions and aliases."""
    name = await asyncio.to_thread(changes.restore, parts.library, trash_id)
    return await asyncio.to_thread(parts.library.detail, name)
