"""The boot script of the backend, run on a simulated instance."""

import hashlib
import re
from pathlib import Path
from typing import Final

import pytest

from tests import instance as simulated

pytestmark = pytest.mark.integration

TOOLS: Final = (
    "cat", "chmod", "cp", "cut", "date", "mktemp", "mv", "rm", "sha256sum", "tee", "timeout", "wc",
)  # fmt: skip
NO_OPERATION: Final = ("amazon-linux-extras", "chown", "sleep", "usermod")
INSTALL: Final = """
    if [[ "$*" =~ codedeploy-agent-([0-9.]+)- ]]; then printf "${BASH_REMATCH[1]}" > "$ROOT/package"; fi"""
AGENT: Final = "2.1.0-9745926189"
"""Version and build: https://docs.aws.amazon.com/codedeploy/latest/userguide/codedeploy-agent-operations-version.html."""
PLUGIN: Final = "#!/bin/bash\necho 2.40.3\n"
SUM: Final = hashlib.sha256(PLUGIN.encode()).hexdigest()

# Each logs its calls. The files `offline`, `forged`, `deployed` and `broken` simulate failures.
STAND_INS: Final = {
    "uname": "echo x86_64",
    "getent": 'echo "$2:x:0:0::$ROOT/home/$2:/bin/bash"',
    # `package` contains the version of the installed agent.
    "rpm": 'cat "$ROOT/package" 2> /dev/null || { echo "package codedeploy-agent is not installed"; exit 1; }',
    "dnf": INSTALL,
    "yum": INSTALL,
    "openssl": 'echo "generated-$RANDOM$RANDOM"',
    "systemctl": """
        if [ -e "$ROOT/broken" ] && [[ "$*" == *"$(cat "$ROOT/broken")"* ]]; then exit 1; fi""",
    # Nothing was deployed yet.
    "aws": ":",
    "curl": f"""
        if [[ $* == *169.254.169.254* ]]; then echo i-0123456789abcdef0; exit; fi
        if [ -e "$ROOT/offline" ]; then
          left=$(cat "$ROOT/offline")
          if [ "$left" -gt 0 ]; then echo $((left - 1)) > "$ROOT/offline"; exit 6; fi
        fi
        while [ $# -gt 1 ]; do [ "$1" = --output ] && output=$2; shift; done
        case $1 in
          http://*) exit 0 ;;
          *)
            printf '{PLUGIN.encode("unicode_escape").decode()}' > "$output"
            [ ! -e "$ROOT/forged" ] || echo "# added on the way" >> "$output" ;;
        esac""",
    "docker": """
        case "$*" in
          "ps --all "*"label=wealist.temporary=health") cat "$ROOT/running" 2> /dev/null || true ;;
          "ps --all "*) cat "$ROOT/health" 2> /dev/null || true ;;
          "ps --quiet "*) cat "$ROOT/deployed" 2> /dev/null || true ;;
          "run "*) echo "0123456789ab" | tee -a "$ROOT/running" ;;
        esac""",
} | dict.fromkeys(NO_OPERATION, ":")


class Instance(simulated.Instance):
    """A simulated instance at its first start."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, tools=TOOLS, stand_ins=STAND_INS)

    def boot(self, script: str) -> int:
        """Run the user data, with the checksum of the stand-in for Docker Compose. Returns its exit code."""
        pinned = re.sub(r"((?:x86_64|aarch64)\) sum=)[0-9a-f]{64} ", rf"\g<1>{SUM} ", script)
        assert pinned != script
        return self.run(stdin=self.moved(pinned)).returncode

    def log(self) -> str:
        """Return the log of the script."""
        return (self.root / "var/log/wealist-bootstrap.log").read_text()


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


every_system = pytest.mark.parametrize("call", ["backend/amazon_linux_2", "backend/al2023"])


@every_system
def test_a_script_can_run_twice(instance: Instance, scripts: dict[str, str], call: str) -> None:
    assert instance.boot(scripts[call]) == 0, instance.log()
    downloads = instance.calls("^curl .*https://")
    assert instance.boot(scripts[call]) == 0, instance.log()
    # Installed files are not downloaded again.
    assert instance.calls("^curl .*https://") == downloads


@every_system
def test_a_script_waits_for_the_network(instance: Instance, scripts: dict[str, str], call: str) -> None:
    (instance.root / "offline").write_text("3")
    assert instance.boot(scripts[call]) == 0, instance.log()


@every_system
def test_a_script_fails_after_eight_attempts_without_network(
    instance: Instance, scripts: dict[str, str], call: str
) -> None:
    (instance.root / "offline").write_text("1000")
    assert instance.boot(scripts[call]) != 0
    assert len(instance.calls("^curl .*https://")) == 8
    assert "attempt 8 of 8 failed" in instance.log()
    assert "failed with exit code" in instance.log()


@every_system
def test_a_binary_with_a_wrong_checksum_is_not_installed(
    instance: Instance, scripts: dict[str, str], call: str
) -> None:
    (instance.root / "forged").touch()
    assert instance.boot(scripts[call]) != 0
    assert list(instance.root.glob("usr/local/**/docker-compose*")) == []


@every_system
def test_a_script_fails_if_the_registry_is_unavailable(instance: Instance, scripts: dict[str, str], call: str) -> None:
    instance.stand_in("docker", '[ "$1" != pull ]')
    assert instance.boot(scripts[call]) != 0
    assert len(instance.calls("^docker pull")) == 8
    assert instance.calls("codedeploy") == []


@every_system
def test_a_changed_docker_compose_is_replaced(instance: Instance, scripts: dict[str, str], call: str) -> None:
    instance.boot(scripts[call])
    (plugin,) = instance.root.glob("usr/local/**/docker-compose")
    plugin.write_text("#!/bin/bash\n# something else\n")
    assert instance.boot(scripts[call]) == 0
    assert plugin.read_text() == PLUGIN


def test_an_architecture_without_a_pinned_docker_compose_is_reported(
    instance: Instance, scripts: dict[str, str]
) -> None:
    instance.stand_in("uname", "echo riscv64")
    assert instance.boot(scripts["backend/al2023"]) != 0
    assert "no Docker Compose is pinned for riscv64" in instance.log()
    assert instance.calls("^curl .*https://") == []


@every_system
@pytest.mark.parametrize("broken", ["enable codedeploy-agent", "start codedeploy-agent"])
def test_an_instance_without_a_running_agent_answers_no_health_check(
    instance: Instance, scripts: dict[str, str], call: str, broken: str
) -> None:
    instance.put("broken", broken)
    assert instance.boot(scripts[call]) != 0
    last = instance.calls("^(docker|aws)")[-1]
    assert len(instance.calls("^docker run .*wealist.temporary=health")) == 2
    assert len(instance.calls("^docker rm --force 0123456789ab")) == 2
    assert last.startswith("aws autoscaling complete-lifecycle-action")
    assert last.endswith("--lifecycle-action-result ABANDON")
    # The log and the console contain the failed command.
    assert f"systemctl {broken}" in instance.log()
    assert "the Auto Scaling group replaces" in instance.log().splitlines()[-1]
    assert (instance.root / "dev/console").read_text() == instance.log()


@every_system
def test_health_servers_are_removed_if_the_agent_cannot_be_installed(
    instance: Instance, scripts: dict[str, str], call: str
) -> None:
    manager = "yum" if call.endswith("linux_2") else "dnf"
    instance.stand_in(manager, '[[ "$*" != *codedeploy-agent* ]]')
    assert instance.boot(scripts[call]) != 0
    assert len(instance.calls(f"^{manager} install .*codedeploy-agent")) == 8
    assert len(instance.calls("^docker rm --force 0123456789ab")) == 2
    assert instance.calls("^systemctl .*codedeploy") == []


def test_a_failed_script_does_not_stop_a_deployed_service(instance: Instance, scripts: dict[str, str]) -> None:
    instance.put("deployed", "0123456789ab\n")
    instance.put("broken", "start codedeploy-agent")
    assert instance.boot(scripts["backend/al2023"]) != 0
    assert instance.calls("^docker rm") == []


@every_system
def test_downloads_are_deleted(instance: Instance, scripts: dict[str, str], call: str) -> None:
    instance.boot(scripts[call])
    assert list((instance.root / "tmp").iterdir()) == []


def test_every_service_gets_a_health_server_for_its_health_path_only(
    instance: Instance, scripts: dict[str, str]
) -> None:
    instance.boot(scripts["backend/al2023"])
    conf = (instance.root / "etc/wealist/health/user-service.conf").read_text()
    assert re.findall(r"listen (\d+);", conf) == ["8080"]
    assert re.findall(r"location (.*?) \{ return (\d+)", conf) == [
        ("= /api/users/actuator/health", "200"),
        ("/", "404"),
    ]
    runs = instance.calls("^docker run")
    assert [re.findall(r"--name (\S+) .*--publish (\S+)", run) for run in runs] == [
        [("health-user-service", "8080:8080")],
        [("health-board-service", "8000:8000")],
    ]
    assert all("--label wealist.temporary=health" in run and "--restart unless-stopped" in run for run in runs)
    # A deployment finds the health server of its port by these labels.
    assert [re.findall(r"--label wealist.port=(\d+)", run) for run in runs] == [["8080"], ["8000"]]


def test_a_deployed_service_keeps_its_port(instance: Instance, scripts: dict[str, str]) -> None:
    (instance.root / "deployed").write_text("0123456789ab\n")
    assert instance.boot(scripts["backend/al2023"]) == 0
    assert instance.calls("^docker run") == []


def test_a_health_server_of_an_earlier_run_is_replaced(instance: Instance, scripts: dict[str, str]) -> None:
    (instance.root / "health").write_text("0123456789ab\n")
    assert instance.boot(scripts["backend/al2023"]) == 0
    assert len(instance.calls("^docker rm --force health-")) == len(instance.calls("^docker run")) == 2


@pytest.mark.parametrize("user", ["root", "ec2-user"])
def test_docker_logs_in_to_ecr_as_the_instances_role(instance: Instance, scripts: dict[str, str], user: str) -> None:
    instance.boot(scripts["backend/amazon_linux_2"])
    config = instance.root / "home" / user / ".docker/config.json"
    assert config.read_text() == (
        '{"credHelpers": {"290008131187.dkr.ecr.ap-northeast-2.amazonaws.com": "ecr-login"}}\n'
    )
    assert config.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("system", ["amazon_linux_2", "al2023"])
def test_the_agent_starts_last(instance: Instance, scripts: dict[str, str], system: str) -> None:
    instance.boot(scripts[f"backend/{system}"])
    calls = instance.calls()
    agent = next(number for number, line in enumerate(calls) if f"codedeploy-agent-{AGENT}.x86_64.rpm" in line)
    assert [line for line in calls[agent:] if re.search(r"docker|ecr", line)] == []
    started, answered = calls[-2:]
    assert started == "systemctl start codedeploy-agent"
    assert answered.endswith("--lifecycle-action-result CONTINUE")


@every_system
@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
def test_the_agent_is_the_pinned_build_for_its_architecture_and_region(
    instance: Instance, scripts: dict[str, str], call: str, architecture: str
) -> None:
    instance.stand_in("uname", f"echo {architecture}")
    assert instance.boot(scripts[call]) == 0, instance.log()
    (fetched,) = instance.calls("^curl .*codedeploy")
    bucket = "https://aws-codedeploy-ap-northeast-2.s3.ap-northeast-2.amazonaws.com"
    assert fetched.endswith(f" {bucket}/releases/codedeploy-agent-{AGENT}.{architecture}.rpm")
    assert "--proto =https" in fetched


@every_system
def test_the_agent_needs_no_ruby(instance: Instance, scripts: dict[str, str], call: str) -> None:
    instance.boot(scripts[call])
    installed = instance.calls("^(yum|dnf) install")
    assert len(installed) == 3
    assert [line for line in installed if re.search(r"\bruby\b", line)] == []


@every_system
@pytest.mark.parametrize("version", ["1.8.1", "2.0.1", "2.10.0"])
def test_an_agent_of_another_version_is_replaced(
    instance: Instance, scripts: dict[str, str], call: str, version: str
) -> None:
    package = instance.put("package", version)
    assert instance.boot(scripts[call]) == 0, instance.log()
    assert package.read_text() == "2.1.0"
