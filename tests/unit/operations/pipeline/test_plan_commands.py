"""`python -m wealist pipeline plan` and `apply`, with Terraform replaced."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.github_server import GitHubServer
from tests.unit.operations.pipeline.conftest import A, B, plan_record, protected
from tests.unit.operations.pipeline.test_commands import pipeline
from wealist import project
from wealist.errors import OperatorError
from wealist.operations.pipeline import jobs
from wealist.operations.pipeline.plans import Record
from wealist.operations.plan import Target
from wealist.review.markdown import marker

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of prod, the only stack here. Nothing is synthesized."""

    @contextmanager
    def target(stack: str) -> Iterator[Target]:
        assert stack == "prod"
        yield Target(tmp_path, {})

    monkeypatch.setattr(jobs, "aws_target", target)
    monkeypatch.setattr(project, "WORK", tmp_path / ".wealist")
    return tmp_path


DESTROYING: Final = {
    "format_version": "1.2",
    "terraform_version": "1.15.5",
    "applyable": True,
    "complete": True,
    "resource_changes": [
        {
            "address": "aws_eip.network_nat",
            "mode": "managed",
            "type": "aws_eip",
            "change": {"actions": ["delete"], "before": {"id": "eipalloc-1"}, "after": None, "after_unknown": False,
                       "before_sensitive": {}, "after_sensitive": False},
        }
    ],
}  # fmt: skip
NOTHING: Final = {"applyable": False, "resource_changes": []}
FAILING: Final = {
    "address": {"kind": "check", "name": "firewall_rules", "to_display": "check.firewall_rules"},
    "status": "fail",
    "instances": [{"status": "fail", "problems": [{"message": "rules that are not in the code: sgr-1"}]}],
}


def replace_plan(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, plan: str | None = B, shown: dict[str, Any] = DESTROYING
) -> None:
    """Replace the plan by one that destroys an Elastic IP address, or by another."""

    def plan_for_review(stack: str, target: Target, out: Path, s3: Any) -> Record:
        assert (stack, target.folder, s3.meta.service_model.service_name) == ("prod", folder, "s3")
        out.mkdir()
        (out / "plan.json").write_text(json.dumps(shown))
        return plan_record(plan=plan)

    monkeypatch.setattr(jobs, "plan_for_review", plan_for_review)


@pytest.mark.parametrize(
    ("gates", "acknowledged", "stopped"),
    [
        ("", "", "false"),
        ("stateful", "", "false"),
        ("destroy stateful", "", "true"),
        ("destroy stateful", "No longer needed.\nAcknowledge: destroy aws_eip.network_nat\nbug", "false"),
        ("destroy stateful", "Acknowledge: destroy aws_eip.network_na", "true"),
        ("destroy stateful", "<!-- Acknowledge: destroy aws_eip.network_nat -->\nStill needed.", "true"),
    ],
)
def test_a_gate_stops_a_plan_unless_its_change_is_acknowledged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, gates: str, acknowledged: str, stopped: str
) -> None:
    monkeypatch.setenv("GATES", gates)
    monkeypatch.setenv("ACKNOWLEDGEMENTS", acknowledged)
    replace_plan(monkeypatch, folder)
    assert pipeline("plan", "prod", "--out", str(folder / "out")) == f"review=true\nstopped={stopped}\n"
    review = (folder / "out" / "review.md").read_text()
    assert review.startswith(marker("prod"))
    assert "aws_eip.network_nat" in review
    assert "https://github.com/OrangesCloud/wealist-infrastructure/actions/runs/9" in review
    assert "aws_eip.network_nat" in (folder / "out" / "review.json").read_text()


def test_the_label_that_the_review_names_acknowledges_even_if_the_description_has_an_open_comment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATES", "destroy stateful")
    monkeypatch.setenv("ACKNOWLEDGEMENTS", "<!-- a remark")
    replace_plan(monkeypatch, folder)
    assert pipeline("plan", "prod", "--out", str(folder / "first")) == "review=true\nstopped=true\n"
    (label,) = re.findall(r"or the label `(Acknowledge: .*)`", (folder / "first" / "review.md").read_text())
    monkeypatch.setenv("LABELS", json.dumps(["bug", label]))
    assert pipeline("plan", "prod", "--out", str(folder / "second")) == "review=true\nstopped=false\n"


def test_a_plan_without_changes_has_no_review(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_plan(monkeypatch, folder, plan=None, shown=DESTROYING | NOTHING)
    monkeypatch.setenv("GATES", "destroy")
    assert pipeline("plan", "prod", "--out", str(folder / "out")) == "review=false\nstopped=false\n"
    assert not (folder / "out" / "review.md").exists()


def test_a_failed_check_is_reviewed_even_without_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_plan(monkeypatch, folder, plan=None, shown=DESTROYING | NOTHING | {"checks": [FAILING]})
    assert pipeline("plan", "prod", "--out", str(folder / "out")) == "review=true\nstopped=false\n"
    assert "sgr-1" in (folder / "out" / "review.md").read_text()


def test_apply_passes_the_options_on_as_the_reviewed_plan(
    hub: GitHubServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[tuple[object, ...]] = []

    def apply(target: Target, record: Record, s3: Any) -> None:
        applied.append((target.folder, record, s3.meta.service_model.service_name))

    monkeypatch.setattr(jobs, "apply_reviewed", apply)
    hub.holds(protected("dev"))
    with pytest.raises(OperatorError, match="prod: GitHub has no environment of that name"):
        pipeline("apply", "prod", "--plan", B, "--configuration", A, "--terraform", "1.15.5")
    assert applied == []
    hub.holds(protected("prod"))
    pipeline("apply", "prod", "--plan", B, "--configuration", A, "--terraform", "1.15.5")
    assert applied == [(folder, plan_record(), "s3")]


@pytest.mark.parametrize(
    ("option", "value"),
    [("--plan", "newest"), ("--configuration", ""), ("--terraform", "latest"), ("--plan", "B")],
)
def test_an_invalid_option_of_apply_is_reported(option: str, value: str) -> None:
    options = {"--plan": B, "--configuration": A, "--terraform": "1.15.5"} | {option: value}
    with pytest.raises(OperatorError, match=f"the options identify no plan: {option} '{value}'") as error:
        pipeline("apply", "prod", *(word for pair in options.items() for word in pair))
    assert error.value.exit_code == 2
