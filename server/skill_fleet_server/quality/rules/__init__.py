"""The rules, one module per family. The engine imports each module named in `registry.FAMILIES`.

Ids and thresholds are stable: people suppress and cite them. A rule is an error only when some client breaks on what
it notices, or an agent that follows the skill would.
"""
