"""What the demo model answers in phase 1. Inputs and outputs are plain JSON values, by field."""

import re
from typing import Any

from skill_fleet_server.lm.demo.generation import lessons_of
from skill_fleet_server.lm.demo.request import Request, one_line, proposes

Fields = dict[str, Any]

_NOTE = "Demo plan: it rearranges the request and the sources."


def gather_requirements(inputs: Fields) -> Fields:
    """Requirements from the request's own words, and two or three questions of different types."""
    request, excerpts = Request(inputs["task"]), inputs["excerpts"]
    topics = _topics(request, excerpts)
    name, description = request.name, _description(request)
    if request.breaks_structure:
        name, description = _broken(request)
    questions = [] if request.is_clear else _questions(request, topics, grounded=bool(excerpts))
    return {
        "reasoning": _first_thoughts(request, len(excerpts), len(questions)),
        "requirements": {
            "domain": request.topic,
            "target_level": "intermediate",
            "topics": topics,
            "constraints": [
                *_constraints(request),
                *_lessons(inputs["went_wrong"]),
                *(f"Show the demo path `{path}`." for path in request.directives),
            ],
            "trigger_phrases": [
                f"help me with {request.topic}",
                f"how do we handle {request.topic} here",
                f"check this against our rules for {request.topic}",
                f"we got {request.topic} wrong again, mend it",
            ],
            "negative_triggers": [
                f"what does {request.keywords[0]} mean",
                f"compare {request.keywords[0]} with its alternatives",
                f"install {request.keywords[0]} on my machine",
            ],
            "success_criteria": [
                f"The result follows every rule given here for {request.topic}.",
                "Each step was carried out, in this order.",
                "Nothing was added that the request did not ask for.",
            ],
            "suggested_name": name,
            "suggested_description": description,
        },
        "ambiguities": questions,
    }


def analyze_intent(inputs: Fields) -> Fields:
    """Purpose, audience and value in the request's words."""
    request = Request(inputs["task"])
    audience = next((a["answer"] for a in inputs["answers"] if "who" in a["question"].lower()), "")
    return {
        "reasoning": f"The request says what is wanted: {request.activity}. The answers say for whom.",
        "purpose": f"An agent that has this skill handles {request.topic} the way the request and its sources say.",
        "audience": audience or f"People who share {request.topic} and want one way of doing it.",
        "value": f"Without it, {request.topic} is explained anew each time, and results differ.",
    }


def find_taxonomy_path(inputs: Fields) -> Fields:
    """The category with the most words in common with the request."""
    request = Request(inputs["task"])
    wanted = {word.lower() for word in request.keywords}

    def shared(category: Fields) -> int:
        words = re.findall(r"[a-z]+", " ".join(map(str, category.values())).lower())
        return len(wanted & set(words))

    taxonomy = inputs["taxonomy"]
    best = max(taxonomy, key=shared, default=None)
    if best is None:
        return {
            "reasoning": "The taxonomy is empty, so a category has to be proposed.",
            "path": "general",
            "confidence": 0.5,
            "rationale": "There is no category yet.",
            "new_category": True,
        }
    found = shared(best)
    return {
        "reasoning": f"I compared the request with {len(taxonomy)} categories; the best shares {found} words with it.",
        "path": best["path"],
        "confidence": 0.9 if found else 0.65,
        "rationale": f"It shares the most words with {request.topic}.",
        "new_category": False,
    }


def analyze_dependencies(inputs: Fields) -> Fields:
    """Skills of the library with telling words in common."""
    wanted = {word.lower() for word in Request(inputs["task"]).keywords}
    related, overlaps = [], []
    for skill in inputs["library"]:
        words = set(re.findall(r"[a-z]{3,}", f"{skill['name']} {skill['description']}".lower()))
        if (common := sorted(wanted & words)) and len(common) >= 3:
            overlaps.append({"name": skill["name"], "why": f"Both speak of {', '.join(common[:4])}."})
        elif len(common) == 2:
            related.append(skill["name"])
    return {
        "reasoning": f"I compared the request with {len(inputs['library'])} skills by the words they share.",
        "requires": [],
        "related": related[:5],
        "overlaps": overlaps[:3],
    }


def synthesize_plan(inputs: Fields) -> Fields:
    """A plan from the requirements; feedback becomes a section of its own."""
    needs, request = inputs["requirements"], Request(inputs["task"])
    outline = [
        {"heading": "When to use this skill", "points": needs["trigger_phrases"][:3]},
        {"heading": "Steps", "points": needs["topics"]},
        {"heading": "What was decided", "points": [f"{a['question']} {a['answer']}" for a in inputs["answers"]]},
        {"heading": "What the sources say", "points": [excerpt["ref"] for excerpt in inputs["excerpts"][:5]]},
        {"heading": "Example", "points": [f"A request about {request.topic} and what the agent does"]},
        {"heading": "Mistakes to avoid", "points": needs["constraints"][:3]},
        {"heading": "Check the result", "points": needs["success_criteria"]},
    ]
    name, description = needs["suggested_name"], needs["suggested_description"]
    files = [
        {"path": "references/examples.md", "purpose": f"Worked examples of {request.topic}; read when unsure."},
        {"path": "assets/checklist.md", "purpose": "A checklist to copy into a review."},
    ]
    if existing := inputs["existing"]:
        name, description, files = *_identity(existing, name, description, request), []
        outline = [
            *(
                {"heading": heading, "points": ["As it is"]}
                for heading in re.findall(r"^## (.+)$", existing, re.MULTILINE)
            ),
            {"heading": f"Added for {request.topic}", "points": needs["topics"][:4]},
            {"heading": "Check the result", "points": needs["success_criteria"]},
        ]
    previous = inputs.get("previous")
    if previous:
        outline = previous["outline"]
    if feedback := inputs["feedback"].strip():
        outline.insert(-1, {"heading": "Asked for in review", "points": [feedback]})
    return {
        "reasoning": _NOTE + (f" The feedback adds a section: {feedback}" if feedback else ""),
        "plan": {
            "name": name,
            "description": description,
            "taxonomy_path": proposes(f"{inputs['task']}\n{feedback}") or inputs["taxonomy_path"],
            "outline": [section for section in outline if section["points"]],
            "files": files,
            "examples": [f"A user asks: {needs['trigger_phrases'][0]}"],
            "success_criteria": needs["success_criteria"],
            "overlaps": [overlap["name"] for overlap in inputs["dependencies"]["overlaps"]],
        },
    }


def _identity(existing: str, name: str, description: str, request: Request) -> tuple[str, str]:
    """Name and description of the skill that is extended, with what is new in the description."""
    found = {key: value.strip(' "') for key, value in re.findall(r"^(name|description):(.*)$", existing, re.MULTILINE)}
    described = found.get("description", description).rstrip()
    more = f" Also covers {one_line(request.topic, most=60)}."
    return found.get("name", name), described + more if len(described) + len(more) < 1_000 else described


def _first_thoughts(request: Request, excerpts: int, questions: int) -> str:
    grounding = (
        f"There is source text to work from ({excerpts} in number), so the rules come from there."
        if excerpts
        else "There are no sources, so what is specific has to come from answers."
    )
    asking = f"{questions} open questions would change the skill." if questions else "Nothing important is open."
    return f"The request is about {request.topic}. {grounding} {asking}"


def _topics(request: Request, excerpts: list[Fields]) -> list[str]:
    headings = [
        match.group(1).strip()
        for excerpt in excerpts
        for match in re.finditer(r"^#{1,3} +(.{4,60})$", excerpt["text"], re.MULTILINE)
    ]
    stated = [part[0].upper() + part[1:] for part in map(one_line, (*request.parts[:3], *headings[:3])) if part]
    usual = [f"House rules for {request.topic}", "Exceptions and how to decide them"]
    return [*list(dict.fromkeys([*stated, *usual]))[:6], "Check the result"]


def _constraints(request: Request) -> list[str]:
    stated = re.findall(
        r"[^.!?;]*\b(?:must|never|always|only|without|don't|do not)\b[^.!?;]*", request.text, re.IGNORECASE
    )
    return [one_line(text).rstrip(",") + "." for text in stated[:3]]


def _lessons(went_wrong: list[Fields]) -> list[str]:
    """What people said when they corrected an agent, word for word."""
    said = [lesson for excerpt in went_wrong for lesson in lessons_of(excerpt["text"])]
    return [
        lesson for lesson in said if re.search(r"\b(?:never|always|must|use|do not|don't)\b", lesson, re.IGNORECASE)
    ][:3]


def _description(request: Request) -> str:
    words = ", ".join(request.keywords[:5])
    text = (
        f"Guides {request.activity} the way this team does it. "
        f"Use when a task mentions {words}, or when somebody asks how {request.topic} is done here."
    )
    return re.sub(r"\b(?:our|my)\b", "the", re.sub(r"[<>]|---", "", text), flags=re.IGNORECASE)


def _broken(request: Request) -> tuple[str, str]:
    name = "_".join(word.capitalize() for word in request.keywords[:3]) + "_Skill"
    return name, f"Everything about <{request.topic}> --- {request.subject}."


def _questions(request: Request, topics: list[str], *, grounded: bool) -> list[Fields]:
    audience = {
        "question": f"Who will mostly work with this skill for {request.topic}?",
        "rationale": "It decides how much the steps explain and which words they use.",
        "type": "single",
        "options": [
            {"label": "People new to it", "description": "Explain each step and why it is there."},
            {"label": "The team, every day", "description": "Rules and exceptions only."},
            {"label": "Reviewers", "description": "What to look for, and what to send back."},
        ],
        "allows_other": True,
    }
    emphasis = {
        "question": "Which parts deserve the most room?",
        "rationale": "A short skill is followed more closely than a complete one.",
        "type": "multi",
        "options": [{"label": topic, "description": ""} for topic in topics[:5]],
        "allows_other": False,
    }
    quoting = {
        "question": "May the skill quote your sources word for word?",
        "rationale": "Quoted rules can be traced back; rewritten ones read better.",
        "type": "boolean",
    }
    example = {
        "question": f"What went wrong with {request.topic} the last time?",
        "rationale": "One real mistake makes a better skill than ten general rules.",
        "type": "text",
    }
    return [audience, emphasis, quoting if grounded else example]
