"""Every request about the library, as a method. Like `api`, of which it is a part: models in, models out."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import IO, Final
from urllib.parse import quote

from skill_fleet_common.evidence import SkillEvidence, SkillRouting
from skill_fleet_common.library import (
    AddAlias,
    AddCategory,
    Budget,
    ExportFormat,
    ImportReport,
    Move,
    Promote,
    Promoted,
    Promotions,
    Removed,
    Rename,
    Routing,
    SkillDetail,
    SkillPage,
    SkillSummary,
    TaxonomyView,
    Trash,
    Unpromoted,
)
from skill_fleet_tui.client.api import ApiClient, segment
from skill_fleet_tui.client.errors import Refused
from skill_fleet_tui.client.responses import decoded
from skill_fleet_tui.text.clean import clean

IMPORT_SECONDS: Final = 600.0
"""Hundreds of skills are checked, and written through to the disk."""
EXPORT_SECONDS: Final = 120.0
PAGE: Final = 500


class SkillsClient:
    """What can be asked of the library over a connection.

    Raises, from every method: `Unreachable`, `Unauthorized`, `Refused` or `NotUnderstood`.
    """

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    async def page(
        self, *, category: str = "", q: str = "", limit: int | None = None, cursor: str | None = None
    ) -> SkillPage:
        """One page of skills: by category and name, or best match first."""
        asked = {"category": category or None, "q": q or None, "limit": limit, "cursor": cursor}
        return await self._api.get("/skills", SkillPage, asked)

    async def all(self, *, category: str = "", q: str = "", limit: int | None = None) -> list[SkillSummary]:
        """Skills from all pages, at most so many."""
        found: list[SkillSummary] = []
        cursor: str | None = None
        while limit is None or len(found) < limit:
            wanted = PAGE if limit is None else min(PAGE, limit - len(found))
            page = await self.page(category=category, q=q, limit=wanted, cursor=cursor)
            found += page.skills
            cursor = page.next
            if cursor is None:
                break
        return found

    async def skill(self, name: str) -> SkillDetail:
        """One skill, by its name or one it had before."""
        return await self._api.get(f"{_place(name)}", SkillDetail)

    async def evidence(self, name: str, revision: int | None = None) -> SkillEvidence:
        """What is known of how a skill came about, now or at an earlier revision."""
        return await self._api.get(f"{_place(name)}/evidence", SkillEvidence, {"revision": revision})

    async def routing(self, name: str) -> SkillRouting:
        """Where a skill's test queries lead in the library as it is now."""
        return await self._api.get(f"{_place(name)}/routing", SkillRouting)

    async def file(self, name: str, path: str, revision: int | None = None) -> bytes:
        """A file of a skill as it is: for writing, not for showing."""
        where = f"{_place(name)}/files/{quote(path)}"
        response = await self._api.send(
            "GET", where, params={"revision": revision}, repeatable=True, accept="application/octet-stream"
        )
        return response.content

    async def text(self, name: str, path: str, revision: int | None = None) -> str:
        """A file of a skill as text, clean for showing."""
        return clean((await self.file(name, path, revision)).decode("utf-8", errors="replace"))

    async def promote(self, job_id: str, wish: Promote) -> SkillDetail:
        """Make a job's draft a skill of the library."""
        where = f"/drafts/{segment(job_id)}/promote"
        return await self._api.post(where, SkillDetail, wish.model_dump(mode="json"), repeatable=True)

    async def promotions(self) -> dict[str, Promoted]:
        """What drafts have become, by job."""
        return (await self._api.get("/library/promotions", Promotions)).jobs

    async def name_now(self, name: str) -> str:
        """What a skill of that name is called now; empty if the library has it no more."""
        try:
            return (await self.skill(name)).name
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return ""

    async def unpromote(self, name: str) -> Unpromoted:
        """Make a skill its job's draft again."""
        return await self._api.post(f"{_place(name)}/unpromote", Unpromoted)

    async def move(self, name: str, taxonomy_path: str) -> SkillDetail:
        """Put a skill into another category."""
        body = Move(taxonomy_path=taxonomy_path).model_dump()
        return await self._api.post(f"{_place(name)}/move", SkillDetail, body, repeatable=True)

    async def rename(self, name: str, new_name: str) -> SkillDetail:
        """Call a skill something else."""
        body = Rename(name=new_name).model_dump()
        return await self._api.post(f"{_place(name)}/rename", SkillDetail, body, repeatable=True)

    async def remove(self, name: str) -> Removed:
        """Take a skill out of the library."""
        return decoded(await self._api.send("DELETE", f"{_place(name)}"), Removed)

    async def trash(self) -> list[Removed]:
        """What was removed, newest first."""
        return (await self._api.get("/library/trash", Trash)).removed

    async def restore(self, trash_id: str) -> SkillDetail:
        """Put a removed skill back."""
        return await self._api.post(f"/library/trash/{segment(trash_id)}/restore", SkillDetail)

    async def route(self, query: str, *, limit: int | None = None) -> Routing:
        """Which skill the words of a query lead to."""
        return await self._api.get("/library/route", Routing, {"q": query, "limit": limit})

    async def budget(self) -> Budget:
        """What all descriptions take in each client's list."""
        return await self._api.get("/library/budget", Budget)

    async def import_zip(
        self, file: IO[bytes], *, dry_run: bool, repair: bool = False, category: str = ""
    ) -> ImportReport:
        """Take the skills of a zip into the library, or only see what would become of each."""
        response = await self._api.send(
            "POST",
            "/library/import",
            params={"dry_run": dry_run, "repair": repair, "category": category or None},
            content=file,
            headers={"Content-Type": "application/zip"},
            seconds=IMPORT_SECONDS,
        )
        return decoded(response, ImportReport)

    async def export(
        self, names: Sequence[str] = (), *, category: str = "", form: ExportFormat = "zip", root: str = ""
    ) -> bytes:
        """Skills in one of the forms of an export; all if none is named."""
        asked = {"name": list(names) or None, "category": category or None, "format": form, "root": root or None}
        response = await self._api.send(
            "GET", "/library/export", params=asked, repeatable=True, accept="*/*", seconds=EXPORT_SECONDS
        )
        return response.content

    async def taxonomy(self) -> TaxonomyView:
        """The categories, and how many skills are in each."""
        return await self._api.get("/taxonomy", TaxonomyView)

    async def add_category(self, wish: AddCategory) -> TaxonomyView:
        """Add a category, or a subcategory of one."""
        return await self._api.post("/taxonomy/categories", TaxonomyView, wish.model_dump(mode="json"))

    async def add_alias(self, path: str, alias: str) -> TaxonomyView:
        """Add another word for a category."""
        body = AddAlias(path=path, alias=alias).model_dump()
        return await self._api.post("/taxonomy/aliases", TaxonomyView, body, repeatable=True)


def _place(name: str) -> str:
    """Where a skill is asked for. Names are unique, so that a category before the name says nothing."""
    return f"/skills/{segment(name.rpartition('/')[2])}"
