"""Adding to the library's list of categories, and showing it with what is in each."""

import io
from collections import Counter
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from skill_fleet_common.library import AddAlias, AddCategory, CategoryView, TaxonomyView
from skill_fleet_server.errors import Invalid, NameTaken
from skill_fleet_server.library.disk import write_file
from skill_fleet_server.library.journal import Step
from skill_fleet_server.library.library import Library
from skill_fleet_server.library.paths import check_taxonomy_path
from skill_fleet_server.library.taxonomy import FILE, FILE_BYTES, Category, Taxonomy, read_categories, seed_text

_WIDTH: Final = 4_096


def view(library: Library) -> TaxonomyView:
    """The categories, how many skills are in each, and the folders that hold skills without being a category.

    Raises:
        TaxonomyUnreadable: If the library's own list cannot be read.
    """
    taxonomy = library.taxonomy()
    counts = Counter(path for _, path in library.catalog.places())
    listed = [_seen(category, category.slug, counts) for category in taxonomy.categories]
    known = set(taxonomy.paths())
    stray = [
        CategoryView(path=path, title=path, skills=counts[path], listed=False)
        for path in sorted(counts)
        if path not in known
    ]
    return TaxonomyView(categories=[*listed, *stray], skills=counts.total(), own=taxonomy.own)


def add_category(library: Library, wish: AddCategory) -> None:
    """Add a category, or a subcategory of one.

    Raises:
        Invalid: If the path does not do, or what it is to be below is not there.
        NameTaken: If there is one, or it is an alias of one.
        TaxonomyUnreadable, LibraryUnwritable: If the list cannot be read or written.
    """
    path = check_taxonomy_path(wish.path)
    with library.change() as staging:
        taxonomy = library.taxonomy()
        if taxonomy.contains(path):
            raise NameTaken(f"There is a category {path} already.")
        top, _, slug = path.rpartition("/")
        if top and not taxonomy.contains(top):
            raise Invalid(f"There is no category {top}. Add that first.")
        if library.catalog.has(slug) and (library.root / path / "SKILL.md").exists():
            raise NameTaken(f"{path} is a skill, and cannot be a category. Choose another name.")
        made = wish.model_dump(exclude={"path"}, exclude_defaults=True) | {"description": wish.description}
        document = _document(library)
        siblings = document if not top else _entry(document, top).setdefault("subcategories", [])
        siblings.append({"slug": slug, **made})
        _write(library, staging, document)


def add_alias(library: Library, wish: AddAlias) -> None:
    """Add another word for a category.

    Raises:
        Invalid: If there is no such category.
        NameTaken: If the word means another one already.
        TaxonomyUnreadable, LibraryUnwritable: If the list cannot be read or written.
    """
    word = " ".join(wish.alias.split()).casefold()
    with library.change() as staging:
        taxonomy = library.taxonomy()
        if not taxonomy.contains(wish.path):
            raise Invalid(f"There is no category {wish.path[:80]!r}.")
        meant = word if taxonomy.contains(word) else taxonomy.by_alias(word)
        if meant == wish.path:
            return
        if meant or not word.isprintable():
            raise NameTaken(f"{word[:80]!r} means {meant} already." if meant else "Use letters, digits and hyphens.")
        document = _document(library)
        _entry(document, wish.path).setdefault("aliases", []).append(word)
        _write(library, staging, document)


def _seen(category: Category, path: str, counts: Counter[str]) -> CategoryView:
    return CategoryView(
        path=path,
        title=category.title,
        description=category.description,
        aliases=category.aliases,
        examples=category.examples,
        skills=counts[path],
        subcategories=[_seen(sub, f"{path}/{sub.slug}", counts) for sub in category.subcategories],
    )


def _document(library: Library) -> Any:
    """The list as a document that keeps its comments. `library.taxonomy` has read it before, so it can be read."""
    own = library.root / FILE
    return _yaml().load(own.read_text("utf-8") if library.taxonomy().own else seed_text())


def _entry(document: Any, path: str) -> Any:
    top, _, sub = path.partition("/")
    found = next(each for each in document if each["slug"] == top)
    return next(each for each in found["subcategories"] if each["slug"] == sub) if sub else found


def _write(library: Library, staging: Path, document: Any) -> None:
    text = io.StringIO()
    _yaml().dump(document, text)
    content = text.getvalue().encode()
    try:
        Taxonomy(read_categories(content.decode()))
    except (YAMLError, ValidationError, RecursionError) as error:
        raise Invalid("The category cannot be written; use plain words for its title and description.") from error
    if len(content) > FILE_BYTES:
        raise Invalid(f"The list of categories would be larger than {FILE_BYTES:,} bytes; remove some first.")
    own, new = library.root / FILE, staging / FILE
    write_file(new, content)
    aside = [Step(own, staging / f"{FILE}.old")] if own.exists() or own.is_symlink() else []
    library.commit([*aside, Step(new, own)])


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True, plug_ins=[])
    yaml.width = _WIDTH
    return yaml
