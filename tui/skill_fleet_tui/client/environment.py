"""What of the environment decides how a server behaves: a server started with other values is another server.

Pure; knows names only. Values leave this module as a digest.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

STARTED_WITH: Final = "SKILL_FLEET_STARTED_WITH"
"""In the environment of a server that a client starts: the fingerprint of what it was started with."""

_PREFIX: Final = "SKILL_FLEET_"
_CLIENTS_OWN: Final = frozenset({f"{_PREFIX}URL", f"{_PREFIX}TOKEN", f"{_PREFIX}DATA_DIR", STARTED_WITH})
_PROVIDERS: Final = ("_API_KEY", "_API_BASE", "_BASE_URL")


def fingerprint(environment: Mapping[str, str]) -> str:
    """A digest of what a person set for a server; empty when they set nothing, and any server will do.

    Keys of providers count only along with a setting of ours: many people have them set for other programs.
    """
    ours = {
        name: value
        for name, value in environment.items()
        if name.startswith(_PREFIX) and name not in _CLIENTS_OWN and value
    }
    if not ours:
        return ""
    providers = {name: value for name, value in environment.items() if name.endswith(_PROVIDERS) and value}
    said = "\n".join(f"{name}={value}" for name, value in sorted((ours | providers).items()))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
