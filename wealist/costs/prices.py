"""List prices (prices.toml)."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from wealist.errors import BAD_INPUT, OperatorError, validation_message
from wealist.spec.account import REGION

PRICES: Final = Path(__file__).with_name("prices.toml")
GLOBAL: Final = "global"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Price:
    """A row of prices.toml, which describes the columns.

    Attributes:
        usd: US dollars for one `unit`.
        seen: Day on which the source stated the price.
        filters: Attributes of the product in the AWS Price List.
    """

    service: str
    region: str
    what: str
    unit: str
    usd: float
    source: str
    seen: dt.date
    filters: Mapping[str, str]


Prices = Mapping[str, Price]
"""Id → price: `nat.hour`. Ids of other regions begin with the region: `us-east-1/cloudwatch.alarm`."""


@cache
def prices() -> Prices:
    """Return the committed prices."""
    return read(PRICES)


def read(path: Path) -> Prices:
    """Return the table of a file.

    Raises:
        OperatorError: the file cannot be read, or a row is not valid.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
        return TypeAdapter(dict[str, Price]).validate_python(rows)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"is not valid TOML: {error}"
    except ValidationError as error:
        first = error.errors()[0]
        place = " ".join(str(step) for step in first["loc"])
        problem = f"contains an invalid row: {validation_message(first, place, Price.__dataclass_fields__)}"
    remedy = "restore it: git checkout wealist/costs/prices.toml"
    raise OperatorError(f"{path.name} {problem}", remedy=remedy, exit_code=BAD_INPUT)


def price_of(table: Prices, price: str, region: str) -> tuple[str, Price | None]:
    """Return the id and the row of a price in a region.

    Args:
        table: All prices.
        price: Id in the environments' region.
        region: Region of the resource.
    """
    row = table.get(price)
    if region == REGION or (row and row.region == GLOBAL):
        return price, row
    elsewhere = f"{region}/{price}"
    return elsewhere, table.get(elsewhere)
