"""Addresses: readable, unique, and the same in every environment."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cdktf import App, TerraformOutput
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs import Construct

from tests.synthesized import Stack
from wealist.errors import OperatorError
from wealist.toolkit.stack import ReadableStack
from wealist.toolkit.synthesis import synthesize

HASH = re.compile(r"_[0-9A-F]{8}$")


def synthesized(folder: Path, fill: Callable[[ReadableStack], None], name: str = "stack") -> dict[str, Any]:
    """The JSON of one stack that a function fills."""

    def build(app: App) -> None:
        stack = ReadableStack(app, name)
        AwsProvider(stack, "aws", region="ap-northeast-2")
        fill(stack)

    (path,) = synthesize(build, folder / "out")
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def addresses(stack: Stack) -> set[str]:
    return {*stack.resources, *stack.data, *(f"module.{name}" for name in stack.document["module"])}


def test_an_address_is_the_construct_path_without_a_hash(tmp_path: Path) -> None:
    def fill(stack: ReadableStack) -> None:
        private = Construct(Construct(stack, "network"), "private-subnet")
        Subnet(private, "a", vpc_id="vpc-1", cidr_block="10.0.0.0/24")
        Vpc(stack, "vpc", cidr_block="10.0.0.0/16")

    resources = synthesized(tmp_path, fill)["resource"]
    assert list(resources["aws_subnet"]) == ["network_private_subnet_a"]
    assert list(resources["aws_vpc"]) == ["vpc"]


def test_a_construct_with_the_name_of_its_stack_keeps_it_in_its_address(tmp_path: Path) -> None:
    def fill(stack: ReadableStack) -> None:
        Vpc(Construct(stack, "prod"), "vpc", cidr_block="10.0.0.0/16")

    document = synthesized(tmp_path, fill, name="prod")
    assert list(document["resource"]["aws_vpc"]) == ["prod_vpc"]


def collide(stack: ReadableStack) -> None:
    TerraformOutput(stack, "site-url", value="1")
    TerraformOutput(Construct(stack, "site"), "url", value="2")


def test_two_constructs_with_one_address_are_rejected_by_path(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        synthesized(tmp_path, collide)
    message = str(caught.value)
    assert "stack/site-url" in message
    assert "stack/site/url" in message
    assert "'site_url'" in message
    assert caught.value.remedy == "change the named constructs"
    assert list(tmp_path.iterdir()) == []


def test_two_stacks_can_have_the_same_address(tmp_path: Path) -> None:
    def build(app: App) -> None:
        for name in ("one", "two"):
            TerraformOutput(ReadableStack(app, name), "url", value=name)

    found = [json.loads(path.read_text())["output"] for path in synthesize(build, tmp_path / "out")]
    assert found == [{"url": {"value": "one"}}, {"url": {"value": "two"}}]


def test_no_address_carries_a_hash_or_an_index(dev: Stack, prod: Stack, account: Stack) -> None:
    found = {*dev.resources, *prod.resources, *account.resources}
    assert [address for address in found if HASH.search(address)] == []
    assert [address for address in found if re.search(r"_\d$", address) and address.rsplit("_", 1)[1] in "012"] == []


def test_only_a_managed_database_has_addresses_of_its_own(dev: Stack, prod: Stack) -> None:
    assert addresses(prod) - addresses(dev) == set()
    assert all("database" in address for address in addresses(dev) - addresses(prod))
    assert "aws_db_instance" in {address.split(".")[0] for address in addresses(dev) - addresses(prod)}
