"""`wealist prices`: show the committed list prices, or update them from AWS.

prices.toml ─ filters ─► AWS's Price List (pricing:GetProducts) ─► one product, one price ─► prices.toml
"""

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from wealist.checks.tables import Table, stdout
from wealist.command_line import print_json
from wealist.costs.prices import GLOBAL, PRICES, Price, Prices, read
from wealist.errors import OperatorError
from wealist.files import write_atomically
from wealist.operations.aws import Clients, clients, items
from wealist.operations.clock import today
from wealist.progress import note, step

_API_REGION: Final = "us-east-1"
"""One of the regions with the Price List API; it has the prices of all regions. https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html"""
_API: Final = "AWS Price List API"
_REMEDY: Final = (
    "use credentials of any account that may pricing:GetProducts (`aws sts get-caller-identity` shows them)"
)


def prices(*, refreshed: bool, as_json: bool) -> None:
    """Print the committed prices, after updating them if `refreshed`."""
    if refreshed:
        for change in refresh(clients(os.environ), today()):
            note(change)
    table = read(PRICES)
    if as_json:
        print_json(as_data(table))
    else:
        show(stdout(), table)


def refresh(aws: Clients, day: dt.date, path: Path = PRICES) -> list[str]:
    """Update the table with AWS's current prices.

    Args:
        aws: Creates boto3 clients.
        day: The date to record.
        path: The table.

    Returns:
        The changed prices: `nat.hour: $0.059 → $0.06 per hour`.

    Raises:
        OperatorError: AWS rejects a request, or a row does not match exactly one price. Nothing is written.
    """
    table = read(path)
    found, problems = {}, []
    with step("ask AWS for prices") as at_work:
        for number, (name, row) in enumerate(table.items()):
            at_work.count(number, len(table), "prices")
            usds = _query(aws, row)
            if len(usds) == 1:
                found[name] = replace(row, usd=usds.pop(), source=_API, seen=day)
            else:
                problems.append(f"{name} matches {len(usds) or 'no'} {'prices' if usds else 'price'}")
    if problems:
        raise OperatorError(
            f"{len(problems)} of {len(table)} rows of {path.name}, which is unchanged: {'; '.join(problems)}",
            remedy="correct the `filters` of these rows until each matches one product, or take the row out",
        )
    _write(path, found)
    return [
        f"{name}: ${row.usd:.10g} → ${found[name].usd:.10g} per {row.unit}"
        for name, row in table.items()
        if row.usd != found[name].usd
    ]


def show(console: Console, table: Prices) -> None:
    """Print the prices as a table."""
    rows = [
        (f"${row.usd:.10g}", f"per {row.unit}", name, row.what, f"{row.seen}, {row.source}")
        for name, row in table.items()
    ]
    console.print(Table("list prices", ("USD", "unit", "price", "what", "seen"), rows))


def as_data(table: Prices) -> dict[str, Any]:
    """Return the prices as JSON data."""
    return {name: asdict(row) | {"seen": row.seen.isoformat()} for name, row in table.items()}


def _query(aws: Clients, row: Price) -> set[float]:
    """Return the on-demand prices, first tier, of the products that match a row's filters, without prices of 0."""
    filters = {**row.filters, **({} if row.region == GLOBAL else {"regionCode": row.region})}
    wanted = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in filters.items()]
    try:
        client = aws("pricing", _API_REGION)
        products = [
            json.loads(product)
            for product in items(client, "get_products", "PriceList", ServiceCode=row.service, Filters=wanted)
        ]
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(f"cannot read prices from AWS: {error}", remedy=_REMEDY) from None
    except ValueError:
        raise OperatorError(f"AWS's response for {row.service} is not JSON", remedy="run the command again") from None
    return {usd for product in products for usd in _first_tier(product)}


def _first_tier(product: Mapping[str, Any]) -> Iterator[float]:
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term.get("priceDimensions", {}).values():
            usd = float(dimension.get("pricePerUnit", {}).get("USD", 0))
            if dimension.get("beginRange") in {"0", None} and usd:
                yield usd


def _write(path: Path, table: Prices) -> None:
    """Replace the table; keep the text before its first row."""
    head = path.read_text(encoding="utf-8").partition("\n[")[0]
    text = "\n".join([head.rstrip("\n") + "\n", *(_toml(name, row) for name, row in table.items())])
    write_atomically(path, text)


def _toml(name: str, row: Price) -> str:
    usd = f"{row.usd:.10f}".rstrip("0")
    lines = {
        "service": json.dumps(row.service),
        "region": json.dumps(row.region),
        "what": json.dumps(row.what),
        "unit": json.dumps(row.unit),
        "usd": f"{usd}0" if usd.endswith(".") else usd,
        "source": json.dumps(row.source),
        "seen": row.seen.isoformat(),
        "filters": "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in row.filters.items()) + " }",
    }
    return f'["{name}"]\n' + "".join(f"{key} = {value}\n" for key, value in lines.items())
