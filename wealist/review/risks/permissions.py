"""Permissions that become wider or narrower, by policy documents, attachments and principals."""

import functools
from collections.abc import Collection, Iterator
from typing import Final

from wealist.model.iam.classification import widest_grant
from wealist.model.iam.evaluate import Grant
from wealist.model.types import row
from wealist.model.values import UNKNOWN, Value, elements
from wealist.review.changes import CREATED_OR_CHANGED, Action, Change, Plan
from wealist.review.difference import Line
from wealist.review.finding import Code, Finding, Kind, Severity, Words, code
from wealist.review.risks.arguments import SENSITIVE, differing_lines, display_name, is_masked, references
from wealist.review.risks.grant_severity import judge_grant, judge_principal
from wealist.review.risks.grants import ALLOW, DENY, describe_grants, grants, is_grant_masked, is_policy, uncovered
from wealist.review.values import JsonText, all_at, first, is_empty

POLICIES: Final = ("access_policy", "assume_role_policy", "policy", "resource_policy")
"""Arguments with a policy document, for types without a row in types.toml."""
_DOCUMENTS: Final = frozenset({"identity", "trust", "resource"})
"""Values of the column `policies` of types.toml that stand for a policy document."""
_SERVICE: Final = ".amazonaws.com"


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report permissions that a change grants or removes."""
    if change.type.endswith("_policy_attachment"):
        yield from _attached(change, plan)
    if change.action not in CREATED_OR_CHANGED or not isinstance(change.after, dict):
        return
    before = change.before if isinstance(change.before, dict) else {}
    names = _names(change.type)
    old, new = (dict(_documents(side, names)) for side in (before, change.after))
    for name in dict.fromkeys((*new, *old)):
        was, after = old.get(name), new.get(name, change.after.get(name))
        if is_policy(after) or is_policy(was):
            yield from _policy(change, plan, name, was, after)
        elif name in names and _is_unreadable(change, plan, name, was, after):
            yield _unjudged(change, name, _why(after))
    yield from _new_principals(change, plan)
    if change.type == "aws_iam_role":
        yield from _of_role(change, before, plan)


@functools.cache
def _names(kind: str) -> list[str] | tuple[str, ...]:
    """Return the arguments of a type that hold a policy document."""
    known = row(kind)
    return POLICIES if known is None else [path for path, each in known.policies.items() if each in _DOCUMENTS]


def _new_principals(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report new principals of other accounts in arguments that name principals."""
    known = row(change.type)
    for path in [path for path, kind in known.policies.items() if kind == "principal"] if known else []:
        before = _principals(change.before, path)
        for principal in (each for each in _principals(change.after, path) if each not in before):
            kind = "Service" if principal.endswith(_SERVICE) else "AWS"
            severity, remark = judge_principal(Grant("", "", principal=f"{kind}: {principal}"), plan)
            if severity > Severity.NOTE:
                words = ("grants access to ", code(principal), *remark)
                yield Finding(severity, Kind.IAM, change.address, words, path=path)


def _principals(values: Value, path: str) -> list[str]:
    found = (each for value in all_at(values, path) for each in (value if isinstance(value, list) else [value]))
    return [each for each in found if isinstance(each, str) and each]


def _documents(values: dict[str, Value], names: Collection[str]) -> Iterator[tuple[str, Value]]:
    """Yield the arguments in `names`, other JSON arguments, and the inline policies of a role."""
    yield from ((name, each) for name, each in values.items() if isinstance(each, JsonText) or name in names)
    inside = values.get("inline_policy")
    for each in elements(inside):
        if isinstance(each, dict):
            yield f"inline_policy.{each.get('name')}", each.get("policy")


def _of_role(change: Change, before: dict[str, Value], plan: Plan) -> Iterator[Finding]:
    """Report the managed policies and inline policies in the arguments of a role."""
    was, now = (side.get("managed_policy_arns") for side in (before, change.after))
    old, new = elements(was), elements(now)
    for arn in new:
        if isinstance(arn, str) and arn not in old:
            yield _attachment(change, display_name(change, "managed_policy_arns", arn, plan), arn, plan)
    is_shown = isinstance(now, list) and not any(each not in new for each in old)
    for name in ["inline_policy"] if is_shown else ["inline_policy", "managed_policy_arns"]:
        lines = differing_lines(before.get(name), change.after.get(name), name)
        if change.action is not Action.CREATE and lines:
            yield Finding(Severity.CAUTION, Kind.IAM, change.address, ("changes ", code(name)), lines)


def _attachment(change: Change, policy: Code, arn: str, plan: Plan) -> Finding:
    """Judge the attachment of a policy by what is known of its grants."""
    granted = widest_grant(arn)
    if granted is not None:
        judged = (judge_grant(each, plan) for each in granted)
        worst, remark = next(judged, (Severity.NOTE, (", an AWS managed policy",)))
    elif arn in plan.ids:
        worst, remark = Severity.NOTE, ()
    else:  # of another stack, or newer than what is known here: what it grants is not in this plan
        worst, remark = Severity.CAUTION, (", which this plan does not show",)
    return Finding(worst, Kind.IAM, change.address, ("attaches ", policy, *remark))


def _is_unreadable(change: Change, plan: Plan, name: str, before: Value, after: Value) -> bool:
    """Return whether a policy may have changed and cannot be read."""
    if after is UNKNOWN:
        # The provider sets a policy for buckets, keys and endpoints if the configuration does not.
        own = name == "assume_role_policy" or change.type.endswith("_policy")
        return own or change.action is Action.UPDATE or bool(references(change, name, plan))
    return not is_empty(after) and before != after


def _why(value: Value) -> str:
    """Return why a policy cannot be read."""
    if is_masked(value):
        return SENSITIVE
    return "known after apply" if value is UNKNOWN else "not a JSON object"


def _unjudged(change: Change, name: str, reason: str) -> Finding:
    return Finding(Severity.CAUTION, Kind.IAM, change.address, (code(name), f" cannot be judged: it is {reason}"))


def _policy(change: Change, plan: Plan, name: str, before: Value, after: Value) -> Iterator[Finding]:
    if not is_policy(after) and not is_empty(after):
        yield _unjudged(change, name, _why(after))
        return
    old, new = grants(before), grants(after)
    if before != after and any(map(is_grant_masked, new)):
        yield _unjudged(change, name, f"{SENSITIVE} in a part")
    gained, lost = uncovered(new, old), uncovered(old, new)
    if not gained and not lost:
        return
    lines = [Line("+", "", each) for each in describe_grants(gained)] + [
        Line("-", "", each) for each in describe_grants(lost)
    ]
    wider = _with_effect(ALLOW, gained) + _with_effect(DENY, lost)
    narrower = _with_effect(ALLOW, lost) + _with_effect(DENY, gained)
    least = Severity.CAUTION if wider and change.action is not Action.CREATE else Severity.NOTE
    # The policy of a VPC endpoint grants nothing: it only restricts the requests through the endpoint.
    judged = (
        [] if change.type == "aws_vpc_endpoint" else [judge_grant(each, plan) for each in _with_effect(ALLOW, gained)]
    )
    worst, remark = max(judged, key=lambda each: each[0], default=(least, ()))
    words = (_predicate(change, wider, narrower), *_object(change, name), *remark)
    yield Finding(max(least, worst), Kind.IAM, change.address, words, tuple(lines), name)


def _with_effect(effect: str, granted: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(each for each in granted if each.effect == effect)


def _predicate(change: Change, wider: tuple[Grant, ...], narrower: tuple[Grant, ...]) -> str:
    if change.action is Action.CREATE:
        return "grants new permissions"
    if wider and narrower:
        return "widens and narrows"
    return "widens" if wider else "narrows"


def _object(change: Change, name: str) -> Words:
    if change.action is Action.CREATE:
        return (" through ", code(name))
    return (" who may assume the role",) if name == "assume_role_policy" else (" what ", code(name), " allows")


def _attached(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report the attachment of a policy."""
    before, after = first(change.before, "policy_arn"), first(change.after, "policy_arn")
    if is_empty(after) or change.action not in CREATED_OR_CHANGED:
        return
    policy = display_name(change, "policy_arn", after, plan)
    if isinstance(after, str) and not is_masked(after):
        found = _attachment(change, policy, after, plan)
        is_other = change.action is not Action.CREATE and before != after
        if found.severity > Severity.NOTE or widest_grant(after) == ():
            yield found
        elif is_other:
            yield Finding(
                Severity.CAUTION, Kind.IAM, change.address, ("attaches ", policy, " in place of another policy")
            )
    elif is_masked(after) or not references(change, "policy_arn", plan):
        yield _unjudged(change, "policy_arn", _why(after))
    elif change.action is not Action.CREATE:
        yield Finding(Severity.CAUTION, Kind.IAM, change.address, ("attaches ", policy, " in place of another policy"))
