"""Checkov checks every stack, and reports weakened settings."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.copies import ROOT
from wealist import project
from wealist.checks import waivers
from wealist.checks.finding import Finding
from wealist.model.stack import StackJson
from wealist.operations.checkov import Report, copy_stacks, parse_reports, remaining_findings, run_checkov


@pytest.fixture(scope="module")
def checkov() -> Path:
    """The Checkov of `make lint`, installed if it is missing."""
    found = re.search(r"^CHECKOV := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found
    version = found[1]
    subprocess.run(["make", f"{version}/.installed"], cwd=ROOT, check=True)  # noqa: S607 -- make from PATH
    return ROOT / version / "bin" / "checkov"


def check(checkov: Path, synthesized: Path, into: Path) -> tuple[Report, dict[str, StackJson]]:
    found = copy_stacks(synthesized / "stacks", project.stack_names(synthesized), into)
    return parse_reports(run_checkov(checkov, into), found), found


def failed(report: Report, found: dict[str, StackJson]) -> list[Finding]:
    """Return findings, without unused waivers: they belong to the environments of operators, not of tests."""
    return [
        each for each in remaining_findings(report, list(found), waivers.read())[0] if each.control != waivers.UNUSED
    ]


def test_all_stacks_are_checked_without_findings(checkov: Path, synthesized: Path, tmp_path: Path) -> None:
    report, found = check(checkov, synthesized, tmp_path / "input")
    assert failed(report, found) == []
    assert report.unparsed == ()
    assert {name: count for name, count in report.passed.items() if count < 10} == {}
    assert set(report.passed) == set(found) >= {"account", "bootstrap", "dev", "prod"}


def test_weakened_settings_are_reported_in_json_and_modules(checkov: Path, synthesized: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    for name in project.stack_names(synthesized):
        path = Path("stacks", name, "cdk.tf.json")
        (changed / path).parent.mkdir(parents=True)
        (changed / path).write_text((synthesized / path).read_text())
    (changed / "manifest.json").write_text((synthesized / "manifest.json").read_text())
    prod = changed / "stacks/prod/cdk.tf.json"
    document: dict[str, Any] = json.loads(prod.read_text())
    resources = document["resource"]
    resources["aws_kms_key"]["encryption_key"]["enable_key_rotation"] = False
    resources["aws_vpc_security_group_ingress_rule"]["mistake"] = {
        "security_group_id": "${aws_security_group.firewall_ec2_sg.id}",
        "cidr_ipv4": "0.0.0.0/0",
        "ip_protocol": "tcp",
        "from_port": 22,
        "to_port": 22,
        "description": "for a while",
    }
    prod.write_text(json.dumps(document))
    module = changed / "stacks/bootstrap/modules/state_backend"
    module.mkdir(parents=True)
    state = (synthesized / "stacks/bootstrap/modules/state_backend/main.tf").read_text()
    (module / "main.tf").write_text(state.replace("block_public_policy     = true", "block_public_policy     = false"))

    report, found = check(checkov, changed, tmp_path / "input")
    assert {(finding.control, finding.address) for finding in failed(report, found)} == {
        ("CKV_AWS_7", "aws_kms_key.encryption_key"),
        ("CKV_AWS_24", "aws_vpc_security_group_ingress_rule.mistake"),
        ("CKV_AWS_54", "module.state_backend.aws_s3_bucket_public_access_block.state"),
        ("CKV2_AWS_6", "module.state_backend.aws_s3_bucket.state"),
    }
