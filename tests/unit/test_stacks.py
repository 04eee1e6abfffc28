"""Stacks are independent, and environments differ only by their names and settings."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.synthesized import Stack, environment, stacks, synthesized
from wealist.spec.environment import Endpoint, Network

NAMING: Final = {
    "aws_db_instance": "identifier",
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_s3_bucket": "bucket",
    "aws_codedeploy_deployment_group": "deployment_group_name",
}
"""Type → argument of the physical name, if it is not `name`."""
DOCUMENTED: Final = {
    f"wealist-{bucket}"
    for bucket in ("frontend", "codedeploy-artifacts", "app-artifacts", "deploy-scripts", "app-resources")
}
"""Documented buckets of prod, whose names do not contain `prod`."""


@pytest.fixture(scope="module")
def environments() -> dict[str, Stack]:
    """The environments, and a third one like dev."""
    values = {
        "name": "staging",
        "network": Network(cidr="10.2.0.0/16"),
        "site": Endpoint(domain="staging.wealist.co.kr"),
        "api": Endpoint(domain="api.staging.wealist.co.kr"),
    }
    staging = synthesized(environment("dev").model_copy(update=values))
    return {"dev": stacks()["dev"], "prod": stacks()["prod"], "staging": staging}


def strings(value: Any) -> Iterator[str]:
    """Yield every string in a JSON value, except comments."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "//":
                yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def physical_names(stack: Stack) -> set[tuple[str, str]]:
    """Return (type, name) of every named resource; the name of a record is its domain."""
    named = ((each.type, each.get(NAMING.get(each.type, "name"))) for each in stack.resources.values())
    return {(kind, name) for kind, name in named if name and not name.startswith("${")}


def test_stacks_do_not_refer_to_each_other() -> None:
    for stack in stacks().values():
        assert "terraform_remote_state" not in json.dumps(stack.document)
        texts = "\n".join(strings(stack.document))
        assert not re.search(r"cross-stack|\$\{TfToken", texts)
        named = {
            "".join(each) for each in re.findall(r"\$\{((?:data|ephemeral)\.)?(aws_[a-z0-9_]+\.[a-z0-9_]+)", texts)
        }
        assert named <= stack.resources.keys() | stack.data.keys()


def test_the_account_outputs_its_name_servers(account: Stack) -> None:
    (output,) = account.document["output"].values()
    assert output["value"] == f"${{{account.only('aws_route53_zone').address}.name_servers}}"


def test_bootstrap_creates_the_bucket_of_every_backend(bootstrap: Stack) -> None:
    (address,) = bootstrap.modules
    assert all(each.startswith(f"{address}.") for each in bootstrap.resources)
    module = bootstrap.modules[address]
    buckets = {stack.document["terraform"]["backend"]["s3"]["bucket"] for stack in stacks().values()}
    assert {module["bucket_name"]} == buckets


def test_environments_have_different_names_and_domains(environments: dict[str, Stack]) -> None:
    names = [physical_names(stack) for stack in environments.values()]
    assert min(map(len, names)) > 40
    assert len(set[tuple[str, str]]().union(*names)) == sum(map(len, names))


def test_no_environment_mentions_another(environments: dict[str, Stack]) -> None:
    for name, stack in environments.items():
        texts = (text.removeprefix("/dev/") for text in strings(stack.document))
        words = {word for text in texts for word in re.findall(r"[a-z0-9]+", text)}
        assert words & environments.keys() == {name}


def test_every_name_of_an_environment_contains_its_name(environments: dict[str, Stack]) -> None:
    for name, stack in environments.items():
        names = {each for kind, each in physical_names(stack) if kind != "aws_route53_record"}
        unmarked = {each for each in names if name not in re.split(r"[-/]", each)}
        assert unmarked == (DOCUMENTED if name == "prod" else set())
