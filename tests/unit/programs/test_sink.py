"""The sink against DSPy's own parser: whatever the reply and however it is cut, the same text comes out."""

from types import SimpleNamespace
from typing import Any

import dspy
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skill_fleet_server.programs.sink import FieldSink, ReplySplitter

FIELDS = ("reasoning", "body", "summary")
SIGNATURE: Any = dspy.make_signature("question -> reasoning, body, summary")
ADAPTER = dspy.ChatAdapter()

fragments = st.sampled_from(
    [
        "word", " ", "\n", "\n\n", "\r\n", "\r", "\t", "\u2028", "- [ ] todo [[link]] and [x](y)", "[[", "[[ ## ", "]]",
        "[[ ## notclosed", "[[ ## body ##", "#", "```python\na[0][1] = [[1]]\n```", '{"a": [1]}', "é 漢字 😀",
        "[[ ## other ## ]]",
    ]
)  # fmt: skip
texts = st.lists(fragments, max_size=12).map("".join)
markers = st.sampled_from([*FIELDS, "completed", "stray"]).map("[[ ## {} ## ]]".format)


def split(reply: str, cuts: list[int]) -> dict[str, str]:
    splitter, found, start = ReplySplitter(), dict[str, str](), 0
    pieces = []
    for cut in cuts:
        pieces.append(reply[start : start + cut])
        start += cut
    for piece in [*pieces, reply[start:]]:
        for field, text in splitter.feed(piece):
            assert text
            found[field] = found.get(field, "") + text
    for field, text in splitter.feed("", final=True):
        found[field] = found.get(field, "") + text
    return found


def parsed(reply: str) -> dict[str, str] | None:
    try:
        return ADAPTER.parse(SIGNATURE, reply)
    except dspy.AdapterParseError:
        return None


@settings(max_examples=400, deadline=None)
@given(
    values=st.fixed_dictionaries(dict.fromkeys(FIELDS, texts)),
    cuts=st.lists(st.integers(min_value=0, max_value=60), max_size=400),
)
@example(values={"reasoning": "a", "body": "x  \r\ny", "summary": "[[ ## body ## ]]"}, cuts=[1] * 200)
def test_streamed_text_is_the_parsed_text(values: dict[str, str], cuts: list[int]) -> None:
    reply = ADAPTER.format_assistant_message_content(SIGNATURE, values)
    expected = parsed(reply)
    if expected is None:
        return
    assert {name: split(reply, cuts).get(name, "") for name in FIELDS} == expected


@settings(max_examples=400, deadline=None)
@given(
    parts=st.lists(st.one_of(markers.map("\n{}".format), markers, texts), max_size=16),
    cuts=st.lists(st.integers(min_value=1, max_value=9), max_size=200),
)
def test_a_reply_in_no_particular_order_streams_as_it_parses(parts: list[str], cuts: list[int]) -> None:
    reply = "".join(["[[ ## summary ## ]]\n", *parts, "\n[[ ## reasoning ## ]]r\n[[ ## body ## ]]b"])
    expected = parsed(reply)
    assert expected is not None
    assert {name: split(reply, cuts).get(name, "") for name in FIELDS} == expected


def test_text_is_passed_on_as_soon_as_it_cannot_be_a_marker() -> None:
    splitter = ReplySplitter()
    assert splitter.feed("[[ ## body ## ]]\nHello") == [("body", "Hello")]
    assert splitter.feed(" [[ ## b") == [("body", " [[ ## b")]
    assert splitter.feed("\n[[ ## su") == []
    assert splitter.feed("m") == []
    assert splitter.feed(" no marker") == [("body", "\n[[ ## sum no marker")]


def chunk(content: str | None = None, thought: str | None = None, finish: str | None = None, call: str = "1") -> Any:
    delta = SimpleNamespace(content=content, reasoning_content=thought)
    return SimpleNamespace(id=call, predict_id=7, choices=[SimpleNamespace(delta=delta, finish_reason=finish)])


async def test_only_text_fields_are_passed_on_and_each_call_has_its_ordinal() -> None:
    class Judge(dspy.Signature):
        question: str = dspy.InputField()
        score: float = dspy.OutputField()
        why: str = dspy.OutputField()

    seen: list[tuple[int, str, str]] = []
    sink = FieldSink(lambda *delta: seen.append(delta))
    with dspy.context(caller_predict=dspy.Predict(Judge)):
        await sink.send(chunk(thought="hm"))
        await sink.send(chunk("[[ ## score ## ]]\n0.5\n[[ ## why ## ]]\nbecau"))
        await sink.send(chunk("se", finish="stop"))
        await sink.send(chunk("[[ ## why ## ]]\nagain", finish="stop", call="2"))
        await sink.send(object())
    assert seen == [(0, "reasoning", "hm"), (0, "why", "becau"), (0, "why", "se"), (1, "why", "again")]
    assert sink.reasoning == "hm"


@pytest.mark.parametrize("finish", ["stop", "length"])
async def test_a_reply_that_ends_in_half_a_marker_loses_nothing(finish: str) -> None:
    seen: list[str] = []
    sink = FieldSink(lambda _, __, text: seen.append(text))
    with dspy.context(caller_predict=dspy.Predict("q -> body")):
        await sink.send(chunk("[[ ## body ## ]]\nend\n[[ ## "))
        await sink.send(chunk(finish=finish))
    assert "".join(seen) == "end\n[[ ##"
