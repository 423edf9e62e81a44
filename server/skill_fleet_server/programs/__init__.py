"""The DSPy programs of the workflow, and the one runner they all go through.

One module per phase holds its programs with their signatures; `values` has what goes in and comes out;
`runner` runs any of them and returns plain data or raises `StepFailed`. May import `lm` and
`skill_fleet_common`; imported by `workflows`.
"""

import skill_fleet_server.lm  # noqa: F401 - prepares the environment, and must do so before DSPy is imported
