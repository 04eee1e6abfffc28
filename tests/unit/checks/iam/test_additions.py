"""What an operator adds passes the IAM proof by what it says: no table lists it."""

import pytest

from tests.guarded import Edit, mutated, synthesis
from tests.unit.checks.faults.edits import both, put
from tests.unit.checks.iam.additions import QUEUE, allowing, function, let_through, queue, right
from wealist.checks.finding import Finding
from wealist.checks.iam import prove
from wealist.checks.iam.coverage import COVERAGE

pytestmark = pytest.mark.exhaustive

USES_KEY = ["kms:Decrypt", "kms:GenerateDataKey"]
KEY = ["${aws_kms_key.encryption_key.arn}"]
FOREIGN_RULE = "arn:aws:events:ap-northeast-2:111122223333:rule/x"
SENDS = allowing("SendJobs", ["sqs:SendMessage"], [QUEUE])
ENCRYPTS = allowing("EncryptJobs", USES_KEY, KEY)


def proven(edit: Edit, *actions: str) -> list[Finding]:
    """What is found once prod's stack is edited, and the boundary lets further actions through."""
    changed = mutated(synthesis(), "prod", edit)
    found = prove(mutated(changed, "account", let_through(*actions)) if actions else changed)
    return [finding for finding in found if finding.control != COVERAGE]  # which the constructs would take care of


def test_instances_may_send_to_a_queue_of_their_environment() -> None:
    assert proven(both(queue(), right("jobs", SENDS, ENCRYPTS)), "sqs:SendMessage", "kms:GenerateDataKey") == []


def test_a_queue_may_be_named_by_reference() -> None:
    by_reference = allowing("SendJobs", ["sqs:SendMessage"], ["${aws_sqs_queue.jobs.arn}"])
    edit = both(queue(name="orders"), right("jobs", by_reference, ENCRYPTS))
    (finding,) = proven(edit, "sqs:SendMessage", "kms:GenerateDataKey")
    assert finding.control == "iam.own-resources"  # no name of ours
    named = both(queue(name="wealist-orders"), right("jobs", by_reference, ENCRYPTS))
    assert proven(named, "sqs:SendMessage", "kms:GenerateDataKey") == []


def test_a_function_may_have_a_role_that_lambda_alone_takes() -> None:
    assert proven(function()) == []


@pytest.mark.parametrize(
    ("path", "value", "control"),
    [
        ("aws_lambda_function.reports.role", "${aws_iam_role.identity_ec2_role.arn}", "iam.role-passing"),
        ("aws_lambda_permission.reports.source_arn", None, "iam.principal"),
        ("aws_lambda_permission.reports.source_arn", FOREIGN_RULE, "iam.principal"),
        ("aws_lambda_permission.reports.principal", "*", "iam.principal"),
        ("aws_lambda_permission.reports.principal", "111122223333", "iam.principal"),
        ("aws_iam_role.reports.permissions_boundary", None, "iam.boundary"),
    ],
)
def test_a_function_that_somebody_else_may_use_is_refused(path: str, value: object, control: str) -> None:
    assert control in {finding.control for finding in proven(both(function(), put(path, to=value)))}


def test_a_right_that_the_boundary_keeps_back_names_the_file_that_counts_policies() -> None:
    found = proven(both(queue(), right("jobs", SENDS)))
    (refused,) = [finding for finding in found if finding.control == "iam.boundary"]
    assert "keeps wealist-prod-ec2-role from sqs:SendMessage" in refused.problem
    assert "wealist/constructs/boundary.py" in refused.remedy
