"""Secrets are known by their form, examples of them are left alone, and none is ever shown whole."""

import random
import string

import pytest

from skill_fleet_server.quality.secrets import masked, named_secrets, secrets

LETTERS = "bcdfghjkmnpqrtvwz2345679BCDFGHJKLMN"


def drawn(count: int, letters: str = LETTERS) -> str:
    return "".join(random.Random(count).choices(letters, k=count))


REAL = {
    "AWS": "AKIA" + drawn(16, "BCDFGHJKLM2345679"),
    "GitHub": "ghp_" + drawn(36),
    "GitLab": "glpat-" + drawn(20),
    "Slack": "xoxb-" + drawn(40),
    "Anthropic": "sk-ant-" + drawn(60),
    "OpenAI": "sk-proj-" + drawn(60),
    "Google": "AIza" + drawn(35),
    "Stripe": "sk_live_" + drawn(24),
    "Hugging Face": "hf_" + drawn(34, string.ascii_letters),
    "private key": "-----BEGIN PRIVATE KEY-----\n" + drawn(64) + "\n" + drawn(63),
    "address": "postgres://admin:" + drawn(14) + "@db.forms.org",
}


@pytest.mark.parametrize("kind", REAL)
def test_a_secret_is_found_and_masked(kind):
    text = f"before {REAL[kind]} after"
    [found] = [secret for secret in secrets(text) if kind.split()[0].casefold() in secret.what.casefold()]
    assert text[found.start : found.end].startswith(REAL[kind][:12])
    assert REAL[kind][10:] not in masked(text)
    assert masked(text).startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-ant-your-key-goes-here-and-nothing-else",
        "postgres://user:password@localhost/db",
        "https://example.org:8080/a@b",
        "-----BEGIN PRIVATE KEY-----\n...\n",
        "task-management-of-things-that-are-quite-long-to-read-about",
        'api_key = "YOUR_API_KEY_HERE_1234"',
        'password: "correct-horse-battery"',
    ],
)
def test_examples_and_words_are_no_secrets(text):
    assert [*secrets(text), *named_secrets(text)] == []
