"""The costs of changing each setting of an environment."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.synthesized import environment, synthesized
from wealist import project
from wealist.costs.toggles import Toggle, toggles, variants
from wealist.spec.environment import Environment
from wealist.spec.rules import check


@pytest.fixture(scope="module")
def priced() -> dict[str, dict[str, Toggle]]:
    """Return environment → setting → toggle, from stacks that the tests keep."""

    def keep(values: Sequence[str], into: Sequence[Path]) -> None:
        for each, folder in zip(values, into, strict=True):
            config = Environment.model_validate_json(each)
            out = folder / "stacks" / config.name
            out.mkdir(parents=True)
            (out / "cdk.tf.json").write_text(json.dumps(synthesized(config).document), encoding="utf-8")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "synthesize_variants", keep)
        found = toggles(environment("dev"), environment("prod"))
    return {name: {each.setting: each for each in rows} for name, rows in found.items()}


def usd(priced: dict[str, dict[str, Toggle]], name: str, setting: str) -> float:
    return round(priced[name][setting].difference.usd, 2)


def test_a_nat_gateway_in_each_zone_costs_two_gateways_and_two_addresses(
    priced: dict[str, dict[str, Toggle]], name: str
) -> None:
    toggle = priced[name]["network.nat"]
    assert (toggle.now, toggle.other) == ("single", "per_zone")
    assert {part.what for part in toggle.difference.parts} == {"NAT gateways", "public addresses"}
    assert usd(priced, name, "network.nat") == 93.44


def test_endpoints_in_one_zone_save_those_of_the_others(priced: dict[str, dict[str, Toggle]], name: str) -> None:
    assert usd(priced, name, "network.endpoint_zones") == -56.94


def test_multi_az_costs_a_replica_and_a_database_standby(
    priced: dict[str, dict[str, Toggle]],
) -> None:
    assert usd(priced, "prod", "enable_multi_az") == 18.25
    assert usd(priced, "dev", "enable_multi_az") == 41.31


def test_a_managed_database_costs_what_an_external_one_saves(priced: dict[str, dict[str, Toggle]]) -> None:
    (managed, external) = (priced[name]["database"] for name in ("prod", "dev"))
    assert (managed.other, external.other) == ("managed", "external")
    assert usd(priced, "prod", "database") == -usd(priced, "dev", "database") > 0


@pytest.mark.parametrize("enable_multi_az", [False, True])
@pytest.mark.parametrize("nat", ["single", "per_zone"])
def test_every_variant_is_a_valid_environment(nat: str, name: str, *, enable_multi_az: bool) -> None:
    base = environment(name)
    network = base.network.model_copy(update={"nat": nat})
    now = base.model_copy(update={"enable_multi_az": enable_multi_az, "network": network})
    found = list(variants(now))
    assert {each.setting for each in found} >= {"enable_multi_az", "network.nat", "network.endpoint_zones", "database"}
    for each in found:
        assert check([each.environment]) == []
        assert each.environment != now
        assert each.now != each.other
