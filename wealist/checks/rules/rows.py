"""Read the rules: the rows of the TOML files beside this module, one file for each area.

A row is a table `[[rule]]`. Its columns:

    control     Id: AWS's where Security Hub has one, else ours. Several rows may share one.
    types       Resource types; ephemeral resources begin with `ephemeral.`.
    path        The argument, a nested one after a dot. Each of several blocks is compared; `parameter[x].value` is in
                the block whose name is x. A list of paths makes one rule for each path.
    <operator>  The operator's name, and the value that the argument is compared with: `equals = true`. The operators
                are those of rule.py, and
                refers_to      a reference to a resource of this stack, of one of these types (or `type.attribute`)
                referenced_by  `type.argument`: such a resource refers to this one; takes no path
                forbidden      no resource of the type may exist; takes no path
    optional    true: the argument may be left out.
    some        true: one block with the right value is enough.
    check       Replaces path and operator: the name of a function of functions.py.
    when        { path, operator, value, optional }: the rule applies only where this condition is met.
    where       The stacks that the rule applies to. protected: those that are not destroyable; environment; bootstrap.
    written     true: checks only the configuration, not plans, which lack the value or show AWS's default.
    severity    danger, caution (the default) or note.
    remedy      What to do. Defaults to a text made of the operator and its value.
    why         The consequence of a violation.

`source`, above the rows, is the documentation of the area's controls. `{region}`, `{account}` and `{project}` in a
value are replaced by the account's. Reading validates the shape of the rows; `wealist check` also compares their types
and paths with the provider's schema.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

from wealist.checks.rules import functions  # noqa: F401  registers them
from wealist.checks.rules.rule import (
    OPERATORS,
    STACK_CHECKS,
    STACK_OPERATORS,
    VALUES_CHECKS,
    Condition,
    Rule,
    Severity,
    Where,
)
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model import provider
from wealist.spec.account import ACCOUNT_ID, PROJECT, REGION

FOLDER: Final = Path(__file__).parent
_PLACEHOLDERS: Final = {"{region}": REGION, "{account}": ACCOUNT_ID, "{project}": PROJECT}
_OPERATORS: Final = frozenset({*OPERATORS, *STACK_OPERATORS, "forbidden"})
_COLUMNS: Final = frozenset(
    {"control", "types", "path", "severity", "remedy", "optional", "some", "when", "where", "check", "written", "why"}
)
_CONDITION: Final = frozenset({"path", "operator", "value", "optional"})
_LISTS: Final = frozenset({"types", "one_of", "none_of", "contains", "excludes", "within", "refers_to"})
_VALUELESS: Final = frozenset({"absent", "present", "forbidden"})
_PATHLESS: Final = frozenset({"forbidden", "referenced_by"})
_CHOICES: Final = {"check": [*STACK_CHECKS, *VALUES_CHECKS], "severity": get_args(Severity), "where": get_args(Where)}
_ADVICE: Final[Mapping[str, str]] = {
    "absent": "remove {path}",
    "at_least": "set {path} to at least {value}",
    "at_most": "set {path} to at most {value}",
    "contains": "add {value} to {path}",
    "equals": "set {path} to {value}",
    "excludes": "remove {value} from {path}",
    "matches": "set {path} to a value that matches {value}",
    "none_of": "set {path} to a value other than {value}",
    "one_of": "set {path} to {value}",
    "present": "set {path}",
    "refers_to": "set {path} to a reference to an {value} of this stack",
    "referenced_by": "add a resource whose {value} refers to it",
    "within": "leave only {value} in {path}",
}
"""Operator → the remedy of rows without one."""
_ENTRY: Final = re.compile(r"\[[^\]]*\]")
_META_ARGUMENT: Final = "lifecycle"


class RowsError(OperatorError):
    """Invalid rows. The message lists every problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems), remedy="correct the rows in wealist/checks/rules", exit_code=BAD_INPUT)


def read(folder: Path = FOLDER) -> tuple[Rule, ...]:
    """Read every rule of the files in a folder.

    Raises:
        RowsError: a file is not TOML, or a row has an unknown column, operator, function or value; with exit code 2.
    """
    rules: list[Rule] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{path.name} is not TOML: {error}")
            continue
        for row in document.get("rule", []):
            wrong = list(_problems(row))
            problems.extend(f"{path.name}: {row.get('control', 'a row without control')}: {each}" for each in wrong)
            if not wrong:
                rules.extend(_rules(row, path.name, document.get("source", "")))
    if problems:
        raise RowsError(problems)
    return tuple(rules)


def _problems(row: Mapping[str, Any]) -> Iterator[str]:
    operators = sorted(row.keys() & _OPERATORS)
    yield from (f"has no {name}" for name in ("control", "types") if not row.get(name))
    yield from (_unknown("column", each, _COLUMNS | _OPERATORS) for each in row.keys() - _COLUMNS - _OPERATORS)
    yield from (f"{each} takes a list" for each in row if each in _LISTS and not isinstance(row[each], list))
    if len(operators) + ("check" in row) != 1:
        yield f"has {', '.join(operators) or 'no operator'}, and needs one operator, or check"
    if "check" in row and "remedy" not in row:
        yield "has a check without a remedy"
    if operators and operators[0] not in _PATHLESS and not row.get("path"):
        yield "has no path"
    for column, known in _CHOICES.items():
        if column in row and row[column] not in known:
            yield _unknown(column, row[column], known)
    when = row.get("when", {"path": "any", "operator": "present"})
    if when.keys() - _CONDITION or not when.get("path") or when.get("operator") not in OPERATORS:
        yield f"when is {when!r}, and needs path, operator and value"


def _unknown(what: str, name: object, known: Any) -> str:  # noqa: ANN401  any collection of names
    near = get_close_matches(str(name), known, n=1)
    return f"{name!r} is not a {what}; " + (f"write {near[0]}" if near else f"write one of {', '.join(sorted(known))}")


def _rules(row: Mapping[str, Any], file: str, source: str) -> Iterator[Rule]:
    """Yield the rules of a row: one for each of its paths."""
    operator = next((each for each in row if each in _OPERATORS), "")
    value = _with_constants(row.get(operator)) if operator not in _VALUELESS else None
    when = Condition(**_with_constants(row["when"])) if "when" in row else None
    paths = row.get("path", "")
    for path in paths if isinstance(paths, list) else [paths]:
        yield Rule(
            control=row["control"],
            types=tuple(row["types"]),
            demand=Condition(path, operator, value, row.get("optional", False), row.get("some", False)),
            severity=row.get("severity", "caution"),
            remedy=_remedy(row.get("remedy") or _ADVICE[operator], path, value),
            when=when,
            where=row.get("where", "anywhere"),
            check=row.get("check", ""),
            written=row.get("written", False),
            why=row.get("why", ""),
            file=file,
            source=source,
        )


def _remedy(text: str, path: str, value: object) -> str:
    return str(_with_constants(text)).replace("{path}", path).replace("{value}", _words(value))


def _words(value: object) -> str:
    if isinstance(value, list):
        return " or ".join(map(_words, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _with_constants(value: Any) -> Any:  # noqa: ANN401  a value of TOML
    """Replace `{region}`, `{account}` and `{project}` with the constants of the account."""
    if isinstance(value, dict):
        return {name: _with_constants(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_constants(each) for each in value]
    if isinstance(value, str):
        for placeholder, constant in _PLACEHOLDERS.items():
            value = value.replace(placeholder, constant)
    return value


RULES: Final = read()
"""Every rule."""


def refuse_unknown_arguments(rules: tuple[Rule, ...]) -> None:
    """Compare the types and paths of rules with the provider's schema.

    Raises:
        RowsError: the provider lacks some of them; with exit code 2.
    """
    problems = [
        f"{rule.file}: {rule.control}: {type_} has no argument {path}"
        for rule in rules
        for type_ in rule.types
        for path in filter(None, (rule.path, rule.when.path if rule.when else ""))
        if not _is_an_argument(type_, path)
    ]
    if problems:
        raise RowsError(problems)


def _is_an_argument(type_: str, path: str) -> bool:
    known = provider.arguments(type_)
    # The bindings do not describe ephemeral types.
    return (
        (known is None and not type_.startswith("aws_"))
        or _ENTRY.sub("", path) in (known or {})
        or (path.partition(".")[0] == _META_ARGUMENT)
    )
