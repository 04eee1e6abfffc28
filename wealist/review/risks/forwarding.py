"""What a load balancer answers: requests that get another answer, and new listeners that pass on plain HTTP."""

from collections.abc import Iterator
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.values import Value, first

ANSWERS: Final = {
    "aws_lb_listener": {"default_action": "requests that no rule takes get another answer"},
    "aws_lb_listener_rule": {
        "action": "its requests get another answer",
        "condition": "other requests are answered by it",
    },
}
"""Type → block → what its change does."""


def find(change: Change, _plan: Plan) -> Iterator[Finding]:
    """What is answered in another way, or without encryption."""
    if change.action is Action.UPDATE:
        for name, effect in ANSWERS.get(change.type, {}).items():
            lines = tuple(difference(first(change.before, name), first(change.after, name), name))
            if lines:
                words = ("changes ", code(name), f": {effect}")
                yield Finding(Severity.CAUTION, Kind.DOWNTIME, change.address, words, lines)
    made = change.action in {Action.CREATE, Action.UPDATE, Action.REPLACE}
    if made and _forwards_plain(change, change.after) and not _forwards_plain(change, change.before):
        plain = ("forwards plain HTTP: what clients send is not encrypted",)
        yield Finding(Severity.CAUTION, Kind.TLS, change.address, plain)


def _forwards_plain(change: Change, values: Value) -> bool:
    actions = first(values, "default_action") if change.type == "aws_lb_listener" else None
    forwards = isinstance(actions, list) and any(first(each, "type") == "forward" for each in actions)
    return forwards and first(values, "protocol") == "HTTP"
