"""Commands of `skill-fleet` that need the server's code but no server.

The terminal client becomes `python -m skill_fleet_server <command>`, which calls the command's `main(arguments)` for an
exit code. `validate` reads the command line, `discovery` finds skills,
`checking` checks them side by side, `printing` and `sarif` say what was found, `fixing` shows and writes repairs.
May import `quality`, and nothing that talks to a network or a database.
"""
