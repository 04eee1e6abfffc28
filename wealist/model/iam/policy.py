"""Parse statements of policy documents. Elements that make a statement hard to evaluate are rejected.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from wealist.model.iam.evaluate import OPERATORS, Grant
from wealist.model.values import as_list

Kind = Literal["identity", "trust", "resource"]
_ALL_BUT: Final = ("NotAction", "NotResource", "NotPrincipal")
_NEEDED: Final[Mapping[Kind, frozenset[str]]] = {
    "identity": frozenset({"resources"}),
    "trust": frozenset({"principal"}),
    "resource": frozenset({"principal", "resources"}),
}
"""Kind of a document → the elements that each statement needs besides its effect and actions."""

Several = Annotated[tuple[str, ...], BeforeValidator(lambda value: tuple(as_list(value))), Field(min_length=1)]
"""One string, or a list of at least one."""


class NotReadError(ValueError):
    """A rejected statement.

    Attributes:
        control: The control that it violates.
        problem: The reason.
        remedy: An instruction.
    """

    def __init__(self, control: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.control, self.problem, self.remedy = control, problem, remedy


class Statement(BaseModel):
    """One statement.

    Attributes:
        sid: Its name.
        effect: `Allow` or `Deny`.
        principal: Type → principals; empty in an identity-based policy.
        actions: The action patterns.
        resources: The ARN patterns; `*` in a trust policy, which has no resources.
        conditions: Operator → key → values; empty without conditions.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    sid: str = Field("", alias="Sid")
    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    principal: Annotated[dict[str, Several], BeforeValidator(lambda value: {"*": "*"} if value == "*" else value)] = (
        Field({}, alias="Principal")
    )
    actions: Several = Field(alias="Action")
    resources: Several = Field(("*",), alias="Resource")
    conditions: dict[str, dict[str, Several]] = Field({}, alias="Condition")

    @property
    def principals(self) -> list[tuple[str, str]]:
        """Return the type and value of each principal."""
        return [(kind, each) for kind, values in self.principal.items() for each in values]

    @cached_property
    def condition(self) -> str:
        """Return the condition block as JSON; empty without one."""
        return json.dumps(self.conditions, sort_keys=True) if self.conditions else ""

    @cached_property
    def grants(self) -> frozenset[Grant]:
        """Return a grant for each of its actions on each of its resources."""
        return frozenset(
            Grant(action, resource, self.condition, self.effect)
            for action in self.actions
            for resource in self.resources
        )


def read_statement(value: Any, kind: Kind) -> Statement:  # noqa: ANN401  JSON is of any type
    """Parse one statement.

    Args:
        value: The JSON of the statement.
        kind: The kind of the document.

    Raises:
        NotReadError: the statement violates AWS's grammar, uses `NotAction` or the like, or has a condition that may be
            met where its key is missing.
    """
    sid = value.get("Sid", "without a Sid") if isinstance(value, Mapping) else repr(value)
    for element in _ALL_BUT:
        if isinstance(value, Mapping) and element in value:
            problem = f"the statement {sid} uses {element}: everything except {value[element]}"
            raise NotReadError("iam.all-but", problem, f"use {element.removeprefix('Not')}")
    try:
        statement = Statement.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "a value"
        problem = f"the statement {sid} has {where} = {first['input']!r}: {first['msg']}"
        raise NotReadError("iam.form", problem, "follow AWS's policy grammar") from None
    if missing := _NEEDED[kind] - statement.model_fields_set:
        problem = f"the statement {sid} lacks {', '.join(sorted(missing))}"
        raise NotReadError("iam.form", problem, f"a statement of this kind needs {', '.join(sorted(_NEEDED[kind]))}")
    for operator in statement.conditions:
        if operator not in OPERATORS:
            # `…IfExists`, `ForAllValues:…`, `Null` and negations are met where the key is missing.
            problem = f"the statement {sid} uses the condition operator {operator}, which this proof does not support"
            raise NotReadError("iam.conditions", problem, f"use {', '.join(OPERATORS)}")
    return statement
