"""The library over HTTP: from a draft to a skill and back, and every way to be told no."""

import asyncio
import io
import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from skill_fleet_common import limits
from skill_fleet_server.api.passage import BODY_BYTES
from skill_fleet_server.grounding import instructions
from tests.support.api import Api, running_api
from tests.unit.library.archives import made, of_skills
from tests.unit.library.builders import draft, evidence, shelve, skill


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with running_api(tmp_path) as running:
        yield running


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found = response.json()
    assert (found["code"], found["status"]) == (code, status)
    assert found["detail"].endswith((".", "!", "?"))
    return found


async def test_from_a_job_to_a_skill_and_back(api: Api, tmp_path: Path) -> None:
    job_id = await api.create("A skill for writing release notes", auto_approve=True)
    job = await api.until_status(job_id, "completed", "pending_review")
    promoted = await api.client.post(f"drafts/{job_id}/promote", json={"force": True})
    assert promoted.status_code == 201, promoted.text
    found = promoted.json()
    assert found["name"] == job["result"]["name"]
    assert (found["demo"], found["job_id"], found["revision"]) == (True, job_id, 1)
    assert not (tmp_path / "drafts" / job_id).exists()
    listed = (await api.client.get("skills")).json()
    assert [each["name"] for each in listed["skills"]] == [found["name"]]
    known = (await api.client.get(f"skills/{found['name']}/evidence")).json()
    assert (known["kept"], known["revision"]) == (True, 1)
    assert {each["kind"] for each in known["queries"]} == {"positive", "negative", "edge"}
    told = {each.line: each.text for each in instructions(found["text"])}
    assert {each["line"] for each in known["provenance"]} == set(told)
    became = (await api.client.get(f"jobs/{job_id}")).json()["promoted"]
    assert (became["name"], became["taxonomy_path"], became["revision"]) == (found["name"], found["taxonomy_path"], 1)
    assert (await api.client.get("jobs")).json()["promoted"] == {job_id: became}
    assert (await api.client.get("library/promotions")).json()["jobs"] == {job_id: became}
    assert listed["skills"][0]["errors"] == found["errors"]
    undone = await api.client.post(f"skills/{found['name']}/unpromote")
    assert (await api.client.get(f"jobs/{job_id}")).json()["promoted"] is None
    assert undone.json()["draft_path"] == job["result"]["draft_path"]
    assert (tmp_path / undone.json()["draft_path"] / "SKILL.md").is_file()
    assert (await api.client.get("skills")).json() == {"skills": [], "total": 0, "next": None}


async def test_a_skill_is_read_with_all_that_is_known_of_it(api: Api, tmp_path: Path) -> None:
    directory = shelve(tmp_path, "data/pdf-forms")
    (directory / "assets").mkdir()
    (directory / "assets/logo.png").write_bytes(b"\x89PNG\r\n\xff")
    found = (await api.client.get("skills/pdf-forms")).json()
    assert found["text"] == skill(taxonomy="data")
    assert [file["path"] for file in found["files"]] == ["SKILL.md", "assets/logo.png"]
    assert {size["client"] for size in found["listing"]} == {"claude", "codex", "vscode", "gemini"}
    assert found["measures"]
    file = await api.client.get("skills/pdf-forms/files/assets/logo.png")
    assert file.content == b"\x89PNG\r\n\xff"
    assert file.headers["x-content-type-options"] == "nosniff"
    for missing in ("skills/none", "skills/pdf-forms/files/none.md", "skills/pdf-forms/files/..%2f..%2ftoken"):
        problem(await api.client.get(missing), 404, "not_found")


async def test_skills_are_listed_by_category_and_query_in_pages(api: Api, tmp_path: Path) -> None:
    for path in ("data/sql-queries", "data/csv-files", "design/brand-colours"):
        shelve(tmp_path, path)
    first = (await api.client.get("skills", params={"limit": 2})).json()
    assert [each["name"] for each in first["skills"]] == ["csv-files", "sql-queries"]
    rest = (await api.client.get("skills", params={"limit": 2, "cursor": first["next"]})).json()
    assert ([each["name"] for each in rest["skills"]], rest["next"], rest["total"]) == (["brand-colours"], None, 3)
    within = (await api.client.get("skills", params={"category": "design"})).json()
    assert [each["name"] for each in within["skills"]] == ["brand-colours"]
    asked = (await api.client.get("skills", params={"q": "colour"})).json()
    assert [each["name"] for each in asked["skills"]] == ["brand-colours"]
    problem(await api.client.get("skills", params={"cursor": "x"}), 422, "invalid")


async def test_moving_renaming_removing_and_restoring(api: Api, tmp_path: Path) -> None:
    shelve(tmp_path, "data/one")
    moved = await api.client.post("skills/one/move", json={"taxonomy_path": "design"})
    assert moved.json()["taxonomy_path"] == "design"
    renamed = await api.client.post("skills/one/rename", json={"name": "two"})
    assert renamed.json()["aliases"] == ["data/one", "one"]
    assert (await api.client.get("skills/one")).json()["resolved_from"] == "one"
    was = await api.client.get("skills/two/files/SKILL.md", params={"revision": 1})
    assert was.text == skill("one", taxonomy="data")
    removed = (await api.client.delete("skills/two")).json()
    problem(await api.client.get("skills/two"), 404, "not_found")
    assert (await api.client.get("library/trash")).json()["removed"] == [removed]
    restored = await api.client.post(f"library/trash/{removed['trash_id']}/restore")
    assert restored.json()["name"] == "two"
    problem(await api.client.post("skills/two/move", json={"taxonomy_path": "cooking"}), 422, "invalid")
    problem(await api.client.post("skills/two/rename", json={"name": "Two!"}), 422, "invalid")
    problem(await api.client.post("skills/two/unpromote"), 409, "not_a_draft")


async def test_a_draft_that_does_not_pass_is_refused_with_what_is_in_the_way(api: Api, tmp_path: Path) -> None:
    problem(await api.client.post("drafts/none/promote"), 404, "not_found")
    draft(tmp_path, text=skill(body="# A\n\nSee [more](references/none.md).\n"))
    found = problem(await api.client.post("drafts/job-1/promote"), 409, "not_promotable")
    assert found["findings"][0]["rule"] == "L01"
    shelve(tmp_path, "data/pdf-forms")
    draft(tmp_path)
    problem(await api.client.post("drafts/job-1/promote"), 409, "name_taken")
    problem(
        await api.client.post("drafts/job-1/promote", json={"taxonomy_path": "cooking", "name": "x"}), 422, "invalid"
    )


async def test_of_two_promotions_to_one_name_one_wins(api: Api, tmp_path: Path) -> None:
    for number in range(6):
        draft(tmp_path, f"job-{number}", text=skill(body=f"# Number {number}\n\n1. Do it.\n"))
    answers = await asyncio.gather(*(api.client.post(f"drafts/job-{number}/promote") for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    [winner] = [number for number, answer in enumerate(answers) if answer.status_code == 201]
    assert f"# Number {winner}" in (await api.client.get("skills/pdf-forms")).json()["text"]
    assert len(list((tmp_path / "drafts").iterdir())) == 5


async def test_where_a_query_leads_and_why(api: Api, tmp_path: Path) -> None:
    shelve(tmp_path, "data/sql-queries", skill("sql-queries", "Writes SQL queries. Use when a table is asked about."))
    shelve(tmp_path, "design/brand-colours", skill("brand-colours", "Picks colours. Use when a page needs a brand."))
    found = (await api.client.get("library/route", params={"q": "Which colours are in the brand table?"})).json()
    assert found["picked"] == "brand-colours"
    first, second = found["ranked"]
    assert first["score"] > second["score"] > 0
    assert {word["word"] for word in first["words"]} == {"colours", "brand"}
    assert round(sum(word["score"] for word in first["words"]), 2) == round(first["score"], 2)
    nothing = (await api.client.get("library/route", params={"q": "zebra"})).json()
    assert (nothing["picked"], nothing["ranked"], nothing["skills"]) == (None, [], 2)
    assert "negation" in nothing["limits"]


async def test_where_the_test_queries_of_a_skill_lead_now(api: Api, tmp_path: Path) -> None:
    draft(tmp_path, evidence=evidence("", "Fill in a PDF form", "Paint a wall"))
    await api.client.post("drafts/job-1/promote")
    shelve(tmp_path, "design/walls", skill("walls", "Paints walls. Use when a wall needs paint."))
    found = (await api.client.get("skills/pdf-forms/routing")).json()
    assert (found["name"], found["kept"], found["skills"]) == ("pdf-forms", True, 2)
    here, astray = found["queries"]
    assert (here["reached"], here["score"]) == ("pdf-forms", here["own_score"])
    assert (astray["reached"], astray["own_score"]) == ("walls", 0)
    assert astray["score"] > 0
    assert "negation" in found["limits"]
    assert (await api.client.get("skills/walls/routing")).json()["kept"] is False
    assert (await api.client.get("skills/walls/evidence")).json()["kept"] is False
    for path in ("none/evidence", "none/routing", "pdf-forms/evidence?revision=9"):
        problem(await api.client.get(f"skills/{path}"), 404, "not_found")


async def test_sources_are_quoted_to_those_alone_who_may_see_every_job(api: Api, tmp_path: Path) -> None:
    draft(tmp_path, evidence=evidence())
    await api.client.post("drafts/job-1/promote")
    made = await api.client.post("tokens", json={"name": "guest", "role": "viewer", "own_only": True})
    guest = {"Authorization": f"Bearer {made.json()['token']}"}
    for headers, quote in (({}, "as the guide says"), (guest, "")):
        found = (await api.client.get("skills/pdf-forms/evidence", headers=headers)).json()
        assert {each["quote"] for each in found["provenance"]} == {quote}


async def test_the_listing_budget_counts_every_description(api: Api, tmp_path: Path) -> None:
    shelve(tmp_path, "data/one", skill("one", "x" * 1_000))
    shelve(tmp_path, "data/two", skill("two", "y" * 1_000))
    found = (await api.client.get("library/budget")).json()
    claude = next(each for each in found["clients"] if each["client"] == "claude")
    assert (found["skills"], claude["characters"], claude["too_long"]) == (2, 2_000, [])


async def test_categories_are_shown_with_their_skills_and_can_be_added(api: Api, tmp_path: Path) -> None:
    shelve(tmp_path, "data/one")
    shelve(tmp_path, "cooking/soup")
    seen = (await api.client.get("taxonomy")).json()
    counts = {each["path"]: (each["skills"], each["listed"]) for each in seen["categories"]}
    assert (counts["data"], counts["cooking"], counts["design"]) == ((1, True), (1, False), (0, True))
    added = await api.client.post("taxonomy/categories", json={"path": "cooking", "title": "Cooking: hot & cold"})
    assert added.status_code == 201, added.text
    assert added.json()["own"]
    sub = await api.client.post("taxonomy/categories", json={"path": "cooking/soups", "title": "Soups"})
    cooking = next(each for each in sub.json()["categories"] if each["path"] == "cooking")
    assert cooking["title"] == "Cooking: hot & cold"
    assert [each["path"] for each in cooking["subcategories"]] == ["cooking/soups"]
    named = await api.client.post("taxonomy/aliases", json={"path": "cooking/soups", "alias": "Broth"})
    assert named.status_code == 201
    moved = await api.client.post("skills/one/move", json={"taxonomy_path": "broth"})
    assert moved.json()["taxonomy_path"] == "cooking/soups"
    assert "# The categories a library starts with" in (tmp_path / "library/taxonomy.yaml").read_text()


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("data", 409, "name_taken"), ("Data", 422, "invalid"), ("a/b/c", 422, "invalid"), ("none/below", 422, "invalid"),
     ("../x", 422, "invalid")],
)  # fmt: skip
async def test_a_category_that_does_not_do_is_refused(api: Api, path: str, status: int, code: str) -> None:
    problem(await api.client.post("taxonomy/categories", json={"path": path, "title": "x"}), status, code)


async def test_a_list_of_categories_that_cannot_be_read_is_said_to_be(api: Api, tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library/taxonomy.yaml").write_text("a: [")
    found = problem(await api.client.get("taxonomy"), 409, "taxonomy_unreadable")
    assert "Correct or remove it" in found["detail"]
    draft(tmp_path)
    problem(await api.client.post("drafts/job-1/promote"), 409, "taxonomy_unreadable")


@pytest.mark.skipif(os.geteuid() == 0, reason="needs file permissions that bind")
async def test_a_library_that_cannot_be_written_is_said_to_be(api: Api, tmp_path: Path) -> None:
    shelve(tmp_path, "data/one")
    (tmp_path / "library").chmod(0o500)
    found = problem(await api.client.delete("skills/one"), 503, "library_unwritable")
    (tmp_path / "library").chmod(0o700)
    assert "not permitted" in found["detail"]


async def test_an_archive_is_looked_at_and_then_taken(api: Api) -> None:
    zip_type = {"Content-Type": "application/zip"}
    content = of_skills("data/one", "data/two").getvalue()
    looked = await api.client.post("library/import", params={"dry_run": True}, content=content, headers=zip_type)
    assert [each["verdict"] for each in looked.json()["skills"]] == ["valid", "valid"]
    assert (await api.client.get("skills")).json()["total"] == 0
    taken = await api.client.post("library/import", content=content, headers=zip_type)
    assert taken.json()["imported"] == 2
    again = await api.client.post("library/import", content=content, headers=zip_type)
    assert [each["verdict"] for each in again.json()["skills"]] == ["present", "present"]
    problem(await api.client.post("library/import", content=b"no zip"), 422, "archive_refused")
    outside = made({"../x/SKILL.md": skill("x")}).getvalue()
    problem(await api.client.post("library/import", content=outside), 422, "archive_refused")


async def test_an_archive_may_be_larger_than_other_requests_and_not_without_end(api: Api) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * (limits.IMPORT_BYTES // 8)

    problem(await api.client.post("library/import", content=b" " * (BODY_BYTES + 1)), 422, "archive_refused")
    problem(await api.client.post("library/import", content=pieces()), 413, "too_large")


async def test_skills_are_exported_in_every_form(api: Api, tmp_path: Path) -> None:
    problem(await api.client.get("library/export"), 422, "invalid")
    shelve(tmp_path, "data/one")
    shelve(tmp_path, "data/two")
    whole = await api.client.get("library/export")
    assert whole.headers["content-disposition"] == 'attachment; filename="skills.zip"'
    assert zipfile.ZipFile(io.BytesIO(whole.content)).namelist() == ["one/SKILL.md", "two/SKILL.md"]
    single = await api.client.get("library/export", params={"format": "skill", "name": "one"})
    assert single.headers["content-disposition"] == 'attachment; filename="one.skill"'
    problem(await api.client.get("library/export", params={"format": "skill"}), 422, "invalid")
    xml = await api.client.get("library/export", params={"format": "xml"})
    assert xml.text.count("<skill>") == 2
    plugins = await api.client.get("library/export", params={"format": "marketplace"})
    assert ".claude-plugin/marketplace.json" in zipfile.ZipFile(io.BytesIO(plugins.content)).namelist()
    problem(await api.client.get("library/export", params={"name": "none"}), 404, "not_found")


async def test_without_the_token_nothing_is_told(api: Api) -> None:
    for path in (
        "skills",
        "skills/x",
        "library/route?q=x",
        "library/budget",
        "library/trash",
        "library/export",
        "taxonomy",
    ):
        problem(await api.client.get(path, headers={"Authorization": "Bearer wrong"}), 401, "unauthorized")
