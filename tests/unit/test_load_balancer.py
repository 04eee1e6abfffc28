"""The load balancer beside what the document draws: routing as a client meets it, logs and settings."""

import pytest

from tests.requests import port_for
from tests.synthesized import Stack, address_of


@pytest.mark.parametrize("path", ["/", "/api/other", "/actuator/health"])
def test_the_load_balancer_itself_answers_a_path_of_no_service(stack: Stack, path: str) -> None:
    assert port_for(stack, path) is None


def test_a_websocket_survives_ten_quiet_minutes(stack: Stack) -> None:
    assert stack.only("aws_lb")["idle_timeout"] >= 600


def test_the_load_balancer_may_write_its_logs_where_they_are_sent(stack: Stack) -> None:
    balancer = stack.only("aws_lb")
    logs = balancer["access_logs"]
    bucket = stack.at(address_of(logs["bucket"]))
    (policy,) = stack.pointing_at(bucket, "aws_s3_bucket_policy", "bucket")
    # AWS writes a test object when the load balancer is told of the bucket.
    assert policy.address in balancer["depends_on"]
    writer = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    (allowed,) = (each for each in policy.statements().values() if each["Principal"] == writer)
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", ["s3:PutObject"])
    assert allowed["Resource"] == [f"arn:aws:s3:::{bucket['bucket']}/{logs['prefix']}/AWSLogs/290008131187/*"]
