"""Rules about health checks of services and their time limits."""

import pytest

from tests.unit.spec.builders import BOARD, USER, build, line, problems, services

MARGIN = 60
"""Seconds that the last hook has beyond the time limit of the service."""
OTHER_HOOKS = 1500
"""Total time limit of the other hooks, in seconds."""
LONGEST = (7200 - 600 - OTHER_HOOKS - MARGIN) // 3
"""Largest time limit of a service. Three times of it fit into the time that Auto Scaling waits for a new instance."""
FIELD = "services[board].healthy_within_seconds"


@pytest.mark.parametrize("path", ["/api/boards/live", "/api/boards/health", "/live"])
def test_liveness_can_have_any_path(path: str) -> None:
    assert problems(**services(liveness_path=path)) == []
    assert build(**services(liveness_path=path)).services[1].target_health_path == path


@pytest.mark.parametrize("field", ["liveness_path", "health_path"])
@pytest.mark.parametrize("service", [USER, BOARD])
def test_a_health_path_that_is_the_metrics_path_is_reported(field: str, service: dict[str, object]) -> None:
    (other,) = (each for each in (USER, BOARD) if each is not service)
    path = service["metrics_path"]
    reason = "is its metrics_path, too; name the path that answers 200 only if the service works"
    expected = f"services[{service['name']}].{field} = {path!r} {reason}"
    assert line(services=(other, {**service, field: path})) == expected


@pytest.mark.parametrize(("start", "within"), [(0, 15), (30, 45), (30, 60), (300, 315), (0, LONGEST)])
def test_a_service_can_start_quickly_or_slowly(start: int, within: int) -> None:
    assert problems(**services(start_seconds=start, healthy_within_seconds=within)) == []


@pytest.mark.parametrize(("start", "within"), [(30, 44), (180, 60), (0, -1)])
def test_a_time_limit_without_time_for_two_health_checks_is_reported(start: int, within: int) -> None:
    reason = f"leaves no time for two answers after start_seconds = {start}; write {start + 15} or more"
    assert line(**services(start_seconds=start, healthy_within_seconds=within)) == f"{FIELD} = {within} {reason}"


def test_a_negative_wait_is_reported() -> None:
    expected = "services[board].start_seconds = -1 is negative; write 0 or more"
    assert line(**services(start_seconds=-1)) == expected


@pytest.mark.parametrize("within", [LONGEST + 1, 86_400])
def test_a_time_limit_beyond_that_of_auto_scaling_is_reported(within: int) -> None:
    launch = 600 + OTHER_HOOKS + MARGIN + 3 * within
    reason = f"lets a new instance take {launch} seconds to serve; Auto Scaling waits 7200; write {LONGEST} or less"
    assert line(**services(healthy_within_seconds=within)) == f"{FIELD} = {within} {reason}"


@pytest.mark.parametrize("seconds", [60, 600])
def test_time_limits_of_hooks_and_groups_follow_from_the_slowest_service(seconds: int) -> None:
    environment = build(services=({**USER, "healthy_within_seconds": 50}, {**BOARD, "healthy_within_seconds": seconds}))
    board = environment.services[1]
    assert board.hook_seconds["ValidateService"] == seconds + MARGIN
    assert board.deployment_seconds == sum(board.hook_seconds.values()) == OTHER_HOOKS + seconds + MARGIN
    # A new instance waits up to three times, so that a failover of the database does not break the installation.
    assert environment.install_seconds == OTHER_HOOKS + MARGIN + 3 * seconds
    assert environment.launch_seconds == 600 + environment.install_seconds
    # Ten minutes for the boot, then the slowest service.
    assert environment.backend_grace_seconds == 600 + seconds
