"""Common additions cause no finding, or one with a usable remedy."""

import functools
import json
from typing import Any

import pytest

from tests.syntheses import Edit, mutated, synthesis
from tests.unit.checks.faults.tables import edit_from, table
from wealist.checks.check import GUARDS
from wealist.checks.finding import Finding

ROWS = [(guard, name) for guard, rows in table("additions").items() for name in rows]
GROUP = "backend_fleet_asg"


committed = functools.cache(synthesis)


@functools.cache
def findings_before(guard: str) -> frozenset[Finding]:
    return frozenset(GUARDS[guard](committed()))


def findings_of(guard: str, edit: Edit, stack: str = "prod") -> list[Finding]:
    """Return the findings of a guard that an edit adds."""
    return sorted(set(GUARDS[guard](mutated(committed(), stack, edit))) - findings_before(guard))


@pytest.mark.exhaustive
@pytest.mark.parametrize(("guard", "name"), ROWS)
def test_common_additions_cause_no_finding(guard: str, name: str) -> None:
    row = table("additions")[guard][name]
    assert list(map(str, findings_of(guard, edit_from(row), row.get("in", "prod")))) == []


def test_a_second_bucket_violates_no_rule() -> None:
    """The edit copies each resource of a bucket under another name."""

    def edit(document: dict[str, Any]) -> None:
        for kind in filter(lambda each: each.startswith("aws_s3_bucket"), document["resource"]):
            text = json.dumps({n: v for n, v in document["resource"][kind].items() if "artifacts_app_resources" in n})
            another = text.replace("app-resources", "exports").replace("app_resources", "exports")
            document["resource"][kind] |= json.loads(another)

    assert list(map(str, findings_of("rules", edit))) == []


def test_a_scaling_group_without_a_load_balancer_violates_no_rule() -> None:
    def edit(document: dict[str, Any]) -> None:
        groups = document["resource"]["aws_autoscaling_group"]
        groups["worker"] = groups[GROUP] | {"target_group_arns": None, "health_check_type": "EC2"}

    assert list(map(str, findings_of("rules", edit))) == []


def test_a_dns_record_of_another_party_is_one_finding_with_a_remedy() -> None:
    record = {"name": "wealist.co.kr", "type": "CNAME", "ttl": 300, "records": ["docs.example.com"]}
    (finding,) = findings_of("rules", edit_from({"aws_route53_record.docs": record}))
    assert finding.control == "route53.target"
    assert "add a waiver if another system serves it" in finding.remedy
