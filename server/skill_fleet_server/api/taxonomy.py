"""`/taxonomy`: the categories that the library is ordered by."""

import asyncio

from fastapi import APIRouter, status

from skill_fleet_common.library import AddAlias, AddCategory, TaxonomyView
from skill_fleet_server.api.auth import Author, Reader
from skill_fleet_server.api.context import Parts
from skill_fleet_server.api.descriptions import problems
from skill_fleet_server.library import categories

router = APIRouter(prefix="/taxonomy", tags=["taxonomy"])


@router.get("", summary="Read the categories", responses=problems(409))
async def read_taxonomy(parts: Parts, _by: Reader) -> TaxonomyView:
    """Every category with how many skills are in it; folders that hold skills without being one, too."""
    return await asyncio.to_thread(categories.view, parts.library)


@router.post(
    "/categories",
    status_code=status.HTTP_201_CREATED,
    summary="Add a category",
    responses=problems(400, 409, 422, 503),
)
async def add_category(body: AddCategory, parts: Parts, _by: Author) -> TaxonomyView:
    """A category, or a subcategory of one. The library has its own list from then on."""
    await asyncio.to_thread(categories.add_category, parts.library, body)
    return await asyncio.to_thread(categories.view, parts.library)


@router.post(
    "/aliases",
    status_code=status.HTTP_201_CREATED,
    summary="Add another word for a category",
    responses=problems(400, 409, 422, 503),
)
async def add_alias(body: AddAlias, parts: Parts, _by: Author) -> TaxonomyView:
    """A word that means the category, to people and to whatever classifies."""
    await asyncio.to_thread(categories.add_alias, parts.library, body)
    return await asyncio.to_thread(categories.view, parts.library)
