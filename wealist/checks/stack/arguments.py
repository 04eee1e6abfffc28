"""Meta-arguments: Terraform creates each resource once, with our provider and as written, and runs no provisioner.

Other meta-arguments change a resource without a trace in the arguments that guards read: `count = 0` removes it.

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
_IDS_OF_DATA: Final = re.compile(r"\$\{toset\((?P<source>data\.\w+\.[\w-]+)\.ids\)\}")
"""`for_each` over the ids of a data source."""
_LIFECYCLE: Final = frozenset({"create_before_destroy", "ignore_changes", "prevent_destroy"})


def unexpected(stack: StackJson) -> Iterator[Finding]:
    """Report meta-arguments, except those that the type's row allows."""
    for blocks in (stack.resources, stack.data, stack.modules):
        for block in blocks.values():
            if block.type != "module" and not block.type.startswith("aws_"):
                yield _finding(stack, block, "does not belong to the AWS provider")
            for name in _META & block.values.keys():
                if not _is_allowed(stack, block, name):
                    yield _finding(stack, block, f"has {name} = {block.get(name)!r}")
            if any(map(_has_dynamic_blocks, block.values.values())):
                yield _finding(stack, block, "has dynamic blocks inside its blocks")
            if lifecycle := block.get("lifecycle"):
                for problem in _lifecycle_problems(block.type, lifecycle):
                    yield _finding(stack, block, f"has {problem}")


def _is_allowed(stack: StackJson, block: Resource, name: str) -> bool:
    row, value = types.row(block.type) if block.address in stack.resources else None, block.get(name)
    if row and name == "provider":
        return row.cdn_region and value == "aws.cdn"
    if row and name == "for_each":
        source, found = stack.target(value), _IDS_OF_DATA.fullmatch(str(value))
        of_module = source is not None and source.type == "module"
        return row.for_each and (of_module or (found is not None and found["source"] in stack.data))
    return False


def _has_dynamic_blocks(value: object) -> bool:
    if isinstance(value, Mapping):
        return "dynamic" in value or any(map(_has_dynamic_blocks, value.values()))
    return isinstance(value, list) and any(map(_has_dynamic_blocks, value))


def _lifecycle_problems(kind: str, lifecycle: Mapping[str, object]) -> Iterator[str]:
    for name, value in lifecycle.items():
        allowed = _may_ignore(kind, value) if name == "ignore_changes" else isinstance(value, bool)
        if name not in _LIFECYCLE or not allowed:
            yield f"lifecycle.{name} = {value!r}"


def _may_ignore(kind: str, value: object) -> bool:
    """Return whether `ignore_changes` lists only arguments of the column `ignores`."""
    row = types.row(kind)
    return row is not None and all(path in row.ignores for path in as_list(value))


def _finding(stack: StackJson, block: Resource, problem: str) -> Finding:
    remedy = f"remove it, or allow it by ignores, for_each or cdn_region of the type's row in {types.SHOWN}"
    return Finding(stack.name, block.address, CONTROL, problem, remedy)
