"""Which keys hold: those of the bindings, or those that a person's configuration gives them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_SHOWN: Final = {
    "enter": "⏎", "escape": "esc", "tab": "tab", "shift+tab": "⇧tab", "space": "space", "pageup": "pgup",
    "pagedown": "pgdn", "up": "↑", "down": "↓", "left": "←", "right": "→", "slash": "/", "colon": ":",
    "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]", "less_than_sign": "<",
    "greater_than_sign": ">", "full_stop": ".", "comma": ",", "minus": "-", "plus": "+", "equals_sign": "=",
    "exclamation_mark": "!", "ampersand": "&", "number_sign": "#", "backspace": "⌫", "delete": "del", "semicolon": ";",
}  # fmt: skip


@dataclass(frozen=True)
class KeyMap:
    """Keys by the id of what they do."""

    changed: Mapping[str, str] = field(default_factory=dict)
    """By id, as Textual writes them; only what a person has changed."""

    def keys(self, binding: str, otherwise: str) -> str:
        """The keys of a binding, as Textual writes them."""
        return self.changed.get(binding, otherwise)

    def shown(self, binding: str, otherwise: str) -> str:
        """The keys of a binding, as people read them."""
        return " ".join(shown_key(key) for key in self.keys(binding, otherwise).split(",") if key)

    def first(self, binding: str, otherwise: str) -> str:
        """The first of the keys, as people read it."""
        return self.shown(binding, otherwise).partition(" ")[0]


def shown_key(key: str) -> str:
    """A key as people read it: `^p`, `⏎`, `[`."""
    if key in _SHOWN:
        return _SHOWN[key]
    modifiers, _, last = key.rpartition("+")
    if modifiers == "ctrl" and len(last) == 1:
        return f"^{last}"
    marks = {"ctrl": "^", "shift": "⇧", "alt": "alt+"}
    return "".join(marks.get(one, f"{one}+") for one in modifiers.split("+") if one) + _SHOWN.get(last, last)
