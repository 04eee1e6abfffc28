"""A new backend instance installs the last revision of every service before its first request.

CodeDeploy, S3, Auto Scaling, the load balancer and Docker are stand-ins that store their state in a folder.
"""

import io
import shlex
import sys
import zipfile
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

import pytest

from tests.instance import real
from tests.modules import test_instance_boot as boot
from tests.unit.operations.bundle import agent

pytestmark = pytest.mark.integration

USER: Final = "user-service"
BOARD: Final = "board-service"
SERVICES: Final = (USER, BOARD)
HOOKS: Final = ("before_install", "after_install", "application_start", "validate_service")

AWS: Final = """
    arguments=("$@")
    option() {
      local place
      for place in "${!arguments[@]}"; do
        if [ "${arguments[place]}" = "$1" ]; then echo "${arguments[place + 1]}"; fi
      done
    }
    case "$*" in
      "deploy get-deployment-group "*)
        application=$(option --application-name)
        if [ -e "$ROOT/denied-$application" ]; then echo AccessDenied >&2; exit 254; fi
        cat "$ROOT/deployed/$application" 2> /dev/null || true ;;
      "deploy get-deployment "*) echo "$(option --deployment-id).zip" ;;
      "s3 cp "*) cp "$ROOT/s3/${4#s3://}" "$5" ;;
      *complete-lifecycle-action*)
        if [ -e "$ROOT/no-hook" ]; then echo "No active Lifecycle Action found" >&2; exit 254; fi ;;
      *describe-target-groups*) echo "arn:$(option --names)" ;;
      *describe-target-health*)
        left=$(cat "$ROOT/unregistered" 2> /dev/null || echo 0)
        echo $((left - 1)) > "$ROOT/unregistered"
        if [ "$left" -gt 0 ]; then echo Target.NotRegistered; else echo Elb.InitialHealthChecking; fi ;;
    esac"""
UNZIP: Final = f"""
    {shlex.quote(sys.executable)} -m zipfile -e "$2" "$4"
    for script in "$4"/scripts/*; do chmod 0755 "$script"; done"""
# A container is a file with its name.
DOCKER: Final = """
    all=$*
    case $all in
      *label=wealist.temporary=health) for each in "$ROOT"/run/health-*; do echo "${each##*/}"; done ;;
      "ps "*name=^/*) name=${all##*name=^/}; if [ -e "$ROOT/run/${name%?}" ]; then echo 0123; fi ;;
      "ps "*publish=8080) if [ -e "$ROOT/run/user-service" ]; then echo 0123; fi ;;
      "ps "*publish=8000) if [ -e "$ROOT/run/board-service" ]; then echo 0123; fi ;;
      "run "*) name=${all##*--name }; : > "$ROOT/run/${name%% *}" ;;
      "rm --force "*) rm -f "$ROOT/run/$3" ;;
    esac"""
ANSWERING: Final = """
    case "$*" in
      *127.0.0.1:8080/*) service=user-service ;;
      *127.0.0.1:8000/*) service=board-service ;;
    esac
    if [ -n "$service" ]; then [ -e "$ROOT/run/$service" ] || [ -e "$ROOT/run/health-$service" ]; exit; fi"""
HOOK: Final = f"""#!/bin/bash
echo "SERVICE HOOK" >> "$ROOT/calls"
if [ -e "$ROOT/hangs-SERVICE-HOOK" ]; then {real("sleep")} 60; fi
if [ -e "$ROOT/broken-SERVICE-HOOK" ]; then exit 1; fi
case HOOK in
  application_start) rm -f "$ROOT/run/health-SERVICE"; : > "$ROOT/run/SERVICE" ;;
  application_stop) rm -f "$ROOT/run/SERVICE" ;;
esac
"""


class Instance(boot.Instance):
    """A new instance of a group that scales out."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        for name, body in {
            "aws": AWS,
            "unzip": UNZIP,
            "docker": DOCKER,
            "curl": ANSWERING + boot.STAND_INS["curl"],
        }.items():
            self.stand_in(name, body)

    def deployed(self, *services: str) -> None:
        """Add a successful deployment of services to CodeDeploy."""
        for service in services:
            self.put(f"deployed/wealist-prod-{service}", f"d-{service}\n")
            file = self.put(f"s3/wealist-codedeploy-artifacts/d-{service}.zip")
            file.write_bytes(self._bundle(service))

    def breaks(self, service: str, hook: str) -> None:
        """Let a hook of a service's revision fail."""
        self.put(f"broken-{service}-{hook}")

    def hooks(self, service: str) -> list[str]:
        """Return the hooks of a service's revision that ran, in order."""
        return [call.split()[1] for call in self.calls(f"^{service} ")]

    def answer(self) -> str:
        """Return the result of the launch hook."""
        (call,) = self.calls("complete-lifecycle-action")
        assert "--auto-scaling-group-name wealist-prod-backend-asg" in call
        assert "--lifecycle-hook-name wealist-prod-backend-launch --instance-id i-0123456789abcdef0" in call
        return call.rpartition(" ")[2]

    def left(self) -> list[str]:
        """Return the target groups that the instance left."""
        return [call.split()[4].removeprefix("arn:") for call in self.calls("deregister-targets")]

    def running(self) -> set[str]:
        """Return the running services and health servers."""
        return {path.name for path in (self.root / "run").iterdir()}

    @staticmethod
    def _bundle(service: str) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for hook in (*HOOKS, "application_stop"):
                script = HOOK.replace("SERVICE", service).replace("HOOK", hook)
                archive.writestr(f"scripts/{hook}.sh", script)
        return packed.getvalue()


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


every_system = pytest.mark.parametrize("system", ["amazon_linux_2", "al2023"])
every_hook = pytest.mark.parametrize("hook", HOOKS)


@every_system
def test_every_service_runs_its_last_revision_before_the_first_request(
    instance: Instance, scripts: dict[str, str], system: str
) -> None:
    instance.deployed(*SERVICES)
    assert instance.boot(scripts[f"backend/{system}"]) == 0, instance.log()
    assert [instance.hooks(service) for service in SERVICES] == [list(HOOKS)] * 2
    assert instance.running() == set(SERVICES)
    assert (instance.answer(), instance.left()) == ("CONTINUE", [])


def test_a_revision_is_installed_in_the_folder_of_a_deployment(instance: Instance, scripts: dict[str, str]) -> None:
    instance.deployed(USER)
    instance.boot(scripts["backend/al2023"])
    assert (instance.root / "home/ec2-user/app/user-service/scripts/application_stop.sh").exists()
    assert not (instance.root / "home/ec2-user/app/board-service").exists()
    assert list((instance.root / "tmp").iterdir()) == []


@every_hook
@pytest.mark.parametrize(("broken", "other", "targets"), [(USER, BOARD, "user"), (BOARD, USER, "board")])
def test_a_broken_revision_removes_the_instance_only_from_its_own_target_group(
    instance: Instance, scripts: dict[str, str], hook: str, broken: str, other: str, targets: str
) -> None:
    instance.deployed(*SERVICES)
    instance.breaks(broken, hook)
    assert instance.boot(scripts["backend/al2023"]) == 0, instance.log()
    assert instance.hooks(other) == list(HOOKS)
    assert instance.running() == {other}
    assert (instance.answer(), instance.left()) == ("CONTINUE", [f"wealist-prod-{targets}-tg"])
    assert f"{broken} is broken" in instance.log()


def test_a_missing_bundle_affects_only_its_own_service(instance: Instance, scripts: dict[str, str]) -> None:
    instance.deployed(*SERVICES)
    (instance.root / "s3/wealist-codedeploy-artifacts/d-board-service.zip").unlink()
    assert instance.boot(scripts["backend/al2023"]) == 0, instance.log()
    assert (instance.running(), instance.left()) == ({USER}, ["wealist-prod-board-tg"])


def test_an_unreadable_deployment_affects_only_its_own_service(instance: Instance, scripts: dict[str, str]) -> None:
    instance.deployed(*SERVICES)
    instance.put("denied-wealist-prod-user-service")
    assert instance.boot(scripts["backend/al2023"]) == 0, instance.log()
    assert (instance.running(), instance.left()) == ({BOARD}, ["wealist-prod-user-tg"])


def test_a_hanging_revision_is_cancelled(instance: Instance, scripts: dict[str, str]) -> None:
    instance.deployed(*SERVICES)
    instance.put("hangs-board-service-validate_service")
    impatient = scripts["backend/al2023"].replace("timeout 1800", "timeout 8")
    assert instance.boot(impatient) == 0, instance.log()
    assert (instance.running(), instance.left()) == ({USER}, ["wealist-prod-board-tg"])


def test_the_first_instance_of_an_environment_keeps_its_health_servers(
    instance: Instance, scripts: dict[str, str]
) -> None:
    assert instance.boot(scripts["backend/al2023"]) == 0, instance.log()
    assert instance.running() == {"health-user-service", "health-board-service"}
    assert (instance.answer(), instance.left()) == ("CONTINUE", [])


def test_a_service_without_a_deployment_keeps_its_health_server(instance: Instance, scripts: dict[str, str]) -> None:
    instance.deployed(USER)
    assert instance.boot(scripts["backend/al2023"]) == 0, instance.log()
    assert (instance.running(), instance.left()) == ({USER, "health-board-service"}, [])


def test_an_instance_without_a_working_service_is_abandoned(instance: Instance, scripts: dict[str, str]) -> None:
    instance.deployed(*SERVICES)
    for service in SERVICES:
        instance.breaks(service, "validate_service")
    assert instance.boot(scripts["backend/al2023"]) != 0
    assert (instance.answer(), instance.left()) == ("ABANDON", [])
    assert instance.calls("^systemctl start codedeploy-agent") == []


def test_an_instance_without_a_launch_hook_serves_requests(instance: Instance, scripts: dict[str, str]) -> None:
    """The first instances of a group are launched before the hook exists."""
    instance.put("no-hook")
    instance.deployed(*SERVICES)
    assert instance.boot(scripts["backend/al2023"]) == 0, instance.log()
    assert instance.running() == set(SERVICES)


def test_the_instance_is_deregistered_after_auto_scaling_registers_it(
    instance: Instance, scripts: dict[str, str]
) -> None:
    """Auto Scaling registers an instance some time after the answer to the launch hook."""
    instance.deployed(*SERVICES)
    instance.breaks(BOARD, "application_start")
    instance.put("unregistered", "3")
    assert instance.boot(scripts["backend/al2023"]) == 0, instance.log()
    calls = instance.calls("complete-lifecycle-action|describe-target-health|deregister-targets")
    assert ["complete" in calls[0], "deregister" in calls[-1], len(calls)] == [True, True, 6]


def test_a_service_that_is_deployed_meanwhile_stays_in_its_target_group(
    instance: Instance, scripts: dict[str, str]
) -> None:
    """The agent can deploy a correction before the script ends."""
    instance.deployed(*SERVICES)
    instance.breaks(BOARD, "application_start")
    instance.stand_in("systemctl", 'case "$*" in "start codedeploy-agent") : > "$ROOT/run/board-service" ;; esac')
    assert instance.boot(scripts["backend/al2023"]) == 0, instance.log()
    assert (instance.running(), instance.left()) == (set(SERVICES), [])


def test_a_second_run_installs_nothing_again(instance: Instance, scripts: dict[str, str]) -> None:
    instance.deployed(*SERVICES)
    instance.boot(scripts["backend/al2023"])
    instance.put("no-hook")
    assert instance.boot(scripts["backend/al2023"]) == 0, instance.log()
    assert [instance.hooks(service) for service in SERVICES] == [list(HOOKS)] * 2


def test_the_agent_starts_after_the_last_revisions_and_before_requests(
    instance: Instance, scripts: dict[str, str]
) -> None:
    instance.deployed(*SERVICES)
    instance.boot(scripts["backend/al2023"])
    calls = instance.calls(" validate_service|start codedeploy-agent|complete-lifecycle-action")
    assert [call.split()[1] for call in calls[-3:]] == ["validate_service", "start", "autoscaling"]


def test_without_a_launch_hook_nothing_is_installed(instance: Instance, scripts: dict[str, str]) -> None:
    instance.deployed(*SERVICES)
    assert instance.boot(scripts["unhooked/al2023"]) == 0, instance.log()
    assert instance.calls("^aws") == []
    assert instance.running() == {"health-user-service", "health-board-service"}


def test_a_real_bundle_is_installed_like_by_codedeploy(tmp_path: Path, scripts: dict[str, str]) -> None:
    deployed, launched = ready(tmp_path / "deployed"), ready(tmp_path / "launched")
    assert deployed.deploy(agent.bundle()) is None, deployed.output
    done = install(launched, scripts["backend/al2023"])
    assert done.returncode == 0, done.stderr
    assert variables(launched) == variables(deployed)
    app = "home/ec2-user/app/user-service"
    assert files(launched.instance.root / app) == files(deployed.instance.root / app)


def test_an_unhealthy_real_bundle_is_stopped(tmp_path: Path, scripts: dict[str, str]) -> None:
    launched = ready(tmp_path, health="503")
    assert install(launched, scripts["backend/al2023"]).returncode == 1
    assert launched.container() is None


def variables(simulated: agent.Agent) -> dict[str, str]:
    """Return the variables of the container, without the path of the simulated instance."""
    root = str(simulated.instance.root)
    return {name: value.replace(root, "") for name, value in (simulated.container() or {}).items()}


def ready(root: Path, health: str = "200") -> agent.Agent:
    """Return a simulated instance that is ready for a real bundle."""
    simulated = agent.Agent(root)
    simulated.parameters()
    simulated.instance.put("health", health)
    return simulated


def install(simulated: agent.Agent, script: str) -> CompletedProcess[str]:
    """Run `wealist-install` of a boot script with a real bundle of the user service."""
    unpacked = simulated.unpack(agent.bundle())
    deployed = """
    case "$*" in
      "deploy "*) echo d-0123456789; exit ;;
      "s3 cp "*) exit ;;
    esac"""
    simulated.instance.stand_in("aws", deployed + agent.STAND_INS["aws"])
    simulated.instance.stand_in("unzip", f'cp -r "{unpacked}" "$4"')
    simulated.instance.stand_in("cp", f'exec {real("cp")} "$@"')
    installer = script.split("<<'INSTALL'\n")[1].split("\nINSTALL\n", maxsplit=1)[0]
    return simulated.instance.run("-c", simulated.instance.moved(installer), "wealist-install", USER)


def files(folder: Path) -> dict[str, str]:
    """Return the files of a folder, without the path of the simulated instance."""
    root = str(folder.parents[3])
    return {
        str(path.relative_to(folder)): path.read_text().replace(root, "")
        for path in folder.rglob("*")
        if path.is_file()
    }
