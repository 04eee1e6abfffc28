"""Settings that decide about a risk and cannot be judged here: masked, or known only after the apply.

A setting that the configuration does not name is the provider's own: unknown, it says nothing of a new resource. An id
or ARN of a resource of the same plan is told by the configuration's reference to it.
"""

from collections.abc import Iterator
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.risks import exposure, protection, tls, user_data
from wealist.review.risks.reachability import SENSITIVE, given, is_masked
from wealist.review.values import UNKNOWN, Sensitive, first

Path = tuple[str, ...]

_REFERRED: Final = ("_id", "_ids", "_arn", "_arns")
"""Ends of the names of attributes whose values are told by what the configuration refers to."""

_EXPOSING: Final[dict[str, tuple[Path, ...]]] = {
    **{kind: tuple(path for path, *_ in settings) for kind, settings in exposure.SETTINGS.items()},
    "aws_default_security_group": (("ingress",), ("egress",)),
    "aws_network_acl_rule": (("cidr_block",), ("ipv6_cidr_block",), ("rule_action",)),
    "aws_route": (("destination_cidr_block",), ("destination_ipv6_cidr_block",), ("gateway_id",)),
    "aws_s3_bucket_public_access_block": tuple((name,) for name in exposure.BLOCKS),
    "aws_security_group": (("ingress",), ("egress",)),
}
"""Type → settings that decide what becomes reachable."""


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """The settings of a change that nobody can judge from the plan."""
    if change.action not in {Action.CREATE, Action.UPDATE, Action.REPLACE}:
        return
    if isinstance(change.after, Sensitive):
        yield Finding(Severity.CAUTION, Kind.EXPOSURE, change.address, (f"cannot be judged: it is {SENSITIVE}",))
        return
    for kind, path in _judged(change):
        if reason := _reason(change, path, plan):
            words = (code(".".join(path)), f" cannot be judged: it is {reason}")
            yield Finding(Severity.CAUTION, kind, change.address, words)


def _judged(change: Change) -> Iterator[tuple[Kind, Path]]:
    """Kind and path of what is judged by its value; a difference of the rest is told with masks in it."""
    yield from ((Kind.EXPOSURE, path) for path in _EXPOSING.get(change.type, ()))
    if change.action is Action.CREATE:
        yield from ((Kind.TLS, path) for path in tls.ATTRIBUTES.get(change.type, ()))
        yield from ((Kind.USER_DATA, (name,)) for name in user_data.ATTRIBUTES)
    else:
        yield from ((Kind.PROTECTION, path) for path, _ in protection.SETTINGS.get(change.type, ()))


def _reason(change: Change, path: Path, plan: Plan) -> str | None:
    """Why a setting cannot be judged, where it cannot and may have changed."""
    before, after = first(change.before, *path), first(change.after, *path)
    if is_masked(after):
        return None if before == after else SENSITIVE
    if after is not UNKNOWN:
        return None
    references = given(change, path[0], plan)
    told = bool(references) and path[-1].endswith(_REFERRED)
    named = change.action is Action.UPDATE or bool(references)
    return UNKNOWN.value if named and not told else None
