"""What a resource shows of others: a security group its rules, a role its policies, a bucket its policy.

After an apply these lists hold what resources of their own made. Only what none of them made was added by somebody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wealist.model.plan_values import Value, elements

_Values = dict[str, Any]


@dataclass(frozen=True)
class InlineArgument:
    """What resources of one type are shown as in another resource.

    Attributes:
        types: The types that have the list.
        argument: Its name.
        part: The type of what is in it.
        owner: The argument of a part that names the resource it belongs to, by its id, ARN or name.
        entry: A part as the list shows it; None where it is not in this list.
        several: Whether the argument holds a list; else the one part itself.
    """

    types: tuple[str, ...]
    argument: str
    part: str
    owner: str
    entry: Callable[[_Values], Value]
    several: bool = True


_GROUPS: Final = ("aws_default_security_group", "aws_security_group")
_TABLES: Final = ("aws_default_route_table", "aws_route_table")
_ACLS: Final = ("aws_default_network_acl", "aws_network_acl")
_OWNERS: Final = ("id", "arn", "name", "url")


def _rule(values: _Values) -> Value:
    return {**values, "protocol": values.get("ip_protocol")}


def _old_rule(direction: str) -> Callable[[_Values], Value]:
    return lambda values: values if values.get("type") == direction else None


def _acl_rule(*, egress: bool) -> Callable[[_Values], Value]:
    return lambda values: (
        {**values, "action": values.get("rule_action")} if bool(values.get("egress")) is egress else None
    )


def _route(values: _Values) -> Value:
    blocks = ("cidr_block", "ipv6_cidr_block")
    return {**values, **{name: values.get(f"destination_{name}") for name in blocks}}


def _policy(kind: str, owner: str) -> InlineArgument:
    return InlineArgument(
        (kind,), "policy", f"{kind}_policy", owner, lambda values: values.get("policy"), several=False
    )


INLINE_ARGUMENTS: Final = (
    InlineArgument(_GROUPS, "ingress", "aws_vpc_security_group_ingress_rule", "security_group_id", _rule),
    InlineArgument(_GROUPS, "egress", "aws_vpc_security_group_egress_rule", "security_group_id", _rule),
    InlineArgument(_GROUPS, "ingress", "aws_security_group_rule", "security_group_id", _old_rule("ingress")),
    InlineArgument(_GROUPS, "egress", "aws_security_group_rule", "security_group_id", _old_rule("egress")),
    InlineArgument(_TABLES, "route", "aws_route", "route_table_id", _route),
    InlineArgument(_ACLS, "ingress", "aws_network_acl_rule", "network_acl_id", _acl_rule(egress=False)),
    InlineArgument(_ACLS, "egress", "aws_network_acl_rule", "network_acl_id", _acl_rule(egress=True)),
    InlineArgument(
        ("aws_iam_role",), "managed_policy_arns", "aws_iam_role_policy_attachment", "role",
        lambda values: values.get("policy_arn"),
    ),
    InlineArgument(
        ("aws_iam_role",), "inline_policy", "aws_iam_role_policy", "role",
        lambda values: {name: values.get(name) for name in ("name", "policy")},
    ),
    _policy("aws_kms_key", "key_id"),
    _policy("aws_s3_bucket", "bucket"),
    _policy("aws_secretsmanager_secret", "secret_arn"),
    _policy("aws_sns_topic", "arn"),
    _policy("aws_sqs_queue", "queue_url"),
    _policy("aws_vpc_endpoint", "vpc_endpoint_id"),
)  # fmt: skip


OWNER_ARGUMENTS: Final[Mapping[str, str]] = {each.part: each.owner for each in INLINE_ARGUMENTS}
"""Type of a part → the argument that names what it belongs to."""
ResourcesByOwner = dict[tuple[str, str], list[_Values]]
"""Type and owner → the resources of that type that belong to it."""


def with_inline_entries(values: Value, kind: str, parts: ResourcesByOwner) -> Value:
    """Values as they would be if their lists held what the plan's other resources have made."""
    if not isinstance(values, dict):
        return values
    found = dict(values)
    for listed in (each for each in INLINE_ARGUMENTS if kind in each.types):
        entries = list(_entries(listed, values, parts))
        if listed.several:
            own = found.get(listed.argument)
            found[listed.argument] = [*elements(own), *entries]
        elif entries:
            found[listed.argument] = entries[0]
    return found


def _entries(listed: InlineArgument, values: _Values, parts: ResourcesByOwner) -> Iterator[Value]:
    """The parts that belong to a resource, as its list shows them."""
    owners = dict.fromkeys(values[name] for name in _OWNERS if isinstance(values.get(name), str))
    for part in (part for owner in owners for part in parts.get((listed.part, owner), ())):
        if (entry := listed.entry(part)) is not None:
            yield entry
