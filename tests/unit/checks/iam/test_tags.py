"""Tags that conditions compare must have the environment's values; other tags are not checked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.syntheses import environment_only, mutated
from tests.unit.checks.faults.tables import edit_from
from tests.unit.spec.builders import build
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam.documents import read_documents
from wealist.checks.iam.tags import check, check_stack
from wealist.model.stack import parse

pytestmark = pytest.mark.exhaustive

STAGE: Final = "stage"
OWN: Final = {"key": "Environment", "type": "KEY_AND_VALUE", "value": STAGE}


@pytest.fixture(scope="module")
def stage() -> Synthesis:
    """An environment that exists only in this test."""
    return environment_only(build(name=STAGE))


def found(synthesis: Synthesis) -> list[Finding]:
    return list(check(synthesis, [read_documents(stack) for stack in synthesis.stacks.values()]))


def problems(bucket: Mapping[str, Any], key: str) -> list[str]:
    """Return the problems of a bucket's tags if conditions compare a key."""
    document = {
        "//": {"metadata": {"stackName": STAGE}},
        "terraform": {},
        "resource": {"aws_s3_bucket": {"one": bucket}},
    }
    return [finding.problem for finding in check_stack(parse(document, Path("cdk.tf.json")), STAGE, {key.lower()})]


def test_an_environment_with_any_name_has_no_findings(stage: Synthesis) -> None:
    assert found(stage) == []


@pytest.mark.parametrize(
    ("bucket", "key", "expected"),
    [
        ({"tags": {"Environment": "dev"}}, "Role", []),
        ({"tags": {"Environment": STAGE}}, "Environment", []),
        ({"lifecycle": {"ignore_changes": ["desired_capacity"]}}, "Environment", []),
        ({"tags": {"Environment": "dev"}}, "Environment", ["tags has Environment = 'dev', not Environment = 'stage'"]),
        (
            {"tags": {"eNvironment": STAGE}},
            "Environment",
            ["tags has eNvironment = 'stage', not Environment = 'stage'"],
        ),
    ],
    ids=["a key that no condition compares", "the default again", "other changes", "another value", "other letters"],
)
def test_a_compared_tag_must_have_the_environments_value_and_spelling(
    bucket: dict[str, Any], key: str, expected: list[str]
) -> None:
    assert problems(bucket, key) == expected


def test_tags_that_no_condition_compares_are_not_checked(stage: Synthesis) -> None:
    wrong = mutated(stage, STAGE, edit_from({"bucket tags Environment": "dev"}))
    assert {finding.address for finding in found(wrong)} == {"aws_s3_bucket.frontend_site_bucket"}
    monitoring = "aws_iam_policy.identity_ec2_monitoring_policy policy AttachDataToMonitoring Condition"
    board = "aws_codedeploy_deployment_group.deployments_board_service_group"
    conditions = {"workflows RunOnOwnInstances Condition": None, monitoring: None}
    selected = {"deployment ec2_tag_set": None, f"{board} ec2_tag_set": None}
    assert found(mutated(wrong, STAGE, edit_from(conditions | selected))) == []


@pytest.mark.parametrize(
    ("argument", "value"), [("ec2_tag_filter", [OWN]), ("ec2_tag_set", [{"ec2_tag_filter": [OWN]}])]
)
def test_a_deployment_group_can_select_the_environments_instances_by_tags(
    stage: Synthesis, argument: str, value: object
) -> None:
    assert found(mutated(stage, STAGE, edit_from({f"deployment {argument}": value}))) == []


def test_a_finding_names_the_tag_its_value_and_the_remedy(stage: Synthesis) -> None:
    (finding,) = found(mutated(stage, STAGE, edit_from({"template tag_specifications 0 tags Environment": "prod"})))
    assert finding.address == "aws_launch_template.backend_fleet_launch_template"
    assert finding.problem.startswith("tag_specifications of instance has Environment = 'prod', not")
    assert "config.tags" in finding.remedy
