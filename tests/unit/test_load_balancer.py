"""The load balancer: routing, health checks and access logs."""

from typing import Any

import pytest

from tests.listener_rules import forwarded_port
from tests.synthesized import Stack, address_of, environment, synthesized


@pytest.mark.parametrize("path", ["/", "/api/other", "/actuator/health"])
def test_a_path_of_no_service_is_not_forwarded(stack: Stack, path: str) -> None:
    assert forwarded_port(stack, path) is None


def test_an_idle_websocket_stays_open_for_ten_minutes(stack: Stack) -> None:
    assert stack.only("aws_lb")["idle_timeout"] >= 600


def seconds_until_unhealthy(check: dict[str, Any]) -> int:
    """Return the time from the first to the last failed check that makes a target unhealthy."""
    return int(check["interval"]) * (int(check["unhealthy_threshold"]) - 1)


@pytest.mark.parametrize("service", ["user", "board"])
def test_a_health_check_that_includes_the_database_tolerates_a_failover(name: str, stack: Stack, service: str) -> None:
    check = stack.only("aws_lb_target_group", name=f"wealist-{name}-{service}-tg")["health_check"]
    # 120 seconds as documented, and 30 seconds that a JVM caches the old address.
    assert seconds_until_unhealthy(check) >= 120 + 30


def test_a_liveness_path_is_used_by_the_load_balancer_and_the_health_server(
    name: str,
) -> None:
    user, board = environment(name).services
    alive = user.model_copy(update={"liveness_path": "/api/users/actuator/health/liveness"})
    stack = synthesized(environment(name, services=(alive, board)))
    check = stack.only("aws_lb_target_group", name=f"wealist-{name}-user-tg")["health_check"]
    assert check["path"] == "/api/users/actuator/health/liveness"
    # Without the database in the check, a failed process is replaced quickly.
    assert seconds_until_unhealthy(check) < 30
    served = {each["name"]: each["health_path"] for each in stack.at("module.backend_fleet_bootstrap")["services"]}
    assert served == {"user-service": alive.liveness_path, "board-service": board.health_path}


def test_the_load_balancer_may_write_to_the_destination_of_its_logs(stack: Stack) -> None:
    balancer = stack.only("aws_lb")
    logs = balancer["access_logs"]
    bucket = stack.at(address_of(logs["bucket"]))
    (policy,) = stack.pointing_at(bucket, "aws_s3_bucket_policy", "bucket")
    # AWS writes a test object as soon as the load balancer names the bucket.
    assert policy.address in balancer["depends_on"]
    writer = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    (allowed,) = (each for each in policy.statements().values() if each["Principal"] == writer)
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", ["s3:PutObject"])
    assert allowed["Resource"] == [f"arn:aws:s3:::{bucket['bucket']}/{logs['prefix']}/AWSLogs/290008131187/*"]
