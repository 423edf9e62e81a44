"""What the dashboard knows: every job's view, log and text in flight, drafts of answers, the connection.

Pure and synchronous: events go in, widgets read. Nothing here draws, waits or sends; the clock is an argument.
May import `skill_fleet_common` and `skill_fleet_tui.text`; never Textual, never the client.
"""
