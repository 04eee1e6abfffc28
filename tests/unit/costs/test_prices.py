"""Every list price has a source."""

import datetime as dt
from pathlib import Path

import pytest

from wealist.costs.meters import table
from wealist.costs.prices import PRICES, prices, read
from wealist.errors import OperatorError
from wealist.spec.account import CDN_CERTIFICATE_REGION, REGION

ROW = """
["a.b"]
service = "AmazonEC2"
region = "ap-northeast-2"
what = "something"
unit = "hour"
usd = 0.5
source = "a page"
seen = 2026-01-02
filters = { usagetype = "X" }
"""


def test_every_price_has_source_day_and_filters() -> None:
    for row in prices().values():
        assert all((row.source, row.what, row.unit, row.filters))
        assert dt.date(2018, 1, 1) < row.seen
        assert row.usd > 0


def test_prices_are_of_our_regions() -> None:
    assert {row.region for row in prices().values()} == {REGION, CDN_CERTIFICATE_REGION, "global"}


def test_a_price_of_another_region_has_it_in_its_id() -> None:
    for name, row in prices().items():
        assert name.startswith(f"{CDN_CERTIFICATE_REGION}/") is (row.region == CDN_CERTIFICATE_REGION)


def test_every_price_is_used_by_a_meter() -> None:
    beginnings = {meter.price.partition("{")[0] for meter in table().meters}
    assert {name for name in prices() if not name.rpartition("/")[2].startswith(tuple(beginnings))} == set()


def test_a_row_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(ROW, encoding="utf-8")
    row = read(path)["a.b"]
    assert (row.usd, row.unit, row.seen) == (0.5, "hour", dt.date(2026, 1, 2))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("[", "is not valid TOML"),
        (ROW.replace("usd = 0.5", 'usd = "much"'), "a.b usd = 'much'"),
        (ROW.replace("usd", "price"), "a.b"),
        (ROW.replace('unit = "hour"', ""), "a.b unit is missing"),
    ],
)
def test_invalid_price_tables_are_rejected_with_row_and_remedy(broken: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(OperatorError) as refused:
        read(path)
    assert words in refused.value.message
    assert PRICES.name in refused.value.remedy


def test_a_missing_price_table_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        read(tmp_path / "prices.toml")
