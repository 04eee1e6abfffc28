"""The check of security groups: every plan compares the rules that AWS has with those of the stack.

    check ─ condition ─ data.aws_vpc_security_group_rules.ids, less the ids of the stack's rules, is empty
                          └─ filter: group-id, every security group of the stack

A rule that is added by hand belongs to no resource, so that no plan would show it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.model.stack import Resource, StackJson

CONTROL: Final = "stack.check"
_GROUP: Final = "aws_security_group"
_RULES: Final = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
_SOURCE: Final = "aws_vpc_security_group_rules"
_CONDITION: Final = re.compile(
    rf"\$\{{\(length\(setsubtract\((?P<source>data\.{_SOURCE}\.\w+)\.ids, \[(?P<ids>[^\[\]\"]*)\]\)\) < 1\)\}}"
)
_REMEDY: Final = "draw every edge by the firewall, and call its check_rules when all are drawn"


def unwatched(stack: StackJson) -> Iterator[Finding]:
    """Return what a stack's check leaves out; a stack without security groups needs none."""
    groups = {group.address for group in stack.all(_GROUP)}
    if not groups:
        return
    conditions = [found for check in _asserted(stack) if (found := _CONDITION.fullmatch(str(check.get("condition"))))]
    if len(conditions) != 1:
        problem = "no check compares the rules of its security groups with those that AWS has"
        yield Finding(stack.name, "check", CONTROL, problem, _REMEDY)
        return
    source, ids = conditions[0]["source"], set(conditions[0]["ids"].split(", "))
    rules = {f"{rule.address}.id" for rule in stack.all(*_RULES)}
    for address in sorted(rules ^ ids):
        problem = "is not among the rules that the check expects" if address in rules else "is no rule of this stack"
        yield Finding(stack.name, address.removesuffix(".id"), CONTROL, problem, _REMEDY)
    for address in sorted(groups - _filtered(stack, stack.data.get(source))):
        yield Finding(stack.name, address, CONTROL, f"is left out by {source}, whose rules are checked", _REMEDY)


def _asserted(stack: StackJson) -> Iterator[Mapping[str, Any]]:
    for check in stack.document.get("check", {}).values():
        yield from Resource("check", "check", check).blocks("assert")


def _filtered(stack: StackJson, source: Resource | None) -> set[str]:
    """Return the groups whose rules a data source reads; none where it filters by anything else, too."""
    if source is None or source.values.keys() - {"//", "filter"}:
        return set()
    filters = source.blocks("filter")
    if len(filters) != 1 or filters[0].get("name") != "group-id":
        return set()
    return {group.address for each in filters[0].get("values", []) if (group := stack.target(each))}
