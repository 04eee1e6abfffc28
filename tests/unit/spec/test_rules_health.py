"""What the rules say of how services are asked for their health, and how long they may take."""

import pytest

from tests.unit.spec.builders import BOARD, USER, build, problems, the_problem

MARGIN = 60
"""Seconds beyond those of the service that its last script may take."""
OTHER_SCRIPTS = 1500
"""Seconds that the scripts of a bundle that do not wait for the service take at most."""
LONGEST = (7200 - 600 - OTHER_SCRIPTS - MARGIN) // 3
"""Seconds of a service, three times of which fit into what Auto Scaling waits for a new instance."""


def with_board(**changes: object) -> dict[str, object]:
    return {"services": (USER, {**BOARD, **changes})}


@pytest.mark.parametrize("path", ["/api/boards/live", "/api/boards/health", "/live"])
def test_any_path_may_tell_liveness(path: str) -> None:
    assert problems(**with_board(liveness_path=path)) == []
    assert build(**with_board(liveness_path=path)).services[1].target_health_path == path


@pytest.mark.parametrize("path", ["live", "", "/a b", "/$HOME", "/a?b", "/" * 1025])
def test_a_liveness_path_that_is_none_is_reported(path: str) -> None:
    problem = the_problem(**with_board(liveness_path=path))
    assert (problem.field, problem.value) == ("services[board].liveness_path", path)
    assert (problem.message, problem.remedy) == (
        "is not a path",
        "write /, then letters, digits and /._~-, 1024 at most",
    )


@pytest.mark.parametrize("field", ["liveness_path", "health_path"])
@pytest.mark.parametrize("service", [USER, BOARD])
def test_health_that_is_asked_where_the_metrics_are_is_reported(field: str, service: dict[str, object]) -> None:
    (other,) = (each for each in (USER, BOARD) if each is not service)
    problem = the_problem(services=(other, {**service, field: service["metrics_path"]}))
    assert (problem.field, problem.value) == (f"services[{service['name']}].{field}", service["metrics_path"])
    assert problem.message == "is its metrics_path, too"
    assert problem.remedy == "name the path that answers 200 only if the service works"


@pytest.mark.parametrize(("start", "within"), [(0, 15), (30, 45), (30, 60), (300, 315), (0, LONGEST)])
def test_a_service_may_be_quick_or_slow(start: int, within: int) -> None:
    assert problems(**with_board(start_seconds=start, healthy_within_seconds=within)) == []


@pytest.mark.parametrize(("start", "within"), [(30, 44), (30, 30), (180, 60), (0, 0), (0, -1)])
def test_a_service_without_time_for_two_answers_is_reported(start: int, within: int) -> None:
    problem = the_problem(**with_board(start_seconds=start, healthy_within_seconds=within))
    assert (problem.field, problem.value) == ("services[board].healthy_within_seconds", within)
    assert problem.message == f"leaves no time for two answers after start_seconds = {start}"
    assert problem.remedy == f"write {start + 15} or more"


def test_a_wait_that_is_negative_is_reported() -> None:
    problem = the_problem(**with_board(start_seconds=-1))
    assert (problem.field, problem.value) == ("services[board].start_seconds", -1)
    assert (problem.message, problem.remedy) == ("is negative", "write 0 or more")


@pytest.mark.parametrize("within", [LONGEST + 1, 3600, 7200, 86_400])
def test_a_service_for_which_auto_scaling_does_not_wait_is_reported(within: int) -> None:
    problem = the_problem(**with_board(healthy_within_seconds=within))
    assert (problem.field, problem.value) == ("services[board].healthy_within_seconds", within)
    assert f"take {600 + OTHER_SCRIPTS + MARGIN + 3 * within} seconds to serve" in problem.message
    assert "Auto Scaling waits 7200" in problem.message
    assert problem.remedy == f"write {LONGEST} or less"


@pytest.mark.parametrize("seconds", [60, 180, 600])
def test_the_time_of_the_last_hook_and_of_the_group_follow_from_the_services(seconds: int) -> None:
    environment = build(services=({**USER, "healthy_within_seconds": 50}, {**BOARD, "healthy_within_seconds": seconds}))
    board = environment.services[1]
    assert board.hook_seconds["ValidateService"] == seconds + MARGIN
    assert board.deployment_seconds == sum(board.hook_seconds.values()) == OTHER_SCRIPTS + seconds + MARGIN
    # A new instance asks three times: a failover of the database must not break what it installs.
    assert environment.install_seconds == OTHER_SCRIPTS + MARGIN + 3 * seconds
    assert environment.launch_seconds == 600 + environment.install_seconds
    # Ten minutes for the boot, then the slowest service.
    assert environment.backend_grace_seconds == 600 + seconds
