"""Arguments that decide about a risk and cannot be judged here: sensitive, or known only after the apply.

An argument that the configuration does not name is the provider's own: unknown, it says nothing of a new resource. An
id or ARN of a resource of the same plan is known by the configuration's reference to it.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Final

from wealist.checks.rules.engine import rules_of
from wealist.model.plan_values import UNKNOWN, Sensitive
from wealist.model.types import row
from wealist.review.changes import MADE, Action, Change, Plan
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.risks.downtime import USER_DATA
from wealist.review.risks.references import SENSITIVE, argument, is_masked, references
from wealist.review.values import every

_REFERRED: Final = ("_id", "_ids", "_arn", "_arns")
"""Ends of the names of arguments whose values are known by what the configuration refers to."""

_OPENING: Final[dict[str, tuple[str, ...]]] = {
    "aws_default_security_group": ("ingress", "egress"),
    "aws_network_acl_rule": ("cidr_block", "ipv6_cidr_block", "rule_action"),
    "aws_route": ("destination_cidr_block", "destination_ipv6_cidr_block", "gateway_id"),
    "aws_security_group": ("ingress", "egress"),
}
"""Type → what network.py and placement.py read of it, and do not report themselves where it is hidden."""


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report the arguments of a change that nobody can judge from the plan."""
    if change.action not in MADE:
        return
    if isinstance(change.after, Sensitive):
        yield Finding(Severity.CAUTION, Kind.EXPOSURE, change.address, (f"cannot be judged: it is {SENSITIVE}",))
        return
    for path, kind in _judged(change.type, is_new=change.action is Action.CREATE).items():
        if reason := _reason(change, path, plan):
            words = (code(path), f" cannot be judged: it is {reason}")
            yield Finding(Severity.CAUTION, kind, change.address, words)


@functools.cache
def _judged(type_: str, *, is_new: bool) -> Mapping[str, Kind]:
    """What is judged by its value, and by which kind; a difference of the rest is shown with masks in it."""
    found: dict[str, Kind] = {}
    for kind, path in _paths(type_, is_new=is_new):
        found.setdefault(path, kind)
    return found


def _paths(type_: str, *, is_new: bool) -> Iterator[tuple[Kind, str]]:
    yield from ((Kind.EXPOSURE, path) for path in _OPENING.get(type_, ()))
    known = row(type_)
    if known is not None:
        yield from ((Kind.EXPOSURE, path) for path in (each.path for each in known.exposes))
        if is_new:
            yield from ((Kind.TLS, path) for path in known.tls)
        else:
            yield from ((Kind.PROTECTION, path) for path in (*known.weaker_settings, *known.losses))
    asked = (rule for rule in rules_of(type_) if not rule.needs_stack and rule.severity != "note")
    yield from ((Kind.PROTECTION, rule.path) for rule in asked if rule.path)
    if is_new:
        yield from ((Kind.USER_DATA, name) for name in USER_DATA)


def _reason(change: Change, path: str, plan: Plan) -> str | None:
    """Why an argument cannot be judged, where it cannot and may have changed."""
    after = every(change.after, path)
    if any(map(is_masked, after)):
        return None if every(change.before, path) == after else SENSITIVE
    if not any(each is UNKNOWN for each in after):
        return None
    addresses = references(change, argument(path), plan)
    is_known = bool(addresses) and path.endswith(_REFERRED)
    is_configured = change.action is Action.UPDATE or bool(addresses)
    return UNKNOWN.value if is_configured and not is_known else None
