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
    """The rows, in the order of the paths; a folder with a single file in it stands in its file's row."""
    paths = list(paths)
    rows: list[Branch] = []
    above: tuple[str, ...] = ()
    for path in paths:
        *folders, name = path.split("/")
        folder = "/".join(folders)
        if folder and sum(other.startswith(f"{folder}/") for other in paths) == 1:
            rows.append(Branch(path, 0, path))
            above = ()
            continue
        for depth, part in enumerate(folders):
            if tuple(folders[: depth + 1]) != above[: depth + 1]:
                rows.append(Branch(f"{part}/", depth, ""))
        above = tuple(folders)
        rows.append(Branch(name, len(folders), path))
    return rows
