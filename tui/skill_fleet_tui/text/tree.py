"""Paths of files as a tree of rows. Imports the standard library only."""

from collections.abc import Iterable
from typing import NamedTuple


class Branch(NamedTuple):
    """A row of the tree."""

    label: str
    """The file's name, or its folder's with a slash."""
    depth: int
    path: str
    """The file's whole path; empty for a folder."""


def tree(paths: Iterable[str]) -> list[Branch]:
    """The rows, in the order of the paths; a file that is alone in its folder stands in one row with it."""
    paths = list(paths)
    rows: list[Branch] = []
    above: tuple[str, ...] = ()
    for path in paths:
        *folders, name = path.split("/")
        if folders and sum(other.startswith(f"{folders[0]}/") for other in paths) == 1:
            rows.append(Branch(path, 0, path))
            above = ()
            continue
        for depth, part in enumerate(folders):
            if tuple(folders[: depth + 1]) != above[: depth + 1]:
                rows.append(Branch(f"{part}/", depth, ""))
        above = tuple(folders)
        rows.append(Branch(name, len(folders), path))
    return rows
