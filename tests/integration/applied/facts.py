"""The architecture's figures for each environment, and how tests ask AWS for them."""

from collections.abc import Callable
from typing import Any

CIDR = {"dev": "10.0.0.0/16", "prod": "10.1.0.0/16"}
PUBLIC = {
    "dev": ["10.0.0.0/24", "10.0.1.0/24", "10.0.14.0/24"],
    "prod": ["10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24"],
}
PRIVATE = {
    "dev": ["10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24"],
    "prod": ["10.1.10.0/24", "10.1.11.0/24", "10.1.12.0/24"],
}
SITE = {"dev": "dev.wealist.co.kr", "prod": "wealist.co.kr"}
FRONTEND_BUCKET = {"dev": "wealist-frontend-dev", "prod": "wealist-frontend"}
BACKEND_SIZES = {"dev": (1, 2, 1), "prod": (2, 6, 2)}
ZONES = ["ap-northeast-2a", "ap-northeast-2c", "ap-northeast-2d"]

Ask = Callable[..., Any]
"""`ask("ec2", "describe_vpcs", "Vpcs")`: the answer to one call of AWS's API, every page of it."""


def named(name: str, what: str) -> list[dict[str, Any]]:
    return [{"Name": "tag:Name", "Values": [f"wealist-{name}-{what}"]}]


def vpc_id(ask: Ask, name: str) -> str:
    (vpc,) = ask("ec2", "describe_vpcs", "Vpcs", Filters=named(name, "vpc"))
    return str(vpc["VpcId"])


def in_vpc(ask: Ask, name: str) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [vpc_id(ask, name)]}]


def subnet_blocks(ask: Ask, ids: list[str]) -> list[str]:
    return sorted(subnet["CidrBlock"] for subnet in ask("ec2", "describe_subnets", "Subnets", SubnetIds=ids))


def load_balancer_arn(ask: Ask, name: str) -> str:
    (found,) = ask("elbv2", "describe_load_balancers", "LoadBalancers", Names=[f"wealist-{name}-alb"])
    return str(found["LoadBalancerArn"])


def listeners(ask: Ask, name: str) -> dict[int, dict[str, Any]]:
    found = ask("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=load_balancer_arn(ask, name))
    return {listener["Port"]: listener for listener in found}


def auto_scaling_group(ask: Ask, name: str, role: str) -> dict[str, Any]:
    wanted = [f"wealist-{name}-{role}-asg"]
    (group,) = ask("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", AutoScalingGroupNames=wanted)
    return dict(group)
