"""Writes `docs/review.md`: `python -m tests.judged`.

the rows of types.toml, and the rules of `wealist check` that a review asks ─► of each type, what is judged
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from wealist.checks.rules.engine import rules_of
from wealist.checks.rules.rows import RULES
from wealist.model.type_row import Type
from wealist.model.types import row, rows

PATH: Final = Path(__file__).parents[1] / "docs" / "review.md"
_HEAD: Final = """\
# What a review judges

Generated from `wealist/model/types.toml` and `wealist/checks/rules/` by `python -m tests.judged`. How to review a plan,
on the terminal, as a comment, as JSON or as a page with drawings: [README](../README.md#review-a-plan).

Each change is judged by what it is before and after. Columns:

- **Lost**: what goes with a resource that is destroyed or replaced; then the arguments whose update destroys something.
- **Opened**: arguments that open it to others, and the policies and network arguments that are compared.
- **Protection**: arguments that protect it or its connections; reported where they protect less.
- **Interrupted**: who notices while it is replaced; then arguments whose update interrupts, or is refused by AWS.
- **Rules**: controls of `wealist check` that are asked before and after; one that held and is broken is reported.

Of every type, a value that decides and is hidden is reported. Judged beside the types: the order of listener rules,
what was changed outside of Terraform and stays so, actions that the apply runs, and checks that do not hold. A type
that is not listed here is named above everything else where it is created or changed, and counts as holding data where
it is destroyed.

| type | lost | opened | protection | interrupted | rules |
|---|---|---|---|---|---|
"""
_COMPARED: Final = frozenset({"identity", "trust", "resource", "attachment", "principal"})
_PLACED: Final = frozenset({"group", "public", "rule"})


def text() -> str:
    """The page."""
    types = {kind for kind in rows() if "." not in kind} | {kind for rule in RULES for kind in rule.types}
    return _HEAD + "".join(f"| {' | '.join(_cells(kind))} |\n" for kind in sorted(types) if "." not in kind)


def _cells(kind: str) -> Iterator[str]:
    known = row(kind)
    yield f"`{kind}`"
    yield from _of_row(known) if known else ["", "", "", ""]
    asked = (rule.control for rule in rules_of(kind) if not rule.needs_stack)
    yield ", ".join(sorted(set(asked)))


def _of_row(known: Type) -> Iterator[str]:
    yield _cell(known.data or "", known.losses)
    compared = [path for path, part in known.policies.items() if part in _COMPARED]
    placed = [path for path, part in (known.network or {}).items() if part in _PLACED]
    exposed = [each.path for each in known.exposes]
    yield _cell("wherever it is created" if known.created else "", (*exposed, *compared, *placed))
    yield _cell("", (*known.weaker_settings, *known.tls))
    yield _cell(known.serves or "", (*known.interrupts, *known.changes, *known.refused))


def _cell(sentence: str, paths: Iterable[str]) -> str:
    return "; ".join([*filter(None, [sentence]), *(f"`{path}`" for path in dict.fromkeys(paths))])


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
