"""What operators add every day is no finding, or one whose remedy can be followed."""

import json
from typing import Any

import pytest

from tests.syntheses import Edit, mutated, synthesis
from tests.unit.checks.faults.tables import edit_from, table
from wealist.checks.check import GUARDS
from wealist.checks.finding import Finding, Synthesis

ROWS = [(guard, name) for guard, rows in table("additions").items() for name in rows]
GROUP = "backend_fleet_asg"


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def found(before: Synthesis, guard: str, edit: Edit, stack: str = "prod") -> list[Finding]:
    """Return what a guard finds of an addition, and did not find before."""
    return sorted(set(GUARDS[guard](mutated(before, stack, edit))) - set(GUARDS[guard](before)))


@pytest.mark.parametrize(("guard", "name"), ROWS)
def test_common_additions_cause_no_finding(committed: Synthesis, guard: str, name: str) -> None:
    row = table("additions")[guard][name]
    assert list(map(str, found(committed, guard, edit_from(row), row.get("in", "prod")))) == []


def test_a_second_bucket_violates_no_rule(committed: Synthesis) -> None:
    """Each resource of a bucket once more, under another name."""

    def edit(document: dict[str, Any]) -> None:
        for kind in filter(lambda each: each.startswith("aws_s3_bucket"), document["resource"]):
            text = json.dumps({n: v for n, v in document["resource"][kind].items() if "artifacts_app_resources" in n})
            another = text.replace("app-resources", "exports").replace("app_resources", "exports")
            document["resource"][kind] |= json.loads(another)

    assert list(map(str, found(committed, "rules", edit))) == []


def test_a_scaling_group_without_a_load_balancer_violates_no_rule(committed: Synthesis) -> None:
    def edit(document: dict[str, Any]) -> None:
        groups = document["resource"]["aws_autoscaling_group"]
        groups["worker"] = groups[GROUP] | {"target_group_arns": None, "health_check_type": "EC2"}

    assert list(map(str, found(committed, "rules", edit))) == []


def test_a_dns_record_of_another_party_is_one_finding_with_a_remedy(committed: Synthesis) -> None:
    record = {"name": "wealist.co.kr", "type": "CNAME", "ttl": 300, "records": ["docs.example.com"]}
    (finding,) = found(committed, "rules", edit_from({"aws_route53_record.docs": record}))
    assert finding.control == "route53.target"
    assert "waive this where somebody else answers" in finding.remedy
