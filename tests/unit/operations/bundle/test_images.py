"""Which images an instance keeps: by when a container last used them, and all of them during a deployment."""

import os
import time
from pathlib import Path
from typing import Final

import pytest

from tests.instance import Instance
from tests.unit.operations.bundle.agent import TOOLS, Agent, bundle
from tests.unit.operations.bundle.conftest import Case
from wealist.operations.bundle.contents import contents
from wealist.spec.environments import load

HOURS: Final = 3600
DAYS: Final = 24 * HOURS
RUNNING, EARLIER, OLD, NEW = (f"sha256:{letter * 64}" for letter in "abcd")
REPOSITORY: Final = "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com/wealist-prod-user-service"
DOCKER: Final = f"""
    case "$*" in
      "image ls --quiet --no-trunc {REPOSITORY}") cat "$ROOT/images" ;;
      "ps --all --quiet --filter ancestor={RUNNING}") echo 0123456789ab ;;
      "image rm --force "*) if [ -e "$ROOT/refuses" ]; then exit 1; fi ;;
    esac"""

runs_bash = pytest.mark.integration


class Images:
    """An instance with images of one service, of which one is in use."""

    def __init__(self, root: Path) -> None:
        self.instance = Instance(root, tools=(*TOOLS, "find", "sort"), stand_ins={"docker": DOCKER})
        (prod,) = load(["prod"])
        for path, file in contents(prod, prod.services[0], "latest").items():
            self.instance.put(f"bundle/{path}", self.instance.moved(file.content.decode()))

    def stamp(self, image: str) -> Path:
        """The file whose time is that of an image's last use."""
        return self.instance.root / "var/lib/wealist/images/user-service" / image.removeprefix("sha256:")

    def used(self, image: str, seconds: float) -> None:
        """Has an image be used for the last time some seconds ago."""
        aged(self.instance.put(str(self.stamp(image).relative_to(self.instance.root))), seconds)

    def remove(self, *there: str) -> list[str]:
        """Runs the script where some images are there. Returns those that it removed."""
        self.instance.put("images", "".join(f"{image}\n" for image in there))
        done = self.instance.run(str(self.instance.root / "bundle/scripts/remove_images.sh"))
        assert done.returncode == 0, done.stderr
        return [call.rpartition(" ")[2] for call in self.instance.calls("^docker image rm --force ")]


def aged(file: Path, seconds: float) -> None:
    os.utime(file, (time.time() - seconds,) * 2)


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return Images(tmp_path)


@runs_bash
def test_an_image_that_no_container_has_used_for_a_week_is_removed_and_no_other(images: Images) -> None:
    images.used(OLD, 7.1 * DAYS)
    images.used(EARLIER, 6.5 * DAYS)
    images.used(RUNNING, 100 * DAYS)
    assert images.remove(RUNNING, EARLIER, OLD, OLD, NEW) == [OLD]
    assert not images.stamp(OLD).exists()


@runs_bash
def test_an_image_that_was_made_long_ago_stays_as_long_as_it_is_used(images: Images) -> None:
    images.used(RUNNING, 100 * DAYS)
    assert images.remove(RUNNING) == []
    assert time.time() - images.stamp(RUNNING).stat().st_mtime < HOURS


@runs_bash
def test_the_week_of_an_image_begins_when_it_is_first_seen(images: Images) -> None:
    assert images.remove(NEW) == []
    aged(images.stamp(NEW), 8 * DAYS)
    assert images.remove(NEW) == [NEW]


@runs_bash
def test_during_a_deployment_nothing_is_asked_of_docker(images: Images) -> None:
    images.used(OLD, 100 * DAYS)
    deploying = images.instance.put("run/wealist/user-service.deploying")
    assert images.remove(OLD) == []
    assert images.instance.calls("^docker") == []
    aged(deploying, 3 * HOURS)  # it failed, and no other followed
    assert images.remove(OLD) == [OLD]


@runs_bash
def test_a_deployment_of_another_service_keeps_nothing(images: Images) -> None:
    images.used(OLD, 8 * DAYS)
    images.instance.put("run/wealist/board-service.deploying")
    assert images.remove(OLD) == [OLD]


@runs_bash
def test_an_image_that_docker_does_not_remove_is_tried_again(images: Images) -> None:
    images.used(OLD, 8 * DAYS)
    images.instance.put("refuses")
    assert images.remove(OLD) == [OLD]
    assert images.stamp(OLD).exists()


@runs_bash
@pytest.mark.parametrize(("health", "goes_on"), [("200", False), ("503", True)])
def test_a_deployment_is_known_from_its_first_hook_until_its_version_is_healthy(
    tmp_path: Path, health: str, *, goes_on: bool
) -> None:
    agent = Agent(tmp_path)
    agent.parameters()
    agent.instance.put("health", health)
    marker = tmp_path / "run/wealist/user-service.deploying"
    agent.instance.stand_in("chown", f"[ -e {marker} ]")  # in AfterInstall, which would fail
    assert agent.deploy(bundle()) == ("ValidateService" if goes_on else None), agent.said
    assert marker.exists() is goes_on
    if not goes_on:
        archive = tmp_path / "opt/codedeploy-agent/deployment-root/1"
        assert agent.hook(archive, "scripts/application_stop.sh").returncode == 0
        assert marker.exists()


@runs_bash
def test_a_deployment_starts_the_timer_and_removes_nothing_itself(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.parameters()
    agent.instance.put("health", "200")
    assert agent.deploy(bundle()) is None, agent.said
    assert agent.instance.calls("^systemctl (enable|start) wealist-user-service-images.timer$")
    assert {path.name for path in (tmp_path / "etc/systemd/system").iterdir()} == {
        "wealist-user-service.service", "wealist-user-service-images.service", "wealist-user-service-images.timer",
    }  # fmt: skip
    assert agent.instance.calls("^docker image") == []


def test_the_timer_runs_the_script_of_its_own_service(case: Case) -> None:
    name = case.service.full_name
    script = f"/home/ec2-user/app/{name}/scripts/remove_images.sh"
    assert f"\nExecStart={script}\n" in case.text("wealist-images.service")
    assert "\nOnCalendar=" in case.text("wealist-images.timer")
    assert "WantedBy=timers.target\n" in case.text("wealist-images.timer")
