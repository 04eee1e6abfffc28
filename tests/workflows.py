"""Parse the GitHub workflows, and evaluate the conditions of their jobs as GitHub does.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parents[1] / ".github" / "workflows"
_TOKEN: Final = re.compile(r"\s*('(?:[^']|'')*'|[\w.*-]+|&&|\|\||==|!=|[!()])")
_OPERATORS: Final = {"&&": "and", "||": "or", "!": "not"} | {each: each for each in ("==", "!=", "(", ")")}
_NEGATED: Final = re.compile(r"!\s*[\w.()]+\s*[=!]=")
Context = Mapping[str, Any]


@cache
def workflows() -> dict[str, dict[str, Any]]:
    """Return every workflow by its file name without the suffix."""
    return {path.stem: _parsed(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))}


def _parsed(text: str) -> dict[str, Any]:
    parsed: dict[Any, Any] = yaml.load(text, yaml.CSafeLoader)
    parsed["on"] = parsed.pop(True)  # YAML 1.1 reads the key `on` as a boolean
    return parsed


@cache
def jobs() -> dict[str, dict[str, Any]]:
    """Return every job, by `workflow/job`."""
    return {f"{name}/{job}": body for name, workflow in workflows().items() for job, body in workflow["jobs"].items()}


def seconds(job: str) -> int:
    """Return the time-out of a job."""
    return int(jobs()[job]["timeout-minutes"]) * 60


def steps(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of a job; empty if it calls another workflow."""
    return list(body.get("steps", []))


def runs(workflow: str, context: Context, *, results: Mapping[str, str]) -> set[str]:
    """Return the jobs of a workflow that run.

    Args:
        workflow: The name of the workflow.
        context: GitHub's contexts `github`, `inputs` and `needs`; the results of needed jobs are added.
        results: The results of jobs; defaults to `success`.
    """
    ended: dict[str, str] = {}
    for name, body in workflows()[workflow]["jobs"].items():
        ancestors = _ancestors(workflow, name)
        failed = any(ended[each] == "failure" for each in ancestors)
        needs = {each: {"result": ended[each]} | dict(context.get("needs", {}).get(each, {})) for each in ancestors}
        condition = str(body.get("if", "success()"))
        if not re.search(r"\b(success|failure|cancelled|always)\(\)", condition):
            condition = f"success() && ({condition})"
        functions: dict[str, Callable[[], bool]] = {
            # A skipped job skips the jobs that need it, unless their conditions differ.
            "success": lambda: all(ended[each] == "success" for each in ancestors),  # noqa: B023  called at once
            "failure": lambda: failed,  # noqa: B023  the same
            "cancelled": lambda: False,
            "always": lambda: True,
        }
        runs_now = evaluate(condition, {**context, "needs": needs}, functions)
        ended[name] = results.get(name, "success") if runs_now else "skipped"
    return {name for name, result in ended.items() if result != "skipped"}


def _ancestors(workflow: str, job: str) -> list[str]:
    needed = workflows()[workflow]["jobs"][job].get("needs", [])
    direct = [needed] if isinstance(needed, str) else list(needed)
    return sorted({*direct, *(above for each in direct for above in _ancestors(workflow, each))})


def evaluate(expression: str, context: Context, functions: Mapping[str, Callable[[], bool]]) -> bool:
    """Return whether an `if` is true: translated into Python and evaluated. Unknown syntax is an error.

    GitHub's `!` binds tighter than Python's `not`, so it may not stand before a comparison.
    """
    tokens = _TOKEN.findall(expression)
    if "".join(tokens) != re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", expression) or _NEGATED.search(expression):
        raise ValueError(f"cannot read {expression!r}")
    code = " ".join(_OPERATORS.get(token) or _operand(token, functions) for token in tokens)
    names = {**functions, "property_of": partial(_property, context)}
    return bool(eval(code, {"__builtins__": {}}, names))  # noqa: S307  an expression of our own workflows


def _operand(token: str, functions: Mapping[str, object]) -> str:
    if token in functions:
        return token
    return repr(token[1:-1].replace("''", "'")) if token.startswith("'") else f"property_of({token!r})"


def _property(context: Context, path: str) -> Any:
    value: Any = context
    for part in path.split("."):
        # In GitHub's expressions, a missing property is null at any depth.
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
