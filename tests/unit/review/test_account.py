"""The account of a plan, and principals of other accounts."""

from typing import Any

import pytest

from tests.unit.review.builders import Json, allow, change, configuration, found, planned, policy
from wealist.review.finding import Severity

OTHER = "111122223333"


def role(account: str) -> Json:
    """Return a new role that an account may assume."""
    trust = policy(allow("sts:AssumeRole", "", Principal={"AWS": f"arn:aws:iam::{account}:root"}))
    return change("aws_iam_role.a", "create", after={"assume_role_policy": trust})


def provider(**allowed: Any) -> Json:
    return {"provider_config": {"aws": {"expressions": {"allowed_account_ids": allowed}}}}


def identity(account: str) -> Json:
    address = "data.aws_caller_identity.a"
    return {"address": address, "mode": "data", "type": "aws_caller_identity", "values": {"account_id": account}}


IN_ANOTHER = change("aws_sqs_queue.a", "no-op", before={"arn": f"arn:aws:sqs:eu-west-1:{OTHER}:q"}, after={})
PLANS: dict[str, tuple[tuple[Json, ...], Json]] = {
    "the provider's": ((), {"configuration": provider(constant_value=[OTHER])}),
    "a variable of the provider's": (
        (),
        {"configuration": provider(references=["var.accounts"]), "variables": {"accounts": {"value": [OTHER]}}},
    ),
    "whose credentials planned": ((), {"prior_state": {"values": {"root_module": {"resources": [identity(OTHER)]}}}}),
    "the same, read in a module": (
        (),
        {"prior_state": {"values": {"root_module": {"child_modules": [{"resources": [identity(OTHER)]}]}}}},
    ),
    "where its resources are": ((IN_ANOTHER,), {}),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_for_the_account_that_it_names(name: str) -> None:
    changes, parts = PLANS[name]
    assert planned(*changes, **parts).account == OTHER


@pytest.mark.parametrize("name", PLANS)
def test_principals_of_other_accounts_than_the_plans_need_care(name: str) -> None:
    changes, parts = PLANS[name]
    assert [severity for severity, _ in found(role(OTHER), *changes, **parts)] == [Severity.NOTE]
    assert [severity for severity, _ in found(role("290008131187"), *changes, **parts)] == [Severity.CAUTION]


def test_the_providers_allowed_account_takes_precedence() -> None:
    assert planned(IN_ANOTHER, configuration=configuration()).account == "290008131187"


def test_an_arn_without_an_account_is_ignored() -> None:
    assert planned(change("aws_s3_bucket.a", "no-op", before={"arn": "arn:aws:s3:::a"}, after={})).account is None
