"""What the demo model answers in phase 3. Inputs and outputs are plain JSON values, by field."""

import re
from typing import Any

from skill_fleet_server.lm.demo.generation import VAGUE, with_feedback

Fields = dict[str, Any]

_LINK = re.compile(r"\]\(((?:references|scripts|assets)/[^)#\s]+)")


def generate_test_cases(inputs: Fields) -> Fields:
    """Queries from the trigger phrases, the near misses and the topics."""
    needs = inputs["requirements"]
    domain, topics = needs["domain"], needs["topics"]
    return {
        "reasoning": f"Users of {domain} rarely use its name; I vary the wording and add near misses.",
        "positive": [
            *(f"{phrase}, please" for phrase in needs["trigger_phrases"][:4]),
            *(f"{domain}: {topic[0].lower()}{topic[1:]}" for topic in topics[:4]),
        ],
        "negative": [*needs["negative_triggers"][:4], f"write a blog post about {domain}", "what is the weather today"],
        "edge": [f"a quick question about {domain}", f"is {domain} worth it", f"summarise our notes on {domain}"],
    }


def assess_quality(inputs: Fields) -> Fields:
    """A remark on each kind of line that says too little."""
    lines = inputs["skill_md"].splitlines()
    vague = next((n for n, line in enumerate(lines, start=1) if VAGUE in line), None)
    remarks = []
    if vague is not None:
        remarks.append(
            {
                "line": vague,
                "text": "The step does not say how one sees that it is done.",
                "proposal": "Name the output of the step.",
            }
        )
    known = len(inputs["findings"])
    return {"reasoning": f"I read {len(lines)} lines; rules have found {known} things already.", "remarks": remarks}


def refine_skill(inputs: Fields) -> Fields:
    """Takes out links to files that are not planned, sharpens vague steps, adds what was asked for."""
    planned = {file["path"] for file in inputs["plan"]["files"]}
    kept = [
        line.replace(VAGUE, "Say what it changed before going on.")
        for line in inputs["draft"].splitlines()
        if set(_LINK.findall(line)) <= planned
    ]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).rstrip() + "\n"
    return {"body": with_feedback(body, inputs["feedback"])}
