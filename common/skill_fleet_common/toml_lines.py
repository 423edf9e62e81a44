"""On which line of a TOML text a name is set: what is wrong in a settings file is said with its line."""

import re
from typing import Final

_HEADER: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")


def line_of(text: str, name: tuple[str, ...]) -> int | None:
    """The line, from 1, that sets a name or begins the table of that name; `None` if none does.

    Args:
        text: A TOML document.
        name: The name's parts, from the outermost table inwards.
    """
    header = ""
    dotted = ".".join(part for part in name if part)
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _HEADER.match(line):
            header = match[1].replace('"', "")
            if header == dotted or header.startswith(f"{dotted}."):
                return number
            continue
        key = line.partition("=")[0].replace('"', "").replace(" ", "").strip()
        if key and f"{header}.{key}".lstrip(".") == dotted:
            return number
    return None
