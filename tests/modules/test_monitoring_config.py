"""The configuration and rules of Prometheus, checked by promtool."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
import yaml

from tests.tools import tool
from wealist.emulator.server import EmulatedAws

MODULE: Final = Path(__file__).parents[2] / "modules/instance_bootstrap"
TESTS: Final = MODULE / "tests/rules.test.yml"

integration = pytest.mark.integration


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [tool("promtool", package="prometheus"), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def prometheus(files: dict[str, Any]) -> dict[str, Any]:
    return dict(files["prometheus"])


@pytest.fixture
def folder(tmp_path: Path, contents: dict[str, str]) -> Path:
    """A folder with the files of the Prometheus container."""
    for name in ("prometheus.yml", "rules.yml"):
        (tmp_path / name).write_text(contents[name].replace("/etc/prometheus", str(tmp_path)))
    return tmp_path


# Prometheus


@integration
def test_the_configuration_of_prometheus_is_valid(folder: Path) -> None:
    done = promtool("check", "config", "--lint=all", "--lint-fatal", str(folder / "prometheus.yml"))
    assert done.returncode == 0, done.stderr
    assert "SUCCESS: 1 rule files found" in done.stdout


@integration
def test_the_rules_of_prometheus_are_valid(folder: Path) -> None:
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", str(folder / "rules.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


@integration
def test_the_rules_pass_their_own_tests() -> None:
    done = promtool("test", "rules", str(TESTS))
    assert (done.returncode, done.stdout.split()[-1]) == (0, "SUCCESS"), done.stdout + done.stderr


def test_every_rule_has_a_test() -> None:
    groups = yaml.safe_load((MODULE / "monitoring/rules.yml").read_text())["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}
    fired = {
        each["alertname"]
        for case in yaml.safe_load(TESTS.read_text())["tests"]
        for each in case["alert_rule_test"]
        if each.get("exp_alerts")
    }
    assert len(alerts) > 5
    assert fired == alerts


def test_every_alert_has_a_severity_and_a_summary() -> None:
    groups = yaml.safe_load((MODULE / "monitoring/rules.yml").read_text())["groups"]
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert "{{ $labels." in rule["annotations"]["summary"]
        assert rule["for"]


@integration
def test_prometheus_scrapes_itself_every_instance_and_every_service(prometheus: dict[str, Any]) -> None:
    assert {job["job_name"]: job["metrics_path"] for job in prometheus["scrape_configs"]} == {
        "prometheus": "/metrics",
        "node": "/metrics",
        "user-service": "/api/users/actuator/prometheus",
        "board-service": "/api/boards/metrics",
    }


RUNNING: Final = {"backend prod": 2, "monitoring prod": 1, "backend dev": 1, "stopped prod": 1}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An embedded AWS with instances of two environments, one of them stopped."""
    with EmulatedAws(seeds=(), log=tmp_path_factory.mktemp("aws") / "aws.log") as running:
        environ = running.environment({})
        ec2 = boto3.client(
            "ec2",
            endpoint_url=running.endpoint,
            region_name="ap-northeast-2",
            aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        )
        for what, count in RUNNING.items():
            role, environment = what.split()
            tags = {"Role": "backend" if role == "stopped" else role, "Environment": environment}
            made = ec2.run_instances(
                ImageId="ami-03cf127a",
                MinCount=count,
                MaxCount=count,
                Placement={"AvailabilityZone": "ap-northeast-2d"},
                TagSpecifications=[
                    {"ResourceType": "instance", "Tags": [{"Key": key, "Value": tags[key]} for key in tags]}
                ],
            )
            if role == "stopped":
                ec2.stop_instances(InstanceIds=[each["InstanceId"] for each in made["Instances"]])
        yield environ | {"endpoint": running.endpoint}


@integration
@pytest.mark.parametrize(
    ("job", "port", "roles"),
    [
        ("node", 9100, ["backend", "backend", "monitoring"]),
        ("user-service", 8080, ["backend", "backend"]),
        ("board-service", 8000, ["backend", "backend"]),
    ],
)
def test_prometheus_discovers_the_running_instances_of_its_environment(
    aws: dict[str, str], folder: Path, prometheus: dict[str, Any], job: str, port: int, roles: list[str]
) -> None:
    for scraped in prometheus["scrape_configs"]:
        for discovery in scraped.get("ec2_sd_configs", []):
            discovery |= {
                "endpoint": aws["endpoint"],
                "access_key": aws["AWS_ACCESS_KEY_ID"],
                "secret_key": aws["AWS_SECRET_ACCESS_KEY"],
            }
    config = folder / "discovering.yml"
    config.write_text(yaml.safe_dump({**prometheus, "rule_files": []}))
    # promtool finds and relabels targets, without scraping, and always uses its whole timeout.
    done = promtool("check", "service-discovery", "--timeout=3s", str(config), job)
    assert done.returncode == 0, done.stderr
    found = [target["labels"] for target in json.loads(done.stdout)]
    assert sorted(labels["role"] for labels in found) == roles
    for labels in found:
        assert labels["__address__"].endswith(f":{port}")
        assert re.fullmatch(r"i-[0-9a-f]+", labels["instance"])
        assert labels["availability_zone"] == "ap-northeast-2d"
