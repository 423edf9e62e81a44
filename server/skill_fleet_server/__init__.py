"""The server: HTTP API, event log, durable workflows, DSPy programs, quality rules, drafts.

One way through: `api → jobs → workflows → programs → lm` going down, `events` coming back up to every
stream. `services` puts the parts together; `process` runs what `serve` and `worker` do with them. May import
`skill_fleet_common`; imported by nothing but its own entry points.
"""
