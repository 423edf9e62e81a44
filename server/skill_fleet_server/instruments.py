"""What is counted and timed where it happens, for the whole process; `metrics` shows it.

Knows nothing of this server but names; anything below the API may import it. Nothing here survives the process, as
Prometheus expects: it notices a counter that begins anew.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY: Final = CollectorRegistry(auto_describe=False)

_FAST_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_SLOW_S: Final = (0.1, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)

COMMIT_UNITS: Final = Histogram(
    "skill_fleet_commit_units", "Units of work committed together.", buckets=_SIZES, registry=REGISTRY
)
COMMIT_SECONDS: Final = Histogram(
    "skill_fleet_commit_seconds", "From a batch's beginning to its commit.", buckets=_FAST_S, registry=REGISTRY
)
STEP_SECONDS: Final = Histogram(
    "skill_fleet_step_seconds",
    "Modules run here, all their attempts included.",
    ["module", "outcome"],
    buckets=_SLOW_S,
    registry=REGISTRY,
)
MODEL_SECONDS: Final = Histogram(
    "skill_fleet_model_seconds",
    "Attempts with a model, its turn not waited for.",
    ["model", "outcome"],
    buckets=_SLOW_S,
    registry=REGISTRY,
)
MODEL_TOKENS: Final = Counter(
    "skill_fleet_model_tokens", "Tokens that models took and gave.", ["model", "direction"], registry=REGISTRY
)
MODEL_COST: Final = Counter(
    "skill_fleet_model_cost_usd", "What models cost, where a price is known.", ["model"], registry=REGISTRY
)
