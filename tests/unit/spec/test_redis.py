"""The contract with the applications: the architecture's key families, and the page that describes them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.synthesized import Stack
from wealist.spec.parameters import REDIS_AUTH_TOKEN, variables
from wealist.spec.redis import ENGINE_VERSION, KEY_FAMILIES, PARAMETER_GROUP, PARAMETERS, KeyFamily
from wealist.spec.services import BOARD_SERVICE, REDIS_PORT, USER_SERVICE

PAGE = (Path(__file__).parents[3] / "docs" / "redis.md").read_text(encoding="utf-8")
FAMILIES = pytest.mark.parametrize("family", KEY_FAMILIES, ids=lambda family: family.pattern)


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table below a heading, without its header."""
    _, _, section = PAGE.partition(f"## {heading}\n")
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def row_of(family: KeyFamily) -> list[str]:
    """Return the row of a family."""
    ttl = "none: removed by hand"
    if family.ttl is not None and family.ttl_seconds is not None:
        number, unit = (family.ttl.days, "day") if family.ttl.days else (family.ttl_seconds // 60, "minute")
        ttl = f"{number} {unit}{'s' * (number > 1)} ({family.ttl_seconds} s)"
    return [family.purpose, f"`{family.pattern}`", ttl, family.value, f"`{family.writes}`", family.loss]


def test_the_key_families_are_those_of_the_architecture() -> None:
    assert {family.pattern: family.ttl for family in KEY_FAMILIES} == {
        "session:{user_id}": timedelta(days=7),
        "cache:boards:{board_id}": timedelta(minutes=5),
        "ratelimit:{ip_address}:{endpoint}": timedelta(minutes=1),
        "ws:connections:{room_id}": None,
    }


def test_the_page_lists_the_same_key_families() -> None:
    assert table("Keys") == [row_of(family) for family in KEY_FAMILIES]


@FAMILIES
def test_a_key_is_written_together_with_its_ttl(family: KeyFamily) -> None:
    seconds = re.findall(r"\b(?:EX|EXPIRE key) (\d+)", family.writes)
    assert seconds == ([] if family.ttl_seconds is None else [str(family.ttl_seconds)])


@FAMILIES
def test_a_key_belongs_to_one_family(family: KeyFamily) -> None:
    prefixes = [other.pattern.partition("{")[0] for other in KEY_FAMILIES]
    assert [prefix for prefix in prefixes if family.pattern.startswith(prefix)] == [family.pattern.partition("{")[0]]


def test_the_page_names_the_keys_that_redis_never_removes() -> None:
    (permanent,) = [family for family in KEY_FAMILIES if family.ttl is None]
    assert f"Keys without a TTL are never dropped. `{permanent.pattern}`" in PAGE


def test_the_page_lists_the_variables_of_both_services() -> None:
    listed = {row[0].strip("`"): row[1].strip("`") for row in table("Connect")}
    for service in (USER_SERVICE, BOARD_SERVICE):
        variables_of_redis = {name: path for name, path in variables(service).items() if name.startswith("REDIS_")}
        assert listed == variables_of_redis


def test_the_page_names_the_port() -> None:
    assert [row[2] for row in table("Connect") if row[0] == "`REDIS_PORT`"] == [str(REDIS_PORT)]
    assert f":{REDIS_PORT}/0" in PAGE


def test_the_page_lists_the_parameters_that_affect_applications() -> None:
    assert {row[0].strip("`"): row[1].strip("`") for row in table("Memory")} == PARAMETERS
    assert f"`{PARAMETER_GROUP}`" in PAGE
    assert f"Redis {ENGINE_VERSION}," in PAGE


def test_the_stack_builds_redis_as_the_contract_says(stack: Stack) -> None:
    group = stack.only("aws_elasticache_replication_group")
    assert (group["engine_version"], group["parameter_group_name"]) == (ENGINE_VERSION, PARAMETER_GROUP)
    # Another parameter group would have other values than AWS's.
    assert stack.all("aws_elasticache_parameter_group") == []
    assert group["transit_encryption_mode"] == "required"


def test_the_page_rotates_the_token_by_its_parameter() -> None:
    section = PAGE.partition("## Rotate the token\n")[2].partition("\n## ")[0]
    assert re.findall(r"--name (\S+)", section) == [f"/wealist/prod/{REDIS_AUTH_TOKEN}"]
    assert "openssl rand -hex 32" in section  # 64 characters: ElastiCache takes 16 to 128
