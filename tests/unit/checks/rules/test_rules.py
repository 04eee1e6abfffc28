"""Every resource meets every rule, in every variant; each rule notices the faults that it is there for."""

from pathlib import Path

import pytest

from tests.guarded import Fault, alone, mutated, synthesis
from tests.synthesized import environment, otherwise, whole
from tests.unit.checks.faults.modules import MODULE_FAULTS
from tests.unit.checks.faults.rules import FAULTS
from wealist.checks import rules, waivers
from wealist.checks.finding import Synthesis
from wealist.checks.rules.controls import Verdict, controls, table
from wealist.model.stack import parse
from wealist.spec.environment import Environment
from wealist.spec.services import Service

pytestmark = pytest.mark.exhaustive

WAIVED = {"ECR.2", "S3.14", "launch_template.hop_limit"}
OF_AWS = {
    *("EC2.2", "EC2.3", "EC2.6", "EC2.15", "EC2.18", "EC2.25", "EC2.170"),
    *("ELB.1", "ELB.4", "ELB.5", "ELB.6", "ELB.12", "ELB.17", "AutoScaling.1"),
    *("RDS.2", "RDS.3", "RDS.8", "RDS.11", "RDS.13", "RDS.17", "RDS.36", "RDS.38"),
    *("ElastiCache.1", "ElastiCache.2", "ElastiCache.4", "ElastiCache.5", "ElastiCache.6"),
    *("S3.5", "S3.8", "S3.12", "S3.13", "S3.14"),
    *("CloudFront.1", "CloudFront.3", "CloudFront.5", "CloudFront.7", "CloudFront.13", "CloudFront.15"),
    *("ECR.1", "ECR.2", "ECR.3", "IAM.1", "IAM.21", "KMS.4", "CloudWatch.16", "DynamoDB.2", "EFS.1", "SQS.1"),
}


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def left(asked: Synthesis) -> list[str]:
    """What fails, those apart that are waived."""
    return [str(finding) for finding in rules.prove(asked) if finding.control not in WAIVED]


def variants() -> dict[str, Environment]:
    prod, dev = environment("prod"), environment("dev")
    return {
        "dev": dev,
        "prod": prod,
        "dev multi-az": environment("dev", enable_multi_az=True),
        "prod multi-az": environment("prod", enable_multi_az=True),
        "dev otherwise": otherwise("dev"),
        "prod otherwise": otherwise("prod"),
        "prod with its database": whole("prod", lasts=True),
        "prod that passes": whole("prod", lasts=False),
    }


@pytest.mark.parametrize("variant", variants())
def test_every_variant_meets_every_control_but_the_waived(variant: str) -> None:
    assert left(alone(variants()[variant])) == []


def test_a_third_service_meets_every_control(chat: Service) -> None:
    services = (*environment("prod").services, chat)
    assert left(alone(environment("prod", services=services))) == []


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_is_found_by_its_control(committed: Synthesis, fault: Fault) -> None:
    before = set(rules.prove(committed))
    found = set(rules.prove(mutated(committed, fault.stack, fault.edit))) - before
    assert fault.control in {finding.control for finding in found}
    assert all(finding.problem and finding.remedy and finding.stack == fault.stack for finding in found)


def test_every_control_has_a_fault_that_it_finds() -> None:
    controls = {rule.control for rule in rules.RULES}
    assert controls == {fault.control for fault in FAULTS} | (controls & {fault.control for fault in MODULE_FAULTS})


def test_a_control_of_aws_has_the_id_of_aws() -> None:
    assert {rule.control for rule in rules.RULES if rule.control.split(".")[1].isdigit()} == OF_AWS


def test_every_control_is_asked_of_something(committed: Synthesis) -> None:
    asked = {rule.control for rule, *_ in rules.outcomes(committed)}
    types = {resource.type for stack in committed.stacks.values() for resource in stack.resources.values()}
    built = {rule.control for rule in rules.RULES if types & set(rule.types)}
    only_where_a_managed_database_is_protected = {"RDS.8", "rds.final_snapshot"}
    of_an_ephemeral_resource = {"passwords.length"}
    assert asked == built - only_where_a_managed_database_is_protected | of_an_ephemeral_resource


def test_protection_against_deletion_is_asked_for_only_where_it_lasts(committed: Synthesis) -> None:
    asked = {stack for rule, stack, *_ in rules.outcomes(committed) if rule.control == "ELB.6"}
    assert asked == {"prod"}


def test_an_argument_of_the_wrong_shape_is_not_passed() -> None:
    resources = {"aws_launch_template": {"odd": {"metadata_options": "required"}}}
    document = {"//": {"metadata": {"stackName": "dev"}}, "terraform": {}, "resource": resources}
    found = list(rules.prove(Synthesis({"dev": parse(document, Path("dev"))}, {})))
    assert "EC2.170" in {finding.control for finding in found if "cannot be read" in finding.problem}


def test_the_table_says_of_each_resource_how_each_control_came_out(committed: Synthesis) -> None:
    broken = mutated(committed, "prod", next(fault.edit for fault in FAULTS if fault.control == "KMS.4"))
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


def test_the_printed_table_has_a_row_for_each_verdict(committed: Synthesis) -> None:
    verdicts = controls(committed, waivers.read())
    assert table(verdicts).row_count == len(verdicts)
