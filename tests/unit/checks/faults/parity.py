"""What is in one environment only, or otherwise there, without a setting that says so."""

from functools import partial
from typing import Any, Final

from tests.guarded import Fault
from tests.unit.checks.faults.edits import add, drop, put

_TEMPLATE: Final = "aws_launch_template.backend_fleet_launch_template"


def _another_provider(document: dict[str, Any]) -> None:
    document["provider"]["aws"][0]["region"] = "us-west-2"


def _plain_state(document: dict[str, Any]) -> None:
    document["terraform"]["backend"]["s3"]["encrypt"] = False


def _another_output(document: dict[str, Any]) -> None:
    document["output"]["debug"] = {"value": "on"}


_of: Final = partial(Fault, stack="dev", control="parity.unexplained")

FAULTS: Final = [
    _of("a resource in dev only", edit=add("aws_sns_topic", name="wealist-dev-alarms")),
    _of("a resource in prod only", edit=drop("aws_route53_record", "frontend_alias_aaaa")),
    _of("another instance type than the setting's", edit=put(f"{_TEMPLATE}.instance_type", to="t3.xlarge")),
    _of("another size than the setting's", edit=put("aws_autoscaling_group.backend_fleet_asg.min_size", to=5)),
    _of(
        "the other's size", edit=put("aws_autoscaling_group.backend_fleet_asg.min_size", to=2), control="parity.unused"
    ),
    _of("another timeout", edit=put("aws_lb.load_balancer_alb.idle_timeout", to=60)),
    _of("a description of its own", edit=put("aws_kms_key.encryption_key.description", to="dev's key")),
    _of("dev refers to prod", edit=put("aws_s3_bucket.frontend_site_bucket.bucket", to="wealist-frontend")),
    _of("a subnet of another size", edit=put("aws_subnet.network_private_subnet_a.cidr_block", to="10.0.64.0/20")),
    _of("another health check", edit=put("aws_lb_target_group.load_balancer_user_tg.health_check.interval", to=60)),
    _of("another region", edit=_another_provider),
    _of("a plain state", edit=_plain_state),
    _of("an output of its own", edit=_another_output),
]
