"""What a part of a log adds up to, for the heading under which it is folded away. Knows no screen."""

from typing import NamedTuple

from skill_fleet_tui.text.amounts import cost_text, count_text, duration_text


class Tally(NamedTuple):
    """Sums over lines of a log."""

    seconds: float | None = None
    """How long it took, where that is known."""
    modules: int = 0
    failed: int = 0
    """Of the modules."""
    retries: int = 0
    tokens: int = 0
    cost: float = 0.0
    unpriced: bool = False
    """Some calls had no known price: the cost is a lower bound."""
    questions: int = 0
    files: int = 0
    findings: int | None = None
    """At the last count."""

    def plus(self, other: "Tally | None") -> "Tally":
        """Both together; durations and findings are those of the later."""
        if other is None:
            return self
        return Tally(
            seconds=other.seconds if other.seconds is not None else self.seconds,
            modules=self.modules + other.modules,
            failed=self.failed + other.failed,
            retries=self.retries + other.retries,
            tokens=self.tokens + other.tokens,
            cost=self.cost + other.cost,
            unpriced=self.unpriced or other.unpriced,
            questions=self.questions + other.questions,
            files=self.files + other.files,
            findings=other.findings if other.findings is not None else self.findings,
        )

    def parts(self) -> list[str]:
        """Each sum that is not nothing, as people read it; the duration is not among them."""
        said = [
            _counted(self.modules, "module"),
            f"{count_text(self.tokens)} tok" if self.tokens else "",
            cost_text(self.cost, at_least=self.unpriced) if self.cost else "",
            _counted(self.retries, "retry", "retries"),
            f"{self.failed} failed" if self.failed else "",
            _counted(self.questions, "question"),
            _counted(self.files, "file"),
            _counted(self.findings or 0, "finding"),
        ]
        return [part for part in said if part]

    def took(self) -> str:
        """The duration, if it is known."""
        return duration_text(self.seconds) if self.seconds is not None else ""


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}" if number else ""
