"""Who we are in AWS, and what the account must hold before an environment."""

import json
from typing import Any

import pytest

from tests.recorded_aws import DENIED, RecordedAws, refusal
from tests.unit.operations.preflight.conftest import looked, outcomes, read, rows, subject
from wealist.operations.preflight.account import identity, linked_roles, oidc_provider, parameters
from wealist.operations.preflight.check import Outcome, run
from wealist.operations.preflight.check import Subject as Looked

ARN = "arn:aws:iam::290008131187:user/kim"


@pytest.mark.parametrize(("account", "outcome"), [("290008131187", Outcome.RIGHT), ("123456789012", Outcome.WRONG)])
def test_the_credentials_are_of_the_account_that_the_providers_allow(account: str, outcome: Outcome) -> None:
    answer = {"sts.get_caller_identity": {"Account": account, "Arn": ARN, "UserId": "x"}}
    row = run(identity(subject(client=RecordedAws(answer))))
    assert (row.outcome, row.expected, row.found) == (outcome, "290008131187", f"{account}, as {ARN}")


PROVIDER = "iam.get_open_id_connect_provider"


@pytest.mark.parametrize(
    ("answer", "outcome", "found"),
    [
        ({"ClientIDList": ["sts.amazonaws.com"]}, Outcome.RIGHT, "there, for sts.amazonaws.com"),
        ({"ClientIDList": ["other", "sts.amazonaws.com"]}, Outcome.RIGHT, "there, for other, sts.amazonaws.com"),
        ({"ClientIDList": ["other"]}, Outcome.WRONG, "there, for other"),
        (refusal("NoSuchEntity", 404), Outcome.WRONG, "there is none"),
        (DENIED, Outcome.DENIED, "GetOpenIDConnectProvider: AccessDenied"),
    ],
)
def test_githubs_provider_is_there_for_tokens_that_are_meant_for_aws(answer: Any, outcome: Outcome, found: str) -> None:
    (row,) = looked(oidc_provider, {PROVIDER: answer}).values()
    assert (row.outcome, row.found) == (outcome, found)


LINKED = "service-linked role of elasticache.amazonaws.com"
ROLE = {"Path": "/", "RoleName": "x", "RoleId": "x" * 16, "Arn": "arn:aws:iam::290008131187:role/x", "CreateDate": 0}


def test_a_service_linked_role_that_is_there_is_right() -> None:
    found = looked(linked_roles, {"iam.list_roles": {"Roles": [ROLE]}})
    assert outcomes(found) == {Outcome.RIGHT}
    assert {what.removeprefix("service-linked role of ") for what in found} == {
        "autoscaling.amazonaws.com",
        "elasticache.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "natgateway.amazonaws.com",
        "rds.amazonaws.com",
    }


def without_right(of: Looked) -> Looked:
    """The same where the account stack's policies let no role be made for ElastiCache."""
    document = json.loads(json.dumps(of.stacks["account"].document).replace('\\"elasticache.amazonaws.com\\", ', ""))
    return Looked(of.environment, {**of.stacks, "account": read(document)}, of.client, of.github, of.today)


def test_one_that_is_not_there_is_wrong_where_the_apply_may_not_make_it() -> None:
    of = subject(client=RecordedAws({"iam.list_roles": {"Roles": []}}))
    assert {row.outcome for row in rows(linked_roles, of)} == {Outcome.RIGHT}
    found = {row.what: row for row in rows(linked_roles, without_right(of))}
    assert [what for what, row in found.items() if row.outcome == Outcome.WRONG] == [LINKED]
    assert found[LINKED].remedy.endswith("create-service-linked-role --aws-service-name elasticache.amazonaws.com")


def test_each_role_is_looked_for_below_the_path_of_its_service() -> None:
    recorded = RecordedAws({"iam.list_roles": {"Roles": []}})
    rows(linked_roles, subject("prod", client=recorded))
    assert {"PathPrefix": "/aws-service-role/elasticache.amazonaws.com/"} in [call for _, call in recorded.asked]


def described(version: int | None) -> dict[str, Any]:
    found = [] if version is None else [{"Name": "x", "Version": version}]
    return {"ssm.describe_parameters": {"Parameters": found}}


@pytest.mark.parametrize(
    ("version", "outcome"), [(None, Outcome.RIGHT), (1, Outcome.WRONG), (2, Outcome.RIGHT), (7, Outcome.RIGHT)]
)
def test_a_parameter_that_still_has_terraforms_first_version_is_unset(version: int | None, outcome: Outcome) -> None:
    found = looked(parameters, described(version))
    assert list(found) == [
        "parameter /wealist/dev/oauth/google_client_id",
        "parameter /wealist/dev/oauth/google_client_secret",
    ]
    assert outcomes(found) == {outcome}


def test_where_the_database_is_made_by_hand_its_address_is_an_operators_too() -> None:
    found = looked(parameters, described(1), "prod")["parameter /wealist/prod/db/endpoint"]
    assert found.outcome == Outcome.WRONG
    assert "--type String --name /wealist/prod/db/endpoint" in found.remedy


def test_no_value_of_a_parameter_is_read() -> None:
    recorded = RecordedAws(described(1))
    rows(parameters, subject("prod", client=recorded))
    assert recorded.operations == {"ssm.describe_parameters"}
