"""How the demo begins and ends; what it shows is told in `tests/integration/applied`."""

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
    """An embedded AWS that is never asked."""

    def environment(self) -> dict[str, str]:
        return {}


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts of the demo that were told: each only tells its own name."""
    names: list[str] = []

    def part(name: str) -> Any:
        def tell(_life: object, story: DemoReport, *_others: object) -> None:
            names.append(name)
            story.add(name, observed=True)

        return tell

    monkeypatch.setattr(project, "WORK", tmp_path)
    monkeypatch.setattr(demo, "synthesize_into", lambda base: base)
    monkeypatch.setattr(demo, "EmulatedAws", lambda **_settings: nullcontext(NoAws()))
    monkeypatch.setattr(demo, "EmulatedStacks", lambda *_arguments, **_settings: None)
    for name in PARTS:
        monkeypatch.setattr(demo, name, part(name))
    return names


def test_every_part_is_told_in_order(told: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    demo.demo(keep=False)
    assert told == list(PARTS)
    table = capsys.readouterr().out
    assert [part for part in PARTS if part in table] == told


def test_a_step_that_fails_leaves_the_table_of_what_was_seen_before(
    told: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_arguments: object) -> None:
        raise ToolFailedError(7)

    monkeypatch.setattr(demo, "_plan_to_destroy_prod", fail)
    with pytest.raises(ToolFailedError) as failed:
        demo.demo(keep=False)
    assert failed.value.exit_code == 7
    assert told == ["_apply_everything", "_switch_multi_az"]
    table = capsys.readouterr().out
    assert [part for part in PARTS if part in table] == told


def test_a_claim_that_is_not_true_ends_the_demo_with_1(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_plan_to_destroy_prod", lambda _life, story: story.add("refused", observed=False))
    with pytest.raises(ToolFailedError) as failed:
        demo.demo(keep=False)
    assert failed.value.exit_code == 1
    assert told[-1] == "_destroy_dev"


def test_a_demo_that_would_keep_a_second_embedded_aws_is_refused_before_it_begins(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "_find", lambda: {"pid": 1, "port": 1, "is_ready": True})
    with pytest.raises(OperatorError, match="already keeps an embedded AWS running"):
        demo.demo(keep=True)
    assert told == []
    demo.demo(keep=False)
    assert told == list(PARTS)
