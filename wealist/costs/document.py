"""Compare the costs that the architecture document states (document.toml) with the estimates."""

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
    """A row of document.toml, which describes the columns."""

    says: int
    section: int
    what: str
    type: str
    counted: tuple[str, ...]
    multi_az: bool
    reason: str


@dataclass(frozen=True)
class Compared:
    """A figure of the document and the estimate for it.

    Attributes:
        figure: The document's figure.
        ours: The estimate, in US dollars a month.
    """

    figure: Figure
    ours: float


def figures() -> Mapping[str, Figure]:
    """Return name → figure of the document."""
    rows = tomllib.loads(FIGURES.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Figure]).validate_python(rows)


def compare_figures(single: Estimate, multi_az: Estimate) -> list[Compared]:
    """Return each figure of the document with the estimate for it.

    Args:
        single: Estimate of an environment with a managed database in one zone.
        multi_az: Estimate of the same environment with `enable_multi_az`.
    """
    return [Compared(each, _ours(each, multi_az if each.multi_az else single)) for each in figures().values()]


def _ours(figure: Figure, estimate: Estimate) -> float:
    kind = f"{figure.type}."
    return sum(row.usd or 0 for row in estimate.rows if row.address.startswith(kind) and row.what in figure.counted)
