"""The IAM proof accepts the stacks and common additions; each of its controls has a seeded fault."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.syntheses import Edit, mutated, synthesis
from tests.synthesized import all_changed, environment
from tests.unit.checks.faults.tables import combined, edit_from, table
from tests.unit.checks.iam.additions import KEY, QUEUE, allowing, boundary_allows, function, queue, right
from wealist.checks import iam
from wealist.checks.finding import Finding
from wealist.checks.iam import prove
from wealist.model.iam import policy
from wealist.spec.services import Service

pytestmark = pytest.mark.exhaustive

CONTROL: Final = re.compile(r'"(iam\.[a-z-]+)"')
FOREIGN_RULE = "arn:aws:events:ap-northeast-2:111122223333:rule/x"
SENDS = allowing("SendJobs", ["sqs:SendMessage"], [QUEUE])
ENCRYPTS = allowing("EncryptJobs", ["kms:Decrypt", "kms:GenerateDataKey"], [KEY])


def found(edit: Edit, *actions: str) -> list[Finding]:
    """Return the findings after an edit of prod's stack and the addition of actions to the boundary."""
    changed = mutated(synthesis(), "prod", edit)
    findings = prove(mutated(changed, "account", boundary_allows(*actions)) if actions else changed)
    return [finding for finding in findings if finding.control != "iam.coverage"]  # which the constructs take care of


def test_the_documented_stacks_have_no_findings() -> None:
    assert [str(finding) for finding in prove(synthesis())] == []


def test_stacks_with_other_values_of_every_setting_have_no_findings() -> None:
    assert [str(finding) for finding in prove(synthesis(all_changed("dev"), all_changed("prod")))] == []


def test_a_third_service_causes_no_findings(name: str, chat: Service) -> None:
    config = environment(name, services=(*environment(name).services, chat))
    assert [str(finding) for finding in prove(synthesis(config))] == []


def test_every_control_has_a_seeded_fault() -> None:
    sources = [*Path(iam.__file__).parent.glob("*.py"), Path(policy.__file__)]
    controls = {each for path in sources for each in CONTROL.findall(path.read_text(encoding="utf-8"))}
    assert len(controls) > 20
    assert controls <= table("iam").keys()


def test_all_problems_are_reported_at_once() -> None:
    statement = "instances ReadScripts"
    edit = edit_from({f"{statement} Action": ["s3:Invented", "s3:GetObject"], f"{statement} Resource": ["*"]})
    assert {finding.control for finding in found(edit)} >= {"iam.actions", "iam.wildcard"}


def test_instances_can_send_to_a_queue_of_their_environment() -> None:
    assert found(combined(queue(), right("jobs", SENDS, ENCRYPTS)), "sqs:SendMessage", "kms:GenerateDataKey") == []


@pytest.mark.parametrize(("queue_name", "controls"), [("wealist-orders", []), ("orders", ["iam.own-resources"])])
def test_a_referenced_queue_is_own_only_with_an_own_name(queue_name: str, controls: list[str]) -> None:
    by_reference = allowing("SendJobs", ["sqs:SendMessage"], ["${aws_sqs_queue.jobs.arn}"])
    edit = combined(queue(name=queue_name), right("jobs", by_reference, ENCRYPTS))
    assert [each.control for each in found(edit, "sqs:SendMessage", "kms:GenerateDataKey")] == controls


def test_a_function_can_have_a_role_that_only_lambda_can_assume() -> None:
    assert found(function()) == []


@pytest.mark.parametrize(
    ("path", "value", "control"),
    [
        ("aws_lambda_function.reports role", "${aws_iam_role.identity_ec2_role.arn}", "iam.role-passing"),
        ("aws_lambda_permission.reports source_arn", None, "iam.principal"),
        ("aws_lambda_permission.reports source_arn", FOREIGN_RULE, "iam.principal"),
        ("aws_lambda_permission.reports principal", "111122223333", "iam.principal"),
    ],
)
def test_a_function_with_a_wrong_role_or_foreign_caller_is_reported(path: str, value: object, control: str) -> None:
    assert control in {finding.control for finding in found(combined(function(), edit_from({path: value})))}


def test_the_remedy_for_a_right_outside_of_the_boundary_names_the_file_to_edit() -> None:
    (refused,) = [each for each in found(combined(queue(), right("jobs", SENDS))) if each.control == "iam.boundary"]
    assert "denies wealist-prod-ec2-role sqs:SendMessage" in refused.problem
    assert "wealist/constructs/boundary.py" in refused.remedy
