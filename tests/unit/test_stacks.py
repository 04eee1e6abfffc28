"""What every stack shares, what the account and bootstrap stacks hold, and that no stack leans on another."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.synthesized import Stack, environment, stacks, synthesized, tags
from wealist.spec.environment import Endpoint, Network
from wealist.spec.environments import names

STATES: Final = {
    "bootstrap": "wealist/bootstrap.tfstate",
    "account": "wealist/account.tfstate",
    **{name: f"wealist/{name}.tfstate" for name in names()},
}
NAMING: Final = {
    "aws_db_instance": "identifier",
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_s3_bucket": "bucket",
    "aws_codedeploy_deployment_group": "deployment_group_name",
}
"""Where a resource's physical name is not in `name`."""
SHARED: Final = {
    "aws_route53_record": "a record is told apart by its domain, below",
}


@pytest.fixture(scope="module")
def staging() -> Stack:
    """A third environment: nothing but values."""
    values = {
        "name": "staging",
        "network": Network(cidr="10.2.0.0/16"),
        "site": Endpoint(domain="staging.wealist.co.kr"),
        "api": Endpoint(domain="api.staging.wealist.co.kr"),
    }
    return synthesized(environment("dev").model_copy(update=values))


@pytest.fixture(params=[*STATES, "staging"])
def any_stack(request: pytest.FixtureRequest, staging: Stack) -> tuple[str, Stack]:
    """Every stack, by name, and one that is not committed."""
    return request.param, {**stacks(), "staging": staging}[request.param]


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value, keys of comments apart."""
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
    """(type, name) of everything that AWS tells apart by a name of ours."""
    return {
        (kind, resource[attribute])
        for resource in stack.resources.values()
        for kind in [resource.address.partition(".")[0]]
        if kind not in SHARED and (attribute := NAMING.get(kind, "name")) in resource
        if not resource[attribute].startswith("${")
    }


def names_of(stack: Stack) -> set[str]:
    return {name for _, name in physical_names(stack)}


def test_there_is_a_stack_for_the_bucket_one_for_the_account_and_one_per_environment() -> None:
    assert set(stacks()) == set(STATES)


def test_states_lie_encrypted_in_the_bucket_under_their_own_keys_with_s3s_own_lock(
    any_stack: tuple[str, Stack],
) -> None:
    name, stack = any_stack
    assert stack.document["terraform"]["backend"] == {
        "s3": {
            "bucket": "wealist-tfstate-bucket",
            "key": {**STATES, "staging": "wealist/staging.tfstate"}[name],
            "region": "ap-northeast-2",
            "encrypt": True,
            "use_lockfile": True,
        }
    }


def test_terraform_is_new_enough_for_write_only_values_and_the_lock(any_stack: tuple[str, Stack]) -> None:
    _, stack = any_stack
    assert stack.document["terraform"]["required_version"] == ">= 1.11"
    assert stack.document["terraform"]["required_providers"]["aws"]["version"] == "5.100.0"
    assert set(stack.document["terraform"]["required_providers"]) == {"aws"}


def test_every_provider_refuses_any_account_but_ours(any_stack: tuple[str, Stack]) -> None:
    _, stack = any_stack
    assert set(stack.document["provider"]) == {"aws"}
    for provider in stack.document["provider"]["aws"]:
        assert provider["allowed_account_ids"] == ["290008131187"]
        # What only the embedded AWS may have.
        assert not {name for name in provider if name.startswith("skip_") or name in {"endpoints", "access_key"}}


def test_everything_is_tagged_with_project_environment_and_manager(any_stack: tuple[str, Stack]) -> None:
    name, stack = any_stack
    label = {"bootstrap": "account"}.get(name, name)
    for provider in stack.document["provider"]["aws"]:
        (default,) = provider["default_tags"]
        assert default["tags"] == {"Project": "wealist", "Environment": label, "ManagedBy": "terraform"}
    # A resource's own tag would win over the default.
    for resource in stack.resources.values():
        assert tags(resource).get("Environment", label) == label


def test_a_provider_is_in_seoul_or_else_in_the_region_of_cloudfronts_certificate(any_stack: tuple[str, Stack]) -> None:
    name, stack = any_stack
    regions = {provider.get("alias", ""): provider["region"] for provider in stack.document["provider"]["aws"]}
    assert regions.pop("") == "ap-northeast-2"
    assert regions == ({} if name in {"account", "bootstrap"} else {"cdn": "us-east-1"})


def test_only_what_cloudfront_needs_is_made_outside_seoul(stack: Stack) -> None:
    abroad = {resource.address.partition(".")[0] for resource in stack.resources.values() if "provider" in resource}
    assert abroad == {
        "aws_acm_certificate",
        "aws_acm_certificate_validation",
        "aws_cloudwatch_log_delivery",
        "aws_cloudwatch_log_delivery_destination",
        "aws_cloudwatch_log_delivery_source",
    }


def test_a_stack_is_planned_without_another_stacks_state(any_stack: tuple[str, Stack]) -> None:
    _, stack = any_stack
    assert "terraform_remote_state" not in json.dumps(stack.document)
    assert not [text for text in strings(stack.document) if re.search(r"cross-stack|\$\{TfToken", text)]
    reference = re.compile(r"\$\{((?:data|ephemeral)\.)?(aws_[a-z0-9_]+)\.([a-z0-9_]+)")
    known = {*stack.resources, *stack.data, *stack.ephemeral}
    named = {"".join((prefix, f"{kind}.{id_}")) for text in strings(stack.document)
             for prefix, kind, id_ in reference.findall(text)}  # fmt: skip
    assert named <= known


def test_an_environment_finds_the_zone_and_githubs_provider_by_their_names(stack: Stack, account: Stack) -> None:
    (zone,) = [each for address, each in stack.data.items() if address.startswith("data.aws_route53_zone.")]
    assert (zone["name"], zone["private_zone"]) == (account.only("aws_route53_zone")["name"], False)
    kind = "data.aws_iam_openid_connect_provider."
    (provider,) = [each for address, each in stack.data.items() if address.startswith(kind)]
    assert provider["url"] == account.only("aws_iam_openid_connect_provider")["url"]
    assert not stack.all("aws_route53_zone")
    assert not stack.all("aws_iam_openid_connect_provider")


def test_the_account_holds_the_zone_and_tells_the_registrar_its_name_servers(account: Stack) -> None:
    zone = account.only("aws_route53_zone")
    assert zone["name"] == "wealist.co.kr"
    assert "vpc" not in zone
    (output,) = account.document["output"].values()
    assert output["value"] == f"${{{zone.address}.name_servers}}"


def test_the_account_knows_github_for_tokens_meant_for_aws(account: Stack) -> None:
    provider = account.only("aws_iam_openid_connect_provider")
    assert provider["url"] == "https://token.actions.githubusercontent.com"
    assert provider["client_id_list"] == ["sts.amazonaws.com"]
    # AWS verifies GitHub by its own authorities; a thumbprint would only grow old.
    assert "thumbprint_list" not in provider


def test_the_account_holds_nothing_of_an_environment(account: Stack) -> None:
    kinds = set(account.document["resource"])
    assert {kind for kind in kinds if not kind.startswith("aws_s3_bucket")} == {
        "aws_route53_zone",
        "aws_iam_openid_connect_provider",
        "aws_iam_role",
        "aws_iam_policy",
        "aws_iam_role_policy_attachment",
    }
    # Of buckets, the one where plans wait for their apply.
    assert [bucket["bucket"] for bucket in account.all("aws_s3_bucket")] == ["wealist-terraform-plans"]


def test_plans_lie_encrypted_and_private_and_expire(account: Stack) -> None:
    bucket = account.only("aws_s3_bucket")
    block = account.only("aws_s3_bucket_public_access_block")
    switches = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert account.target(block, "bucket").address == bucket.address
    assert [block[switch] for switch in switches] == [True] * 4
    (encryption,) = account.only("aws_s3_bucket_server_side_encryption_configuration")["rule"]
    assert encryption["apply_server_side_encryption_by_default"]["sse_algorithm"] == "AES256"
    (rule,) = account.only("aws_s3_bucket_lifecycle_configuration")["rule"]
    assert (rule["expiration"][0]["days"], rule["status"]) == (30, "Enabled")
    assert set(account.only("aws_s3_bucket_policy").statements()) == {"DenyPlainHttp"}


def test_bootstrap_makes_the_bucket_that_every_backend_names(bootstrap: Stack) -> None:
    assert not bootstrap.resources
    (module,) = bootstrap.document["module"].values()
    assert module["source"] == "./modules/state_backend"
    buckets = {stack.document["terraform"]["backend"]["s3"]["bucket"] for stack in stacks().values()}
    assert {module["bucket_name"]} == buckets


def test_environments_share_no_physical_name(dev: Stack, prod: Stack, staging: Stack) -> None:
    found = [physical_names(stack) for stack in (dev, prod, staging)]
    assert min(len(names) for names in found) > 40
    assert not (found[0] & found[1]) | (found[0] & found[2]) | (found[1] & found[2])


def test_environments_answer_under_no_common_domain(dev: Stack, prod: Stack, staging: Stack) -> None:
    def domains(stack: Stack) -> set[str]:
        return {record["name"] for record in stack.all("aws_route53_record") if not record["name"].startswith("${")}

    assert domains(prod) == {"wealist.co.kr", "api.wealist.co.kr"}
    assert domains(dev) == {"dev.wealist.co.kr", "api.dev.wealist.co.kr"}
    assert domains(staging) == {"staging.wealist.co.kr", "api.staging.wealist.co.kr"}


def test_no_environment_mentions_another(dev: Stack, prod: Stack, staging: Stack) -> None:
    stacks_by_name = {"dev": dev, "prod": prod, "staging": staging}
    for name, stack in stacks_by_name.items():
        words = {
            word for text in strings(stack.document) for word in re.findall(r"[a-z0-9]+", text.removeprefix("/dev/"))
        }
        assert name in words
        assert not words & (set(stacks_by_name) - {name})


def test_addresses_are_the_same_in_every_environment(dev: Stack, staging: Stack) -> None:
    assert set(dev.resources) == set(staging.resources)
    assert not [address for address in staging.resources if "staging" in address]


def test_everything_of_an_environment_says_so_in_its_name(stack: Stack, name: str) -> None:
    unmarked = {each for each in names_of(stack) if name not in re.split(r"[-/]", each)}
    documented = {f"wealist-{each}" for each in
                  ("frontend", "codedeploy-artifacts", "app-artifacts", "deploy-scripts", "app-resources")}  # fmt: skip
    assert unmarked == (documented if name == "prod" else set())
