"""Arguments to which types.toml gives a meaning: they protect, expose or encrypt a resource.

Columns of types.toml: `protect`, `weaker`, `exposes`, `created`, `tls`. The rules judge how bad a TLS version is.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Final

from wealist.checks.rules.engine import rules_of
from wealist.model.type_row import Effect, Exposure
from wealist.model.types import row
from wealist.model.values import UNKNOWN, Sensitive, Value
from wealist.review.changes import CREATED_OR_CHANGED, Action, Change, Plan
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.risks.arguments import (
    SENSITIVE,
    argument_lines,
    argument_name,
    differing_lines,
    is_masked,
    is_worse,
    references,
)
from wealist.review.risks.downtime import USER_DATA
from wealist.review.values import all_at, first, first_at

_UNENCRYPTED: Final[dict[Value, tuple[Value, ...]]] = {"HTTPS": ("HTTP",), "TLS": ("TCP",), True: (False, None)}
"""Old value → new values with which traffic is no longer encrypted."""
_REFERENCE_SUFFIXES: Final = ("_id", "_ids", "_arn", "_arns")
"""Arguments with these suffixes are known by the resource that the configuration refers to, even before it exists."""
_NETWORK_ARGUMENTS: Final[dict[str, tuple[str, ...]]] = {
    "aws_default_security_group": ("ingress", "egress"),
    "aws_network_acl_rule": ("cidr_block", "ipv6_cidr_block", "rule_action"),
    "aws_route": ("destination_cidr_block", "destination_ipv6_cidr_block", "gateway_id"),
    "aws_security_group": ("ingress", "egress"),
}
"""Type → arguments that security_groups.py and routing.py judge, without reporting hidden values themselves."""


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report weaker protection, exposure, and changes of encryption in transit."""
    known = row(change.type)
    if change.action in CREATED_OR_CHANGED and known is not None:
        if known.created and change.action is not Action.UPDATE:
            kind = Kind.IAM if change.type.startswith("aws_iam_") else Kind.EXPOSURE
            yield _effect(change, kind, known.created)
        for exposure in known.exposes:
            if _is_exposed(change.after, exposure) and not _is_exposed(change.before, exposure):
                yield _effect(change, Kind.EXPOSURE, exposure, exposure.path)
        if change.action is not Action.CREATE:
            yield from _weakened(change)
    yield from _encryption(change, plan)


def _effect(change: Change, kind: Kind, effect: Effect, path: str = "") -> Finding:
    severity = Severity.DANGER if effect.danger else Severity.CAUTION
    return Finding(severity, kind, change.address, (effect.danger or effect.caution or "",), path=path)


def _is_exposed(values: Value, exposure: Exposure) -> bool:
    found = (
        each for value in all_at(values, exposure.path) for each in (value if isinstance(value, list) else [value])
    )
    return any(type(each) is type(wanted) and each == wanted for each in found for wanted in exposure.values)


def _weakened(change: Change) -> Iterator[Finding]:
    known = row(change.type)
    for path, weaker in known.weaker_settings.items() if known else ():
        if is_worse(change, path, weaker.how):
            lines = argument_lines(change, path)
            severity = Severity.DANGER if weaker.danger else Severity.CAUTION
            words = ("weakens ", code(path), f": {weaker.danger}" if weaker.danger else "")
            yield Finding(severity, Kind.PROTECTION, change.address, words, lines, path)


def _encryption(change: Change, plan: Plan) -> Iterator[Finding]:
    known = row(change.type)
    for path in known.tls if known and change.action in {Action.UPDATE, Action.REPLACE} else ():
        before, after = first_at(change.before, path), first_at(change.after, path)
        if change.action is Action.REPLACE and after is UNKNOWN and not references(change, argument_name(path), plan):
            continue  # AWS chooses it for the new resource
        lines = differing_lines(before, after, path)
        if lines and isinstance(before, str | bool) and after in _UNENCRYPTED.get(before, ()):
            words = ("changes ", code(path), ": traffic is no longer encrypted")
            yield Finding(Severity.DANGER, Kind.TLS, change.address, words, lines, path)
        elif lines:
            yield Finding(Severity.CAUTION, Kind.TLS, change.address, ("changes ", code(path)), lines, path)
    is_new = _forwards_plain_http(change, change.after) and not _forwards_plain_http(change, change.before)
    if change.action in CREATED_OR_CHANGED and is_new:
        plain = ("forwards plain HTTP: requests are not encrypted",)
        yield Finding(Severity.CAUTION, Kind.TLS, change.address, plain)


def _forwards_plain_http(change: Change, values: Value) -> bool:
    actions = first(values, "default_action") if change.type == "aws_lb_listener" else None
    forwards = isinstance(actions, list) and any(first(each, "type") == "forward" for each in actions)
    return forwards and first(values, "protocol") == "HTTP"


def find_unjudged(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report arguments that decide about a risk, but are sensitive or known only after the apply.

    An unknown argument that the configuration does not set is the provider's own choice and is not reported for a new
    resource. An unknown id or ARN of a resource of the same plan counts as known.
    """
    if change.action not in CREATED_OR_CHANGED:
        return
    if isinstance(change.after, Sensitive):
        yield Finding(Severity.CAUTION, Kind.EXPOSURE, change.address, (f"cannot be judged: it is {SENSITIVE}",))
        return
    for path, kind in _judged_arguments(change.type, is_new=change.action is Action.CREATE).items():
        if reason := _unjudged_reason(change, path, plan):
            words = (code(path), f" cannot be judged: it is {reason}")
            yield Finding(Severity.CAUTION, kind, change.address, words)


@functools.cache
def _judged_arguments(type_: str, *, is_new: bool) -> Mapping[str, Kind]:
    """Return the arguments that are judged by their value, with the kind of the first finding about each.

    Where only a difference is reported, the report itself shows that a value is masked.
    """
    found: dict[str, Kind] = {}
    for kind, path in _judged_paths(type_, is_new=is_new):
        found.setdefault(path, kind)
    return found


def _judged_paths(type_: str, *, is_new: bool) -> Iterator[tuple[Kind, str]]:
    yield from ((Kind.EXPOSURE, path) for path in _NETWORK_ARGUMENTS.get(type_, ()))
    known = row(type_)
    if known is not None:
        yield from ((Kind.EXPOSURE, path) for path in (each.path for each in known.exposes))
        if is_new:
            yield from ((Kind.TLS, path) for path in known.tls)
        else:
            yield from ((Kind.PROTECTION, path) for path in (*known.weaker_settings, *known.losses))
    applied = (rule for rule in rules_of(type_) if not rule.needs_stack and rule.severity != "note")
    yield from ((Kind.PROTECTION, rule.path) for rule in applied if rule.path)
    if is_new:
        yield from ((Kind.USER_DATA, name) for name in USER_DATA)


def _unjudged_reason(change: Change, path: str, plan: Plan) -> str | None:
    """Return why an argument that may have changed cannot be judged; None if it can."""
    after = all_at(change.after, path)
    if any(map(is_masked, after)):
        return None if all_at(change.before, path) == after else SENSITIVE
    if not any(each is UNKNOWN for each in after):
        return None
    addresses = references(change, argument_name(path), plan)
    is_known = bool(addresses) and path.endswith(_REFERENCE_SUFFIXES)
    is_configured = change.action is Action.UPDATE or bool(addresses)
    return UNKNOWN.value if is_configured and not is_known else None
