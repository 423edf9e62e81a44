"""Exit codes tell a script whose fault it was."""

import pytest

from skill_fleet_common.problems import Problem
from skill_fleet_tui.cli.exits import Exit, exit_for_error
from skill_fleet_tui.client.errors import Refused


@pytest.mark.parametrize("status", [409, 422])
def test_what_does_not_fit_is_the_callers(status: int) -> None:
    assert exit_for_error(Refused(Problem(title="No", status=status))) is Exit.USAGE


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_the_server_could_not_do_is_the_servers(status: int) -> None:
    assert exit_for_error(Refused(Problem(title="No", status=status))) is Exit.FAILED
