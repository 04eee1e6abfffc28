"""The linters of `make lint` see what they are there for, and say so by their exit codes."""

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
"""What `make lint` runs of them, argument by argument."""


def ends(tool: str, folder: Path) -> int:
    """The exit code of a linter as `make lint` runs it."""
    (found,) = [command for command in COMMANDS if command[0] == tool]
    words = [each.replace("$(VENV)/bin", str(TOOLS)) for each in found[1:]]
    argv = [str(TOOLS / tool), *(path for word in words for path in expanded(word, folder))]
    return subprocess.run(argv, cwd=folder, capture_output=True, check=False).returncode


def expanded(word: str, folder: Path) -> list[str]:
    """A word of a command, or the files that it names by a pattern, as a shell expands it."""
    return sorted(str(path.relative_to(folder)) for path in folder.glob(word)) if "*" in word else [word]


@pytest.fixture
def workflows(tmp_path: Path) -> Path:
    """A copy of the workflows, and of the examples for other repositories, in a repository of their own."""
    for part in (".github", "docs/examples"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (tmp_path / ".git").mkdir()
    return tmp_path


def changed(folder: Path, name: str, before: str, after: str, part: str = ".github/workflows") -> None:
    path = folder / part / f"{name}.yml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def unquoted(folder: Path) -> None:
    changed(folder, "plan-stacks", 'plan "$STACK"', "plan $STACK")


def misspelt(folder: Path) -> None:
    changed(folder, "apply", "needs.reviewed.outputs.environments != '[]'", "needs.reviewed.outputs.environment != ''")


def unknown_input(folder: Path) -> None:
    changed(folder, "pull-request", "gates:", "gate:")


def unpinned(folder: Path) -> None:
    changed(folder, "ci", "@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6")


def keeping_its_token(folder: Path) -> None:
    changed(folder, "ci", "persist-credentials: false", "fetch-depth: 1")


def injectable(folder: Path) -> None:
    changed(folder, "ci", "run: .ci/run", 'run: echo "${{ github.event.head_commit.message }}"')


def dangerous(folder: Path) -> None:
    changed(folder, "pull-request", "  pull_request:", "  pull_request_target:")


def unquoted_example(folder: Path) -> None:
    changed(folder, "site-deploy", '"s3://$BUCKET" --delete', "s3://$BUCKET --delete", part="docs/examples")


def unpinned_example(folder: Path) -> None:
    sha = "@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1"
    changed(folder, "site-deploy", sha, "@v8", part="docs/examples")


@pytest.mark.parametrize("tool", ["actionlint", "zizmor"])
def test_the_workflows_pass(workflows: Path, tool: str) -> None:
    assert ends(tool, workflows) == 0


@pytest.mark.parametrize(
    ("tool", "spoil"),
    [
        ("actionlint", unquoted),  # by shellcheck
        ("actionlint", misspelt),
        ("actionlint", unknown_input),
        ("zizmor", unpinned),
        ("zizmor", keeping_its_token),
        ("zizmor", injectable),
        ("zizmor", dangerous),
        ("actionlint", unquoted_example),
        ("zizmor", unpinned_example),
    ],
)
def test_a_fault_is_found(workflows: Path, tool: str, spoil: Callable[[Path], None]) -> None:
    spoil(workflows)
    assert ends(tool, workflows) != 0


def test_shellcheck_is_asked_for_before_actionlint_would_do_without() -> None:
    assert [command[0] for command in COMMANDS] == ["shellcheck", "actionlint", "zizmor"]
    assert ends("shellcheck", ROOT) == 0
