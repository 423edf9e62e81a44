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

_KINDS: Final = (
    ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b"),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,64}\b"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    ("a Slack webhook", r"https://hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}"),
    ("an Anthropic key", r"\bsk-ant-[A-Za-z0-9_-]{24,200}"),
    ("an OpenAI key", r"\bsk-(?:proj-|svcacct-|admin-)[A-Za-z0-9_-]{32,200}|\bsk-[A-Za-z0-9]{40,64}\b"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}\b"),
    ("a Google OAuth secret", r"\bGOCSPX-[A-Za-z0-9_-]{28}\b"),
    ("a Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{20,250}\b"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{34,40}\b"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a PyPI token", r"\bpypi-AgEI[A-Za-z0-9_-]{50,}"),
    ("a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    ("a Telegram bot token", r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    ("an Azure storage key", r"\bAccountKey=[A-Za-z0-9+/]{86}=="),
    ("a JSON web token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    ("a private key", r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=]{32,}"),
    ("a password in an address", r"\b[a-z][a-z0-9+]{1,15}://[^\s:/@'\"<>{}$]{1,64}:[^\s:/@'\"<>{}$*]{6,128}@[\w.-]+\.\w+"),
)  # fmt: skip
_ANY: Final = re.compile("|".join(f"(?P<k{number}>{pattern})" for number, (_, pattern) in enumerate(_KINDS)))
_HINTS: Final = (
    "AKIA", "ASIA", "gh", "glpat-", "xox", "hooks.slack", "sk-", "AIza", "GOCSPX", "k_live_", "hf_", "npm_", "pypi-",
    "SG.", "_v1_", ":AA", "AccountKey", "eyJ", "PRIVATE KEY", "://",
)  # fmt: skip
_MADE_UP: Final = re.compile(
    r"example|sample|dummy|fake|placeholder|redacted|changeme|your|insert|password|secret|xxxx|\.\.\.|1234567890|"
    r"abcdefghij|0{6}|(.)\1{7}|\bTEST\b",
    re.IGNORECASE,
)
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
    if not any(hint in text for hint in _HINTS):
        return
    for match in _ANY.finditer(text):
        if not _MADE_UP.search(match.group()):
            yield Secret(_KINDS[int(str(match.lastgroup)[1:])][0], match.start(), match.end())


def named_secrets(text: str) -> Iterator[Secret]:
    """Random-looking values of what is called a key, a token or a password."""
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
