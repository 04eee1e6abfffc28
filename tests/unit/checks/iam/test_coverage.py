"""The pipeline may do what Terraform calls for the types in use; where it may not, the finding says what and why."""

from dataclasses import replace

import pytest

from tests.guarded import Edit, Fault, mutated, synthesis
from tests.unit.checks.faults.edits import Document, add, put
from tests.unit.checks.faults.iam_coverage import FAULTS
from tests.unit.checks.faults.iam_edits import APPLY, allow
from wealist.checks.accepted import Accepted
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam import prove
from wealist.checks.iam.coverage import COVERAGE

pytestmark = pytest.mark.exhaustive


def findings(asked: Synthesis) -> list[Finding]:
    return [finding for finding in prove(asked) if finding.control == COVERAGE]


def after(edit: Edit, stack: str = "prod") -> list[Finding]:
    return findings(mutated(synthesis(), stack, edit))


def test_the_pipeline_may_do_all_that_the_documents_system_takes() -> None:
    assert findings(synthesis()) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_at_the_role_that_would_be_refused(fault: Fault) -> None:
    found = after(fault.edit, fault.stack)
    assert found
    for finding in found:
        assert (finding.stack, finding.remedy != "") == ("account", True)
        assert finding.address in {"aws_iam_role.pipeline_plan_role", "aws_iam_role.pipeline_apply_role"}


def test_a_type_that_the_account_was_not_synthesized_with_is_one_finding_for_each_role() -> None:
    def edit(document: Document) -> None:
        document["resource"]["aws_sqs_queue"] = {name: {"name": f"wealist-prod-{name}"} for name in ("jobs", "mail")}

    plans, applies = sorted(after(edit), key=lambda finding: finding.address, reverse=True)
    assert "sqs:GetQueueAttributes" in plans.problem
    assert "sqs:CreateQueue" not in plans.problem
    assert "sqs:CreateQueue" in applies.problem
    assert "prod: aws_sqs_queue.jobs" in applies.problem
    assert "synthesize the account's stack again" in applies.remedy


def test_a_name_that_is_not_ours_names_the_row_that_limits_it() -> None:
    found = after(put("aws_elasticache_replication_group.cache_replication_group.replication_group_id", to="redis"))
    (finding,) = found
    assert "replicationgroup:redis" in finding.problem
    assert "begin its name with wealist-" in finding.remedy
    assert "[aws_elasticache_replication_group] in wealist/model/types.toml" in finding.remedy


def test_a_refusal_is_named_as_one() -> None:
    (finding,) = after(allow(APPLY, "ec2:ModifyVpcAttribute", Effect="Deny"), "account")
    assert "a Deny refuses it" in finding.remedy


def test_what_has_left_the_code_is_destroyed_by_the_next_apply_and_counts() -> None:
    asked = synthesis()
    gone = Accepted(removed={"prod": frozenset({"aws_sqs_queue.jobs"})})
    found = findings(replace(asked, accepted=gone))
    assert any("sqs:DeleteQueue" in finding.problem for finding in found)


def test_what_is_created_by_hand_needs_no_right_to_create_it() -> None:
    found = after(add("aws_iam_user", name="wealist-x"))
    assert all("iam:CreateUser" not in finding.problem for finding in found)
    assert any("iam:GetUser" in finding.problem for finding in found)


def test_what_an_operator_changes_alone_is_asked_for_by_its_type() -> None:
    """The pipeline is refused its own roles, and the bucket of the states."""
    assert not [finding for finding in findings(synthesis()) if "terraform-apply-role" in finding.problem]
