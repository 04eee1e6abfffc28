"""The linters of `make lint` for workflows find seeded faults."""

import shutil
import subprocess
import sys
from collections.abc import Callable
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


def change(folder: Path, name: str, before: str, after: str, part: str = ".github/workflows") -> None:
    path = folder / part / f"{name}.yml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def unquoted_variable(folder: Path) -> None:
    change(folder, "plan-stacks", 'plan "$STACK"', "plan $STACK")


def misspelt_output(folder: Path) -> None:
    change(folder, "apply", "needs.reviewed.outputs.environments != '[]'", "needs.reviewed.outputs.environment != ''")


def unknown_input(folder: Path) -> None:
    change(folder, "pull-request", "gates:", "gate:")


def unpinned_action(folder: Path) -> None:
    change(folder, "ci", "@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6")


def stored_token(folder: Path) -> None:
    change(folder, "ci", "persist-credentials: false", "fetch-depth: 1")


def script_injection(folder: Path) -> None:
    change(folder, "ci", "run: .ci/run", 'run: echo "${{ github.event.head_commit.message }}"')


def dangerous_trigger(folder: Path) -> None:
    change(folder, "pull-request", "  pull_request:", "  pull_request_target:")


def unquoted_example(folder: Path) -> None:
    change(folder, "site-deploy", '"s3://$BUCKET" --delete', "s3://$BUCKET --delete", part="docs/examples")


def unpinned_example(folder: Path) -> None:
    sha = "@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1"
    change(folder, "site-deploy", sha, "@v8", part="docs/examples")


@pytest.mark.parametrize("tool", ["actionlint", "zizmor"])
def test_the_workflows_have_no_findings(workflows: Path, tool: str) -> None:
    assert exit_code(tool, workflows) == 0


@pytest.mark.parametrize(
    ("tool", "introduce_fault"),
    [
        ("actionlint", unquoted_variable),  # by shellcheck
        ("actionlint", misspelt_output),
        ("actionlint", unknown_input),
        ("zizmor", unpinned_action),
        ("zizmor", stored_token),
        ("zizmor", script_injection),
        ("zizmor", dangerous_trigger),
        ("actionlint", unquoted_example),
        ("zizmor", unpinned_example),
    ],
)
def test_a_seeded_fault_is_found(workflows: Path, tool: str, introduce_fault: Callable[[Path], None]) -> None:
    introduce_fault(workflows)
    assert exit_code(tool, workflows) != 0


def test_make_lint_fails_without_shellcheck_before_it_runs_actionlint() -> None:
    assert [command[0] for command in COMMANDS] == ["shellcheck", "actionlint", "zizmor"]
    assert exit_code("shellcheck", ROOT) == 0
