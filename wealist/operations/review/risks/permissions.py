"""Permissions that widen or narrow: policies by what they grant, attachments by what they attach."""

from collections.abc import Iterator
from typing import Final

from wealist.operations.review.changes import Action, Change, Plan
from wealist.operations.review.difference import Line, difference
from wealist.operations.review.finding import Finding, Kind, Severity, Words, code
from wealist.operations.review.risks.policy import ALLOW, DENY, Grant, grants, is_policy, told, without
from wealist.operations.review.risks.reachability import named
from wealist.operations.review.values import UNKNOWN, Value, first, is_nothing

ADMINISTRATORS: Final = ("/AdministratorAccess", "/IAMFullAccess", "/PowerUserAccess")
"""Ends of the ARNs of AWS's own policies that give nearly everything."""

_WAYS_UP: Final = (
    "iam:passrole", "iam:createpolicyversion", "iam:attachrolepolicy", "iam:putrolepolicy", "iam:createrole",
    "iam:updateassumerolepolicy", "iam:deleterolepermissionsboundary", "iam:putrolepermissionsboundary",
    "iam:createaccesskey", "sts:assumerole",
)  # fmt: skip
"""Actions by which somebody can come to further permissions."""


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """What a change allows or forbids anew."""
    if change.type.endswith("_policy_attachment"):
        yield from _attached(change, plan)
    if change.action not in {Action.CREATE, Action.UPDATE, Action.REPLACE} or not isinstance(change.after, dict):
        return
    before = change.before if isinstance(change.before, dict) else {}
    for name, after in change.after.items():
        if is_policy(after) or is_policy(before.get(name)):
            yield from _policy(change, name, before.get(name), after)
    for attribute in ("managed_policy_arns", "inline_policy"):
        lines = tuple(difference(before.get(attribute), change.after.get(attribute), attribute))
        if change.type == "aws_iam_role" and change.action is not Action.CREATE and lines:
            words: Words = ("changes ", code(attribute))
            yield Finding(Severity.CAUTION, Kind.IAM, change.address, words, lines)


def _policy(change: Change, name: str, before: Value, after: Value) -> Iterator[Finding]:
    if after is UNKNOWN:
        words: Words = ("changes ", code(name), ": to what is ", code("known after apply"), ", so nobody can say here")
        yield Finding(Severity.CAUTION, Kind.IAM, change.address, words)
        return
    old, new = grants(before), grants(after)
    gained, lost = without(new, old), without(old, new)
    if not gained and not lost:
        return
    lines = [Line("+", "", each) for each in told(gained)] + [Line("-", "", each) for each in told(lost)]
    wider = _allowed(gained) + _denied(lost)
    narrower = _allowed(lost) + _denied(gained)
    severity = _severity(change, wider)
    words = (_verb(change, wider, narrower), *_whose(change, name), *_remark(change, wider))
    yield Finding(severity, Kind.IAM, change.address, words, tuple(lines))


def _allowed(granted: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(each for each in granted if each.effect == ALLOW)


def _denied(granted: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(each for each in granted if each.effect == DENY)


def _severity(change: Change, wider: tuple[Grant, ...]) -> Severity:
    if any(each.is_everything or _lets_everyone(change, each) for each in wider):
        return Severity.DANGER
    if not wider or change.action is Action.CREATE:
        return Severity.NOTE
    return Severity.CAUTION


def _lets_everyone(change: Change, grant: Grant) -> bool:
    """Whether anybody may. The policy of a VPC endpoint gives nobody anything: it only limits what passes."""
    return grant.is_for_everyone and change.type != "aws_vpc_endpoint"


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


def _remark(change: Change, wider: tuple[Grant, ...]) -> Words:
    if any(_lets_everyone(change, each) for each in wider):
        return (": anybody may, without a condition",)
    everything = next((each for each in wider if each.is_everything), None)
    if everything:
        return (": ", code(everything.action), " on everything")
    up = next((each for each in wider if each.action.lower() in _WAYS_UP and not each.principal), None)
    return (": ", code(up.action), " can lead to further permissions") if up else ()


def _attached(change: Change, plan: Plan) -> Iterator[Finding]:
    """A policy that is attached or detached, told by its name."""
    before, after = first(change.before, "policy_arn"), first(change.after, "policy_arn")
    if is_nothing(after) or change.action not in {Action.CREATE, Action.UPDATE, Action.REPLACE}:
        return
    policy = named(change, "policy_arn", after, plan)
    if isinstance(after, str) and after.endswith(ADMINISTRATORS):
        yield Finding(Severity.DANGER, Kind.IAM, change.address, ("attaches ", policy, ": nearly every permission"))
    elif change.action is not Action.CREATE and before != after:
        yield Finding(Severity.CAUTION, Kind.IAM, change.address, ("attaches ", policy, " in the place of another"))
    elif isinstance(after, str) and after not in plan.ids:
        # A policy of another stack, or AWS's own: what it grants is not in this plan.
        yield Finding(
            Severity.CAUTION, Kind.IAM, change.address, ("attaches ", policy, ", which this plan does not show")
        )
