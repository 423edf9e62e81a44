"""A job's story, durable: three phases that read as `skill_creation` tells them.

`job_run` is what the phases are written with (run a module, ask a person, keep files), `journal` what
tells the log, `engine` what makes it all survive a crash. May import `programs`, `quality`, `grounding`, `library`,
`hitl` and `events`; used by `jobs`. Nothing here knows HTTP.
"""
