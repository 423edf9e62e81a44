import pytest

from skill_fleet_tui.text.amounts import bytes_text, cost_text, count_text, duration_text, elapsed_text, faults_text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0s"), (2.14, "2.1s"), (9.96, "10s"), (59.6, "1m 00s"), (185, "3m 05s"), (7_800, "2h 10m"), (-3, "0.0s")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration_text(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(9, "9s"), (125, "2m"), (11_400, "3h10"), (35_999, "9h59"), (55_860, "15h"), (400_000, "4d")]
)
def test_elapsed_time_stays_short(seconds: float, said: str) -> None:
    assert elapsed_text(seconds) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0"), (999, "999"), (4_120, "4.1k"), (99_600, "100k"), (999_600, "1.0M"), (1_250_000, "1.2M")],
)
def test_counts(number: int, said: str) -> None:
    assert count_text(number) == said


@pytest.mark.parametrize(
    ("errors", "warnings", "said"),
    [
        (None, None, ""),
        (0, 0, "no errors or warnings"),
        (0, None, "no errors or warnings"),
        (1, 0, "1 error"),
        (0, 1, "1 warning"),
        (2, 3, "2 errors, 3 warnings"),
    ],
)
def test_that_nothing_is_wrong_is_said_in_words_and_that_nobody_looked_in_none(errors, warnings, said) -> None:
    assert faults_text(errors, warnings) == said


def test_sizes() -> None:
    assert [bytes_text(size) for size in (12, 3_500, 2_000_000)] == ["12 B", "3.4 KB", "1.9 MB"]


def test_a_cost_that_is_a_lower_bound_says_so() -> None:
    assert cost_text(0.0031) == "$0.0031"
    assert cost_text(1.239, at_least=True) == "≥$1.24"
