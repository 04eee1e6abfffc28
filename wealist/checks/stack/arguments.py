"""Meta-arguments: each resource is made once, by our provider, and as it is written, and runs no program.

What another one would make of a resource stands nowhere in the JSON: with `count = 0` it is not there at all.

https://developer.hashicorp.com/terraform/language/meta-arguments
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wealist.checks.finding import Finding
from wealist.model import types
from wealist.model.stack import Resource, StackJson
from wealist.model.values import as_list

CONTROL: Final = "stack.arguments"
_META: Final = frozenset({"connection", "count", "dynamic", "for_each", "provider", "providers", "provisioner"})
_FOUND: Final = re.compile(r"\$\{toset\((?P<source>data\.\w+\.[\w-]+)\.ids\)\}")
"""One for each of what a data source finds."""
_LIFECYCLE: Final = frozenset({"create_before_destroy", "ignore_changes", "prevent_destroy"})


def unexpected(stack: StackJson) -> Iterator[Finding]:
    """Find meta-arguments that change what is made, except those that the type's row allows."""
    for things in (stack.resources, stack.data, stack.modules):
        for thing in things.values():
            if thing.type != "module" and not thing.type.startswith("aws_"):
                yield _finding(stack, thing, "is of another provider than AWS's")
            for name in _META & thing.values.keys():
                if not _is_usual(stack, thing, name):
                    yield _finding(stack, thing, f"has {name} = {thing.get(name)!r}")
            if any(map(_has_dynamic_blocks, thing.values.values())):
                yield _finding(stack, thing, "has dynamic blocks inside its blocks")
            if lifecycle := thing.get("lifecycle"):
                for problem in _of_lifecycle(thing.type, lifecycle):
                    yield _finding(stack, thing, f"has {problem}")


def _is_usual(stack: StackJson, thing: Resource, name: str) -> bool:
    row, value = types.row(thing.type) if thing.address in stack.resources else None, thing.get(name)
    if row and name == "provider":
        return row.cdn_region and value == "aws.cdn"
    if row and name == "for_each":
        source, found = stack.target(value), _FOUND.fullmatch(str(value))
        of_module = source is not None and source.type == "module"
        return row.for_each and (of_module or (found is not None and found["source"] in stack.data))
    return False


def _has_dynamic_blocks(value: object) -> bool:
    if isinstance(value, Mapping):
        return "dynamic" in value or any(map(_has_dynamic_blocks, value.values()))
    return isinstance(value, list) and any(map(_has_dynamic_blocks, value))


def _of_lifecycle(kind: str, lifecycle: Mapping[str, object]) -> Iterator[str]:
    for name, value in lifecycle.items():
        usual = _may_ignore(kind, value) if name == "ignore_changes" else isinstance(value, bool)
        if name not in _LIFECYCLE or not usual:
            yield f"lifecycle.{name} = {value!r}"


def _may_ignore(kind: str, value: object) -> bool:
    """Whether `ignore_changes` names nothing but what AWS or an operator sets."""
    row = types.row(kind)
    return row is not None and all(path in row.ignores for path in as_list(value))


def _finding(stack: StackJson, thing: Resource, problem: str) -> Finding:
    remedy = f"remove it; what a type may have is in ignores, for_each and cdn_region of its row in {types.SHOWN}"
    return Finding(stack.name, thing.address, CONTROL, problem, remedy)
