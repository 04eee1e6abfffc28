"""What the scripts do: each is run, in a folder that plays the instance, with stand-ins for all that it would install.

Every path of the script is moved into the folder, and PATH holds nothing but the stand-ins and a few harmless tools, so
that a run can touch nothing else.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.integration

TOOLS: Final = ("bash", "cat", "chmod", "cut", "date", "mktemp", "mv", "rm", "sha256sum", "tee")
NO_OPERATION: Final = ("amazon-linux-extras", "chown", "dnf", "sleep", "systemctl", "usermod", "yum")

# Each writes down how it was called. The files `offline`, `forged` and `deployed` make the day a bad one.
STAND_INS: Final = {
    "uname": "echo x86_64",
    "getent": 'echo "$2:x:0:0::$ROOT/home/$2:/bin/bash"',
    "rpm": '[ -e "$ROOT/agent" ] || { : > "$ROOT/agent"; exit 1; }',
    "openssl": 'echo "generated-$RANDOM$RANDOM"',
    # Owners cannot be set without being root.
    "install": """
        while [ $# -gt 0 ]; do
          case $1 in -o | -g) shift 2 ;; *) args+=("$1"); shift ;; esac
        done
        exec REAL_INSTALL "${args[@]}" """,
    "curl": """
        if [ -e "$ROOT/offline" ]; then
          left=$(cat "$ROOT/offline")
          if [ "$left" -gt 0 ]; then echo $((left - 1)) > "$ROOT/offline"; exit 6; fi
        fi
        while [ $# -gt 1 ]; do [ "$1" = --output ] && output=$2; shift; done
        case $1 in
          http://*) exit 0 ;;
          *.sha256)
            cd "${output%/*}"
            sha256sum "docker-compose-linux-x86_64" > "$output"
            [ ! -e "$ROOT/forged" ] || echo "# added on the way" >> docker-compose-linux-x86_64 ;;
          *) printf '#!/bin/bash\\necho 2.40.3\\n' > "$output" ;;
        esac""",
    "docker": """
        case "$*" in
          "ps --all "*) cat "$ROOT/health" 2> /dev/null || true ;;
          "ps --quiet "*) cat "$ROOT/deployed" 2> /dev/null || true ;;
        esac""",
}


class Instance:
    """A folder that plays an instance."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"
        for folder in ("bin", "dev", "etc", "home/root", "home/ec2-user", "tmp", "usr/local", "var/log"):
            (root / folder).mkdir(parents=True)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(self._real(tool))
        for name, body in (STAND_INS | dict.fromkeys(NO_OPERATION, ":")).items():
            stand_in = self.bin / name
            stand_in.write_text(
                f'#!{self._real("bash")}\nset -e\necho "{name} $*" >> "$ROOT/calls"\n'
                f"{body.replace('REAL_INSTALL', self._real('install'))}\n"
            )
            stand_in.chmod(0o755)

    @staticmethod
    def _real(tool: str) -> str:
        path = shutil.which(tool)
        assert path is not None, f"{tool} is not on PATH"
        return path

    def boot(self, script: str) -> subprocess.CompletedProcess[str]:
        """Runs the script with all its paths moved into the folder."""
        moved = re.sub(r"(?<![\w.])/(etc|var|usr/local|home|root|dev/console)(?=/|\b)", rf"{self.root}/\1", script)
        env = {"PATH": str(self.bin), "ROOT": str(self.root), "TMPDIR": str(self.root / "tmp")}
        bash = str(self.bin / "bash")
        return subprocess.run([bash], input=moved, env=env, text=True, capture_output=True, check=False, timeout=60)

    def calls(self, pattern: str = "") -> list[str]:
        """How the stand-ins were called, in order."""
        log = self.root / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if re.search(pattern, line)]

    def log(self) -> str:
        """What an operator would read on the instance."""
        return (self.root / "var/log/wealist-bootstrap.log").read_text()


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


every_script = pytest.mark.parametrize(
    "call", ["backend/amazon_linux_2", "backend/al2023", "monitoring/amazon_linux_2", "monitoring/al2023"]
)


@every_script
def test_a_script_runs_to_its_end_twice(instance: Instance, scripts: dict[str, str], call: str) -> None:
    assert instance.boot(scripts[call]).returncode == 0, instance.log()
    downloads = instance.calls("^curl .*https://")
    assert instance.boot(scripts[call]).returncode == 0, instance.log()
    # What is there already is not fetched again.
    assert instance.calls("^curl .*https://") == downloads


@every_script
def test_a_network_that_comes_late_is_waited_for(instance: Instance, scripts: dict[str, str], call: str) -> None:
    (instance.root / "offline").write_text("3")
    assert instance.boot(scripts[call]).returncode == 0, instance.log()


@every_script
def test_a_network_that_never_comes_ends_the_script(instance: Instance, scripts: dict[str, str], call: str) -> None:
    (instance.root / "offline").write_text("1000")
    assert instance.boot(scripts[call]).returncode != 0
    assert len(instance.calls("^curl")) == 8
    assert "attempt 8 of 8 failed" in instance.log()
    assert "failed with exit code" in instance.log()


@every_script
def test_a_binary_that_does_not_match_its_sum_is_not_installed(
    instance: Instance, scripts: dict[str, str], call: str
) -> None:
    (instance.root / "forged").touch()
    assert instance.boot(scripts[call]).returncode != 0
    assert list(instance.root.glob("usr/local/**/docker-compose*")) == []


def test_every_service_gets_a_server_that_answers_on_its_health_path_alone(
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


def test_a_service_that_is_deployed_keeps_its_port(instance: Instance, scripts: dict[str, str]) -> None:
    (instance.root / "deployed").write_text("0123456789ab\n")
    assert instance.boot(scripts["backend/al2023"]).returncode == 0
    assert instance.calls("^docker run") == []


def test_a_health_server_of_an_earlier_run_is_replaced(instance: Instance, scripts: dict[str, str]) -> None:
    (instance.root / "health").write_text("0123456789ab\n")
    assert instance.boot(scripts["backend/al2023"]).returncode == 0
    assert len(instance.calls("^docker rm --force health-")) == len(instance.calls("^docker run")) == 2


@pytest.mark.parametrize("user", ["root", "ec2-user"])
def test_docker_asks_the_instances_role_for_ecr(instance: Instance, scripts: dict[str, str], user: str) -> None:
    instance.boot(scripts["backend/amazon_linux_2"])
    config = instance.root / "home" / user / ".docker/config.json"
    assert config.read_text() == (
        '{"credHelpers": {"290008131187.dkr.ecr.ap-northeast-2.amazonaws.com": "ecr-login"}}\n'
    )
    assert config.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("system", ["amazon_linux_2", "al2023"])
def test_the_agent_starts_after_all_that_a_deployment_needs(
    instance: Instance, scripts: dict[str, str], system: str
) -> None:
    instance.boot(scripts[f"backend/{system}"])
    calls = instance.calls()
    agent = next(number for number, line in enumerate(calls) if "codedeploy-agent-1.8.1-26.noarch.rpm" in line)
    assert [line for line in calls[agent:] if re.search(r"docker|ecr", line)] == []
    assert calls[-1] == "systemctl start codedeploy-agent"


def test_grafanas_password_is_made_once_and_shown_to_root_alone(instance: Instance, scripts: dict[str, str]) -> None:
    script = scripts["monitoring/al2023"]
    instance.boot(script)
    secret = instance.root / "etc/wealist/monitoring/secrets/grafana-admin-password"
    password = secret.read_text()
    assert password.startswith("generated-")
    assert secret.stat().st_mode & 0o777 == 0o400
    assert secret.parent.stat().st_mode & 0o777 == 0o700
    assert password.strip() not in instance.log()
    instance.boot(script)
    assert secret.read_text() == password
