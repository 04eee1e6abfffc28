"""Drawings of the resources that a plan changes, before and after, built from masked values.

changed and unchanged resources ─┬─ before ─► ResourceGraph ─► drawings ─┐
                                 └─ after ──► ResourceGraph ─► drawings ─┴─► keep those with a changed address, mark it

References come from ids in the state, and from the configuration for values that are not known yet.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wealist.diagram import Drawing, Mark, draw
from wealist.diagram.resource_graph import ResourceGraph
from wealist.model.stack import Resource, strings_in, without_index
from wealist.model.values import MASK
from wealist.review.changes import Action, Change, Plan

MARKS: Final[Mapping[Action, Mark]] = {
    Action.CREATE: "created",
    Action.UPDATE: "changed",
    Action.REPLACE: "replaced",
    Action.DESTROY: "destroyed",
    Action.FORGET: "destroyed",
}
LARGEST: Final = 250
"""Maximum number of nodes of a drawing that is readable and laid out within seconds."""
_GONE_AFTER: Final = frozenset({Action.DESTROY, Action.FORGET})


@dataclass(frozen=True)
class DrawingPair:
    """A drawing before and after; None if it is empty or has more than `LARGEST` nodes."""

    name: str
    before: Drawing | None
    after: Drawing | None


@dataclass(frozen=True)
class PlanDrawings:
    """The drawings of a plan.

    Attributes:
        pairs: Drawings that contain a changed resource.
        marks: Address → what the plan does with it.
        undrawn: Changed addresses that are on no drawing.
    """

    pairs: tuple[DrawingPair, ...]
    marks: Mapping[str, Mark]
    undrawn: tuple[str, ...]


def plan_drawings(plan: Plan) -> PlanDrawings:
    """Return the drawings that contain changed resources. Requires `read_plan(…, with_unchanged=True)`."""
    marks = {each.address: MARKS[each.action] for each in plan.changes if each.action in MARKS and not each.deposed}
    before, after = (draw(_graph(plan, is_after=side)) for side in (False, True))
    pairs = tuple(
        DrawingPair(name, _readable(before.get(name)), _readable(after.get(name)))
        for name in dict.fromkeys([*after, *before])
        if any(marks.keys() & side[name].addresses for side in (before, after) if name in side)
    )
    drawn = {address for pair in pairs for side in (pair.before, pair.after) if side for address in side.addresses}
    return PlanDrawings(pairs, marks, tuple(sorted(marks.keys() - drawn)))


def _readable(drawing: Drawing | None) -> Drawing | None:
    return drawing if drawing and len(drawing.nodes) <= LARGEST else None


def _graph(plan: Plan, *, is_after: bool) -> ResourceGraph:
    """Return the known part of one side of a plan."""
    present = {each.address: each for each in _resources(plan, is_after=is_after)}
    instances: dict[str, list[str]] = {}
    for address in present:
        instances.setdefault(without_index(address), []).append(address)
    resources, references = {}, {}
    for address, change in present.items():
        values = _known_values(change.after if is_after else change.before)
        # The configuration only describes the state after the apply; before it, only values show references.
        configured = _configured(plan, address, instances) if is_after or change.before == change.after else {}
        ids = {argument: _referenced_by_id(plan, address, value, present) for argument, value in values.items()}
        refers = {each: dict.fromkeys([*ids.get(each, ()), *configured.get(each, ())]) for each in [*ids, *configured]}
        references[address] = {argument: tuple(targets) for argument, targets in refers.items() if targets}
        unknown = {name: f"${{{each[0]}.id}}" for name, each in configured.items() if each and values.get(name) is None}
        resources[address] = Resource(address, change.type, {**values, **unknown})
    return ResourceGraph("plan", resources, references)


def _resources(plan: Plan, *, is_after: bool) -> Iterator[Change]:
    """Yield the resources of one side, without deposed objects."""
    for each in (*plan.unchanged, *plan.changes):
        is_there = each.action not in _GONE_AFTER if is_after else each.action is not Action.CREATE
        if is_there and each.deposed is None:
            yield each


def _known_values(side: object) -> dict[str, Any]:
    """Return the arguments of one side, without masked and unknown values."""
    values = _plain(side)
    return values if isinstance(values, dict) else {}


def _plain(value: object) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [each for each in map(_plain, value) if each is not None]
    if isinstance(value, str):
        return None if MASK in value else str(value)
    return value if isinstance(value, bool | int | float) else None


def _referenced_by_id(plan: Plan, address: str, value: object, present: Mapping[str, Change]) -> tuple[str, ...]:
    """Return the addresses of other resources whose ids and ARNs a value contains."""
    found = (plan.ids.get(text, "") for text in strings_in(value))
    return tuple(each for each in found if each in present and each != address)


def _configured(plan: Plan, address: str, instances: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Return argument → addresses that the configuration of a resource refers to."""
    place = without_index(address)
    module = place[: place.rindex(".", 0, place.rindex("."))] + "." if place.startswith("module.") else ""
    return {
        argument: tuple(_instances_of(names, module, instances))
        for argument, names in plan.arguments.get(place, {}).items()
    }


def _instances_of(names: Iterable[str], module: str, instances: Mapping[str, list[str]]) -> Iterator[str]:
    for name in names:
        yield from instances.get(f"{module}{without_index(name)}", ())
