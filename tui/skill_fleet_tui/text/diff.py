"""Unified diffs, coloured line by line."""

from skill_fleet_tui.text.styled import Line, untabbed


def coloured_diff(text: str) -> list[Line]:
    """Every line of a unified diff with the style of its kind."""
    return [Line(untabbed(line), _style(line)) for line in text.split("\n")]


def _style(line: str) -> str:
    if line.startswith(("+++", "---")):
        return "fence"
    match line[:1]:
        case "+":
            return "added"
        case "-":
            return "removed"
        case "@":
            return "marker"
    return ""
