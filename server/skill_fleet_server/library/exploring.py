"""Looking around in the library: listing, searching, and where the words of a query lead."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from skill_fleet_common.evidence import SkillRouting
from skill_fleet_common.library import Budget, MatchedWord, Promoted, RoutedSkill, Routing, SkillPage, SkillSummary
from skill_fleet_server.library.catalog import Catalog, Entry
from skill_fleet_server.library.library import Library
from skill_fleet_server.quality.listing import budget
from skill_fleet_server.quality.ranking import said_words
from skill_fleet_server.quality.routing import LIMITS, Listed, Ranked, lead, rank

RANKED: Final = 20
"""Most skills that a routing shows."""


def page(catalog: Catalog, *, category: str, q: str, offset: int, limit: int) -> SkillPage:
    """Skills by taxonomy path and name; with a query, those that have its words or its text in name or description.

    Not for an event loop's thread.

    Args:
        catalog: The library.
        category: Only below this path.
        q: The query; best match first.
        offset: How many to pass over.
        limit: How many to return at most.
    """
    within = [each for each in catalog.entries() if not category or f"{each.taxonomy_path}/".startswith(f"{category}/")]
    found = list(_matching(within, q)) if q.strip() else within
    shown = [summary(each) for each in found[offset : offset + limit]]
    more = offset + limit < len(found)
    return SkillPage(skills=shown, total=len(found), next=str(offset + limit) if more else None)


def route(catalog: Catalog, query: str, *, limit: int = RANKED) -> Routing:
    """Which skill of the library a query leads to. Not for an event loop's thread."""
    entries = catalog.entries()
    ranked, said = rank(_listed(entries), query), said_words(query)
    alone = ranked and (len(ranked) == 1 or ranked[0].score > ranked[1].score)
    return Routing(
        query=query,
        words=list(said.values()),
        picked=entries[ranked[0].number].name if alone else None,
        ranked=[_routed(entries[each.number], each, said) for each in ranked[:limit]],
        skills=len(entries),
        limits=LIMITS,
    )


def lead_queries(library: Library, name: str) -> SkillRouting:
    """Where the test queries of a skill lead in the library as it is now. Not for an event loop's thread.

    Raises:
        NotFound, NameTaken: As `Catalog.find` does.
    """
    actual = library.catalog.find(name).directory.name
    evidence = library.revisions.evidence(actual)
    entries = library.catalog.entries()
    number = next((at for at, each in enumerate(entries) if each.name == actual), None)
    queries = evidence.queries if evidence and number is not None else []
    return SkillRouting(
        name=actual,
        kept=bool(queries),
        queries=lead(_listed(entries), number, queries) if number is not None else [],
        skills=len(entries),
        limits=LIMITS,
    )


def promotions(catalog: Catalog) -> dict[str, Promoted]:
    """What became of drafts: by job, the skill that its draft is, or was a revision of. Not for an event loop's thread.

    A skill that was removed is not among them.
    """
    return {
        note.job_id: Promoted(
            name=entry.name, taxonomy_path=entry.taxonomy_path, revision=note.revision, at=note.at, by=note.by
        )
        for entry in catalog.entries()
        for note in entry.promoted
    }


def listing_budget(catalog: Catalog) -> Budget:
    """What all descriptions take in each client's list. Not for an event loop's thread."""
    return budget(_listed(catalog.entries()))


def summary(entry: Entry) -> SkillSummary:
    """A skill as a list shows it."""
    counts = entry.counts
    return SkillSummary(
        name=entry.name,
        description=entry.description,
        taxonomy_path=entry.taxonomy_path,
        demo=entry.demo,
        errors=counts.errors if counts else None,
        warnings=counts.warnings if counts else None,
    )


def _matching(entries: Sequence[Entry], q: str) -> Iterator[Entry]:
    """First those with the very text in their name, then by rank, then those with the text in their description."""
    text = " ".join(q.split()).casefold()
    named = [each for each in entries if text in each.name.casefold() or text.replace(" ", "-") in each.name]
    by_words = [entries[each.number] for each in rank(_listed(entries), q)]
    described = [each for each in entries if text in each.description.casefold()]
    yield from dict.fromkeys([*named, *by_words, *described])


def _listed(entries: Sequence[Entry]) -> list[Listed]:
    return [Listed(each.name, each.description) for each in entries]


def _routed(entry: Entry, ranked: Ranked, said: Mapping[str, str]) -> RoutedSkill:
    return RoutedSkill(
        **summary(entry).model_dump(include={"name", "description", "taxonomy_path"}),
        score=round(ranked.score, 4),
        words=[MatchedWord(word=said[word], score=round(score, 4)) for word, score in ranked.words.items()],
    )
