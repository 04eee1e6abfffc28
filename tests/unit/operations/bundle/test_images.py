"""Images that no container has used for a week are removed, except during a deployment."""

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
    """An instance with images of one service; RUNNING is in use."""

    def __init__(self, root: Path) -> None:
        self.instance = Instance(root, tools=(*TOOLS, "find", "sort"), stand_ins={"docker": DOCKER})
        (prod,) = load(["prod"])
        for path, file in contents(prod, prod.services[0], "latest").items():
            self.instance.put(f"bundle/{path}", self.instance.moved(file.content.decode()))

    def stamp(self, image: str) -> Path:
        """Return the file whose modification time is the last use of an image."""
        return self.instance.root / "var/lib/wealist/images/user-service" / image.removeprefix("sha256:")

    def set_last_use(self, image: str, seconds: float) -> None:
        """Set the last use of an image, in seconds before now."""
        set_age(self.instance.put(str(self.stamp(image).relative_to(self.instance.root))), seconds)

    def remove(self, *present: str) -> list[str]:
        """Run the script with these images. Return the removed ones."""
        self.instance.put("images", "".join(f"{image}\n" for image in present))
        done = self.instance.run(str(self.instance.root / "bundle/scripts/remove_images.sh"))
        assert done.returncode == 0, done.stderr
        return [call.rpartition(" ")[2] for call in self.instance.calls("^docker image rm --force ")]


def set_age(file: Path, seconds: float) -> None:
    os.utime(file, (time.time() - seconds,) * 2)


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return Images(tmp_path)


@runs_bash
def test_only_images_unused_for_a_week_are_removed(images: Images) -> None:
    images.set_last_use(OLD, 7.1 * DAYS)
    images.set_last_use(EARLIER, 6.5 * DAYS)
    images.set_last_use(RUNNING, 100 * DAYS)
    assert images.remove(RUNNING, EARLIER, OLD, OLD, NEW) == [OLD]
    assert not images.stamp(OLD).exists()


@runs_bash
def test_an_old_image_in_use_is_kept(images: Images) -> None:
    images.set_last_use(RUNNING, 100 * DAYS)
    assert images.remove(RUNNING) == []
    assert time.time() - images.stamp(RUNNING).stat().st_mtime < HOURS


@runs_bash
def test_the_week_starts_when_the_image_is_first_seen(images: Images) -> None:
    assert images.remove(NEW) == []
    set_age(images.stamp(NEW), 8 * DAYS)
    assert images.remove(NEW) == [NEW]


@runs_bash
def test_no_image_is_removed_during_a_deployment(images: Images) -> None:
    images.set_last_use(OLD, 100 * DAYS)
    deploying = images.instance.put("run/wealist/user-service.deploying")
    assert images.remove(OLD) == []
    assert images.instance.calls("^docker") == []
    set_age(deploying, 3 * HOURS)  # a failed deployment, without a later one
    assert images.remove(OLD) == [OLD]


@runs_bash
def test_a_deployment_of_another_service_does_not_keep_images(images: Images) -> None:
    images.set_last_use(OLD, 8 * DAYS)
    images.instance.put("run/wealist/board-service.deploying")
    assert images.remove(OLD) == [OLD]


@runs_bash
def test_a_failed_removal_is_retried_later(images: Images) -> None:
    images.set_last_use(OLD, 8 * DAYS)
    images.instance.put("refuses")
    assert images.remove(OLD) == [OLD]
    assert images.stamp(OLD).exists()


@runs_bash
@pytest.mark.parametrize(("health", "stays"), [("200", False), ("503", True)])
def test_the_marker_of_a_deployment_exists_until_the_service_is_healthy(
    tmp_path: Path, health: str, *, stays: bool
) -> None:
    agent = Agent(tmp_path)
    agent.parameters()
    agent.instance.put("health", health)
    marker = tmp_path / "run/wealist/user-service.deploying"
    agent.instance.stand_in("chown", f"[ -e {marker} ]")  # AfterInstall fails without the marker
    assert agent.deploy(bundle()) == ("ValidateService" if stays else None), agent.output
    assert marker.exists() is stays
    if not stays:
        archive = tmp_path / "opt/codedeploy-agent/deployment-root/1"
        assert agent.hook(archive, "scripts/application_stop.sh").returncode == 0
        assert marker.exists()


@runs_bash
def test_a_deployment_starts_the_timer_and_removes_no_images(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.parameters()
    agent.instance.put("health", "200")
    assert agent.deploy(bundle()) is None, agent.output
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
