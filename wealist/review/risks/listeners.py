"""Whose requests the rules of one listener take from each other. AWS asks them in the order of their priority.

rules before and after, by listener ─► a rule that is asked after another one that matches the same: an outage
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from wealist.model.plan_values import Value, elements
from wealist.review.changes import CREATED_OR_CHANGED, LISTENER_RULES, Change, Plan
from wealist.review.finding import Code, Finding, Kind, Severity, Words, code
from wealist.review.risks.arguments import differing_lines, display_name
from wealist.review.risks.grants import pattern_covers
from wealist.review.values import first, is_hidden

_LAST: Final = 50_001
"""The place of a rule without a priority: AWS puts it after all others, and 50,000 is the last one."""
_FIELDS: Final = ("host_header", "http_header", "http_request_method", "path_pattern", "query_string", "source_ip")
_PATTERNS: Final = ("host_header", "path_pattern")
"""What is compared as patterns; all else must be the same."""
_ANYTHING: Final = frozenset({"*", "/*"})
_EVERY: Final = "every request"
_SOME: Final = "some requests"


@dataclass(frozen=True)
class Rule:
    """A rule of a listener.

    Attributes:
        conditions: Field → its alternatives; a request must meet one of each field.
        action: What it answers with.
    """

    address: str
    listener: Code
    priority: int
    conditions: dict[str, tuple[str, ...]]
    action: Value

    def covers(self, other: "Rule") -> bool:
        """Whether it matches every request that another rule matches."""
        return all(
            not _ANYTHING.isdisjoint(wanted)
            or (field in other.conditions and all(_is_within(each, field, wanted) for each in other.conditions[field]))
            for field, wanted in self.conditions.items()
        )

    def meets(self, other: "Rule") -> bool:
        """Whether some request may match both rules."""
        shared = self.conditions.keys() & other.conditions.keys() & set(_PATTERNS)
        return all(
            any(_overlap(*pair) for pair in product(self.conditions[field], other.conditions[field]))
            for field in shared
        )

    def answers_as(self, other: "Rule") -> bool:
        """Whether it does not matter which of both rules answers."""
        return not is_hidden(self.action) and not differing_lines(self.action, other.action)


def find(plan: Plan) -> Iterator[Finding]:
    """Report rules whose requests another rule answers after the apply, and did not before."""
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
    return text.lower() if field == "host_header" else text  # hosts are the same in any case, paths are not


def _stays(rule: Rule, before: Rule | None) -> bool:
    return before is not None and (rule.priority, rule.conditions) == (before.priority, before.conditions)


def _pairs(rules: dict[str, Rule], moved: set[str]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs of rules of one listener of which at least one moved, in both orders."""
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
    """Which requests another rule takes that did not before: `every request`, `requests`, or none."""
    if other.priority >= victim.priority or not victim.meets(other) or victim.answers_as(other):
        return ""
    was, others = before.get(victim.address), before.get(other.address)
    every = other.covers(victim)
    if was and others and others.priority < was.priority and (others.covers(was) if every else others.meets(was)):
        return ""  # it was so before
    # A new rule takes a part of what a wider one got: that is what it is for.
    is_part = was is None or (others is None and victim.covers(other))
    return _EVERY if every else "" if is_part else _SOME


def _finding(victim: Rule, other: Rule, share: str, *, is_new: bool, has_moved: bool) -> Finding:
    """Say it of the rule that changes; where both do, of the one that loses."""
    severity = Severity.DANGER if share == _EVERY and not is_new else Severity.CAUTION
    at = f" at priority {other.priority}" if other.priority < _LAST else ""
    words: Words = ("takes ", share, " of ", code(victim.address), f": it is asked before it{at}")
    if has_moved:
        lead = "gets no request" if is_new else "loses " + share
        words = (lead, ": ", code(other.address), f" matches before it{at}")
    return Finding(severity, Kind.DOWNTIME, victim.address if has_moved else other.address, words)


def _is_within(pattern: str, field: str, wanted: tuple[str, ...]) -> bool:
    """Whether one of some patterns matches all that another one matches."""
    return pattern in wanted or (field in _PATTERNS and any(pattern_covers(each, pattern) for each in wanted))


def _overlap(one: str, other: str) -> bool:
    """Whether some text matches both patterns."""
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
