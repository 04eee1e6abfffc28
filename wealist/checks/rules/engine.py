"""Judge resources by rules.

values ─────────── judge(rule, values) ──────────┐
resource, scope ── check(rule, resource, scope) ─┴─► None, or what is wrong
"""

from typing import Final

from wealist.checks.rules.operators import is_met, problem_with
from wealist.checks.rules.rows import RULES
from wealist.checks.rules.rule import OF_STACK, OF_VALUES, Condition, Rule, Scope, Severity
from wealist.model.stack import Resource
from wealist.model.values import Values, as_list, is_unknown, values_at

__all__ = ["Rule", "Scope", "Severity", "applies", "check", "judge", "rules_of"]

_BY_TYPE: Final[dict[str, tuple[Rule, ...]]] = {}
for _rule in RULES:
    for _type in _rule.types:
        _BY_TYPE[_type] = (*_BY_TYPE.get(_type, ()), _rule)


def rules_of(type_: str) -> tuple[Rule, ...]:
    """The rules about a resource type; of an ephemeral resource, `ephemeral.` and its type."""
    return _BY_TYPE.get(type_, ())


def judge(rule: Rule, values: Values) -> str | None:
    """What is wrong with a resource's values by one rule, or None; in which stack it stands is the caller's to ask.

    Args:
        rule: One that does not need the stack (`needs_stack`).
        values: The arguments, as synthesized or as a plan has them before or after. A value that is no JSON is one
            that nobody knows yet: a rule about it is met.
    """
    try:
        if rule.when and not _holds(rule.when, values):
            return None
        if rule.check:
            return OF_VALUES[rule.check](values)
        if rule.operator == "forbidden":
            return "is of a type that is not used"
        return problem_with(rule.demand, values)
    except (AttributeError, TypeError, ValueError, LookupError) as error:
        # An argument of a shape that Terraform does not take: it cannot be judged, so it is not right.
        return f"{rule.path or 'an argument'} cannot be read ({error})"


def _holds(condition: Condition, values: Values) -> bool:
    """Whether a condition is certainly met: values that nobody knows yet do not meet it."""
    found = values_at(values, condition.path)
    return all(not is_unknown(each) and is_met(condition, each) for each in found)


def applies(rule: Rule, resource: Resource, scope: Scope) -> bool:
    """Whether a rule is about a resource."""
    if not scope.is_at(rule.where):
        return False
    try:
        return rule.when is None or _holds(rule.when, resource.values)
    except ValueError:
        return True


def check(rule: Rule, resource: Resource, scope: Scope) -> str | None:
    """What is wrong with a resource of a stack by one rule, or None.

    Args:
        rule: Any rule.
        resource: As synthesized.
        scope: Where it stands.
    """
    if not applies(rule, resource, scope):
        return None
    if rule.check in OF_STACK:
        try:
            return OF_STACK[rule.check](resource, scope)
        except (AttributeError, TypeError, ValueError, LookupError) as error:
            return f"cannot be read ({error})"
    if rule.operator == "refers_to":
        return _reference(rule, resource, scope)
    if rule.operator == "referenced_by":
        kind, _, argument = str(rule.value).partition(".")
        return None if scope.pointing_at(resource, kind, argument) else f"no {kind} refers to it by {argument}"
    return judge(rule, resource.values)


def _reference(rule: Rule, resource: Resource, scope: Scope) -> str | None:
    """What is wrong where an argument must refer to a resource of this stack, of some type or `type.attribute`."""
    for values in values_at(resource.values, rule.path):
        if rule.demand.optional and values is None:
            continue
        for value in as_list(values) or [None]:
            target = scope.stack.target(value)
            attribute = str(value).rpartition(".")[2].removesuffix("}")
            if target is None or not {target.type, f"{target.type}.{attribute}"} & set(rule.value):
                return f"{rule.path} is {'not set' if value is None else repr(value)}"
    return None
