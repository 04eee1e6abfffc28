"""`wealist accept` synthesizes a second time if a type leaves the code, because the pipeline's rights change."""

from pathlib import Path

import pytest

from wealist.checks import accepted
from wealist.checks.finding import Synthesis
from wealist.operations import accept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty inventory folder, and no environments."""
    monkeypatch.setattr(accepted, "FOLDER", tmp_path)
    monkeypatch.setattr(accept, "load_environments", list)
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after", "passes"),
    [
        ("", "prod aws_sqs_queue.jobs\n", 2),
        ("prod aws_sqs_queue.jobs\n", "prod aws_sqs_queue.jobs\n", 1),
        ("prod aws_sqs_queue.jobs\n", "prod aws_sqs_queue.jobs\nprod aws_sqs_queue.mail\n", 1),
        ("", "", 1),
        ("", "prod module.backend_fleet_bootstrap\n", 1),
    ],
    ids=["a type leaves", "nothing leaves", "one more of the type leaves", "nothing ever left", "a module leaves"],
)
def test_a_type_that_leaves_the_code_causes_a_second_synthesis(
    folder: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, passes: int
) -> None:
    (folder / accepted.REMOVED).write_text(before)
    done: list[str] = []
    described: list[Synthesis] = []
    last = Synthesis({}, {})

    def synthesize_and_accept(_environments: object) -> tuple[list[str], Synthesis]:
        done.append("+ a line")
        (folder / accepted.REMOVED).write_text(after)
        return ["+ a line"], last if len(done) == passes else Synthesis({}, {})

    monkeypatch.setattr(accept, "_accept", synthesize_and_accept)
    assert accept.accept(described.append) == done
    assert len(done) == passes
    assert [each is last for each in described] == [True], "described is only the last synthesis"


def test_removed_types_are_the_types_of_removed_addresses() -> None:
    gone = {"prod": ["aws_sqs_queue.jobs", "module.backend"], "dev": ["aws_sns_topic.alarms"]}
    assert accepted.removed_types(gone) == {"aws_sqs_queue", "aws_sns_topic"}
