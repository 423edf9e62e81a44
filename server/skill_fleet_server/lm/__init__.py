"""Language models: which one does what, how each is reached, and the offline demo model.

May import `skill_fleet_common` and the server's `errors`; imported by `programs`, and by the settings for
`lm.config`. Only `lm` and `programs` know DSPy. This package's import is the one place where DSPy's
environment is prepared, so it must come before DSPy's own.
"""

import os

# Without it, DSPy downloads a price list at the first call instead of reading the one it ships.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "true")
os.environ.setdefault("TQDM_DISABLE", "1")
