"""Jobs as people handle them: create, look at, cancel, try again; and forget, when they are old.

May import `workflows`, `hitl`, `events` and `database`; used by `api`. Nothing here knows HTTP.
"""
