"""Statements of policy documents, typed. Whatever AWS would read in another way than it seems to say is refused.

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
"""Kind of a document → what each statement must have beside its effect and actions."""

Several = Annotated[tuple[str, ...], BeforeValidator(lambda value: tuple(as_list(value))), Field(min_length=1)]
"""One string, or a list of at least one."""


class NotReadError(ValueError):
    """A statement that cannot be read.

    Attributes:
        control: the control that it breaks.
        problem: what is wrong.
        remedy: what to do.
    """

    def __init__(self, control: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.control, self.problem, self.remedy = control, problem, remedy


class Statement(BaseModel):
    """One statement.

    Attributes:
        sid: its name.
        effect: `Allow` or `Deny`.
        principal: type → who; empty in the policy of a role.
        actions: as written.
        resources: the same; `*` in a trust policy, which has none.
        conditions: operator → key → values; empty without one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    sid: str = Field("", alias="Sid")
    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    principal: Annotated[dict[str, Several], BeforeValidator(lambda who: {"*": "*"} if who == "*" else who)] = Field(
        {}, alias="Principal"
    )
    actions: Several = Field(alias="Action")
    resources: Several = Field(("*",), alias="Resource")
    conditions: dict[str, dict[str, Several]] = Field({}, alias="Condition")

    @property
    def principals(self) -> list[tuple[str, str]]:
        """(type, who) for each principal."""
        return [(kind, who) for kind, as_list in self.principal.items() for who in as_list]

    @cached_property
    def condition(self) -> str:
        """The condition block as JSON; empty without one."""
        return json.dumps(self.conditions, sort_keys=True) if self.conditions else ""

    @cached_property
    def grants(self) -> frozenset[Grant]:
        """Each of its actions on each of its resources."""
        return frozenset(
            Grant(action, resource, self.condition, self.effect)
            for action in self.actions
            for resource in self.resources
        )


def read_statement(value: Any, kind: Kind) -> Statement:  # noqa: ANN401  JSON is of any type
    """Read one statement.

    Args:
        value: as it stands in the JSON.
        kind: of the document.

    Raises:
        NotReadError: it is not as AWS's grammar says, is about all but something, or asks a condition that may hold
            where its key is missing.
    """
    sid = value.get("Sid", "without a Sid") if isinstance(value, Mapping) else repr(value)
    for element in _ALL_BUT:
        if isinstance(value, Mapping) and element in value:
            problem = f"the statement {sid} is about all but {value[element]} ({element})"
            raise NotReadError("iam.all-but", problem, f"name what it is about: {element.removeprefix('Not')}")
    try:
        statement = Statement.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "a value"
        problem = f"the statement {sid} has {where} = {first['input']!r}: {first['msg']}"
        raise NotReadError("iam.form", problem, "write it as the grammar of policies says") from None
    if missing := _NEEDED[kind] - statement.model_fields_set:
        problem = f"the statement {sid} lacks {', '.join(sorted(missing))}"
        raise NotReadError("iam.form", problem, f"a statement of this kind needs {', '.join(sorted(_NEEDED[kind]))}")
    for operator in statement.conditions:
        if operator not in OPERATORS:
            # `…IfExists`, `ForAllValues:…`, `Null` and negations hold where the key is missing.
            problem = f"the statement {sid} asks {operator}, which this proof does not read"
            raise NotReadError("iam.conditions", problem, f"use {', '.join(OPERATORS)}")
    return statement
