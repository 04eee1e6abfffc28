import json
from pathlib import Path
from typing import Any

import pytest

from wealist.errors import ToolFailedError
from wealist.operations.terraform import ApplyEvents, Terraform
from wealist.operations.terraform_executable import Executable
from wealist.progress import Step


class Counted(Step):
    """A step that records its counts."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, int, str]] = []
        self.added: list[str] = []

    def count(self, done: int, total: int, what: str) -> None:
        self.counts.append((done, total, what))

    def add(self, words: str) -> None:
        self.added.append(words)


def event(kind: str, **values: Any) -> str:
    return json.dumps({"@level": "info", "type": kind, **values}) + "\n"


def completed(action: str = "create") -> str:
    return event("apply_complete", hook={"resource": {"addr": "aws_vpc.a"}, "action": action})


def test_completed_resources_are_counted_without_data_sources() -> None:
    step = Counted()
    events = ApplyEvents(step, total=3)
    for line in (event("version"), completed(), completed("read"), event("apply_start"), completed("update")):
        events.read(line)
    assert step.counts == [(1, 3, "resources"), (2, 3, "resources")]


def test_the_total_is_the_number_of_planned_changes() -> None:
    step = Counted()
    events = ApplyEvents(step)
    events.read(event("change_summary", changes={"add": 1, "change": 2, "remove": 3, "import": 0, "operation": "plan"}))
    events.read(completed("delete"))
    events.read(event("change_summary", changes={"add": 0, "change": 0, "remove": 9, "operation": "destroy"}))
    events.read(completed("delete"))
    assert step.counts == [(1, 6, "resources"), (2, 6, "resources")]
    assert step.added == ["(0 added, 0 changed, 9 destroyed)"]


def test_errors_are_kept_with_address_and_detail_and_warnings_are_dropped() -> None:
    events = ApplyEvents(Counted())
    error = {"severity": "error", "summary": "creating VPC", "address": "aws_vpc.a", "detail": "AccessDenied: no"}
    events.read(event("diagnostic", diagnostic=error))
    events.read(event("diagnostic", diagnostic={"severity": "error", "summary": "Interrupted"}))
    events.read(event("diagnostic", diagnostic={"severity": "warning", "summary": "deprecated"}))
    assert events.messages == (
        "Error: creating VPC\n\n  with aws_vpc.a\n\nAccessDenied: no\n\nError: Interrupted\n\n\n\n"
    )


@pytest.mark.parametrize("line", ["panic: runtime error\n", "[]\n", "{}\n", "\n"])
def test_other_lines_are_kept_unchanged(line: str) -> None:
    events = ApplyEvents(Counted())
    events.read(line)
    assert events.messages == line


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_a_failed_command_prints_terraforms_messages(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = event("diagnostic", diagnostic={"severity": "error", "summary": "creating VPC", "detail": "AccessDenied"})
    (tmp_path / "events").write_text(completed() + error)
    program = tmp_path / "terraform"
    program.write_text(f'#!/bin/sh\necho "$@" > arguments; cat {tmp_path / "events"}; echo late >&2; exit 4\n')
    program.chmod(0o755)
    terraform = Terraform(tmp_path, executable=Executable((str(program),), "1.11.0", "PATH"))
    step = Counted()
    events = ApplyEvents(step, 2)
    with pytest.raises(ToolFailedError) as failed:
        terraform.apply(tmp_path / "a.tfplan", events) if command == "apply" else terraform.destroy(events)
    assert failed.value.exit_code == 4
    assert (tmp_path / "arguments").read_text().split()[:2] == [command, "-json"]
    assert step.counts == [(1, 2, "resources")]
    assert capsys.readouterr().err == "Error: creating VPC\n\nAccessDenied\n\nlate\n"
