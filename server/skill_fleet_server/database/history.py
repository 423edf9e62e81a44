"""Notices that an old copy of a database file was put in its place.

Beside the file there is a note of how far its log had come. A copy that was put back knows of less than the note; and
a note that came back together with the copy shows that it was copied: no program can choose when a file's status was
last changed (`ctime`), so it no longer agrees with the moment of which the note itself tells. Both moments are by the
file system's clock, which need not be this machine's.
"""

import contextlib
import json
import os
from pathlib import Path
from typing import Final

_TOLERANCE_S: Final = 2.0
"""Most that may pass between the writing of a note and its coming into place."""

_TRIES: Final = 3


class HistoryNote:
    """The note beside one database file. Blocks; whatever goes wrong with the file only costs clients a new start."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(f"{database.name}.head")

    def contradicts(self, epoch: str, head: int) -> bool:
        """Whether the log may have known more than it does: then positions that clients saw may be given again."""
        try:
            said = json.loads(self.path.read_text(encoding="utf-8"))
            changed = self.path.stat().st_ctime
            is_ours = abs(changed - float(said["at"])) <= _TOLERANCE_S
            return not is_ours or said["epoch"] != epoch or int(said["head"]) > head
        except (OSError, ValueError, KeyError, TypeError):
            # A log that has nothing has nothing to lose.
            return head > 0

    def write(self, epoch: str, head: int) -> None:
        """Note how far the log has come."""
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            for _ in range(_TRIES):
                temporary.touch()
                at = temporary.stat().st_mtime
                temporary.write_text(json.dumps({"epoch": epoch, "head": head, "at": at}) + "\n", encoding="utf-8")
                temporary.replace(self.path)
                if abs(self.path.stat().st_ctime - at) <= _TOLERANCE_S / 2:
                    return
