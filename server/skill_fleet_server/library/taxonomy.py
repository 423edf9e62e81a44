"""The closed list of categories that the library is ordered by.

A `taxonomy.yaml` in the library's folder is used instead of the one that comes with the server.
"""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from skill_fleet_server.errors import TaxonomyUnreadable
from skill_fleet_server.library.catalog import FOLDER

FILE: Final = "taxonomy.yaml"
FILE_BYTES: Final = 200_000

SLUG: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Category(BaseModel):
    """One category, or a subcategory of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: str = Field(pattern=SLUG, max_length=64)
    title: str
    description: str
    aliases: list[str] = []
    """Other words for it, for whoever classifies."""
    examples: list[str] = []
    subcategories: list["Category"] = []
    """One level only; below a subcategory this is not read."""


_CATEGORIES: Final = TypeAdapter(list[Category])


class Taxonomy:
    """The categories, and the paths they allow."""

    def __init__(self, categories: list[Category], *, own: bool = False) -> None:
        self.categories = categories
        self.own = own
        """Whether it is the library's own list."""
        self._paths = [path for path, _ in self.walk()]

    @classmethod
    def load(cls, data_dir: Path | None = None) -> "Taxonomy":
        """The library's own list if it has one, else the one that comes with the server.

        Raises:
            TaxonomyUnreadable: If the library's list cannot be read.
        """
        own = data_dir / FOLDER / FILE if data_dir else None
        if own is None or not own.is_file():
            return cls(_seed())
        try:
            if own.stat().st_size > FILE_BYTES:
                raise TaxonomyUnreadable(f"{FOLDER}/{FILE} is larger than {FILE_BYTES:,} bytes; shorten it.")
            return cls(read_categories(own.read_text("utf-8")), own=True)
        except (YAMLError, ValidationError, UnicodeDecodeError, OSError, RecursionError) as error:
            raise TaxonomyUnreadable(
                f"{FOLDER}/{FILE} cannot be read: {_first_problem(error)} Correct or remove it."
            ) from error

    def paths(self) -> list[str]:
        """Every allowed path, `category` and `category/subcategory`, in the list's order."""
        return list(self._paths)

    def contains(self, path: str) -> bool:
        """Whether the path is in the list."""
        return path in self._paths

    def by_alias(self, word: str) -> str | None:
        """The path of the category that a word is an alias of, if it is of just one."""
        meant = [
            path
            for path, category in self.walk()
            if word.casefold() in {alias.casefold() for alias in (*category.aliases, category.title)}
        ]
        return meant[0] if len(meant) == 1 else None

    def walk(self) -> Iterator[tuple[str, Category]]:
        """Every category and subcategory with its path, in the list's order."""
        for category in self.categories:
            yield category.slug, category
            for sub in category.subcategories:
                yield f"{category.slug}/{sub.slug}", sub


@cache
def _seed() -> list[Category]:
    """The list that comes with the server."""
    return read_categories(seed_text())


def seed_text() -> str:
    """The list that comes with the server, as it is written."""
    return resources.files("skill_fleet_server.library").joinpath(FILE).read_text("utf-8")


def read_categories(text: str) -> list[Category]:
    """The categories of a list.

    Raises:
        YAMLError, ValidationError, RecursionError: If it cannot be read.
    """
    return _CATEGORIES.validate_python(YAML(typ="safe", pure=True, plug_ins=[]).load(text))


def _first_problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        return f"{where}: {first['msg']}."
    return " ".join(str(error).split())[:200] + "."
