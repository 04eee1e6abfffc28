"""Permissions that widen or narrow: policies by what they grant, attachments by what they attach."""

from collections.abc import Iterator
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.difference import Line, difference
from wealist.review.finding import Finding, Kind, Severity, Words, code
from wealist.review.risks.policy import ALLOW, DENY, Grant, grants, is_policy, told, without
from wealist.review.risks.reachability import SENSITIVE, given, is_masked, named
from wealist.review.risks.rights import judge
from wealist.review.values import UNKNOWN, Value, first, is_nothing

ADMINISTRATORS: Final = ("/AdministratorAccess", "/IAMFullAccess", "/PowerUserAccess")
"""Ends of the ARNs of AWS's own policies that give nearly everything."""

POLICIES: Final = ("access_policy", "assume_role_policy", "policy", "resource_policy")
"""Attributes that hold a policy document."""
_OF_IMAGES: Final = ("aws_ecr_lifecycle_policy", "aws_autoscaling_policy")
"""Types whose policies give nobody a right."""


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """What a change allows or forbids anew."""
    if change.type.endswith("_policy_attachment"):
        yield from _attached(change, plan)
    if change.action not in {Action.CREATE, Action.UPDATE, Action.REPLACE} or not isinstance(change.after, dict):
        return
    before = change.before if isinstance(change.before, dict) else {}
    policies, old = dict(_documents(change.after)), dict(_documents(before))
    for name, after in policies.items():
        was = old.get(name)
        if is_policy(after) or is_policy(was):
            yield from _policy(change, plan, name, was, after)
        elif name in POLICIES and change.type not in _OF_IMAGES and _is_unreadable(change, plan, name, was, after):
            yield _unjudged(change, name, _why(after))
    yield from _managed(change, before)
    for attribute in ("managed_policy_arns", "inline_policy"):
        lines = tuple(difference(before.get(attribute), change.after.get(attribute), attribute))
        if change.type == "aws_iam_role" and change.action is not Action.CREATE and lines:
            words: Words = ("changes ", code(attribute))
            yield Finding(Severity.CAUTION, Kind.IAM, change.address, words, lines)


def _documents(values: dict[str, Value]) -> Iterator[tuple[str, Value]]:
    """Attributes that may hold a policy; those inside a role by their names."""
    yield from values.items()
    inside = values.get("inline_policy")
    for each in inside if isinstance(inside, list) else []:
        if isinstance(each, dict):
            yield f"inline_policy.{each.get('name')}", each.get("policy")


def _managed(change: Change, before: dict[str, Value]) -> Iterator[Finding]:
    """Policies of administrators that are listed inside a role."""
    sides = (before.get("managed_policy_arns"), change.after.get("managed_policy_arns"))
    was, after = (each if isinstance(each, list) else [] for each in sides)
    for arn in after:
        if isinstance(arn, str) and arn.endswith(ADMINISTRATORS) and arn not in was:
            yield _of_administrators(change, code(arn))


def _of_administrators(change: Change, policy: str) -> Finding:
    return Finding(Severity.DANGER, Kind.IAM, change.address, ("attaches ", policy, ": nearly every permission"))


def _is_unreadable(change: Change, plan: Plan, name: str, before: Value, after: Value) -> bool:
    """Whether a policy is there, may be another one than before, and cannot be read."""
    if after is UNKNOWN:
        # Buckets, keys and endpoints have one that the provider sets where the configuration does not.
        own = name == "assume_role_policy" or change.type.endswith("_policy")
        return own or change.action is Action.UPDATE or bool(given(change, name, plan))
    return not is_nothing(after) and before != after


def _why(value: Value) -> str:
    """Why a policy that is there cannot be read."""
    if is_masked(value):
        return SENSITIVE
    return "known after apply" if value is UNKNOWN else "no JSON object"


def _unjudged(change: Change, name: str, reason: str) -> Finding:
    return Finding(Severity.CAUTION, Kind.IAM, change.address, (code(name), f" cannot be judged: it is {reason}"))


def _policy(change: Change, plan: Plan, name: str, before: Value, after: Value) -> Iterator[Finding]:
    if not is_policy(after) and not is_nothing(after):
        yield _unjudged(change, name, _why(after))
        return
    old, new = grants(before), grants(after)
    if before != after and any(each.is_masked for each in new):
        yield _unjudged(change, name, f"{SENSITIVE} in a part")
    gained, lost = without(new, old), without(old, new)
    if not gained and not lost:
        return
    lines = [Line("+", "", each) for each in told(gained)] + [Line("-", "", each) for each in told(lost)]
    wider = _allowed(gained) + _denied(lost)
    narrower = _allowed(lost) + _denied(gained)
    least = Severity.CAUTION if wider and change.action is not Action.CREATE else Severity.NOTE
    # The policy of a VPC endpoint gives nobody anything: it only limits what passes.
    judged = [] if change.type == "aws_vpc_endpoint" else [judge(each, plan) for each in _allowed(gained)]
    worst, remark = max(judged, key=lambda each: each[0], default=(least, ()))
    words = (_verb(change, wider, narrower), *_whose(change, name), *remark)
    yield Finding(max(least, worst), Kind.IAM, change.address, words, tuple(lines))


def _allowed(granted: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(each for each in granted if each.effect == ALLOW)


def _denied(granted: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(each for each in granted if each.effect == DENY)


def _verb(change: Change, wider: tuple[Grant, ...], narrower: tuple[Grant, ...]) -> str:
    if change.action is Action.CREATE:
        return "grants what nobody had before"
    if wider and narrower:
        return "widens and narrows"
    return "widens" if wider else "narrows"


def _whose(change: Change, name: str) -> Words:
    if change.action is Action.CREATE:
        return (" by ", code(name))
    return (" who may take the role",) if name == "assume_role_policy" else (" what ", code(name), " allows")


def _attached(change: Change, plan: Plan) -> Iterator[Finding]:
    """A policy that is attached or detached, told by its name."""
    before, after = first(change.before, "policy_arn"), first(change.after, "policy_arn")
    if is_nothing(after) or change.action not in {Action.CREATE, Action.UPDATE, Action.REPLACE}:
        return
    policy = named(change, "policy_arn", after, plan)
    if isinstance(after, str) and after.endswith(ADMINISTRATORS):
        yield _of_administrators(change, policy)
    elif change.action is not Action.CREATE and before != after:
        yield Finding(Severity.CAUTION, Kind.IAM, change.address, ("attaches ", policy, " in the place of another"))
    elif is_masked(after) or (after is UNKNOWN and not given(change, "policy_arn", plan)):
        yield _unjudged(change, "policy_arn", _why(after))
    elif isinstance(after, str) and after not in plan.ids:
        # A policy of another stack, or AWS's own: what it grants is not in this plan.
        yield Finding(
            Severity.CAUTION, Kind.IAM, change.address, ("attaches ", policy, ", which this plan does not show")
        )
