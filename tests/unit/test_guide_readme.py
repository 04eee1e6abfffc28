"""Commands in README.md and docs/*.md name existing files, options and outputs, and show recorded output."""

import importlib.util
import itertools
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tests import screens
from tests.synthesized import Stack, environment
from wealist.cli import app
from wealist.docs.markdown import slug
from wealist.spec.account import STATE_BUCKET, state_key
from wealist.spec.problems import SpecError
from wealist.spec.rules import check

ROOT = Path(__file__).parents[2]
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
LINKED = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/adr").iterdir()),
    *sorted(ROOT.glob("modules/*/README.md")),
]
WRITTEN_BY_READERS = {"tests/unit/test_queue.py", "wealist/constructs/queue.py"}
"""Files of the worked example in CONTRIBUTING.md."""
STATES = {state_key(name) for name in ("bootstrap", "account", "dev", "prod")}
PYTHON_FILES = {"main.py"} | {path.name for folder in ("wealist", "tests") for path in (ROOT / folder).rglob("*.py")}
README, OPERATIONS, RECOVERY, CHECKS = (PAGES[name] for name in ("README", "operations", "recovery", "checks"))


def typed(text: str) -> list[str]:
    """Return the commands in a page's console blocks, each on one line."""
    blocks = re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)
    lines = re.sub(r" *\\\n\s*", " ", "\n".join(blocks)).splitlines()
    return [line.strip().removeprefix("$ ") for line in lines if line.strip().startswith("$ ")]


def options(line: str) -> dict[str, str]:
    """Return the options of an AWS CLI command, with their values."""
    words = shlex.split(line, comments=True)
    return {word: value for word, value in itertools.pairwise(words) if word.startswith("--")}


def test_the_output_for_the_registrar_is_an_output_of_the_account(account: Stack) -> None:
    (named,) = re.findall(r"give\s+the\s+output\s+`(\S+)`\s+to\s+the\s+registrar", OPERATIONS)
    assert [named] == list(account.document["output"])


def test_listed_state_versions_exclude_those_of_the_lock(prod: Stack) -> None:
    (line,) = [line for line in typed(RECOVERY) if line.startswith("aws s3api list-object-versions ")]
    key = prod.document["terraform"]["backend"]["s3"]["key"]
    assert options(line)["--bucket"] == STATE_BUCKET
    assert options(line)["--prefix"] == key
    assert options(line)["--query"].startswith(f"Versions[?Key=='{key}'].[")


@pytest.mark.parametrize("page", PAGES)
def test_secrets_are_read_from_a_file_that_is_deleted_afterwards(page: str) -> None:
    secrets = [line for line in typed(PAGES[page]) if "--type SecureString" in line]
    for line in secrets:
        file = options(line)["--value"].rstrip(";")
        assert file.startswith("file://"), line
        assert line.endswith(f"; rm {file.removeprefix('file://')}"), line


def test_the_first_deployment_sets_the_operators_secrets() -> None:
    (line,) = [line for line in typed(OPERATIONS) if "--type SecureString" in line]
    assert options(line)["--name"] == "/wealist/prod/oauth/google_client_id"


def test_pages_use_existing_commands_and_options() -> None:
    commands: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]  # a group
    lines = [line for page in PAGES.values() for line in typed(page)]
    ours = [match for line in lines for match in re.findall(r"^wealist (\w+)([^|>;#]*)", line)]
    assert {name for name, _ in ours} >= {"accept", "apply", "bundle", "check", "database", "orphans", "plan", "review"}
    for name, rest in ours:
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, name


def test_the_error_in_the_readme_is_the_one_that_is_printed() -> None:
    dev, prod = environment("dev"), environment("prod")
    backend = prod.backend.model_copy(update={"desired_capacity": 8, "max_size": 6})
    network = prod.network.model_copy(update={"cidr": dev.network.cidr})
    error = SpecError(check([dev, prod.model_copy(update={"backend": backend, "network": network})]))
    assert f"\nerror: {error}\n" in README


def test_the_plan_in_the_readme_is_the_recorded_one() -> None:
    assert screens.EXCERPT.findall(README) == [screens.excerpt()], "run: python -m tests.screens"


def test_the_virtualenv_is_activated_before_the_first_command_that_needs_it() -> None:
    lines = typed(README)
    first = next(number for number, line in enumerate(lines) if re.match(r"wealist|python ", line))
    assert ". .venv/bin/activate" in lines[:first]


def test_import_blocks_are_written_where_the_next_command_applies_them() -> None:
    lines = typed(RECOVERY)
    (line,) = [line for line in lines if "wealist orphans" in line]
    out = options(line)["--out"]
    assert out == "cdktf.out/stacks/prod/imports.tf.json"
    assert lines[lines.index(line) + 1] == f"cd {Path(out).parent} && terraform apply && rm {Path(out).name}"


@pytest.mark.parametrize("path", LINKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_existing_files_and_headings(path: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", path.read_text(encoding="utf-8")):
        there = path.parent / target if target else path
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in map(slug, headings), f"{target}#{anchor}"


@pytest.mark.parametrize("path", LINKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_name_existing_files_and_modules(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    files = set(re.findall(r"`((?:wealist|docs|modules|tests)/[\w./-]+)`", text))
    modules = re.findall(r"python -m ((?:tests|wealist)[.\w]*)", text)
    assert [name for name in files - WRITTEN_BY_READERS - STATES if not (ROOT / name).exists()] == []
    assert [name for name in modules if not importlib.util.find_spec(name)] == []
    assert set(re.findall(r"`(\w+\.py)`", text)) <= PYTHON_FILES


def test_the_map_lists_every_package() -> None:
    listed = re.findall(r"^  (\w+)/ ", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(path.parent.name for path in ROOT.glob("wealist/*/__init__.py"))
