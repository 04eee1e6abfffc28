"""The demo's order, report and exit code. `tests/integration/applied` tests the claims themselves."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from wealist import project
from wealist.emulator import shared
from wealist.errors import OperatorError, ToolFailedError
from wealist.operations import demo
from wealist.operations.demo import DemoReport

PARTS = ("_apply_everything", "_switch_multi_az", "_plan_to_destroy_prod", "_destroy_dev")


class NoAws:
    """An embedded AWS without a server."""

    def environment(self) -> dict[str, str]:
        return {}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the demo's parts that ran. Each part only records its name."""
    names: list[str] = []

    def part(name: str) -> Any:
        def record(_stacks: object, report: DemoReport, *_others: object) -> None:
            names.append(name)
            report.add(name, observed=True)

        return record

    monkeypatch.setattr(project, "WORK", tmp_path)
    monkeypatch.setattr(demo, "synthesize_into", lambda base: base)
    monkeypatch.setattr(demo, "EmulatedAws", lambda **_settings: nullcontext(NoAws()))
    monkeypatch.setattr(demo, "EmulatedStacks", lambda *_arguments, **_settings: None)
    for name in PARTS:
        monkeypatch.setattr(demo, name, part(name))
    return names


def test_all_parts_run_in_order(run: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    demo.demo(keep=False)
    assert run == list(PARTS)
    table = capsys.readouterr().out
    assert [part for part in PARTS if part in table] == run


def test_the_claims_before_a_failed_step_are_printed(
    run: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_arguments: object) -> None:
        raise ToolFailedError(7)

    monkeypatch.setattr(demo, "_plan_to_destroy_prod", fail)
    with pytest.raises(ToolFailedError) as failed:
        demo.demo(keep=False)
    assert failed.value.exit_code == 7
    assert run == ["_apply_everything", "_switch_multi_az"]
    table = capsys.readouterr().out
    assert [part for part in PARTS if part in table] == run


def test_a_false_claim_has_exit_code_1(run: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_plan_to_destroy_prod", lambda _stacks, report: report.add("refused", observed=False))
    with pytest.raises(ToolFailedError) as failed:
        demo.demo(keep=False)
    assert failed.value.exit_code == 1
    assert run[-1] == "_destroy_dev"


def test_keeping_a_second_embedded_aws_is_refused_before_the_demo_starts(
    run: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "_find", lambda: {"pid": 1, "port": 1, "is_ready": True})
    with pytest.raises(OperatorError, match="already keeps an embedded AWS running"):
        demo.demo(keep=True)
    assert run == []
    demo.demo(keep=False)
    assert run == list(PARTS)
