"""Security group rules beside section 8: a third service, and rules that somebody added by hand."""

import re

from tests.edges import EGRESS, INGRESS, edges
from tests.synthesized import Stack, address_of


def test_a_third_service_opens_its_port_to_the_load_balancer_and_prometheus_only(
    stack: Stack, with_chat: Stack
) -> None:
    for direction in (INGRESS, EGRESS):
        added = set(edges(with_chat, direction)) - set(edges(stack, direction))
        assert added == {("alb", "ec2", 9000), ("ec2", "ec2", 9000)}


def test_every_plan_tells_of_rules_that_are_not_in_the_code(stack: Stack) -> None:
    rules = stack.at("data.aws_vpc_security_group_rules.firewall_rules")
    (filtered,) = rules["filter"]
    assert filtered["name"] == "group-id"
    assert {address_of(group) for group in filtered["values"]} == {
        group.address for group in stack.all("aws_security_group")
    }
    told = stack.document["check"]["firewall_rules"]["assert"]
    ours = {rule.address for rule in (*stack.all(INGRESS), *stack.all(EGRESS))}
    for words in (told["condition"], told["error_message"]):
        (found, known) = re.findall(r"setsubtract\(([\w.]+), \[([^\]]+)\]\)", words)[0]
        assert found == f"{rules.address}.ids"
        assert set(known.split(", ")) == {f"{address}.id" for address in ours}
    assert re.fullmatch(r"\$\{\(length\(setsubtract\(.*\)\) < 1\)\}", told["condition"])
