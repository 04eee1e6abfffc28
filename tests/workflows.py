"""Parse the GitHub workflows, and evaluate the conditions of their jobs as GitHub does.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parents[1] / ".github" / "workflows"
_TOKEN: Final = re.compile(r"\s*('(?:[^']|'')*'|[\w.*-]+|&&|\|\||==|!=|[!()\[\],])")
Context = Mapping[str, Any]


@cache
def workflows() -> dict[str, dict[str, Any]]:
    """Return every workflow by its file name without the suffix."""
    return {path.stem: _parsed(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))}


def _parsed(text: str) -> dict[str, Any]:
    parsed: dict[Any, Any] = yaml.load(text, yaml.CSafeLoader)
    parsed["on"] = parsed.pop(True)  # YAML 1.1 reads the key `on` as a boolean
    return parsed


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every job, by `workflow/job`."""
    for name, workflow in workflows().items():
        for job, body in workflow["jobs"].items():
            yield f"{name}/{job}", body


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
    """Return whether an `if` is true. Unknown syntax is an error."""
    reader = _Reader(expression, context, functions)
    value = reader.either()
    if reader.tokens:
        raise ValueError(f"cannot read {reader.tokens} in {expression!r}")
    return bool(value)


class _Reader:
    """A recursive-descent parser. Precedence, lowest first: `||`, `&&`, `==` and `!=`, `!`."""

    def __init__(self, expression: str, context: Context, functions: Mapping[str, Callable[[], bool]]) -> None:
        self.tokens = _TOKEN.findall(expression)
        if "".join(self.tokens) != re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", expression):
            raise ValueError(f"cannot read all of {expression!r}")
        self._context = context
        self._functions = functions

    def either(self) -> Any:
        value = self._both()
        while self._takes("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._takes("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Any:
        value = self._single()
        if self._takes("=="):
            return value == self._single()
        if self._takes("!="):
            return value != self._single()
        return value

    def _single(self) -> Any:
        if self._takes("!"):
            return not self._single()
        if self._takes("("):
            value = self.either()
            self._takes(")")
            return value
        word = self.tokens.pop(0)
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if self._takes("("):
            self._takes(")")
            return self._functions[word]()
        return self._named(word)

    def _named(self, word: str) -> Any:
        value: Any = self._context
        for part in word.split("."):
            # In GitHub's expressions, a missing property is null at any depth.
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _takes(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False
