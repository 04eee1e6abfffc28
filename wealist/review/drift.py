"""What was changed outside of Terraform, and not by the apply before: after one, AWS fills in what it computes.

before, after ─ arguments that differ by more than a default ─┬─ the configuration sets one of them ─► drift
                                                              └─ AWS's own: ids, times, what other resources list
"""

from collections.abc import Collection
from typing import Final

from wealist.model.plan_values import Value
from wealist.review.values import JsonText

_SET_BY_PROVIDER: Final = "tags_all"
"""What no resource sets, and Terraform does: the provider's default tags."""
_DEFAULTS: Final[tuple[Value, ...]] = (None, "", "false", [], {})


def is_drift(before: Value, after: Value, names: Collection[str] | None) -> bool:
    """Whether somebody changed a resource.

    Args:
        before: Its values in the state.
        after: Its values in AWS; None where it is gone.
        names: The arguments that count; None where nobody knows which the configuration sets: then all do.
    """
    if not isinstance(before, dict) or not isinstance(after, dict):
        return bool(before != after)
    found = differing(before, after)
    return bool(found) and (names is None or not found.isdisjoint({*names, _SET_BY_PROVIDER}))


def differing(before: Value, after: Value) -> set[str]:
    """The arguments that differ by more than a default: null, false, 0 and empty are the same."""
    sides = [side if isinstance(side, dict) else {} for side in (before, after)]
    return {name for name in {*sides[0], *sides[1]} if _essence(sides[0].get(name)) != _essence(sides[1].get(name))}


def _essence(value: Value) -> Value:
    """A value without what says nothing."""
    if isinstance(value, JsonText):
        return _essence(value.value)
    if isinstance(value, dict):
        kept = {key: _essence(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each is not None} or None
    if isinstance(value, list):
        return [_essence(each) for each in value] or None
    return None if value is False or value == 0 or value in _DEFAULTS else value
