"""The IAM proof holds for every environment, and each fault is found by the control that is about it."""

import pytest

from tests.guarded import Edit, Fault, mutated, synthesis
from tests.synthesized import environment, otherwise
from tests.unit.checks.faults.iam import FAULTS
from tests.unit.checks.faults.iam_edits import INSTANCES, allow, change, without
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam import prove
from wealist.spec.services import Service

pytestmark = pytest.mark.exhaustive


def found_in(stack: str, edit: Edit) -> list[Finding]:
    """What is found in one stack once its JSON is changed."""
    changed = mutated(synthesis(), stack, edit)
    return list(prove(Synthesis({stack: changed.stacks[stack]}, changed.environments)))


def test_the_committed_system_is_proven() -> None:
    assert [str(finding) for finding in prove(synthesis())] == []


def test_so_it_is_with_every_setting_otherwise_blue_green_among_them() -> None:
    assert [str(finding) for finding in prove(synthesis(otherwise("dev"), otherwise("prod")))] == []


def test_so_it_is_with_a_third_service(name: str, chat: Service) -> None:
    config = environment(name, services=(*environment(name).services, chat))
    assert [str(finding) for finding in prove(synthesis(config))] == []


def test_so_it_is_with_multi_az(name: str, multi_az: bool) -> None:  # noqa: FBT001  a fixture's value
    assert [str(finding) for finding in prove(synthesis(environment(name, enable_multi_az=multi_az)))] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_found_by_its_control(fault: Fault) -> None:
    found = found_in(fault.stack, fault.edit)
    assert fault.control in {finding.control for finding in found}, [str(finding) for finding in found]


def test_every_control_of_the_proof_has_a_fault() -> None:
    assert {fault.control for fault in FAULTS} == {
        "IAM.1", "IAM.21", "iam.actions", "iam.all-but", "iam.backups", "iam.boundary", "iam.conditions",
        "iam.escalation", "iam.form", "iam.handed", "iam.known", "iam.literal", "iam.need", "iam.pass-role",
        "iam.resources", "iam.sharing", "iam.tags", "iam.trust",
    }  # fmt: skip
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_a_finding_names_who_may_do_what_and_what_to_do_about_it() -> None:
    edit = allow(INSTANCES, "s3:GetObject", "arn:aws:s3:::wealist-app-artifacts/*")
    (finding,) = found_in("prod", edit)
    assert finding.address == "aws_iam_policy.identity_ec2_s3_policy"
    assert "wealist-prod-ec2-role s3:GetObject on arn:aws:s3:::wealist-app-artifacts/*" in finding.problem
    assert "declare the need" in finding.remedy


def test_a_need_that_nothing_meets_is_told_with_its_reason() -> None:
    found = found_in("prod", without(INSTANCES, "ReadBundles"))
    (unmet,) = [finding for finding in found if "GetObjectVersion" in finding.problem]
    assert unmet.address == "aws_iam_role.identity_ec2_role"
    assert "CodeDeploy's agent downloads bundles" in unmet.problem


def test_all_problems_are_told_at_once() -> None:
    edit = change(INSTANCES, "ReadScripts", lambda each: each["Action"].extend(["s3:Invented", "s3:PutBucketPolicy"]))
    assert {finding.control for finding in found_in("prod", edit)} >= {"iam.actions", "iam.need"}
