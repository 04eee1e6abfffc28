"""Certificates, and how connections are encrypted. The column `tls` of types.toml names the arguments that decide.

How bad a version or a policy is, the rules say.
"""

from collections.abc import Iterator
from typing import Final

from wealist.model.plan_values import UNKNOWN, Value
from wealist.model.types import row
from wealist.review.changes import MADE, Action, Change, Plan
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.risks.references import argument, references
from wealist.review.risks.worsened import differing_lines
from wealist.review.values import at, first

_UNENCRYPTED: Final[dict[Value, tuple[Value, ...]]] = {"HTTPS": ("HTTP",), "TLS": ("TCP",), True: (False, None)}
"""A value, and those that mean in its place that traffic is no longer encrypted."""


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report what changes about encryption in transit."""
    known = row(change.type)
    for path in known.tls if known and change.action in {Action.UPDATE, Action.REPLACE} else ():
        before, after = at(change.before, path), at(change.after, path)
        if change.action is Action.REPLACE and after is UNKNOWN and not references(change, argument(path), plan):
            continue  # AWS chooses it for the new resource
        lines = differing_lines(before, after, path)
        if lines and _is_unencrypted(before, after):
            words = ("changes ", code(path), ": traffic is no longer encrypted")
            yield Finding(Severity.DANGER, Kind.TLS, change.address, words, lines, path)
        elif lines:
            yield Finding(Severity.CAUTION, Kind.TLS, change.address, ("changes ", code(path)), lines, path)
    if change.action in MADE and _forwards_plain(change, change.after) and not _forwards_plain(change, change.before):
        plain = ("forwards plain HTTP: what clients send is not encrypted",)
        yield Finding(Severity.CAUTION, Kind.TLS, change.address, plain)


def _is_unencrypted(before: Value, after: Value) -> bool:
    return isinstance(before, str | bool) and after in _UNENCRYPTED.get(before, ())


def _forwards_plain(change: Change, values: Value) -> bool:
    actions = first(values, "default_action") if change.type == "aws_lb_listener" else None
    forwards = isinstance(actions, list) and any(first(each, "type") == "forward" for each in actions)
    return forwards and first(values, "protocol") == "HTTP"
