"""Verbs with which instructions begin, and names of skills."""

from typing import Final

VERBS: Final = frozenset(
    """accept add adjust allow apply ask assign attach avoid back batch begin build call cancel capture change check
    choose cite clean click close collect combine commit compare configure confirm connect convert copy count create cut
    define delete deploy describe disable document download draft drop edit enable end ensure escape export extract
    fetch fill filter find finish fix follow force format generate get give group handle identify ignore import include
    insert inspect install invoke join keep label leave limit link list load log look lower make map mark match measure
    merge mention mock move name note omit open order parse paste pass pick pin place plan prefer prepare print produce
    prompt provide pull push put quote raise read record reduce refuse reject release remove rename repeat replace
    report request require reset resolve restart retry return reuse review rewrite roll rotate run save scan search
    select send separate set share show skip sort specify split start state stop store strip submit summarise summarize
    suggest switch tag take tell test trace track treat trim try turn update upload use validate verify wait warn watch
    work wrap write""".split()  # noqa: SIM905 a list would fill a screen
)

_GERUND: Final = "ing"
_SHORTEST_GERUND: Final = 5
"""Letters; shorter words with that ending are things: king, ring, wing."""


def names_a_doing(name: str) -> bool:
    """Whether a kebab-case name begins with a verb, or has a gerund in it."""
    parts = name.split("-")
    return parts[0] in VERBS or any(part.endswith(_GERUND) and len(part) >= _SHORTEST_GERUND for part in parts)
