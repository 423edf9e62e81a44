"""The terminal client: the dashboard (`skill-fleet-tui`) and the headless commands (`skill-fleet`).

`client` speaks HTTP and SSE, `store` folds events, `text` makes untrusted text safe: none of these knows
Textual. `app`, `screens` and `widgets` show what the store holds; `cli` does the same without a screen.
May import `skill_fleet_common`; never the server or its stack, which runs as another process.
"""
