"""Reads a person's request the way the demo model does: its subject, its key words, what it asks to be shown."""

import re
from dataclasses import dataclass
from functools import cached_property

_DIRECTIVE = re.compile(r"demo:(clear|structure|fail)(?:=(\w+))?")
_OPENING = re.compile(
    r"^(?:please\s+)?(?:(?:i|we)\s+(?:want|need|would\s+like)|create|make|write|build|give\s+me)?\s*(?:me\s+)?"
    r"(?:an?\s+|the\s+)?(?:new\s+)?(?:agent\s+)?skill\s+(?:for|that|which|to|about|on)\s+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9+#]*")
_FILLER_WORDS = frozenset(
    _WORD.findall(
        """
        a an the and or of for to in on at by with from as is are be do does did it its this that these those our my
        your their we i you they he she how what when where which who way ways team teams skill skills should must can
        will want wants need needs like please make sure every each all any some so than then not no into over about
        use uses using used have has had been was were more most very also only same new one two never always agent
        write writing doing making creating building helping handling create build help give teach teaches show it
        """
    )
)
_TOPIC_CHARACTERS = 50
"""Longest topic, so that a name made of it stays short."""
_CLAUSE = re.compile(r",|\s(?:the\s+way|with|so\s+that|when|where|which|that|using|as)\s")
_LEADING = re.compile(
    r"^(?:(?:with|using|and|that|which|so|or|in|on|for|it|they|we|should|must|also|then)\s+)+", re.IGNORECASE
)


@dataclass(frozen=True)
class Request:
    """A request for a skill."""

    task: str

    @cached_property
    def text(self) -> str:
        """The request without what it asks the demo to show, on one line."""
        return " ".join(_DIRECTIVE.sub(" ", self.task).split()) or "doing the work the way it is done here"

    @cached_property
    def subject(self) -> str:
        """What the skill is about: a phrase that reads on after "skill for", without a full stop."""
        first = re.split(r"(?<=[.!?])\s|[;:]\s", self.text, maxsplit=1)[0]
        phrase = _OPENING.sub("", first).strip().rstrip(".!?,;: ")
        if len(phrase) > 90:
            phrase = phrase[:90].rsplit(" ", 1)[0]
        return phrase or self.text[:90]

    @cached_property
    def keywords(self) -> list[str]:
        """Its telling words, in order, without repetition."""
        seen: dict[str, str] = {}
        for word in _WORD.findall(f"{self.subject} {self.text}"):
            if word.lower() not in _FILLER_WORDS and 1 < len(word) <= _TOPIC_CHARACTERS:
                seen.setdefault(word.lower(), word)
        return list(seen.values()) or ["work"]

    @cached_property
    def activity(self) -> str:
        """What is done: the first clause of the subject, such as `writing Python logging`."""
        return _CLAUSE.split(self.subject, maxsplit=1)[0].strip() or self.subject

    @cached_property
    def topic(self) -> str:
        """A few words for it, such as `Python logging`."""
        words = self.activity.split()
        while len(words) > 1 and words[0].lower() in _FILLER_WORDS:
            words.pop(0)
        topic = " ".join(words) if len(words) <= 4 else " ".join(self.keywords[:3])
        return topic if len(topic) <= _TOPIC_CHARACTERS else topic[:_TOPIC_CHARACTERS].rstrip()

    @cached_property
    def name(self) -> str:
        """A name for the skill that fits the specification."""
        words = [re.sub(r"[^a-z0-9]", "", word.lower()) for word in self.topic.split()[:4]]
        slug = "-".join(word for word in words if word and word not in _FILLER_WORDS)
        return slug if "-" in slug else f"{slug or 'work'}-practice"

    @cached_property
    def parts(self) -> list[str]:
        """Its further sentences and clauses: what it says beyond the subject."""
        pieces = re.split(r"(?<=[.!?;])\s+|,\s+|\s+(?:and|with)\s+", self.text)
        clauses = (_LEADING.sub("", piece.strip(" .,;!?")) for piece in pieces[1:])
        return list(dict.fromkeys(clause for clause in clauses if 4 <= len(clause) <= 80))

    @property
    def is_clear(self) -> bool:
        """Whether it asks for a run without questions."""
        return "clear" in self._shown

    @property
    def breaks_structure(self) -> bool:
        """Whether it asks for a name that has to be fixed."""
        return "structure" in self._shown

    @cached_property
    def directives(self) -> list[str]:
        """What it asks to be shown, as written."""
        return [match.group(0) for match in _DIRECTIVE.finditer(self.task)]

    @cached_property
    def _shown(self) -> set[str]:
        return {match.group(1) for match in _DIRECTIVE.finditer(self.task)}


def one_line(text: str, most: int = 300) -> str:
    """Text that cannot change the Markdown around it: on one line, without brackets and fences, shortened."""
    plain = " ".join(re.sub(r"[\[\]<>|]|```|^#+", "", text).split())
    return plain if len(plain) <= most else plain[:most].rsplit(" ", 1)[0] + " …"


def proposes(text: str) -> str:
    """The category outside the list that a plan is asked to have; empty without `demo:category=…`."""
    match = re.search(r"demo:category=([^\n\"]+)", text)
    return match.group(1).strip() if match else ""


def fails_at(text: str) -> set[str]:
    """The modules that are asked to fail in any of a call's inputs."""
    return {match.group(2) or "write_skill" for match in _DIRECTIVE.finditer(text) if match.group(1) == "fail"}
