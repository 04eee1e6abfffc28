"""The worked example of CONTRIBUTING.md, replayed on a copy of the project."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.copies import ROOT, copy_project, run_python

GUIDE = ROOT / "CONTRIBUTING.md"
NEW_FILE = re.compile(r"new file `(?P<path>[^`]+)`:\n\n```python\n(?P<text>.*?)```", re.DOTALL)
PATCH = re.compile(r"```diff\n(?P<text>--- a/.*?)```", re.DOTALL)
RIGHT_TO_THE_KEY = r' {12}Statement\(\n {16}sid="UseQueuesKey".*?\n {12}\),\n'
SHOWN = re.compile(r"```diff\n(?P<text>\+aws_.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with tests and an up-to-date inventory."""
    copy = copy_project(tmp_path_factory.mktemp("example") / "project")
    shutil.copytree(ROOT / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "Pipfile.lock"):
        shutil.copy2(ROOT / name, copy)
    run(copy, "-m", "wealist", "accept")
    return copy


def run(project: Path, *arguments: str) -> str:
    done = run_python(*arguments, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def follow(project: Path) -> list[str]:
    """Follow the guide. Return the files written by hand."""
    guide = GUIDE.read_text(encoding="utf-8")
    written = []
    for file in NEW_FILE.finditer(guide):
        (project / file["path"]).write_text(file["text"], encoding="utf-8")
        written.append(file["path"])
    for patch in PATCH.finditer(guide):
        program = [str(shutil.which("git")), "apply", "-"]
        subprocess.run(program, cwd=project, input=patch["text"], text=True, check=True)
        written += re.findall(r"^\+\+\+ b/(\S+)", patch["text"], re.MULTILINE)
    return written


@pytest.fixture(scope="module")
def accepted(project: Path) -> str:
    """Return the output of `wealist accept` after following the guide."""
    assert sorted(follow(project)) == [
        "tests/unit/test_queue.py",
        "wealist/constructs/queue.py",
        "wealist/stacks/environment.py",
    ]
    run(project, "main.py")
    return run(project, "-m", "wealist", "accept")


def test_a_queue_needs_three_files_and_the_generated_inventory(project: Path, accepted: str) -> None:
    assert "+aws_sqs_queue.events_queue:" in accepted
    run(project, "main.py")
    run(project, "-m", "wealist", "check", "--all")
    run(project, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/unit/test_queue.py")


def test_the_inventory_diff_contains_the_one_in_the_guide(accepted: str) -> None:
    (shown,) = SHOWN.findall(GUIDE.read_text(encoding="utf-8"))
    assert shown in accepted


def test_the_pipeline_gets_the_right_to_create_the_queue(accepted: str) -> None:
    assert "sqs:CreateQueue" in accepted


def test_a_missing_right_to_the_key_fails_the_synthesis(project: Path, accepted: str) -> None:
    assert accepted
    construct = project / "wealist" / "constructs" / "queue.py"
    whole = construct.read_text()
    construct.write_text(re.sub(RIGHT_TO_THE_KEY, "", whole, flags=re.DOTALL))
    refused = run_python("main.py", cwd=project)
    construct.write_text(whole)
    assert refused.returncode == 1
    assert "[iam." in refused.stderr
    assert "kms:GenerateDataKey" in refused.stderr


def test_a_missing_prevent_destroy_fails_the_synthesis_of_protected_environments(project: Path, accepted: str) -> None:
    assert accepted
    construct = project / "wealist" / "constructs" / "queue.py"
    whole = construct.read_text()
    construct.write_text(re.sub(r"            lifecycle=[^\n]*\n", "", whole))
    refused = run_python("main.py", cwd=project)
    construct.write_text(whole)
    assert refused.returncode == 1
    assert "prod: aws_sqs_queue.events_queue [stateful.prevent_destroy]" in refused.stderr
    assert "dev: aws_sqs_queue" not in refused.stderr
