"""Every change of the tables in README.md and docs/operations.md is a value in a file; `wealist check` then passes."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.copies import run_python
from tests.unit.spec.builders import QA, STAGE

ENVIRONMENTS = Path("wealist", "spec", "environments")
CHAT = """(
        USER_SERVICE,
        BOARD_SERVICE,
        Service(
            name="chat",
            port=9000,
            path_pattern="/api/chats/*",
            priority=40,
            health_path="/api/chats/health",
            metrics_path="/api/chats/metrics",
            database_name="wealist_chat_db",
            database_user="chat_service",
        ),
    )"""
Edit = Callable[[str], str]


def setting(text: str) -> Edit:
    """Add a setting to the file of an environment."""
    return lambda source: source.rstrip().removesuffix(")") + f"    {text},\n)\n"


def instead(old: str, new: str) -> Edit:
    def edit(source: str) -> str:
        assert old in source, f"{old} is not in the file"
        return source.replace(old, new)

    return edit


def importing(module: str, names: str, then: Edit) -> Edit:
    """Import names into an environment's file, and edit it."""
    return lambda source: then(source.replace("\nfrom ", f"\nfrom wealist.spec.{module} import {names}\nfrom ", 1))


SLOW = 'USER_SERVICE.model_copy(update={"liveness_path": "/api/users/live", "healthy_within_seconds": 300})'
SIZES = "min_size=2, max_size=6, desired_capacity=2"
CHANGES: dict[str, tuple[str, Edit]] = {
    "scale": ("prod", instead(SIZES, "min_size=3, max_size=9, desired_capacity=4")),
    "backups": ("prod", importing("environment", "Backups", setting("backups=Backups(retention_days=35)"))),
    "multi-az": ("prod", instead("enable_multi_az=False", "enable_multi_az=True")),
    "al2023": ("prod", setting('operating_system="al2023"')),
    "blue-green": ("prod", setting('deployment="blue_green"')),
    "managed database": (
        "prod",
        importing("environment", "ManagedDatabase", instead("ExternalDatabase()", "ManagedDatabase()")),
    ),
    "instance type": ("prod", instead(SIZES, f'{SIZES}, instance_type="t3.medium"')),
    "database class": ("dev", instead("ManagedDatabase(", 'ManagedDatabase(instance_class="db.t3.small", ')),
    "node type": ("dev", instead("Cache(", 'Cache(node_type="cache.t3.small", ')),
    "zones": ("prod", instead('"10.1.0.0/16"', '"10.1.0.0/16", nat_zone="c", endpoint_zones=("a",)')),
    "retention": ("dev", instead("log_retention_days=30", "log_retention_days=90")),
    "renewal": ("dev", setting("max_instance_lifetime_days=90")),
    "liveness, and a slow start": (
        "prod",
        importing("services", "BOARD_SERVICE, USER_SERVICE", setting(f"services=({SLOW}, BOARD_SERVICE)")),
    ),
    "a further service": (
        "prod",
        importing("services", "BOARD_SERVICE, USER_SERVICE, Service", setting(f"services={CHAT}")),
    ),
    "a removed service": ("dev", importing("services", "USER_SERVICE", setting("services=(USER_SERVICE,)"))),
}


@pytest.fixture
def project(copied: Path, tmp_path: Path) -> Path:
    """Return a copy of the project with an up-to-date inventory."""
    return Path(
        shutil.copytree(copied, tmp_path / "project", symlinks=True, ignore=shutil.ignore_patterns("cdktf.out"))
    )


def accepted(project: Path) -> str:
    done = run_python("-m", "wealist", "accept", cwd=project)
    assert done.returncode == 0, done.stderr
    return done.stdout


def checked(project: Path) -> str:
    """Return the output of `check --all`, which must succeed."""
    synthesis = run_python("main.py", cwd=project)
    assert synthesis.returncode == 0, synthesis.stderr
    done = run_python("-m", "wealist", "check", "--all", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("name", "edit"), CHANGES.values(), ids=CHANGES)
def test_a_changed_setting_passes_the_checks(project: Path, name: str, edit: Edit) -> None:
    file = project / ENVIRONMENTS / f"{name}.py"
    file.write_text(edit(file.read_text()))
    assert re.search(r"^[+-] ", accepted(project), re.MULTILINE), "the inventory shows no difference"
    checked(project)


def test_a_new_environment_needs_one_file(project: Path) -> None:
    (project / ENVIRONMENTS / "qa.py").write_text(QA)
    (project / ENVIRONMENTS / "stage.py").write_text(STAGE)
    assert "+environments: [dev, prod, qa, stage]" in accepted(project)
    checked(project)


def test_accept_prints_nothing_without_a_change(project: Path) -> None:
    assert accepted(project) == ""
    assert "in all" in checked(project)
