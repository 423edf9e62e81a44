"""Asking people: prompts that wait in the database, and answers of which exactly one wins.

`prompts` opens, answers, withdraws and expires them, each in one transaction with its event; `signals` wakes
whoever waits in this process. May import `events` and `database`; used by `workflows`, `jobs` and `api`.
"""
