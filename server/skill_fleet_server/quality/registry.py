"""The registry of rules, and what all of them have in common: id, severity per profile, source, and how they speak.

There are two kinds. A rule of `engine` judges one skill; a rule of `across` judges skills that are kept together. Both
are decorators: above the function that judges they register it, with all that is known of the rule besides.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cache
from importlib import import_module
from typing import Any, Final, Generic, TypeVar

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.profiles import CLIENTS, DRAFT, JUDGED_BY_CLIENTS, PROFILES, SPEC
from skill_fleet_server.quality.secrets import masked
from skill_fleet_server.quality.skill import MAIN_FILE

FAMILIES: Final = (
    "frontmatter", "naming", "description", "body", "structure", "wording", "size", "links", "scripts", "safety",
    "packaging", "across", "clients", "reference",
)  # fmt: skip
"""The modules of `rules/`."""

USUAL: Final = (SPEC, DRAFT, *CLIENTS)
"""The profiles of a rule that names none."""

SHOWN_CHARACTERS: Final = 120
"""How much of an offending text a finding carries."""

MASKED_CHARACTERS: Final = 4_000
"""As much of it is looked through for secrets before it is shortened."""

SEVERITIES: Final = list(Severity)
"""The worst first."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What a rule noticed, before the registry puts its name to it."""

    message: str
    place: Place | None = None
    path: str = MAIN_FILE
    text: str = ""
    fix: str = ""
    severity: Severity | None = None
    """Only when it differs from the rule's own."""
    fixable: bool = True
    """Whether the rule's fix, if it has one, can put this right."""


JudgeT = TypeVar("JudgeT", bound=Callable[..., Iterable[Any]])
KindT = TypeVar("KindT", bound="Registered[Any]")

_NOBODY: Final[Any] = None


@dataclass(frozen=True)
class Registered(Generic[JudgeT]):
    """A rule of either kind."""

    id: str
    family: str
    severity: Severity
    _: KW_ONLY
    source: str
    """Who says so: the specification, a client, a measured corpus."""
    profiles: Collection[str] = USUAL
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """By profile, where it differs."""
    judge: JudgeT = _NOBODY
    """The function that the rule decorates."""

    def __call__(self, judge: JudgeT) -> JudgeT:
        """Put the rule into the registry, with the function that judges.

        Raises:
            ValueError: If there is one of its id.
        """
        if self.id in REGISTERED:
            raise ValueError(f"There are two rules {self.id}.")
        REGISTERED[self.id] = replace(self, judge=judge)
        return judge

    @property
    def about(self) -> str:
        """What must be so, in a sentence."""
        return " ".join((self.judge.__doc__ or "").split())

    @property
    def can_fix(self) -> bool:
        """Whether it comes with a fix."""
        return False

    def severity_in(self, profile: str, own: Severity | None = None) -> Severity:
        """How much what it notices matters under a profile."""
        severity = own or self.severities.get(profile) or self.severity
        if profile in CLIENTS and self.family in JUDGED_BY_CLIENTS and severity is Severity.ERROR:
            return Severity.WARNING
        return severity

    def finding(self, notice: Notice, profile: str) -> Finding:
        """What it noticed, as a finding under a profile."""
        return Finding(
            rule=self.id,
            severity=self.severity_in(profile, notice.severity),
            message=notice.message,
            path=notice.path,
            line=notice.place.line if notice.place else None,
            column=notice.place.column if notice.place else None,
            text=_shortened(masked(notice.text[:MASKED_CHARACTERS])),
            fix=notice.fix,
            fixable=self.can_fix and notice.fixable,
        )


REGISTERED: Final[dict[str, Registered[Any]]] = {}
"""By id; filled when the modules of `rules/` are imported."""


@cache
def _load() -> None:
    for family in FAMILIES:
        import_module(f"skill_fleet_server.quality.rules.{family}")


def every_rule() -> list[Registered[Any]]:
    """The rules of both kinds and all profiles, by id."""
    _load()
    return [each for _, each in sorted(REGISTERED.items())]


def rules_of(kind: type[KindT], profile: str) -> list[KindT]:
    """The rules of one kind in a profile, by id.

    Raises:
        ValueError: If there is no such profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"There is no profile {profile!r}; choose one of {', '.join(sorted(PROFILES))}.")
    return [each for each in every_rule() if isinstance(each, kind) and profile in each.profiles]


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
