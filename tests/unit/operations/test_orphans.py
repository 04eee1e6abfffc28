"""Where orphans are looked for, and how the command writes what it found."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.synthesized import Resource, Stack
from wealist import cli
from wealist.operations import ledger, orphans
from wealist.operations.errors import OperatorError
from wealist.operations.found import EC2_TYPES, NAMED, PARTS, SEARCHED, Thing
from wealist.operations.orphans import Orphan

runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
LOOKED_FOR = NAMED.keys() | SEARCHED.keys() | set(EC2_TYPES.values())


def ledgered() -> set[str]:
    """Every type of a resource in a committed ledger."""
    lines = [line for file in ledger.FOLDER.glob("*.txt") for line in file.read_text().splitlines()]
    return {line.partition(".")[0] for line in lines if line.startswith("aws_")}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "imports.tf.json"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Orphan]:
    """What the command finds, whatever the plan."""
    things: list[Orphan] = []
    monkeypatch.setattr(orphans, "find", lambda *_arguments: things)
    return things


def test_every_type_of_a_ledger_is_looked_for_or_is_a_declared_part() -> None:
    assert ledgered() - LOOKED_FOR == PARTS.keys()


def test_every_part_says_what_an_import_takes_and_what_a_second_one_comes_to() -> None:
    for kind, told in PARTS.items():
        form, _, otherwise = told.partition("; ")
        assert form, kind
        assert otherwise or form == "none: it only waits", kind


def test_a_type_is_found_in_one_way() -> None:
    assert not NAMED.keys() & SEARCHED.keys()
    assert not (NAMED.keys() | SEARCHED.keys()) & set(EC2_TYPES.values())
    assert not PARTS.keys() & LOOKED_FOR


@pytest.mark.parametrize("stack", ["dev", "prod", "account"])
def test_whatever_is_looked_for_has_the_name_that_it_is_found_by(stack: str, request: pytest.FixtureRequest) -> None:
    synthesized: Stack = request.getfixturevalue(stack)
    resources = [each for each in synthesized.resources.values() if kind(each) in LOOKED_FOR]
    assert [each.address for each in resources if asked_for(each) != {kind(each)}] == []
    assert len({kind(each) for each in resources}) > 3


def kind(resource: Resource) -> str:
    return resource.address.partition(".")[0]


def asked_for(resource: Resource) -> set[str]:
    """The types that AWS is asked for when a plan makes a resource."""
    asked: set[str] = set()

    def things(_client: Any, kinds: set[str], _environment: str) -> Iterator[Thing]:
        asked.update(kinds)
        return iter(())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(orphans, "things", things)
        assert orphans.find(plan(resource), lambda *_arguments: None) == []
    return asked


def plan(*created: Resource) -> dict[str, Any]:
    tags = {"constant_value": {"Environment": "dev"}}
    return {
        "configuration": {"provider_config": {"aws": {"expressions": {"default_tags": [{"tags": tags}]}}}},
        "resource_changes": [
            {
                "address": each.address,
                "mode": "managed",
                "type": kind(each),
                "change": {"actions": ["create"], "after": dict(each)},
            }
            for each in created
        ],
    }


def test_what_is_found_is_written_as_import_blocks(found: list[Orphan], out: Path) -> None:
    found.append(Orphan("aws_vpc.network_vpc", "vpc-1"))
    (plan_json := out.with_name("plan.json")).write_text("{}")
    result = runner.invoke(cli.app, ["orphans", str(plan_json), "--out", str(out)])
    assert result.exit_code == 0
    assert json.loads(out.read_text()) == {"import": [{"to": "aws_vpc.network_vpc", "id": "vpc-1"}]}
    assert result.stdout == ""
    assert "1 things to take in" in result.stderr
    assert sorted(path.name for path in out.parent.iterdir()) == ["imports.tf.json", "plan.json"]


@pytest.mark.usefixtures("found")
def test_without_a_find_the_file_is_terraform_json_without_blocks(out: Path) -> None:
    (plan_json := out.with_name("plan.json")).write_text("{}")
    assert orphans.write_imports(plan_json, {}, out) == 0
    assert json.loads(out.read_text()) == {}


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_a_plan_that_is_none_leaves_the_file_as_it_was(out: Path, text: str) -> None:
    (plan_json := out.with_name("plan.json")).write_text(text)
    with pytest.raises(OperatorError, match="is no plan") as refused:
        orphans.write_imports(plan_json, {}, out)
    assert refused.value.exit_code == 2
    assert not out.exists()
    out.write_text("before")
    with pytest.raises(OperatorError):
        orphans.write_imports(plan_json, {}, out)
    assert out.read_text() == "before"
    assert sorted(path.name for path in out.parent.iterdir()) == ["imports.tf.json", "plan.json"]


@pytest.mark.usefixtures("found")
def test_a_file_in_no_folder_is_refused(out: Path) -> None:
    (plan_json := out.with_name("plan.json")).write_text("{}")
    with pytest.raises(OperatorError, match="cannot be written: No such file"):
        orphans.write_imports(plan_json, {}, out.parent / "missing" / out.name)


def test_the_file_must_be_named() -> None:
    assert runner.invoke(cli.app, ["orphans", "plan.json"]).exit_code == 2
