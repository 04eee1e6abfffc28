"""The network: NAT gateways per zone, the S3 endpoint and the default network ACL."""

from tests.routing import routes_of, subnets, table_of
from tests.synthesized import Stack


def test_the_s3_endpoint_allows_everybody_only_to_read_objects(stack: Stack) -> None:
    """Packages and image layers are in AWS's own buckets, and are read without credentials."""
    statements = stack.only("aws_vpc_endpoint", vpc_endpoint_type="Gateway").statements().values()
    assert [each["Action"] for each in statements if "Condition" not in each] == [["s3:GetObject"]]


def test_with_nat_per_zone_each_private_subnet_uses_the_gateway_of_its_zone(all_changed: Stack) -> None:
    public = {each["availability_zone"]: each.address for each in subnets(all_changed, "public")}
    for subnet in subnets(all_changed, "private"):
        (target,) = routes_of(all_changed, table_of(all_changed, subnet)).values()
        assert all_changed.at(target).type == "aws_nat_gateway"
        assert all_changed.at(target).refers_to("subnet_id") == public[subnet["availability_zone"]]


def test_the_default_network_acl_denies_remote_shells_first(stack: Stack) -> None:
    acl = stack.only("aws_default_network_acl")
    assert stack.target(acl, "default_network_acl_id").type == "aws_vpc"
    *denials, last = sorted(acl["ingress"], key=lambda rule: rule["rule_no"])
    assert {(rule["action"], rule["protocol"], rule["from_port"], rule["to_port"]) for rule in denials} == {
        ("deny", "tcp", 22, 22),
        ("deny", "tcp", 3389, 3389),
    }
    assert (last["action"], last["protocol"], last["cidr_block"]) == ("allow", "-1", "0.0.0.0/0")
    assert [rule["action"] for rule in acl["egress"]] == ["allow"]
