"""What a plan does, as data that may be shown.

PlanDocument → secrets gathered → each change masked → `Plan`: changes, outputs, drift, and what ids stand for
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from wealist.model.plan import ChangeBody, PlanDocument, ResourceChange
from wealist.model.plan_values import UNKNOWN, Steps, Value
from wealist.model.stack import without_index
from wealist.review.configuration import account_of, arguments, environment_of
from wealist.review.difference import shown
from wealist.review.drift import differing, is_drift
from wealist.review.gathered import OUTPUT, Gathered
from wealist.review.listed import PARTS
from wealist.review.masking import marks_of, masked, masked_sides, steps, without_secrets
from wealist.review.secrets import Known
from wealist.review.values import label


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    FORGET = "forget"
    NONE = "none"
    """It stays as it is, though it may be imported or moved."""


MADE: Final = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})
"""What leaves a resource with arguments that can be judged."""


LISTENER_RULES: Final = frozenset({"aws_alb_listener_rule", "aws_lb_listener_rule"})
JUDGED_TOGETHER: Final = LISTENER_RULES | PARTS.keys() | {"aws_autoscaling_group", "aws_launch_template"}
"""Types whose resources say something about others even where they do not change."""


class Order(StrEnum):
    """What a replacement does first."""

    DESTROY_FIRST = "destroyed before the new one is made"
    CREATE_FIRST = "destroyed after the new one is made"
    FORGET = "left in AWS, and forgotten"


_ACTIONS: Final[dict[tuple[str, ...], tuple[Action, Order | None]]] = {
    ("create",): (Action.CREATE, None),
    ("update",): (Action.UPDATE, None),
    ("delete", "create"): (Action.REPLACE, Order.DESTROY_FIRST),
    ("create", "delete"): (Action.REPLACE, Order.CREATE_FIRST),
    ("create", "forget"): (Action.REPLACE, Order.FORGET),
    ("delete",): (Action.DESTROY, None),
    ("forget",): (Action.FORGET, None),
    ("no-op",): (Action.NONE, None),
    ("read",): (Action.NONE, None),
}
"""https://developer.hashicorp.com/terraform/internals/json-format#change-representation"""

_FAILED: Final = frozenset({"fail", "error"})

REASONS: Final = {
    "replace_because_tainted": "it is tainted: an earlier apply did not finish it",
    "replace_because_cannot_update": "it cannot be changed in place",
    "replace_by_request": "-replace asks for it",
    "replace_by_triggers": "replace_triggered_by names something that changes",
    "delete_because_no_resource_config": "it is not in the configuration any more",
    "delete_because_no_module": "its module is not in the configuration any more",
    "delete_because_wrong_repetition": "count or for_each was added or removed",
    "delete_because_count_index": "its index is beyond count",
    "delete_because_each_key": "its key is not in for_each any more",
    "delete_because_no_move_target": "it was moved to an address that does not exist",
}
"""`action_reason` in words."""
_UNKNOWN_ACTION: Final = "the plan names an action that is not known here"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource. Its values hold no secret.

    Attributes:
        replace_paths: the ways to the values that force a replacement: `("launch_template", 0, "id")`.
        reason: why, where Terraform says so.
        imported: the id that it is imported by, as it is shown; None where it is not imported.
        deposed: the key of a deposed object, which an unfinished replacement left behind; None of the resource itself.
    """

    address: str
    type: str
    action: Action
    before: Value
    after: Value
    order: Order | None = None
    replace_paths: tuple[Steps, ...] = ()
    reason: str | None = None
    imported: str | None = None
    moved_from: str | None = None
    deposed: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What identifies the object."""
        return self.address, self.deposed

    @property
    def forced_by(self) -> dict[Steps, str]:
        """Each of `replace_paths` → how it is shown."""
        return {path: label(path, self.before, self.after) for path in self.replace_paths}

    @property
    def counts_as(self) -> Iterator[str]:
        """The counts of a plan that it belongs to."""
        if self.action is not Action.NONE:
            yield self.action.value
        if self.imported:
            yield "import"
        if self.moved_from:
            yield "move"


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check of the configuration that does not hold. Its words hold no secret."""

    address: str
    problems: tuple[Value, ...]


COUNTED: Final = ("create", "update", "replace", "destroy", "import", "move", "forget", "invoke", "refresh")


@dataclass(frozen=True, slots=True)
class Invocation:
    """An action of a provider that the apply runs. Its configuration holds no secret.

    Attributes:
        trigger: The resource, and the event of it, that it follows; None where the plan itself asks for it.
    """

    address: str
    type: str
    configuration: Value
    trigger: tuple[str, str] | None


@dataclass(frozen=True)
class Plan:
    """A plan that may be shown.

    Attributes:
        changes: what changes, is imported or moved, by address.
        failed_checks: what does not hold in AWS, or in the configuration.
        drift: what was changed outside of Terraform and had a part in the plan; `unrelated_drift` counts the rest.
        refreshed: whatever Terraform found to be other than in its state, be it by an apply itself.
        unchanged: what stays and says something about others: of the types `JUDGED_TOGETHER`.
        standing: whatever stays, where `plan_of` is asked for it.
        invocations: the actions that the apply runs.
        is_applyable: Terraform's own word: whether an apply does anything.
        unread: parts of the plan that are not known here.
        ids: id or ARN in AWS → address.
        arguments: address without its index → argument that the configuration sets → addresses that it refers to.
    """

    environment: str | None
    account: str | None
    changes: tuple[Change, ...]
    outputs: tuple[Change, ...] = ()
    failed_checks: tuple[FailedCheck, ...] = ()
    drift: tuple[Change, ...] = ()
    unrelated_drift: int = 0
    refreshed: tuple[Change, ...] = ()
    unchanged: tuple[Change, ...] = ()
    standing: tuple[Change, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    is_applyable: bool = False
    unread: tuple[str, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many resources are created, updated, …: each of `COUNTED`."""
        found = Counter(each for change in self.changes for each in change.counts_as)
        found["invoke"] = len(self.invocations)
        found["refresh"] = len(self.drift) if self.is_refresh_only else 0
        return {each: found[each] for each in COUNTED}

    @property
    def is_empty(self) -> bool:
        """Whether an apply would do nothing, and nothing fails."""
        return not (self.changes or self.outputs or self.failed_checks or self.invocations or self.is_applyable)

    @property
    def is_refresh_only(self) -> bool:
        """Whether an apply only takes into the state what was changed outside of Terraform."""
        return self.is_applyable and not (self.changes or self.outputs or self.invocations)


def plan_of(document: PlanDocument, *, with_standing: bool = False) -> Plan:
    """A plan without secrets. Empties the document, which would take as much memory again.

    Args:
        document: The plan.
        with_standing: Whether what stays as it is, is wanted too, of every type.
    """
    gathered = Gathered(document)
    known = gathered.known
    account, ids = account_of(document), dict(_ids(document.resource_changes))
    unchanged = tuple(_unchanged(document.resource_changes, gathered, JUDGED_TOGETHER))
    standing = tuple(_unchanged(document.resource_changes, gathered)) if with_standing else ()
    changes = tuple(sorted(_changes(_taken(document.resource_changes), gathered), key=lambda change: change.address))
    refreshed = tuple(_changes(_taken(document.resource_drift), gathered))
    invocations = tuple(_invocations(document, known))
    outputs = tuple(_outputs(document, gathered))
    set_by = dict(arguments(document.configuration.get("root_module")))
    if document.applyable and not (changes or outputs or invocations):
        drift = relevant = refreshed  # the apply takes all of it into the state
    else:
        drift = tuple(_drift(refreshed, changes, set_by))
        depended = {each.resource for each in document.relevant_attributes} | {change.address for change in changes}
        relevant = tuple(change for change in drift if change.address in depended)
    return Plan(
        environment=environment_of(document),
        account=account,
        changes=changes,
        outputs=outputs,
        failed_checks=tuple(_failed_checks(document, known)),
        drift=relevant,
        unrelated_drift=len(drift) - len(relevant),
        refreshed=refreshed,
        unchanged=unchanged,
        standing=standing,
        invocations=invocations,
        is_applyable=document.applyable,
        unread=tuple(without_secrets(name, known) for name in document.unread),
        ids=ids,
        arguments=set_by,
    )


def _drift(
    refreshed: Sequence[Change], changes: Iterable[Change], set_by: dict[str, dict[str, tuple[str, ...]]]
) -> Iterator[Change]:
    """What was changed by others: of what is refreshed, that which the configuration sets, or the plan sets back."""
    of_drift = {change.address for change in refreshed}
    planned = {each.address: differing(each.before, each.after) for each in changes if each.address in of_drift}
    for change in refreshed:
        configured = set_by.get(without_index(change.address))
        names = None if configured is None else {*configured, *planned.get(change.address, ())}
        if is_drift(change.before, change.after, names):
            yield change


def _taken(changes: list[ResourceChange]) -> Iterator[ResourceChange]:
    """Each change, taken out of its list."""
    changes.reverse()
    while changes:
        yield changes.pop()


def _changes(found: Iterable[ResourceChange], gathered: Gathered) -> Iterator[Change]:
    for each in found:
        body = each.change
        is_moved = each.previous_address not in (None, each.address)
        if each.mode == "managed" and (_action(body)[0] is not Action.NONE or is_moved or body.importing is not None):
            yield _change(each, gathered)


def _unchanged(
    found: Iterable[ResourceChange], gathered: Gathered, types: AbstractSet[str] | None = None
) -> Iterator[Change]:
    for each in found:
        if each.mode == "managed" and (types is None or each.type in types) and _action(each.change)[0] is Action.NONE:
            yield _change(each, gathered)


def _change(found: ResourceChange, gathered: Gathered) -> Change:
    body = found.change
    action, order = _action(body)
    known = gathered.known
    marks = marks_of(body, gathered.passed_to(found.address))
    before, after = masked_sides(body, marks, known)
    return Change(
        address=found.address,
        type=found.type,
        action=action,
        before=before,
        after=after,
        order=order,
        replace_paths=tuple(tuple(steps(path, marks, known)) for path in body.replace_paths),
        reason=REASONS.get(found.action_reason or "") if tuple(body.actions) in _ACTIONS else _UNKNOWN_ACTION,
        imported=_import_id(body.importing, known),
        moved_from=found.previous_address if found.previous_address != found.address else None,
        deposed=found.deposed,
    )


def _import_id(importing: dict[str, Value] | None, known: Known) -> str | None:
    """The id of an import, or what identifies a resource that has no id (Terraform 1.12), as it is shown."""
    if importing is None:
        return None
    identity = masked(importing.get("id") or importing.get("identity"), None, None, known)
    return identity if isinstance(identity, str) else shown(UNKNOWN if identity is None else identity)


def _outputs(document: PlanDocument, gathered: Gathered) -> Iterator[Change]:
    for name, body in sorted(document.output_changes.items()):
        action, order = _action(body)
        if action is not Action.NONE:
            address = f"{OUTPUT}{name}"
            marks = marks_of(body, gathered.passed_to(address))
            before, after = masked_sides(body, marks, gathered.known, name=name)
            yield Change(address, "output", action, before, after, order)


def _invocations(document: PlanDocument, known: Known) -> Iterator[Invocation]:
    for each in document.action_invocations:
        trigger = each.lifecycle_action_trigger
        yield Invocation(
            address=each.address,
            type=each.type,
            configuration=masked(each.config_values, each.config_sensitive, each.config_unknown, known),
            trigger=(trigger.triggering_resource_address, trigger.action_trigger_event) if trigger else None,
        )


def _failed_checks(document: PlanDocument, known: Known) -> Iterator[FailedCheck]:
    for check in document.checks:
        if check.status in _FAILED:
            messages = [problem.message for instance in check.instances for problem in instance.problems]
            yield FailedCheck(check.address.to_display, tuple(masked(each, None, None, known) for each in messages))


def _action(body: ChangeBody) -> tuple[Action, Order | None]:
    """What is done; of actions that are not known here, the worst that they may mean."""
    if known := _ACTIONS.get(tuple(body.actions)):
        return known
    return (Action.REPLACE, Order.DESTROY_FIRST) if "create" in body.actions else (Action.DESTROY, None)


def _ids(found: Iterable[ResourceChange]) -> Iterator[tuple[str, str]]:
    for each in found:
        if each.mode == "managed" and isinstance(each.change.before, dict):
            for name in ("id", "arn"):
                if isinstance(value := each.change.before.get(name), str):
                    yield value, each.address
