"""Assumptions are described, and can be set."""

import pytest

from wealist.costs.assumptions import Assumptions
from wealist.costs.meters import table
from wealist.errors import BAD_INPUT, OperatorError


def test_every_assumption_has_a_description() -> None:
    stated = {name: (value, what) for name, value, what in Assumptions().stated()}
    assert f"{stated['hours']}" == "(730.0, 'hours a month in which all resources run')"
    assert all(what for _, what in stated.values())


def test_meters_use_exactly_the_assumptions_that_exist() -> None:
    asked = {factor.assumption for meter in table().meters for factor in meter.times if factor.assumption}
    assert asked == {name for name, _, _ in Assumptions().stated()}


def test_settings_replace_what_they_name() -> None:
    found = Assumptions().with_settings(["nat_gb=200", "hours=365"])
    assert (found.nat_gb, found.hours, found.lcus) == (200, 365, Assumptions().lcus)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("nat_gbs=1", "there is no assumption 'nat_gbs'"),
        ("nat_gb", "'' is not a number of at least 0"),
        ("nat_gb=many", "'many' is not a number of at least 0"),
        ("nat_gb=-1", "'-1' is not a number of at least 0"),
        ("nat_gb=inf", "'inf' is not a number of at least 0"),
        ("nat_gb=nan", "'nan' is not a number of at least 0"),
        ("=", "there is no assumption ''"),
    ],
)
def test_invalid_settings_are_rejected_with_a_remedy(setting: str, words: str) -> None:
    with pytest.raises(OperatorError) as refused:
        Assumptions().with_settings([setting])
    assert words in refused.value.message
    assert "nat_gb" in refused.value.remedy
    assert refused.value.exit_code == BAD_INPUT
