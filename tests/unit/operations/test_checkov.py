"""What Checkov says becomes findings at our addresses, and saying nothing is no proof."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.guarded import synthesis
from wealist.checks.waivers import Waiver
from wealist.errors import OperatorError
from wealist.model.stack import StackJson
from wealist.operations.checkov import Report, copy_stacks, parse_reports, remaining_findings, run_checkov
from wealist.project import ROOT

ALB = "aws_lb.load_balancer_alb"
WAIVER = Waiver(("CKV_AWS_150",), ("*",), ("aws_lb.*",), "Protection", "dev may be destroyed", dt.date(2027, 1, 1), 1)
OF_OURS = Waiver(("S3.14",), ("*",), ("aws_s3_bucket.*",), "Versions", "as documented", dt.date(2026, 1, 1), 9)
PASSED = {"dev": 3, "prod": 3}


@pytest.fixture(scope="module")
def stacks() -> Mapping[str, StackJson]:
    return synthesis().stacks


def record(resource: str, path: str = "/dev/cdk.tf.json") -> dict[str, Any]:
    return {"check_id": "CKV_AWS_150", "check_name": "deletion protection", "file_path": path, "resource": resource}


def reports(**results: list[Any]) -> list[dict[str, Any]]:
    """Both frameworks, the first with results."""
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
    """Something in Checkov's place, in a virtualenv of its own."""
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
def test_a_failed_check_is_told_at_its_address(
    stacks: Mapping[str, StackJson], resource: str, path: str, address: str
) -> None:
    (found,) = parse_reports(reports(failed_checks=[record(resource, path)]), stacks).findings
    assert (found.address, found.control) == (address, "CKV_AWS_150")
    assert found.stack == path.split("/")[1]


def test_a_check_of_nothing_that_is_there_is_no_finding_but_a_failure(stacks: Mapping[str, StackJson]) -> None:
    with pytest.raises(OperatorError, match=r"resource\.unheard_of"):
        parse_reports(reports(failed_checks=[record("resource.unheard_of")]), stacks)


def test_a_check_that_a_comment_skips_fails(stacks: Mapping[str, StackJson]) -> None:
    (found,) = parse_reports(reports(skipped_checks=[record(ALB)]), stacks).findings
    assert found.address == ALB


def test_passed_checks_are_counted_by_stack(stacks: Mapping[str, StackJson]) -> None:
    passed = [record(ALB), record(ALB, "/prod/cdk.tf.json"), record(ALB, "/prod/modules/a/main.tf")]
    assert parse_reports(reports(passed_checks=passed), stacks).passed == {"dev": 1, "prod": 2}


def test_a_framework_that_read_nothing_fails(stacks: Mapping[str, StackJson]) -> None:
    with pytest.raises(OperatorError, match="reported nothing for terraform_json"):
        parse_reports(reports()[1:], stacks)


def test_a_waived_check_is_no_failure_and_any_other_is(stacks: Mapping[str, StackJson]) -> None:
    (waived,) = parse_reports(reports(failed_checks=[record(ALB)]), stacks).findings
    (other,) = parse_reports(reports(failed_checks=[record("aws_vpc.network_vpc")]), stacks).findings
    report = Report("3.3.30", PASSED, (waived, other), ())
    assert remaining_findings(report, ["dev", "prod"], [WAIVER]) == ([other], 1)


def test_a_waiver_of_checkovs_that_covers_nothing_fails() -> None:
    failed, _ = remaining_findings(Report("3.3.30", PASSED, (), ()), ["dev", "prod"], [WAIVER])
    assert [finding.control for finding in failed] == ["waivers.unused"]


def test_waivers_of_our_own_controls_say_nothing_here() -> None:
    assert remaining_findings(Report("3.3.30", PASSED, (), ()), ["dev", "prod"], [OF_OURS]) == ([], 0)


def test_a_file_that_cannot_be_read_fails() -> None:
    failed, _ = remaining_findings(Report("3.3.30", PASSED, (), ("/dev/cdk.tf.json",)), ["dev", "prod"], [])
    assert [(finding.control, finding.stack) for finding in failed] == [("checkov.unparsed", "dev")]


def test_a_stack_of_which_nothing_was_checked_fails() -> None:
    failed, _ = remaining_findings(Report("3.3.30", PASSED, (), ()), ["account", "dev", "prod"], [])
    assert [(finding.control, finding.stack) for finding in failed] == [("checkov.silent", "account")]


def test_checkov_gets_the_resources_and_modules_and_nothing_that_it_cannot_read(tmp_path: Path) -> None:
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


def test_a_missing_checkov_is_a_failure_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no Checkov") as refused:
        run_checkov(tmp_path / "checkov", tmp_path)
    assert "make lint" in refused.value.remedy


def test_a_checkov_that_breaks_is_a_failure_that_says_how(tmp_path: Path) -> None:
    broken = program(tmp_path, "echo 'No module named hcl2' >&2; exit 3")
    with pytest.raises(OperatorError, match=r"(?s)ended with 3 and no report.*No module named hcl2"):
        run_checkov(broken, tmp_path)


def test_checkov_runs_without_the_network_and_without_settings_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BC_API_KEY", "somebody's")
    said = program(
        tmp_path, """echo "[{\\"arguments\\": \\"$*\\", \\"key\\": \\"$BC_API_KEY\\", \\"in\\": \\"$PWD\\"}]" """
    )
    (seen,) = run_checkov(said, tmp_path)
    assert seen["key"] == ""
    assert seen["in"] == str(tmp_path)
    assert {"--skip-download", "--framework", "terraform_json", "--soft-fail"} <= set(seen["arguments"].split())


def test_a_single_report_is_read_as_one_of_several(tmp_path: Path) -> None:
    assert run_checkov(program(tmp_path, "echo '{}'"), tmp_path) == [{}]


def test_the_makefile_sets_up_the_checkov_that_lint_runs() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "wealist.operations.checkov $(CHECKOV)/bin/checkov" in makefile
