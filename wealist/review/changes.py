"""What a plan does: changes of resources and outputs, drift, failed checks. Holds no secrets; `reading` builds it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from wealist.model.values import UNKNOWN, Steps, Value
from wealist.review.difference import Line, difference, one_line
from wealist.review.inline import OWNER_ARGUMENTS
from wealist.review.values import path_label


class Action(StrEnum):
    """What the apply does with a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    FORGET = "forget"
    NONE = "none"
    """No change, apart from an import or a move."""


CREATED_OR_CHANGED: Final = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})
"""Actions after which the resource exists with arguments that can be judged."""

LISTENER_RULES: Final = frozenset({"aws_alb_listener_rule", "aws_lb_listener_rule"})
CROSS_RESOURCE_TYPES: Final = LISTENER_RULES | OWNER_ARGUMENTS.keys() | {"aws_autoscaling_group", "aws_launch_template"}
"""Types whose unchanged resources are needed to judge changes of other resources."""
FORCES: Final = "  # forces replacement"
_UNKNOWN: Final = one_line(UNKNOWN)
_ALL_TAGS: Final = "tags_all"


class Order(StrEnum):
    """Order of the steps of a replacement."""

    DESTROY_FIRST = "destroyed before its replacement is created"
    CREATE_FIRST = "destroyed after its replacement is created"
    FORGET = "left in AWS, and no longer managed by Terraform"


@dataclass(frozen=True, slots=True)
class Change:
    """The planned change of one resource, without secrets.

    Attributes:
        replace_paths: Paths of the values that force a replacement: `("launch_template", 0, "id")`.
        reason: Terraform's reason for the action; None if it states none.
        imported: Id of the import, as it is shown; None if the resource is not imported.
        deposed: Key of the deposed object that an unfinished replacement left behind; None for the resource itself.
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
        """The identity of the object: address and deposed key."""
        return self.address, self.deposed

    @property
    def forced_by(self) -> dict[Steps, str]:
        """Each of `replace_paths` → its label."""
        return {path: path_label(path, self.before, self.after) for path in self.replace_paths}

    @property
    def counts_as(self) -> Iterator[str]:
        """The entries of `Plan.counts` that include this change."""
        if self.action is not Action.NONE:
            yield self.action.value
        if self.imported:
            yield "import"
        if self.moved_from:
            yield "move"


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check block of the configuration that fails, with its messages without secrets."""

    address: str
    problems: tuple[Value, ...]


COUNTED: Final = ("create", "update", "replace", "destroy", "import", "move", "forget", "invoke", "refresh")


@dataclass(frozen=True, slots=True)
class Invocation:
    """A provider action that the apply runs.

    Attributes:
        configuration: Its arguments, without secrets.
        trigger: Resource and lifecycle event that trigger it; None if the plan itself requests it.
    """

    address: str
    type: str
    configuration: Value
    trigger: tuple[str, str] | None


@dataclass(frozen=True)
class Plan:
    """A plan without secrets.

    Attributes:
        changes: Resources that are changed, imported or moved, sorted by address.
        failed_checks: Checks that fail.
        drift: Changes made outside of Terraform that the plan depends on; `unrelated_drift` counts the others.
        refreshed: All differences between the state and AWS, including values that AWS computed after the last apply.
        unchanged: Resources without a change: of `CROSS_RESOURCE_TYPES`, or of all types on request.
        invocations: Provider actions that the apply runs.
        is_applyable: Terraform's own flag: whether an apply would do anything.
        unread: Parts of the plan that this program does not know.
        ids: Id or ARN in AWS → address.
        arguments: Address without its index → argument that the configuration sets → addresses that it refers to.
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
    invocations: tuple[Invocation, ...] = ()
    is_applyable: bool = False
    unread: tuple[str, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Number of changes for each of `COUNTED`."""
        found = Counter(each for change in self.changes for each in change.counts_as)
        found["invoke"] = len(self.invocations)
        found["refresh"] = len(self.drift) if self.is_refresh_only else 0
        return {each: found[each] for each in COUNTED}

    @property
    def is_empty(self) -> bool:
        """Whether an apply would do nothing and no check fails."""
        return not (self.changes or self.outputs or self.failed_checks or self.invocations or self.is_applyable)

    @property
    def is_refresh_only(self) -> bool:
        """Whether an apply only writes drift into the state."""
        return self.is_applyable and not (self.changes or self.outputs or self.invocations)


def attribute_lines(change: Change) -> list[Line]:
    """Return the difference of a resource's attributes, without repeated tags and with unknown values on one line."""
    lines = list(_without_repeated_tags(difference(change.before, change.after), change.action))
    if change.action in {Action.CREATE, Action.REPLACE}:
        lines = _merge_unknown(lines, change.replace_paths)
    return [_mark_forcing(line, change.replace_paths) for line in lines] if change.replace_paths else lines


def _without_repeated_tags(lines: Iterable[Line], action: Action) -> Iterator[Line]:
    """Drop lines of `tags_all`, the union of `tags` and the provider's default tags, unless an update changes it."""
    kept = list(lines)
    own = {(line.sign, line.steps[1:], line.text) for line in kept if line.steps[:1] == ("tags",)}
    for line in kept:
        is_repeated = action is not Action.UPDATE or (line.sign, line.steps[1:], line.text) in own
        if line.steps[:1] != (_ALL_TAGS,) or not is_repeated:
            yield line


def _merge_unknown(lines: list[Line], forcing: tuple[Steps, ...]) -> list[Line]:
    """List the attributes that AWS computes for a new resource on one line, in place of their own lines."""
    new = (line for line in lines if line.sign == "+" and line.text == _UNKNOWN)
    unknown = {line.steps: line.path for line in new if line.path and line.steps not in forcing}
    left = [line for line in lines if line.steps not in unknown]
    return [*left, Line(" ", "known after apply", ", ".join(unknown.values()))] if unknown else left


def _mark_forcing(line: Line, forcing: tuple[Steps, ...]) -> Line:
    """Append `FORCES` to a line that shows a forcing value, a part of it, or a block that contains it."""
    if (
        line.path
        and line.steps
        and any(_is_within(line.steps, path) or _is_within(path, line.steps) for path in forcing)
    ):
        return replace(line, text=line.text + FORCES)
    return line


def _is_within(inner: Steps, outer: Steps) -> bool:
    return inner[: len(outer)] == outer
