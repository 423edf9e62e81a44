"""Mechanical fixes: functions from a skill to a change of it. They change what is asked for and keep everything else.

`change` says what a change is, `fields` writes single fields of the frontmatter, `frontmatter` and `texts` have the
fixes that rules name. Pure. May import `quality.skill`, `quality.emission` and what these use.
"""
