import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.synthesized import environment as environment_named
from wealist import cli, project
from wealist.emulator import shared
from wealist.emulator.server import EmulatedAws, environment_at
from wealist.errors import OperatorError
from wealist.operations import emulated
from wealist.operations.emulated_stacks import EmulatedStacks
from wealist.spec.account import REGION

runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
KEPT = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "r"}


class RecordedStacks:
    """Emulated stacks that record their operations. `applied` are the stacks that exist already."""

    operations: list[str]
    applied: set[str]

    def __init__(self, environ: dict[str, str], *, stacks: Path, base: Path) -> None:
        del environ, stacks, base

    def has(self, stack: str) -> bool:
        return stack in self.applied

    def apply_required(self, stack: str) -> None:
        self.operations.append(f"apply required by {stack}")

    def apply(self, stack: str) -> None:
        self.operations.append(f"apply {stack}")

    def destroy(self, stack: str) -> None:
        self.operations.append(f"destroy {stack}")

    def outputs(self, stack: str) -> dict[str, Any]:
        return {"of": stack}


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[RecordedStacks]:
    """A kept embedded AWS, whose stacks record their operations."""
    manifest: dict[str, Any] = {"stacks": {name: {} for name in ("bootstrap", "account", "dev", "prod")}}

    def synthesize(into: Path) -> None:
        into.mkdir(parents=True)
        (into / "manifest.json").write_text(json.dumps(manifest))

    monkeypatch.setattr(project, "WORK", tmp_path)
    monkeypatch.setattr(project, "synthesize", synthesize)
    monkeypatch.setattr(emulated, "shared_environment", lambda: KEPT)
    monkeypatch.setattr(shared, "_find", lambda: {"pid": 1, "port": 1, "is_ready": True})
    monkeypatch.setattr(emulated, "EmulatedStacks", RecordedStacks)
    RecordedStacks.operations, RecordedStacks.applied = [], set()
    return RecordedStacks


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_commands_without_emulated_refer_to_plain_terraform(command: str) -> None:
    result = runner.invoke(cli.app, [command, "dev"])
    assert isinstance(result.exception, OperatorError)
    assert result.exception.exit_code == 2
    assert f"cdktf.out/stacks/dev && terraform init && terraform {command}" in result.exception.remedy


def test_apply_applies_required_stacks_first_and_prints_the_outputs(
    recorded: type[RecordedStacks], capsys: pytest.CaptureFixture[str]
) -> None:
    emulated.apply("prod", keep=False)
    assert recorded.operations == ["apply required by prod", "apply prod"]
    assert capsys.readouterr().out == 'of = "prod"\n'


@pytest.fixture
def protected(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an environment that may not be destroyed."""
    environment = environment_named("prod").model_copy(update={"name": "live", "may_be_destroyed": False})
    monkeypatch.setattr(project, "names", lambda: ["live"])
    monkeypatch.setattr(project, "load_environment", lambda _name: environment)
    return environment.name


@pytest.mark.parametrize("options", [[], ["--emulated"]])
def test_a_protected_environment_is_refused_with_its_setting_before_terraform_runs(
    options: list[str], protected: str, recorded: type[RecordedStacks]
) -> None:
    refused = runner.invoke(cli.app, ["destroy", protected, *options]).exception
    assert isinstance(refused, OperatorError)
    assert refused.exit_code == 2
    assert refused.message.endswith("may_be_destroyed=False in wealist/spec/environments/live.py")
    assert "prevent_destroy" not in refused.remedy
    assert recorded.operations == []


@pytest.mark.parametrize("stack", ["bootstrap", "account"])
def test_shared_stacks_cannot_be_destroyed(stack: str, recorded: type[RecordedStacks]) -> None:
    refused = runner.invoke(cli.app, ["destroy", stack, "--emulated"]).exception
    assert isinstance(refused, OperatorError)
    assert refused.message == f"{stack} cannot be destroyed: every environment requires it"
    assert recorded.operations == []


def test_the_printed_exports_work_with_both_versions_of_the_aws_cli(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_self: threading.Event) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Event, "wait", interrupt)
    emulated.wait_for_interrupt(EmulatedStacks(environment_at(4566, {}), stacks=Path(), base=Path()))
    exported = dict(re.findall(r"^  export (\w+)=(\S+)$", capsys.readouterr().err, re.MULTILINE))
    assert exported["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert exported["AWS_REGION"] == exported["AWS_DEFAULT_REGION"] == REGION


def test_an_applied_stack_is_destroyed(recorded: type[RecordedStacks]) -> None:
    recorded.applied = {"dev"}
    emulated.destroy("dev")
    assert recorded.operations == ["destroy dev"]


def test_a_missing_stack_is_applied_before_it_is_destroyed(recorded: type[RecordedStacks]) -> None:
    emulated.destroy("dev")
    assert recorded.operations == ["apply required by dev", "apply dev", "destroy dev"]


@pytest.mark.usefixtures("recorded")
def test_a_second_embedded_aws_cannot_be_kept() -> None:
    with pytest.raises(OperatorError, match="already keeps an embedded AWS"):
        emulated.apply("dev", keep=True)


@pytest.mark.usefixtures("recorded")
def test_publishing_does_not_replace_an_embedded_aws_that_is_kept_by_now() -> None:
    place = project.WORK / "emulated" / "aws.json"
    place.parent.mkdir()
    place.write_text("another's")
    with pytest.raises(OperatorError, match="already keeps an embedded AWS"), shared.publish(EmulatedAws()):
        pass
    assert place.read_text() == "another's"


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_an_unknown_stack_is_refused_before_the_synthesis(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    monkeypatch.setattr(project, "synthesize", made.append)
    result = runner.invoke(cli.app, [command, "prdo", "--emulated"])
    assert isinstance(result.exception, OperatorError)
    assert result.exception.message == "there is no stack 'prdo'"
    assert made == []
    assert not (tmp_path / "applied").exists()


@pytest.mark.parametrize(
    ("applied", "operations"),
    [
        ({"bootstrap", "account", "dev", "prod"}, []),
        ({"bootstrap", "account", "prod"}, ["apply dev"]),
        (set(), ["apply bootstrap", "apply account", "apply dev", "apply prod"]),
    ],
    ids=["all", "one is missing", "none"],
)
def test_everything_applied_applies_missing_stacks_only(
    applied: set[str], operations: list[str], recorded: type[RecordedStacks], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulated, "names", lambda: ["dev", "prod"])
    recorded.applied = applied
    with emulated.everything_applied():
        assert recorded.operations[:2] == operations[:2]
        assert sorted(recorded.operations) == sorted(operations)
