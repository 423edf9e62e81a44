"""The demo model: an offline engine that answers any signature from the call's own inputs.

It runs in DSPy's normal path (adapter, parse, streaming, usage), so everything around a model behaves as
with a real one. It knows nothing: it rearranges what the person gave, and says so in what it writes.
Knows programs by name only. May import DSPy and `lm.metered`; imported by `lm.table`.

What a request can ask it to show, anywhere in the task: `demo:clear` (nothing is ambiguous), `demo:structure` (a
name and a description that break the specification), `demo:category=<words>` (the plan proposes that category),
`demo:fail` or `demo:fail=<module>` (that module fails on every attempt, until the job is retried).
"""
