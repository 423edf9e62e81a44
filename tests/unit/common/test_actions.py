"""Reading an action from free text: only a text that says nothing else proceeds or cancels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common.actions import DEFAULT_KEYWORDS, Action, ActionKeywords, detect_action


@pytest.mark.parametrize("text", ["ok", "OK", " Yes. ", "looks good!", "go ahead, please", "LGTM thanks", "ship it"])
def test_agreement_proceeds(text: str) -> None:
    detected = detect_action(text)
    assert detected is not None
    assert (detected.action, detected.feedback) == (Action.PROCEED, "")


@pytest.mark.parametrize("text", ["cancel", "Stop.", "abort please"])
def test_refusal_cancels(text: str) -> None:
    detected = detect_action(text)
    assert detected is not None
    assert detected.action is Action.CANCEL


@pytest.mark.parametrize(
    "text",
    ["ok but shorten it", "don't proceed", "no, not ok", "stop using passive voice", "yes, but name the audience"],
)
def test_anything_more_is_feedback_and_never_proceeds_or_cancels(text: str) -> None:
    detected = detect_action(text)
    assert detected is not None
    assert (detected.action, detected.feedback) == (Action.REVISE, text)


def test_a_revision_keyword_with_a_colon_is_not_part_of_the_feedback() -> None:
    detected = detect_action("Revise: name the audience")
    assert detected is not None
    assert detected.feedback == "name the audience"


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_nothing_said_is_no_action(text: str) -> None:
    assert detect_action(text) is None


def test_the_keywords_can_be_configured() -> None:
    german = ActionKeywords(version=2, keywords={Action.PROCEED: ["weiter"]})
    detected = detect_action("Weiter!", german)
    assert detected is not None
    assert detected.action is Action.PROCEED


@given(st.text(min_size=1), st.sampled_from(DEFAULT_KEYWORDS.keywords[Action.PROCEED]))
def test_a_negated_keyword_never_proceeds(rest: str, keyword: str) -> None:
    detected = detect_action(f"do not {keyword} {rest}")
    assert detected is not None
    assert detected.action is Action.REVISE
