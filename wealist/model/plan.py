"""Read the JSON of a plan, and reject what cannot be reviewed.

bytes → text → JSON ─┬─ a complete plan without errors, in a known format → `PlanDocument`
                     └─ anything else → an error with its own exit code, which quotes nothing of the file

https://developer.hashicorp.com/terraform/internals/json-format
"""

import json
import re
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError
from pydantic.dataclasses import dataclass

from wealist.errors import BAD_INPUT, OperatorError, UnreadablePlan
from wealist.model.values import elements, is_deeper

REMEDY: Final = "make the file with: terraform plan -out=FILE && terraform show -json FILE > plan.json"
OLD_FORMAT: Final = "plan and show it with Terraform 1.1 or newer: terraform show -json FILE > plan.json"
"""For the formats 0.1 and 0.2 of Terraform before 1.1."""
NEW_FORMAT: Final = "show the plan with a Terraform 1.x, or teach wealist/model/plan.py the new format"
SURROUNDED: Final = (
    "keep only the output of `terraform show -json`; "
    "if hashicorp/setup-terraform wraps Terraform, set terraform_wrapper: false"
)
SHOWN_PROBLEMS: Final = 3
DEEPEST: Final = 100
"""Accepted levels of nesting; the deepest schemas of AWS have about thirty."""

_PLAIN_VERSION: Final = re.compile(r"\d{1,9}(\.\d{1,9}){0,3}")
_KNOWN_VERSION: Final = re.compile(r"1\.\d+")
"""Minor versions only add properties, and readers must ignore unknown ones."""
_BEGINNING: Final = re.compile(r'^[ \t]*(\{)\s*"format_version"', re.MULTILINE)
_BEGUN: Final = re.compile(r"t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-|\.|[eE][-+]?|\\?(?:u[0-9a-fA-F]{0,4})?")
"""The start of a token at the end of truncated JSON."""
_REPEATED: Final = {"format_version", "planned_values", "prior_state", "proposed_unknown", "timestamp"}
"""Parts that repeat information of `PlanDocument`."""
_DEFERRED: Final = ("deferred_changes", "deferred_action_invocations")
_PARTS_OF_A_PLAN: Final = {"resource_changes", "planned_values", "output_changes", "configuration"}


class _Part(BaseModel):
    """A part of a plan. Unknown properties are ignored, and errors never quote values."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


@dataclass(slots=True, config=_Part.model_config)
class ChangeBody:
    """The change of a resource or an output. Values have Terraform's format."""

    actions: list[str]
    before: Any = None
    after: Any = None
    after_unknown: Any = None
    before_sensitive: Any = None
    after_sensitive: Any = None
    replace_paths: list[list[str | int]] = field(default_factory=list)
    importing: dict[str, Any] | None = None


@dataclass(slots=True, config=_Part.model_config)
class ResourceChange:
    """One entry of `resource_changes` or `resource_drift`."""

    address: str
    type: str
    change: ChangeBody
    mode: str = "managed"
    previous_address: str | None = None
    deposed: str | None = None
    action_reason: str | None = None


class StateResource(NamedTuple):
    """A resource of the state, or a data source that was read."""

    address: str
    type: str
    values: Any
    sensitive_values: Any
    deposed: str | None


class Variable(_Part):
    """The value of an input variable."""

    value: Any = None


class RelevantAttribute(_Part):
    """A resource whose drift affected the plan."""

    resource: str


class Problem(_Part):
    """The message of a failed check."""

    message: str = ""


class CheckInstance(_Part):
    """The result of a check."""

    problems: list[Problem] = []


class CheckAddress(_Part):
    """The address of a check: `check.firewall_rules`, or a resource with a condition."""

    to_display: str


class Check(_Part):
    """One entry of `checks`.

    https://developer.hashicorp.com/terraform/internals/json-format#checks-representation
    """

    address: CheckAddress
    status: str
    instances: list[CheckInstance] = []


class LifecycleTrigger(_Part):
    """The event of a resource that triggers an action."""

    triggering_resource_address: str
    action_trigger_event: str = ""


class ActionInvocation(_Part):
    """One entry of `action_invocations`: a provider's action that the apply invokes (Terraform 1.14)."""

    address: str
    type: str = ""
    config_values: Any = None
    config_sensitive: Any = None
    config_unknown: Any = None
    lifecycle_action_trigger: LifecycleTrigger | None = None


class PlanDocument(_Part):
    """The parts of a plan that are reviewed.

    Attributes:
        applyable: Whether an apply would change anything; missing before Terraform 1.7.
        complete: Whether the plan is complete; missing before Terraform 1.8.
        data_sources: Data sources that were read during planning.
        held: Resources of the state; only with `with_state`.
        unread: Names of unknown parts that are not empty.
    """

    applyable: StrictBool = False
    terraform_version: str = "unknown"
    complete: StrictBool = True
    errored: StrictBool = False
    resource_changes: list[ResourceChange] = []
    resource_drift: list[ResourceChange] = []
    output_changes: dict[str, ChangeBody] = {}
    checks: list[Check] = []
    action_invocations: list[ActionInvocation] = []
    deferred_changes: list[Any] = []
    deferred_action_invocations: list[Any] = []
    relevant_attributes: list[RelevantAttribute] = []
    variables: dict[str, Variable] = {}
    configuration: dict[str, Any] = {}
    data_sources: tuple[StateResource, ...] = ()
    held: tuple[StateResource, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def caller(self) -> str | None:
        """Return the account of `data.aws_caller_identity`; None where the plan does not contain it."""
        read = (each for each in self.data_sources if each.type == "aws_caller_identity")
        accounts = (_object(each.values).get("account_id") for each in read)
        return next((each for each in accounts if isinstance(each, str)), None)


def read(path: Path, *, with_state: bool = False) -> PlanDocument:
    """Read a plan from a file; the arguments are those of `parse`.

    Raises:
        OperatorError: the file cannot be read, or its content cannot be reviewed; see `UnreadablePlan`.
    """
    try:
        return parse(path.read_bytes(), name=str(path), with_state=with_state)
    except OSError as error:
        raise _refusal(f"cannot read {path}: {error.strerror}", BAD_INPUT) from None


def parse(data: bytes, *, name: str, with_state: bool = False) -> PlanDocument:
    """Parse a plan.

    Args:
        data: The content of the file.
        name: The name of the file in errors.
        with_state: Also read the resources of the state. Partial plans are accepted then: their state is complete.
    """
    text = _text(data, name)
    del data  # a plan can have a hundred megabytes
    content = _json(text, name)
    del text
    if isinstance(content, dict | list) and is_deeper(content, DEEPEST):
        raise _too_deep(name)
    if not isinstance(content, dict) or "format_version" not in content or not _PARTS_OF_A_PLAN & content.keys():
        raise _refusal(f"{name} is not the JSON of a plan{_likeness(content)}", UnreadablePlan.NOT_A_PLAN)
    version = str(content["format_version"])
    if not _KNOWN_VERSION.fullmatch(version):
        shown = repr(version) if _PLAIN_VERSION.fullmatch(version) else "that is not a version"
        raise _refusal(
            f"{name} has the format_version {shown}, and only 1.x can be reviewed",
            UnreadablePlan.UNKNOWN_FORMAT,
            remedy=OLD_FORMAT if version.startswith("0.") else NEW_FORMAT,
        )
    # A failed plan may lack any part, so this check comes before the validation.
    if content.get("errored") is True:
        raise _refusal(
            f"{name} is the plan of a run that ended with errors, and is incomplete",
            UnreadablePlan.ERRORED,
            remedy="read the output of `terraform plan`, remove the cause, and plan again",
        )
    if not with_state and (content.get("complete") is False or any(content.get(part) for part in _DEFERRED)):
        raise _refusal(
            f"{name} is a partial plan, because of -target, -exclude or a deferred change",
            UnreadablePlan.PARTIAL,
            remedy="plan without -target and -exclude; apply what deferred changes depend on, and plan again",
        )
    return _validated(content, name, with_state=with_state)


def _text(data: bytes, name: str) -> str:
    if data.isspace() or not data:
        raise _refusal(f"{name} is empty", UnreadablePlan.CUT_OFF)
    if data.startswith(b"PK"):
        raise _refusal(
            f"{name} is a plan file, not its JSON", UnreadablePlan.NOT_A_PLAN, remedy="run: terraform show -json FILE"
        )
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if error.end == len(data) and data.lstrip().startswith(b"{"):
            raise _cut_off(name, len(data)) from None
        raise _refusal(f"{name} is not text", UnreadablePlan.NOT_A_PLAN) from None


def _json(text: str, name: str) -> Any:  # noqa: ANN401 -- JSON
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _not_json(text, error, name) from None
    except RecursionError:
        raise _too_deep(name) from None
    except ValueError:
        raise _refusal(
            f"{name} holds a number that is too long to be one of a plan", UnreadablePlan.NOT_A_PLAN
        ) from None


def _not_json(text: str, error: json.JSONDecodeError, name: str) -> OperatorError:
    """Return the error for text that is not JSON: truncated, surrounded by other text, or neither."""
    where = f"line {error.lineno}, column {error.colno}"
    is_object = text.lstrip().startswith("{")
    if error.msg == "Extra data" and is_object:
        problem = f"{name} holds other text after the JSON, at {where}"
        return _refusal(problem, UnreadablePlan.NOT_A_PLAN, remedy=SURROUNDED)
    if is_object and _is_cut_off(text, error):
        return _cut_off(name, len(text.encode()))
    if not is_object and (before := _BEGINNING.search(text)):
        line = text.count("\n", 0, before.start(1)) + 1
        problem = f"{name} holds other text before the JSON, which begins at line {line}"
        return _refusal(problem, UnreadablePlan.NOT_A_PLAN, remedy=SURROUNDED)
    return _refusal(f"{name} is not JSON at {where}", UnreadablePlan.NOT_A_PLAN)


def _is_cut_off(text: str, error: json.JSONDecodeError) -> bool:
    """Return whether JSON is valid up to its end: the error is there, or in the last token."""
    rest = text[error.pos :]
    return error.msg.startswith("Unterminated string") or _BEGUN.fullmatch(rest) is not None


def _cut_off(name: str, size: int) -> OperatorError:
    return _refusal(f"{name} is cut off after {size} bytes", UnreadablePlan.CUT_OFF)


def _too_deep(name: str) -> OperatorError:
    return _refusal(f"{name} is nested too deeply to be a plan", UnreadablePlan.NOT_A_PLAN)


def _likeness(content: Any) -> str:  # noqa: ANN401 -- JSON
    """Return what the file seems to be instead of a plan."""
    if not isinstance(content, dict):
        return ""
    if "values" in content or {"serial", "lineage"} <= content.keys():
        return ", but of a state"
    if "@level" in content:
        return ", but a message of `terraform plan -json`"
    return ""


def _validated(content: dict[str, Any], name: str, *, with_state: bool) -> PlanDocument:
    try:
        # Terraform writes null for some parts that are empty.
        parts = {key: value for key, value in content.items() if value is not None}
        unread = tuple(sorted(key for key in parts.keys() - PlanDocument.model_fields.keys() - _REPEATED if parts[key]))
        state = _object(_object(parts.get("prior_state")).get("values")).get("root_module")
        read, held = tuple(_in_state(state, "data")), tuple(_in_state(state, "managed")) if with_state else ()
        return PlanDocument.model_validate(parts | {"unread": unread, "data_sources": read, "held": held})
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [f"{_location(each['loc'])}: {each['msg'].lower()}" for each in details[:SHOWN_PROBLEMS]]
        more = f"; and {len(details) - len(problems)} more" if len(details) > len(problems) else ""
        raise _refusal(f"{name} is not a plan: {'; '.join(problems)}{more}", UnreadablePlan.NOT_A_PLAN) from None


def _in_state(module: Any, mode: str) -> Iterator[StateResource]:  # noqa: ANN401 -- JSON
    """Yield the resources or data sources of a module of the state, and of its child modules."""
    for each in map(_object, elements(_object(module).get("resources"))):
        if each.get("mode") == mode:
            place = str(each.get("address")), str(each.get("type"))
            yield StateResource(*place, each.get("values"), each.get("sensitive_values"), each.get("deposed_key"))
    for child in elements(_object(module).get("child_modules")):
        yield from _in_state(child, mode)


def _object(value: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return value if isinstance(value, dict) else {}


def _location(location: tuple[int | str, ...]) -> str:
    """Return a location: `resource_changes[3].change.actions`. Names from the plan are replaced by `*`."""
    known = {*PlanDocument.model_fields, *ResourceChange.__slots__, *ChangeBody.__slots__}
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" if step in known else ".*" for step in location)
    return "".join(steps).lstrip(".")


def _refusal(problem: str, code: int, *, remedy: str = REMEDY) -> OperatorError:
    return OperatorError(problem, remedy=remedy, exit_code=code)
