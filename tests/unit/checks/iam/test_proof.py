"""The IAM proof holds for every environment, and every control of it has a seeded fault."""

import pytest

from tests.guarded import Edit, mutated, synthesis
from tests.synthesized import environment, otherwise
from tests.unit.checks.faults.iam import FAULTS
from tests.unit.checks.faults.iam_edits import INSTANCES, change
from wealist.checks.finding import Finding
from wealist.checks.iam import prove
from wealist.spec.services import Service

pytestmark = pytest.mark.exhaustive


def found_in(stack: str, edit: Edit) -> list[Finding]:
    """What is found once one stack's JSON is changed."""
    return list(prove(mutated(synthesis(), stack, edit)))


def test_the_committed_system_is_proven() -> None:
    assert [str(finding) for finding in prove(synthesis())] == []


def test_so_it_is_with_every_setting_otherwise_blue_green_among_them() -> None:
    assert [str(finding) for finding in prove(synthesis(otherwise("dev"), otherwise("prod")))] == []


def test_so_it_is_with_a_third_service(name: str, chat: Service) -> None:
    config = environment(name, services=(*environment(name).services, chat))
    assert [str(finding) for finding in prove(synthesis(config))] == []


def test_every_control_of_the_proof_has_a_fault() -> None:
    assert {fault.control for fault in FAULTS} == {
        "IAM.1", "IAM.21", "iam.actions", "iam.all-but", "iam.backups", "iam.boundary", "iam.conditions",
        "iam.escalation", "iam.form", "iam.key-use", "iam.known", "iam.literal", "iam.own-resources", "iam.parameters",
        "iam.pass-role", "iam.principal", "iam.resources", "iam.role-passing", "iam.sharing", "iam.tags", "iam.trust",
        "iam.unattached", "iam.why", "iam.wildcard",
    }  # fmt: skip
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_all_problems_are_reported_at_once() -> None:
    edit = change(
        INSTANCES, "ReadScripts", lambda each: each.update(Action=["s3:Invented", "s3:GetObject"], Resource=["*"])
    )
    assert {finding.control for finding in found_in("prod", edit)} >= {"iam.actions", "iam.wildcard"}
