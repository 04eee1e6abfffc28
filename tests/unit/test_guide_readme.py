"""The README's commands are ones that work: what they name exists, and what they print is what they say."""

import itertools
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tests import screens
from tests.synthesized import Stack
from wealist.cli import app
from wealist.spec.account import STATE_BUCKET

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def typed(text: str) -> list[str]:
    """What is typed in a page's consoles, each command in one line."""
    blocks = re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)
    lines = re.sub(r" *\\\n\s*", " ", "\n".join(blocks)).splitlines()
    return [line.strip().removeprefix("$ ") for line in lines if line.strip().startswith("$ ")]


def options(line: str) -> dict[str, str]:
    """The options of a command of the AWS CLI that have one value."""
    words = shlex.split(line, comments=True)
    return {word: value for word, value in itertools.pairwise(words) if word.startswith("--")}


def test_the_output_for_the_registrar_is_the_accounts(account: Stack) -> None:
    (named,) = re.findall(r"give the output `(\S+)` to the\s+registrar", README)
    assert [named] == list(account.document["output"])


def test_the_versions_of_a_state_are_listed_without_those_of_its_lock(prod: Stack) -> None:
    (line,) = [line for line in typed(README) if line.startswith("aws s3api list-object-versions ")]
    key = prod.document["terraform"]["backend"]["s3"]["key"]
    assert options(line)["--bucket"] == STATE_BUCKET
    assert options(line)["--prefix"] == key
    assert options(line)["--query"].startswith(f"Versions[?Key=='{key}'].[")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_secret_is_typed_on_a_command_line(page: Path) -> None:
    secrets = [line for line in typed(page.read_text(encoding="utf-8")) if "--type SecureString" in line]
    for line in secrets:
        file = options(line)["--value"].rstrip(";")
        assert file.startswith("file://"), line
        assert line.endswith(f"; rm {file.removeprefix('file://')}"), line


def test_the_secrets_from_outside_are_told_how_to_be_written() -> None:
    (line,) = [line for line in typed(README) if "--type SecureString" in line]
    assert options(line)["--name"] == "/wealist/prod/oauth/google_client_id"


def test_every_command_of_ours_has_the_options_that_the_pages_give_it() -> None:
    commands: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]  # a group
    lines = [line for page in PAGES for line in typed(page.read_text(encoding="utf-8"))]
    ours = [match for line in lines for match in re.findall(r"^(?:python -m )?wealist (\w+)([^|>;#]*)", line)]
    assert {name for name, _ in ours} >= {"accept", "apply", "bundle", "check", "database", "orphans", "plan", "review"}
    for name, rest in ours:
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, name


def test_the_plan_that_the_page_shows_is_the_recorded_one() -> None:
    assert screens.EXCERPT.findall(README) == [screens.excerpt()], "run: python -m tests.screens"


def test_the_virtualenv_is_activated_before_any_command_that_it_holds() -> None:
    lines = typed(README)
    first = next(number for number, line in enumerate(lines) if re.match(r"wealist|python ", line))
    assert ". .venv/bin/activate" in lines[:first]


def test_the_import_blocks_go_where_terraform_takes_them_in() -> None:
    (line,) = [line for line in typed(README) if "wealist orphans" in line]
    out = options(line)["--out"]
    assert out == "cdktf.out/stacks/prod/imports.tf.json"
    following = typed(README)[typed(README).index(line) + 1]
    assert following == f"cd {Path(out).parent} && terraform apply && rm {Path(out).name}"
