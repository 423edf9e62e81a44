"""The line that narrows the job list."""

from textual.widgets import Input


class FilterInput(Input):
    """One line, shown while it is used."""

    DEFAULT_CSS = "FilterInput { display: none; height: 1; border: none; &.-open { display: block; } }"
