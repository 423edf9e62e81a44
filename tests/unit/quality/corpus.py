"""Skills written for tests, each with what it promised and what users might type; and what spoils a skill."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from skill_fleet_server.quality import TestQueries


@dataclass(frozen=True)
class Sample:
    """A skill as it would be measured."""

    name: str
    description: str
    body: str
    criteria: tuple[str, ...]
    queries: TestQueries


def _sample(
    name: str, description: str, about: str, steps: str, mistakes: str, checks: str, asks: str, others: str
) -> Sample:
    title = name.replace("-", " ").capitalize()
    criteria = tuple(checks.strip().split("\n"))
    numbered = "\n".join(f"{number}. {step}" for number, step in enumerate(steps.strip().split("\n"), 1))
    avoided, checked = ("\n".join(f"- {line}" for line in text.strip().split("\n")) for text in (mistakes, checks))
    body = (
        f"# {title}\n\n{about}\n\n## Steps\n\n{numbered}\n\n## Mistakes to avoid\n\n{avoided}\n\n"
        f"## Check the result\n\n{checked}\n"
    )
    queries = TestQueries(positive=asks.strip().split("\n"), negative=others.strip().split("\n"))
    return Sample(name, description, body, criteria, queries)


SAMPLES = [
    _sample(
        "rotating-api-keys",
        "Rotates the API keys of a service without downtime: issues the new key, deploys it beside the old "
        "one, revokes "
        "the old one. Use when a key has leaked, is about to expire, or somebody asks to renew credentials.",
        "Two keys are valid for a while, so that no request fails in between. Without that overlap the service answers "
        "with 401 until every instance has been restarted.",
        """Issue the second key with `keys issue --service NAME` and write down its id, never the key itself.
Put it into the vault under the path that the service reads, as the newest version.
Deploy the service one instance at a time, and look at its error rate after each of them.
Wait until the old key has had no request for an hour: `keys usage OLD_ID` must say zero.
Revoke the old key and delete it from the vault, so that nobody takes it by mistake.""",
        """Revoking first leaves every running instance without a key until it is deployed again.
A key that was pasted into a ticket has leaked, even if the ticket is closed and private.""",
        """The old key is revoked and had no request for an hour before that.
No log line and no ticket holds the key itself.""",
        """our stripe key leaked on github, renew it
the credentials of the mail service expire on friday
rotate the api key without taking the service down""",
        """write an api endpoint
what is a key value store""",
    ),
    _sample(
        "reviewing-sql-migrations",
        "Reviews SQL migrations for locks, lost data and missing ways back. Use when a pull request changes "
        "the database "
        "schema, or a migration hangs or fails in production.",
        "Most outages by migration are a lock on a large table that nobody expected. Read what the statement locks "
        "before you read what it does.",
        """Find out how many rows each table has that the migration touches, and say so in the review.
Name the lock that each statement takes, and ask for `CONCURRENTLY` where an index is built.
Ask for a default in a step of its own, when a column is added to a table of over a million rows.
Run the migration and its way back on a copy of the data, and note how long both take.
Approve only if the application of the last release works with the new schema, too.""",
        """A column that is renamed breaks the release that still runs: add, copy, switch, and drop it later.
A lock timeout is not set by default: without `SET lock_timeout` one statement stops everything behind it.""",
        """The review names the lock of every statement and the number of rows.
The way back was run on a copy of the data.""",
        """can you look at this alembic migration
adding a column to the orders table, is this safe
the schema change hangs in production""",
        """write a query that sums orders
migrate our servers to another provider""",
    ),
    _sample(
        "writing-release-notes",
        "Writes release notes from merged pull requests, for the people who use the product. Use when a version is "
        "tagged, or when the user asks for a changelog or what has changed since a release.",
        "Readers want to know what they can do now and what they have to change. They do not want the list of commits.",
        """List the pull requests since the last tag, and leave out those that change nothing for users.
Group the rest under Added, Changed and Fixed, in that order, and leave out a group that is empty.
Write each as one sentence that begins with what the user can do, with the number of its pull request.
Put what breaks at the top, with what has to be done about it and by when.
Ask the author of each breaking change whether the sentence is right before you publish.""",
        """A title of a pull request is written for reviewers: say it again in words of the interface.
Thanking some of the contributors is worse than thanking none; name all of them or nobody.""",
        """What breaks is at the top and says what has to be done.
Every sentence has the number of its pull request.""",
        """we are about to tag 2.4, what do we tell people
summarise what changed since the last release
changelog for this version please""",
        """write a blog post about our company
release the lock on this file""",
    ),
    _sample(
        "triaging-flaky-tests",
        "Finds out why a test fails now and then, and decides whether to mend, quarantine or delete it. Use "
        "when a build "
        "is red for no reason, passes on a second run, or somebody asks about a flaky test.",
        "A test that fails once in fifty runs costs more than it finds. Reproduce it before you read its code.",
        """Run the test two hundred times alone, and then with its neighbours in random order.
Compare the runs that failed: the seed, the order, the time of day, the load of the machine.
Look for what all of them share: a sleep, a clock, a port, a global, a set that is printed.
Mend the cause in the code if users could meet it, and in the test if only the test can.
Quarantine it with an issue and a date, when the cause is not found within a day.""",
        """A longer timeout hides the cause and makes every run slower: wait for an event instead.
Running it again until it passes teaches everybody that red means nothing.""",
        """The test passed two hundred times in random order.
A quarantined test has an issue and a date.""",
        """this test fails about once a week on ci
the build is red but passes when I run it again
is it the order of the tests""",
        """write unit tests for this class
test whether the site is up""",
    ),
    _sample(
        "answering-security-questionnaires",
        "Answers the security questionnaires of customers from approved answers, and marks what nobody has "
        "approved. Use "
        "when a customer sends a spreadsheet about security, privacy or compliance.",
        "A wrong answer becomes part of a contract. So every answer comes from the approved list, or is "
        "marked as open.",
        """Read the whole sheet first, and sort its questions by the topic of the approved list.
Copy the approved answer word for word when the question asks for the same thing.
Mark a question as open when it asks for more than the approved answer says, and name who decides.
Leave every date, number and certificate as it is in the list, and never round or update one.
Hand the sheet to the security team with the open questions on top.""",
        """Yes to "do you encrypt data" is not an answer to "at rest": read which data and where.
An answer from last year's sheet may have been withdrawn; only the list counts.""",
        """Every answer is in the approved list word for word, or is marked as open.
The open questions are on top and name who decides.""",
        """a customer sent us a 200 row vendor assessment
fill in this SOC 2 spreadsheet from the prospect
they ask about privacy and encryption, what do we say""",
        """scan our repository for vulnerabilities
survey our users about the new design""",
    ),
    _sample(
        "importing-bank-statements",
        "Imports bank statements as CSV or MT940 into the ledger, finds duplicates and matches invoices. Use when the "
        "user has a statement file, or the balance of an account does not agree with the bank.",
        "The sum of a statement is its only proof: opening balance plus all movements is the closing balance.",
        """Read the file with the encoding and the separator that the bank's name in the list of banks has.
Check that opening balance and movements add up to the closing balance, and stop if they do not.
Leave out a movement whose date, amount and reference are in the ledger already, and count those.
Match an incoming amount to an open invoice by its number first, and by amount and payer after that.
Show what could not be matched as a table, and post nothing of it without an answer.""",
        """Two payments of the same amount on one day are not duplicates if their references differ.
A comma is the decimal sign in most of the files, and a thousand times too much if it is not.""",
        """Opening balance and movements add up to the closing balance.
Nothing that could not be matched was posted without an answer.""",
        """import this mt940 file
our account does not agree with the bank by 40 euros
match these incoming payments to invoices""",
        """import pandas in this script
write a statement of work""",
    ),
    _sample(
        "naming-feature-flags",
        "Names, adds and removes feature flags so that everybody knows who turns one off and when. Use when "
        "code is put "
        "behind a flag, a rollout is planned, or old flags are to be cleaned up.",
        "A flag without an owner and a date stays for ever. The name carries both what it does and what it is for.",
        """Name it `team.area.what-it-does` so that the sentence "it is on" says what users get.
Write its owner and the date of its removal beside its definition, at most ninety days ahead.
Read the flag at one place only and pass the result on, so that a request sees one state of it.
Roll it out to staff first, then to one user in a hundred, and to all after two days without errors.
Remove the flag and the dead branch in the same pull request, before its date.""",
        """A flag that turns something off when it is on is read wrongly by everybody who is in a hurry.
A flag that depends on another flag doubles the states that have to be tested.""",
        """The flag has an owner and a date of removal at most ninety days ahead.
It is read at one place only.""",
        """put the new checkout behind a switch
clean up old toggles in this repo
plan the rollout of the feature to 1% of users""",
        """design a flag for our team's boat
name this variable""",
    ),
    _sample(
        "interviewing-users",
        "Prepares and summarises interviews with users: questions about what they did, notes with quotes, themes with "
        "counts. Use when somebody plans user research or has transcripts of conversations with customers.",
        "People tell you kindly what they would do. Ask what they did the last time, and you will hear the truth.",
        """Write down the decision that the interviews are for, and drop each question that does not bear on it.
Ask about the last time it happened, in the order in which it happened, before you ask for opinions.
Note what was said in the words of the person, with the minute, and your own thoughts apart from it.
Group the quotes into themes after the last interview, and count people rather than quotes.
Report each theme with its count, one quote for it, and one against it if there is one.""",
        """"Would you use this?" is answered with yes by nearly everybody and means nothing.
A theme from one loud person is not a theme: say one of eight.""",
        """Every theme has a count of people and a quote.
No question asks what somebody would do.""",
        """I have six call transcripts with customers, what do they say
prepare questions for user research about onboarding
summarise these interviews""",
        """prepare me for a job interview
list all users in the database""",
    ),
]  # fmt: skip


def _truncated(sample: Sample) -> Sample:
    return replace(sample, description=sample.description[:40])


def _shuffled(sample: Sample) -> Sample:
    lines = sample.body.split("\n")
    places = [index for index, line in enumerate(lines) if re.match(r"\d+\. ", line)]
    texts = [lines[index] for index in places]
    random.Random(sample.name).shuffle(texts)
    if texts == [lines[index] for index in places]:
        texts.reverse()
    for index, text in zip(places, texts, strict=True):
        lines[index] = text
    return replace(sample, body="\n".join(lines))


def _halved(sample: Sample) -> Sample:
    lines = sample.body.split("\n")
    return replace(sample, body="\n".join(lines[: len(lines) // 2]))


def _headings(sample: Sample) -> Sample:
    return replace(sample, body="\n\n".join(line for line in sample.body.split("\n") if line.startswith("#")))


DEGRADATIONS: Mapping[str, Callable[[Sample], Sample]] = {
    "truncated description": _truncated,
    "shuffled steps": _shuffled,
    "half the text": _halved,
    "headings only": _headings,
}


def nonsense(sample: Sample) -> Sample:
    """A text that has every word of the description and of what was promised, many times over, and says nothing."""
    chosen = random.Random(sample.name)
    words = re.findall(r"[a-z]{4,}", f"{sample.description} {' '.join(sample.criteria)}".lower())
    heap = [" ".join(chosen.choices(words, k=9)) for _ in range(40)]
    steps = "\n".join(f"{number}. {line}" for number, line in enumerate(heap[:20], 1))
    points = "\n".join(f"- {line}" for line in heap[20:])
    body = f"# Best practices\n\nWhen to use: {heap[0]}\n\n## Steps\n\n{steps}\n\n## Examples\n\n{points}\n"
    return replace(sample, body=body)
