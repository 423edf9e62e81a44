"""The programs of phase 3: queries to test with, a reader's remarks, and a better revision."""

import dspy

from skill_fleet_common.jobs import Phase
from skill_fleet_common.skills import Finding, Measure, Remark, SkillPlan
from skill_fleet_server.lm.config import Role
from skill_fleet_server.programs.program import Program
from skill_fleet_server.programs.values import Body, Excerpt, Remarks, TestCases, Wanted


class GenerateTestCases(dspy.Signature):
    """Write what users might type, to test whether the right requests would reach a skill with these requirements.

    - `positive`: eight to ten requests that need the skill. Different people, different words: some terse, some long
      with a file name or an error message pasted in, some that never name the topic. Do not reuse the trigger
      phrases word for word.
    - `negative`: eight to ten requests that share words with the topic and need something else, near misses rather
      than nonsense.
    - `edge`: three to five requests at the border, where two reasonable people could disagree.

    Each is one message as a user would send it, without quotation marks, numbering or comment.
    """

    requirements: Wanted = dspy.InputField()
    positive: list[str] = dspy.OutputField()
    negative: list[str] = dspy.OutputField()
    edge: list[str] = dspy.OutputField()


class AssessQuality(dspy.Signature):
    """Read a skill as the agent that has to follow it, and remark on what would trip you up.

    Remark only on what needs a reader: a step that cannot be carried out as written, two instructions that
    contradict each other, a term that changes its meaning, a decision left open without a default, a planned
    point that is missing, a claim that nothing supports or an excerpt contradicts, advice too general to act on, an
    example that does not show what the text says. Everything in `findings` is known already; do not repeat it, and do
    not praise.

    At most eight remarks, the most harmful first; an empty list if you would follow the skill without trouble. Each
    has the `line` it is about, counted from 1 in `skill_md` with its frontmatter, what is wrong in one sentence, and
    in `proposal` the exact text or change that would mend it.
    """

    skill_md: str = dspy.InputField(desc="the whole SKILL.md with frontmatter")
    plan: SkillPlan = dspy.InputField()
    excerpts: list[Excerpt] = dspy.InputField(desc="what the person gave to work from, each with its reference")
    findings: list[Finding] = dspy.InputField(desc="what mechanical rules already found")
    remarks: list[Remark] = dspy.OutputField()


class RefineSkill(dspy.Signature):
    """Mend a skill's body: resolve what was found, and change nothing else.

    First what the person asks for, then findings that are errors, then warnings, then remarks you agree with, then what
    the measures show to be low. A finding is resolved by correcting its cause at its line, not by deleting the
    instruction it is in. A measure says in `how` what it counts: success criteria that are not covered are named there,
    and the share of grounded instructions rises by saying what an excerpt says in its words instead of general advice.
    Keep every other line as it is, word for word: each revision is compared with the last and
    thrown away unless it is better.

    Lines of findings and remarks count from 1 in the whole SKILL.md, where frontmatter comes first; `text` shows the
    place. Findings about the name or the description are not yours to mend. Invent no facts, files or numbers. Close
    every fence, link only files of the plan. Return the whole Markdown body: no frontmatter, no fence around it.
    """

    draft: str = dspy.InputField(desc="the body as it is: Markdown without frontmatter")
    findings: list[Finding] = dspy.InputField()
    remarks: list[Remark] = dspy.InputField()
    measures: list[Measure] = dspy.InputField()
    excerpts: list[Excerpt] = dspy.InputField(desc="what the person gave to work from, each with its reference")
    feedback: str = dspy.InputField(desc="what the person wants changed; may be empty")
    plan: SkillPlan = dspy.InputField()
    body: str = dspy.OutputField(desc="the whole body, mended")


PROGRAMS = (
    Program("generate_test_cases", Phase.VALIDATION, Role.JUDGING, dspy.ChainOfThought(GenerateTestCases), TestCases),
    Program("assess_quality", Phase.VALIDATION, Role.JUDGING, dspy.ChainOfThought(AssessQuality), Remarks),
    Program("refine_skill", Phase.VALIDATION, Role.WRITING, dspy.Predict(RefineSkill), Body, aliases={"draft": "body"}),
)
"""In the order of the workflow."""
