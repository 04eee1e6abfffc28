import json
from pathlib import Path

import pytest

from tests.synthesized import Stack, environment
from wealist.stacks import variant


def run(tmp_path: Path, name: str, **changes: object) -> int:
    return variant.main(tmp_path / "out", environment(name, **changes).model_dump_json())


def synthesized(tmp_path: Path, name: str) -> str:
    return (tmp_path / "out" / "stacks" / name / "cdk.tf.json").read_text()


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_an_environment_as_committed_gives_the_committed_json(
    tmp_path: Path, name: str, dev: Stack, prod: Stack
) -> None:
    assert run(tmp_path, name) == 0
    assert json.loads(synthesized(tmp_path, name)) == {"dev": dev, "prod": prod}[name].document


def test_a_changed_value_is_in_the_json(tmp_path: Path) -> None:
    assert run(tmp_path, "dev", enable_multi_az=True) == 0
    assert '"multi_az": true' in synthesized(tmp_path, "dev")


def test_only_the_environment_itself_is_synthesized(tmp_path: Path) -> None:
    run(tmp_path, "dev")
    assert [folder.name for folder in (tmp_path / "out" / "stacks").iterdir()] == ["dev"]


def test_values_that_break_a_rule_are_refused_with_every_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = environment("prod").network
    assert run(tmp_path, "dev", network=network) == 2
    assert "dev" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
