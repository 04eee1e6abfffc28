"""Section 1 of the architecture: stacks, regions, shared resources and protection."""

from typing import Final

import pytest

from tests.synthesized import Stack, stacks
from wealist.model.types import data_lost

STATES: Final = {
    "bootstrap": "wealist/bootstrap.tfstate",
    "account": "wealist/account.tfstate",
    "dev": "wealist/dev.tfstate",
    "prod": "wealist/prod.tfstate",
}
"""Stack → the key of its state."""


def test_the_stacks_are_bootstrap_account_and_each_environment() -> None:
    assert stacks().keys() == STATES.keys()


@pytest.mark.parametrize("stack", STATES)
def test_each_stack_has_its_own_encrypted_and_locked_state(stack: str) -> None:
    assert stacks()[stack].document["terraform"]["backend"] == {
        "s3": {
            "bucket": "wealist-tfstate-bucket",
            "key": STATES[stack],
            "region": "ap-northeast-2",
            "encrypt": True,
            "use_lockfile": True,
        }
    }


@pytest.mark.parametrize("stack", STATES)
def test_each_stack_accepts_one_account_and_tags_its_resources(stack: str) -> None:
    label = {"bootstrap": "account"}.get(stack, stack)
    for provider in stacks()[stack].document["provider"]["aws"]:
        assert provider["allowed_account_ids"] == ["290008131187"]
        (default,) = provider["default_tags"]
        assert default["tags"] == {"Project": "wealist", "Environment": label, "ManagedBy": "terraform"}


def test_only_resources_of_cloudfront_are_in_us_east_1(stack: Stack) -> None:
    regions = {resource.type: stack.region(resource) for resource in stack.resources.values()}
    assert set(regions.values()) == {"ap-northeast-2", "us-east-1"}
    abroad = {kind for kind, region in regions.items() if region == "us-east-1"}
    assert all(kind.startswith(("aws_acm_certificate", "aws_cloudwatch_log_delivery")) for kind in abroad)


def test_environments_look_up_the_hosted_zone_and_githubs_provider_of_the_account(account: Stack, stack: Stack) -> None:
    assert account.only("aws_route53_zone")["name"] == "wealist.co.kr"
    assert account.only("aws_iam_openid_connect_provider")["client_id_list"] == ["sts.amazonaws.com"]
    for kind, key in (("aws_route53_zone", "name"), ("aws_iam_openid_connect_provider", "url")):
        (looked_up,) = (each for each in stack.data.values() if each.type == kind)
        assert looked_up[key] == account.only(kind)[key]
        assert not stack.all(kind)


def test_only_prod_is_protected(prod: Stack, dev: Stack) -> None:
    for stack, protected in ((prod, True), (dev, False)):
        stateful = [each for each in stack.resources.values() if data_lost(each.type, each.values)]
        assert stateful
        assert {bool(each.get("lifecycle", {}).get("prevent_destroy")) for each in stateful} == {protected}
        assert stack.only("aws_lb")["enable_deletion_protection"] is protected
