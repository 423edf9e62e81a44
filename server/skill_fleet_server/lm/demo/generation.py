"""What the demo model writes in phase 2. Inputs and outputs are plain JSON values, by field."""

import re
from itertools import cycle
from typing import Any

from skill_fleet_server.lm.demo.request import one_line

Fields = dict[str, Any]

NOTICE = (
    "> Written by the offline demo model (`demo/offline`). It only rearranges the request, the answers and the\n"
    "> sources; configure a model to have a skill written."
)
"""What marks every text of the demo model as such."""

DEAD_LINK = "Terms are explained in [the glossary](references/glossary.md)."
"""A first draft's planted weakness: no plan has this file, so a rule finds it and refinement mends it."""

_STATED = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(\S.{14,200})$|^((?:[A-Z`])\S.{20,200}[.:])$", re.MULTILINE)
_MOST_STATED = 8
_SCOLDING = re.compile(r"(?:you|why|i|that|this|sorry|what)\b", re.IGNORECASE)
"""How sentences of a correction begin that say what was wrong rather than what to do."""
_REVIEWED = "Asked for in review"

VAGUE = "Do this before going on."
"""Another planted weakness, for a reader to remark on."""

_STEP_TEXTS = (
    VAGUE,
    "Apply what the sources below say about it; where they are silent, keep what is there.",
    "Name each place where it matters, and change only those.",
    "When two rules disagree, the decision further down goes first.",
)


def write_skill(inputs: Fields) -> Fields:
    """A whole body from the plan, or the previous one with what the feedback asks for.

    A second candidate has no dead link, so that one sees which is kept.
    """
    if inputs["previous"]:
        return {"body": with_feedback(inputs["previous"], inputs["feedback"])}
    if inputs["existing"]:
        return {"body": _extended(inputs)}
    plan, needs = inputs["plan"], inputs["requirements"]
    sections = [
        f"# {_title(plan['name'])}\n\n{NOTICE}\n\n{plan['description']}",
        _when(needs),
        _steps(plan, needs),
        _decisions(inputs["answers"]),
        _stated(inputs["excerpts"], {lesson for each in inputs["went_wrong"] for lesson in lessons_of(each["text"])}),
        _example(plan, needs),
        _mistakes(needs, inputs["went_wrong"]),
        _asked(plan),
        _check(plan),
    ]
    body = "\n\n".join(filter(None, sections)) + "\n"
    if inputs["candidate"]:
        body = body.replace(f"{DEAD_LINK}\n\n", "")
    return {"body": with_feedback(body, inputs["feedback"])}


def write_resource(inputs: Fields) -> Fields:
    """A file that matches its kind."""
    plan, path = inputs["plan"], inputs["path"]
    stem = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if path.endswith(".py"):
        return {"content": _script(inputs["purpose"])}
    if path.endswith(".sh"):
        return {
            "content": f"#!/bin/sh\n# {inputs['purpose']}\n# Written by the offline demo model.\nset -eu\necho done\n"
        }
    lines = [f"# {_title(stem)}", "", f"> {_title(stem)}, by the offline demo model.", "", inputs["purpose"], ""]
    if "checklist" in stem:
        lines += [f"- [ ] {section['heading']}: looked at" for section in plan["outline"]]
    else:
        for excerpt in inputs["excerpts"][:3]:
            lines += [f"## From `{excerpt['ref']}`", "", *_quoted(excerpt["text"][:600]), ""]
        for example in plan["examples"]:
            lines += ["## Example", "", example, ""]
    return {"content": "\n".join(lines).rstrip() + "\n"}


def attribute_sources(inputs: Fields) -> Fields:
    """Source or answer where the words are really there; otherwise the model."""
    return {
        "attributions": [
            {"id": instruction["id"], **_attribution(instruction, inputs["excerpts"], inputs["answers"])}
            for instruction in inputs["lines"]
        ]
    }


def with_feedback(body: str, feedback: str) -> str:
    """The body with what a review asked for, as an instruction of its own."""
    asked = one_line(feedback, most=1_000)
    if not asked or asked in body:
        return body
    heading = f"## {_REVIEWED}"
    if heading in body:
        return body.replace(heading, f"{heading}\n\n- {asked}", 1).replace(f"- {asked}\n\n- ", f"- {asked}\n- ", 1)
    section = f"{heading}\n\n- {asked}\n\n"
    place = body.find("## Check the result")
    return body[:place] + section + body[place:] if place >= 0 else f"{body.rstrip()}\n\n{section.rstrip()}\n"


def _title(name: str) -> str:
    words = re.sub(r"[-_]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _when(needs: Fields) -> str:
    calls = "\n".join(f"- A user says something like: {phrase}" for phrase in needs["trigger_phrases"][:3])
    others = "; ".join(needs["negative_triggers"][:2])
    return f"## When to use this skill\n\n{calls}\n\nNot for requests such as: {others or 'anything else'}."


def _steps(plan: Fields, needs: Fields) -> str:
    first = "Read the user's request again and say in one sentence what is wanted."
    last = "Compare the result with the last section of this skill before handing it over."
    settled = [f"**{topic}.** {told}" for topic, told in zip(needs["topics"][:-1], cycle(_STEP_TEXTS), strict=False)]
    steps = "\n".join(f"{n}. {step}" for n, step in enumerate([first, *settled, last], start=1))
    files = "\n".join(f"- [{file['path']}]({file['path']}): {file['purpose']}" for file in plan["files"])
    return f"## Steps\n\n{steps}\n\n{DEAD_LINK}\n\n{files}".rstrip()


def _decisions(answers: list[Fields]) -> str:
    decided = "\n".join(f"- {one_line(answer['question'])} {one_line(answer['answer'])}" for answer in answers)
    return f"## What was decided\n\n{decided}" if decided else ""


def _stated(excerpts: list[Fields], elsewhere: set[str]) -> str:
    rules = [(rule, each["ref"]) for each in excerpts for rule in _rules(each["text"]) if rule not in elsewhere]
    lines = "\n".join(f"- {rule} (`{ref}`)" for rule, ref in rules[:_MOST_STATED])
    return f"## What the sources say\n\n{lines}" if lines else ""


def _rules(text: str) -> list[str]:
    """The lines of a text that read like instructions, word for word, without what would change the Markdown."""
    found = [(item or sentence).strip() for item, sentence in _STATED.findall(text)]
    return [rule for rule in found if not re.search(r"[\[\]<>|]|```|^\w+: ", rule)]


def _example(plan: Fields, needs: Fields) -> str:
    request = (needs["trigger_phrases"] or plan["examples"] or ["the task"])[0]
    return (
        "## Example\n\nInput:\n\n```text\n"
        f"{request}\n```\n\nExpected: the agent names the step it is at, shows what it changes, and ends like this:\n\n"
        f"```text\nDone: {needs['domain']}. Checked against: {plan['success_criteria'][0]}\n```"
    )


def _mistakes(needs: Fields, went_wrong: list[Fields]) -> str:
    rules = needs["constraints"] or [f"Do not mix {needs['domain']} with changes nobody asked for."]
    lessons = {lesson: excerpt["ref"] for excerpt in went_wrong for lesson in lessons_of(excerpt["text"])[:2]}
    told = [*(rule for rule in rules if rule not in lessons), *(f"{said} (`{ref}`)" for said, ref in lessons.items())]
    return "## Mistakes to avoid\n\n" + "\n".join(f"- {rule}" for rule in told)


def _extended(inputs: Fields) -> str:
    """The skill that is extended, word for word, with a section for what is new."""
    body, plan = inputs["existing"].strip(), inputs["plan"]
    heading = f"## Added for {one_line(inputs['requirements']['domain'], most=60)}"
    rules = [f"{rule} (`{excerpt['ref']}`)" for excerpt in inputs["excerpts"] for rule in _rules(excerpt["text"])]
    stated = " ".join(rules)
    lessons = [
        lesson for each in inputs["went_wrong"] for lesson in lessons_of(each["text"])[:2] if lesson not in stated
    ]
    told = [*rules[:_MOST_STATED], *lessons] or [f"Follow the request: {one_line(plan['description'])}"]
    section = f"{heading}\n\n" + "\n".join(f"- {rule}" for rule in told)
    place = body.find("## Check the result")
    whole = f"{body[:place]}{section}\n\n{body[place:]}" if place >= 0 else f"{body}\n\n{section}\n\n{_check(plan)}"
    return with_feedback(whole + "\n", inputs["feedback"])


def _asked(plan: Fields) -> str:
    """What was asked for when the plan was reviewed."""
    points = [point for each in plan["outline"] if each["heading"] == _REVIEWED for point in each["points"]]
    return f"## {_REVIEWED}\n\n" + "\n".join(f"- {one_line(point)}" for point in points) if points else ""


def lessons_of(text: str) -> list[str]:
    """The sentences of a correction that say what to do or not to do, word for word."""
    said = re.sub(r"^\W*\w+\W*:\s*", "", " ".join(text.split()))
    found = [sentence.strip() for sentence in re.split(r"(?<=[.!?])\s+", said) if not _SCOLDING.match(sentence)]
    return [one_line(each) for each in found if 3 < len(each.split()) < 40 and not re.search(r"[\[\]<>|`{}]", each)]


def _check(plan: Fields) -> str:
    return "## Check the result\n\n" + "\n".join(f"- {criterion}" for criterion in plan["success_criteria"])


def _quoted(text: str) -> list[str]:
    fence = "````" if "```" in text else "```"
    return [f"{fence}text", *text.rstrip().splitlines(), fence]


def _script(purpose: str) -> str:
    return (
        "#!/usr/bin/env python3\n"
        f'"""{purpose.rstrip(".")}.\n\nWritten by the offline demo model (demo/offline).\n"""\n\n'
        "import argparse\n\n\n"
        "def main() -> int:\n"
        "    parser = argparse.ArgumentParser(description=__doc__)\n"
        '    parser.add_argument("path", help="the file to look at")\n'
        "    print(parser.parse_args().path)\n"
        "    return 0\n\n\n"
        'if __name__ == "__main__":\n'
        "    raise SystemExit(main())\n"
    )


def _attribution(instruction: Fields, excerpts: list[Fields], answers: list[Fields]) -> Fields:
    line, text = instruction["line"], instruction["text"]
    for excerpt in excerpts:
        for rule in _rules(excerpt["text"]):
            if rule in text:
                return {"line": line, "origin": "source", "reference": excerpt["ref"], "quote": rule}
        if words := _shared(text, excerpt["text"]):
            return {"line": line, "origin": "source", "reference": excerpt["ref"], "quote": words}
    for answer in answers:
        said = one_line(answer["answer"])
        quote = said if len(said) > 3 and said in text else _shared(text, answer["answer"])
        if quote:
            return {"line": line, "origin": "answer", "reference": answer["question"], "quote": quote}
    return {"line": line, "origin": "model"}


def _shared(instruction: str, said: str) -> str:
    """The instruction's words, without the reference behind them, where they are said word for word."""
    plain = re.sub(r"\s*\([^)]*\)$", "", instruction).rstrip(" .")
    whole = " ".join(said.split())
    return plain if len(plain.split()) > 3 and plain.casefold() in whole.casefold() else ""
