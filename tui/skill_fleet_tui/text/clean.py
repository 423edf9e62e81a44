"""Takes from untrusted text whatever a terminal would obey or a reader could not see.

Models, files and servers write what we show. Cleaned once, where it is decoded, it cannot set a title,
write the clipboard, move the cursor or turn the direction of a line around.
"""

import re
from collections.abc import Callable
from typing import Any, Final

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

_FORBIDDEN: Final = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction of text, deprecated format characters
    r"\u180e\u200b\u2060-\u2065\ufeff\ufff9-\ufffb"  # invisible; joiners stay, scripts and emoji need them
    r"\u2028\u2029"  # line ends that only some programs know
    r"\ud800-\udfff"  # half a character: cannot be encoded
    r"\U000e0000-\U000e007f"  # tags: hidden ASCII
)
_UNSAFE: Final = re.compile(f"[{_FORBIDDEN}]")

# A string sequence ends on its line and holds no control: one that never ends cannot hide the text after it.
_SEQUENCE: Final = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[ -/]*[0-~]"  # all others
)
_BLANKS: Final = re.compile(r"\s*\n\s*|\t")


def clean(text: str) -> str:
    """Safe text of any number of lines: escape sequences are gone, other controls are visible as U+FFFD."""
    if not _UNSAFE.search(text):
        return text
    text = _SEQUENCE.sub("", text).replace("\r\n", "\n")
    return _UNSAFE.sub(REPLACEMENT, text)


def clean_line(text: str) -> str:
    """As `clean`, on one line."""
    return _BLANKS.sub(" ", clean(text))


def mask(text: str) -> str:
    """Safe text of the same length: for pieces whose offsets count, and that may cut a sequence in two."""
    return _UNSAFE.sub(REPLACEMENT, text) if _UNSAFE.search(text) else text


def clean_json(value: Any, clean: Callable[[str], str] = clean) -> Any:
    """The same JSON value with every string in it cleaned, names of members included."""
    match value:
        case str():
            return clean(value)
        case list():
            return [clean_json(item, clean) for item in value]
        case dict():
            return {clean(name): clean_json(item, clean) for name, item in value.items()}
        case _:
            return value


_MAY_BE_UNSAFE: Final = re.compile(rf"\\[ubfr]|[{_FORBIDDEN}]")


def is_clean_json(text: str) -> bool:
    """Whether JSON that is still text surely holds nothing to clean. Cheap; may say no for nothing."""
    return not _MAY_BE_UNSAFE.search(text)
