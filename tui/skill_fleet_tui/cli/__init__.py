"""`skill-fleet`: everything without a screen, for people in a hurry and for scripts.

`main` is the whole command line at a glance; each command's work is in the module of its noun, imported
when the command runs. May import `client`, `text`, `settings` and `skill_fleet_common`; knows no Textual.
"""
