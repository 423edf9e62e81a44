"""The Markdown body handed to the writer: the headings that good skills have, and what goes under each."""

from typing import Final

BODY_TEMPLATE: Final = """\
# Title in plain words

One or two sentences: what this skill gets done, and the one thing that goes wrong without it.

## When to use

- The situations and phrases that call for it.
- When not to use it, and what to use instead.

## Steps

1. One action per step, in the imperative, with the exact command or name.
2. The default first; say when to leave it. For detail, link to `references/…` and say when to read it.

## Example

A real input and the result it should give, short enough to check by eye.

## Gotchas

- What surprises people who know the field: the cause, and what to do about it.

## Check the result

- [ ] How to see that each step worked, in something that can be run or looked at.
"""

_MORE: Final = {
    "data": ("Shape of the data", "- The fields that matter, their types and units, and what an empty one means."),
    "design": ("What it has to look like", "- The sizes, colours and words that are given, each with its exact value."),
    "infrastructure": ("Before and after", "- What is looked at before a change, and the command that takes it back."),
    "observability": ("What to look at", "- The signal, the value that is normal, and what to do beyond it."),
    "security": ("What must never happen", "- The line that is not crossed, and whom to ask at it."),
    "testing-quality": ("What counts as passed", "- The command that decides, and what its output looks like."),
    "writing-docs": ("Voice", "- The words this team uses, and the ones it does not, side by side."),
}
"""What skills of a category have beside the common sections: the heading, and what goes under it."""


def template_for(taxonomy_path: str) -> str:
    """The template for a category: the common one, with the section that skills of this kind need."""
    more = _MORE.get(taxonomy_path.partition("/")[0])
    if more is None:
        return BODY_TEMPLATE
    heading, text = more
    before, example, after = BODY_TEMPLATE.partition("## Example")
    return f"{before}## {heading}\n\n{text}\n\n{example}{after}"
