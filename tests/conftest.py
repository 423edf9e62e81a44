"""What holds for every test: a machine that is busy with something else makes no property fail."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many tests wait for a server, a terminal or a time-out."""
    return (os.cpu_count() or 1) + 1
