"""Listener rules that take requests from other rules. AWS evaluates the rules of a listener in order of priority.

rules before and after, by listener ─► a rule after another one that matches the same requests: an outage
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from wealist.model.values import Value, elements
from wealist.review.changes import CREATED_OR_CHANGED, LISTENER_RULES, Change, Plan
from wealist.review.finding import Code, Finding, Kind, Severity, Words, code
from wealist.review.risks.arguments import differing_lines, display_name
from wealist.review.risks.grants import pattern_covers
from wealist.review.values import first, is_hidden

_LAST: Final = 50_001
"""Priority of a rule without one: AWS evaluates it last, and 50,000 is the highest explicit priority."""
_FIELDS: Final = ("host_header", "http_header", "http_request_method", "path_pattern", "query_string", "source_ip")
_PATTERNS: Final = ("host_header", "path_pattern")
"""Fields with wildcards; values of other fields must be equal."""
_ANYTHING: Final = frozenset({"*", "/*"})
_EVERY: Final = "every request"
_SOME: Final = "some requests"


@dataclass(frozen=True)
class Rule:
    """A rule of a listener.

    Attributes:
        conditions: Field → alternative values; a request must match one value of each field.
        action: Action for matching requests.
    """

    address: str
    listener: Code
    priority: int
    conditions: dict[str, tuple[str, ...]]
    action: Value

    def covers(self, other: "Rule") -> bool:
        """Return whether it matches every request that another rule matches."""
        return all(
            not _ANYTHING.isdisjoint(wanted)
            or (field in other.conditions and all(_is_within(each, field, wanted) for each in other.conditions[field]))
            for field, wanted in self.conditions.items()
        )

    def overlaps(self, other: "Rule") -> bool:
        """Return whether a request may match both rules."""
        shared = self.conditions.keys() & other.conditions.keys() & set(_PATTERNS)
        return all(
            any(_overlap(*pair) for pair in product(self.conditions[field], other.conditions[field]))
            for field in shared
        )

    def answers_as(self, other: "Rule") -> bool:
        """Return whether both rules have the same known action."""
        return not is_hidden(self.action) and not differing_lines(self.action, other.action)


def find(plan: Plan) -> Iterator[Finding]:
    """Report rules that lose requests to another rule by the apply."""
    changed = [change for change in plan.changes if change.type in LISTENER_RULES]
    kept = [_rule(each, each.before, plan) for each in plan.unchanged if each.type in LISTENER_RULES]
    before = {rule.address: rule for rule in (*kept, *_rules(changed, plan, after=False))}
    after = {rule.address: rule for rule in (*kept, *_rules(changed, plan, after=True))}
    moved = {address for address, rule in after.items() if not _stays(rule, before.get(address))}
    for victim, other in _pairs(after, moved):
        if share := _taken(victim, other, before):
            is_new = victim.address not in before
            yield _finding(victim, other, share, is_new=is_new, has_moved=victim.address in moved)


def _rules(changed: list[Change], plan: Plan, *, after: bool) -> Iterator[Rule]:
    for change in changed:
        values = change.after if after and change.action in CREATED_OR_CHANGED else None if after else change.before
        if isinstance(values, dict):
            yield _rule(change, values, plan)


def _rule(change: Change, values: Value, plan: Plan) -> Rule:
    priority = first(values, "priority")
    return Rule(
        address=change.address,
        listener=display_name(change, "listener_arn", first(values, "listener_arn"), plan),
        priority=priority if isinstance(priority, int) else _LAST,
        conditions=dict(_conditions(values)),
        action=first(values, "action"),
    )


def _conditions(values: Value) -> Iterator[tuple[str, tuple[str, ...]]]:
    blocks = first(values, "condition")
    for block, field in product(elements(blocks), _FIELDS):
        found = first(block, field)
        if found:
            alternatives = first(found, "values") or found
            each = alternatives if isinstance(alternatives, list) else [alternatives]
            name = first(found, "http_header_name")
            yield f"{field} {name}" if name else field, tuple(_written(field, value) for value in each)


def _written(field: str, value: Value) -> str:
    text = str(code(value))
    return text.lower() if field == "host_header" else text  # only hosts are case-insensitive


def _stays(rule: Rule, before: Rule | None) -> bool:
    return before is not None and (rule.priority, rule.conditions) == (before.priority, before.conditions)


def _pairs(rules: dict[str, Rule], moved: set[str]) -> Iterator[tuple[Rule, Rule]]:
    """Yield ordered pairs of rules of one listener of which at least one moved."""
    together: dict[str, list[Rule]] = {}
    for rule in rules.values():
        together.setdefault(rule.listener, []).append(rule)
    for address in sorted(moved):
        rule = rules[address]
        for other in together[rule.listener]:
            if other is not rule:
                yield rule, other
            if other.address not in moved:
                yield other, rule


def _taken(victim: Rule, other: Rule, before: dict[str, Rule]) -> str:
    """Return which requests another rule newly takes: `every request`, `some requests`, or an empty text."""
    if other.priority >= victim.priority or not victim.overlaps(other) or victim.answers_as(other):
        return ""
    was, others = before.get(victim.address), before.get(other.address)
    every = other.covers(victim)
    if was and others and others.priority < was.priority and (others.covers(was) if every else others.overlaps(was)):
        return ""  # it took them before, too
    # A new rule is meant to take a part of a wider rule's requests.
    is_part = was is None or (others is None and victim.covers(other))
    return _EVERY if every else "" if is_part else _SOME


def _finding(victim: Rule, other: Rule, share: str, *, is_new: bool, has_moved: bool) -> Finding:
    """Report the rule that changes; if both do, the one that loses requests."""
    severity = Severity.DANGER if share == _EVERY and not is_new else Severity.CAUTION
    at = f" at priority {other.priority}" if other.priority < _LAST else ""
    words: Words = ("takes ", share, " from ", code(victim.address), f": it is evaluated first{at}")
    if has_moved:
        lead = "receives no requests" if is_new else "loses " + share
        words = (lead, ": ", code(other.address), f" matches first{at}")
    return Finding(severity, Kind.DOWNTIME, victim.address if has_moved else other.address, words)


def _is_within(pattern: str, field: str, wanted: tuple[str, ...]) -> bool:
    """Return whether one of the wanted patterns covers a pattern."""
    return pattern in wanted or (field in _PATTERNS and any(pattern_covers(each, pattern) for each in wanted))


def _overlap(one: str, other: str) -> bool:
    """Return whether a text can match both patterns."""
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        left, right = place
        signs = one[left : left + 1], other[right : right + 1]
        if signs == ("", ""):
            return True
        waiting += [(left + 1, right)] if signs[0] == "*" else []
        waiting += [(left, right + 1)] if signs[1] == "*" else []
        if all(signs) and (signs[0] == signs[1] or not {"*", "?"}.isdisjoint(signs)):
            waiting.append((left + (signs[0] != "*"), right + (signs[1] != "*")))
    return False
