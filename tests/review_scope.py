"""Write `docs/review.md`, what the review checks of each type: `python -m tests.review_scope`.

The page lists the rows of types.toml, and the rules of `wealist check` that the review applies.
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
# What a review checks

Generated from `wealist/model/types.toml` and `wealist/checks/rules/` by `python -m tests.review_scope`. How to review a
plan, on the terminal, as a comment, as JSON or as a page with drawings: [README](../README.md#review-a-plan).

The review compares each resource before and after its change. Columns:

- **Lost**: the data that is lost when a resource is destroyed or replaced; the arguments whose update destroys data.
- **Exposed**: arguments that expose it to others, and the policies and network arguments that are compared.
- **Protection**: arguments that protect it or its connections; reported where they protect less.
- **Interrupted**: what is unavailable during a replacement, and the arguments whose update interrupts or is rejected by
  AWS.
- **Rules**: controls of `wealist check`, applied before and after. A control that was met and is violated is reported.

For every type, a hidden value that the review needs is reported. The review also reports changed priorities of listener
rules, changes outside of Terraform that remain, actions that the apply invokes, and failed checks. A type that is not
listed here is reported first where it is created or changed, and counts as holding data where it is destroyed.

| type | lost | exposed | protection | interrupted | rules |
|---|---|---|---|---|---|
"""
_POLICIES: Final = frozenset({"identity", "trust", "resource", "attachment", "principal"})
_NETWORK: Final = frozenset({"group", "public", "rule"})


def text() -> str:
    """Return the page."""
    types = {kind for kind in rows() if "." not in kind} | {kind for rule in RULES for kind in rule.types}
    return _HEAD + "".join(f"| {' | '.join(_cells(kind))} |\n" for kind in sorted(types) if "." not in kind)


def _cells(kind: str) -> Iterator[str]:
    known = row(kind)
    yield f"`{kind}`"
    yield from _row_cells(known) if known else ["", "", "", ""]
    applied = (rule.control for rule in rules_of(kind) if not rule.needs_stack)
    yield ", ".join(sorted(set(applied)))


def _row_cells(known: Type) -> Iterator[str]:
    yield _cell(known.data or "", known.losses)
    policies = [path for path, part in known.policies.items() if part in _POLICIES]
    network = [path for path, part in (known.network or {}).items() if part in _NETWORK]
    exposed = [each.path for each in known.exposes]
    yield _cell("wherever it is created" if known.created else "", (*exposed, *policies, *network))
    yield _cell("", (*known.weaker_settings, *known.tls))
    yield _cell(known.serves or "", (*known.interrupts, *known.changes, *known.refused))


def _cell(sentence: str, paths: Iterable[str]) -> str:
    return "; ".join([*filter(None, [sentence]), *(f"`{path}`" for path in dict.fromkeys(paths))])


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
