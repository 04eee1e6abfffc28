"""Say what a value stands for.

id → the address of its resource    unknown value → the address that the configuration takes it from
"""

from typing import Final

from wealist.model.plan_values import MASK, Value
from wealist.model.stack import without_index
from wealist.review.changes import Change, Plan
from wealist.review.difference import shown
from wealist.review.finding import Code

SENSITIVE: Final = "sensitive"
"""Why a value cannot be judged, where it is not unknown."""


def argument(path: str) -> str:
    """The argument that a path of types.toml begins with: `parameter` of `parameter[rds.force_ssl]`."""
    return path.partition(".")[0].partition("[")[0]


def references(change: Change, name: str, plan: Plan) -> tuple[str, ...]:
    """The addresses that the configuration refers to for an argument; none where the provider chooses its value."""
    return plan.arguments.get(without_index(change.address), {}).get(name, ())


def named(change: Change, name: str, value: Value, plan: Plan) -> Code:
    """The address of the resource that an id stands for, where the plan shows it; else the id itself."""
    if isinstance(value, str):
        return Code(plan.ids.get(value, value))
    addresses = references(change, name, plan)
    return Code(addresses[-1] if addresses and not is_masked(value) else shown(value))


def is_masked(value: Value) -> bool:
    """Whether a value is sensitive, or a part of it."""
    if isinstance(value, str):
        return MASK in value
    return not isinstance(value, int | float | None) and MASK in shown(value)
