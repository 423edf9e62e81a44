"""Durations, counts, sizes and costs as people read them at a glance."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skill_fleet_common.skills import Measure


def duration_text(seconds: float) -> str:
    """`0.4s`, `18s`, `3m 05s`, `2h 10m`."""
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    return f"{minutes // 60}h {minutes % 60:02d}m"


def elapsed_text(seconds: float) -> str:
    """At most four characters, for less than 1,000 days: `9s`, `12m`, `3h10`, `15h`, `4d`."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m"
    if whole < 36_000:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}"
    if whole < 86_400:
        return f"{whole // 3600}h"
    return f"{whole // 86_400}d"


def faults_text(errors: int | None, warnings: int | None) -> str:
    """`1 error, 2 warnings`, `no errors or warnings`; empty when nobody counted."""
    if errors is None:
        return ""
    counts = ((errors, "error"), (warnings or 0, "warning"))
    said = [f"{number} {word}{'s' * (number != 1)}" for number, word in counts if number]
    return ", ".join(said) or "no errors or warnings"


def count_text(number: int) -> str:
    """`812`, `4.1k`, `1.2M`."""
    if number < 1_000:
        return str(number)
    if number < 999_500:
        return f"{number / 1_000:.1f}k" if number < 99_500 else f"{number / 1_000:.0f}k"
    return f"{number / 1_000_000:.1f}M"


def bytes_text(size: int) -> str:
    """`812 B`, `3.4 KB`, `1.2 MB`."""
    if size < 1_024:
        return f"{size} B"
    if size < 1_024 * 1_024:
        return f"{size / 1_024:.1f} KB"
    return f"{size / (1_024 * 1_024):.1f} MB"


def cost_text(dollars: float, *, at_least: bool = False) -> str:
    """`$0.0031`, `$1.24`; `≥` when some calls had no known price."""
    amount = f"${dollars:.2f}" if dollars >= 0.1 else f"${dollars:.4f}"
    return f"≥{amount}" if at_least else amount


def measured_text(measure: "Measure") -> tuple[str, str]:
    """A measure's value, and how it was computed or why it was not, each for people."""
    if measure.value is None:
        return "not measured", measure.how.removeprefix("Not measured: ")
    if measure.unit == "share":
        return f"{measure.value:.0%}", measure.how
    return f"{measure.value:g} {measure.unit}".rstrip(), measure.how
