"""The linters of `make lint` for workflows find seeded faults."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.integration

ROOT: Final = Path(__file__).parents[2]
TOOLS: Final = Path(sys.executable).parent
COMMANDS: Final = [
    line.removeprefix("\t$(VENV)/bin/").partition(" #")[0].split()
    for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    if line.startswith("\t$(VENV)/bin/")
]
"""The commands of `make lint`, split into arguments."""


def exit_code(tool: str, folder: Path) -> int:
    """Run a linter as `make lint` does, and return its exit code."""
    (found,) = [command for command in COMMANDS if command[0] == tool]
    words = [each.replace("$(VENV)/bin", str(TOOLS)) for each in found[1:]]
    argv = [str(TOOLS / tool), *(path for word in words for path in expand(word, folder))]
    return subprocess.run(argv, cwd=folder, capture_output=True, check=False).returncode


def expand(word: str, folder: Path) -> list[str]:
    """Return the files that match a pattern, or the word itself, as a shell does."""
    return sorted(str(path.relative_to(folder)) for path in folder.glob(word)) if "*" in word else [word]


@pytest.fixture
def workflows(tmp_path: Path) -> Path:
    """A repository with a copy of the workflows and of the examples."""
    for part in (".github", "docs/examples"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (tmp_path / ".git").mkdir()
    return tmp_path


FAULTS: Final = {
    "unquoted variable": ("actionlint", ".github/workflows/plan-stacks.yml", 'plan "$STACK"', "plan $STACK"),
    "misspelt output": (
        "actionlint",
        ".github/workflows/apply.yml",
        "needs.reviewed.outputs.environments != '[]'",
        "needs.reviewed.outputs.environment != ''",
    ),
    "unknown input": ("actionlint", ".github/workflows/pull-request.yml", "gates:", "gate:"),
    "action without a pin": (
        "zizmor", ".github/workflows/ci.yml", "@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6"
    ),
    "stored token": ("zizmor", ".github/workflows/ci.yml", "persist-credentials: false", "fetch-depth: 1"),
    "script injection": (
        "zizmor", ".github/workflows/ci.yml", "run: .ci/run", 'run: echo "${{ github.event.head_commit.message }}"'
    ),
    "dangerous trigger": (
        "zizmor", ".github/workflows/pull-request.yml", "  pull_request:", "  pull_request_target:"
    ),
    "unquoted variable in an example": (
        "actionlint", "docs/examples/site-deploy.yml", '"s3://$BUCKET" --delete', "s3://$BUCKET --delete"
    ),
    "action without a pin in an example": (
        "zizmor", "docs/examples/site-deploy.yml", "@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1", "@v8"
    ),
}  # fmt: skip
"""Fault → linter, file, text, replacement. actionlint finds faults in shell scripts with shellcheck."""


@pytest.mark.parametrize("tool", ["actionlint", "zizmor"])
def test_the_workflows_have_no_findings(workflows: Path, tool: str) -> None:
    assert exit_code(tool, workflows) == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_found(workflows: Path, fault: str) -> None:
    tool, file, before, after = FAULTS[fault]
    text = (workflows / file).read_text(encoding="utf-8")
    assert before in text
    (workflows / file).write_text(text.replace(before, after), encoding="utf-8")
    assert exit_code(tool, workflows) != 0


def test_make_lint_fails_without_shellcheck_before_it_runs_actionlint() -> None:
    assert [command[0] for command in COMMANDS] == ["shellcheck", "actionlint", "zizmor"]
    assert exit_code("shellcheck", ROOT) == 0
