"""The IAM proof holds for every environment and for everyday additions; every control of it has a seeded fault."""

import pytest

from tests.syntheses import Edit, mutated, synthesis
from tests.synthesized import environment, otherwise
from tests.unit.checks.faults.tables import combined, edit_from, table
from tests.unit.checks.iam.additions import KEY, QUEUE, allowing, function, let_through, queue, right
from wealist.checks.finding import Finding
from wealist.checks.iam import prove
from wealist.spec.services import Service

pytestmark = pytest.mark.exhaustive

FOREIGN_RULE = "arn:aws:events:ap-northeast-2:111122223333:rule/x"
SENDS = allowing("SendJobs", ["sqs:SendMessage"], [QUEUE])
ENCRYPTS = allowing("EncryptJobs", ["kms:Decrypt", "kms:GenerateDataKey"], [KEY])


def found(edit: Edit, *actions: str) -> list[Finding]:
    """What is found once prod's stack is edited, and the boundary lets further actions through."""
    changed = mutated(synthesis(), "prod", edit)
    findings = prove(mutated(changed, "account", let_through(*actions)) if actions else changed)
    return [finding for finding in findings if finding.control != "iam.coverage"]  # which the constructs take care of


def test_the_documents_system_is_proven() -> None:
    assert [str(finding) for finding in prove(synthesis())] == []


def test_so_it_is_with_every_setting_otherwise_blue_green_among_them() -> None:
    assert [str(finding) for finding in prove(synthesis(otherwise("dev"), otherwise("prod")))] == []


def test_so_it_is_with_a_third_service(name: str, chat: Service) -> None:
    config = environment(name, services=(*environment(name).services, chat))
    assert [str(finding) for finding in prove(synthesis(config))] == []


def test_every_control_of_the_proof_has_a_fault() -> None:
    assert table("iam").keys() - {"stack.provider"} == {
        "IAM.1", "IAM.21", "iam.actions", "iam.all-but", "iam.apart", "iam.backups", "iam.boundary", "iam.conditions",
        "iam.coverage", "iam.escalation", "iam.form", "iam.key-use", "iam.known", "iam.literal", "iam.own-resources",
        "iam.parameters", "iam.pass-role", "iam.principal", "iam.resources", "iam.role-passing", "iam.shared-trust",
        "iam.sharing", "iam.tags", "iam.trust", "iam.unattached", "iam.why", "iam.wildcard",
    }  # fmt: skip


def test_all_problems_are_reported_at_once() -> None:
    statement = "instances ReadScripts"
    edit = edit_from({f"{statement} Action": ["s3:Invented", "s3:GetObject"], f"{statement} Resource": ["*"]})
    assert {finding.control for finding in found(edit)} >= {"iam.actions", "iam.wildcard"}


def test_instances_may_send_to_a_queue_of_their_environment() -> None:
    assert found(combined(queue(), right("jobs", SENDS, ENCRYPTS)), "sqs:SendMessage", "kms:GenerateDataKey") == []


@pytest.mark.parametrize(("queue_name", "controls"), [("wealist-orders", []), ("orders", ["iam.own-resources"])])
def test_a_queue_named_by_reference_is_own_by_its_name(queue_name: str, controls: list[str]) -> None:
    by_reference = allowing("SendJobs", ["sqs:SendMessage"], ["${aws_sqs_queue.jobs.arn}"])
    edit = combined(queue(name=queue_name), right("jobs", by_reference, ENCRYPTS))
    assert [each.control for each in found(edit, "sqs:SendMessage", "kms:GenerateDataKey")] == controls


def test_a_function_may_have_a_role_that_lambda_alone_takes() -> None:
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
def test_a_function_that_somebody_else_may_use_is_refused(path: str, value: object, control: str) -> None:
    assert control in {finding.control for finding in found(combined(function(), edit_from({path: value})))}


def test_a_right_that_the_boundary_keeps_back_names_the_file_that_counts_policies() -> None:
    (refused,) = [each for each in found(combined(queue(), right("jobs", SENDS))) if each.control == "iam.boundary"]
    assert "denies wealist-prod-ec2-role sqs:SendMessage" in refused.problem
    assert "wealist/constructs/boundary.py" in refused.remedy
