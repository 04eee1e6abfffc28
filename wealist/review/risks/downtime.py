"""What stops answering while a plan is applied, and for how long.

updated in place → settings that AWS changes by a restart, a failover or new instances
replaced, destroyed first → what carries traffic is not there until its successor is
"""

from collections.abc import Iterator
from typing import Final

from wealist.review.changes import Action, Change, Order, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, Words, code, listed
from wealist.review.values import UNKNOWN, first, is_nothing

SETTINGS: Final[dict[str, dict[str, tuple[Severity, str]]]] = {
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
    "aws_db_instance": {
        "instance_class": (Severity.CAUTION, "the database restarts on another machine: minutes without it"),
        "engine_version": (Severity.CAUTION, "the database is upgraded: minutes without it, and no way back"),
        "parameter_group_name": (Severity.CAUTION, "the database must be restarted before the new parameters count"),
        "port": (Severity.CAUTION, "the database restarts, and connections to the old port fail"),
        "identifier": (Severity.CAUTION, "the database restarts under another endpoint"),
        "db_subnet_group_name": (Severity.CAUTION, "the database moves to other subnets: minutes without it"),
        "ca_cert_identifier": (Severity.CAUTION, "the database may restart for its new certificate"),
        "storage_type": (Severity.CAUTION, "the database may stop for minutes while its storage is converted"),
        "multi_az": (Severity.NOTE, "no downtime; the database is slower while its standby is made"),
        "allocated_storage": (Severity.NOTE, "no downtime; storage cannot be made smaller again"),
    },
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.RedisReplGrps.html
    "aws_elasticache_replication_group": {
        "node_type": (Severity.CAUTION, "Redis moves to other nodes: seconds without writes, and connections break"),
        "engine_version": (Severity.CAUTION, "Redis is upgraded: seconds without writes, and no way back"),
        "transit_encryption_enabled": (Severity.CAUTION, "clients that speak as before are refused"),
        "auth_token": (Severity.CAUTION, "clients need the new token"),
        "parameter_group_name": (Severity.CAUTION, "Redis may restart for its new parameters"),
        "num_cache_clusters": (Severity.NOTE, "no downtime; nodes are added or removed beside the primary"),
        "automatic_failover_enabled": (Severity.NOTE, "no downtime; what happens when the primary fails changes"),
    },
    "aws_instance": {
        "instance_type": (Severity.CAUTION, "the instance is stopped and started"),
        "user_data": (Severity.CAUTION, "the instance is stopped and started"),
    },
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/availability-zones.html
    "aws_lb": {
        "subnets": (Severity.CAUTION, "the load balancer leaves or enters zones: targets of a left zone get nothing"),
        "security_groups": (Severity.CAUTION, "other rules decide at once who reaches the load balancer"),
        "idle_timeout": (Severity.NOTE, "connections without traffic are closed at another time"),
    },
    "aws_lb_listener": {
        "port": (Severity.CAUTION, "clients of the old port are refused"),
        "protocol": (Severity.CAUTION, "clients of the old protocol are refused"),
    },
    "aws_lb_target_group": {
        "health_check": (Severity.CAUTION, "targets that fail the new check get no traffic"),
    },
    "aws_autoscaling_group": {
        "vpc_zone_identifier": (Severity.CAUTION, "instances are moved to other subnets"),
        "min_size": (Severity.NOTE, "the number of instances may change"),
        "max_size": (Severity.NOTE, "the number of instances may change"),
        "target_group_arns": (Severity.CAUTION, "instances leave or enter target groups"),
    },
    "aws_launch_template": {
        "instance_type": (Severity.NOTE, "instances that start from now on have another size"),
        "image_id": (Severity.NOTE, "instances that start from now on have another image"),
    },
    "aws_db_subnet_group": {"subnet_ids": (Severity.CAUTION, "the database may move to other subnets")},
    "aws_elasticache_subnet_group": {"subnet_ids": (Severity.CAUTION, "Redis may move to other subnets")},
    "aws_vpc_endpoint": {
        "subnet_ids": (Severity.CAUTION, "instances of a left zone reach the service by another zone"),
        "private_dns_enabled": (Severity.CAUTION, "the service's name leads elsewhere"),
    },
    "aws_route": {
        "gateway_id": (Severity.CAUTION, "traffic takes another way; open connections break"),
        "nat_gateway_id": (Severity.CAUTION, "traffic takes another way; open connections break"),
    },
    "aws_cloudfront_distribution": {
        "enabled": (Severity.CAUTION, "the site stops or begins to answer"),
        "aliases": (Severity.CAUTION, "the site answers to other names"),
        "origin": (Severity.CAUTION, "the site is read from another origin"),
    },
    "aws_route53_record": {
        "alias": (Severity.CAUTION, "the name leads elsewhere, at each client when its cache ends"),
        "records": (Severity.CAUTION, "the name leads elsewhere, at each client when its cache ends"),
    },
}
"""Type → attribute → what its change does."""

SERVING: Final = {
    "aws_autoscaling_group": "its instances are ended before new ones start",
    "aws_cloudfront_distribution": "the site does not answer",
    "aws_db_instance": "the database is away",
    "aws_db_subnet_group": "the database cannot be changed",
    "aws_eip": "the address is another one afterwards",
    "aws_elasticache_replication_group": "Redis is away",
    "aws_iam_role_policy_attachment": "what the role may do is missing",
    "aws_instance": "the instance is away",
    "aws_lb": "the API does not answer",
    "aws_lb_listener": "the load balancer refuses connections to the port",
    "aws_lb_listener_rule": "requests of its path get another answer",
    "aws_lb_target_group": "requests that are forwarded to it fail",
    "aws_nat_gateway": "private instances do not reach the internet",
    "aws_route": "traffic of its destination goes nowhere",
    "aws_route53_record": "the name does not resolve",
    "aws_route_table_association": "the subnet follows the main route table",
    "aws_s3_bucket_policy": "nobody is allowed or refused by it",
    "aws_subnet": "nothing can run in it",
    "aws_vpc_endpoint": "the service is not reached through it",
    "aws_vpc_security_group_egress_rule": "traffic that it allows is refused",
    "aws_vpc_security_group_ingress_rule": "traffic that it allows is refused",
}
"""Type → what is wrong between its destruction and its return."""

_SIZES: Final = ("min_size", "max_size", "desired_capacity")
_WINDOWED: Final = {"aws_db_instance", "aws_elasticache_replication_group"}
_REFRESHED: Final = ("launch_template", "mixed_instances_policy", "launch_configuration")


def find(change: Change, _plan: Plan) -> Iterator[Finding]:
    """The interruptions that a change brings."""
    if change.action is Action.REPLACE and change.order is Order.DESTROY_FIRST and change.type in SERVING:
        words: Words = (f"is away until the new one is there: {SERVING[change.type]}",)
        yield Finding(Severity.CAUTION, Kind.DOWNTIME, change.address, words)
    if change.action is not Action.UPDATE:
        return
    for attribute, (severity, effect) in SETTINGS.get(change.type, {}).items():
        lines = tuple(difference(first(change.before, attribute), first(change.after, attribute), attribute))
        if lines and not is_nothing(first(change.before, attribute)):
            words = ("changes ", code(attribute), f": {effect}{_when(change) if severity > Severity.NOTE else ''}")
            yield Finding(severity, Kind.DOWNTIME, change.address, words, lines)
    if change.type == "aws_autoscaling_group":
        yield from _emptied(change)
        yield from _instances(change)


def _when(change: Change) -> str:
    if change.type not in _WINDOWED:
        return ""
    return " (at once)" if first(change.after, "apply_immediately") is True else " (in the next maintenance window)"


def _emptied(change: Change) -> Iterator[Finding]:
    """A group that may have no instance now."""
    names = [name for name in _SIZES if first(change.after, name) == 0 and first(change.before, name) not in (0, None)]
    if names:
        ends = names != ["min_size"]
        severity = Severity.DANGER if ends else Severity.CAUTION
        effect = "every instance is ended" if ends else "every instance may be ended"
        yield Finding(severity, Kind.DOWNTIME, change.address, ("sets ", *listed(names), f" to 0: {effect}"))


def _instances(change: Change) -> Iterator[Finding]:
    """New instances for a new launch template, or only when some start anyway."""
    if not any(any(difference(first(change.before, name), first(change.after, name))) for name in _REFRESHED):
        return
    refresh = first(change.after, "instance_refresh", "preferences")
    if is_nothing(first(change.after, "instance_refresh")):
        words = ("takes another launch template; running instances stay until they are replaced",)
        yield Finding(Severity.NOTE, Kind.DOWNTIME, change.address, words)
        return
    healthy = first(refresh, "min_healthy_percentage")
    kept = "" if healthy is UNKNOWN or healthy is None else f", with at least {healthy} % of them in service"
    words = (f"replaces its instances one after another{kept}",)
    yield Finding(Severity.CAUTION, Kind.DOWNTIME, change.address, words)
