"""Prometheus with the instance's configuration and example metrics: the dashboard shows data.

files of `exposed/` ─ served with counters that grow ─→ Prometheus ─→ every query of the dashboard

The files follow the documentation of the exporters. That of instances is compared with a real node_exporter.
"""

import contextlib
import json
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.tools import tool

pytestmark = pytest.mark.integration

LOOPBACK: Final = "127.0.0.1"
EXPOSED: Final = Path(__file__).parent / "exposed"
DASHBOARD: Final = Path(__file__).parents[2] / "modules/instance_bootstrap/monitoring/dashboard.json"
JOBS: Final = {
    "node": "/metrics",
    "user-service": "/api/users/actuator/prometheus",
    "board-service": "/api/boards/metrics",
}
PATIENCE: Final = 60
TARGETS: Final[list[dict[str, Any]]] = [
    target for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel.get("targets", [])
]


def grown(exposition: str, seconds: float) -> str:
    """Return the metrics of an exporter some time later: counters have grown, gauges have not."""
    lines, growing = [], False
    for line in exposition.splitlines():
        if line.startswith("# TYPE"):
            growing = line.split()[-1] in {"counter", "histogram", "summary"}
        elif line and not line.startswith("#") and growing:
            series, _, value = line.rpartition(" ")
            line = f"{series} {float(value) * (1 + seconds)}"  # noqa: PLW2901  the same line, later
        lines.append(line)
    return "\n".join(lines) + "\n"


class Exporters(BaseHTTPRequestHandler):
    """The services and the node exporter of one instance, each on its path."""

    started = time.monotonic()

    def do_GET(self) -> None:
        """Answer as the exporter of the path."""
        job = {path: job for job, path in JOBS.items()}.get(self.path)
        self.send_response(200 if job else 404)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.end_headers()
        if job:
            text = (EXPOSED / f"{job}.prom").read_text()
            self.wfile.write(grown(text, time.monotonic() - self.started).encode())

    def log_message(self, *_: object) -> None:
        """Write no log."""


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def running(argv: list[str], log: Path) -> Iterator[None]:
    """Run a program within the context."""
    with log.open("w") as output, subprocess.Popen(argv, stdout=output, stderr=output) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


def fetched(url: str) -> str:
    """Return the response of a local server, once it runs."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  this machine's own
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


class Prometheus:
    """A running Prometheus."""

    def __init__(self, port: int) -> None:
        self.url = f"http://{LOOPBACK}:{port}"

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the current samples of an expression."""
        answer = json.loads(fetched(f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"))
        assert answer["status"] == "success"
        return list(answer["data"]["result"])

    def await_samples(self, expression: str, count: int) -> list[dict[str, Any]]:
        """Wait for a number of samples of an expression, and return them."""
        deadline = time.monotonic() + PATIENCE
        while len(found := self.query(expression)) < count and time.monotonic() < deadline:
            time.sleep(0.5)
        return found


@pytest.fixture(scope="module")
def prometheus(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, str], files: dict[str, Any]
) -> Iterator[Prometheus]:
    """Prometheus with the instance's configuration, which scrapes this machine every second."""
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    (folder / "rules.yml").write_text(contents["rules.yml"])
    with ThreadingHTTPServer((LOOPBACK, 0), Exporters) as exporters:
        threading.Thread(target=exporters.serve_forever, daemon=True).start()
        discovered = {
            "targets": [f"{LOOPBACK}:{exporters.server_port}"],
            "labels": {
                "__meta_ec2_instance_id": "i-0123456789abcdef0",
                "__meta_ec2_availability_zone": "ap-northeast-2d",
                "__meta_ec2_tag_Role": "backend",
            },
        }
        config = json.loads(json.dumps(files["prometheus"]))
        config["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(folder / "rules.yml")]
        for job in config["scrape_configs"]:
            if job.pop("ec2_sd_configs", None):
                job["static_configs"] = [discovered]
            else:
                job["static_configs"] = [{"targets": [f"{LOOPBACK}:{port}"]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        flags = [flag for flag in files["compose"]["services"]["prometheus"]["command"] if "retention" in flag]
        argv = [
            tool("prometheus", package="prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={LOOPBACK}:{port}",
            *flags,
        ]
        with running(argv, folder / "log"):
            fetched(f"http://{LOOPBACK}:{port}/-/ready")
            found = Prometheus(port)
            found.await_samples("job:latency_seconds:mean5m", 2)
            yield found
        exporters.shutdown()


def test_every_job_is_scraped(prometheus: Prometheus) -> None:
    up = {sample["metric"]["job"]: sample["value"][1] for sample in prometheus.query("up")}
    assert up == dict.fromkeys(["prometheus", *JOBS], "1")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target["expr"])
def test_every_query_of_the_dashboard_finds_data(prometheus: Prometheus, target: dict[str, Any]) -> None:
    assert prometheus.await_samples(target["expr"].replace("$__rate_interval", "1m"), 1)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target["expr"])
def test_labels_in_legends_exist_in_their_series(prometheus: Prometheus, target: dict[str, Any]) -> None:
    samples = prometheus.await_samples(target["expr"].replace("$__rate_interval", "1m"), 1)
    labels = re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
    assert samples
    assert [(label, sample) for label in labels for sample in samples if label not in sample["metric"]] == []


@pytest.mark.parametrize("record", ["job:requests:rate5m", "job:errors:rate5m", "job:latency_seconds:mean5m"])
def test_both_kinds_of_services_have_throughput_errors_and_latency(prometheus: Prometheus, record: str) -> None:
    assert {sample["metric"]["job"] for sample in prometheus.query(record)} == {"user-service", "board-service"}


def test_every_rule_can_be_evaluated(prometheus: Prometheus) -> None:
    groups = json.loads(fetched(f"{prometheus.url}/api/v1/rules"))["data"]["groups"]
    assert {group["name"] for group in groups} == {"services", "instances", "prometheus"}
    assert {rule["health"] for group in groups for rule in group["rules"]} == {"ok"}


def test_the_example_metrics_of_node_exporter_exist(tmp_path: Path) -> None:
    port = free_port()
    argv = [
        tool("prometheus-node-exporter", package="prometheus-node-exporter"),
        f"--web.listen-address={LOOPBACK}:{port}",
        # As on the instances, with the root of this machine.
        "--path.rootfs=/",
    ]
    with running(argv, tmp_path / "log"):
        exposed = fetched(f"http://{LOOPBACK}:{port}/metrics")
    kind = re.compile(r"^# TYPE (\w+) (\w+)$", re.MULTILINE)
    assert set(kind.findall((EXPOSED / "node.prom").read_text())) <= set(kind.findall(exposed))
