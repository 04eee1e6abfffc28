"""Convert a plan document into a `Plan` without secrets.

PlanDocument → collect secrets → mask each change → `Plan`: changes, outputs, drift, ids
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from wealist.model.plan import ChangeBody, PlanDocument, ResourceChange
from wealist.model.stack import without_index
from wealist.model.values import UNKNOWN, Value
from wealist.review.changes import CROSS_RESOURCE_TYPES, Action, Change, FailedCheck, Invocation, Order, Plan
from wealist.review.configuration import account_of, arguments, environment_of
from wealist.review.difference import one_line
from wealist.review.masking import mask, mask_sides, mask_text, sensitive_marks, visible_steps
from wealist.review.plan_secrets import OUTPUT, PlanSecrets
from wealist.review.secrets import SecretIndex
from wealist.review.values import differing_arguments

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
_REASONS: Final = {
    "replace_because_tainted": "it is tainted: an earlier apply did not finish it",
    "replace_because_cannot_update": "it cannot be changed in place",
    "replace_by_request": "-replace requests it",
    "replace_by_triggers": "replace_triggered_by names something that changes",
    "delete_because_no_resource_config": "it is no longer in the configuration",
    "delete_because_no_module": "its module is no longer in the configuration",
    "delete_because_wrong_repetition": "count or for_each was added or removed",
    "delete_because_count_index": "its index is beyond count",
    "delete_because_each_key": "its key is no longer in for_each",
    "delete_because_no_move_target": "it was moved to an address that does not exist",
}
"""Value of `action_reason` → its description."""
_UNKNOWN_ACTION: Final = "the plan contains an unknown action"
_FAILED: Final = frozenset({"fail", "error"})
_DEFAULT_TAGS: Final = "tags_all"
"""Argument that the provider sets from its default tags; no configuration names it."""

ConfiguredArguments = dict[str, dict[str, tuple[str, ...]]]
"""Address without its index → argument that the configuration sets → addresses that it refers to."""


def read_plan(document: PlanDocument, *, with_unchanged: bool = False) -> Plan:
    """Return the plan without secrets. Empties the document, to halve the peak memory.

    Args:
        document: The plan.
        with_unchanged: Keep unchanged resources of every type, which the drawings need. By default, only those of
            `CROSS_RESOURCE_TYPES` are kept.
    """
    secrets = PlanSecrets(document)
    index = secrets.index
    account, ids = account_of(document), dict(_ids(document.resource_changes))
    unchanged = tuple(_unchanged(document.resource_changes, secrets, None if with_unchanged else CROSS_RESOURCE_TYPES))
    changes = tuple(sorted(_changes(_popped(document.resource_changes), secrets), key=lambda change: change.address))
    refreshed = tuple(_changes(_popped(document.resource_drift), secrets))
    invocations = tuple(_invocations(document, index))
    outputs = tuple(_outputs(document, secrets))
    configured = dict(arguments(document.configuration.get("root_module")))
    if document.applyable and not (changes or outputs or invocations):
        drift = relevant = refreshed  # a refresh-only apply writes all of it into the state
    else:
        drift = tuple(_drift(refreshed, changes, configured))
        depended = {each.resource for each in document.relevant_attributes} | {change.address for change in changes}
        relevant = tuple(change for change in drift if change.address in depended)
    return Plan(
        environment=environment_of(document),
        account=account,
        changes=changes,
        outputs=outputs,
        failed_checks=tuple(_failed_checks(document, index)),
        drift=relevant,
        unrelated_drift=len(drift) - len(relevant),
        refreshed=refreshed,
        unchanged=unchanged,
        invocations=invocations,
        is_applyable=document.applyable,
        unread=tuple(mask_text(name, index) for name in document.unread),
        ids=ids,
        arguments=configured,
    )


def _drift(refreshed: Sequence[Change], changes: Iterable[Change], configured: ConfiguredArguments) -> Iterator[Change]:
    """Yield the refreshed resources in which an argument differs that the configuration sets or the plan sets back."""
    addresses = {change.address for change in refreshed}
    planned = {
        each.address: differing_arguments(each.before, each.after) for each in changes if each.address in addresses
    }
    for change in refreshed:
        own = configured.get(without_index(change.address))
        names = None if own is None else {*own, *planned.get(change.address, ())}
        if _is_drift(change.before, change.after, names):
            yield change


def _is_drift(before: Value, after: Value, names: Collection[str] | None) -> bool:
    """Return whether a resource was changed outside of Terraform.

    After an apply, a refresh also fills in what AWS computes: ids, times, lists of other resources. That is no drift.

    Args:
        before: The values in the state.
        after: The values in AWS; None if the resource was deleted.
        names: Arguments that count; None counts all of them.
    """
    if not isinstance(before, dict) or not isinstance(after, dict):
        return bool(before != after)
    differing = differing_arguments(before, after)
    return bool(differing) and (names is None or not differing.isdisjoint({*names, _DEFAULT_TAGS}))


def _popped(changes: list[ResourceChange]) -> Iterator[ResourceChange]:
    """Yield each change and remove it from its list, which frees its memory."""
    changes.reverse()
    while changes:
        yield changes.pop()


def _changes(found: Iterable[ResourceChange], secrets: PlanSecrets) -> Iterator[Change]:
    for each in found:
        body = each.change
        is_moved = each.previous_address not in (None, each.address)
        if each.mode == "managed" and (_action(body)[0] is not Action.NONE or is_moved or body.importing is not None):
            yield _change(each, secrets)


def _unchanged(
    found: Iterable[ResourceChange], secrets: PlanSecrets, types: AbstractSet[str] | None
) -> Iterator[Change]:
    for each in found:
        if each.mode == "managed" and (types is None or each.type in types) and _action(each.change)[0] is Action.NONE:
            yield _change(each, secrets)


def _change(found: ResourceChange, secrets: PlanSecrets) -> Change:
    body = found.change
    action, order = _action(body)
    index = secrets.index
    marks = sensitive_marks(body, secrets.passed_to(found.address))
    before, after = mask_sides(body, marks, index)
    return Change(
        address=found.address,
        type=found.type,
        action=action,
        before=before,
        after=after,
        order=order,
        replace_paths=tuple(tuple(visible_steps(path, marks, index)) for path in body.replace_paths),
        reason=_REASONS.get(found.action_reason or "") if tuple(body.actions) in _ACTIONS else _UNKNOWN_ACTION,
        imported=_import_id(body.importing, index),
        moved_from=found.previous_address if found.previous_address != found.address else None,
        deposed=found.deposed,
    )


def _import_id(importing: dict[str, Value] | None, index: SecretIndex) -> str | None:
    """Return the id of an import, or the identity of a resource without an id (Terraform 1.12)."""
    if importing is None:
        return None
    identity = mask(importing.get("id") or importing.get("identity"), None, None, index)
    return identity if isinstance(identity, str) else one_line(UNKNOWN if identity is None else identity)


def _outputs(document: PlanDocument, secrets: PlanSecrets) -> Iterator[Change]:
    for name, body in sorted(document.output_changes.items()):
        action, order = _action(body)
        if action is not Action.NONE:
            address = f"{OUTPUT}{name}"
            marks = sensitive_marks(body, secrets.passed_to(address))
            before, after = mask_sides(body, marks, secrets.index, name=name)
            yield Change(address, "output", action, before, after, order)


def _invocations(document: PlanDocument, index: SecretIndex) -> Iterator[Invocation]:
    for each in document.action_invocations:
        trigger = each.lifecycle_action_trigger
        yield Invocation(
            address=each.address,
            type=each.type,
            configuration=mask(each.config_values, each.config_sensitive, each.config_unknown, index),
            trigger=(trigger.triggering_resource_address, trigger.action_trigger_event) if trigger else None,
        )


def _failed_checks(document: PlanDocument, index: SecretIndex) -> Iterator[FailedCheck]:
    for check in document.checks:
        if check.status in _FAILED:
            messages = [problem.message for instance in check.instances for problem in instance.problems]
            yield FailedCheck(check.address.to_display, tuple(mask(each, None, None, index) for each in messages))


def _action(body: ChangeBody) -> tuple[Action, Order | None]:
    """Return the action and order; for unknown actions, the most dangerous ones they may stand for."""
    if known := _ACTIONS.get(tuple(body.actions)):
        return known
    return (Action.REPLACE, Order.DESTROY_FIRST) if "create" in body.actions else (Action.DESTROY, None)


def _ids(found: Iterable[ResourceChange]) -> Iterator[tuple[str, str]]:
    for each in found:
        if each.mode == "managed" and isinstance(each.change.before, dict):
            for name in ("id", "arn"):
                if isinstance(value := each.change.before.get(name), str):
                    yield value, each.address
