"""Checkov's reports become findings with Terraform's addresses; missing reports are failures."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.syntheses import synthesis
from wealist.checks.waivers import Waiver
from wealist.errors import OperatorError
from wealist.model.stack import StackJson
from wealist.operations.checkov import Report, copy_stacks, parse_reports, remaining_findings, run_checkov
from wealist.project import ROOT

ALB = "aws_lb.load_balancer_alb"
WAIVER = Waiver(("CKV_AWS_150",), ("*",), ("aws_lb.*",), "Protection", "dev may be destroyed", dt.date(2027, 1, 1), 1)
OTHER_TOOL = Waiver(("S3.14",), ("*",), ("aws_s3_bucket.*",), "Versions", "as documented", dt.date(2026, 1, 1), 9)
PASSED = {"dev": 3, "prod": 3}


@pytest.fixture(scope="module")
def stacks() -> Mapping[str, StackJson]:
    return synthesis().stacks


def record(resource: str, path: str = "/dev/cdk.tf.json") -> dict[str, Any]:
    return {"check_id": "CKV_AWS_150", "check_name": "deletion protection", "file_path": path, "resource": resource}


def reports(**results: list[Any]) -> list[dict[str, Any]]:
    """Return the reports of both frameworks, the first with results."""
    empty: dict[str, list[Any]] = {
        "passed_checks": [],
        "failed_checks": [],
        "skipped_checks": [],
        "parsing_errors": [],
    }
    summary = {"checkov_version": "3.3.30"}
    return [
        {"check_type": "terraform_json", "results": empty | results, "summary": summary},
        {"check_type": "terraform", "results": empty, "summary": summary},
    ]


def program(tmp_path: Path, text: str) -> Path:
    """Write a shell script in place of Checkov."""
    path = tmp_path / "tool" / "bin" / "checkov"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("resource", "path", "address"),
    [
        (ALB, "/dev/cdk.tf.json", ALB),
        ("resource.load_balancer_alb", "/dev/cdk.tf.json", ALB),
        ("provider.aws", "/dev/cdk.tf.json", "provider.aws"),
        (
            "aws_s3_bucket.state",
            "/bootstrap/modules/state_backend/main.tf",
            "module.state_backend.aws_s3_bucket.state",
        ),
    ],
)
def test_a_failed_check_has_the_address_of_its_resource(
    stacks: Mapping[str, StackJson], resource: str, path: str, address: str
) -> None:
    (found,) = parse_reports(reports(failed_checks=[record(resource, path)]), stacks).findings
    assert (found.address, found.control) == (address, "CKV_AWS_150")
    assert found.stack == path.split("/")[1]


def test_a_check_of_an_unknown_resource_is_an_error(stacks: Mapping[str, StackJson]) -> None:
    with pytest.raises(OperatorError, match=r"resource\.unheard_of"):
        parse_reports(reports(failed_checks=[record("resource.unheard_of")]), stacks)


def test_a_check_skipped_by_a_comment_is_a_finding(stacks: Mapping[str, StackJson]) -> None:
    (found,) = parse_reports(reports(skipped_checks=[record(ALB)]), stacks).findings
    assert found.address == ALB


def test_passed_checks_are_counted_by_stack(stacks: Mapping[str, StackJson]) -> None:
    passed = [record(ALB), record(ALB, "/prod/cdk.tf.json"), record(ALB, "/prod/modules/a/main.tf")]
    assert parse_reports(reports(passed_checks=passed), stacks).passed == {"dev": 1, "prod": 2}


def test_a_missing_framework_is_an_error(stacks: Mapping[str, StackJson]) -> None:
    with pytest.raises(OperatorError, match="reported nothing for terraform_json"):
        parse_reports(reports()[1:], stacks)


def test_waived_checks_are_counted_and_others_remain(stacks: Mapping[str, StackJson]) -> None:
    (waived,) = parse_reports(reports(failed_checks=[record(ALB)]), stacks).findings
    (other,) = parse_reports(reports(failed_checks=[record("aws_vpc.network_vpc")]), stacks).findings
    report = Report("3.3.30", PASSED, (waived, other), ())
    assert remaining_findings(report, ["dev", "prod"], [WAIVER]) == ([other], 1)


def test_an_unused_waiver_of_checkov_is_a_finding() -> None:
    failed, _ = remaining_findings(Report("3.3.30", PASSED, (), ()), ["dev", "prod"], [WAIVER])
    assert [finding.control for finding in failed] == ["waivers.unused"]


def test_unused_waivers_of_other_tools_are_ignored() -> None:
    assert remaining_findings(Report("3.3.30", PASSED, (), ()), ["dev", "prod"], [OTHER_TOOL]) == ([], 0)


def test_an_unparsed_file_is_a_finding() -> None:
    failed, _ = remaining_findings(Report("3.3.30", PASSED, (), ("/dev/cdk.tf.json",)), ["dev", "prod"], [])
    assert [(finding.control, finding.stack) for finding in failed] == [("checkov.unparsed", "dev")]


def test_a_stack_without_checks_is_a_finding() -> None:
    failed, _ = remaining_findings(Report("3.3.30", PASSED, (), ()), ["account", "dev", "prod"], [])
    assert [(finding.control, finding.stack) for finding in failed] == [("checkov.silent", "account")]


def test_checkov_reads_resources_and_modules_without_unsupported_sections(tmp_path: Path) -> None:
    document = {"//": {"metadata": {"stackName": "dev"}}, "terraform": {"required_version": ">= 1"}, "resource": {}}
    module = tmp_path / "stacks/dev/modules/boot"
    module.mkdir(parents=True)
    (module / "main.tf").write_text("locals {}\n")
    (tmp_path / "stacks/dev/cdk.tf.json").write_text(json.dumps(document))
    into = tmp_path / "input"
    (into / "stale").mkdir(parents=True)
    assert list(copy_stacks(tmp_path / "stacks", ["dev"], into)) == ["dev"]
    assert json.loads((into / "dev/cdk.tf.json").read_text()) == {"resource": {}}
    assert (into / "dev/modules/boot/main.tf").is_file()
    assert not (into / "stale").exists()


def test_a_missing_checkov_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no Checkov") as refused:
        run_checkov(tmp_path / "checkov", tmp_path)
    assert "make lint" in refused.value.remedy


def test_the_error_of_a_crashed_checkov_has_its_output(tmp_path: Path) -> None:
    broken = program(tmp_path, "echo 'No module named hcl2' >&2; exit 3")
    with pytest.raises(OperatorError, match=r"(?s)ended with 3 and no report.*No module named hcl2"):
        run_checkov(broken, tmp_path)


def test_checkov_runs_without_network_access_and_user_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BC_API_KEY", "secret")
    echo = program(
        tmp_path, """echo "[{\\"arguments\\": \\"$*\\", \\"key\\": \\"$BC_API_KEY\\", \\"in\\": \\"$PWD\\"}]" """
    )
    (seen,) = run_checkov(echo, tmp_path)
    assert seen["key"] == ""
    assert seen["in"] == str(tmp_path)
    assert {"--skip-download", "--framework", "terraform_json", "--soft-fail"} <= set(seen["arguments"].split())


def test_a_single_report_is_accepted_without_a_list(tmp_path: Path) -> None:
    assert run_checkov(program(tmp_path, "echo '{}'"), tmp_path) == [{}]


def test_make_lint_runs_checkov_from_its_virtualenv() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "wealist.operations.checkov $(CHECKOV)/bin/checkov" in makefile
