"""Security group rules of a third service."""

from tests.edges import EGRESS, INGRESS, edges

from tests.synthesized import Stack


def test_a_third_service_opens_its_port_to_the_load_balancer_and_prometheus_only(
    stack: Stack, with_chat: Stack
) -> None:
    for direction in (INGRESS, EGRESS):
        added = set(edges(with_chat, direction)) - set(edges(stack, direction))
        assert added == {("alb", "ec2", 9000), ("ec2", "ec2", 9000)}
