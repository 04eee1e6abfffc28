"""`wealist costs` prints tables at any width, JSON, and errors."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.synthesized import Stack, stacks
from tests.unit.costs.estimates import estimated, of_resources
from wealist import project
from wealist.costs.report import report, show
from wealist.errors import BAD_INPUT, OperatorError


def printed(stack: Stack, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    show(console, estimated(stack))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
def synthesis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, stack in stacks().items():
        folder = tmp_path / "stacks" / name
        folder.mkdir(parents=True)
        (folder / "cdk.tf.json").write_text(json.dumps(stack.document), encoding="utf-8")
    (tmp_path / "manifest.json").write_text(json.dumps({"stacks": dict.fromkeys(stacks())}), encoding="utf-8")
    monkeypatch.setattr(project, "synthesized_folder", lambda: tmp_path)
    return tmp_path


def as_json(name: str | None, capsys: pytest.CaptureFixture[str], *settings: str) -> dict[str, Any]:
    report(name, settings, as_json=True)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal_and_the_total_is_the_last(stack: Stack, width: int) -> None:
    lines = [line for line in printed(stack, width) if line]
    assert max(map(len, lines)) <= width
    assert f"${estimated(stack).total:,.2f} a month" in lines[-1]


def test_each_section_has_its_sum_and_each_resource_its_price(prod: Stack) -> None:
    text = "\n".join(printed(prod, 120))
    assert "prod: network, $" in text
    assert "NAT gateways: 730 x $0.059 per hour" in text
    assert "aws_nat_gateway.network_nat" in text


def test_unknown_costs_are_listed_and_counted() -> None:
    console = Console(file=io.StringIO(), width=120)
    show(console, of_resources(("aws_ebs_volume.unpriced", {"type": "io9", "size": 1})))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "unknown" in text
    assert "aws_ebs_volume.unpriced" in text
    assert "ebs.io9" in text
    assert "made-up: $0.00 a month, and 1 that are not known" in text


@pytest.mark.usefixtures("synthesis")
def test_json_contains_every_stack_with_null_for_unknown_costs(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(None, capsys)
    assert found["stacks"].keys() == stacks().keys()
    assert found["total"] == pytest.approx(sum(each["total"] for each in found["stacks"].values()))
    unknown = [row for each in found["stacks"].values() for row in each["rows"] if row["usd"] is None]
    assert unknown
    assert all(row["reason"] for row in unknown)


@pytest.mark.usefixtures("synthesis")
def test_one_stack_alone_with_other_assumptions(capsys: pytest.CaptureFixture[str]) -> None:
    few, many = as_json("prod", capsys), as_json("prod", capsys, "nat_gb=1000")
    assert many["stacks"].keys() == {"prod"}
    assert many["assumptions"]["nat_gb"] == 1000
    assert many["total"] > few["total"]


@pytest.mark.usefixtures("synthesis")
def test_the_assumptions_are_printed_below_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    report("dev", ["nat_gb=1000"], as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if " nat_gb " in line] == ["1,000"]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"resource": {}}', "\x00"])
def test_invalid_stack_json_is_reported(synthesis: Path, content: str) -> None:
    path = synthesis / "stacks" / "prod" / "cdk.tf.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(OperatorError) as refused:
        report("prod", [], as_json=False)
    assert str(path) in refused.value.message
    assert "python main.py" in refused.value.remedy
    assert refused.value.exit_code == BAD_INPUT


@pytest.mark.usefixtures("synthesis")
def test_an_unknown_stack_is_rejected_with_a_suggestion() -> None:
    with pytest.raises(OperatorError, match="no stack 'prdo'") as refused:
        report("prdo", [], as_json=False)
    assert "'prod'" in refused.value.remedy


@pytest.mark.parametrize("name", [None, "prod"])
def test_a_missing_synthesis_is_reported_with_a_remedy(synthesis: Path, name: str | None) -> None:
    shutil.rmtree(synthesis)
    with pytest.raises(OperatorError) as refused:
        report(name, [], as_json=False)
    assert refused.value.remedy == "run `python main.py`"
