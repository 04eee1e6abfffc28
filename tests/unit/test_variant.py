import json
from pathlib import Path

import pytest

from tests.synthesized import Stack, environment, synthesized
from wealist.stacks import variant

pytestmark = pytest.mark.integration  # synthesizes anew


def run(tmp_path: Path, name: str, **changes: object) -> int:
    return variant.main(tmp_path / "out", environment(name, **changes).model_dump_json())


def document(tmp_path: Path, name: str) -> object:
    return json.loads((tmp_path / "out" / "stacks" / name / "cdk.tf.json").read_text())


def test_unchanged_values_give_the_committed_json(tmp_path: Path, prod: Stack) -> None:
    assert run(tmp_path, "prod") == 0
    assert document(tmp_path, "prod") == prod.document
    assert [folder.name for folder in (tmp_path / "out" / "stacks").iterdir()] == ["prod"]


def test_a_changed_value_is_in_the_json(tmp_path: Path) -> None:
    assert run(tmp_path, "dev", enable_multi_az=True) == 0
    changed = document(tmp_path, "dev")
    assert '"multi_az": true' in json.dumps(changed)
    assert changed == synthesized(environment("dev", enable_multi_az=True)).document


def test_values_that_break_a_rule_are_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = environment("prod").network
    assert run(tmp_path, "dev", network=network) == 2
    assert "dev" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
