"""Commands of the README and of docs that need no account, run in order on a fresh copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.unit.copies import ROOT, clean_environment, copy_project, run_python
from tests.unit.test_guide_readme import CHECKS, OPERATIONS, README, typed
from wealist.set_up import write_command

NEEDS: Final[Mapping[str, str]] = {
    "make test": "every test, including this one",
    "make unit": "tests that are already running",
    "make demo": "ten minutes; tests/integration/applied covers it",
    "wealist demo --keep": "runs until Ctrl-C",
    "wealist apply prod --emulated --keep": "runs until Ctrl-C",
    "wealist plan dev --emulated": "the embedded AWS that the line before keeps up",
    "wealist destroy dev --emulated": "minutes; tests/integration/test_emulated.py covers it",
    "cd cdktf.out/stacks/": "an account",
    'echo \'{"terraform"': "an account",
    "terraform": "an account",
    "rm backend_override.tf.json": "an account",
    "(umask 077": "an account",
    "aws": "an account",
    "wealist database": "an account, and a tunnel to its database",
    "export GH_TOKEN": "a login at GitHub",
    "wealist preflight": "an account",
    "sh deploy.sh": "an account; tests/integration/test_deploy_script.py runs it in the embedded AWS",
}
"""First words of commands that this test does not run → what they need. All other commands are run."""
COMMANDS: Final = [line for page in (README, CHECKS, OPERATIONS) for line in typed(page)]


def needs(line: str) -> str | None:
    """Return what a command needs that the test lacks, or None if it is run."""
    return next((reason for beginning, reason in NEEDS.items() if line.startswith(beginning)), None)


@pytest.fixture(scope="module")
def checkout(copied: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project in which only `make setup` has run."""
    copy = copy_project(tmp_path_factory.mktemp("readme") / "wealist")
    for name in ("Makefile", "Pipfile.lock", "pyproject.toml"):
        shutil.copy2(ROOT / name, copy)
    shutil.copytree(copied / "inventory", copy / "inventory")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=copy, check=True)
    write_command(copy / ".venv")  # before the links, one of which would lead to another's
    for folder in ("bin", "lib/python3.*/site-packages"):
        (there,) = Path(sys.prefix).glob(folder)
        (here,) = (copy / ".venv").glob(folder)
        for entry in there.iterdir():
            if not (here / entry.name).exists():
                (here / entry.name).symlink_to(entry)
    printed = typed_in(copy, "make --dry-run --print-data-base help").stdout
    (ready,) = set(re.findall(r"^\.venv/\.installed-\d+", printed, re.MULTILINE))
    (copy / ready).touch()
    return copy


def typed_in(checkout: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """Run lines in a shell without an activated virtualenv."""
    path = os.pathsep.join(
        each for each in os.environ["PATH"].split(os.pathsep) if not Path(each).is_relative_to(sys.prefix)
    )
    environment = clean_environment({"PATH": path, "PYTHON": sys.executable})
    environment.pop("VIRTUAL_ENV", None)
    script = "\n".join(("set -e", *lines))
    return subprocess.run(
        ["/bin/sh", "-c", script], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def test_commands_that_need_no_account_succeed_in_order(checkout: Path) -> None:
    (checkout / "description.md").write_text("nothing is acknowledged\n")
    shell: list[str] = []
    ran = []
    for line in (each for each in COMMANDS if not needs(each)):
        done = typed_in(checkout, *shell, line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        ran.append(line.partition("#")[0].strip())
        if line.startswith(". "):  # activates the virtualenv for the lines that follow
            shell.append(line)
    assert {"make plan", "make synth", "make plan ENV=dev", "wealist accept", "wealist check --all"} <= set(ran)


def test_each_exception_matches_a_command() -> None:
    assert [start for start in NEEDS if not any(line.startswith(start) for line in COMMANDS)] == []


def test_the_documented_service_can_be_added(checkout: Path) -> None:
    section = OPERATIONS.partition("## Add a service")[2].partition("\n## ")[0]
    (definition,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (entry,) = re.findall(r"`(services=.+,)`", section)
    file = checkout / "wealist" / "spec" / "environments" / "prod.py"
    before, environment = file.read_text().split("ENVIRONMENT = ")
    file.write_text(f"{before}{definition}\nENVIRONMENT = {environment.rstrip().removesuffix(')')}    {entry}\n)\n")
    for arguments in (("main.py",), ("-m", "wealist", "accept"), ("-m", "wealist", "check", "--all")):
        done = run_python(*arguments, cwd=checkout)
        assert done.returncode == 0, done.stdout + done.stderr
    done = run_python("-m", "wealist", "bundle", "prod", "chat-service", cwd=checkout)
    assert "wealist-prod-chat-service" in done.stdout, done.stderr
