"""Every rule is applied to its resources, and the table of controls shows the results."""

from pathlib import Path

import pytest

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from wealist.checks import rules, waivers
from wealist.checks.finding import Synthesis
from wealist.checks.rules import Verdict, controls
from wealist.model.stack import parse

pytestmark = pytest.mark.exhaustive

WAIVED = {"ECR.2", "S3.14", "launch_template.hop_limit"}


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def test_every_control_applies_to_some_resource(committed: Synthesis) -> None:
    asked = {rule.control for rule, *_ in rules.outcomes(committed)}
    types = {resource.type for stack in committed.stacks.values() for resource in stack.resources.values()}
    built = {rule.control for rule in rules.RULES if types & set(rule.types)}
    of_an_ephemeral_resource = {"passwords.length"}
    assert asked == built | of_an_ephemeral_resource


def test_an_argument_of_the_wrong_structure_fails() -> None:
    resources = {"aws_launch_template": {"odd": {"metadata_options": "required"}}}
    document = {"//": {"metadata": {"stackName": "dev"}}, "terraform": {}, "resource": resources}
    found = list(rules.prove(Synthesis({"dev": parse(document, Path("dev"))}, {})))
    assert "EC2.170" in {finding.control for finding in found if "cannot be read" in finding.problem}


def test_controls_report_passed_waived_and_failed_resources(committed: Synthesis) -> None:
    broken = mutated(committed, "prod", edit_from({"aws_kms_key.encryption_key enable_key_rotation": False}))
    verdicts = {(each.control, each.stack, each.address): each for each in controls(broken, waivers.read())}
    key = "aws_kms_key.encryption_key"
    assert verdicts["KMS.4", "dev", key] == Verdict("KMS.4", "dev", key, "passed")
    assert verdicts["KMS.4", "prod", key].status == "failed"
    assert "enable_key_rotation" in verdicts["KMS.4", "prod", key].why
    site = verdicts["S3.14", "prod", "aws_s3_bucket_versioning.frontend_site_versioning"]
    assert site.status == "waived"
    assert "section 3" in site.why
    assert "2027-11-01" in site.why


def test_nothing_fails_in_the_committed_system(committed: Synthesis) -> None:
    verdicts = controls(committed, waivers.read())
    assert [each for each in verdicts if each.status == "failed"] == []
    assert {each.control for each in verdicts if each.status == "waived"} == WAIVED
    assert verdicts == sorted(verdicts)
