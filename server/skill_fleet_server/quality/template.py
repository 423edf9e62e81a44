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
