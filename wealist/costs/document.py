"""The figures that the architecture document names, beside ours: document.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as validated

from wealist.costs.estimate import Estimate

FIGURES: Final = Path(__file__).with_name("document.toml")


@validated(frozen=True, config=ConfigDict(extra="forbid"))
class Figure:
    """One row. The columns are described in document.toml."""

    says: int
    section: int
    what: str
    type: str
    counted: tuple[str, ...]
    multi_az: bool
    reason: str


@dataclass(frozen=True)
class Compared:
    """A figure of the document and ours.

    Attributes:
        figure: The document's.
        ours: US dollars a month.
    """

    figure: Figure
    ours: float


def figures() -> Mapping[str, Figure]:
    """Return the document's figures, by name."""
    rows = tomllib.loads(FIGURES.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Figure]).validate_python(rows)


def compare_figures(single: Estimate, multi_az: Estimate) -> list[Compared]:
    """Return each figure of the document beside ours.

    Args:
        single: An environment whose database is managed, in one zone.
        multi_az: The same with `enable_multi_az`.
    """
    return [Compared(each, _ours(each, multi_az if each.multi_az else single)) for each in figures().values()]


def _ours(figure: Figure, estimate: Estimate) -> float:
    kind = f"{figure.type}."
    return sum(row.usd or 0 for row in estimate.rows if row.address.startswith(kind) and row.what in figure.counted)
