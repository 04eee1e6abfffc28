"""Further parts of a network need no further line in the proof: allowed ones are shown, others break a claim."""

import pytest

from tests.guarded import Edit, mutated
from tests.unit.checks.faults.edits import VPC, Document, add, both, group, let_in, let_out, subnet
from tests.unit.checks.reachability.findings import committed, findings_in
from wealist.checks.reachability import matrix

PRIVATE = [subnet("private", zone) for zone in "acd"]
PRODUCTION = "prod"
FURTHER = "${aws_security_group.mistake.id}"
"""A group that an edit adds."""


def edge(source: str, target: str, port: int) -> Edit:
    """Both ends of an edge between two groups of the firewall."""
    return both(
        let_out(source, port, referenced_security_group_id=group(target)),
        let_in(target, port, referenced_security_group_id=group(source)),
    )


def lambda_function(*, subnets: list[str], security_group: str | None) -> Edit:
    groups = [security_group] if security_group else []
    return add("aws_lambda_function", vpc_config=[{"subnet_ids": subnets, "security_group_ids": groups}])


def own_group(port: int, *, to: str) -> Edit:
    """A further group, with an edge to another one."""
    ports = {"ip_protocol": "tcp", "from_port": port, "to_port": port}
    egress = {"security_group_id": FURTHER, "referenced_security_group_id": group(to), **ports}
    return both(
        add("aws_security_group", name="further", vpc_id=VPC),
        add("aws_vpc_security_group_egress_rule", **egress),
        let_in(to, port, referenced_security_group_id=FURTHER),
    )


def shown(*edits: Edit) -> dict[tuple[str, str], str]:
    changed = mutated(committed(), PRODUCTION, both(*edits))
    return {ends: " ".join(map(str, ports)) for ends, ports in matrix(changed, PRODUCTION).ports.items()}


def _efs(document: Document) -> None:
    """A file system for the instances, in one private subnet."""
    both(
        add("aws_efs_mount_target", subnet_id=PRIVATE[0], security_groups=[FURTHER]),
        add("aws_security_group", name="further", vpc_id=VPC),
        let_out("ec2", 2049, referenced_security_group_id=FURTHER),
        add(
            "aws_vpc_security_group_ingress_rule",
            security_group_id=FURTHER,
            referenced_security_group_id=group("ec2"),
            ip_protocol="tcp",
            from_port=2049,
            to_port=2049,
        ),
    )(document)


FUNCTION = both(
    lambda_function(subnets=PRIVATE, security_group=FURTHER),
    own_group(443, to="vpc_endpoints"),
)
SERVICE = both(
    add(
        "aws_ecs_service",
        network_configuration=[{"subnets": PRIVATE, "security_groups": [FURTHER]}],
    ),
    own_group(8080, to="ec2"),
)


@pytest.mark.parametrize(
    ("edit", "ends", "ports"),
    [
        (edge("ec2", "ec2", 9200), ("backend", "monitoring"), "tcp 8000 tcp 8080 tcp 9100 tcp 9200"),
        (_efs, ("monitoring", "efs mount target.mistake"), "tcp 2049"),
        (FUNCTION, ("lambda function.mistake", "3 endpoints"), "tcp 443"),
        (SERVICE, ("ecs service.mistake", "backend"), "tcp 8080"),
    ],
    ids=["a port between instances", "a file system", "a function that calls AWS", "a service that calls instances"],
)
def test_a_further_edge_is_allowed_and_shown(edit: Edit, ends: tuple[str, str], ports: str) -> None:
    assert findings_in(PRODUCTION, edit) == []
    assert shown(edit)[ends] == ports


def test_a_gateway_endpoint_of_dynamodb_is_allowed_and_shown() -> None:
    private = ["${aws_route_table.network_private_rt.id}"]
    edit = add("aws_vpc_endpoint", vpc_id=VPC, service_name="com.amazonaws.x.dynamodb", route_table_ids=private)
    assert findings_in(PRODUCTION, edit) == []
    assert shown(edit)["backend", "DYNAMODB"] == "tcp 443"


def test_a_function_outside_the_vpc_is_no_part_of_the_network() -> None:
    assert findings_in(PRODUCTION, add("aws_lambda_function", function_name="x")) == []


@pytest.mark.parametrize("attribute", ["arn", "identifier"])
def test_a_replica_is_where_its_source_is(attribute: str) -> None:
    replica = add(
        "aws_db_instance",
        replicate_source_db=f"${{aws_db_instance.database_instance.{attribute}}}",
        vpc_security_group_ids=[group("rds")],
    )
    assert findings_in("dev", replica) == []


@pytest.mark.parametrize(
    ("edit", "controls"),
    [
        (
            both(
                lambda_function(subnets=[subnet("public", "a")], security_group=FURTHER),
                own_group(443, to="vpc_endpoints"),
            ),
            {"tiers"},
        ),
        (lambda_function(subnets=PRIVATE, security_group=None), {"edges"}),
        (lambda_function(subnets=["subnet-1"], security_group=group("ec2")), {"coverage"}),
        (
            add(
                "aws_ecs_service",
                network_configuration=[
                    {"subnets": PRIVATE, "security_groups": [group("redis")], "assign_public_ip": True}
                ],
            ),
            {"public_address"},
        ),
        (
            both(
                lambda_function(subnets=PRIVATE, security_group=FURTHER),
                own_group(5432, to="rds"),
            ),
            {"data_tier"},
        ),
        (add("aws_vpc_peering_connection_accepter", vpc_peering_connection_id="pcx-1"), {"coverage"}),
        (add("aws_vpn_gateway", vpc_id=VPC), {"coverage"}),
        (add("aws_efs_mount_target", ip_address="10.1.10.9"), {"coverage"}),
        (add("aws_vpc_endpoint", vpc_id=VPC, vpc_endpoint_type="GatewayLoadBalancer"), {"coverage"}),
        (add("aws_lb_target_group_attachment", target_id="i-1"), {"forwarding"}),
    ],
    ids=[
        "a function in a public subnet",
        "a function without a group",
        "a function in a subnet elsewhere",
        "a service with public addresses",
        "a function that asks the database",
        "a peering accepted",
        "a gateway to another network",
        "an address that nobody reads",
        "an endpoint of another kind",
        "a machine behind the load balancer",
    ],
)
def test_a_further_part_breaks_the_claim_that_it_concerns(edit: Edit, controls: set[str]) -> None:
    assert {finding.control.removeprefix("reachability.") for finding in findings_in(PRODUCTION, edit)} == controls
