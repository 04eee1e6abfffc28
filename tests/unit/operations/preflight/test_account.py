"""The checks of the account: credentials, GitHub's provider, service-linked roles, parameters and states."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.recorded_aws import DENIED, RecordedAws, refusal
from tests.states import HCL, state
from tests.unit.operations.preflight.conftest import outcomes, read, results, rows, subject
from wealist.operations.preflight.account import (
    identity,
    linked_roles,
    oidc_provider,
    parameters,
    state_bucket,
    states,
)
from wealist.operations.preflight.check import Outcome, Row, Subject, run

ARN = "arn:aws:iam::290008131187:user/kim"


@pytest.mark.parametrize(("account", "outcome"), [("290008131187", Outcome.RIGHT), ("123456789012", Outcome.WRONG)])
def test_credentials_of_another_account_than_the_provider_allows_are_wrong(account: str, outcome: Outcome) -> None:
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
        (refusal("NoSuchEntity", 404), Outcome.WRONG, "missing"),
        (DENIED, Outcome.DENIED, "GetOpenIDConnectProvider: AccessDenied"),
    ],
)
def test_githubs_provider_exists_with_awss_audience(answer: Any, outcome: Outcome, found: str) -> None:
    (row,) = results(oidc_provider, {PROVIDER: answer}).values()
    assert (row.outcome, row.found) == (outcome, found)


LINKED = "service-linked role of elasticache.amazonaws.com"
ROLE = {"Path": "/", "RoleName": "x", "RoleId": "x" * 16, "Arn": "arn:aws:iam::290008131187:role/x", "CreateDate": 0}


def test_existing_service_linked_roles_are_right() -> None:
    found = results(linked_roles, {"iam.list_roles": {"Roles": [ROLE]}})
    assert outcomes(found) == {Outcome.RIGHT}
    assert {what.removeprefix("service-linked role of ") for what in found} == {
        "autoscaling.amazonaws.com",
        "elasticache.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "natgateway.amazonaws.com",
        "rds.amazonaws.com",
    }


def without_right(of: Subject) -> Subject:
    """The subject, with an account stack whose policies allow no role to be created for ElastiCache."""
    document = json.loads(json.dumps(of.stacks["account"].document).replace('\\"elasticache.amazonaws.com\\", ', ""))
    return Subject(of.environment, {**of.stacks, "account": read(document)}, of.client, of.github, of.today)


def test_a_missing_role_is_wrong_only_if_the_apply_may_not_create_it() -> None:
    of = subject(client=RecordedAws({"iam.list_roles": {"Roles": []}}))
    assert {row.outcome for row in rows(linked_roles, of)} == {Outcome.RIGHT}
    found = {row.what: row for row in rows(linked_roles, without_right(of))}
    assert [what for what, row in found.items() if row.outcome == Outcome.WRONG] == [LINKED]
    assert found[LINKED].remedy.endswith("create-service-linked-role --aws-service-name elasticache.amazonaws.com")


def test_roles_are_listed_by_the_path_of_their_service() -> None:
    recorded = RecordedAws({"iam.list_roles": {"Roles": []}})
    rows(linked_roles, subject("prod", client=recorded))
    assert {"PathPrefix": "/aws-service-role/elasticache.amazonaws.com/"} in [call for _, call in recorded.asked]


def described(version: int | None) -> dict[str, Any]:
    found = [] if version is None else [{"Name": "x", "Version": version}]
    return {"ssm.describe_parameters": {"Parameters": found}}


@pytest.mark.parametrize(
    ("version", "outcome"), [(None, Outcome.RIGHT), (1, Outcome.WRONG), (2, Outcome.RIGHT), (7, Outcome.RIGHT)]
)
def test_a_parameter_with_version_1_is_not_set(version: int | None, outcome: Outcome) -> None:
    found = results(parameters, described(version))
    assert list(found) == [
        "parameter /wealist/dev/oauth/google_client_id",
        "parameter /wealist/dev/oauth/google_client_secret",
    ]
    assert outcomes(found) == {outcome}


def test_the_address_of_an_external_database_is_a_parameter_too() -> None:
    found = results(parameters, described(1), "prod")["parameter /wealist/prod/db/endpoint"]
    assert found.outcome == Outcome.WRONG
    assert "--type String --name /wealist/prod/db/endpoint" in found.remedy


def test_no_parameter_value_is_read() -> None:
    recorded = RecordedAws(described(1))
    rows(parameters, subject("prod", client=recorded))
    assert recorded.operations == {"ssm.describe_parameters"}


# --- states -----------------------------------------------------------------------------------------------------------

VERSIONING, OBJECT = "s3.get_bucket_versioning", "s3.get_object"
ABSENT = refusal("NoSuchKey", 404)
LOCK = {"ID": "3c1", "Operation": "OperationTypeApply", "Who": "kim@laptop", "Created": "2026-11-28T01:02:03Z"}
KEY = "wealist/dev.tfstate"


@pytest.mark.parametrize(
    ("answer", "outcome", "found"),
    [
        ({"Status": "Enabled"}, Outcome.RIGHT, "ours, versioning Enabled"),
        ({"Status": "Suspended"}, Outcome.WRONG, "ours, versioning Suspended"),
        ({}, Outcome.WRONG, "ours, versioning never"),
        (refusal("NoSuchBucket", 404), Outcome.WRONG, "missing"),
        (DENIED, Outcome.DENIED, "GetBucketVersioning: AccessDenied"),
    ],
)
def test_the_state_bucket_belongs_to_the_account_and_is_versioned(answer: Any, outcome: Outcome, found: str) -> None:
    recorded = RecordedAws({VERSIONING: answer})
    (row,) = rows(state_bucket, subject(client=recorded))
    assert (row.outcome, row.found) == (outcome, found)
    assert recorded.asked == [(VERSIONING, {"Bucket": "wealist-tfstate-bucket", "ExpectedBucketOwner": "290008131187"})]


def objects(held: Mapping[str, Any]) -> dict[str, Any]:
    """The objects of the bucket: key → text, or a value that becomes JSON."""

    def answer(parameters: Mapping[str, Any]) -> Any:
        content = held.get(parameters["Key"])
        if content is None:
            return ABSENT
        return {"Body": io.BytesIO((content if isinstance(content, str) else json.dumps(content)).encode())}

    return {OBJECT: answer}


def row(what: str, held: Mapping[str, Any]) -> Row:
    return results(states, objects(held))[what]


@pytest.mark.parametrize("absent", [ABSENT, refusal("NoSuchBucket", 404)])
def test_missing_states_and_locks_are_right(absent: Any) -> None:
    found = results(states, {OBJECT: absent})
    assert outcomes(found) == {Outcome.RIGHT}
    assert set(found) == {f"{what} of {each}" for each in ("bootstrap", "account", "dev")
                          for what in ("lock of the state", "state")}  # fmt: skip


def test_a_held_lock_is_wrong_and_names_its_holder() -> None:
    found = row("lock of the state of dev", {f"{KEY}.tflock": LOCK})
    assert (found.outcome, found.found) == (Outcome.WRONG, "held by kim@laptop since 2026-11-28T01:02:03Z, ID 3c1")
    assert "terraform force-unlock" in found.remedy
    assert row("lock of the state of account", {f"{KEY}.tflock": LOCK}).outcome == Outcome.RIGHT


def test_an_unreadable_lock_is_still_a_lock() -> None:
    assert row("lock of the state of dev", {f"{KEY}.tflock": "[]"}).outcome == Outcome.WRONG


def test_a_state_with_resources_of_the_stack_is_right() -> None:
    own = state(["aws_vpc.network_vpc", "data.aws_route53_zone.dns_zone"])
    found = row("state of dev", {KEY: own})
    assert (found.outcome, found.found) == (Outcome.RIGHT, "the stack's own, serial 7")


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (state(HCL["hcl-prod"]), "holds resources that neither stack nor inventory has"),
        (state(["aws_vpc.network_vpc", "aws_instance.of_another_system"]), "aws_instance.of_another_system"),
        (state(["aws_vpc.network_vpc"], lineage=None), "damaged: it has no lineage"),
        ("{", "damaged: not a Terraform state"),
        ("[]", "damaged: not a Terraform state"),
        ({"version": 3, "modules": []}, "damaged: not a Terraform state"),
    ],
)
def test_a_foreign_or_damaged_state_is_wrong(content: Any, reported: str) -> None:
    found = row("state of dev", {KEY: content})
    assert found.outcome == Outcome.WRONG
    assert reported in found.found
    assert len(found.found) < 200
    assert found.remedy.startswith("apply nothing")


def test_without_the_right_to_read_states_they_are_not_looked_at() -> None:
    assert outcomes(results(states, {OBJECT: DENIED})) == {Outcome.DENIED}
