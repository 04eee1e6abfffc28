"""Check resources against rules.

values ─────────── check_values(rule, values) ──────────────┐
resource, scope ── check_resource(rule, resource, scope) ───┴─► None, or the problem
"""

from typing import Final

from wealist.checks.rules.rows import RULES
from wealist.checks.rules.rule import STACK_CHECKS, VALUES_CHECKS, Rule, Scope
from wealist.model.stack import Resource
from wealist.model.values import Values, as_list, values_at

_UNREADABLE: Final = (AttributeError, TypeError, ValueError, LookupError)
"""Errors of an argument whose shape Terraform does not accept. It cannot be checked, and counts as a violation."""
_BY_TYPE: Final[dict[str, tuple[Rule, ...]]] = {}
for _rule in RULES:
    for _type in _rule.types:
        _BY_TYPE[_type] = (*_BY_TYPE.get(_type, ()), _rule)


def rules_of(type_: str) -> tuple[Rule, ...]:
    """Return the rules for a resource type; ephemeral resources begin with `ephemeral.`."""
    return _BY_TYPE.get(type_, ())


def check_values(rule: Rule, values: Values) -> str | None:
    """Check a resource's values against a rule. The column `where` is not evaluated.

    Args:
        rule: A rule that does not need the stack (`needs_stack`).
        values: The arguments, as synthesized, or before or after a planned change. Unknown values meet every rule.

    Returns:
        The problem, or None.
    """
    try:
        if rule.when and not rule.when.is_certainly_met(values):
            return None
        if rule.check:
            return VALUES_CHECKS[rule.check](values)
        return "is of a type that is not used" if rule.operator == "forbidden" else rule.demand.problem(values)
    except _UNREADABLE as error:
        return f"{rule.path or 'an argument'} cannot be read ({error})"


def applies(rule: Rule, resource: Resource, scope: Scope) -> bool:
    """Return whether a rule applies to a resource."""
    if not scope.is_at(rule.where):
        return False
    try:
        return rule.when is None or rule.when.is_certainly_met(resource.values)
    except ValueError:
        return True


def check_resource(rule: Rule, resource: Resource, scope: Scope) -> str | None:
    """Check a resource of a stack against any rule.

    Returns:
        The problem, or None; None too for a rule that does not apply.
    """
    if not applies(rule, resource, scope):
        return None
    if rule.check in STACK_CHECKS:
        try:
            return STACK_CHECKS[rule.check](resource, scope)
        except _UNREADABLE as error:
            return f"cannot be read ({error})"
    if rule.operator == "refers_to":
        return _check_reference(rule, resource, scope)
    if rule.operator == "referenced_by":
        kind, _, argument = str(rule.value).partition(".")
        return None if scope.referring_to(resource, kind, argument) else f"no {kind} refers to it by {argument}"
    return check_values(rule, resource.values)


def _check_reference(rule: Rule, resource: Resource, scope: Scope) -> str | None:
    """Check that an argument refers to a resource of this stack, of one of the types or `type.attribute`s."""
    for values in values_at(resource.values, rule.path):
        if rule.demand.optional and values is None:
            continue
        for value in as_list(values) or [None]:
            target = scope.stack.target(value)
            attribute = str(value).rpartition(".")[2].removesuffix("}")
            if target is None or not {target.type, f"{target.type}.{attribute}"} & set(rule.value):
                return f"{rule.path} is {'not set' if value is None else repr(value)}"
    return None
