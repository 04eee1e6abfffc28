"""`wealist prices --refresh` updates every row, or nothing."""

import datetime as dt
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError
from rich.console import Console

from tests.recorded_aws import DENIED, RecordedAws, Recording
from wealist.costs.prices import PRICES, prices, read
from wealist.errors import OperatorError
from wealist.operations.prices import as_data, refresh, show

TODAY = dt.date(2027, 3, 4)
TABLE = """# The text before the rows.

["nat.hour"]
service = "AmazonEC2"
region = "ap-northeast-2"
what = "NAT gateway"
unit = "hour"
usd = 0.059
source = "a page"
seen = 2026-10-01
filters = { usagetype = "APN2-NatGateway-Hours" }

["cloudfront.request"]
service = "AmazonCloudFront"
region = "global"
what = "request"
unit = "request"
usd = 0.0000012
source = "a page"
seen = 2026-10-01
filters = { usagetype = "AP-Requests-Tier2-HTTPS" }
"""


def product(usd: str, *, begin: str = "0", **others: str) -> str:
    """Return a product of the Price List API: JSON in a string."""
    dimensions = {"d0": {"beginRange": begin, "endRange": "Inf", "unit": "Hrs", "pricePerUnit": {"USD": usd}}}
    tiers = {f"d{at}": {"beginRange": at, "pricePerUnit": {"USD": price}} for at, price in others.items()}
    return json.dumps(
        {"product": {"sku": "X"}, "terms": {"OnDemand": {"X.T": {"priceDimensions": dimensions | tiers}}}}
    )


ANSWERS = {
    "APN2-NatGateway-Hours": [product("0.0600000000")],
    "AP-Requests-Tier2-HTTPS": [product("0.0000012000", **{"10000000": "0.0000010000"})],
}


def answering(answers: Mapping[str, list[str]]) -> RecordedAws:
    def answer(parameters: Mapping[str, Any]) -> dict[str, Any]:
        wanted = {each["Field"]: each["Value"] for each in parameters["Filters"]}
        return {"FormatVersion": "aws_v1", "PriceList": answers[wanted["usagetype"]]}

    return RecordedAws({"pricing.get_products": answer})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "prices.toml"
    found.write_text(TABLE, encoding="utf-8")
    return found


def test_every_price_is_updated_with_the_day(path: Path) -> None:
    assert refresh(answering(ANSWERS), TODAY, path) == ["nat.hour: $0.059 → $0.06 per hour"]
    table = read(path)
    assert {name: row.usd for name, row in table.items()} == {"nat.hour": 0.06, "cloudfront.request": 0.0000012}
    assert {(row.seen, row.source) for row in table.values()} == {(TODAY, "AWS Price List API")}
    assert path.read_text(encoding="utf-8").startswith("# The text before the rows.\n")


def test_requests_have_the_filters_and_the_region_of_the_row(path: Path) -> None:
    aws = answering(ANSWERS)
    refresh(aws, TODAY, path)
    asked = {
        parameters["ServiceCode"]: {each["Field"]: each["Value"] for each in parameters["Filters"]}
        for _, parameters in aws.asked
    }
    assert asked == {
        "AmazonEC2": {"usagetype": "APN2-NatGateway-Hours", "regionCode": "ap-northeast-2"},
        "AmazonCloudFront": {"usagetype": "AP-Requests-Tier2-HTTPS"},
    }


@pytest.mark.parametrize(
    ("products", "words"),
    [
        ([], "nat.hour matches no price"),
        ([product("0.06"), product("0.07")], "nat.hour matches 2 prices"),
        ([json.dumps({"terms": {}})], "nat.hour matches no price"),
        ([product("0.06", begin="100")], "nat.hour matches no price"),
        ([product("0.0000000000")], "nat.hour matches no price"),
    ],
)
def test_a_row_must_match_exactly_one_price_or_the_table_stays_unchanged(
    products: list[str], words: str, path: Path
) -> None:
    with pytest.raises(OperatorError) as refused:
        refresh(answering(ANSWERS | {"APN2-NatGateway-Hours": products}), TODAY, path)
    assert words in refused.value.message
    assert "filters" in refused.value.remedy
    assert path.read_text(encoding="utf-8") == TABLE
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("answer", [DENIED, NoCredentialsError(), {"PriceList": ["{"]}])
def test_an_error_of_aws_leaves_the_table_unchanged(answer: Recording, path: Path) -> None:
    with pytest.raises(OperatorError, match="AWS"):
        refresh(RecordedAws({"pricing.get_products": answer}), TODAY, path)
    assert path.read_text(encoding="utf-8") == TABLE


def test_updating_the_committed_table_with_equal_prices_changes_none(tmp_path: Path) -> None:
    copy = tmp_path / "prices.toml"
    copy.write_text(PRICES.read_text(encoding="utf-8"), encoding="utf-8")
    usds = {(row.service, *sorted(row.filters.items())): row.usd for row in prices().values()}

    def answer(parameters: Mapping[str, Any]) -> dict[str, Any]:
        filters = {each["Field"]: each["Value"] for each in parameters["Filters"]}
        filters.pop("regionCode", None)
        return {"PriceList": [product(f"{usds[(parameters['ServiceCode'], *sorted(filters.items()))]:.10f}")]}

    assert refresh(RecordedAws({"pricing.get_products": answer}), TODAY, copy) == []
    assert {name: (row.usd, row.filters) for name, row in read(copy).items()} == {
        name: (row.usd, row.filters) for name, row in prices().items()
    }


def test_rows_have_distinct_filters() -> None:
    asked = [(row.service, row.region, *sorted(row.filters.items())) for row in prices().values()]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("width", [80, 120])
def test_the_printed_table_fits_the_terminal_and_has_the_day(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    show(console, prices())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= width
    assert "$0.059" in text
    assert "2026-10-01" in text


def test_the_json_has_every_row() -> None:
    assert as_data(prices())["nat.hour"]["usd"] == prices()["nat.hour"].usd
    assert json.loads(json.dumps(as_data(prices()))).keys() == prices().keys()
