"""The document's figures are compared with the estimates, and the reasons for differences are correct."""

from dataclasses import replace

import pytest

from tests.synthesized import environment, synthesized
from tests.unit.costs.estimates import estimated
from wealist.costs.document import Compared, compare_figures, figures
from wealist.costs.prices import Prices, prices

IN_VIRGINIA = {"rds.postgres.db.t3.micro": 0.018, "rds.storage.gp3": 0.115, "elasticache.redis.cache.t3.micro": 0.017}
"""What the reasons in document.toml say that us-east-1 asks for."""


def beside(table: Prices) -> dict[str, Compared]:
    single, multi = (
        estimated(synthesized(environment("dev", enable_multi_az=multi)), table) for multi in (False, True)
    )
    return dict(zip(figures(), compare_figures(single, multi), strict=True))


def test_the_documents_figures_are_those_of_its_database_and_its_cache() -> None:
    assert {(each.section, each.says) for each in figures().values()} == {(5, 15), (5, 30), (6, 12)}


def test_estimates_use_the_prices_of_seoul() -> None:
    ours = {name: round(each.ours, 2) for name, each in beside(prices()).items()}
    assert ours == {"database": 23.06, "database-multi-az": 46.12, "cache": 18.25}


def test_the_documents_figures_follow_from_the_prices_in_the_reasons() -> None:
    table = {name: replace(row, usd=IN_VIRGINIA.get(name, row.usd)) for name, row in prices().items()}
    for each in beside(table).values():
        assert each.ours == pytest.approx(each.figure.says, rel=0.05)
        assert each.figure.reason


def test_the_reasons_name_each_price_of_virginia() -> None:
    reasons = " ".join(each.reason for each in figures().values())
    assert all(f"${usd}" in reasons for usd in IN_VIRGINIA.values())
