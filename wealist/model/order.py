"""What Terraform creates before what, and destroys after it: references and `depends_on`, followed to their ends.

group ─┬─ launch_template.id ─► template ─► profile ─► role
       └─ depends_on ─────────► route ────► NAT gateway ─► address

https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on
"""

import re
from collections.abc import Iterator
from typing import Final

from wealist.model.stack import PLACE, Resource, StackJson

_EXPRESSION: Final = re.compile(r"(?<!\$)\$\{([^}]*)\}")
_ADDRESS: Final = re.compile(rf"(?<![\w.-]){PLACE}")


def predecessors(stack: StackJson, address: str) -> frozenset[str]:
    """Return the address of everything in a stack that Terraform creates before a resource.

    What a module makes is not among them: the reference to an output waits for what the output needs, and no more.
    """
    there = {**stack.resources, **stack.data, **stack.modules}
    found: set[str] = set()
    open_ = [address]
    while open_:
        for each in _mentioned(there[open_.pop()]):
            if each in there and each not in found:
                found.add(each)
                open_.append(each)
    return frozenset(found)


def _mentioned(resource: Resource) -> Iterator[str]:
    """Every address in the arguments, whatever is around it."""
    yield from resource.get("depends_on") or ()
    for _, text in resource.strings:
        for expression in _EXPRESSION.findall(text) if "${" in text else ():
            yield from _ADDRESS.findall(expression)
