"""A person's own keys: the table `[dashboard.keys]`, checked against every binding there is."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from textual.keys import Keys, _character_to_key

from skill_fleet_tui.commands.bound import PANES, Bound, everything_bound
from skill_fleet_tui.commands.keymap import KeyMap

_MODIFIERS: Final = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMED: Final = frozenset(key.value for key in Keys) | {_character_to_key(chr(code)) for code in range(33, 127)}

Problem = tuple[str, str]
"""The id that something is wrong with, and a sentence."""


def read_keys(table: Mapping[str, Any]) -> tuple[KeyMap, list[Problem]]:
    """The keys that hold, and what of the table cannot be used. What is wrong leaves the keys as they were.

    Args:
        table: Keys by id: `"job.create" = "n"`, or several: `["n", "ctrl+n"]`.
    """
    bound = {one.id: one for one in everything_bound() if one.keys}
    changed: dict[str, str] = {}
    problems: list[Problem] = []
    for name, value in _flat(table):
        if name not in bound:
            close = difflib.get_close_matches(name, bound, n=1)
            hint = f"Did you mean {close[0]}?" if close else "The help (?) lists them."
            problems.append((name, f"there is no key for {name}. {hint}"))
            continue
        try:
            changed[name] = ",".join(_keys(value))
        except ValueError as error:
            problems.append((name, str(error)))
    for name in list(changed):
        if (other := _clash(bound[name], bound.values(), KeyMap(changed))) is not None:
            keys = KeyMap(changed).shown(name, "")
            problems.append((name, f"{keys} for {name} is the key of {other.id} too; give that another one."))
            del changed[name]
    return KeyMap(changed), problems


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Ids with a dot may be written with or without quotes; without, TOML makes tables of them."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _keys(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    if not given or not all(isinstance(one, str) and one.strip() for one in given):
        raise ValueError('a key is a text such as "n" or "ctrl+n", or a list of them.')
    return [_key(one.strip()) for one in given]


def _key(text: str) -> str:
    """A key as Textual writes it.

    Raises:
        ValueError: If there is no such key.
    """
    if len(text) == 1:
        return _character_to_key(text)
    *modifiers, last = text.split("+")
    known = len(last) == 1 or last in _NAMED
    if not known or not set(modifiers) <= _MODIFIERS:
        raise ValueError(f'there is no key {text!r}; keys are written as "n", "ctrl+n", "f5", "pagedown" or "slash".')
    return "+".join([*modifiers, _character_to_key(last) if len(last) == 1 else last])


def _clash(one: Bound, others: Any, keys: KeyMap) -> Bound | None:
    """Another binding that a person would press with the same key at the same place."""
    own = set(keys.keys(one.id, one.keys).split(","))
    for other in others:
        if other.id == one.id or not _meet(one, other) or set(one.keys.split(",")) & set(other.keys.split(",")):
            # Where a key is shared as it comes, one of the two is only there while the other is not.
            continue
        if own & set(keys.keys(other.id, other.keys).split(",")):
            return other
    return None


def _meet(one: Bound, other: Bound) -> bool:
    if not set(one.screens) & set(other.screens):
        return False
    if not one.holders or not other.holders:
        return all(not each.holders or each.place in PANES for each in (one, other))
    return any(issubclass(a, b) or issubclass(b, a) for a in one.holders for b in other.holders)
