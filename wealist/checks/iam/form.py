"""How a statement must be written, so that it says what it seems to say."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.model.iam.evaluate import OPERATORS, listed

_ELEMENTS: Final = {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}
_ALL_BUT: Final = ("NotAction", "NotResource", "NotPrincipal")

Problem = tuple[str, str, str]
"""Control, problem, remedy."""


def problem_of(statement: object, kind: str) -> Problem | None:
    """The first thing that keeps a statement from being read; None where there is nothing.

    Args:
        statement: as it stands in the JSON.
        kind: of the document: `identity`, `trust` or `resource`.
    """
    return next(_problems(statement, kind), None)


def _problems(statement: object, kind: str) -> Iterator[Problem]:
    if not isinstance(statement, Mapping):
        yield "iam.form", f"holds the statement {statement!r}", "write an object"
        return
    sid = statement.get("Sid", "without a Sid")
    for element in _ALL_BUT:
        if element in statement:
            what = f"the statement {sid} is about all but {statement[element]}"
            yield "iam.all-but", f"{what} ({element})", f"name what it is about: {element.removeprefix('Not')}"
    needed = {"Effect", "Action"} | {"identity": {"Resource"}, "trust": {"Principal"}}.get(
        kind, {"Resource", "Principal"}
    )
    missing, unknown = needed - set(statement), set(statement) - _ELEMENTS - set(_ALL_BUT)
    if missing or unknown or statement["Effect"] not in {"Allow", "Deny"}:
        problem = f"the statement {sid} has {', '.join(sorted(statement))}"
        yield (
            "iam.form",
            problem,
            f"write {', '.join(sorted(needed))}, with the Effect Allow or Deny, and a Condition if any",
        )
        return
    for element in ("Action", "Resource"):
        values = listed(statement.get(element, "*"))
        if not values or not all(isinstance(value, str) for value in values):
            yield "iam.form", f"the statement {sid} has the {element} {values}", "name one at least, each as a string"
    yield from _principal(sid, statement.get("Principal", "*"))
    yield from _conditions(sid, statement.get("Condition", {}))


def _principal(sid: str, principal: object) -> Iterator[Problem]:
    by_kind = {"*": principal} if isinstance(principal, str) else principal
    if not isinstance(by_kind, Mapping) or not _strings(by_kind) or (isinstance(principal, str) and principal != "*"):
        yield "iam.form", f"the statement {sid} has the Principal {principal!r}", "write kind → who, or * for everybody"


def _strings(values: Mapping[str, Any]) -> bool:
    """Whether every value is a string, or a list of at least one."""
    each = [listed(value) for value in values.values()]
    return all(items and all(isinstance(item, str) for item in items) for items in each)


def _conditions(sid: str, block: Any) -> Iterator[Problem]:  # noqa: ANN401  JSON is of any type
    if not isinstance(block, Mapping) or not all(
        isinstance(keys, Mapping) and _strings(keys) for keys in block.values()
    ):
        yield (
            "iam.form",
            f"the statement {sid} has the Condition {block!r}",
            "write operator → key → values, each a string",
        )
        return
    for operator in block:
        if operator not in OPERATORS:
            # `…IfExists`, `ForAllValues:…`, `Null` and negations hold where the key is missing.
            known = ", ".join(OPERATORS)
            yield (
                "iam.conditions",
                f"the statement {sid} asks {operator}, which this proof does not read",
                f"use {known}",
            )
