"""Instances, and how versions get onto them.

https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
https://docs.aws.amazon.com/securityhub/latest/userguide/autoscaling-controls.html
"""

from collections.abc import Mapping
from typing import Any, Final

from wealist.checks.hardening.rule import Rule, Scope, plain, said, unlike
from wealist.model.stack import Resource

_CONTAINERS_HOPS: Final = 2
"""From the instance into a container on it."""


def metadata_asks_for_a_token(template: Resource, _: Scope) -> str | None:
    """IMDSv2: a service that is made to fetch a URL cannot be made to fetch the role's credentials."""
    tokens = template.block("metadata_options").get("http_tokens")
    return None if tokens == "required" else said("metadata_options.http_tokens", tokens)


def metadata_stays_on_the_instance(template: Resource, _: Scope) -> str | None:
    """No container reads the role's credentials."""
    hops = template.block("metadata_options").get("http_put_response_hop_limit")
    return None if hops in {None, 1} else said("metadata_options.http_put_response_hop_limit", hops)


def metadata_stays_in_containers(template: Resource, _: Scope) -> str | None:
    """Where containers do read them, nothing beyond does."""
    hops = template.block("metadata_options").get("http_put_response_hop_limit", 1)
    near = isinstance(hops, int) and hops <= _CONTAINERS_HOPS
    return None if near else said("metadata_options.http_put_response_hop_limit", hops)


def volumes_are_encrypted(template: Resource, _: Scope) -> str | None:
    """Every volume, the image's own too, is encrypted gp3."""
    disks = [_block(mapping.get("ebs")) for mapping in template.blocks("block_device_mappings")]
    if not disks:
        return said("block_device_mappings", None)
    wrong = [disk for disk in disks if plain(disk.get("encrypted")) is not True or disk.get("volume_type") != "gp3"]
    return said("block_device_mappings.ebs", wrong[0]) if wrong else None


def the_volume_is_encrypted(volume: Resource, _: Scope) -> str | None:
    """Volumes of their own are, too."""
    return unlike(volume, "encrypted", accepts=(True,))


def no_address_is_public(template: Resource, _: Scope) -> str | None:
    """An instance has no address on the internet, whatever its subnet says."""
    interfaces = template.blocks("network_interfaces")
    public = [each.get("associate_public_ip_address") for each in interfaces] or [None]
    wrong = [each for each in public if plain(each) is not False]
    return said("network_interfaces.associate_public_ip_address", wrong[0]) if wrong else None


def nobody_holds_a_key(template: Resource, _: Scope) -> str | None:
    """Session Manager is the way in: it knows who came."""
    return unlike(template, "key_name", accepts=(None,))


def metrics_come_by_the_minute(template: Resource, _: Scope) -> str | None:
    """Scaling sees load as it comes."""
    found = template.block("monitoring").get("enabled")
    return None if found is True else said("monitoring.enabled", found)


def user_data_comes_from_a_module(template: Resource, scope: Scope) -> str | None:
    """Nobody writes a secret into a script that every process of the instance can read."""
    source = scope.stack.target(template.get("user_data"))
    return None if source is not None and source.type == "module" else "user_data is no output of a module"


def health_is_asked_of_the_load_balancer(group: Resource, _: Scope) -> str | None:
    """An instance whose service does not answer is replaced."""
    return unlike(group, "health_check_type", accepts=("ELB",))


def the_version_is_in_the_plan(group: Resource, scope: Scope) -> str | None:
    """A new version rolls out when it is applied; with `$Latest` it comes with the next instance, whenever."""
    version = group.block("launch_template").get("version")
    literal = isinstance(version, str) and version.endswith(".latest_version}")
    if literal and scope.stack.target(version):
        return None
    return said("launch_template.version", version)


def scaling_owns_the_capacity(group: Resource, _: Scope) -> str | None:
    """An apply does not undo what scaling has done."""
    ignored = group.block("lifecycle").get("ignore_changes") or []
    return None if ignored == "all" or "desired_capacity" in ignored else said("lifecycle.ignore_changes", ignored)


def tags_reach_the_instances(group: Resource, _: Scope) -> str | None:
    """The provider's default tags do not reach what a group starts."""
    tags = group.blocks("tag")
    stay = [tag.get("key") for tag in tags if tag.get("propagate_at_launch") is not True]
    return said("tag", None) if not tags else f"the tags {', '.join(map(str, stay))} do not propagate" if stay else None


def traffic_is_taken_away_first(group: Resource, _: Scope) -> str | None:
    """Without it CodeDeploy silently leaves the load balancer alone."""
    option = group.block("deployment_style").get("deployment_option")
    if option != "WITH_TRAFFIC_CONTROL":
        return said("deployment_style.deployment_option", option)
    return None if group.block("load_balancer_info") else said("load_balancer_info", None)


def a_failure_is_rolled_back(group: Resource, _: Scope) -> str | None:
    """The version before comes back by itself."""
    rollback = group.block("auto_rollback_configuration")
    on_failure = "DEPLOYMENT_FAILURE" in (rollback.get("events") or [])
    return (
        None if rollback.get("enabled") is True and on_failure else said("auto_rollback_configuration", dict(rollback))
    )


def _block(value: object) -> Mapping[str, Any]:
    found = value[0] if isinstance(value, list) and value else value
    return found if isinstance(found, Mapping) else {}


_TEMPLATE: Final = ("aws_launch_template",)
_GROUP: Final = ("aws_autoscaling_group",)
_DEPLOYMENT: Final = ("aws_codedeploy_deployment_group",)
RULES: Final = (
    Rule("EC2.170", _TEMPLATE, metadata_asks_for_a_token, "set metadata_options.http_tokens to required"),
    Rule("launch_template.hop_limit", _TEMPLATE, metadata_stays_on_the_instance, "set the hop limit to 1"),
    Rule("launch_template.hop_limit_of_containers", _TEMPLATE, metadata_stays_in_containers, "set the hop limit to 2"),
    Rule("launch_template.encrypted_volumes", _TEMPLATE, volumes_are_encrypted, "make each an encrypted gp3 volume"),
    Rule("EC2.3", ("aws_ebs_volume",), the_volume_is_encrypted, "set encrypted to true"),
    Rule("EC2.25", _TEMPLATE, no_address_is_public, "set associate_public_ip_address of each interface to false"),
    Rule("launch_template.key_pair", _TEMPLATE, nobody_holds_a_key, "take key_name away; use Session Manager"),
    Rule("launch_template.monitoring", _TEMPLATE, metrics_come_by_the_minute, "enable monitoring"),
    Rule(
        "launch_template.user_data",
        _TEMPLATE,
        user_data_comes_from_a_module,
        "take user_data from modules/instance_bootstrap",
    ),
    Rule("AutoScaling.1", _GROUP, health_is_asked_of_the_load_balancer, "set health_check_type to ELB"),
    Rule("autoscaling.version", _GROUP, the_version_is_in_the_plan, "refer to the template's latest_version"),
    Rule("autoscaling.desired_capacity", _GROUP, scaling_owns_the_capacity, "ignore changes of desired_capacity"),
    Rule("autoscaling.tags", _GROUP, tags_reach_the_instances, "set propagate_at_launch of each tag to true"),
    Rule(
        "codedeploy.traffic_control",
        _DEPLOYMENT,
        traffic_is_taken_away_first,
        "set deployment_option to WITH_TRAFFIC_CONTROL, and give load_balancer_info",
    ),
    Rule(
        "codedeploy.rollback",
        _DEPLOYMENT,
        a_failure_is_rolled_back,
        "enable auto_rollback_configuration on DEPLOYMENT_FAILURE",
    ),
)
