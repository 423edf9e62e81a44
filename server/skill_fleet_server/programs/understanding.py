"""The programs of phase 1: what is wanted, what is open, where it belongs, and what will be written."""

import dspy
from pydantic import BaseModel

from skill_fleet_common.jobs import Phase
from skill_fleet_common.skills import SkillPlan
from skill_fleet_server.lm.config import Role
from skill_fleet_server.programs.program import Program
from skill_fleet_server.programs.values import (
    Ambiguity,
    Answered,
    Category,
    Dependencies,
    Excerpt,
    GatheredRequirements,
    Intent,
    LibrarySkill,
    Overlap,
    Plan,
    Requirements,
    TaxonomyChoice,
)


class GatherRequirements(dspy.Signature):
    """Read what a person wants an agent skill for, and say what the skill must do.

    A skill is a folder with instructions that an AI agent loads when a user's request matches the skill's
    description. It is worth having only for what the agent would not do right by itself: this team's way,
    this system's quirks, the mistakes people keep correcting. Look for exactly that in the task and the excerpts.

    - Take facts, names, commands and numbers from the task and the excerpts only. What they leave open is an
      ambiguity or is left out; it is never invented.
    - `topics`: three to seven, each something the skill must cover, specific enough to be a heading.
    - `constraints`: what the person demands or forbids (versions, tools, style, safety), and for each of `went_wrong`
      what must be done so that it does not happen again. These matter most: somebody had to correct them.
    - `trigger_phrases`: what a user who needs this would really type, in different words; `negative_triggers`: requests
      that share words with it and need something else.
    - `success_criteria`: what one could check in an agent's output to see that the skill worked.
    - `suggested_name`: lower-case letters, digits and single hyphens, two to four words, at most 64 characters, no
      vague words such as helper, utils or tools. If the person gave a name, keep it.
    - `suggested_description`: one line of 100 to 500 characters in the third person, first what the skill does, then
      "Use when …" with the concrete situations, file types and words users say. No angle brackets, no "---".

    `ambiguities`: at most three, only where different answers would make a clearly different skill and neither the
    task nor the excerpts decide it. None is the best number when nothing important is open. Each has a
    question in plain words, the reason it matters, and a type: `single` or `multi` with two to five
    options (set `allows_other` when the list may be incomplete), `boolean` for yes or no, `text` for an open answer.
    """

    task: str = dspy.InputField(desc="what the person asked for, in their words")
    excerpts: list[Excerpt] = dspy.InputField(desc="what they gave to work from, each with its reference")
    went_wrong: list[Excerpt] = dspy.InputField(desc="from transcripts: what failed, or had to be corrected")
    requirements: Requirements = dspy.OutputField()
    ambiguities: list[Ambiguity] = dspy.OutputField(desc="at most three; an empty list when nothing important is open")


class AnalyzeIntent(dspy.Signature):
    """Say why this skill should exist: what it is for, who uses it, and what gets better with it.

    One or two concrete sentences each. Name the situation before and after, not virtues: "reviewers stop
    sending back unstructured log lines", not "improves quality". Say nothing that the task, the requirements
    or the answers do not support.
    """

    task: str = dspy.InputField()
    requirements: Requirements = dspy.InputField()
    answers: list[Answered] = dspy.InputField(desc="what the person answered when asked; it overrides the rest")
    purpose: str = dspy.OutputField(desc="what an agent does differently once it has the skill")
    audience: str = dspy.OutputField(desc="who will work with that agent, and what they already know")
    value: str = dspy.OutputField(desc="what goes wrong today without it")


class FindTaxonomyPath(dspy.Signature):
    """Choose the one category of the library where people would look for this skill.

    Copy `path` exactly from the taxonomy, the most specific that fits. Choose by what the skill is about, not by
    the tool it happens to use. Set `new_category` only if no category fits even loosely; then propose a
    short lower-case path of at most two parts. `confidence` is how sure you are that a librarian would agree:
    0.9 for an obvious place, about 0.6 if two fit equally, below that if none fits well.
    """

    task: str = dspy.InputField()
    requirements: Requirements = dspy.InputField()
    taxonomy: list[Category] = dspy.InputField(desc="the closed list of categories")
    path: str = dspy.OutputField()
    confidence: float = dspy.OutputField(desc="between 0 and 1")
    rationale: str = dspy.OutputField(desc="one sentence")
    new_category: bool = dspy.OutputField()


class AnalyzeDependencies(dspy.Signature):
    """Compare the wanted skill with the skills the library already has.

    - `requires`: skills without which this one cannot be followed. Rare.
    - `related`: skills that somebody using this one may want next.
    - `overlaps`: skills that the same user request could as well call, or that already give part of these
      instructions; say which part. The person will decide whether to extend one of them instead.

    Use names exactly as the library has them, and no others. Sharing a programming language or a general theme is
    neither a relation nor an overlap; empty lists are right when nothing really connects.
    """

    task: str = dspy.InputField()
    requirements: Requirements = dspy.InputField()
    library: list[LibrarySkill] = dspy.InputField()
    requires: list[str] = dspy.OutputField()
    related: list[str] = dspy.OutputField()
    overlaps: list[Overlap] = dspy.OutputField()


class SynthesizePlan(dspy.Signature):
    """Plan the skill: what will be written, before it is.

    - Keep the requirements' suggested name and description unless the answers or the feedback ask otherwise. Name:
      lower-case letters, digits, single hyphens, at most 64 characters. Description: one line, 100 to 500
      characters, what it does and then "Use when …"; no angle brackets, no "---".
    - `taxonomy_path`: the given one.
    - `outline`: four to seven sections, each with the points it will make. Steps in the order of the work; then an
      example; then the mistakes to avoid, taken from the excerpts and answers; last how to check the result. Points are
      specific ("log the request id as `req_id`"), each resting on an excerpt, an answer or the task where one
      says so. Leave out what any capable agent does anyway.
    - `files`: usually none. A file in `references/` only for detail that is needed now and then, in `scripts/` only for
      a command that must run exactly so, in `assets/` only for a template to copy. Each is one level deep,
      with a purpose that says when an agent opens it.
    - `examples`: input and output to show, real ones from the excerpts first.
    - `success_criteria`: checks on an agent's result, from the requirements.
    - `overlaps`: names from the dependencies.
    - With an `existing` skill, plan its next revision: keep its name, its sections and what it says, and add or correct
      what the task asks for. Its description still names all that it does.

    If there is feedback, change the previous plan as it says and leave the rest as it was.
    """

    task: str = dspy.InputField()
    requirements: Requirements = dspy.InputField()
    intent: Intent = dspy.InputField()
    taxonomy_path: str = dspy.InputField()
    dependencies: Dependencies = dspy.InputField()
    answers: list[Answered] = dspy.InputField(desc="what the person answered when asked; it overrides the rest")
    excerpts: list[Excerpt] = dspy.InputField()
    existing: str = dspy.InputField(desc="SKILL.md of the skill that is to be extended; empty for a new one")
    feedback: str = dspy.InputField(desc="what the person wants changed in the previous plan; may be empty")
    previous: SkillPlan | None = dspy.InputField(desc="the plan the feedback is about")
    plan: SkillPlan = dspy.OutputField()


def _reasoned(name: str, signature: type[dspy.Signature], outputs: type[BaseModel]) -> Program:
    return Program(name, Phase.UNDERSTANDING, Role.UNDERSTANDING, dspy.ChainOfThought(signature), outputs)


PROGRAMS = (
    _reasoned("gather_requirements", GatherRequirements, GatheredRequirements),
    _reasoned("analyze_intent", AnalyzeIntent, Intent),
    _reasoned("find_taxonomy_path", FindTaxonomyPath, TaxonomyChoice),
    _reasoned("analyze_dependencies", AnalyzeDependencies, Dependencies),
    _reasoned("synthesize_plan", SynthesizePlan, Plan),
)
"""In the order of the workflow."""
