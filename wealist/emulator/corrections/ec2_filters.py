"""Filters of EC2's describe calls that moto 5.2 ignores.

moto applies `tag:` filters to most types. The calls listed here ignore them and all other filters that they do not
support. With these corrections, each filter is either applied or rejected.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response
from moto.ec2.utils import generic_filter, simple_aws_filter_to_re

from wealist.emulator.corrections.replace import Correction, Replace

_TAGGED: Final[Mapping[str, frozenset[str]]] = {
    "describe_carrier_gateways": frozenset({"carrier-gateway-id", "owner-id", "state", "vpc-id"}),
    "describe_customer_gateways": frozenset({"bgp-asn", "customer-gateway-id", "ip-address", "state", "type"}),
    "describe_egress_only_internet_gateways": frozenset(),
    "describe_nat_gateways": frozenset({"nat-gateway-id", "state", "subnet-id", "vpc-id"}),
    "describe_transit_gateway_route_tables": frozenset(
        {
            "default-association-route-table",
            "default-propagation-route-table",
            "state",
            "transit-gateway-id",
            "transit-gateway-route-table-id",
        }
    ),
    "describe_vpc_peering_connections": frozenset(),
}
"""Calls in which moto ignores tag filters → the filters that moto applies."""

_DESCRIBE_TAGS: Final = frozenset({"key", "resource-id", "resource-type", "value"})
"""Filters of DescribeTags that moto applies."""


def tag_filters_are_applied(replace: Replace) -> None:
    """`tag:KEY` and `tag-key` filters are applied, and unknown filters are rejected; moto ignores both.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
    """
    for call, applied in _TAGGED.items():
        replace(EC2Response, call, _filtered(getattr(EC2Response, call), applied))


def tags_are_filtered_by_key_and_value(replace: Replace) -> None:
    """DescribeTags takes `tag:KEY`: the tags of that key whose value is one of the given; moto returns every tag.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html
    """
    describe = EC2Response.describe_tags

    def corrected(self: EC2Response) -> ActionResult:
        by_tag = _tag_filters(self, _DESCRIBE_TAGS, accepted=())
        answer: Any = describe(self).result
        return ActionResult({"Tags": [tag for tag in answer["Tags"] if _bears(tag, by_tag)]})

    replace(EC2Response, "describe_tags", corrected)


def _bears(tag: Mapping[str, str], by_tag: Mapping[str, list[str]]) -> bool:
    """Whether a tag matches every `tag:KEY` filter, with the wildcards `*` and `?`."""
    return all(
        tag["key"] == name.removeprefix("tag:")
        and any(re.match(simple_aws_filter_to_re(value), tag["value"]) for value in values)
        for name, values in by_tag.items()
    )


def _filtered(
    describe: Callable[[EC2Response], ActionResult], applied: frozenset[str]
) -> Callable[[EC2Response], ActionResult]:
    def corrected(self: EC2Response) -> ActionResult:
        by_tag = _tag_filters(self, applied, accepted=("tag-key",))
        answer: Any = describe(self).result
        return ActionResult({part: generic_filter(by_tag, items) for part, items in answer.items()})

    return corrected


def _tag_filters(asked: EC2Response, applied: frozenset[str], *, accepted: Iterable[str]) -> dict[str, Any]:
    """Return the filters of a call that moto ignores.

    Args:
        asked: The call.
        applied: The filters that moto applies.
        accepted: The filters on tags besides `tag:KEY`.

    Raises:
        EC2ClientError: a filter is unknown.
    """
    filters: dict[str, Any] = asked._filters_from_querystring()  # noqa: SLF001 -- as moto's own actions do
    ignored = {name: values for name, values in filters.items() if name not in applied}
    for name in ignored:
        if not name.startswith("tag:") and name not in accepted:
            raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
    return ignored


CORRECTIONS: tuple[Correction, ...] = (tag_filters_are_applied, tags_are_filtered_by_key_and_value)
