from functools import partial
from typing import Any

import boto3

from wealist.emulator.corrections import elbv2
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

client = partial(boto3.client, region_name=REGION)


def load_balancer(**settings: Any) -> dict[str, Any]:
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    client("elbv2").create_load_balancer(Name="test", Subnets=[subnet], Type="application", **settings)
    (found,) = client("elbv2").describe_load_balancers(Names=["test"])["LoadBalancers"]
    described: dict[str, Any] = found
    return described


def test_moto_alone_returns_no_scheme() -> None:
    assert "Scheme" not in load_balancer()


def test_a_load_balancer_faces_the_internet(replace: Replace) -> None:
    elbv2.load_balancers_face_the_internet_unless_told_otherwise(replace)
    assert load_balancer()["Scheme"] == "internet-facing"


def test_unless_it_is_told_otherwise(replace: Replace) -> None:
    elbv2.load_balancers_face_the_internet_unless_told_otherwise(replace)
    assert load_balancer(Scheme="internal")["Scheme"] == "internal"
