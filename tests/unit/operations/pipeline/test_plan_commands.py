"""`python -m wealist pipeline plan` and `apply`, as a job that has assumed a role calls them."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.github_server import GitHubServer
from tests.unit.operations.pipeline.conftest import A, B, made, protected
from tests.unit.operations.pipeline.test_commands import pipeline
from wealist import project
from wealist.errors import OperatorError
from wealist.operations.pipeline import jobs
from wealist.operations.pipeline.record import Record
from wealist.operations.pipeline.store import PlanStore
from wealist.operations.plan import Target
from wealist.review.markdown import marker

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the only stack that is planned and applied here; nothing is synthesized for it."""

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


def planned(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, plan: str | None = B, shown: dict[str, Any] = DESTROYING
) -> None:
    """Takes the place of the plan itself: one that destroys an address, unless another is shown."""

    def plan_for_review(stack: str, target: Target, out: Path, store: PlanStore) -> Record:
        assert (stack, target.folder, type(store)) == ("prod", folder, PlanStore)
        out.mkdir()
        (out / "plan.json").write_text(json.dumps(shown))
        return made(plan=plan)

    monkeypatch.setattr(jobs, "plan_for_review", plan_for_review)


@pytest.mark.parametrize(
    ("gates", "acknowledged", "stopped"),
    [
        ("", "", "false"),
        ("stateful", "", "false"),
        ("destroy stateful", "", "true"),
        ("destroy stateful", "We need it no more.\nAcknowledge: destroy aws_eip.network_nat\nbug", "false"),
        ("destroy stateful", "Acknowledge: destroy aws_eip.network_na", "true"),
        ("destroy stateful", "<!-- Acknowledge: destroy aws_eip.network_nat -->\nWe need it.", "true"),
    ],
)
def test_a_plan_is_reviewed_and_stopped_by_a_gate_that_nobody_acknowledged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, gates: str, acknowledged: str, stopped: str
) -> None:
    monkeypatch.setenv("GATES", gates)
    monkeypatch.setenv("ACKNOWLEDGEMENTS", acknowledged)
    planned(monkeypatch, folder)
    assert pipeline("plan", "prod", "--out", str(folder / "out")) == f"review=true\nstopped={stopped}\n"
    review = (folder / "out" / "review.md").read_text()
    assert review.startswith(marker("prod"))
    assert "aws_eip.network_nat" in review
    assert "https://github.com/OrangesCloud/wealist-infrastructure/actions/runs/9" in review
    assert "aws_eip.network_nat" in (folder / "out" / "review.json").read_text()


def test_the_label_that_a_comment_names_lets_its_address_pass_whatever_the_description_leaves_open(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATES", "destroy stateful")
    monkeypatch.setenv("ACKNOWLEDGEMENTS", "<!-- a remark")
    planned(monkeypatch, folder)
    assert pipeline("plan", "prod", "--out", str(folder / "first")) == "review=true\nstopped=true\n"
    (label,) = re.findall(r"or the label `(Acknowledge: .*)`", (folder / "first" / "review.md").read_text())
    monkeypatch.setenv("LABELS", json.dumps(["bug", label]))
    assert pipeline("plan", "prod", "--out", str(folder / "second")) == "review=true\nstopped=false\n"


def test_where_there_is_nothing_to_do_there_is_nothing_to_review(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(monkeypatch, folder, plan=None, shown=DESTROYING | NOTHING)
    monkeypatch.setenv("GATES", "destroy")
    assert pipeline("plan", "prod", "--out", str(folder / "out")) == "review=false\nstopped=false\n"
    assert not (folder / "out" / "review.md").exists()


def test_a_check_that_fails_is_reviewed_where_there_is_nothing_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(monkeypatch, folder, plan=None, shown=DESTROYING | NOTHING | {"checks": [FAILING]})
    assert pipeline("plan", "prod", "--out", str(folder / "out")) == "review=true\nstopped=false\n"
    assert "sgr-1" in (folder / "out" / "review.md").read_text()


def test_applying_takes_the_plan_and_the_configuration_that_were_reviewed(
    hub: GitHubServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[tuple[object, ...]] = []

    def apply(target: Target, made: Record, *, store: PlanStore) -> None:
        applied.append((target.folder, made, type(store)))

    monkeypatch.setattr(jobs, "apply_reviewed", apply)
    hub.holds(protected("dev"))
    with pytest.raises(OperatorError, match="prod: GitHub has no environment of that name"):
        pipeline("apply", "prod", "--plan", B, "--configuration", A, "--terraform", "1.15.5")
    assert applied == []
    hub.holds(protected("prod"))
    pipeline("apply", "prod", "--plan", B, "--configuration", A, "--terraform", "1.15.5")
    assert applied == [(folder, made(), PlanStore)]


@pytest.mark.parametrize(
    ("option", "value"),
    [("--plan", "newest"), ("--configuration", ""), ("--terraform", "latest"), ("--plan", "B")],
)
def test_what_names_no_plan_is_refused_by_the_option(option: str, value: str) -> None:
    given = {"--plan": B, "--configuration": A, "--terraform": "1.15.5"} | {option: value}
    with pytest.raises(OperatorError, match=f"this names no plan: {option} '{value}'") as error:
        pipeline("apply", "prod", *(word for pair in given.items() for word in pair))
    assert error.value.exit_code == 2
