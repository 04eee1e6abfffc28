"""The proof of tags: what rests on them decides which must be right, and a finding says what to do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.guarded import Edit, Fault, alone, mutated, synthesis
from tests.unit.checks.faults.edits import put
from tests.unit.checks.faults.iam_edits import WORKFLOWS, change, without_condition
from tests.unit.checks.faults.iam_tags import provider
from tests.unit.checks.faults.iam_tags_shared import FAULTS
from tests.unit.spec.builders import build
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam.documents import read
from wealist.checks.iam.tags import TAGS, check, of_stack
from wealist.model.stack import StackJson, parse

STAGE = "stage"


@pytest.fixture(scope="module")
def stage() -> Synthesis:
    """An environment that no file describes."""
    return alone(build(name=STAGE))


def found(synthesis: Synthesis) -> list[Finding]:
    return list(check(synthesis, [read(stack) for stack in synthesis.stacks.values()]))


def stack(**resources: Mapping[str, Any]) -> StackJson:
    """A stack whose provider tags as it should, with resources by their types."""
    defaults = {"Project": "wealist", "Environment": STAGE, "ManagedBy": "terraform"}
    document = {
        "//": {"metadata": {"stackName": STAGE}},
        "terraform": {},
        "provider": {"aws": [{"default_tags": [{"tags": defaults}]}]},
        "resource": {kind: {"one": values} for kind, values in resources.items()},
    }
    return parse(document, Path("cdk.tf.json"))


def problems(found: Mapping[str, Any], *keys: str, kind: str = "aws_s3_bucket") -> list[str]:
    return [finding.problem for finding in of_stack(stack(**{kind: found}), STAGE, {key.lower() for key in keys})]


def test_an_environment_of_any_name_is_proven(stage: Synthesis) -> None:
    assert found(stage) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_all_share_is_held_to_the_conditions_of_every_environment(fault: Fault) -> None:
    changed = mutated(synthesis(), fault.stack, fault.edit)
    assert {(finding.stack, finding.control) for finding in found(changed)} == {(fault.stack, TAGS)}


def test_a_key_that_no_condition_compares_may_have_any_value() -> None:
    assert problems({"tags": {"Environment": "dev", "Name": "x"}}, "Role") == []
    assert problems({"tags": {"Environment": "dev", "Name": "x"}}, "Environment") == [
        "tags has Environment = 'dev', not 'stage'"
    ]


def test_a_tag_may_repeat_the_default() -> None:
    assert problems({"tags": {"Environment": STAGE}}, "Environment") == []


@pytest.mark.parametrize("key", ["environment", "ENVIRONMENT", "eNvironment"])
def test_a_key_in_other_letters_is_told_for_iam_takes_it_for_the_same(key: str) -> None:
    assert problems({"tags": {key: STAGE}}, "Environment") == [f"tags has {key}, which IAM takes for Environment"]


def test_a_key_that_is_computed_may_be_any_key() -> None:
    assert problems({"tags": {"${var.key}": STAGE}}, "Environment") == [
        "tags has the key '${var.key}', which is known only to Terraform"
    ]


def test_ignored_changes_of_other_arguments_are_no_matter_here() -> None:
    group = {"lifecycle": {"ignore_changes": ["desired_capacity"]}}
    assert problems(group, "Environment") == []
    assert problems({"lifecycle": {"ignore_changes": ["tags"]}}, "Environment") != []


def test_without_a_condition_no_tag_matters(stage: Synthesis) -> None:
    """Every condition on a tag is taken away, one by one; then a wrong tag is no fault of this proof."""
    monitoring = ("aws_iam_policy", "identity_ec2_monitoring_policy")
    edits: list[Edit] = [
        change(WORKFLOWS, "RunOnOwnInstances", without_condition),
        change(monitoring, "AttachDataToMonitoring", without_condition),
        provider(0, Environment="dev"),
    ]
    wrong = mutated(stage, STAGE, edits[-1])
    assert {finding.address for finding in found(wrong)} == {"provider.aws"}
    for edit in edits[:-1]:
        wrong = mutated(wrong, STAGE, edit)
    assert found(wrong) == []


@pytest.mark.parametrize(
    "filters",
    [
        {"ec2_tag_filter": [{"key": "Environment", "type": "KEY_AND_VALUE", "value": STAGE}]},
        {
            "ec2_tag_set": [
                {"ec2_tag_filter": [{"key": "Environment", "type": "KEY_AND_VALUE", "value": STAGE}]},
                {"ec2_tag_filter": [{"key": "Role", "type": "KEY_AND_VALUE", "value": "backend"}]},
            ]
        },
    ],
)
def test_a_deployment_may_find_the_environments_own_instances_by_tags(
    stage: Synthesis, filters: dict[str, Any]
) -> None:
    deployment = "aws_codedeploy_deployment_group.deployments_user_service_group"
    ((argument, value),) = filters.items()
    assert found(mutated(stage, STAGE, put(f"{deployment}.{argument}", to=value))) == []


def test_a_tag_filter_is_reason_enough_to_hold_a_tag() -> None:
    wanted = {"key": "Environment", "type": "KEY_AND_VALUE", "value": STAGE}
    deployment = {"aws_codedeploy_deployment_group": {"ec2_tag_filter": [wanted]}}
    one = stack(**deployment, aws_s3_bucket={"tags": {"Environment": "dev"}})
    changed = Synthesis({STAGE: one}, {STAGE: build(name=STAGE)})
    assert {finding.address for finding in found(changed)} == {"aws_s3_bucket.one"}


def test_a_finding_names_the_tag_its_value_and_the_remedy(stage: Synthesis) -> None:
    path = "aws_launch_template.backend_fleet_launch_template.tag_specifications.0.tags.Environment"
    (finding,) = found(mutated(stage, STAGE, put(path, to="prod")))
    assert finding.address == "aws_launch_template.backend_fleet_launch_template"
    assert finding.problem == "tag_specifications of instance has Environment = 'prod', not 'stage'"
    assert "config.tags" in finding.remedy
