"""Inline arguments that list separate resources: the rules of a security group, the policies of a role or bucket.

After an apply, a refresh fills them with the entries of separate resources. An entry without such a resource was added
outside of Terraform.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wealist.model.values import Value, elements

_Values = dict[str, Any]


@dataclass(frozen=True)
class InlineArgument:
    """An argument that shows separate resources of one type.

    Attributes:
        types: Types that have the argument.
        argument: Name of the argument.
        resource: Type of the separate resources.
        owner: Argument of a separate resource that holds the owner's id, ARN or name.
        entry: Converts a separate resource to an entry of the argument; None if it is not listed there.
        is_list: Whether the argument holds a list, rather than a single entry.
    """

    types: tuple[str, ...]
    argument: str
    resource: str
    owner: str
    entry: Callable[[_Values], Value]
    is_list: bool = True


_GROUPS: Final = ("aws_default_security_group", "aws_security_group")
_TABLES: Final = ("aws_default_route_table", "aws_route_table")
_ACLS: Final = ("aws_default_network_acl", "aws_network_acl")
_OWNER_NAMES: Final = ("id", "arn", "name", "url")


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
        (kind,), "policy", f"{kind}_policy", owner, lambda values: values.get("policy"), is_list=False
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


OWNER_ARGUMENTS: Final[Mapping[str, str]] = {each.resource: each.owner for each in INLINE_ARGUMENTS}
"""Type of a separate resource → its argument that identifies the owner."""
ResourcesByOwner = dict[tuple[str, str], list[_Values]]
"""Type and owner's id, ARN or name → values of the resources that belong to it."""


def with_inline_entries(values: Value, kind: str, resources: ResourcesByOwner) -> Value:
    """Return values whose inline arguments also show the plan's separate resources."""
    if not isinstance(values, dict):
        return values
    found = dict(values)
    for inline in (each for each in INLINE_ARGUMENTS if kind in each.types):
        entries = list(_entries(inline, values, resources))
        if inline.is_list:
            own = found.get(inline.argument)
            found[inline.argument] = [*elements(own), *entries]
        elif entries:
            found[inline.argument] = entries[0]
    return found


def _entries(inline: InlineArgument, values: _Values, resources: ResourcesByOwner) -> Iterator[Value]:
    """Yield the entries of an inline argument for the separate resources of an owner."""
    names = dict.fromkeys(values[name] for name in _OWNER_NAMES if isinstance(values.get(name), str))
    for resource in (each for name in names for each in resources.get((inline.resource, name), ())):
        if (entry := inline.entry(resource)) is not None:
            yield entry
