"""Alerts reach the topic: Prometheus and Alertmanager with the instance's files, and the embedded AWS.

a target that does not answer ─→ Prometheus (the rules) ─→ Alertmanager ─ SigV4 ─→ topic of the embedded AWS ─→ a queue
"""

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
import yaml

from tests.modules.test_monitoring_live import LOOPBACK, fetched, free_port, running
from tests.tools import tool
from wealist.emulator.server import EmulatedAws

pytestmark = pytest.mark.integration

TOPIC: Final = "wealist-prod-alerts"
INSTALLED: Final = Path("/usr/share/prometheus/alertmanager")
"""Folder of the templates of Debian's Alertmanager."""
PATIENCE: Final = 60
LONGEST_SUBJECT: Final = 100
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""


def alertmanager_tool(name: str) -> str:
    return tool(name, package="prometheus-alertmanager")


@pytest.fixture
def folder(tmp_path: Path, contents: dict[str, str]) -> Path:
    (tmp_path / "alertmanager.yml").write_text(contents["alertmanager.yml"])
    return tmp_path


def test_alertmanager_accepts_its_configuration(folder: Path) -> None:
    argv = [alertmanager_tool("amtool"), "check-config", str(folder / "alertmanager.yml")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 receivers" in done.stdout


def test_amtool_finds_a_mistake_in_the_configuration(folder: Path) -> None:
    config = folder / "alertmanager.yml"
    config.write_text(config.read_text().replace("topic_arn", "topic"))
    argv = [alertmanager_tool("amtool"), "check-config", str(config)]
    assert subprocess.run(argv, capture_output=True, check=False, timeout=60).returncode != 0


def test_prometheus_reaches_alertmanager_by_its_name_in_compose(files: dict[str, Any]) -> None:
    (alertmanager,) = files["prometheus"]["alerting"]["alertmanagers"]
    (target,) = alertmanager["static_configs"][0]["targets"]
    name, _, port = target.partition(":")
    assert files["compose"]["services"][name]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_alertmanager_signs_as_the_instances_role(files: dict[str, Any]) -> None:
    """Without keys in its configuration, Alertmanager uses the instance's role."""
    (receiver,) = files["alertmanager"]["receivers"]
    (sns,) = receiver["sns_configs"]
    assert sns["sigv4"] == {"region": "ap-northeast-2"}


def test_without_a_topic_there_is_no_alertmanager(rendered: dict[str, Any], scripts: dict[str, str]) -> None:
    quiet = rendered["quiet"]
    assert "alertmanager.yml" not in quiet
    assert set(yaml.safe_load(quiet["compose.yml"])["services"]) == {"prometheus", "grafana"}
    assert "alerting" not in yaml.safe_load(quiet["prometheus.yml"])
    assert "alertmanager" not in scripts["quiet"]
    assert "alertmanager" in scripts["monitoring/al2023"]


class AlertQueue:
    """A topic, and a queue that receives its messages."""

    def __init__(self, aws: EmulatedAws) -> None:
        environ = aws.environment({})
        self.key = environ["AWS_ACCESS_KEY_ID"]
        self.secret = environ["AWS_SECRET_ACCESS_KEY"]
        self.endpoint = aws.endpoint
        sns, self._sqs = (self._client(service) for service in ("sns", "sqs"))
        self.topic = sns.create_topic(Name=TOPIC)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName="alerts")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn["QueueArn"])

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="ap-northeast-2",
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
        )

    def await_messages(self, *subjects: str) -> dict[str, str]:
        """Wait for messages with some subjects. Returns subject → message."""
        found: dict[str, str] = {}
        deadline = time.monotonic() + PATIENCE
        while not set(subjects) <= set(found) and time.monotonic() < deadline:
            for message in self._sqs.receive_message(QueueUrl=self._queue).get("Messages", []):
                body = json.loads(message["Body"])
                found[body["Subject"]] = body["Message"]
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            time.sleep(0.2)
        assert set(subjects) <= set(found), found
        return found


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertQueue]:
    with EmulatedAws(seeds=(), log=tmp_path_factory.mktemp("aws") / "aws.log") as aws:
        yield AlertQueue(aws)


@pytest.fixture(scope="module")
def program() -> Iterator[str]:
    """The installed Alertmanager, or a copy that reads its templates from the unpacked package."""
    original = Path(alertmanager_tool("prometheus-alertmanager"))
    if INSTALLED.exists():
        yield str(original)
        return
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # the path must not be longer than the original
        unpacked = original.parents[2] / INSTALLED.relative_to("/")
        for template in unpacked.glob("*.tmpl"):
            Path(folder, template.name).symlink_to(template)
        original_path, new_path = str(INSTALLED).encode(), folder.encode().ljust(len(str(INSTALLED)), b"/")
        binary = original.read_bytes()
        assert original_path in binary
        assert len(original_path) == len(new_path)
        copy = Path(folder, original.name)
        copy.write_bytes(binary.replace(original_path, new_path))
        copy.chmod(0o755)
        yield str(copy)


@contextlib.contextmanager
def alertmanager(program: str, folder: Path, files: dict[str, Any], queue: AlertQueue) -> Iterator[int]:
    """Run Alertmanager with short intervals and an access key. Yields its port."""
    config = json.loads(json.dumps(files["alertmanager"]))
    config["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    (sns,) = config["receivers"][0]["sns_configs"]
    assert sns["topic_arn"] == queue.topic.replace(queue.topic.split(":")[4], "290008131187")
    sns |= {"api_url": queue.endpoint, "topic_arn": queue.topic}
    sns["sigv4"] |= {"access_key": queue.key, "secret_key": queue.secret}
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    flags = [flag for flag in files["compose"]["services"]["alertmanager"]["command"] if "cluster" in flag]
    argv = [
        program,
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={LOOPBACK}:{port}",
        *flags,
    ]
    with running(argv, folder / "alertmanager.log"):
        fetched(f"http://{LOOPBACK}:{port}/-/ready")
        yield port


@contextlib.contextmanager
def prometheus(folder: Path, contents: dict[str, str], files: dict[str, Any], alertmanager: int) -> Iterator[None]:
    """Run Prometheus with short intervals, and with targets that do not answer."""
    rules = yaml.safe_load(contents["rules.yml"])
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        rule.pop("for", None)
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
    config, port, unused = json.loads(json.dumps(files["prometheus"])), free_port(), free_port()
    config["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(folder / "rules.yml")]
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [f"{LOOPBACK}:{alertmanager}"]
    for job in config["scrape_configs"]:
        job.pop("ec2_sd_configs", None)
        job.pop("relabel_configs", None)
        labels = {"instance": "i-0123456789abcdef0", "role": "backend"}
        job["static_configs"] = [{"targets": [f"{LOOPBACK}:{unused}"], "labels": labels}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    argv = [
        tool("prometheus", package="prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={LOOPBACK}:{port}",
    ]
    with running(argv, folder / "prometheus.log"):
        yield


def test_each_alert_of_prometheus_is_published_to_the_topic(
    tmp_path: Path, contents: dict[str, str], files: dict[str, Any], queue: AlertQueue, program: str
) -> None:
    with alertmanager(program, tmp_path, files, queue) as port, prometheus(tmp_path, contents, files, port):
        messages = queue.await_messages("FIRING: ServiceDown (wealist-prod)", "FIRING: InstanceDown (wealist-prod)")
    down = messages["FIRING: ServiceDown (wealist-prod)"]
    for service in ("user-service", "board-service"):
        assert f"firing: {service} on i-0123456789abcdef0 does not answer Prometheus" in down
    assert "docs/monitoring.md" in down


def test_subjects_are_within_the_limit_of_sns(contents: dict[str, str]) -> None:
    groups = yaml.safe_load(contents["rules.yml"])["groups"]
    longest = max(len(rule["alert"]) for group in groups for rule in group["rules"] if "alert" in rule)
    subject = yaml.safe_load(contents["alertmanager.yml"])["receivers"][0]["sns_configs"][0]["subject"]
    environments = subject.rpartition(" ")[2]
    assert len("RESOLVED: ") + longest + len(environments) + 1 < LONGEST_SUBJECT
