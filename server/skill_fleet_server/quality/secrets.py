"""Secrets, found by their shape: prefixes and formats that providers gave their keys so that they can be found.

Randomness alone is never a reason: it counts only for the value of something that is called a key or a password.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SHOWN: Final = 4
"""How many characters of a secret may be shown, so that its owner knows which it is."""

NAMED_ENTROPY: Final = 3.5
"""Bits per character from which a value is taken for random. English words have fewer, keys more."""


@dataclass(frozen=True)
class _Kind:
    what: str
    hints: tuple[str, ...]
    """One of these is in every such secret: looking for them first makes the rest cheap."""
    pattern: re.Pattern[str]


def _kind(what: str, hints: str, pattern: str) -> _Kind:
    return _Kind(what, tuple(hints.split()), re.compile(pattern))


_KINDS: Final = (
    _kind("an AWS access key", "AKIA ASIA", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    _kind("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b"),
    _kind("a GitHub token", "github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{60,255}\b"),
    _kind("a GitLab token", "glpat-", r"\bglpat-[A-Za-z0-9_-]{20,64}\b"),
    _kind("a Slack token", "xox", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    _kind(
        "a Slack webhook", "hooks.slack.com",
        r"https://hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}",
    ),
    _kind("an Anthropic key", "sk-ant-", r"\bsk-ant-[A-Za-z0-9_-]{24,200}"),
    _kind("an OpenAI key", "sk-", r"\bsk-(?:proj-|svcacct-|admin-)[A-Za-z0-9_-]{32,200}|\bsk-[A-Za-z0-9]{40,64}\b"),
    _kind("a Google API key", "AIza", r"\bAIza[A-Za-z0-9_-]{35}\b"),
    _kind("a Google OAuth secret", "GOCSPX-", r"\bGOCSPX-[A-Za-z0-9_-]{28}\b"),
    _kind("a Stripe key", "k_live_", r"\b[rs]k_live_[A-Za-z0-9]{20,250}\b"),
    _kind("a Hugging Face token", "hf_", r"\bhf_[A-Za-z0-9]{34,40}\b"),
    _kind("an npm token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    _kind("a PyPI token", "pypi-AgEI", r"\bpypi-AgEI[A-Za-z0-9_-]{50,}"),
    _kind("a SendGrid key", "SG.", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    _kind("a DigitalOcean token", "_v1_", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    _kind("a Telegram bot token", ":AA", r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    _kind("an Azure storage key", "AccountKey=", r"\bAccountKey=[A-Za-z0-9+/]{86}=="),
    _kind("a JSON web token", "eyJ", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    _kind(
        "a private key", "PRIVATE",
        r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----(?:\s+[A-Za-z0-9+/=]{32,})+",
    ),
    _kind(
        "a password in an address", "://",
        r"\b[a-z][a-z0-9+]{1,15}://[^\s:/@'\"<>{}$]{1,64}:[^\s:/@'\"<>{}$*]{6,128}@[\w.-]+\.\w+",
    ),
)  # fmt: skip
_MADE_UP: Final = re.compile(
    r"example|sample|dummy|fake|placeholder|redacted|changeme|your|insert|password|secret|xxxx|\.\.\.|1234567890|"
    r"abcdefghij|0{6}|(.)\1{7}|\bTEST\b",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(r"(?i)api[_-]?key|secret|passwd|password|token")
_NAMED: Final = re.compile(
    r"(?i)\b[\w-]*(?:api[_-]?key|secret|passwd|password|auth[_-]?token|access[_-]?token)[\w-]*\"?\s*[:=]\s*"
    r"[\"'](?P<value>[A-Za-z0-9+/=_-]{16,128})[\"']"
)


@dataclass(frozen=True)
class Secret:
    """Something that looks like a secret."""

    what: str
    start: int
    end: int


def secrets(text: str) -> Iterator[Secret]:
    """Secrets by their shape, in order. What is plainly an example is passed over."""
    found = [
        Secret(kind.what, match.start(), match.end())
        for kind in _KINDS
        if any(hint in text for hint in kind.hints)
        for match in kind.pattern.finditer(text)
        if not _MADE_UP.search(match.group())
    ]
    yield from sorted(found, key=lambda secret: secret.start)


def named_secrets(text: str) -> Iterator[Secret]:
    """Random-looking values of what is called a key, a token or a password."""
    if not _NAMES.search(text):
        return
    for match in _NAMED.finditer(text):
        value = match["value"]
        mixed = any(each.isdigit() for each in value) and any(each.isalpha() for each in value)
        if mixed and entropy(value) >= NAMED_ENTROPY and not _MADE_UP.search(value):
            yield Secret("the value of a key or password", match.start("value"), match.end("value"))


def masked(text: str) -> str:
    """The text with all but the first characters of every secret in it replaced."""
    for secret in sorted((*secrets(text), *named_secrets(text)), key=lambda each: -each.start):
        text = f"{text[: secret.start + SHOWN]}…{text[secret.end :]}"
    return text


def entropy(text: str) -> float:
    """Bits per character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
