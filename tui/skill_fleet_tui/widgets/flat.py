"""From when on a terminal has too few rows for more than one thing at a time. Imports nothing, for the first paint."""

from typing import Final

FLAT_ROWS: Final = 10
"""Below this many rows a question that is answered has the whole screen, each choice a row; any other has a line."""
