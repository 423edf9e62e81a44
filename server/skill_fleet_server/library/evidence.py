"""What a job knew of the skill that it wrote, kept beside the skill's files and never among them.

Its test queries, and where its instructions come from. It lies beside the draft (`drafts/<job_id>/.evidence.json`), and
once that is promoted with the revision (`.fleet/revisions/<name>/evidence/<n>.json`). There is none for a skill that no
job wrote, or that was promoted before such things were kept.
"""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from skill_fleet_common.skills import Provenance, TestQuery
from skill_fleet_server.grounding.carrying import still_there
from skill_fleet_server.grounding.instructions import Instruction
from skill_fleet_server.quality import TestQueries

MOST: Final = 2_000
"""Most instructions, and most test queries, that are kept of one revision."""
CHARACTERS: Final = 2_000
"""As much of each test query is kept."""
KINDS: Final = ("positive", "negative", "edge")
BYTES: Final = 8_000_000
"""Largest file that is read."""

_log = logging.getLogger(__name__)


class Evidence(BaseModel):
    """What is kept of one revision."""

    queries: list[TestQuery] = []
    provenance: list[Provenance] = []
    """By the lines of the text that the job wrote; the skill's may be others by now."""

    def encoded(self) -> bytes:
        """As it lies on disk."""
        queries = [each.model_copy(update={"query": each.query[:CHARACTERS]}) for each in self.queries[:MOST]]
        kept = Evidence(queries=queries, provenance=self.provenance[:MOST])
        # Not as pydantic would: it refuses halves of surrogate pairs, which a model may write.
        return json.dumps(kept.model_dump(mode="json"), ensure_ascii=False).encode("utf-8", errors="replace")

    @property
    def by_kind(self) -> TestQueries:
        """The queries as measures take them."""
        kinds = {kind: [each.query for each in self.queries if each.kind == kind] for kind in KINDS}
        return TestQueries(**kinds)

    def of(self, instructions: Sequence[Instruction]) -> list[Provenance]:
        """Where these instructions come from, as far as they are those that the job wrote."""
        return still_there(self.provenance, instructions)


def read_evidence(file: Path) -> Evidence | None:
    """What was kept; `None` when nothing was, or it cannot be read, which the log says."""
    try:
        if file.is_symlink() or file.stat().st_size > BYTES:
            raise ValueError("it is a link, or too large")
        return Evidence.model_validate(json.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError, RecursionError) as error:
        _log.warning("what is kept of a revision (%s) cannot be read: %s", file.name, type(error).__name__)
        return None
