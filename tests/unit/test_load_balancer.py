"""The load balancer beside what the document draws: routing as a client meets it, logs and settings."""

import pytest

from tests.requests import port_for
from tests.synthesized import API_CERTIFICATE, Stack, address_of, otherwise, synthesized
from wealist.spec.services import Service


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


def test_the_api_has_no_ipv6_address_for_the_vpc_has_none(stack: Stack) -> None:
    assert stack.only("aws_lb").get("ip_address_type", "ipv4") == "ipv4"
    assert not [each for each in stack.all("aws_route53_record", type="AAAA") if each["name"].startswith("api.")]


def test_an_existing_certificate_is_used_and_none_is_made() -> None:
    stack = synthesized(otherwise("prod"))
    assert stack.only("aws_lb_listener", port=443)["certificate_arn"] == API_CERTIFICATE
    assert {stack.region(each) for each in stack.all("aws_acm_certificate")} == {"us-east-1"}


def test_a_third_service_gets_its_rule_and_target_group(name: str, with_chat: Stack, chat: Service) -> None:
    assert port_for(with_chat, "/api/chats/rooms") == chat.port
    group = with_chat.only("aws_lb_target_group", name=f"wealist-{name}-chat-tg", port=chat.port)
    assert group["health_check"]["path"] == chat.health_path
    assert port_for(with_chat, "/api/users/me") == 8080
