"""Who guesses tokens is slowed down."""

import pytest

from skill_fleet_server.api.auth import Throttle
from skill_fleet_server.errors import TooMany


def test_guessing_from_elsewhere_is_slowed_down_and_this_machine_is_not() -> None:
    throttle = Throttle(failures=3, within_s=60)
    for address in ("203.0.113.9", "127.0.0.1"):
        for _ in range(3):
            throttle.check(address)
            throttle.failed(address)
    throttle.check("127.0.0.1")
    throttle.check("198.51.100.7")
    with pytest.raises(TooMany) as refused:
        throttle.check("203.0.113.9")
    assert 0 < refused.value.retry_after_s <= 60
