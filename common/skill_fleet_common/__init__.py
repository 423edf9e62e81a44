"""The language both sides speak.

Pydantic models of everything that crosses the wire (events, jobs, prompts, answers, skills, problems)
and pure functions over them: the fold that turns events into a job's view, the check of an answer
against its prompt, and the reading of an action from free text.

May import: pydantic and the standard library. Imported by the server and by the terminal client;
imports neither. A new thing that crosses the wire gets its model here, in the module of its noun.
"""

__version__ = "0.1.0"
